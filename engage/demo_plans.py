"""The demo's floor plans: a drawing for each site, with a pin for each of its places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field
from sqlmodel import col, select

from engage import accounts
from engage.installation import Installation
from engage.models import FloorPlan, Site
from engage.plans import files, keeping
from engage.plans.keeping import PlanMissing, Spot
from engage.sites.reading import DescriptionError, read_entries
from engage.sites.values import Entry

_Hundredths = Annotated[float, Field(ge=0, le=100)]


class DemoPlan(Entry):
    """A plan of a site in a file beside this one, with the pins of places: hundredths from the left and the top."""

    site: str
    name: str
    file: str
    by: str
    pins: dict[str, tuple[_Hundredths, _Hundredths]]


def read_plans(folder: Path) -> tuple[DemoPlan, ...]:
    """The plans of plans.yaml in a folder. Raises `DescriptionError`."""
    return read_entries(folder / "plans.yaml", tuple[DemoPlan, ...])


def hang_plans(installation: Installation, folder: Path, plans: Sequence[DemoPlan], now: datetime) -> int:
    """Add the plans of sites that have none yet, and give how many those are. Raises `DescriptionError`."""
    with installation.database.transaction() as session:
        query = select(Site.slug).join(FloorPlan, col(FloorPlan.site_id) == Site.id)
        there = set(session.exec(query))
        new = [one for one in plans if one.site not in there]
        for one in new:
            officer = accounts.officer_by_login(session, one.by)
            if officer is None:
                raise DescriptionError(f"plans.yaml: there is no {one.by}")
            file = files.examined((folder / one.file).read_bytes())
            vault = installation.vault
            try:
                plan_id = keeping.add(session, vault, officer, now, one.site, "", one.name, file)
            except PlanMissing:
                raise DescriptionError(f"plans.yaml: {one.by} has no site {one.site}") from None
            spots = {place: Spot(x / 100, y / 100) for place, (x, y) in one.pins.items()}
            keeping.change(session, vault, officer, now, plan_id, seen=1, name=one.name, spots=spots)
        return len(new)
