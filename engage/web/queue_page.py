"""The queues: what waits where, and the cases of one queue, narrowed by the address of the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from engage import queues, undelivered
from engage.queues import Spot, Wanted
from engage.taxonomy import CaseStatus, Category, Severity
from engage.web import desk_words
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now, say
from engage.web.staff import officer


def _(sentence: str) -> str:
    return sentence


door = Blueprint("queues", __name__)
desk_words.teach(door)

#: `urgency.id` of the last case seen; the id fits into 64 bits.
_AFTER = re.compile(r"([0-3])\.([0-9]{1,18})", re.ASCII)
_REFERENCE = re.compile(r"EN-[0-9A-Z]{4,7}-[0-9A-Z]", re.ASCII)
IGNORED = {
    "status": _("There is no such status, so it was ignored."),
    "category": _("There is no such category, so it was ignored."),
    "severity": _("There is no such severity, so it was ignored."),
    "site": _("There is no such site, so it was ignored."),
    "place": _("There is no such place, so it was ignored."),
    "after": _("The address did not say where to go on, so this is the first page."),
}
FILTERS = ("status", "category", "severity", "site", "place")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a queue page asks for, and which parts of it mean nothing to us."""

    wanted: Wanted
    unknown: tuple[str, ...] = ()
    chosen: dict[str, str] = field(default_factory=dict)


@door.get("/desk")
def mine() -> ResponseReturnValue:
    """My queues."""
    with installation().database.reading() as session:
        waiting = queues.waiting(session, officer())
        lost = undelivered.count(session, officer())
        used_up = _is_limit_reached(session)
    moved = _REFERENCE.fullmatch(request.args.get("moved", ""))
    return render_template(
        "desk/queues.html",
        waiting=waiting,
        severities=list(Severity),
        most=queues.MOST_COUNTED,
        lost=lost,
        used_up=used_up,
        moved=moved and moved[0],
        now=now(),
    )


@door.get("/desk/undelivered")
def lost() -> ResponseReturnValue:
    """The messages that reached nobody, of the cases this officer may see."""
    after = whole_number(request.args.get("after"))
    with installation().database.reading() as session:
        page = undelivered.read_page(session, officer(), after)
        used_up = _is_limit_reached(session)
    return render_template("desk/undelivered.html", page=page, used_up=used_up, is_first=after is None, now=now())


@door.get("/desk/queues/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """One page of a queue."""
    with installation().database.reading() as session:
        spots = queues.spots(session)
        asked = _asked(request.args, spots)
        page = queues.read_page(session, officer(), slug, asked.wanted)
    return render_template(
        "desk/queue.html",
        page=page,
        spots=spots,
        statuses=[status for status in CaseStatus if status is not CaseStatus.CLOSED],
        severities=list(Severity),
        categories=list(Category),
        chosen=asked.chosen,
        unknown=[say(IGNORED[name]) for name in asked.unknown],
        is_first=asked.wanted.after is None,
        now=now(),
    )


def _is_limit_reached(session: Session) -> bool:
    """Whether texts wait for tomorrow; never where none are sent."""
    settings = installation().settings
    most = settings.twilio_daily_segments
    return bool(settings.our_numbers) and undelivered.is_limit_reached(session, most, now())


def _asked(arguments: Mapping[str, str], spots: list[Spot]) -> Asked:
    readers: dict[str, Callable[[str], Any]] = {
        "status": lambda value: _member(CaseStatus, value),
        "category": lambda value: _member(Category, value),
        "severity": lambda value: _member(Severity, value),
        "site": lambda value: value if value in {spot.site_slug for spot in spots} else None,
        "place": lambda value: value if value in {spot.slug for spot in spots} else None,
        "after": _after,
    }
    given = {name: value for name in readers if (value := arguments.get(name, "").strip())}
    if given.get("status") == "open":
        del given["status"]
    read = {name: readers[name](value) for name, value in given.items()}
    known = {name: value for name, value in read.items() if value is not None}
    return Asked(
        Wanted(**known),
        tuple(name for name in read if name not in known),
        {name: given[name] for name in FILTERS if name in known},
    )


def _member(of: type[StrEnum], value: str) -> StrEnum | None:
    return of(value) if value in list(of) else None


def _after(value: str) -> tuple[int, int] | None:
    found = _AFTER.fullmatch(value)
    return (int(found[1]), int(found[2])) if found else None
