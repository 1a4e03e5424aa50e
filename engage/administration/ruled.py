"""The routing table in the hands of an administrator: every change gives the whole table as it would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engage.administration import changes
from engage.administration.refusals import Missing, Refused
from engage.sites.entries import DutyEntry
from engage.sites.reading import entry_of


def _(sentence: str) -> str:
    return sentence


@dataclass(frozen=True, slots=True)
class Ruled:
    """One rule in its place. In the `shadow` it decides nothing; it may be there to replace another one."""

    entry: DutyEntry
    shadow: bool = False
    replaces: str | None = None

    @property
    def slug(self) -> str:
        """The rule's name."""
        return self.entry.slug

    def plain(self) -> dict[str, Any]:
        """The rule in plain values, with what differs from the usual alone."""
        said = self.entry.model_dump(mode="json", exclude_none=True)
        return {
            **said,
            **({"shadow": True} if self.shadow else {}),
            **({"replaces": self.replaces} if self.replaces else {}),
        }


def mark(rules: Sequence[Ruled]) -> str:
    """What a form says of the table it was made for."""
    return changes.mark_of([rule.plain() for rule in rules])


def find(rules: Sequence[Ruled], slug: str) -> int:
    """The place of a rule. Raises `Missing`."""
    for at, rule in enumerate(rules):
        if rule.slug == slug:
            return at
    raise Missing


def added(rules: Sequence[Ruled], values: dict[str, Any], at: int, *, shadow: bool) -> list[Ruled]:
    """The table with one more rule, at a place counted from 0."""
    entry = entry_of(DutyEntry, values)
    if any(rule.slug == entry.slug for rule in rules):
        raise Refused(_("There is a rule with this name already: %(name)s."), name=entry.slug)
    some = list(rules)
    some.insert(max(0, at), Ruled(entry, shadow))
    return some


def edited(rules: Sequence[Ruled], slug: str, values: dict[str, Any], *, shadow: bool) -> list[Ruled]:
    """The table with one rule changed. In the shadow the new one is tried beside the old one, under its own name."""
    at = find(rules, slug)
    old = rules[at]
    if shadow and not old.shadow:
        free = next(
            name
            for name in (f"{slug[:55]}-{number}" for number in range(2, 10_000))
            if all(rule.slug != name for rule in rules)
        )
        entry = entry_of(DutyEntry, {**values, "slug": free})
        return [*rules[:at], Ruled(entry, True, slug), *rules[at:]]
    entry = entry_of(DutyEntry, {**values, "slug": slug})
    return [*rules[:at], Ruled(entry, old.shadow, old.replaces), *rules[at + 1 :]]


def moved(rules: Sequence[Ruled], slug: str, by: int) -> list[Ruled]:
    """The table with one rule further up or down."""
    at = find(rules, slug)
    some = list(rules)
    rule = some.pop(at)
    some.insert(min(max(0, at + by), len(some)), rule)
    return some


def removed(rules: Sequence[Ruled], slug: str) -> list[Ruled]:
    """The table without a rule, and without what was tried to replace it."""
    at = find(rules, slug)
    return [rule for rule in rules if rule is not rules[at] and rule.replaces != slug]


def made_live(rules: Sequence[Ruled], slug: str) -> list[Ruled]:
    """The table with a rule of the shadow deciding, in the place and under the name of the one it replaces."""
    rule = rules[find(rules, slug)]
    if not rule.shadow:
        raise Missing
    if rule.replaces is None:
        return [Ruled(one.entry) if one is rule else one for one in rules]
    live = Ruled(rule.entry.model_copy(update={"slug": rule.replaces}))
    others = [one for one in rules if one is not rule]
    return [live if one.slug == rule.replaces else one for one in others]


def from_plain(some: Sequence[dict[str, Any]]) -> list[Ruled]:
    """A table from the list of changes."""
    return [
        Ruled(
            entry_of(DutyEntry, {key: value for key, value in one.items() if key not in ("shadow", "replaces")}),
            bool(one.get("shadow")),
            one.get("replaces"),
        )
        for one in some
    ]
