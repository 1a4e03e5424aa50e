"""The queues: what waits where, and the cases of one queue or of all of mine, narrowed by the address of the page."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from engage import assigning, cases, labels, listing, queues, undelivered, views
from engage.accounts import Officer
from engage.case_rows import Row
from engage.languages import LANGUAGES, catalogue
from engage.listing import Page
from engage.models import Queue
from engage.queues import PlaceChoice
from engage.taxonomy import CaseStatus, Category, Channel, Severity
from engage.web import desk_words, forms, queue_asking, staff
from engage.web.case_acts import whole_number
from engage.web.frame import installation, language, now, say
from engage.web.queue_asking import KEPT, Asked

door = Blueprint("queues", __name__)
desk_words.teach(door)

#: The page of all queues of an officer stands where a queue of this slug would.
ALL = "all"
_REFERENCE = re.compile(r"EN-[0-9A-Z]{4,7}-[0-9A-Z]", re.ASCII)
_SEEN = re.compile(r"[0-9a-f]{1,16}-[0-9a-f]{1,8}", re.ASCII)
LONGEST_SEEN = 4000


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of cases with what stands around it."""

    slug: str
    queues: list[Queue]
    asked: Asked
    page: Page
    places: list[PlaceChoice]

    @property
    def queue(self) -> Queue | None:
        """The queue, where the page is of one."""
        return None if self.slug == ALL else self.queues[0]


@door.get("/desk")
def mine() -> ResponseReturnValue:
    """My queues."""
    with installation().database.reading() as session:
        waiting = queues.waiting(session, staff.officer())
        lost = undelivered.count(session, staff.officer())
        used_up = _is_limit_reached(session)
        saved = _links(session, staff.officer())
    moved = _REFERENCE.fullmatch(request.args.get("moved", ""))
    return render_template(
        "desk/queues.html",
        waiting=waiting,
        severities=list(Severity),
        most=queues.MOST_COUNTED,
        lost=lost,
        used_up=used_up,
        saved=saved,
        moved=moved and moved[0],
        now=now(),
    )


@door.get("/desk/undelivered")
def lost() -> ResponseReturnValue:
    """The messages that reached nobody, of the cases this officer may see."""
    after = whole_number(request.args.get("after"))
    with installation().database.reading() as session:
        page = undelivered.read_page(session, staff.officer(), after)
        used_up = _is_limit_reached(session)
    return render_template("desk/undelivered.html", page=page, used_up=used_up, is_first=after is None, now=now())


