"""The small port with one of every role and one of everything that somebody may see and somebody else may not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlmodel import Session, col, select

from engage import accounts, offering
from engage.accounts import Officer
from engage.db import add_row
from engage.installation import Installation
from engage.models import (
    Attachment,
    Authority,
    Case,
    FloorPlan,
    Place,
    PlacePhoto,
    PlanPin,
    Queue,
    Referral,
    Report,
    SettingsChange,
    Site,
    Staff,
    StaffUnit,
    Unit,
)
from engage.offering import To
from engage.permissions import Kept, Right, may_at
from engage.referrals import Terms
from engage.shared_copies import Chosen
from engage.taxonomy import AttachmentStatus, Handling, Responder, Role
from tests import make
from tests.functional.staff_browser import Desk

#: A well-formed reference, slug and number of nothing.
ABSENT, NO_SLUG, NO_NUMBER = "EN-0000-0", "no-such-thing", "999999"
NOBODY = "anonymous"
#: login: authority, role, unit. Those of `make.port` are here as well.
MORE: Mapping[str, tuple[str, Role, str | None]] = {
    "adm": ("police", Role.ADMINISTRATOR, None),
    "una": ("police", Role.ANALYST, "marine"),
    "cora": ("customs", Role.SUPERVISOR, "border"),
    "cass": ("customs", Role.ADMINISTRATOR, "border"),
    "fay": ("fire", Role.SUPERVISOR, "engines"),
}
VISITORS = (NOBODY, "ana", "ben", "sue", "ida", "carl", *MORE)


@dataclass(frozen=True)
class Thing:
    """What stands in the holes of an address, and who may see what is there."""

    values: Mapping[str, str]
    seen_by: Callable[[Officer], bool] = lambda _officer: False


class Browser(Desk):
    """A browser that keeps the token of its forms, and how a page that there is none of is answered, by method."""

    def __init__(self, app: Flask, login: str) -> None:
        super().__init__(app, login)
        self.token = ""
        self.no_pages: dict[str, tuple[int, str, str]] = {}


@dataclass
class World:
    """An application with one of everything, and the browser of everybody."""

    app: Flask
    installation: Installation
    references: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    desks: dict[str, Browser] = field(default_factory=dict)
    officers: dict[str, Officer] = field(default_factory=dict)

    def sees(self, queue: str, right: Right) -> Callable[[Officer], bool]:
        """Whether a right of somebody reaches to a queue."""
        return lambda officer: may_at(officer, right, self.kept[queue]).allowed


def build(app: Flask, installation: Installation) -> World:
    """The port with everything in it, and everybody signed in."""
    world = World(app, installation)
    moment = datetime.now(UTC) - timedelta(minutes=5)
    texts = {"own": make.GUN, "other": make.OPEN_FENCE, "foreign": make.IVORY, "sealed": make.BRIBE}
    for name, text in texts.items():
        world.references[name] = make.report(installation, text, now=moment).reference
    with installation.database.transaction() as session:
        _staff(session)
        for queue in session.exec(select(Queue)):
            world.kept[queue.slug] = Kept(queue.authority_id, queue.unit_id, queue.sealed)
        _files(session, world)
        _change(session, world)
        _plan(session, world)
    for login in VISITORS:
        world.desks[login] = Browser(app, login)
        if login != NOBODY:
            assert world.desks[login].signs_in().status_code == 303
    with installation.database.reading() as session:
        for login in VISITORS[1:]:
            found = accounts.officer_by_login(session, login)
            assert found is not None
            world.officers[login] = found
    _referral(world)
    return world


def _staff(session: Session) -> None:
    fire = add_row(session, Authority, slug="fire", name="Fire Service", duty_mailbox=None, retired_at=None)
    engines = Unit(authority_id=fire, slug="engines", name="Engines", responder=Responder.FIRE)
    session.add(engines)
    session.flush()
    session.add(Queue(unit_id=engines.id or 0, authority_id=fire, slug="engines", name="Engines queue"))
    authorities = dict(session.exec(select(Authority.slug, Authority.id)).all())
    units = dict(session.exec(select(Unit.slug, Unit.id)).all())
    for login, (authority, role, unit) in MORE.items():
        member = Staff(
            login=login,
            name=f"Officer {login.capitalize()}",
            authority_id=authorities[authority] or 0,
            role=role,
            password_hash=make.password_hash(),
        )
        session.add(member)
        session.flush()
        if unit:
            session.add(StaffUnit(staff_id=member.id or 0, unit_id=units[unit] or 0))


def _files(session: Session, world: World) -> None:
    """A file in every case."""
    content = world.installation.vault.seal("attachment", b"words in a file")
    for name, reference in world.references.items():
        report = session.exec(select(Report).where(Report.reference == reference)).one()
        file = Attachment(
            report_id=report.id or 0,
            message_id=None,
            position=0,
            content_type="text/plain",
            source=f"https://provider.example/{name}",
            status=AttachmentStatus.STORED,
            attempts=1,
            due_at=make.NOON,
            arrived_at=make.NOON,
            sealed_content=content,
            sealed_thumb=world.installation.vault.seal("attachment-thumb", b"a small picture"),
            as_evidence=True,
            size=15,
        )
        session.add(file)
        session.flush()
        world.numbers[f"file {name}"] = file.id or 0


def _change(session: Session, world: World) -> None:
    """A change of a setting of each authority."""
    for slug in ("police", "customs"):
        authority_id = session.exec(select(Authority.id).where(Authority.slug == slug)).one()
        change = SettingsChange(at=make.NOON, authority_id=authority_id, kind="units", name="marine")
        session.add(change)
        session.flush()
        world.numbers[f"change {slug}"] = change.id or 0


def _plan(session: Session, world: World) -> None:
    """A floor plan of the port, and a photo of a place."""
    site_id = session.exec(select(Site.id)).one()
    plan = FloorPlan(
        site_id=site_id or 0,
        name="Hall",
        content_type="image/svg+xml",
        sealed_content=world.installation.vault.seal("floor-plan", b"<svg/>"),
        width=200,
        height=100,
        changed_at=make.NOON,
    )
    session.add(plan)
    session.flush()
    world.numbers["plan"] = plan.id or 0
    gate = session.exec(select(Place.id).where(Place.slug == "gate")).one() or 0
    session.add(PlanPin(plan_id=plan.id or 0, place_id=gate, x=0.5, y=0.25))
    session.add(PlacePhoto(place_id=gate, picture=b"a picture", width=4, height=3, changed_at=make.NOON))


def _referral(world: World) -> None:
    """A second case of the marine unit, which customs are asked to take."""
    offered = make.report(world.installation, make.GUN, now=datetime.now(UTC)).reference
    with world.installation.database.transaction() as session:
        offering.offer(
            session,
            world.officers["ana"],
            offered,
            datetime.now(UTC),
            opened=world.installation,
            to=To(authority="customs"),
            terms=Terms(purpose="It is yours.", handling=Handling.AMBER, lasts=timedelta(days=1)),
            chosen=Chosen(),
        )
        world.numbers["referral"] = session.exec(select(Referral.id).order_by(col(Referral.id).desc())).first() or 0
        case = session.exec(select(Case).where(Case.reference == offered)).one()
    world.references["offered"] = case.reference
