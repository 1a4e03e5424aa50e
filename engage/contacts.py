"""Contacts: phones that reports come from and answers go to, known by a keyed hash, their numbers sealed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.base32 import ALPHABET, check_character, plain
from engage.db import add_row
from engage.models import AnswerNotice, Contact, LinkWord, ReportContact
from engage.outbox import ADDRESS, Recipient
from engage.taxonomy import Carrier, Channel
from engage.vault import Vault

#: WhatsApp lets a business write freely for so long after a person's last message.
WHATSAPP_WINDOW = timedelta(hours=24)
#: A one-time word: seven random letters, 35 bits for half an hour, and a check letter.
LINK_CHARACTERS = 8
LINK_LASTS = timedelta(minutes=30)
CHANNEL = {Carrier.SMS: Channel.SMS, Carrier.WHATSAPP: Channel.WHATSAPP}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a text, as the provider says: an E.164 number, or for what is no phone any name of theirs."""

    carrier: Carrier
    address: str
    our_number: str
    answerable: bool


def address_hash(vault: Vault, carrier: Carrier, address: str) -> str:
    """By which a contact is found again."""
    return vault.look_up_hash("contact", f"{carrier} {address}")


def keep(session: Session, vault: Vault, sender: Sender, now: datetime) -> Contact:
    """The contact of a sender, locked until the transaction ends, so that one sender's texts are heard in turn."""
    own = address_hash(vault, sender.carrier, sender.address)
    found = _find(session, own)
    if found is None:
        add_row(
            session,
            Contact,
            address_hash=own,
            carrier=sender.carrier,
            sealed_address=vault.seal(ADDRESS, sender.address.encode()),
            our_number=sender.our_number,
            answerable=sender.answerable,
            opted_out_at=None,
            heard_at=None,
            courtesy_at=None,
            added_at=now,
        )
        found = _find(session, own)
    assert found is not None  # noqa: S101 - just written
    found.our_number = sender.our_number
    return found


def _find(session: Session, own: str) -> Contact | None:
    return session.exec(select(Contact).where(Contact.address_hash == own).with_for_update()).first()


def recipient(contact: Contact) -> Recipient:
    """A contact as the outbox needs it."""
    return Recipient(contact.carrier, contact.sealed_address, contact.address_hash, contact.our_number, contact.id)


def of_report(session: Session, report_id: int) -> list[Contact]:
    """The contacts at which a report's reporter is answered."""
    query = select(Contact).join(ReportContact, col(ReportContact.contact_id) == Contact.id)
    return list(session.exec(query.where(ReportContact.report_id == report_id).order_by(col(Contact.id))))


def tie(session: Session, report_id: int, contact_id: int) -> None:
    """From now on, answers to a report go to a contact. Doing it again changes nothing."""
    if session.get(ReportContact, (report_id, contact_id)) is None:
        add_row(session, ReportContact, report_id=report_id, contact_id=contact_id)


def obstacle(contact: Contact, now: datetime) -> str | None:
    """Why a contact cannot be written to now, in a few words for the officer; None when they can."""
    if contact.opted_out_at is not None:
        return "The reporter has asked for no more texts."
    if not contact.answerable:
        return "The sender is no phone that takes texts."
    if contact.carrier is Carrier.WHATSAPP and (contact.heard_at is None or now - contact.heard_at > WHATSAPP_WINDOW):
        return "WhatsApp takes answers only within 24 hours of the reporter's last message."
    return None


def opt_out(session: Session, contact_id: int, now: datetime) -> bool:
    """The contact wants no more texts. True when that is new."""
    done = session.connection().execute(
        sa.update(Contact)
        .where(col(Contact.id) == contact_id, col(Contact.opted_out_at).is_(None))
        .values(opted_out_at=now)
    )
    return done.rowcount == 1


def new_link_word(session: Session, vault: Vault, report_id: int, now: datetime) -> str:
    """A word that, texted to us within half an hour, ties the sender's phone to a report, once."""
    payload = "".join(secrets.choice(ALPHABET) for _ in range(LINK_CHARACTERS - 1))
    word = payload + check_character(payload)
    add_row(
        session,
        LinkWord,
        word_hash=vault.look_up_hash("link-word", word),
        report_id=report_id,
        expires_at=now + LINK_LASTS,
        used_at=None,
    )
    return word


def link_words_in(text: str) -> list[str]:
    """What may be a one-time word in a text: eight letters whose last one checks the others."""
    likely = (plain(token) for token in text.split() if LINK_CHARACTERS <= len(token) <= LINK_CHARACTERS + 3)
    return [
        word
        for word in likely
        if len(word) == LINK_CHARACTERS and set(word) <= set(ALPHABET) and check_character(word[:-1]) == word[-1]
    ][:5]


def spend_link_word(session: Session, vault: Vault, text: str, now: datetime) -> int | None:
    """The report whose one-time word stands in a text, spent now; 0 for a word that is spent or too old already."""
    hashes = [vault.look_up_hash("link-word", word) for word in link_words_in(text)]
    if not hashes:
        return None
    found = session.exec(select(LinkWord).where(col(LinkWord.word_hash).in_(hashes)).with_for_update()).first()
    if found is None:
        return None
    if found.used_at is not None or found.expires_at <= now:
        return 0
    found.used_at = now
    session.add(found)
    return found.report_id


def keep_notice(session: Session, vault: Vault, report_id: int, carrier: Carrier, address: str, language: str) -> None:
    """Tell this address, and nothing else, when an answer waits; it replaces an earlier one."""
    forget_notice(session, report_id)
    add_row(
        session,
        AnswerNotice,
        report_id=report_id,
        carrier=carrier,
        sealed_address=vault.seal(ADDRESS, address.encode()),
        language=language,
    )


def notice_of(session: Session, report_id: int) -> AnswerNotice | None:
    """Where a report's reporter wants to hear that an answer waits."""
    return session.get(AnswerNotice, report_id)


def forget_notice(session: Session, report_id: int) -> None:
    """Erase that address."""
    session.connection().execute(sa.delete(AnswerNotice).where(col(AnswerNotice.report_id) == report_id))
