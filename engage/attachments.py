"""Pictures and files that came with a text: named in the transaction that stores it, fetched later by a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from engage import audit, files
from engage.accounts import Officer
from engage.db import add_rows
from engage.files import Examined
from engage.models import Attachment, Case, Report
from engage.taxonomy import Act, AttachmentStatus
from engage.vault import Vault

LEASE = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=20)
MOST_ATTEMPTS = 8
#: The type of a picture that was drawn anew.
DRAWN = "image/jpeg"
#: What of a file is not read where it is only listed.
_CONTENTS: tuple[Any, ...] = (Attachment.sealed_content, Attachment.sealed_view, Attachment.sealed_thumb)


@dataclass(frozen=True, slots=True)
class Errand:
    """One file to fetch, leased."""

    id: int
    source: str
    attempts: int


def expect(
    session: Session,
    report_id: int | None,
    message_id: int | None,
    pictures: Sequence[tuple[str, str]],
    now: datetime,
) -> None:
    """Note what is to be fetched: addresses and content types, at most ten."""
    if report_id is None or not pictures:
        return
    add_rows(
        session,
        Attachment,
        [
            {
                "report_id": report_id,
                "message_id": message_id,
                "position": position,
                "content_type": content_type[:100],
                "source": source[:500],
                "status": AttachmentStatus.WAITING,
                "attempts": 0,
                "due_at": now,
                "arrived_at": now,
            }
            for position, (source, content_type) in enumerate(pictures[: files.MOST])
        ],
    )


def claim(session: Session, now: datetime) -> Errand | None:
    """Lease the file that is due first, or give None."""
    due = sa.and_(
        col(Attachment.status) == AttachmentStatus.WAITING,
        col(Attachment.due_at) <= now,
        sa.or_(col(Attachment.leased_until).is_(None), col(Attachment.leased_until) <= now),
    )
    first = sa.select(col(Attachment.id)).where(due).order_by(col(Attachment.due_at), col(Attachment.id)).limit(1)
    taken = (
        sa.update(Attachment)
        .where(col(Attachment.id) == first.scalar_subquery(), due)
        .values(attempts=col(Attachment.attempts) + 1, leased_until=now + LEASE)
        .returning(col(Attachment.id), col(Attachment.source), col(Attachment.attempts))
    )
    row = session.connection().execute(taken).first()
    return Errand(row.id, row.source, row.attempts) if row else None


def store(session: Session, vault: Vault, errand: Errand, examined: Examined, content_type: str) -> None:
    """Keep a fetched file, sealed: a picture as it was drawn anew, anything else as it came."""
    columns = files.kept(vault, examined, as_evidence=False)
    if examined.picture is None and not content_type.startswith("image/"):  # voices and films come by text, too
        columns |= {"content_type": content_type[:100], "problem": None}
    _write(session, errand, **columns, status=AttachmentStatus.STORED, leased_until=None)


def put_off(session: Session, errand: Errand, problem: str, now: datetime) -> None:
    """Fetching failed for now; after the last attempt it has failed for good. The words stand in any case."""
    if errand.attempts >= MOST_ATTEMPTS:
        fail(session, errand, problem)
    else:
        wait = FIRST_WAIT * 2 ** (errand.attempts - 1)
        _write(session, errand, due_at=now + wait, leased_until=None, problem=problem[:500])


def fail(session: Session, errand: Errand, problem: str) -> None:
    """It can never be fetched."""
    _write(session, errand, status=AttachmentStatus.FAILED, leased_until=None, problem=problem[:500])


def _write(session: Session, errand: Errand, **values: object) -> None:
    session.connection().execute(
        sa.update(Attachment)
        .where(
            col(Attachment.id) == errand.id,
            col(Attachment.status) == AttachmentStatus.WAITING,
            col(Attachment.attempts) == errand.attempts,
        )
        .values(**values)
    )


def of_case(session: Session, case_id: int) -> list[Attachment]:
    """The files of a case's reports, in the order in which they came; without their content."""
    query = select(Attachment).join(Report, col(Report.id) == Attachment.report_id).where(Report.case_id == case_id)
    return list(session.exec(query.order_by(col(Attachment.id)).options(*map(defer, _CONTENTS))))


def open_file(
    session: Session, vault: Vault, officer: Officer, case: Case, attachment_id: int, now: datetime
) -> tuple[bytes, str] | None:
    """The content and type of a stored file of a case for an officer, which the trail keeps; or None."""
    found = opened(session, vault, case.id or 0, attachment_id)
    if found is not None:
        _note(session, officer, case, Act.FILE_OPENED, attachment_id, now)
    return found


def opened(session: Session, vault: Vault, case_id: int, attachment_id: int) -> tuple[bytes, str] | None:
    """What may be looked at of a stored file of a case, and its type: the picture drawn anew, where it is one."""
    found = _of_this_case(session, case_id, attachment_id)
    if found is None:
        return None
    if found.sealed_view is not None:
        return vault.unseal(files.VIEW, found.sealed_view), DRAWN
    if found.sealed_content is None or found.problem is not None:
        return None
    return vault.unseal(files.CONTENT, found.sealed_content), found.content_type


def thumb(session: Session, vault: Vault, case_id: int, attachment_id: int) -> bytes | None:
    """The small picture of a file of a case, as JPEG; None where there is none."""
    found = _of_this_case(session, case_id, attachment_id)
    return vault.unseal(files.THUMB, found.sealed_thumb) if found and found.sealed_thumb else None


def open_original(
    session: Session, vault: Vault, officer: Officer, case: Case, attachment_id: int, reason: str, now: datetime
) -> tuple[bytes, str] | None:
    """A file as it came, for a reason that the trail keeps; None where it was not kept."""
    found = original(session, vault, case.id or 0, attachment_id)
    if found is not None:
        _note(session, officer, case, Act.ORIGINAL_OPENED, attachment_id, now, reason)
    return found


def original(session: Session, vault: Vault, case_id: int, attachment_id: int) -> tuple[bytes, str] | None:
    """The content and type of a file that was kept as it came, or None. Nothing was looked for in it."""
    found = _of_this_case(session, case_id, attachment_id)
    if found is None or found.sealed_content is None:
        return None
    return vault.unseal(files.CONTENT, found.sealed_content), found.content_type


def _of_this_case(session: Session, case_id: int, attachment_id: int) -> Attachment | None:
    found = session.get(Attachment, attachment_id)
    report = session.get(Report, found.report_id) if found else None
    return found if report is not None and report.case_id == case_id else None


def _note(
    session: Session, officer: Officer, case: Case, act: Act, attachment_id: int, now: datetime, reason: str = ""
) -> None:
    audit.record(
        session,
        now=now,
        act=act,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=audit.about_case(case.reference),
        reason=reason,
        details={"file": attachment_id},
    )
