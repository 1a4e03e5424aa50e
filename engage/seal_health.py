"""Whether what is about insiders is read in sealed queues alone, as `routing` sends it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.db import Database
from engage.models import Case, DutyRule, Queue, Site
from engage.readiness import Check, State, first_line
from engage.routing import IN_CONFIDENCE
from engage.taxonomy import FIRST_RESPONDER

MOST_COUNTED = 1000
MOST_NAMED = 10
REMEDY = "Load a duty rule with responder: integrity and a queue with sealed: true."
TRANSFER = "Their units transfer them to the sealed queue."


def examine_seals(database: Database, _now: datetime) -> list[Check]:
    """The check of sealed queues; a failure where the database is too old to say."""
    try:
        with database.reading() as session:
            return [_check(session)]
    except sa.exc.DBAPIError as problem:
        return [Check("insiders", State.FAIL, first_line(problem), "See the tables above.")]


def _check(session: Session) -> Check:
    sites = _sites_without(session)
    if sites:
        named = ", ".join(sites[:MOST_NAMED]) + (f" and {len(sites) - MOST_NAMED} more" if sites[MOST_NAMED:] else "")
        return Check("insiders", State.WARN, f"no sealed queue takes reports about insiders at {named}", REMEDY)
    count = _in_the_open(session)
    if count:
        return Check("insiders", State.WARN, f"open cases about insiders that are not sealed: {count:,}", TRANSFER)
    return Check("insiders", State.OK, "reports about insiders wait in sealed queues")


def _sites_without(session: Session) -> list[str]:
    sealed = select(Queue.id).where(col(Queue.sealed).is_(True))
    takes = sa.exists().where(
        col(DutyRule.queue_id).in_(sealed),
        col(DutyRule.shadow).is_(False),
        sa.or_(col(DutyRule.site_id).is_(None), col(DutyRule.site_id) == Site.id),
        sa.or_(col(DutyRule.category).is_(None), col(DutyRule.category).in_(IN_CONFIDENCE)),
        sa.or_(
            col(DutyRule.responder).is_(None),
            col(DutyRule.responder).in_({FIRST_RESPONDER[category] for category in IN_CONFIDENCE}),
        ),
    )
    query = select(Site.slug).where(~takes, col(Site.fallback_queue_id).not_in(sealed), col(Site.retired_at).is_(None))
    return list(session.exec(query.order_by(col(Site.slug))))


def _in_the_open(session: Session) -> int:
    """Cases from before there was a sealed queue; up to 1,000."""
    some = (
        sa.select(col(Case.id))
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(col(Case.category).in_(IN_CONFIDENCE), col(Queue.sealed).is_(False), col(Case.closed_at).is_(None))
        .limit(MOST_COUNTED)
    )
    return int(session.connection().execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one())
