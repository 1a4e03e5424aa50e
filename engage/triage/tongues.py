"""What one language of the lexicon says of a word: the labels it answers to, and whether it is one of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from engage.triage.stems import CLOSER_RULES, base_forms, stem

ALONE, INSIDE, EXACT = "alone", "inside", "exact"


class Label(NamedTuple):
    """How a word of an entry is told: by its base form where it stands ALONE, by its stem INSIDE a phrase, or EXACT."""

    language: str  # "" for what is of no language: any number, a question mark, an address
    kind: str
    form: str


def label_of(word: str, kind: str, language: str, common: Collection[str]) -> Label:
    """The label of a word of an entry; function words keep their form, lest Portuguese 'com' become 'como'."""
    if kind == EXACT or word in common:
        return Label(language, kind, word)
    return Label(language, kind, next(base_forms(language, word)) if kind == ALONE else stem(language, word))


@dataclass(slots=True)
class Tongue:
    """The words of one language: function words, words that are known, and the numbers of labels by their forms."""

    language: str
    common: frozenset[str]
    known: frozenset[str]
    alone: dict[str, int] = field(default_factory=dict)
    inside: dict[str, int] = field(default_factory=dict)
    exact: dict[str, int] = field(default_factory=dict)

    def note(self, label: Label, number: int) -> None:
        """Keep the number of a label."""
        forms = self.alone if label.kind == ALONE else self.inside if label.kind == INSIDE else self.exact
        forms[label.form] = number

    def look_up(self, word: str, found: set[int]) -> bool:
        """Add the labels that a word of a message answers to, and say whether the language lists it."""
        common = word in self.common
        root = word if common else stem(self.language, word)
        if common or self.language not in CLOSER_RULES:
            if root in self.alone:
                found.add(self.alone[root])
        else:
            found.update(self.alone[base] for base in base_forms(self.language, word) if base in self.alone)
        if root in self.inside:
            found.add(self.inside[root])
        if word in self.exact:
            found.add(self.exact[word])
        return common or word in self.known

    def has_entry(self, word: str) -> bool:
        """Whether an entry has the word."""
        return stem(self.language, word) in self.inside or any(
            base in self.alone for base in base_forms(self.language, word)
        )

    def has(self, word: str) -> bool:
        """Whether the word is one of the language, listed or in an entry."""
        return word in self.known or word in self.common or self.has_entry(word)
