"""Cases as a page shows them, one row each: what, where, how urgent, how its promises stand, and who holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from engage.models import Case, Place, Queue, Report, Site, Staff, Zone
from engage.posters.register import Named
from engage.taxonomy import CaseStatus, Category, Severity

EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Row:
    """One case as a page shows it, with its promises. `excerpt` begins the first report of `reports`.

    `perhaps_same`: a proposal to make it one with another case is open.
    """

    id: int
    reference: str
    version: int
    queue: str
    queue_slug: str
    status: CaseStatus
    category: Category
    severity: Severity
    urgency: int
    reporter_waits: bool
    opened_at: datetime
    acknowledge_by: datetime | None
    respond_by: datetime | None
    resolve_by: datetime | None
    acknowledged_at: datetime | None
    responded_at: datetime | None
    closed_at: datetime | None
    paused_at: datetime | None
    due_at: datetime | None
    risk_at: datetime | None
    incident_at: datetime | None
    site: Named
    timezone: str
    zone: Named | None
    place: Named | None
    holder: str | None
    excerpt: str = ""
    language: str = ""
    reports: int = 1
    perhaps_same: bool = False


def read(session: Session, ids: Sequence[int]) -> list[Row]:
    """The rows of cases, in the order of their ids here."""
    found = {row.id: row for row in session.connection().execute(_ROWS.where(col(Case.id).in_(ids)))} if ids else {}
    return _with_reports(session, [_row(found[case_id]) for case_id in ids if case_id in found])


_COPIED = tuple(
    col(getattr(Case, name))
    for name in Row.__dataclass_fields__
    if name in Case.model_fields and name not in ("queue", "site", "place", "holder")
)
_ROWS: sa.Select[Any] = (
    sa.select(
        *_COPIED,
        col(Queue.name).label("queue"),
        col(Queue.slug).label("queue_slug"),
        col(Site.name).label("site_name"),
        col(Site.names).label("site_names"),
        col(Site.timezone),
        col(Zone.name).label("zone_name"),
        col(Zone.names).label("zone_names"),
        col(Place.name).label("place_name"),
        col(Place.names).label("place_names"),
        col(Staff.name).label("holder"),
    )
    .select_from(Case)
    .join(Queue, col(Queue.id) == Case.queue_id)
    .join(Site, col(Site.id) == Case.site_id)
    .outerjoin(Place, col(Place.id) == Case.place_id)
    .outerjoin(Zone, col(Zone.id) == Place.zone_id)
    .outerjoin(Staff, col(Staff.id) == Case.holder_id)
)
_NAMED = ("site", "zone", "place")


def _row(row: sa.Row[Any]) -> Row:
    values = dict(row._mapping)
    for one in _NAMED:
        name, names = values.pop(f"{one}_name"), values.pop(f"{one}_names")
        values[one] = Named(name, names) if name else None
    return Row(**values)


def _with_reports(session: Session, rows: Sequence[Row]) -> list[Row]:
    """The rows with the beginning of their first report, and how many reports each holds."""
    counted = (
        sa.select(sa.func.min(Report.id).label("first"), sa.func.count().label("reports"))
        .where(col(Report.case_id).in_([row.id for row in rows]))
        .group_by(col(Report.case_id))
        .subquery()
    )
    beginning = sa.func.substr(Report.text, 1, 2 * EXCERPT).label("beginning")
    query = sa.select(col(Report.case_id), beginning, col(Report.language), counted.c.reports).join(
        counted, col(Report.id) == counted.c.first
    )
    found = {row.case_id: row for row in session.connection().execute(query)} if rows else {}
    return [
        replace(row, excerpt=excerpt(report.beginning), language=report.language, reports=report.reports)
        if (report := found.get(row.id))
        else row
        for row in rows
    ]


def excerpt(text: str) -> str:
    """The beginning of a text on one line, about 120 characters of it, cut between words where there are any."""
    line = " ".join(text.split())
    if len(line) <= EXCERPT:
        return line
    cut = line[: EXCERPT - 1]
    space = cut.rfind(" ", EXCERPT * 2 // 3)
    return (cut[:space] if space > 0 else cut) + "…"
