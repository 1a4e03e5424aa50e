"""The routing table as it is kept: the rules that decide, and those that are only tried in the shadow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from engage.db import add_rows
from engage.duty_table import Shadow
from engage.models import DutyRule, Queue, ShadowRoute
from engage.prepared import Prepared
from engage.routing import Duty, Route
from engage.taxonomy import FIRST_RESPONDER, Category


@dataclass(frozen=True, slots=True)
class Table:
    """Rules in their order: those that decide, and those beside them in the shadow."""

    duties: list[Duty]
    shadows: list[Shadow]


def duties_for(session: Session, category: Category, site_id: int) -> list[Duty]:
    """The rules that can match a category at a site, in their order."""
    return table_for(session, category, site_id).duties


def table_for(session: Session, category: Category, site_id: int) -> Table:
    """The same with the rules in the shadow. One question brings both, so where there is no shadow it costs nothing."""
    return _table(_DUTIES.rows(session, site_id=site_id, category=category, responder=FIRST_RESPONDER[category]))


def whole_table(session: Session) -> Table:
    """Every rule there is."""
    return _table(_ALL.rows(session))


def note_shadows(session: Session, report_id: int, chosen: Route, now: datetime) -> None:
    """Note which rules in the shadow would have sent a report elsewhere."""
    add_rows(
        session,
        ShadowRoute,
        [
            {
                "rule_id": rule_id,
                "report_id": report_id,
                "queue_id": chosen.queue_id,
                "shadow_queue_id": queue_id,
                "at": now,
            }
            for rule_id, queue_id in chosen.otherwise
        ],
    )


def _table(rows: list[Any]) -> Table:
    duties: list[Duty] = []
    shadows: list[Shadow] = []
    by_id = {row.id: row.slug for row in rows}
    for row in rows:
        if row.shadow:
            shadows.append(Shadow(row.id, _duty(row), len(duties), by_id.get(row.replaces_id)))
        else:
            duties.append(_duty(row))
    return Table(duties, shadows)


def _duty(row: Any) -> Duty:
    return Duty(*row[:_CELLS])


_COLUMNS: tuple[Any, ...] = (
    DutyRule.slug,
    DutyRule.queue_id,
    DutyRule.site_id,
    DutyRule.zone_id,
    DutyRule.responder,
    DutyRule.category,
    DutyRule.severity,
    DutyRule.from_time,
    DutyRule.to_time,
    Queue.sealed,
)
_CELLS = len(_COLUMNS)
_EVERY = (
    sa.select(*(col(column) for column in (*_COLUMNS, DutyRule.id, DutyRule.shadow, DutyRule.replaces_id)))
    .join(Queue, col(Queue.id) == DutyRule.queue_id)
    .order_by(col(DutyRule.position))
)
_ALL = Prepared(_EVERY)
_DUTIES = Prepared(
    _EVERY.where(
        sa.or_(col(DutyRule.site_id).is_(None), col(DutyRule.site_id) == sa.bindparam("site_id")),
        sa.or_(col(DutyRule.category).is_(None), col(DutyRule.category) == sa.bindparam("category")),
        sa.or_(col(DutyRule.responder).is_(None), col(DutyRule.responder) == sa.bindparam("responder")),
    )
)
