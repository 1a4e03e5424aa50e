"""The compiled lexicon of an installation, kept in its data folder under a seal that only its own key can make."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engage.triage import Lexicon, load_lexicon, shipped_lexicon
from engage.triage.kept import content, keep, opened
from engage.vault import Vault

#: Once in a process, by its key: workers are forked from one that has it already.
_opened: dict[bytes, Lexicon] = {}


def compiled_lexicon(file: Path, vault: Vault, site_words: Path | None = None) -> Lexicon:
    """The shipped lexicon and a site's own words: from `file` when that was compiled from these, else made anew.

    Raises `LexiconError` when the words are wrong. A file that cannot be read or written only costs time.
    """
    own = site_words.read_bytes() if site_words and site_words.is_file() else b""
    key = hashlib.sha256(vault.key_for("compiled-lexicon") + content() + own).digest()
    if key not in _opened:
        found = opened(file, key)
        if found is None:
            found = load_lexicon(site_words=site_words) if site_words else shipped_lexicon()
            keep(file, key, found)
        _opened[key] = found
    return _opened[key]
