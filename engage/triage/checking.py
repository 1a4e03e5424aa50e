"""Looking a lexicon over: entries that stand twice, contradict each other or never match; concepts without words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from engage.triage.leaning_files import read_leanings
from engage.triage.lexicon import (
    Lexicon,
    Parts,
    compiled,
    entry_labels,
    nothing_thrown_away,
    read_words,
    shipped_folder,
)
from engage.triage.rules import RuleBook, load_rules

_SILENCING = ("NEUTRAL", "FIGURE_OF_SPEECH")  # what stands here means that the words in it say nothing


class Problem(NamedTuple):
    """Something in the lexicon to mend: which file and line (0 for the whole file), what kind, and a sentence."""

    file: str
    line: int
    kind: str  # duplicate, conflicting, dead, unreachable or missing
    sentence: str


def problems_of(folder: Path, site_words: Path | None = None) -> list[Problem]:
    """All problems of a folder's files, by file and line; raises LexiconError where one cannot be read at all."""
    book = load_rules(folder / "rules.yaml")
    found: list[Problem] = []
    for language, own in sorted(read_words(folder, book, site_words).items()):
        found.extend(_in_entries(own))
        found.extend(_in_plain_words(language, own))
        found.extend(_missing(language, own, book))
    found.extend(_silent(book))
    return sorted(set(found))


def load_and_check(site_words: Path) -> tuple[Lexicon, list[Problem]]:
    """The lexicon that comes with the package with a site's own words, from a file or a folder, and their problems.

    Raises LexiconError where one of the words cannot be read at all.
    """
    folder = shipped_folder()
    own = {path.name for path in ([site_words] if site_words.is_file() else site_words.glob("*.yaml"))}
    with nothing_thrown_away():
        book = load_rules(folder / "rules.yaml")
        words = read_words(folder, book, site_words).values()
        problems = sorted({problem for parts in words for problem in _in_entries(parts) if problem.file in own})
        return compiled(book, words, read_leanings(folder)), problems


def _in_entries(own: Parts) -> Iterator[Problem]:
    seen: dict[tuple[object, str], int] = {}
    concepts: dict[object, dict[str, tuple[str, int]]] = defaultdict(dict)
    for entry, written, item, line in own.entries:
        labels = tuple((label, gap) for label, gap, _ in entry_labels(entry, written, own))
        if not labels:
            yield Problem(
                item.file, line, "dead", f"“{entry.term}” has one word beside those that are skipped, or none"
            )
            continue
        first = seen.setdefault((labels, entry.concept), line)
        if entry.concept in concepts[labels]:
            sentence = f"“{entry.term}” stands in {entry.concept} already, in line {first}"
            yield Problem(item.file, line, "duplicate", sentence)
        concepts[labels][entry.concept] = entry.term, line
    for meanings in concepts.values():
        yield from _conflicts(own, meanings)


def _conflicts(own: Parts, meanings: Mapping[str, tuple[str, int]]) -> Iterator[Problem]:
    for silencing in _SILENCING:
        others = sorted(set(meanings) - set(_SILENCING))
        if silencing in meanings and others:
            term, line = meanings[silencing]
            sentence = f"“{term}” says nothing as {silencing} and something as {', '.join(others)}"
            yield Problem(own.entries[0][2].file, line, "conflicting", sentence)


def _in_plain_words(language: str, own: Parts) -> Iterator[Problem]:
    file = f"{language}.yaml"
    for word in sorted(own.skip & own.numbers):
        yield Problem(file, 0, "conflicting", f"“{word}” is skipped and a number")
    for texted, meant in sorted(own.spellings.items()):
        if texted == meant:
            yield Problem(file, 0, "dead", f"the spelling “{texted}” changes nothing")
        elif texted in own.skip:
            yield Problem(file, 0, "unreachable", f"the spelling “{texted}” is never met, since the word is skipped")


def _missing(language: str, own: Parts, book: RuleBook) -> Iterator[Problem]:
    having = {entry.concept for entry, _, _, _ in own.entries}
    for concept in sorted(book.concepts - having):
        yield Problem(f"{language}.yaml", 0, "missing", f"no word for {concept}")


def _silent(book: RuleBook) -> Iterator[Problem]:
    for rule in book.rules:
        if not rule.says:
            yield Problem("rules.yaml", 0, "dead", f"the rule {rule.slug} says nothing")
        elif any(rule.unless & slot for slot in rule.slots if len(slot) == 1):
            yield Problem("rules.yaml", 0, "unreachable", f"the rule {rule.slug} excludes what it asks for")
