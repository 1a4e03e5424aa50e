"""Announcing an offer to whoever is asked, without a word of what it is about: mail is read in many places."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import outbox
from engage.installation import Installation
from engage.models import Authority, Case, Queue, Referral, Unit
from engage.outbox import Recipient
from engage.taxonomy import FIRST_RESPONDER, Carrier

#: The page at which a link is opened. Its token stands behind the #, which no browser sends to a server.
LINK_PAGE: Final = "/referral"


def announce(
    session: Session, opened: Installation, case: Case, referral: Referral, *, sender: str, token: str, now: datetime
) -> None:
    """Mails to the units that may take it, or the link with its token to a body without an account."""
    address = opened.settings.public_url
    until = f"{referral.expires_at:%Y-%m-%d %H:%M} UTC"
    if referral.to_authority_id is None:
        _send_link(session, opened, case, referral, sender=sender, token=token, until=until, now=now)
        return
    for mailbox in _mailboxes(session, referral, case):
        outbox.put(
            session,
            case_id=case.id or 0,
            recipient=mailbox,
            subject=f"{sender} offers you a case",
            body=f"{sender} asks you to take over a case. Sign in and answer by {until}: {address}/desk/referrals. "
            "After that the offer lapses.",
            severity=case.severity,
            now=now,
        )


def _send_link(
    session: Session,
    opened: Installation,
    case: Case,
    referral: Referral,
    *,
    sender: str,
    token: str,
    until: str,
    now: datetime,
) -> None:
    address = opened.settings.public_url
    body = (
        f"{sender} asks {referral.body} to take over a matter. Read it and answer by {until}:\n\n"
        f"{address}{LINK_PAGE}#{token}\n\n"
        f"Or open {address}{LINK_PAGE} and enter this code:\n{token}\n\n"
        "The link is meant for you alone: whoever has it can read what is shared. Do not forward it."
    )
    outbox.put_sealed(
        session,
        Recipient(Carrier.MAIL, referral.sealed_address or b"", f"referral {referral.id}"),
        subject=f"{sender} asks you to take over a matter",
        body="",
        sealed_body=opened.vault.seal(outbox.BODY, body.encode()),
        segments=0,
        severity=case.severity,
        now=now,
        case_id=case.id,
    )


def _mailboxes(session: Session, referral: Referral, case: Case) -> list[str]:
    """Of the units that work such matters, else of all units, else of the duty manager; sealed: of sealed units."""
    own = sa.and_(col(Unit.authority_id) == referral.to_authority_id, col(Unit.mailbox).is_not(None))
    sealed = col(Unit.id).in_(sa.select(col(Queue.unit_id)).where(col(Queue.sealed).is_(True)))
    responder = col(Unit.responder) == FIRST_RESPONDER[case.category]
    for which in (sealed,) if referral.is_sealed else (sa.and_(responder, sa.not_(sealed)), sa.not_(sealed)):
        found = session.exec(select(Unit.mailbox).where(own, which)).all()
        if found:
            return sorted({str(mailbox) for mailbox in found})
    duty = session.get_one(Authority, referral.to_authority_id).duty_mailbox
    return [duty] if duty and not referral.is_sealed else []
