"""The lexicon in its compiled form, kept in the data folder: reading the words anew takes half of a server's start.

The file is believed only with our own seal on it, because unpickling a stranger's file would run a stranger's code.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import pickle
import tempfile
from pathlib import Path

import engage.triage
from engage.triage import Lexicon, shipped_lexicon
from engage.triage.lexicon import nothing_thrown_away
from engage.vault import Vault

SEAL_BYTES = 32
#: Once in a process, by its key: workers are forked from one that has it already.
_opened: dict[bytes, Lexicon] = {}
_HOME = Path(engage.triage.__file__).parent


def compiled_lexicon(file: Path, vault: Vault) -> Lexicon:
    """The shipped lexicon: from `file` when that was compiled from these very words and this code, else made anew.

    Raises `LexiconError` when the words are wrong. A file that cannot be read or written only costs time.
    """
    key = hashlib.sha256(vault.key_for("compiled-lexicon") + _content()).digest()
    if key not in _opened:
        _opened[key] = _read_or_make(file, key)
    return _opened[key]


def _read_or_make(file: Path, key: bytes) -> Lexicon:
    try:
        kept = file.read_bytes()
    except OSError:
        kept = b""
    seal, body = kept[:SEAL_BYTES], kept[SEAL_BYTES:]
    if hmac.compare_digest(seal, hmac.digest(key, body, hashlib.sha256)):
        with nothing_thrown_away():
            found: Lexicon = pickle.loads(body)  # noqa: S301 - sealed by us, see above
        return found
    lexicon = shipped_lexicon()
    body = pickle.dumps(lexicon, pickle.HIGHEST_PROTOCOL)
    _keep(file, hmac.digest(key, body, hashlib.sha256) + body)
    return lexicon


def _content() -> bytes:
    """A digest of all words, rules and code of triage."""
    digest = hashlib.sha256()
    for path in sorted([*_HOME.glob("*.py"), *_HOME.glob("lexicon/*.yaml")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()


def _keep(file: Path, content: bytes) -> None:
    """Write the whole file or none of it."""
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as half:
            half.write(content)
        os.replace(half.name, file)
    except OSError:
        return
