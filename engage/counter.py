"""By phone and at the counter: an officer writes down what someone says, and it is a report like any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from engage import cases, continuing, intake
from engage.accounts import Officer
from engage.installation import Installation
from engage.intake import Receipt, ReportArrival
from engage.models import Queue
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.taxonomy import Channel, ReporterKind

#: How a report comes to a desk by way of an officer.
CHANNELS = intake.TOLD_BY


class PlaceMissing(Exception):
    """No poster in use or out of use has this code, or no place this name; `likely` may be meant. Another one helps."""

    def __init__(self, likely: tuple[Whereabouts, ...] = ()) -> None:
        super().__init__("no such place")
        self.likely = likely


@dataclass(frozen=True, slots=True)
class Told:
    """What an officer was told, and by whom. `code` stands before `site` and `place`, which are slugs.

    `call_back` is a mail address, or a phone where texts can be sent: it hears that an answer waits, and nothing else.
    """

    text: str
    key: str
    channel: Channel
    language: str
    code: str = ""
    site: str = ""
    place: str = ""
    reporter: ReporterKind | None = None
    call_back: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Entered:
    """A report that is stored. `queue` is where it waits, where the officer may see that."""

    receipt: Receipt
    queue: str | None


def enter(installation: Installation, officer: Officer, told: Told, now: datetime) -> Entered:
    """Store what an officer was told, by the same intake as any report; committed when this returns.

    Raises `PlaceMissing`, `continuing.AddressRefused`, or what `intake.take_report` raises; then nothing is stored.
    """
    number = installation.settings.sms_number
    notice = continuing.read_address(told.call_back, number) if told.call_back.strip() else None
    with installation.database.reading() as session:
        _check_place(session, told)
    arrival = ReportArrival(
        text=told.text,
        # A form's key counts for its officer only: nobody is shown the access code of another's report.
        key=installation.vault.look_up_hash("counter-form", f"{officer.staff_id} {told.key}"),
        code=told.code or None,
        site=told.site or None,
        place=told.place or None,
        channel=told.channel,
        language=told.language,
        reporter=told.reporter,
        entered_by=officer.staff_id,
        notice=notice,
    )
    receipt = intake.take_report(installation, arrival, now)
    with installation.database.reading() as session:
        return Entered(receipt, _queue_of(session, officer, receipt.reference))


def _check_place(session: Session, told: Told) -> None:
    if told.code:
        if register.find_poster(session, told.code) is None:
            raise PlaceMissing(tuple(register.suggest(session, told.code)))
    elif told.place:
        if register.find_place_named(session, told.site, told.place) is None:
            raise PlaceMissing
    elif not told.site or register.find_site(session, told.site) is None:
        raise PlaceMissing


def _queue_of(session: Session, officer: Officer, reference: str) -> str | None:
    try:
        case = cases.find_case(session, officer, reference)
    except cases.CaseMissing:
        return None
    return session.get_one(Queue, case.queue_id).name
