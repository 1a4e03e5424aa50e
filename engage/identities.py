"""Opening a sealed contact: with a reason, where the authority says so with a second person's consent, and seen once.

The reporter's thread tells that it happened. Whatever stands in the way is a `Refused` with a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from engage import acting, audit, cases, contacts, quiet
from engage.accounts import Officer
from engage.acting import Refused
from engage.cases import CaseMissing
from engage.db import add_row
from engage.installation import Installation
from engage.models import Authority, Case, Contact, ContactOpening, Queue, Report
from engage.outbox import ADDRESS
from engage.permissions import Right
from engage.taxonomy import Act, Carrier

#: A consent is good for so long, and for one look; an asking waits for so long.
CONSENT_LASTS: Final = timedelta(hours=1)
ASKING_LASTS: Final = timedelta(hours=24)


def _(sentence: str) -> str:
    return sentence


@dataclass(frozen=True, slots=True)
class Sealed:
    """A contact of a case as staff see it: its carrier, and which of the case's reports it belongs to, from 1."""

    id: int
    carrier: Carrier
    reports: tuple[int, ...]


def ask(
    session: Session,
    opened: Installation,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    contact_id: int,
    reason: str,
) -> int:
    """Ask to see a contact, and give the asking's id. Where no second person is needed it is allowed at once."""
    case = worked(session, officer, reference)
    session.refresh(case, with_for_update={"key_share": True})  # two clicks make one asking
    acting.check_here(session, case)
    if contact_id not in {one.id for one in sealed_of(session, case)}:
        raise Refused(_("That contact is not of this case any more."))
    why, two = acting.reason_given(reason), needs_two(session, case)
    earlier = session.exec(_pending(case, officer, contact_id, now)).first()
    if earlier is not None:
        return earlier.id or 0
    opening_id = add_row(
        session,
        ContactOpening,
        case_id=case.id,
        contact_id=contact_id,
        asked_by=officer.staff_id,
        asked_at=now,
        reason=why,
        quiet=_is_quiet(session, opened, case, contact_id),
        allowed=None if two else True,
        decided_by=None,
        decided_at=None if two else now,
        opened_at=None,
    )
    if two:
        _tell(session, officer, case, now, Act.CONTACT_ASKED, opening_id, why)
    return opening_id


def decide(session: Session, officer: Officer, reference: str, now: datetime, *, opening_id: int, allow: bool) -> None:
    """Consent to a colleague's asking, or refuse it: once, and never one's own."""
    case = worked(session, officer, reference)
    session.refresh(case, with_for_update={"key_share": True})
    asking = _of_case(session, case, opening_id)
    if asking.asked_by == officer.staff_id:
        raise Refused(_("A second person decides, not the one who asks."))
    if asking.allowed is not None:
        raise Refused(_("This was decided already."))
    if asking.asked_at <= now - ASKING_LASTS:
        raise Refused(_("This was asked more than a day ago. Whoever still needs it asks again."))
    asking.allowed, asking.decided_by, asking.decided_at = allow, officer.staff_id, now
    session.add(asking)
    session.flush()
    act = Act.CONTACT_ALLOWED if allow else Act.CONTACT_REFUSED
    _tell(session, officer, case, now, act, opening_id, asking.reason)


def open_contact(
    session: Session, opened: Installation, officer: Officer, reference: str, now: datetime, *, opening_id: int
) -> str:
    """The address of a contact, for whoever asked for it and was allowed to see it: once, within an hour.

    Raises `vault.Unsealable` where it was sealed with another key.
    """
    case = worked(session, officer, reference)
    session.refresh(case, with_for_update={"key_share": True})
    acting.check_here(session, case)
    asking = _of_case(session, case, opening_id)
    if asking.asked_by != officer.staff_id:
        raise Refused(_("Only who asked for it may see it."))
    if not asking.allowed:
        raise Refused(_("Nobody has consented to this."))
    if asking.opened_at is not None:
        raise Refused(_("It was seen already. Ask again if you need it once more."))
    if asking.decided_at is None or asking.decided_at <= now - CONSENT_LASTS:
        raise Refused(_("The consent is more than an hour old. Ask again."))
    if asking.contact_id not in {one.id for one in sealed_of(session, case)}:
        raise Refused(_("That contact is not of this case any more."))
    address = opened.vault.unseal(ADDRESS, session.get_one(Contact, asking.contact_id).sealed_address).decode()
    asking.opened_at, asking.quiet = now, asking.quiet or _is_quiet(session, opened, case, asking.contact_id)
    session.add(asking)
    session.flush()
    _tell(session, officer, case, now, Act.CONTACT_OPENED, opening_id, asking.reason)
    return address


def may_work(session: Session, officer: Officer, case: Case) -> bool:
    """Whether an officer works the queue of a case: who only sees it has no business with who wrote it."""
    own = select(Queue.id).where(Queue.id == case.queue_id, cases.within(officer, Right.WORK))
    return session.exec(own).first() is not None


def worked(session: Session, officer: Officer, reference: str) -> Case:
    """The case of a reference, for an officer who works its queue; `CaseMissing` for anybody else."""
    case = cases.find_case(session, officer, reference)
    if not may_work(session, officer, case):
        raise CaseMissing
    return case


def needs_two(session: Session, case: Case) -> bool:
    """Whether the authority of a case wants a second person's consent."""
    return bool(session.get_one(Authority, case.authority_id).two_persons_for_contacts)


def sealed_of(session: Session, case: Case) -> tuple[Sealed, ...]:
    """The contacts of a case's reports."""
    reports = acting.reports_of(session, case)
    found: dict[int, tuple[Carrier, list[int]]] = {}
    for number, report in enumerate(reports, 1):
        for contact in contacts.of_report(session, report.id or 0):
            found.setdefault(contact.id or 0, (contact.carrier, []))[1].append(number)
    return tuple(Sealed(key, carrier, tuple(numbers)) for key, (carrier, numbers) in found.items())


def _is_quiet(session: Session, opened: Installation, case: Case, contact_id: int) -> bool:
    own = (one for one in acting.reports_of(session, case) if contact_id in _contacts_of(session, one))
    return any(quiet.is_quiet(session, opened, case, report) for report in own)


def _contacts_of(session: Session, report: Report) -> set[int]:
    return {one.id or 0 for one in contacts.of_report(session, report.id or 0)}


def _pending(case: Case, officer: Officer, contact_id: int, now: datetime) -> SelectOfScalar[ContactOpening]:
    return (
        select(ContactOpening)
        .where(ContactOpening.case_id == case.id, ContactOpening.contact_id == contact_id)
        .where(ContactOpening.asked_by == officer.staff_id, col(ContactOpening.opened_at).is_(None))
        .where(
            sa.or_(
                sa.and_(col(ContactOpening.allowed).is_(None), col(ContactOpening.asked_at) > now - ASKING_LASTS),
                sa.and_(col(ContactOpening.allowed).is_(True), col(ContactOpening.decided_at) > now - CONSENT_LASTS),
            )
        )
    )


def _of_case(session: Session, case: Case, opening_id: int) -> ContactOpening:
    found = session.exec(
        select(ContactOpening)
        .where(ContactOpening.id == opening_id, ContactOpening.case_id == case.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise Refused(_("That is not asked for in this case."))
    return found


def _tell(
    session: Session, officer: Officer, case: Case, now: datetime, act: Act, opening_id: int, reason: str
) -> None:
    audit.record(
        session,
        now=now,
        act=act,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=audit.about_case(case.reference),
        reason=reason,
        details={"asking": opening_id},
    )
