"""What concepts mean together: the rules, read from `rules.yaml`, one set for all languages."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engage.taxonomy import Category, Severity
from engage.triage.nodes import Item, open_yaml

ROLES = ("NEGATION", "ALL_CLEAR", "CONTRAST", "PAST", "STILL", "OVER", "PERMISSION", "HYPOTHETICAL")
# concepts that turn the meaning of others round; weighing.py knows them by name
CATEGORIES = tuple(Category)
SEVERITIES = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
_PLACES: dict[Category | Severity, int] = {word: at for at, word in enumerate(CATEGORIES)}
_PLACES |= {word: at for at, word in enumerate(SEVERITIES)}
WITHIN = 12.0  # words between the first concept of a rule and each other one, unless it says otherwise


@dataclass(frozen=True)
class Rule:
    """When one concept of every slot stands within `within` words of the first, the rule speaks.

    `says` holds weights for categories and severities; negative ones speak against them. `unless` names concepts that,
    anywhere in the message, keep it silent.
    """

    slug: str
    slots: tuple[frozenset[str], ...]
    within: float
    unless: frozenset[str]
    says: Mapping[Category | Severity, float]

    @property
    def is_alone(self) -> bool:
        """Whether one concept is enough."""
        return len(self.slots) == 1 and len(self.slots[0]) == 1 and not self.unless

    @functools.cached_property
    def by_name(self) -> Mapping[str, float]:
        """What it says by plain names: a member of an enum takes ten times as long to be looked up."""
        return {str(word): weight for word, weight in self.says.items()}

    @functools.cached_property
    def categories(self) -> tuple[tuple[int, float], ...]:
        """What it says of categories, by their places in CATEGORIES: adding up is quicker so."""
        return tuple((_PLACES[word], weight) for word, weight in self.says.items() if isinstance(word, Category))

    @functools.cached_property
    def severities(self) -> tuple[tuple[int, float], ...]:
        """What it says of severities, by their places in SEVERITIES."""
        return tuple((_PLACES[word], weight) for word, weight in self.says.items() if isinstance(word, Severity))


@dataclass(frozen=True)
class RuleBook:
    """All rules, where every category begins, and what wins when two are close."""

    rules: tuple[Rule, ...]
    start: Mapping[Category, float]  # the score a category has before a word is read
    usual: Mapping[Category, Mapping[Severity, float]]  # how a category by itself speaks for each severity
    precedence: Mapping[Category, int]
    concepts: frozenset[str]
    by_concept: Mapping[str, tuple[int, ...]]  # places in `rules` of those whose first slot holds the concept

    @functools.cached_property
    def starts(self) -> list[float]:
        """Where every category begins, in the order of CATEGORIES."""
        return [self.start[category] for category in CATEGORIES]

    @functools.cached_property
    def usually(self) -> list[list[float]]:
        """For every severity what each category says of it, in the orders of SEVERITIES and CATEGORIES."""
        return [[self.usual[category].get(severity, 0.0) for category in CATEGORIES] for severity in SEVERITIES]

    @functools.cached_property
    def order(self) -> list[int]:
        """How early every category must be acted on, in the order of CATEGORIES."""
        return [self.precedence[category] for category in CATEGORIES]

    @functools.cached_property
    def alone(self) -> Mapping[str, Rule]:
        """The rules of one concept, by it."""
        return {next(iter(rule.slots[0])): rule for rule in self.rules if rule.is_alone}

    def candidates(self, present: Iterable[str]) -> list[Rule]:
        """The rules of several concepts whose first slot could be filled from these, in the order of the file."""
        by_concept = self.by_concept
        return [self.rules[at] for at in sorted({at for name in present for at in by_concept.get(name, ())})]


@functools.cache
def shipped_rules() -> RuleBook:
    """The rules that come with the package, read once."""
    return load_rules(Path(__file__).parent / "lexicon" / "rules.yaml")


def shipped_concepts() -> frozenset[str]:
    """Every concept that they use, and the words that turn meanings round."""
    return shipped_rules().concepts


def load_rules(path: Path) -> RuleBook:
    """Read and check `rules.yaml`; raises LexiconError naming file, line and what is wrong."""
    top = open_yaml(path)
    fields = top.fields("precedence", "start", "usual", "groups", "alone", "together")
    for name in ("precedence", "start", "usual", "alone", "together"):
        if name not in fields:
            raise top.wrong(f"{name} is missing")
    groups = {key.text(): value.text().split() for key, value in fields["groups"].pairs()} if "groups" in fields else {}
    rules = [_alone(key, value) for key, value in fields["alone"].pairs()]
    rules.extend(_together(line, groups) for line in fields["together"].items())
    order = {_category(item): place for place, item in enumerate(fields["precedence"].items())}
    for category in Category:
        if category not in order:
            raise fields["precedence"].wrong(f"{category} is missing")
    used = {concept for rule in rules for slot in (*rule.slots, rule.unless) for concept in slot}
    first: dict[str, tuple[int, ...]] = {}
    for at, rule in enumerate(rules):
        for concept in () if rule.is_alone else sorted(rule.slots[0]):
            first[concept] = (*first.get(concept, ()), at)
    start = {category: item.number() for category, item in _of_each(fields["start"])}
    usual = {category: _severities(item) for category, item in _of_each(fields["usual"])}
    return RuleBook(tuple(rules), start, usual, order, frozenset(used) | frozenset(ROLES), first)


def _category(item: Item) -> Category:
    try:
        return Category(item.text())
    except ValueError:
        raise item.wrong(f"{item.text()!r} is not a category") from None


def _of_each(item: Item) -> list[tuple[Category, Item]]:
    """What a table says of every category; raises LexiconError when one is missing."""
    found = [(_category(key), value) for key, value in item.pairs()]
    for category in Category:
        if category not in dict(found):
            raise item.wrong(f"{category} is missing")
    return found


def _severities(item: Item) -> dict[Severity, float]:
    said = {word: weight for word, weight in _said(item).items() if isinstance(word, Severity)}
    if len(said) < len(_said(item)):
        raise item.wrong("only severities have a place here")
    return said


def _alone(concept: Item, item: Item) -> Rule:
    name = concept.text()
    return Rule(name.lower().replace("_", "-"), (frozenset({name}),), WITHIN, frozenset(), _said(item))


def _together(item: Item, groups: Mapping[str, list[str]]) -> Rule:
    fields = item.fields("is", "when", "says", "within", "unless")
    if "when" not in fields or "says" not in fields:
        raise item.wrong("a rule needs when and says")
    when = fields["when"].text()
    unless = fields["unless"].text().split() if "unless" in fields else []
    return Rule(
        slug=fields["is"].text() if "is" in fields else when.lower().replace("_", "-").replace(" ", "+"),
        slots=tuple(_concepts(slot, groups) for slot in when.split()),
        within=fields["within"].number() if "within" in fields else WITHIN,
        unless=frozenset().union(*(_concepts(slot, groups) for slot in unless)),
        says=_said(fields["says"]),
    )


def _said(item: Item) -> dict[Category | Severity, float]:
    """`weapon_attack 3.1, theft_fraud -0.4, critical 0.8`: what a rule says of categories and severities."""
    said: dict[Category | Severity, float] = {}
    for line, text in item.terms():
        name, _, number = text.partition(" ")
        word = next((word for word in _PLACES if word == name), None)
        try:
            weight = float(number)
        except ValueError:
            weight = math.nan
        if word is None or math.isnan(weight):
            raise item.wrong(f"expected a category or severity and a number, found {text!r}", line)
        said[word] = weight
    return said


def _concepts(slot: str, groups: Mapping[str, list[str]]) -> frozenset[str]:
    return frozenset(concept for name in slot.split("|") for concept in groups.get(name, [name]))
