"""A site's own words as the lexicon reads them: written from rows into files, compiled by a process of its own.

One lexicon holds the words of all sites of an installation. One for each site would cost 65 MB of memory and seconds
of compiling for each, in every process, for words that seldom mean something else two gates on.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from sqlmodel import Session, select

from engage.compiled_lexicon import compiled_lexicon
from engage.config import Settings
from engage.models import SettingsVersion, SiteWords
from engage.triage import Lexicon, LexiconError
from engage.triage.checking import load_and_check
from engage.triage.kept import content, keep, opened
from engage.triage.lexicon import only_words
from engage.triage.rules import shipped_rules
from engage.vault import Vault

#: Words and phrases by language and concept, divided by commas or lines.
Words = Mapping[tuple[str, str], str]
#: Compiling takes seconds; a machine that needs longer is out of order.
LONGEST_COMPILING = 180
#: So many compiled lexicons are kept, 20 MB each: the one that counts, and those that were rehearsed last.
MOST_KEPT = 3


class WordsRefused(Exception):
    """The lexicon cannot take these words; the message says which and why. Other words help."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A lexicon with own words in it, and what is odd about them: doubled, contradicting, never met."""

    lexicon: Lexicon
    problems: tuple[str, ...]


def words_version(session: Session) -> int:
    """How often own words were changed; 0 where there never were any."""
    return session.exec(select(SettingsVersion.number).where(SettingsVersion.part == "words")).first() or 0


def all_words(session: Session) -> dict[tuple[str, str], str]:
    """The own words that count."""
    return {(row.language, row.concept): row.words for row in session.exec(select(SiteWords))}


def compile_words(settings: Settings, vault: Vault, words: Words) -> Compiled:
    """The lexicon with these words. Raises `WordsRefused`.

    What was compiled before is only opened, which takes a third of a second; else a process of its own compiles it,
    so that reports are taken meanwhile as quickly as ever.
    """
    if not words:
        return Compiled(compiled_lexicon(settings.data_dir / "lexicon.compiled", vault, settings.words_file), ())
    key = _key(settings, vault, words)
    file = _file(settings, key)
    noted = file.with_suffix(".json")
    found = opened(file, key)
    if found is None or not noted.is_file():
        problems = _compile(settings, words, file, key)
        found = opened(file, key)
        if found is None:
            raise WordsRefused("The words could not be compiled; the log says why.")
        noted.write_text(json.dumps(problems), encoding="utf-8")
        _tidy(settings, file)
    return Compiled(found, tuple(json.loads(noted.read_text(encoding="utf-8"))))


def is_compiled(settings: Settings, vault: Vault, words: Words) -> bool:
    """Whether the lexicon with these words only needs to be opened."""
    return not words or _file(settings, _key(settings, vault, words)).is_file()


@contextmanager
def as_files(settings: Settings | None, words: Words) -> Iterator[Path]:
    """A folder with a file for each language that has own words, and with the file that the settings name."""
    with tempfile.TemporaryDirectory(prefix="engage-words-") as folder:
        for language in sorted({language for language, _concept in words}):
            concepts = {concept: text for (spoken, concept), text in sorted(words.items()) if spoken == language}
            plain = yaml.safe_dump({"language": language, "concepts": concepts}, allow_unicode=True, width=100_000)
            (Path(folder) / f"own-{language}.yaml").write_text(plain, encoding="utf-8")
        if settings and settings.words_file:
            shutil.copy(settings.words_file, Path(folder) / "words-file.yaml")
        yield Path(folder)


def _key(settings: Settings, vault: Vault, words: Words) -> bytes:
    own = settings.words_file.read_bytes() if settings.words_file and settings.words_file.is_file() else b""
    rows = json.dumps([[*about, text] for about, text in sorted(words.items())]).encode()
    return hashlib.sha256(vault.key_for("compiled-lexicon") + content() + own + b"\0" + rows).digest()


def _file(settings: Settings, key: bytes) -> Path:
    return settings.data_dir / f"lexicon-{hashlib.sha256(key).hexdigest()[:12]}.compiled"


def _compile(settings: Settings, words: Words, file: Path, key: bytes) -> list[str]:
    with as_files(settings, words) as folder:
        try:
            only_words(shipped_rules(), folder)  # what is wrong with these words alone is known at once
        except LexiconError as wrong:
            raise WordsRefused(str(wrong)) from None
        done = subprocess.run(  # noqa: S603 - our own module, and no shell
            [sys.executable, "-m", "engage.own_words", str(folder), str(file)],
            input=key,
            capture_output=True,
            timeout=LONGEST_COMPILING,
            check=False,
        )
    said = json.loads(done.stdout or b"{}") if done.returncode == 0 else {}
    if "refused" in said:
        raise WordsRefused(said["refused"])
    if done.returncode != 0:
        raise WordsRefused(done.stderr.decode("utf-8", "replace")[-500:] or "The words could not be compiled.")
    return list(said["problems"])


def _tidy(settings: Settings, newest: Path) -> None:
    """Throw away what was compiled long ago."""
    kept = sorted(settings.data_dir.glob("lexicon-*.compiled"), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in kept[MOST_KEPT:]:
        if old != newest:
            old.unlink(missing_ok=True)
            old.with_suffix(".json").unlink(missing_ok=True)


def main(folder: Path, file: Path, key: bytes) -> dict[str, object]:
    """What the process of its own does: compile the words of a folder into a sealed file, and say what is odd."""
    try:
        lexicon, problems = load_and_check(folder)
    except LexiconError as wrong:
        return {"refused": str(wrong)}
    keep(file, key, lexicon)
    return {"problems": [f"{problem.kind}: {problem.sentence}" for problem in problems]}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.stdin.buffer.read())))
