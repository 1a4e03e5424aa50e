"""Builds what tests need: settings, a small port with two authorities, and reports in it."""

from __future__ import annotations

import functools
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlmodel import Session, SQLModel, select

from engage import accounts, intake
from engage.accounts import Officer
from engage.base32 import check_character
from engage.config import Settings
from engage.db import Database, add_row
from engage.delivery import Postroom
from engage.gateways import Gateway
from engage.installation import Installation
from engage.intake import Receipt, ReportArrival
from engage.migrations.steps import migrate
from engage.models import Authority, DutyRule, Place, Poster, Queue, Site, Staff, StaffUnit, Unit, Zone
from engage.outbox import LEASE, Parcel
from engage.taxonomy import Carrier, Category, Responder, Role, Severity, SiteKind
from tests.fakes.twilio import FakeTwilio

SECRET = "a-secret-for-tests-only-0123456789-abcdef"
PASSWORD = "green-harbour-lamp"
OUR_NUMBERS = ("+441632960100", "whatsapp:+441632960101")
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)

#: What triage is sure about, by what it says of it.
GUN = "A man with a gun is shooting at people near the gate"
OPEN_FENCE = "There is a hole in the fence behind the container yard and people climb through it"
BRIBE = "A guard takes bribes and lets people through without a check"
IVORY = "They hide ivory and live pangolins in a container"
LOST_HAT = "I lost my hat"


@dataclass(frozen=True)
class Port:
    """The ids of a small seaport, by the slugs of its parts, and the codes of its posters."""

    site: int
    queues: dict[str, int]
    places: dict[str, int]
    codes: dict[str, str]
    staff: dict[str, int]

    def officer(self, session: Session, login: str) -> Officer:
        """The officer of a login."""
        found = accounts.officer_by_login(session, login)
        assert found is not None
        return found


def settings(data_dir: Path = Path("data"), **others: Any) -> Settings:
    """Settings that can work, whatever the environment says."""
    values: dict[str, Any] = {"secret_key": SECRET, "data_dir": data_dir, "public_url": "http://127.0.0.1:8000"}
    values |= {"reports_a_minute": 1_000_000, **others}
    if values["public_url"].startswith("http://127.0.0.1"):  # elsewhere it cannot be merely offered
        values = {"second_step": "offered", **values}
    return Settings(**values)


def with_provider(chosen: Settings, twilio: FakeTwilio, **others: Any) -> Settings:
    """The same settings with a provider of texts, who is a fake one of this machine."""
    account = {
        "twilio_account_sid": twilio.account,
        "twilio_auth_token": twilio.token,
        "twilio_number": ",".join(OUR_NUMBERS),
        "twilio_api_url": twilio.url,
    }
    return chosen.model_copy(update={**account, **others})


def environment(chosen: Settings) -> dict[str, str]:
    """The settings as another process reads them."""
    return {f"ENGAGE_{name.upper()}": str(value) for name, value in chosen if value not in (None, False)} | {
        "ENGAGE_DEMO": str(int(chosen.demo))
    }


def migrated(chosen: Settings) -> None:
    """Bring the database of some settings to the newest tables."""
    database = Database(chosen)
    migrate(database)
    database.dispose()


@functools.cache
def password_hash() -> str:
    """The hash of `PASSWORD`, with the lowest costs that argon2 knows."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def code(payload: str) -> str:
    """The poster code with this payload of four characters."""
    return payload + check_character(payload)


def port(session: Session) -> Port:
    """A seaport: the port police with two open units and a sealed one, and customs; three posters, one retired.

    | login | authority | role | unit |
    |---|---|---|---|
    | ana | police | officer | marine |
    | ben | police | officer | gates |
    | sue | police | supervisor | gates |
    | ida | police | officer | integrity (sealed) |
    | carl | customs | officer | border |
    | gone | police | officer, no longer active | marine |
    """
    queues, units, authorities = _authorities(session)
    site, places = _site(session, queues["control"])
    _duties(session, site, queues, places)
    codes = {"gate": code("B7K4"), "berth": code("M2Q9"), "old": code("7ZZZ")}
    for name, place in (("gate", "gate"), ("berth", "berth"), ("old", "gate")):
        retired = NOON if name == "old" else None
        add_row(session, Poster, code=codes[name], place_id=places[place], version=1, retired_at=retired)
    staff = {
        login: _member(session, login, authorities[authority], units[unit], role, active)
        for login, authority, role, unit, active in (
            ("ana", "police", Role.OFFICER, "marine", True),
            ("ben", "police", Role.OFFICER, "gates", True),
            ("sue", "police", Role.SUPERVISOR, "gates", True),
            ("ida", "police", Role.OFFICER, "integrity", True),
            ("carl", "customs", Role.OFFICER, "border", True),
            ("gone", "police", Role.OFFICER, "marine", False),
        )
    }
    return Port(site, queues, places, codes, staff)


def with_port(chosen: Settings) -> Port:
    """The small port, in the database of some settings."""
    database = Database(chosen)
    with database.transaction() as session:
        made = port(session)
    database.dispose()
    return made


def report(
    installation: Installation,
    text: str = GUN,
    *,
    code: str | None = "B7K4X",
    key: str | None = None,
    now: datetime = NOON,
    **others: Any,
) -> Receipt:
    """A report that came in at the gate's poster, or where `code` says."""
    return intake.take_report(
        installation, ReportArrival(text=text, key=key or secrets.token_urlsafe(16), code=code, **others), now
    )


