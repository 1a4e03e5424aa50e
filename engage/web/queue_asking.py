"""What the address of a page of cases asks for: filters, the order, and where to go on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engage.languages import LANGUAGES
from engage.listing import Holder, Order, Spot, Wanted
from engage.queues import PlaceChoice
from engage.taxonomy import CaseStatus, Category, Channel, Severity


def _(sentence: str) -> str:
    return sentence


#: `stretch.key.id` of a row; the key is microseconds or an urgency, and the id fits into 64 bits.
_SPOT = re.compile(r"([0-3])\.([0-9]{1,17})\.([0-9]{1,18})", re.ASCII)
_NOT_A_SPOT = _("The address did not say where to go on, so this is the first page.")
IGNORED = {
    "status": _("There is no such status, so it was ignored."),
    "category": _("There is no such category, so it was ignored."),
    "severity": _("There is no such severity, so it was ignored."),
    "site": _("There is no such site, so it was ignored."),
    "place": _("There is no such place, so it was ignored."),
    "holder": _("Cases can be shown by holder only as mine or nobody's, so it was ignored."),
    "language": _("There is no such language, so it was ignored."),
    "channel": _("There is no such channel, so it was ignored."),
    "waits": _("“Reporter waits” is on or off, so it was ignored."),
    "late": _("“Late” is on or off, so it was ignored."),
    "sort": _("There is no such order, so it was ignored."),
    "after": _NOT_A_SPOT,
    "before": _NOT_A_SPOT,
}
#: What narrows or sorts a page, as opposed to where on it one is. A saved view keeps these.
KEPT = tuple(name for name in IGNORED if name not in ("after", "before"))
_CALLED = {"waits": "reporter_waits", "sort": "order"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for, which parts of it mean nothing to us, and what was chosen, as it is in the address."""

    wanted: Wanted
    unknown: tuple[str, ...] = ()
    chosen: dict[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the page."""
        return {name: value for name, value in self.chosen.items() if name != "sort"}


def read(arguments: Mapping[str, str], places: Sequence[PlaceChoice]) -> Asked:
    """Read an address; what means nothing is named and left out."""
    given = {name: value for name in IGNORED if (value := arguments.get(name, "").strip())}
    if given.get("status") == "open":
        del given["status"]
    sites, slugs = {place.site_slug for place in places}, {place.slug for place in places}
    readers: dict[str, Callable[[str], Any]] = {
        "status": lambda value: _member(CaseStatus, value),
        "category": lambda value: _member(Category, value),
        "severity": lambda value: _member(Severity, value),
        "site": lambda value: value if value in sites else None,
        "place": lambda value: value if value in slugs else None,
        "holder": lambda value: _member(Holder, value),
        "language": lambda value: value if value in LANGUAGES else None,
        "channel": lambda value: _member(Channel, value),
        "waits": lambda value: value == "1" or None,
        "late": lambda value: value == "1" or None,
        "sort": lambda value: _member(Order, value),
        "after": lambda value: _spot(value, given),
        "before": lambda value: _spot(value, given),
    }
    read = {name: readers[name](value) for name, value in given.items()}
    known = {name: value for name, value in read.items() if value is not None}
    return Asked(
        Wanted(**{_CALLED.get(name, name): value for name, value in known.items()}),
        tuple(name for name in read if name not in known),
        {name: given[name] for name in KEPT if name in known},
    )


def written(spot: Spot) -> str:
    """A spot as an address holds it."""
    return f"{spot.stretch}.{spot.key}.{spot.id}"


def _member(of: type[StrEnum], value: str) -> StrEnum | None:
    return of(value) if value in list(of) else None


def _spot(value: str, given: Mapping[str, str]) -> Spot | None:
    found = _SPOT.fullmatch(value)
    if not found:
        return None
    spot = Spot(*map(int, found.groups()))
    by_severity = given.get("sort") == Order.SEVERITY or given.get("status") in ("closed", "resolved")
    return None if by_severity and (spot.stretch or spot.key > Severity.CRITICAL.urgency) else spot
