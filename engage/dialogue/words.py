"""Words that a message is looked through for: commands that stand alone, and details that need not be asked again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from engage.languages import LANGUAGES
from engage.triage.text import fold

FOLDER = Path(__file__).parent
_NO_LETTER = re.compile(r"[\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_NUMBER = "#"
_ENGLISH_NAMES = {
    "english": "en",
    "spanish": "es",
    "french": "fr",
    "arabic": "ar",
    "chinese": "zh",
    "russian": "ru",
    "portuguese": "pt",
    "filipino": "fil",
    "tagalog": "fil",
}


def plain(text: str) -> str:
    """A text as words are compared: folded, without punctuation, single spaces between the words."""
    return _NO_LETTER.sub(" ", fold(text)).strip()


def command_in(text: str) -> str | None:
    """The command that a message consists of, such as `stop` or `yes`, or None where it says anything else."""
    if text.strip() == "-":
        return "skip"
    said = plain(text)
    return _commands().get(said) or _commands().get(said.removesuffix(" please"))


def language_in(text: str) -> str | None:
    """The language that a message names and nothing else: by its number in our list, its name or its code.

    The word for "language" may stand before it, as in `LANGUAGE fr`.
    """
    words = plain(text).split()
    if len(words) > 1 and _commands().get(words[0]) == "language":
        words = words[1:]
    return _languages().get(" ".join(words))


def choice_in(text: str, most: int) -> int | None:
    """The number from 1 to `most` that a message consists of, or None."""
    said = plain(text)
    return int(said) if said.isdecimal() and len(said) < 3 and 1 <= int(said) <= most else None


def details_in(text: str) -> frozenset[str]:
    """The kinds of detail that a message has: `looks`, `way`, `count`, `time`, `plate`."""
    said = f" {plain(text)} "
    found = set()
    for kind, words in _details().items():
        if any(word in said for word in words) or (_NUMBER in words and re.search(r" \d{1,3} ", said)):
            found.add(kind)
    return frozenset(found)


def contains(text: str, phrases: Iterable[str]) -> bool:
    """Whether one of some phrases, as `phrase` gives them, stands in a text."""
    said = f" {plain(text)} "
    return any(phrase in said for phrase in phrases)


def phrase(written: str) -> str:
    """A phrase as `contains` looks for it: whole words, but for Chinese, which has no spaces between them."""
    if written == _NUMBER:
        return _NUMBER
    said = plain(written)
    return said if _HAN.search(said) else f" {said} "


def read_words(name: str) -> Mapping[str, tuple[str, ...]]:
    """A file of this folder that maps a name to lists of words, one list for each language, as they are written."""
    # The base loader takes every word as it is written; others read `yes`, `no` and `on` as true and false.
    read = yaml.load((FOLDER / name).read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes strings only
    return {key: tuple(word for line in lines for word in line) for key, lines in read.items()}


@cache
def _commands() -> Mapping[str, str]:
    written = read_words("commands.yaml")
    return MappingProxyType(
        {plain(word): command for command, words in written.items() for word in words if plain(word)}
    )


@cache
def _details() -> Mapping[str, tuple[str, ...]]:
    return {kind: tuple(phrase(word) for word in words) for kind, words in read_words("details.yaml").items()}


@cache
def _languages() -> Mapping[str, str]:
    found = dict(_ENGLISH_NAMES)
    for number, (code, language) in enumerate(LANGUAGES.items(), start=1):
        found |= {str(number): code, code: code, plain(language.name): code}
    return found
