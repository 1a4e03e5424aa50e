"""Telling supervisors of warnings: each once; what may be a crime at once, the rest at most once a day at a site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import outbox, poster_words
from engage.db import Database
from engage.languages import say_time
from engage.models import Authority, Place, Poster, PosterWarning, Queue, Site, Staff, Unit, Zone
from engage.posters import watching
from engage.posters.register import Named, named, with_names
from engage.taxonomy import PosterTrouble, Role, Severity

#: Somebody may be misusing a poster: this is told with the next look.
URGENT: Final = frozenset(
    {PosterTrouble.STICKER, PosterTrouble.SILENT, PosterTrouble.IMPOSSIBLE_RHYTHM, PosterTrouble.MORE_TYPED}
)
DIGEST_EVERY: Final = timedelta(days=1)
MOST_NAMED: Final = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """A warning that stands, with where its poster hangs."""

    id: int
    site_id: int
    site_slug: str
    site: Named
    timezone: str
    code: str
    place: Named
    zone: Named
    kind: PosterTrouble
    since: datetime
    counted: int
    against: float
    raised_at: datetime

    def reason(self) -> str:
        """The reason of the warning, in English, with its `%(name)s` still open."""
        return poster_words.REASONS[self.kind]


def standing(session: Session, which: sa.ColumnElement[bool]) -> list[Standing]:
    """Warnings that stand, the gravest and oldest first."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            col(PosterWarning.id),
            col(Site.id).label("site_id"),
            col(Site.slug).label("site_slug"),
            *named(Site, "site"),
            col(Site.timezone),
            col(Poster.code),
            *named(Place, "place"),
            *named(Zone, "zone"),
            col(PosterWarning.kind),
            col(PosterWarning.since),
            col(PosterWarning.counted),
            col(PosterWarning.against),
            col(PosterWarning.raised_at),
        )
        .select_from(PosterWarning)
        .join(Poster, col(Poster.id) == PosterWarning.poster_id)
        .join(Place, col(Place.id) == Poster.place_id)
        .join(Zone, col(Zone.id) == Place.zone_id)
        .join(Site, col(Site.id) == Place.site_id)
        .where(col(PosterWarning.ended_at).is_(None), which)
        .order_by(col(Site.id), col(PosterWarning.id))
    )
    found = [Standing(**with_names(row)) for row in session.connection().execute(query)]
    order = list(PosterTrouble)
    return sorted(found, key=lambda one: order.index(one.kind))


def look_and_tell(database: Database, now: datetime) -> None:
    """Judge all posters, and write to the supervisors of the sites where there is something new to tell."""
    watching.look(database, now)
    with database.reading() as session:
        untold = standing(session, col(PosterWarning.told_at).is_(None))
    if untold:
        with database.transaction() as session:
            tell(session, now)


def tell(session: Session, now: datetime) -> int:
    """Write one mail to each supervisor of a site for what is new there; give how many warnings were told."""
    untold = standing(session, col(PosterWarning.told_at).is_(None))
    told = 0
    for site_id in dict.fromkeys(one.site_id for one in untold):
        new = [one for one in untold if one.site_id == site_id]
        mailboxes = _mailboxes(session, site_id)
        urgent = any(one.kind in URGENT for one in new)
        if not mailboxes or not (urgent or _is_time(session, site_id, now)):
            continue
        mine = _claimed(session, new, now)
        for mailbox in sorted(mailboxes) if mine else ():
            outbox.put(
                session,
                case_id=None,
                recipient=mailbox,
                subject=f"Posters at {mine[0].site.name}: {len(mine)} {'warnings' if len(mine) > 1 else 'warning'}",
                body=_body(mine),
                severity=Severity.HIGH if urgent else Severity.LOW,
                now=now,
            )
        told += len(mine)
    return told


def _is_time(session: Session, site_id: int, now: datetime) -> bool:
    """Whether a day has passed since anything of a site was told."""
    last = (
        sa.select(sa.func.max(col(PosterWarning.told_at)))
        .join(Poster, col(Poster.id) == PosterWarning.poster_id)
        .join(Place, col(Place.id) == Poster.place_id)
        .where(col(Place.site_id) == site_id)
    )
    told_at = session.connection().execute(last).scalar_one()
    return told_at is None or now - told_at >= DIGEST_EVERY


def _claimed(session: Session, new: Sequence[Standing], now: datetime) -> list[Standing]:
    """Those that nobody else tells of meanwhile."""
    taken = (
        sa.update(PosterWarning)
        .where(col(PosterWarning.id).in_([one.id for one in new]), col(PosterWarning.told_at).is_(None))
        .values(told_at=now)
        .returning(col(PosterWarning.id))
    )
    ids = set(session.connection().scalars(taken))
    return [one for one in new if one.id in ids]


def _mailboxes(session: Session, site_id: int) -> set[str]:
    """Where the supervisors of a site's authority read; else its duty manager, else the unit of its fallback queue."""
    query = (
        sa.select(col(Queue.authority_id), col(Authority.duty_mailbox), col(Unit.mailbox))
        .select_from(Site)
        .join(Queue, col(Queue.id) == Site.fallback_queue_id)
        .join(Unit, col(Unit.id) == Queue.unit_id)
        .join(Authority, col(Authority.id) == Queue.authority_id)
        .where(col(Site.id) == site_id)
    )
    row = session.connection().execute(query).one()
    supervisors = sa.select(col(Staff.mailbox)).where(
        col(Staff.authority_id) == row.authority_id,
        col(Staff.role) == Role.SUPERVISOR,
        col(Staff.active).is_(True),
        col(Staff.mailbox).is_not(None),
    )
    found = {str(mailbox) for mailbox in session.connection().scalars(supervisors)}
    return found or {mailbox for mailbox in (row.duty_mailbox or row.mailbox,) if mailbox}


def _body(told: Iterable[Standing]) -> str:
    lines = [f"{one.code}, {one.place.name} ({one.zone.name}): {_reason(one)}" for one in told]
    if len(lines) > MOST_NAMED:
        lines[MOST_NAMED:] = [f"and {len(lines) - MOST_NAMED} more"]
    return "\n".join([*lines, "Sign in at the desk and open “Posters”; an inspection there ends what it has mended."])


def _reason(one: Standing) -> str:
    since = say_time("en", one.since, one.timezone)
    return one.reason() % {"since": since, "counted": one.counted, "against": round(one.against)}
