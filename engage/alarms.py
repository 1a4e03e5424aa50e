"""Alarms: a case needs somebody now. At most one rings for a case, and it stops when somebody acts on the case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col

from engage.db import add_row
from engage.models import Alarm, Watch
from engage.prepared import Prepared
from engage.taxonomy import AlarmKind, Happening, Severity

#: How long an alarm is silent between two rings.
AGAIN_CRITICAL: Final = timedelta(minutes=3)
AGAIN: Final = timedelta(minutes=15)
#: What an officer does that shows that somebody has the case in hand. A note or giving it back does not.
SILENCED_BY: Final = frozenset(
    {
        Happening.CLAIMED,
        Happening.ASSIGNED,
        Happening.ANSWERED,
        Happening.RECLASSIFIED,
        Happening.TRANSFERRED,
        Happening.WAITING,
        Happening.REFERRED,
        Happening.REFERRAL_OFFERED,
        Happening.REFERRAL_ACCEPTED,
        Happening.MERGED,
        Happening.RESOLVED,
        Happening.CLOSED,
    }
)
#: The graver kind stands where a case would ring for two.
_GRAVITY: Final = (AlarmKind.NEW_CRITICAL, AlarmKind.UNANSWERED_OFFER, AlarmKind.AT_RISK, AlarmKind.BREACHED)


def again_after(severity: Severity) -> timedelta:
    """How long an alarm of a severity is silent between two rings."""
    return AGAIN_CRITICAL if severity is Severity.CRITICAL else AGAIN


def raise_new_critical(session: Session, case_id: int, queue_id: int, now: datetime, *, told: bool) -> None:
    """A critical case is new in a queue. `told`: its unit has had the first mail about it.

    Where nobody has the watch of the queue it rings again at once, so that it goes up.
    """
    has_rung = told and bool(_WATCH.rows(session, queue_id=queue_id))
    ring(session, case_id, AlarmKind.NEW_CRITICAL, now, has_rung_until=now + AGAIN_CRITICAL if has_rung else None)


def ring(
    session: Session, case_id: int, kind: AlarmKind, now: datetime, *, has_rung_until: datetime | None = None
) -> None:
    """Let a case ring from now on; one that rings already goes on, at once where it is for a graver reason now.

    `has_rung_until`: it has rung once, and is silent until then.
    """
    ringing = _RINGING.rows(session, case_id=case_id)
    if not ringing:
        add_row(
            session,
            Alarm,
            case_id=case_id,
            kind=kind,
            level=0,
            raised_at=now,
            rings_at=has_rung_until or now,
            rings=1 if has_rung_until else 0,
            silenced_at=None,
            silenced_by=None,
        )
        return
    (alarm, *_others) = ringing
    if _GRAVITY.index(kind) > _GRAVITY.index(alarm.kind):
        own = col(Alarm.id) == alarm.id
        session.connection().execute(sa.update(Alarm).where(own).values(kind=kind, rings_at=now))


def ringing_of(session: Session, case_id: int) -> list[AlarmKind]:
    """Why a case rings now; empty where it does not."""
    return [alarm.kind for alarm in _RINGING.rows(session, case_id=case_id)]


def silence(session: Session, case_id: int, staff_id: int | None, now: datetime) -> bool:
    """Somebody has the case in hand: nothing of it rings any more. True where anything had been heard of it.

    `staff_id` is empty where they have no account here.
    """
    if not _RINGING.rows(session, case_id=case_id):
        return False
    silenced = (
        sa.update(Alarm)
        .where(col(Alarm.case_id) == case_id, col(Alarm.silenced_at).is_(None))
        .values(silenced_at=now, silenced_by=staff_id)
        .returning(col(Alarm.rings), col(Alarm.level), col(Alarm.raised_at))
    )
    return any(row.rings > 0 and now > row.raised_at for row in session.connection().execute(silenced).all())


_RINGING = Prepared(
    sa.select(col(Alarm.id), col(Alarm.kind))
    .where(col(Alarm.case_id) == sa.bindparam("case_id"), col(Alarm.silenced_at).is_(None))
    .order_by(col(Alarm.id))
)
_WATCH = Prepared(
    sa.select(col(Watch.id)).where(col(Watch.queue_id) == sa.bindparam("queue_id"), col(Watch.ended_at).is_(None))
)
