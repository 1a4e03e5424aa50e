"""The lexicon: words of every language, by concept, made ready for looking up."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engage.triage.entries import WEAK, Entries, Entry, Labelled
from engage.triage.leaning_files import read_leanings
from engage.triage.leanings import Table
from engage.triage.nodes import Item, LexiconError, open_yaml
from engage.triage.rules import RuleBook, load_rules
from engage.triage.spelling import Slips
from engage.triage.text import ADDRESS, NUMBER, QUESTION_MARK, words_of
from engage.triage.tongues import ALONE, EXACT, INSIDE, Label, Tongue, label_of
from engage.triage.words import Words

__all__ = ["Lexicon", "LexiconError", "load_lexicon", "shipped_folder"]

_FOLDER = Path(__file__).parent / "lexicon"
NOT_WORDS = ("rules.yaml", "concepts.yaml")
_GAP = ".."  # in an entry: up to three words may stand here
_OFTEN = 3  # in a large lexicon so many phrases must hold a word before slips for it are looked for, to save memory
_LARGE = 50_000  # words
_NOT_OF_A_LANGUAGE = (NUMBER, QUESTION_MARK, ADDRESS)
_NO_SLIPS = ("zh",)  # its words are single characters here: none is a slip for another
_VERY_FORM = "="  # in an entry


@dataclass
class Parts:
    """What the files of one language say, before it is made ready."""

    language: str
    skip: set[str] = field(default_factory=set)
    common: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    spellings: dict[str, str] = field(default_factory=dict)
    entries: list[tuple[Entry, str, Item, int]] = field(default_factory=list)  # entry, as written, where

    def label(self, word: str, kind: str) -> Label:
        """The label of a word of an entry."""
        if word in _NOT_OF_A_LANGUAGE:
            return Label("", EXACT, word)
        return label_of(word, kind, self.language, self.common)


@dataclass(frozen=True)
class Lexicon:
    """Everything that triage looks up; made once by `load_lexicon` and never changed after, but for the memory of
    `words`, which is bounded and only saves time.
    """

    book: RuleBook
    words: Words
    leanings: Mapping[str, Table] = field(default_factory=dict)  # by language; those of concepts under CONCEPTS

    @property
    def entries(self) -> Entries:
        """Every word and phrase."""
        return self.words.entries

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it has a file for, sorted."""
        return self.words.languages


def shipped_folder() -> Path:
    """Where the words and rules that come with the package are."""
    return _FOLDER


def load_lexicon(folder: Path = _FOLDER, site_words: Path | None = None) -> Lexicon:
    """Read every language file and the rules of a folder, and on top a site's own words, from a file or a folder.

    Raises LexiconError naming the file, the line and what is wrong.
    """
    with nothing_thrown_away():
        book = load_rules(folder / "rules.yaml")
        parts = read_words(folder, book, site_words)
        return compiled(book, parts.values(), read_leanings(folder))


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


def read_words(folder: Path, book: RuleBook, site_words: Path | None = None) -> dict[str, Parts]:
    """The language files of a folder as they are written, and a site's own words; raises LexiconError."""
    files = sorted(path for path in folder.glob("*.yaml") if path.name not in NOT_WORDS)
    parts: dict[str, Parts] = {}
    for path in [*files, *_own_files(site_words)]:
        _add_file(parts, open_yaml(path), book.concepts)
    return parts


def _own_files(site_words: Path | None) -> list[Path]:
    if site_words is None:
        return []
    return sorted(site_words.glob("*.yaml")) if site_words.is_dir() else [site_words]


def only_words(book: RuleBook, site_words: Path) -> Lexicon:
    """A lexicon of a site's own words and nothing else, to find the messages that they can matter to."""
    parts: dict[str, Parts] = {}
    for path in _own_files(site_words):
        _add_file(parts, open_yaml(path), book.concepts)
    return compiled(book, parts.values())


