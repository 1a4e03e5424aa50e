"""Whether texts can come and go: the provider's account, the day's limit, and what waits or needs a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import outbox
from engage.config import Settings
from engage.db import Database
from engage.gateways import GatewayDown
from engage.gateways.twilio import TwilioGateway
from engage.models import Outgoing
from engage.models.outgoing import UNSENT
from engage.readiness import Check, State, first_line
from engage.taxonomy import OutgoingStatus

#: What is due for so long is being sent by nobody.
TOO_LONG = timedelta(minutes=10)
NEARLY = 0.8
LATELY = timedelta(days=7)
_NEEDS_PERSON = (OutgoingStatus.NEEDS_HUMAN, OutgoingStatus.FAILED, OutgoingStatus.UNDELIVERED)


def examine_texts(settings: Settings, database: Database, now: datetime) -> list[Check]:
    """The checks of everything that leaves the house, and of the provider of texts where one is set."""
    counted = [_counted(database, name, look, now) for name, look in (("outbox", _outbox), ("messages", _needs_person))]
    if not settings.has_twilio:
        return [Check("texts", State.OK, "no provider set: none leave the house"), *counted]
    limit = settings.twilio_daily_segments
    segments = _counted(database, "texts today", lambda session, at: _segments(session, at, limit), now)
    return [provider_answers(settings), segments, *counted]


def provider_answers(settings: Settings) -> Check:
    """Whether the provider knows our account and token, asked once and within half a minute; and our numbers."""
    numbers = ", ".join(settings.our_numbers)
    try:
        standing = TwilioGateway(settings).account_standing()
    except GatewayDown as problem:
        remedy = "Check ENGAGE_TWILIO_ACCOUNT_SID, ENGAGE_TWILIO_AUTH_TOKEN and the way to the provider."
        return Check("texts", State.FAIL, f"{numbers}: {problem}", remedy)
    if standing != "active":
        return Check("texts", State.FAIL, f"{numbers}: the account is {standing}", "See the provider's console.")
    return Check("texts", State.OK, f"{numbers}: the account is active")


def _segments(session: Session, now: datetime, limit: int) -> Check:
    used = outbox.paid_segments(session, now.replace(hour=0, minute=0, second=0, microsecond=0))
    found = f"{used:,} of {limit:,} used since midnight (UTC)"
    if used >= limit:
        remedy = "Texts wait until midnight (UTC); raise ENGAGE_TWILIO_DAILY_SEGMENTS to send them now."
        return Check("texts today", State.FAIL, found, remedy)
    if used >= limit * NEARLY:
        return Check("texts today", State.WARN, found, "Raise ENGAGE_TWILIO_DAILY_SEGMENTS, or texts will wait.")
    return Check("texts today", State.OK, found)


def _outbox(session: Session, now: datetime) -> Check:
    query = sa.select(sa.func.count(), sa.func.min(Outgoing.due_at)).where(sa.text(UNSENT))
    waiting, first = session.connection().execute(query).one()
    if first is not None and now - first > TOO_LONG:
        found = f"{waiting:,} wait, one for {(now - first) // timedelta(minutes=1):,} minutes"
        return Check("outbox", State.WARN, found, "Is `engage worker` running, and can it reach the providers?")
    return Check("outbox", State.OK, f"{waiting:,} wait")


def _needs_person(session: Session, now: datetime) -> Check:
    recent = col(Outgoing.written_at) > now - LATELY
    query = sa.select(sa.func.count()).where(col(Outgoing.status).in_(_NEEDS_PERSON), recent)
    lost = session.connection().execute(query).scalar_one()
    if lost:
        return Check(
            "messages",
            State.WARN,
            f"{lost:,} of this week were not delivered",
            "See them at the desk, and answer otherwise.",
        )
    return Check("messages", State.OK, "none of this week needs a person")


def _counted(database: Database, name: str, look: Callable[[Session, datetime], Check], now: datetime) -> Check:
    try:
        with database.reading() as session:
            return look(session, now)
    except sa.exc.DBAPIError as problem:
        return Check(name, State.FAIL, first_line(problem), "Make the database answer first; run: engage migrate")
