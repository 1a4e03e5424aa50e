"""Passing the work on and back: the receiver's own case, the sender's clock, what the reporter is told, who goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engage import (
    alarms,
    cases,
    contacts,
    conversations,
    further,
    referring,
    relays,
    search,
    shared_copies,
    speaking,
)
from engage.dialogue import Saying, details_in, playbook, sentences
from engage.installation import Installation
from engage.models import Authority, Case, Queue, Referral, Report
from engage.referrals import LINES, Mover, move
from engage.referring import Side
from engage.taxonomy import CaseStatus, Disposition, Happening, ReferralState
from engage.triage.concepts import concepts_in
from engage.vault import Vault


def hand_over(
    session: Session, opened: Installation, case: Case, referral: Referral, now: datetime, *, staff_id: int | None
) -> None:
    """The sender's clock stops, nothing of the case rings, and its reporters are told who has it.

    They are told in their language, unless that could endanger them. What is sealed has no name here, because even
    that could tell who is looking into what.
    """
    cases.change(session, case, now, status=CaseStatus.REFERRED, away_at=now)
    alarms.silence(session, case.id or 0, staff_id, now)
    saying = Saying(sentences.ANOTHER_HAS_IT)
    if not referral.is_sealed:
        saying = Saying(sentences.HAS_IT, {"authority": relays.receiver_name(session, referral)})
    for report in session.exec(select(Report).where(Report.case_id == case.id).order_by(col(Report.id))).all():
        if _is_quiet(session, opened, case, report):
            continue
        address = f"{opened.settings.public_url}/return"
        speaking.answer(
            session, report, None, "", severity=case.severity, now=now, return_address=address, ending=(saying,)
        )


def open_case(
    session: Session, vault: Vault, case: Case, referral: Referral, queue: Queue, now: datetime, *, staff_id: int
) -> Case:
    """The receiver's own case, in a queue of theirs, with the shared copy alone; whoever accepts holds it."""
    sender = session.get_one(Authority, referral.from_authority_id).name
    reference = cases.free_reference(session)
    case_id = cases.open_case(
        session,
        reference=reference,
        post=cases.find_post(session, queue.id or 0),
        site_id=case.site_id,
        place_id=case.place_id,
        status=CaseStatus.ASSIGNED,
        category=case.category,
        severity=case.severity,
        route_reason=f"{sender} referred it: {referral.purpose}"[:500],
        now=now,
    )
    shared_copies.copy(session, vault, referral, case_id, reference)
    referral.receiving_case_id = case_id
    session.add(referral)
    session.flush()
    mine = session.get_one(Case, case_id)
    cases.change(session, mine, now, holder_id=staff_id, reporter_waits=case.reporter_waits)
    came = (Happening.REFERRAL_RECEIVED, {"from": sender, "reason": referral.purpose})
    cases.record(session, case_id, now, came, staff_id=staff_id)
    return mine


def come_back(session: Session, case: Case, referral: Referral, now: datetime, *, by: Mover) -> None:
    """The sender goes on: what was said meanwhile stands in their case, and the receiver's own is closed."""
    theirs = cases.lock_case(session, referral.receiving_case_id) if referral.receiving_case_id else None
    if theirs is not None:
        _recall(session, theirs, now, by)
    values: dict[str, Any] = {"status": CaseStatus.IN_PROGRESS if case.holder_id else CaseStatus.TRIAGED}
    if theirs is not None:
        relays.bring_home(session, case.id or 0)
        session.refresh(theirs)
        values |= {"reporter_waits": theirs.reporter_waits, "responded_at": case.responded_at or theirs.responded_at}
        if theirs.status.is_open:
            _close(session, theirs, referral, now, by)
        search.refresh(session, [case.id or 0, theirs.id or 0])
    session.refresh(case)
    cases.change(session, case, now, away_at=None, **values)


def _recall(session: Session, theirs: Case, now: datetime, by: Mover) -> None:
    """What the receiver had referred on, or offered, comes back with it."""
    tie = relays.offered_or_away(session, theirs.id or 0)
    if tie is None:
        return
    was_away = theirs.away_at is not None
    recalled = Mover(Side.SENDER, None, by.text)
    to = ReferralState.EXPIRED if _has_lapsed(tie.referral, now) else ReferralState.REVOKED
    move(session, tie.referral, to, Mover(Side.CLOCK) if to is ReferralState.EXPIRED else recalled, now)
    if was_away:
        come_back(session, theirs, tie.referral, now, by=recalled)


def _has_lapsed(referral: Referral, now: datetime) -> bool:
    return referring.standing(referral.state, referral.expires_at, now) is ReferralState.EXPIRED


def _close(session: Session, theirs: Case, referral: Referral, now: datetime, by: Mover) -> None:
    """End the receiver's case. It keeps what it had, as their record."""
    done = referral.state is ReferralState.COMPLETED
    disposition = Disposition.ACTION_TAKEN if done else Disposition.REFERRED
    cases.change(
        session,
        theirs,
        now,
        status=CaseStatus.CLOSED,
        closed_at=now,
        disposition=disposition,
        reporter_waits=False,
    )
    alarms.silence(session, theirs.id or 0, by.staff_id, now)
    sender = session.get_one(Authority, referral.from_authority_id).name
    details = {"to": sender, "reason": by.text, "received": True}
    staff_id = by.staff_id if by.side is Side.RECEIVER else None
    cases.record(session, theirs.id or 0, now, (LINES[referral.state], details), staff_id=staff_id)


def _is_quiet(session: Session, opened: Installation, case: Case, report: Report) -> bool:
    """Whether a reporter may be in danger from somebody who sees their phone: then nothing is said unasked."""
    own = relays.told(session, report)
    if any(conversations.is_unsafe(session, one.id or 0) for one in contacts.of_report(session, own.id or 0)):
        return True
    words = further.all_words(session, own, "")
    details = details_in(words) | concepts_in(words, opened.lexicon)
    return playbook(case.category, sure=True).is_quiet(frozenset(details))
