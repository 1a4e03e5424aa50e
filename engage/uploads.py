"""Uploads: files that come in parts and go on where they stopped, by a capability that its report alone has.

A part is stored before it is acknowledged. When the last one is there, the file is looked at with no transaction open,
and then becomes an attachment in one; a server that is killed before that finds the parts again when the phone asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlmodel import Session, col, select

from engage import arrivals, files
from engage.db import Database, add_row
from engage.models import Attachment, Report, Upload, UploadPart
from engage.pictures import LARGEST
from engage.vault import Vault

#: How long a report takes files, and how long a half one is kept.
OPEN_FOR: Final = timedelta(days=7)
#: Bytes of the largest part.
LARGEST_PART: Final = 1_000_000
MOST_UNFINISHED: Final = files.MOST
PART: Final = "upload-part"


class NotTaken(Exception):
    """This file is not taken: too large, too many, or nothing in it. Trying again is no use."""


class Gone(Exception):
    """The capability is none, or too old."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an upload is: bytes that are here, whether it is an attachment by now, and one that can be shown."""

    received: int
    done: bool = False
    readable: bool | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file, from a place in it on. `size` is that of the whole file."""

    key: str
    size: int
    at: int
    data: bytes
    as_evidence: bool


def capability(vault: Vault, reference: str) -> str:
    """What lets a reporter add files to a report for a week, and do nothing else."""
    return str(_serializer(vault).dumps(reference))


def report_of(session: Session, vault: Vault, capability: str) -> int:
    """The report that a capability is for. Raises `Gone`."""
    try:
        reference = _serializer(vault).loads(capability, max_age=int(OPEN_FOR.total_seconds()))
    except BadData:
        raise Gone from None
    found = session.exec(select(Report.id).where(Report.reference == reference)).first()
    if found is None:
        raise Gone
    return found


def standing(session: Session, report_id: int, key: str) -> Standing:
    """How far the upload of a key is."""
    done = session.exec(
        select(Attachment.size, Attachment.problem).where(
            Attachment.report_id == report_id, Attachment.upload_key == key
        )
    ).first()
    if done is not None:
        return Standing(done[0] or 0, done=True, readable=done[1] is None)
    here = select(Upload.received).where(Upload.report_id == report_id, Upload.key == key)
    return Standing(session.exec(here).first() or 0)


def take(database: Database, vault: Vault, report_id: int, part: Part, now: datetime) -> Standing:
    """Store a part, and the file when it is whole. One that does not go on where the others stopped is passed over.

    Raises `NotTaken`.
    """
    if not 0 < part.size <= LARGEST or len(part.data) > LARGEST_PART or part.at + len(part.data) > part.size:
        raise NotTaken
    here = arrivals.committed(database, lambda session: _taken(session, vault, report_id, part, now))
    if here.done or here.received < part.size:
        return here
    return _finish(database, vault, report_id, part.key, now)


def _taken(session: Session, vault: Vault, report_id: int, part: Part, now: datetime) -> Standing:
    here = standing(session, report_id, part.key)
    if here.done:
        return here
    upload_id = _upload(session, report_id, part, now)
    on = part.at == here.received and part.data
    return Standing(_add(session, vault, upload_id, part)) if on else here


def sweep(session: Session, now: datetime) -> int:
    """Forget what was begun a week ago and never finished; gives how many."""
    old = sa.select(col(Upload.id)).where(col(Upload.begun_at) < now - OPEN_FOR)
    connection = session.connection()
    connection.execute(sa.delete(UploadPart).where(col(UploadPart.upload_id).in_(old)))
    return connection.execute(sa.delete(Upload).where(col(Upload.begun_at) < now - OPEN_FOR)).rowcount


def _serializer(vault: Vault) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(vault.key_for("upload-capability"), salt="upload")


def _upload(session: Session, report_id: int, part: Part, now: datetime) -> int:
    """The row of an upload, made with its first part; of an other size it is another file. Raises `NotTaken`."""
    there = session.exec(select(Upload).where(Upload.report_id == report_id, Upload.key == part.key)).first()
    if there is not None:
        if there.size != part.size:
            raise NotTaken
        return there.id or 0
    for model, most in ((Attachment, files.MOST), (Upload, MOST_UNFINISHED)):
        count = sa.select(sa.func.count()).select_from(model).where(col(model.report_id) == report_id)
        if session.connection().execute(count).scalar_one() >= most:
            raise NotTaken
    return add_row(
        session,
        Upload,
        report_id=report_id,
        key=part.key,
        size=part.size,
        received=0,
        as_evidence=part.as_evidence,
        begun_at=now,
    )


def _add(session: Session, vault: Vault, upload_id: int, part: Part) -> int:
    """Write a part where the others end, and give how many bytes are here then; another was first where none is."""
    end = part.at + len(part.data)
    on = sa.update(Upload).where(col(Upload.id) == upload_id, col(Upload.received) == part.at).values(received=end)
    if session.connection().execute(on).rowcount != 1:
        return session.exec(select(Upload.received).where(Upload.id == upload_id)).one()
    session.add(UploadPart(upload_id=upload_id, position=part.at, sealed_content=vault.seal(PART, part.data)))
    session.flush()
    return end


def _finish(database: Database, vault: Vault, report_id: int, key: str, now: datetime) -> Standing:
    """Look at a whole file and keep it; whoever comes second finds it kept."""
    with database.reading() as session:
        upload = session.exec(select(Upload).where(Upload.report_id == report_id, Upload.key == key)).first()
        if upload is None:
            return standing(session, report_id, key)
        upload_id, as_evidence = upload.id or 0, upload.as_evidence
        parts = session.exec(
            select(UploadPart.sealed_content)
            .where(UploadPart.upload_id == upload_id)
            .order_by(col(UploadPart.position))
        )
        data = b"".join(vault.unseal(PART, sealed) for sealed in parts)
    examined = files.examine(data)

    def once(session: Session) -> bool:
        try:
            files.keep(session, vault, report_id, examined, now, as_evidence=as_evidence, key=key)
        except files.TooMany:
            fits = False
        else:
            fits = True
        session.connection().execute(sa.delete(UploadPart).where(col(UploadPart.upload_id) == upload_id))
        session.connection().execute(sa.delete(Upload).where(col(Upload.id) == upload_id))
        return fits

    if not arrivals.committed(database, once):
        raise NotTaken
    return Standing(len(data), done=True, readable=examined.is_readable)
