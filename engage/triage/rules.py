"""What concepts mean together: the rules, read from `rules.yaml`, one set for all languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engage.taxonomy import Category, Severity
from engage.triage.nodes import Item, open_yaml

ROLES = (
    "NEGATION", "ALL_CLEAR", "CONTRAST", "PAST", "STILL", "OVER", "QUESTION", "ASKING", "HEDGE", "FIGURE_OF_SPEECH",
)  # concepts that turn a meaning round instead of carrying one; the judge knows them by name  # fmt: skip
_WITHIN = 12.0  # words between the first and the last concept of a rule, unless it says otherwise


@dataclass(frozen=True, slots=True)
class Rule:
    """When one concept of every slot stands within `within` words, `weight` speaks for `category` at `severity`.

    `unless` names concepts that, anywhere in the message, keep the rule from firing.
    """

    slug: str
    category: Category
    slots: tuple[frozenset[str], ...]
    weight: float
    severity: Severity
    within: float
    unless: frozenset[str]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules, the order in which categories win when they are close, and every concept that a rule names."""

    rules: tuple[Rule, ...]
    precedence: dict[Category, int]
    concepts: frozenset[str]
    by_concept: dict[str, tuple[int, ...]]  # places in `rules` of those whose first slot holds the concept

    def candidates(self, present: Iterable[str]) -> list[Rule]:
        """The rules whose first slot could be filled from these concepts, in the order of the file."""
        return [self.rules[at] for at in sorted({at for name in present for at in self.by_concept.get(name, ())})]


def load_rules(path: Path) -> RuleBook:
    """Read and check `rules.yaml`; raises LexiconError naming file, line and what is wrong."""
    top = open_yaml(path)
    fields = top.fields("precedence", "groups", "categories")
    for name in ("precedence", "categories"):
        if name not in fields:
            raise top.wrong(f"{name} is missing")
    groups = {key.text(): value.text().split() for key, value in fields["groups"].pairs()} if "groups" in fields else {}
    rules: list[Rule] = []
    for key, value in fields["categories"].pairs():
        rules.extend(_category_rules(_category(key), value, groups))
    order = {_category(item): place for place, item in enumerate(fields["precedence"].items())}
    for category in Category:
        if category not in order:
            raise fields["precedence"].wrong(f"{category} is missing")
    used = frozenset(concept for rule in rules for slot in rule.slots for concept in slot)
    first: dict[str, tuple[int, ...]] = {}
    for at, rule in enumerate(rules):
        for concept in rule.slots[0]:
            first[concept] = (*first.get(concept, ()), at)
    return RuleBook(tuple(rules), order, used | frozenset(ROLES) | {c for rule in rules for c in rule.unless}, first)


def _category(item: Item) -> Category:
    try:
        return Category(item.text())
    except ValueError:
        raise item.wrong(f"{item.text()!r} is not a category") from None


def _severity(item: Item) -> Severity:
    try:
        return Severity(item.text())
    except ValueError:
        raise item.wrong(f"{item.text()!r} is not a severity") from None


def _category_rules(category: Category, item: Item, groups: dict[str, list[str]]) -> list[Rule]:
    fields = item.fields("severity", "rules")
    if "severity" not in fields or "rules" not in fields:
        raise item.wrong("severity and rules are needed")
    usual = _severity(fields["severity"])
    return [_rule(category, usual, line, groups) for line in fields["rules"].items()]


def _rule(category: Category, usual: Severity, item: Item, groups: dict[str, list[str]]) -> Rule:
    fields = item.fields("is", "when", "weight", "severity", "within", "unless")
    if "when" not in fields or "weight" not in fields:
        raise item.wrong("a rule needs when and weight")
    when = fields["when"].text()
    return Rule(
        slug=fields["is"].text() if "is" in fields else when.lower().replace(" ", "+"),
        category=category,
        slots=tuple(_concepts(slot, groups) for slot in when.split()),
        weight=fields["weight"].number(),
        severity=_severity(fields["severity"]) if "severity" in fields else usual,
        within=fields["within"].number() if "within" in fields else _WITHIN,
        unless=frozenset().union(*(_concepts(slot, groups) for slot in fields["unless"].text().split()))
        if "unless" in fields
        else frozenset(),
    )


def _concepts(slot: str, groups: dict[str, list[str]]) -> frozenset[str]:
    return frozenset(concept for name in slot.split("|") for concept in groups.get(name, [name]))
