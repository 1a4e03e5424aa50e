"""Speaking to a reporter: each word a message in their thread and, where they have a phone, a row of the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session

from engage import cases, contacts, conversations, outbox, relays, search, texting
from engage.db import add_row
from engage.dialogue import Saying, sentences
from engage.languages import say
from engage.models import Contact, Message, Report
from engage.taxonomy import Carrier, Channel, Direction, Happening, Severity
from engage.vault import Vault

#: What stands in a thread where an access code was told: codes are kept nowhere.
MASK = "••••"


def rendered(said: Iterable[Saying], language: str, known: Mapping[str, str]) -> str:
    """Sayings as one message in a language, each on a line of its own; `known` fills what a saying leaves open."""
    return "\n".join(
        one.sentence if one.translated else say(language, one.sentence, **{**known, **one.values}) for one in said
    )


def write_down(
    session: Session, report: Report, text: str, channel: Channel, now: datetime, staff_id: int | None = None
) -> int:
    """A message to the reporter in their thread; `staff_id` is empty where Engage itself speaks.

    It stands in the copies as well that others work on; given is the id of the row that the holder reads.
    """
    way = relays.way(session, report)
    if staff_id is not None:  # what Engage says stands in every thread, and nobody looks for it
        for case_id in {link.case_id for link in way}:
            search.add(session, case_id, text)
    return [
        add_row(
            session,
            Message,
            case_id=link.case_id,
            report_id=link.report.id,
            direction=Direction.TO_REPORTER,
            channel=channel,
            staff_id=staff_id,
            text=text,
            sent_at=now,
        )
        for link in way
    ][-1]


def send_text(
    session: Session,
    contact: Contact,
    text: str,
    *,
    severity: Severity,
    now: datetime,
    language: str,
    return_address: str,
    case_id: int | None = None,
    message_id: int | None = None,
    sealed_by: Vault | None = None,
    staff_speaks: bool = False,
) -> None:
    """A text to a phone: cut when it is long, and where it cannot be sent, kept for a human with the reason.

    With `sealed_by` its words are sealed until they are sent. What staff say is not sent to a phone that its owner
    called unsafe; what Engage says there, the reporter has just asked for.
    """
    text = text.replace("\r\n", "\n")  # as browsers write line ends: each would be paid for twice
    body = texting.plain_marks(texting.fitted(text, say(language, sentences.REST, address=return_address)))
    problem = contacts.obstacle(contact, now)
    if problem is None and staff_speaks and conversations.is_unsafe(session, contact.id or 0):
        problem = "The reporter said that it is not safe to write to this phone."
    outbox.put_sealed(
        session,
        contacts.recipient(contact),
        body="" if sealed_by else body,
        sealed_body=sealed_by.seal(outbox.BODY, body.encode()) if sealed_by else None,
        segments=texting.segments(body),
        severity=severity,
        now=now,
        case_id=case_id,
        message_id=message_id,
        problem=problem,
    )
    if problem and case_id is not None:
        cases.record(session, case_id, now, (Happening.NOT_DELIVERED, {"problem": problem}))


def answer(
    session: Session,
    report: Report,
    staff_id: int | None,
    text: str,
    *,
    severity: Severity,
    now: datetime,
    return_address: str,
    ending: Iterable[Saying] = (),
) -> None:
    """An officer's words to one reporter: into the thread, to every phone of theirs, and a notice where they want one.

    `ending` is what Engage adds, such as whether it helped. `report` may be a copy: it is answered in the original.
    """
    own = relays.told(session, report)
    added = rendered(ending, report.language, {"reference": own.reference, "address": return_address})
    phones = contacts.of_report(session, own.id or 0)
    channel = contacts.CHANNEL[phones[-1].carrier] if phones else report.channel
    message_ids = [write_down(session, report, text, channel, now, staff_id)] if text else []
    if added:
        message_ids.append(write_down(session, report, added, channel, now))
    for contact in phones:
        send_text(
            session,
            contact,
            "\n".join(part for part in (text, added) if part),
            severity=severity,
            now=now,
            language=report.language,
            return_address=return_address,
            case_id=report.case_id,
            message_id=message_ids[0] if message_ids else None,
            staff_speaks=True,
        )
    if message_ids:
        _give_notice(session, own, severity, now, return_address, case_id=report.case_id)


def _give_notice(
    session: Session, report: Report, severity: Severity, now: datetime, return_address: str, *, case_id: int
) -> None:
    """Tell an address that an answer waits, and not a word of what it is about."""
    notice = contacts.notice_of(session, report.id or 0)
    if notice is None:
        return
    body = say(notice.language, sentences.ANSWER_WAITS, address=return_address)
    outbox.put_sealed(
        session,
        outbox.Recipient(notice.carrier, notice.sealed_address, f"notice {report.id}"),
        subject=say(notice.language, sentences.ANSWER_WAITS_SUBJECT) if notice.carrier is Carrier.MAIL else "",
        body=body,
        segments=0 if notice.carrier is Carrier.MAIL else texting.segments(body),
        severity=severity,
        now=now,
        case_id=case_id,
    )
