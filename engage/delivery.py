"""Delivery: takes what waits in the outbox to its gateway, one row at a time, with no transaction open meanwhile."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from engage import cases, contacts, outbox
from engage.db import Database
from engage.gateways import Gateway, GatewayDown, OptedOut, Undeliverable
from engage.models import Outgoing
from engage.taxonomy import Carrier, Happening, OutgoingStatus
from engage.vault import Vault

LOOK_EVERY_SECONDS = 1.0
WAIT_FOR_DATABASE_SECONDS = 5.0
UNREADABLE = "It was sealed under another secret key than ENGAGE_SECRET_KEY is now."
#: The ends of a message that a person must know of.
_LOST = (OutgoingStatus.UNDELIVERED, OutgoingStatus.FAILED, OutgoingStatus.NEEDS_HUMAN)

Clock = Callable[[], datetime]
#: Waits for so many seconds, or until the worker shall stop, which it then says.
Pause = Callable[[float], bool]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a worker has a row, what must be left of that for one talk with a gateway, and the first wait after a
    failure. Tests are less patient; a gateway's own bounds on time fit these alone.
    """

    lease: timedelta = outbox.LEASE
    least_left: timedelta = outbox.LEAST_LEFT
    first: timedelta = outbox.FIRST_WAIT


@dataclass(frozen=True, slots=True)
class Postroom:
    """What delivery needs: the outbox, the keys, a gateway for each carrier, and the day's limit of texts."""

    database: Database
    vault: Vault
    gateways: Mapping[Carrier, Gateway]
    most_segments_a_day: int
    waits: Waits = field(default_factory=Waits)

    def carriers(self, session: Session, now: datetime) -> list[Carrier]:
        """The carriers that may be used now: once the day's texts are used up, mail alone."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        texts = [carrier for carrier in self.gateways if carrier is not Carrier.MAIL]
        if texts and outbox.paid_segments(session, midnight) >= self.most_segments_a_day:
            return [carrier for carrier in self.gateways if carrier is Carrier.MAIL]
        return list(self.gateways)


def deliver_next(postroom: Postroom, clock: Clock) -> bool:
    """Take up the most urgent row that is due, and write down what became of it. False when nothing is due."""
    with postroom.database.transaction() as session:
        now = clock()
        carriers = postroom.carriers(session, now)
        parcel = outbox.claim(session, postroom.vault, now, carriers, postroom.waits.lease)
    if parcel is None:
        return False
    settle = _hand_over(postroom, parcel, clock)
    with postroom.database.transaction() as session:
        settle(session)
    return True


def work_until_stopped(work_next: Callable[[], bool], pause: Pause) -> None:
    """Do what is due, one after another, look again every second, and sit out a database that is away.

    `work_next` gives False when nothing is due.
    """
    stopped = pause(0)
    while not stopped:
        try:
            seconds = 0.0 if work_next() else LOOK_EVERY_SECONDS
        except DBAPIError as problem:
            log.warning("The database is away: %s", str(problem.orig).strip().partition("\n")[0])
            seconds = WAIT_FOR_DATABASE_SECONDS
        stopped = pause(seconds)


def take_status(
    session: Session,
    vault: Vault,
    now: datetime,
    *,
    row_id: int,
    key: str,
    status: OutgoingStatus,
    provider_id: str,
    error_code: int | None,
) -> bool:
    """What a provider reports of a row, if its key is the row's. False where it is not, or the row was further on."""
    row = session.get(Outgoing, row_id)
    expected = outbox.callback_key(vault, row_id, row.written_at) if row else ""
    if row is None or not hmac.compare_digest(expected.encode(), key.encode("utf-8", "surrogatepass")):
        return False
    moved = outbox.advance(session, row_id, status, provider_id=provider_id, error_code=error_code)
    if moved and status in _LOST:
        _tell_of_loss(session, row.case_id, f"{status}, error {error_code}" if error_code else status, now)
    return moved


def note_opt_out(session: Session, contact_id: int | None, case_id: int | None, now: datetime) -> None:
    """The provider says that a contact takes no more texts."""
    if contact_id is not None and contacts.opt_out(session, contact_id, now) and case_id is not None:
        cases.record(session, case_id, now, (Happening.OPTED_OUT, {}))


def _hand_over(postroom: Postroom, parcel: outbox.Parcel, clock: Clock) -> Callable[[Session], None]:
    """Send a parcel unless the gateway has it, and give what is to be written down."""
    gateway, waits = postroom.gateways[parcel.carrier], postroom.waits
    try:
        if not parcel.is_readable:
            raise Undeliverable(UNREADABLE)
        provider_id = gateway.already_has(parcel) if parcel.attempts > 1 else None
        if provider_id is None and parcel.leased_until - clock() < waits.least_left:
            raise GatewayDown("our turn was over before we came to send it")  # another worker may have it by now
        provider_id = provider_id or gateway.send(parcel)
    except GatewayDown as problem:
        said, wait = str(problem), problem.wait
        return lambda session: _put_back(session, parcel, said, clock(), wait, waits)
    except Undeliverable as problem:
        refused = problem
        return lambda session: _give_up(session, parcel, refused, clock())
    except Exception as problem:  # a fault of ours must not stop the messages behind it
        said = type(problem).__name__
        log.exception("Message %d could not be sent", parcel.id)
        return lambda session: _put_back(session, parcel, said, clock(), None, waits)
    return lambda session: outbox.settle(session, parcel, provider_id)


def _put_back(
    session: Session, parcel: outbox.Parcel, said: str, now: datetime, wait: timedelta | None, waits: Waits
) -> None:
    if outbox.put_back(session, parcel, said, now, wait, waits.first):
        _tell_of_loss(session, parcel.case_id, said, now)


def _give_up(session: Session, parcel: outbox.Parcel, problem: Undeliverable, now: datetime) -> None:
    if not outbox.give_up(session, parcel, str(problem), problem.code):
        return
    if isinstance(problem, OptedOut):
        note_opt_out(session, parcel.contact_id, parcel.case_id, now)
    _tell_of_loss(session, parcel.case_id, str(problem), now)


def _tell_of_loss(session: Session, case_id: int | None, said: str, now: datetime) -> None:
    if case_id is not None:
        cases.record(session, case_id, now, (Happening.NOT_DELIVERED, {"problem": said[:200]}))