@door.get("/desk/queues/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """One page of a queue, or of all my queues."""
    officer = staff.officer()
    with installation().database.reading() as session:
        shown = _read(session, officer, slug)
        saved = _links(session, officer)
        colleagues = assigning.colleagues(session, [queue.unit_id for queue in shown.queues])
        others = cases.queues_of_authority(session, officer)
        needed = queues.needs(session, officer)
        session.expunge_all()  # read after the session has ended
    asked, page = shown.asked, shown.page
    return render_template(
        "desk/queue.html",
        shown=shown,
        page=page,
        places=shown.places,
        statuses=[status for status in CaseStatus if status is not CaseStatus.CLOSED],
        severities=list(Severity),
        categories=list(Category),
        channels=list(Channel),
        languages=LANGUAGES,
        labels=labels,
        chosen=asked.chosen,
        unknown=list(dict.fromkeys(say(queue_asking.IGNORED[name]) for name in asked.unknown)),
        is_first=asked.wanted.after is None and asked.wanted.before is None,
        saved=saved,
        colleagues=colleagues,
        others=others,
        needed=needed,
        cursor=_cursor(page.rows),
        changes=url_for("queues.changes", slug=slug, **_asked_for()),
        here=url_for("queues.show", slug=slug, **_asked_for()),
        written=queue_asking.written,
        now=now(),
    )


@door.get("/desk/queues/<slug>/changes")
def changes(slug: str) -> ResponseReturnValue:
    """What is new, changed or gone on a page since a cursor: 304 when nothing is, for the pages that are left open."""
    with installation().database.reading() as session:
        shown = _read(session, staff.officer(), slug)
        needed = queues.needs(session, staff.officer())
        session.expunge_all()
    rows = shown.page.rows
    cursor = _cursor(rows)
    seen = dict(one.split("-") for one in _SEEN.findall(request.args.get("since", "")[:LONGEST_SEEN]))
    tag = hashlib.sha256(f"{cursor} {needed}".encode()).hexdigest()[:20]
    response = Response(status=304)
    response.set_etag(tag)
    if request.if_none_match.contains(tag):
        return response
    marks = {row.reference: _mark(row) for row in rows}
    fresh = [row for row in rows if seen.get(f"{row.id:x}") != marks[row.reference]]
    new = sum(f"{row.id:x}" not in seen for row in fresh)
    response = jsonify(
        cursor=cursor,
        order=[row.reference for row in rows],
        rows={row.reference: _drawn(row, shown) for row in fresh},
        note=catalogue(language()).ngettext("%(num)s new case", "%(num)s new cases", new) % {"num": new} if new else "",
        needed=needed,
    )
    response.set_etag(tag)
    return response


@door.post("/desk/views")
def save_view() -> ResponseReturnValue:
    """Keep a page of cases under a name."""
    typed = forms.sent()
    if not staff.is_own_form():
        abort(403)
    name = " ".join(typed.get("name", "").split()).replace("\0", "␀")[: views.LONGEST_NAME]
    slug = typed.get("queue", ALL)
    with installation().database.reading() as session:
        asked = queue_asking.read(typed, queues.spots(session))
        if slug != ALL:
            listing.find_queue(session, staff.officer(), slug)
    chosen: dict[str, Any] = dict(asked.chosen)
    address = url_for("queues.show", slug=slug, **chosen)
    if name:
        with installation().database.transaction() as session:
            views.save(session, staff.officer(), name, address.removeprefix("/desk/queues/"))
    return redirect(address, 303)


@door.post("/desk/views/forget")
def forget_view() -> ResponseReturnValue:
    """Delete a saved view."""
    typed = forms.sent()
    if not staff.is_own_form():
        abort(403)
    with installation().database.transaction() as session:
        views.forget(session, staff.officer(), whole_number(typed.get("view")) or 0)
    return redirect(url_for("queues.mine"), 303)


def _read(session: Session, officer: Officer, slug: str) -> Shown:
    places = queues.spots(session)
    asked = queue_asking.read(request.args, places)
    if slug == ALL:
        shown = listing.my_queues(session, officer, asked.wanted.holder)
    else:
        shown = [listing.find_queue(session, officer, slug)]
    return Shown(slug, shown, asked, listing.read_page(session, officer, shown, asked.wanted, now()), places)


def _asked_for() -> dict[str, Any]:
    return {name: request.args[name] for name in (*KEPT, "after", "before") if request.args.get(name)}


def _links(session: Session, officer: Officer) -> list[dict[str, Any]]:
    """An officer's saved views, each with its address."""
    return [
        {"id": view.id, "name": view.name, "address": "/desk/queues/" + view.query}
        for view in views.of(session, officer)
    ]


def _drawn(row: Row, shown: Shown) -> str:
    return render_template("desk/one_row.html", row=row, several=shown.queue is None, now=now())


def _cursor(rows: tuple[Row, ...]) -> str:
    """What stands on a page: each case by its id and a mark of how it looks."""
    return ".".join(f"{row.id:x}-{_mark(row)}" for row in rows)


def _mark(row: Row) -> str:
    """Another one whenever a row would be written otherwise: the case has changed, or its age or time left has."""
    moment = now()
    said = (desk_words.age(row.opened_at, moment), desk_words.standing_words(row, moment))
    words = (row.version, row.reports, row.perhaps_same, *said)
    return f"{zlib.crc32(repr(words).encode()):x}"


def _is_limit_reached(session: Session) -> bool:
    """Whether texts wait for tomorrow; never where none are sent."""
    settings = installation().settings
    most = settings.twilio_daily_segments
    return bool(settings.our_numbers) and undelivered.is_limit_reached(session, most, now())
