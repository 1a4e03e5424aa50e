"""The lexicon: words of every language, by concept, made ready for looking up."""

from __future__ import annotations

import functools
import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import snowballstemmer

from engage.triage.nodes import Item, LexiconError, open_yaml
from engage.triage.rules import RuleBook, load_rules
from engage.triage.text import read

__all__ = ["Entry", "Lexicon", "LexiconError", "deletes", "load_lexicon", "shipped_lexicon", "stem", "typo_room"]

_FOLDER = Path(__file__).parent / "lexicon"
_RULES = "rules.yaml"
_STEMMERS = {
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "pt": "portuguese",
    "ru": "russian",
    "ar": "arabic",
}
_PREFIX = 7  # letters that the search for typos looks at; the candidates are then compared whole
_own = threading.local()  # a snowball stemmer holds the word it works on, so threads must not share one


@dataclass(frozen=True, slots=True)
class Entry:
    """One word or phrase of a language, and the concept it stands for."""

    term: str
    concept: str
    language: str


class Branch:
    """A step in the tree of phrases: which words may follow, and the entries that end here."""

    __slots__ = ("entries", "steps")

    def __init__(self) -> None:
        self.steps: dict[str, Branch] = {}
        self.entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Inflected:
    """The entries of one language by the stems of their words, and the words that a typo may have been meant for."""

    root: Branch
    stems: frozenset[str]
    misspelt: dict[str, tuple[str, ...]]  # start of a word with letters left out -> keywords


@dataclass(frozen=True)
class Tongue:
    """What one language may inflect and misspell; stems are made when the language is first met, as they cost most."""

    language: str
    entries: list[tuple[Entry, tuple[str, ...]]] = field(default_factory=list)
    function_words: set[str] = field(default_factory=set)

    def stem(self, word: str) -> str:
        """The word without its inflection; function words keep theirs, lest Portuguese 'com' become 'como'."""
        return word if word in self.function_words else stem(self.language, word)

    @functools.cached_property
    def inflected(self) -> Inflected:
        """Stems and typos of all entries. The same for every caller, whichever comes first."""
        root = Branch()
        stems: set[str] = set()
        words: set[str] = set()
        for entry, parts in self.entries:
            labels = [self.stem(word) for word in parts]
            _plant(root, labels, entry)
            stems.update(labels)
            words.update(parts)
        misspelt: dict[str, tuple[str, ...]] = {}
        for word in sorted(words):
            for shorter in deletes(word) if typo_room(word) else ():
                misspelt[shorter] = (*misspelt.get(shorter, ()), word)
        return Inflected(root, frozenset(stems), misspelt)


@dataclass(frozen=True)
class Lexicon:
    """Everything that triage looks up; made once by `load_lexicon` and never changed after."""

    book: RuleBook
    root: Branch = field(default_factory=Branch)  # all languages, words as written
    tongues: dict[str, Tongue] = field(default_factory=dict)
    known: dict[str, set[str]] = field(default_factory=dict)  # word -> languages that have it
    function_words: dict[str, set[str]] = field(default_factory=dict)  # word -> languages it gives away
    skipped: set[str] = field(default_factory=set)  # articles: a phrase is found with and without them
    spellings: dict[str, str] = field(default_factory=dict)  # how it is texted -> how it is written
    endings: dict[str, str] = field(default_factory=dict)  # shakin -> shaking

    def tongue(self, language: str) -> Tongue:
        """The inflectable words of a language; an empty one for a language without a file."""
        return self.tongues.get(language) or Tongue(language)


@functools.lru_cache(maxsize=65536)
def stem(language: str, word: str) -> str:
    """The word without its inflection in that language; the word itself where there is no stemmer for it."""
    name = _STEMMERS.get(language)
    if name is None or len(word) < 4 or word.isdigit():
        return word
    stemmers: dict[str, Any] = _own.__dict__
    if name not in stemmers:
        stemmers[name] = snowballstemmer.stemmer(name)
    return str(stemmers[name].stemWord(word))


def typo_room(word: str) -> int:
    """How many slips of the finger a word of this length may carry: 0 to 4 letters none, 5 to 8 one, longer two."""
    return 0 if len(word) < 5 else 1 if len(word) < 9 else 2