def rows(installation: Installation, model: type[SQLModel]) -> list[Any]:
    """Every row of a table, oldest first."""
    with installation.database.reading() as session:
        found = list(session.exec(select(model).order_by(*model.__table__.primary_key)))  # type: ignore[attr-defined]
        session.expunge_all()
        return found


def _authorities(session: Session) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    authorities = {
        slug: add_row(session, Authority, slug=slug, name=name)
        for slug, name in (("police", "Port Police"), ("customs", "Customs Service"))
    }
    units, queues = {}, {}
    for slug, authority, responder, mailbox, own in (
        ("marine", "police", Responder.POLICE, "marine@port.example", ("marine",)),
        ("gates", "police", Responder.SECURITY, None, ("gates", "control")),
        ("integrity", "police", Responder.INTEGRITY, "integrity@port.example", ("integrity",)),
        ("border", "customs", Responder.BORDER, "border@customs.example", ("border",)),
    ):
        units[slug] = add_row(
            session,
            Unit,
            slug=slug,
            name=slug.capitalize(),
            authority_id=authorities[authority],
            responder=responder,
            mailbox=mailbox,
        )
        for queue in own:
            queues[queue] = add_row(
                session,
                Queue,
                slug=queue,
                name=f"{queue.capitalize()} queue",
                unit_id=units[slug],
                authority_id=authorities[authority],
                sealed=queue == "integrity",
            )
    return queues, units, authorities


def _site(session: Session, fallback_queue_id: int) -> tuple[int, dict[str, int]]:
    site = add_row(
        session,
        Site,
        slug="harbour",
        name="Harbour",
        names={"fr": "Le Port"},
        kind=SiteKind.SEAPORT,
        timezone="Asia/Manila",
        emergency_number="911",
        desk_number=None,
        fallback_queue_id=fallback_queue_id,
    )
    places = {}
    for zone_slug, place_slug, name in (("hall", "gate", "Gate B12"), ("pier", "berth", "Berth 7")):
        zone = add_row(session, Zone, site_id=site, slug=zone_slug, name=zone_slug.capitalize(), names={})
        places[place_slug] = add_row(
            session,
            Place,
            site_id=site,
            zone_id=zone,
            slug=place_slug,
            name=name,
            names={},
            detail="left of the lift",
            emergency_number=None,
            desk_number=None,
        )
    return site, places


def _duties(session: Session, site: int, queues: dict[str, int], places: dict[str, int]) -> None:
    rules: tuple[tuple[str, str, Responder | None, Category | None, Severity | None], ...] = (
        ("integrity", "integrity", Responder.INTEGRITY, None, None),
        ("customs", "border", Responder.BORDER, None, None),
        ("police", "marine", Responder.POLICE, None, None),
        ("security", "gates", Responder.SECURITY, None, None),
        ("grave-fires", "gates", None, Category.FIRE_HAZMAT, Severity.HIGH),
    )
    for position, (slug, queue, responder, category, severity) in enumerate(rules):
        add_row(
            session,
            DutyRule,
            position=position,
            slug=slug,
            site_id=site,
            zone_id=None,
            responder=responder,
            category=category,
            severity=severity,
            from_time=None,
            to_time=None,
            queue_id=queues[queue],
            shadow=False,
        )


def _member(session: Session, login: str, authority: int, unit: int, role: Role, active: bool) -> int:
    staff_id = add_row(
        session,
        Staff,
        login=login,
        name=f"Officer {login.capitalize()}",
        authority_id=authority,
        role=role,
        password_hash=password_hash(),
        active=active,
    )
    session.connection().execute(StaffUnit.__table__.insert(), {"staff_id": staff_id, "unit_id": unit})  # type: ignore[attr-defined]
    return staff_id


def postroom(installation: Installation, gateway: Gateway, most_segments_a_day: int = 1000) -> Postroom:
    """The postroom of an installation in which one gateway carries everything."""
    gateways = dict.fromkeys(Carrier, gateway)
    return Postroom(installation.database, installation.vault, gateways, most_segments_a_day)


def parcel(number: int = 1, body: str = "A case waits.", attempts: int = 1, **others: Any) -> Parcel:
    """A claimed row of the outbox: a mail to a desk, unless told otherwise."""
    values: dict[str, Any] = {
        "recipient": "desk@port.example",
        "subject": "Case",
        "carrier": Carrier.MAIL,
        "sender": None,
        "first_tried_at": NOON,
        "leased_until": NOON + LEASE,
        "callback_key": "0" * 32,
        "case_id": None,
        "contact_id": None,
    }
    return Parcel(id=number, body=body, attempts=attempts, **{**values, **others})
