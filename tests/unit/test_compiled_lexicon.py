"""The compiled lexicon finds the same, and a file that is not ours, or no longer right, is not believed."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from engage import compiled_lexicon as compiled
from engage.compiled_lexicon import compiled_lexicon
from engage.triage import shipped_lexicon, triage
from engage.triage.kept import SEAL_BYTES
from engage.vault import Vault
from tests.make import GUN, SECRET


@pytest.fixture(autouse=True)
def a_new_process() -> None:
    """Forget what this process has opened."""
    compiled._opened.clear()


class Trap:
    """What a stranger would leave in the file."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("the stranger's code ran",))


def test_it_finds_what_the_words_say(tmp_path: Path) -> None:
    file, vault = tmp_path / "lexicon.compiled", Vault(SECRET)
    compiled_lexicon(file, vault)
    compiled._opened.clear()
    again = compiled_lexicon(file, vault)
    assert again is not shipped_lexicon()
    assert triage(GUN, again) == triage(GUN, shipped_lexicon())


@pytest.mark.parametrize("kept", [b"", b"short", b"\0" * SEAL_BYTES + pickle.dumps(Trap()), pickle.dumps(Trap())])
def test_a_strangers_file_is_written_over_and_never_run(tmp_path: Path, kept: bytes) -> None:
    file = tmp_path / "lexicon.compiled"
    file.write_bytes(kept)
    assert compiled_lexicon(file, Vault(SECRET)) is shipped_lexicon()
    assert file.read_bytes() != kept


def test_a_file_sealed_with_another_key_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "lexicon.compiled"
    compiled_lexicon(file, Vault("another secret key of forty characters.."))
    assert compiled_lexicon(file, Vault(SECRET)) is shipped_lexicon()


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    assert compiled_lexicon(tmp_path / "nowhere" / "lexicon.compiled", Vault(SECRET)) is shipped_lexicon()


def test_a_site_has_words_of_its_own(tmp_path: Path) -> None:
    words = tmp_path / "own.yaml"
    words.write_text("language: en\nconcepts:\n  RESTRICTED: red glasshouse\n", encoding="utf-8")
    lexicon = compiled_lexicon(tmp_path / "lexicon.compiled", Vault(SECRET), words)
    compiled._opened.clear()
    assert len(compiled_lexicon(tmp_path / "lexicon.compiled", Vault(SECRET), words).entries) == len(lexicon.entries)
    assert "red glasshouse" in {entry.term for entry in lexicon.entries if entry.concept == "RESTRICTED"}
    assert "red glasshouse" not in {entry.term for entry in shipped_lexicon().entries}