def deletes(word: str) -> set[str]:
    """The first seven letters of the word with as many left out as it has typo room, themselves included.

    Two words within typo room of one another share one of these, so it finds all candidates, and some too many.
    """
    room, word = typo_room(word), word[:_PREFIX]
    found = {word}
    for count in range(1, room + 1):
        for kept in combinations(range(len(word)), len(word) - count):
            found.add("".join(word[i] for i in kept))
    return found


@functools.cache
def shipped_lexicon() -> Lexicon:
    """The lexicon that comes with the package, loaded once."""
    return load_lexicon()


def load_lexicon(folder: Path = _FOLDER, site_words: Path | None = None) -> Lexicon:
    """Read every language file and the rules of a folder, and a site's own words on top.

    Raises LexiconError naming the file, the line and what is wrong.
    """
    with nothing_thrown_away():
        return _load(folder, site_words)


@contextmanager
def nothing_thrown_away() -> Iterator[None]:
    """No search for garbage while a hundred thousand things are made that all stay: it took half of the loading."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _load(folder: Path, site_words: Path | None) -> Lexicon:
    lexicon = Lexicon(load_rules(folder / _RULES))
    files = sorted(path for path in folder.glob("*.yaml") if path.name != _RULES)
    for path in [*files, *([site_words] if site_words else [])]:
        _add_file(lexicon, path)
    return lexicon


def _add_file(lexicon: Lexicon, path: Path) -> None:
    top = open_yaml(path)
    fields = top.fields("language", "skip", "spellings", "endings", "common", "known", "concepts")
    if "language" not in fields or "concepts" not in fields:
        raise top.wrong("language and concepts are needed")
    language = fields["language"].text()
    lexicon.tongues.setdefault(language, Tongue(language))
    _add_plain_words(lexicon, language, fields)
    for key, value in fields["concepts"].pairs():
        if key.text() not in lexicon.book.concepts:
            raise key.wrong(f"no rule uses the concept {key.text()}")
        for item in value.items():
            _add_entry(lexicon, Entry(item.text(), key.text(), language), item)


def _add_plain_words(lexicon: Lexicon, language: str, fields: dict[str, Item]) -> None:
    if "skip" in fields:
        lexicon.skipped.update(_words(fields["skip"]))
    if "common" in fields:
        for word in _words(fields["common"]):
            lexicon.function_words.setdefault(word, set()).add(language)
            lexicon.known.setdefault(word, set()).add(language)
            lexicon.tongues[language].function_words.add(word)
    for word in _words(fields["known"]) if "known" in fields else ():
        lexicon.known.setdefault(word, set()).add(language)
    for name, target in (("spellings", lexicon.spellings), ("endings", lexicon.endings)):
        if name in fields:
            target.update({key.text(): value.text() for key, value in fields[name].pairs()})


def _words(item: Item) -> list[str]:
    """Single words written in one block of text, folded as messages are."""
    return _words_of(item.text())


def _words_of(text: str) -> list[str]:
    if text.isascii() and text.replace(" ", "").isalnum():  # what `read` would give, many times faster
        return text.casefold().split()
    return [token.word for token in read(text)]


def _add_entry(lexicon: Lexicon, entry: Entry, item: Item) -> None:
    exact = entry.term.startswith("=")
    term = entry.term.removeprefix("=").strip()
    entry = Entry(term, entry.concept, entry.language)
    words = _words_of(term)
    if not words:
        raise item.wrong(f"{term!r} has no word to look for")
    for word in words:
        lexicon.known.setdefault(word, set()).add(entry.language)
    _plant(lexicon.root, words, entry)
    if exact:
        return
    bare = tuple(word for word in words if word not in lexicon.skipped)
    if len(bare) < min(2, len(words)):
        bare = tuple(words)  # "a steal" must not become "steal"
    if len(bare) < len(words):
        _plant(lexicon.root, bare, entry)
    lexicon.tongues[entry.language].entries.append((entry, bare))


def _plant(root: Branch, labels: Sequence[str], entry: Entry) -> None:
    branch = root
    for label in labels:
        branch = branch.steps.setdefault(label, Branch())
    if entry not in branch.entries:
        branch.entries = (*branch.entries, entry)
