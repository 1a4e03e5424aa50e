"""Publishing the head of the trail, by hand or once a day, to somebody who keeps it where we cannot reach it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit, heads, outbox
from engage.config import Settings
from engage.gateways import GatewayDown
from engage.gateways.witness import AddressWitness, FileWitness
from engage.installation import Installation
from engage.models import AuditEntry
from engage.taxonomy import Act, Severity
from engage.vault import Vault

EVERY: Final = timedelta(hours=24)
MAILTO: Final = "mailto:"
_KEY: Final = "audit-head"


@dataclass(frozen=True, slots=True)
class Published:
    """A head as a line, and what became of each place it went to: nothing, or why it did not get there."""

    line: str
    troubles: dict[str, str]


def signing_key(vault: Vault) -> str:
    """By which anybody checks that a head is ours."""
    return heads.public_key(vault.key_for(_KEY))


def line_of(session: Session, vault: Vault, now: datetime) -> str:
    """The head as it is now, signed."""
    head = audit.head(session)
    return heads.written(vault.key_for(_KEY), installation_of(session), head.number, head.hash, now)


def installation_of(session: Session) -> str:
    """What the first entry calls this installation."""
    first = session.exec(select(AuditEntry.about).where(AuditEntry.id == 1)).first() or ""
    return first.removeprefix("installation:") or "0" * 32


def publish(installation: Installation, places: Sequence[str], now: datetime) -> Published:
    """Send the head to files, `mailto:` addresses and web addresses; that it went out is an entry of its own."""
    with installation.database.reading() as session:
        line = line_of(session, installation.vault, now)
    troubles = {place: trouble for place in places if (trouble := _sent(place, line))}
    reached = [place for place in places if place not in troubles]
    if reached:
        signed = heads.read(line)
        with installation.database.transaction() as session:
            for place in reached:
                if place.startswith(MAILTO):
                    _mail(session, place.removeprefix(MAILTO), line, now)
            details = {"entries": signed.entries, "hash": signed.hash, "to": reached}
            audit.record(session, now=now, act=Act.HEAD_PUBLISHED, about="trail", details=details)
    return Published(line, troubles)


def is_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Whether the head should go out: there is somewhere it goes, and it went a day ago, or never."""
    if not settings.audit_head_to:
        return False
    last = session.exec(
        select(sa.func.max(col(AuditEntry.at))).where(AuditEntry.act == Act.HEAD_PUBLISHED.value)
    ).first()
    return last is None or last <= now - EVERY


def publish_if_due(installation: Installation, now: datetime) -> Published | None:
    """Publish once a day where the settings say. Two machines may both do so; that harms nobody."""
    with installation.database.reading() as session:
        due = is_due(session, installation.settings, now)
    return publish(installation, [installation.settings.audit_head_to], now) if due else None


def _sent(place: str, line: str) -> str:
    """Why a line did not reach a place; nothing where it did, or where mail will carry it."""
    if place.startswith(MAILTO):
        return ""
    witness = AddressWitness(place) if "://" in place else FileWitness(Path(place))
    try:
        witness.keep(line)
    except GatewayDown as problem:
        return str(problem)
    return ""


def _mail(session: Session, address: str, line: str, now: datetime) -> None:
    outbox.put(
        session,
        recipient=address,
        subject="Head of the trail",
        body=f"{line}\n",
        severity=Severity.LOW,
        now=now,
        case_id=None,
    )
