"""Files of reports: looked at once, drawn anew where they are pictures, and kept sealed.

What is shown is a copy of our own making. The file as it came is kept only where the reporter wanted it as evidence, or
where it is no picture that can be drawn; its name is kept nowhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.db import add_row
from engage.models import Attachment
from engage.pictures import LARGEST, Picture, UnreadablePicture, remade
from engage.taxonomy import AttachmentStatus
from engage.vault import Vault

#: Files that one report may have, whoever sends them and however.
MOST: Final = 10
#: Files of one form.
AT_ONCE: Final = 5
CONTENT, VIEW, THUMB = "attachment", "attachment-view", "attachment-thumb"
PDF: Final = "application/pdf"
UNKNOWN: Final = "application/octet-stream"
_KINDS: Final = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"%PDF-", PDF))
_INSIDE: Final = ((b"WEBP", 8, "image/webp"), (b"ftyp", 4, "image/heic"))


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that was looked at. `picture` is it drawn anew; without one, `problem` says why, unless it is a PDF."""

    data: bytes
    kind: str
    digest: str
    picture: Picture | None
    problem: str | None

    @property
    def is_readable(self) -> bool:
        """Whether it can be shown, or is what we take as it is."""
        return self.problem is None


class TooMany(Exception):
    """The report has as many files as one may have."""


def examine(data: bytes) -> Examined:
    """Look at a file: takes up to eight seconds in a process of its own, so no transaction should be open."""
    kind = kind_of(data)
    picture, problem = None, None
    if kind != PDF or len(data) > LARGEST:
        try:
            picture = remade(data)
        except UnreadablePicture as refused:
            problem = str(refused)
    return Examined(data, kind, hashlib.sha256(data).hexdigest(), picture, problem)


def kind_of(data: bytes) -> str:
    """What a file is by its first bytes; what its sender calls it counts for nothing."""
    for begin, kind in _KINDS:
        if data.startswith(begin):
            return kind
    for word, at, kind in _INSIDE:
        if data[at : at + len(word)] == word:
            return kind
    return UNKNOWN


def keep(
    session: Session, vault: Vault, report_id: int, examined: Examined, now: datetime, *, as_evidence: bool, key: str
) -> int:
    """Write a file of a report and give its id; one that came under this key before, or is the same, is kept once.

    Raises `TooMany`.
    """
    own = select(Attachment.id).where(Attachment.report_id == report_id)
    same = sa.or_(col(Attachment.upload_key) == key, col(Attachment.digest) == examined.digest)
    there = session.exec(own.where(same)).first()
    if there is not None:
        return there
    if len(session.exec(own).all()) >= MOST:
        raise TooMany
    return add_row(
        session,
        Attachment,
        report_id=report_id,
        message_id=None,
        position=0,
        source="",
        status=AttachmentStatus.STORED,
        attempts=0,
        due_at=now,
        leased_until=None,
        arrived_at=now,
        upload_key=key,
        as_evidence=as_evidence,
        **kept(vault, examined, as_evidence=as_evidence),
    )


def kept(vault: Vault, examined: Examined, *, as_evidence: bool) -> dict[str, object]:
    """The columns of a file that was looked at."""
    picture = examined.picture
    whole = as_evidence or picture is None
    return {
        "content_type": examined.kind,
        "size": len(picture.view) if picture and not whole else len(examined.data),
        "digest": examined.digest,
        "problem": examined.problem,
        "sealed_content": vault.seal(CONTENT, examined.data) if whole else None,
        "sealed_view": vault.seal(VIEW, picture.view) if picture else None,
        "sealed_thumb": vault.seal(THUMB, picture.thumb) if picture else None,
    }