def _add_file(parts: dict[str, Parts], top: Item, concepts: frozenset[str]) -> None:
    fields = top.fields("language", "skip", "numbers", "spellings", "common", "known", "concepts")
    if "language" not in fields or "concepts" not in fields:
        raise top.wrong("language and concepts are needed")
    language = fields["language"].text()
    own = parts.setdefault(language, Parts(language))
    plain_lists = {name: getattr(own, name) for name in ("skip", "common", "known", "numbers")}
    for name, words in plain_lists.items():
        if name in fields:
            words.update(words_of(fields[name].text()))
    for line, text in fields["spellings"].lines() if "spellings" in fields else ():
        texted, arrow, meant = (part.strip() for part in text.partition(">"))
        if not arrow or len(words_of(texted)) != 1 or len(words_of(meant)) != 1:
            raise fields["spellings"].wrong(f"expected 'texted > written', found {text!r}", line)
        own.spellings[words_of(texted)[0]] = words_of(meant)[0]
    for key, value in fields["concepts"].pairs():
        if key.text() not in concepts:
            raise key.wrong(f"no rule uses the concept {key.text()}")
        for line, term in value.terms():
            own.entries.append((_entry(term, key.text(), language, value, line), term, value, line))


def _entry(term: str, concept: str, language: str, item: Item, line: int) -> Entry:
    bare = term.lstrip("=~ ").strip()
    if not any(list(_words(part)) for part in bare.split(_GAP)):
        raise item.wrong(f"{term!r} has no word to look for", line)
    return Entry(bare, concept, language, WEAK if "~" in term[:2] else 1.0)


def entry_labels(entry: Entry, written: str, own: Parts) -> tuple[tuple[Label, bool, str], ...]:
    """The label of every word of an entry, whether a gap may stand before it, and the word.

    Articles fall away, as they do in messages; () where nothing is left that the entry could be told by.
    """
    parts = [list(_words(part)) for part in entry.term.split(_GAP)]
    kept = [[word for word in part if word not in own.skip] for part in parts]
    single = sum(map(len, parts)) == 1
    if sum(map(len, kept)) == 1 and not single:
        return ()  # "push the" is not to be found in every "push"
    kind = EXACT if _VERY_FORM in written[:2] else ALONE if single else INSIDE
    return tuple(
        (own.label(word, kind), at > 0 and place == 0, word)
        for at, part in enumerate(parts if single else kept)
        for place, word in enumerate(part)
    )


def _words(part: str) -> Iterator[str]:
    """The words of a part of an entry; `#`, `?` and `@` are among them."""
    for piece in part.split():
        if piece in _NOT_OF_A_LANGUAGE:
            yield piece
        else:
            yield from words_of(piece)


def compiled(book: RuleBook, parts: Iterable[Parts], leanings: Mapping[str, Table] | None = None) -> Lexicon:
    """The words of all languages, ready for looking up."""
    parts = list(parts)
    numbers = {Label("", EXACT, NUMBER): 0}
    labelled: list[Labelled] = []
    words: Counter[str] = Counter()
    seen: set[tuple[tuple[int, ...], str, str]] = set()
    for own in parts:
        words.update(dict.fromkeys(own.known | own.common, _OFTEN))
        for entry, written, _, _ in own.entries:
            named = entry_labels(entry, written, own)
            labels = tuple(numbers.setdefault(name, len(numbers)) for name, _, _ in named)
            key = (labels, entry.concept, entry.language)
            if labels and key not in seen:
                seen.add(key)
                labelled.append(Labelled(entry, labels, tuple(gap for _, gap, _ in named)))
                if own.language not in _NO_SLIPS:
                    words.update({word: 1 if len(named) > 1 else _OFTEN for _, _, word in named})
    return Lexicon(
        book,
        Words(
            tongues=_tongues(parts, numbers),
            marks={label.form: number for label, number in numbers.items() if not label.language},
            entries=Entries(labelled, len(numbers)),
            skip={own.language: frozenset(own.skip) for own in parts},
            numbers=frozenset(word for own in parts for word in own.numbers),
            spellings=_spellings(parts),
            slips=Slips(word for word, often in words.items() if often >= _OFTEN or len(words) < _LARGE),
        ),
        leanings or {},
    )


def _tongues(parts: Iterable[Parts], numbers: Mapping[Label, int]) -> dict[str, Tongue]:
    """What every language says of words, by its code, in alphabetical order."""
    tongues = {own.language: Tongue(own.language, frozenset(own.common), frozenset(own.known)) for own in parts}
    for label, number in numbers.items():
        if label.language:
            tongues[label.language].note(label, number)
    return dict(sorted(tongues.items()))


def _spellings(parts: Iterable[Parts]) -> dict[str, tuple[tuple[str, str], ...]]:
    """How words are texted, with the languages in which they mean something else by it, and what."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for own in parts:
        for texted, meant in own.spellings.items():
            found[texted] = (*found.get(texted, ()), (own.language, meant))
    return found
