"""The lexicon in its compiled form, kept in a file: reading two hundred thousand words anew takes seconds.

A kept file is believed only with the right seal on it: it is unpickled, and a stranger's would run a stranger's code.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import os
import pickle
import tempfile
from pathlib import Path

from engage.triage.lexicon import Lexicon, load_lexicon, nothing_thrown_away, shipped_folder

SEAL_BYTES = 32
_HOME = Path(__file__).parent
_BESIDE_THE_CODE = _HOME / "__pycache__" / "lexicon.compiled"


@functools.cache
def shipped_lexicon() -> Lexicon:
    """The lexicon that comes with the package, opened once; kept beside Python's compiled files, trusted like them.

    Raises LexiconError when the words are wrong.
    """
    key = content()
    found = opened(_BESIDE_THE_CODE, key)
    if found is None:
        found = load_lexicon()
        keep(_BESIDE_THE_CODE, key, found)
    return found


@functools.cache
def content() -> bytes:
    """A digest of all words, rules and code of triage: a kept form of others is out of date."""
    digest = hashlib.sha256()
    for path in sorted(
        [*_HOME.glob("*.py"), *shipped_folder().glob("*.yaml"), *shipped_folder().glob("leanings/*.txt")]
    ):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()


def opened(file: Path, key: bytes) -> Lexicon | None:
    """The lexicon kept in the file, or None when there is none with this key's seal."""
    try:
        kept = file.read_bytes()
    except OSError:
        return None
    seal, body = kept[:SEAL_BYTES], kept[SEAL_BYTES:]
    if not hmac.compare_digest(seal, hmac.digest(key, body, hashlib.sha256)):
        return None
    with nothing_thrown_away():
        found: Lexicon = pickle.loads(body)  # noqa: S301 - sealed, see above
    return found


def keep(file: Path, key: bytes, lexicon: Lexicon) -> None:
    """Write the whole file or none of it; where that cannot be done, it only costs time at the next start."""
    body = pickle.dumps(lexicon, pickle.HIGHEST_PROTOCOL)
    try:
        file.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as half:
            half.write(hmac.digest(key, body, hashlib.sha256) + body)
        os.replace(half.name, file)
    except OSError:
        return
