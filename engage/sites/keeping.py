"""Keeping things of a description as rows: found by their keys, made or changed, and counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from engage.models import SettingsVersion
from engage.sites.reading import DescriptionError

#: What one thing of a table is called in a sentence.
_SINGULAR = {
    "authorities": "authority",
    "units": "unit",
    "queues": "queue",
    "sites": "site",
    "zones": "zone",
    "calendars": "calendar",
}


def count_up(session: Session, part: str) -> None:
    """Count a change of a part of the settings; whoever changes it too waits until this transaction ends."""
    connection = session.connection()
    counted = connection.execute(
        sa.update(SettingsVersion)
        .where(col(SettingsVersion.part) == part)
        .values(number=col(SettingsVersion.number) + 1)
    )
    if counted.rowcount == 0:  # where the table was emptied; the migration fills it
        connection.execute(sa.insert(SettingsVersion).values(part=part, number=1))


class Keeping:
    """What is written, and the ids of what it belongs to, which may be here from before."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._ids: dict[tuple[str, str, int], int] = {}
        self.counts: Counter[str] = Counter()
        self.new: Counter[str] = Counter()

    def id_of(self, model: type[SQLModel], slug: str, site_id: int = 0) -> int:
        """The id of what has this slug (a zone: at a site). Raises `DescriptionError` where there is none."""
        key = (str(model.__tablename__), slug, site_id)
        if key not in self._ids:
            by = {"slug": slug, "site_id": site_id} if site_id else {"slug": slug}
            row: Any = self.session.exec(select(model).filter_by(**by)).first()
            if row is None or getattr(row, "retired_at", None) is not None:
                raise DescriptionError(f"there is no {_SINGULAR[key[0]]} {slug}")
            self._ids[key] = row.id
        return self._ids[key]

    def keep(self, model: type[SQLModel], by: dict[str, Any], **values: Any) -> int:
        """The id of the row that has these keys, made or changed to hold these values; 0 where it has no id."""
        table = str(model.__tablename__)
        row: Any = self.session.exec(select(model).filter_by(**by)).first()
        self.counts[table] += 1
        if row is None:
            self.new[table] += 1
            row = model(**by, **values)
            self.session.add(row)
        else:
            for name, value in values.items():
                setattr(row, name, value)
        self.session.flush()
        return int(getattr(row, "id", 0) or 0)
