"""Making an evidence package: a case's words, files, findings and history, its entries of the trail, and their sums.

The same case gives the same bytes at the same moment. Nothing in it does anything where it is opened, but for what
strangers made: files that are no pictures, and those that are in it as they came.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import IO, Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import acting, attachments, audit, chain, identities, publishing, trail
from engage.accounts import Officer
from engage.evidence.checking import AUDIT, CASE, HEAD, MANIFEST
from engage.gateways import clamd
from engage.installation import Installation
from engage.models import Authority, Case, CaseEvent, Message, Queue, Report, ReportFinding, Site, Staff
from engage.spreadsheets import csv_of
from engage.taxonomy import Act, Direction

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "blockquote{margin:0;padding:.5rem 1rem;border-inline-start:.25rem solid;white-space:pre-wrap}"
    "blockquote,td{overflow-wrap:anywhere}"
    "table{border-collapse:collapse}td,th{text-align:start;vertical-align:top;padding:.25rem .5rem;border:1px solid}"
)
_README: Final = """How to check this package

Unpack it, then in its folder:       sha256sum -c SHA256SUMS
Or, with Engage and no database:     engage evidence verify FILE

Each line of audit.tsv is one entry of the trail: nine fields with a tab between them, then the SHA-256 of the line up
to there. The last of the nine fields is the hash of the entry before. head.txt says where the whole trail stood when
this package was made, signed; somebody who keeps published heads can tell that the trail was not written anew.
Files called as-it-came are as their sender made them, and so are those that are no pictures: they may be harmful.
In case.json, the salt of a report followed by its text has the SHA-256 that its entry case.received holds.
"""


@dataclass(frozen=True, slots=True)
class Packed:
    """A package that is written: its name without an ending, and the sum of its manifest, which the trail keeps."""

    name: str
    manifest: str


@dataclass(slots=True)
class _Package:
    """A zip file in the making; sums are kept as it grows."""

    file: zipfile.ZipFile
    sums: list[tuple[str, str]]

    def add(self, name: str, content: bytes | str) -> str:
        written = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        entry = zipfile.ZipInfo(name, _EPOCH)
        entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        self.file.writestr(entry, written)
        own = hashlib.sha256(written).hexdigest()
        self.sums.append((name, own))
        return own


def pack(
    installation: Installation, officer: Officer | None, reference: str, out: IO[bytes], now: datetime, *, reason: str
) -> Packed:
    """Write the package of a case and enter that into the trail; nothing may be handed out where this raises.

    Raises `cases.CaseMissing`, or `acting.Refused` for no reason. Without an officer it is asked for by command, and
    any case is packed.
    """
    why = acting.reason_given(reason)
    with installation.database.reading() as session:
        case = identities.worked(session, officer, reference) if officer else _any(session, reference)
        packed = _written(session, installation, case, out, now)
        known = {"about": audit.about_case(case.reference), "authority_id": case.authority_id}
    with installation.database.transaction() as session:
        staff_id, details = officer.staff_id if officer else None, {"manifest": packed.manifest}
        audit.record(session, now=now, act=Act.EVIDENCE_PACKED, staff_id=staff_id, reason=why, details=details, **known)  # type: ignore[arg-type]
    return packed


def _any(session: Session, reference: str) -> Case:
    found = session.exec(select(Case).join(Report).where(Report.reference == reference)).first()
    if found is None:
        raise acting.Refused("There is no case %(reference)s.", reference=reference)
    return found


def _written(session: Session, installation: Installation, case: Case, out: IO[bytes], now: datetime) -> Packed:
    reports = acting.reports_of(session, case)
    names = dict(session.exec(select(Staff.id, Staff.name)).all())
    said, history = _messages(session, case, names), _history(session, case, names)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        package = _Package(file, [])
        told = _told(session, case, reports)
        package.add(CASE, json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        package.add("messages.csv", csv_of(("report", "at", "by", "channel", "text"), said))
        package.add("history.csv", csv_of(("at", "by", "what", "details"), history))
        files = [
            (name, package.add(name, content), kind) for name, content, kind in _files(session, installation, case)
        ]
        package.add(AUDIT, "".join(_entries(session, case, reports)))
        package.add(HEAD, publishing.line_of(session, installation.vault, now) + "\n")
        package.add("README.txt", _README)
        package.add("index.html", _page(told, said, history, files, now))
        sums = "".join(f"{own}  {name}\n" for name, own in sorted(package.sums))
        return Packed(f"evidence-{case.reference}", package.add(MANIFEST, sums))


def _told(session: Session, case: Case, reports: list[Report]) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "category": case.category,
        "severity": case.severity,
        "status": case.status,
        "disposition": case.disposition,
        "authority": session.get_one(Authority, case.authority_id).name,
        "queue": session.get_one(Queue, case.queue_id).name,
        "site": session.get_one(Site, case.site_id).slug,
        "opened_at": _moment(case.opened_at),
        "closed_at": _moment(case.closed_at) if case.closed_at else None,
        "reports": [_report(session, report) for report in reports],
    }


def _report(session: Session, report: Report) -> dict[str, Any]:
    found = session.exec(
        select(ReportFinding).where(ReportFinding.report_id == report.id).order_by(col(ReportFinding.id))
    )
    return {
        "reference": report.reference,
        "received_at": _moment(report.received_at),
        "channel": report.channel,
        "language": report.language,
        "text": report.text,
        "salt": report.access_salt.hex(),
        "findings": [
            {
                "category": finding.category,
                "severity": finding.severity,
                "confidence": finding.confidence,
                "reason": finding.reason,
                "evidence": finding.evidence,
                "found_at": _moment(finding.found_at),
            }
            for finding in found
        ],
    }


def _messages(session: Session, case: Case, names: dict[int | None, str]) -> list[tuple[str, ...]]:
    query = select(Message, Report.reference).join(Report, col(Report.id) == Message.report_id)
    return [
        (
            reference,
            _moment(message.sent_at),
            "reporter" if message.direction is Direction.FROM_REPORTER else names.get(message.staff_id, "Engage"),
            message.channel.value,
            message.text,
        )
        for message, reference in session.exec(query.where(Message.case_id == case.id).order_by(col(Message.id)))
    ]


def _history(session: Session, case: Case, names: dict[int | None, str]) -> list[tuple[str, ...]]:
    own = sa.or_(
        col(CaseEvent.case_id) == case.id,
        col(CaseEvent.case_id).in_(select(Case.id).where(Case.merged_into_id == case.id)),
    )
    return [
        (
            _moment(event.at),
            names.get(event.staff_id, ""),
            event.what.value,
            json.dumps(event.details, ensure_ascii=False, sort_keys=True),
        )
        for event in session.exec(select(CaseEvent).where(own).order_by(col(CaseEvent.at), col(CaseEvent.id)))
    ]


def _files(session: Session, installation: Installation, case: Case) -> Iterator[tuple[str, bytes, str]]:
    """The stored files, one at a time: a case may have many. Behind a picture comes what it was drawn from, if kept."""
    for number in [file.id or 0 for file in attachments.of_case(session, case.id or 0)]:
        shown = attachments.opened(session, installation.vault, case.id or 0, number)
        whole = attachments.original(session, installation.vault, case.id or 0, number)
        session.expire_all()
        if shown is not None:
            yield f"files/{number}{_ending(shown[1])}", *shown
        if whole is not None and whole != shown:
            yield _as_it_came(installation, number, *whole)


def _as_it_came(installation: Installation, number: int, content: bytes, kind: str) -> tuple[str, bytes, str]:
    """A file that nobody has looked into; what a scanner speaks against, where one is set, is left out and named."""
    at, why = installation.settings.clamd, ""
    try:
        harmful = clamd.scan(at, content) if at else ""
        why = f"the scanner calls it harmful: {harmful}" if harmful else ""
    except clamd.ScannerDown:
        why = "the scanner did not answer"
    if why:
        said = f"Left out: {why}. SHA-256 of the file: {hashlib.sha256(content).hexdigest()}\n"
        return f"files/{number}-left-out.txt", said.encode(), "text/plain"
    return f"files/{number}-as-it-came{_ending(kind)}", content, kind


def _ending(kind: str) -> str:
    return mimetypes.guess_extension(kind) or ".bin"


def _entries(session: Session, case: Case, reports: list[Report]) -> Iterator[str]:
    references = sorted({case.reference, *(report.reference for report in reports)})
    for one in trail.of_references(session, references):
        fields = (one.act, one.staff_id, one.authority_id, one.about, one.reason, one.details, one.previous)
        yield f"{chain.line(one.id, chain.moment(one.at), *fields)}\t{one.hash}\n"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _page(
    told: dict[str, Any],
    said: list[tuple[str, ...]],
    history: list[tuple[str, ...]],
    files: list[tuple[str, str, str]],
    now: datetime,
) -> str:
    """All of it to be read in a browser: no script, no picture, nothing from elsewhere."""
    title = escape(f"Evidence package {told['reference']}")
    facts = [(name, told[name]) for name in ("category", "severity", "status", "authority", "queue", "opened_at")]
    reports = "".join(
        f"<h3>{escape(one['reference'])} · {one['received_at']}</h3>"
        f"<blockquote dir=auto>{escape(one['text'])}</blockquote>"
        for one in told["reports"]
    )
    return (
        f'<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1><p>Made on {_moment(now)}. How to check it: "
        f"<a href=README.txt>README.txt</a>.</p>{_table((), facts)}<h2>Reports</h2>{reports}"
        f"<h2>Messages</h2>{_table(('report', 'at', 'by', 'channel', 'text'), said)}"
        f"<h2>Files</h2>{_table(('file', 'SHA-256', 'type'), files)}"
        f"<h2>History</h2>{_table(('at', 'by', 'what', 'details'), history)}</html>\n"
    )


def _table(heads: tuple[str, ...], rows: Any) -> str:
    head = "".join(f"<th scope=col>{escape(one)}" for one in heads)
    body = "".join("<tr>" + "".join(f"<td dir=auto>{escape(str(one))}" for one in row) for row in rows)
    return f"<table><tr>{head}{body}</table>" if body else "<p>None.</p>"
