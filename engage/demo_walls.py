"""The demo's walls: when its posters were printed and inspected, and how often each was scanned in the weeks before."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import exp
from pathlib import Path
from typing import Final

from pydantic import Field
from sqlmodel import Session, col, select

from engage import accounts
from engage.db import add_rows
from engage.demo import Duration
from engage.installation import Installation
from engage.models import Poster, PosterScan
from engage.posters import inspections, printing, watching
from engage.posters.inspections import Found
from engage.sites.reading import DescriptionError, read_entries
from engage.sites.values import Entry
from engage.taxonomy import Condition

DAYS: Final = 33
#: How the scans of a day are spread over its hours, in UTC.
RHYTHM: Final = (1, 0, 0, 0, 1, 4, 9, 10, 9, 7, 6, 6, 7, 7, 6, 6, 8, 10, 9, 7, 5, 4, 3, 2)


class WallHad(Entry):
    """Posters, so often scanned on a day, printed and inspected so long ago; `silent`: not scanned for so long."""

    codes: tuple[str, ...]
    daily: float = Field(ge=0, le=500)
    silent: Duration | None = None
    printed: Duration
    inspected: Duration | None = None
    by: str = ""
    found: Condition = Condition.IN_PLACE
    note: str = ""
    design: str = "general"


def read_walls(folder: Path) -> tuple[WallHad, ...]:
    """The posters of walls.yaml in a folder. Raises `DescriptionError`."""
    return read_entries(folder / "walls.yaml", tuple[WallHad, ...])


def begin_walls(installation: Installation, had: Sequence[WallHad], now: datetime) -> int:
    """Write what the posters have behind them, and give how many were new; one that was ever scanned is left as it is.

    Raises `DescriptionError` for a poster or a member of staff that there is not.
    """
    with installation.database.transaction() as session:
        known = set(session.exec(select(Poster.code).join(PosterScan, col(PosterScan.poster_id) == Poster.id)))
        new = [(one, code) for one in had for code in one.codes if code not in known]
        for one, code in new:
            _begin(installation, session, one, code, now)
    watching.look(installation.database, now)
    return len(new)


def _begin(installation: Installation, session: Session, one: WallHad, code: str, now: datetime) -> None:
    poster_id = session.exec(select(Poster.id).where(Poster.code == code)).first()
    if poster_id is None:
        raise DescriptionError(f"walls.yaml: there is no poster {code}")
    add_rows(session, PosterScan, _scans(poster_id, one, random.Random(code), now))  # noqa: S311 - invented figures
    printing.note_printed(session, [code], one.design, "A4", "en,ar,es", now - one.printed)
    if one.inspected is None:
        return
    officer = accounts.officer_by_login(session, one.by)
    if officer is None:
        raise DescriptionError(f"walls.yaml: there is no {one.by}")
    found = Found(key=f"demo-{code}", condition=one.found, note=one.note)
    inspections.inspect(session, installation.vault, officer, code, found, now - one.inspected)


def _scans(poster_id: int, one: WallHad, rng: random.Random, now: datetime) -> list[dict[str, object]]:
    """A row for each hour with scans: a rhythm of days and weeks, and days that differ."""
    last = now - (one.silent or timedelta())
    rows: list[dict[str, object]] = []
    first = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    for day in range(DAYS + 1):
        at = first + timedelta(days=day)
        busy = one.daily * rng.lognormvariate(0, 0.25) * (0.7 if at.weekday() >= 5 else 1) / sum(RHYTHM)
        for hour, share in enumerate(RHYTHM):
            start = at + timedelta(hours=hour)
            scans = _drawn(rng, busy * share)
            if scans and start + timedelta(hours=1) <= last:
                rows.append(
                    {"poster_id": poster_id, "hour": start, "scans": scans, "typed": 0, "outdated": 0, "elsewhere": 0}
                )
    return rows


def _drawn(rng: random.Random, mean: float) -> int:
    """A number by chance around a mean (Poisson, by Knuth's way)."""
    least, product, count = exp(-mean), rng.random(), 0
    while product > least:
        product *= rng.random()
        count += 1
    return count
