"""How a reporter goes on from their thread: by text, with a one-time word, or told when an answer waits."""

from __future__ import annotations

import re
from datetime import datetime

from engage import contacts, reports
from engage.installation import Installation
from engage.models import Case
from engage.taxonomy import Carrier
from engage.texting import read_number

#: What browsers take for an e-mail address (HTML, section 4.10.5.1.5), with a dot in the domain.
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")
LONGEST_ADDRESS = 254


class AddressRefused(Exception):
    """It is no address that a notice can go to. Another one may be."""


class CaseEnded(Exception):
    """No answer will come to a case that has ended. Writing again, which opens it, helps."""


def new_word(installation: Installation, access_hash: str, now: datetime) -> str:
    """A word that, texted to us within half an hour, ties a phone to the thread. Raises `reports.ThreadMissing`."""
    with installation.database.transaction() as session:
        report = reports.find_by_access(session, access_hash)
        return contacts.new_link_word(session, installation.vault, report.id or 0, now)


def keep_notice(installation: Installation, access_hash: str, typed: str, language: str) -> None:
    """Tell a phone or a mailbox when an answer waits, in a language; it replaces an earlier one.

    Raises `AddressRefused`, `CaseEnded` or `reports.ThreadMissing`; then nothing is kept.
    """
    carrier, address = read_address(typed, installation.settings.sms_number)
    with installation.database.transaction() as session:
        report = reports.find_by_access(session, access_hash)
        if not session.get_one(Case, report.case_id).status.is_open:
            raise CaseEnded
        contacts.keep_notice(session, installation.vault, report.id or 0, carrier, address, language)


def withdraw_notice(installation: Installation, access_hash: str) -> None:
    """Erase that address. Raises `reports.ThreadMissing`."""
    with installation.database.transaction() as session:
        contacts.forget_notice(session, reports.find_by_access(session, access_hash).id or 0)


def read_address(typed: str, our_number: str | None) -> tuple[Carrier, str]:
    """A mail address or, where we have a number to write from, a phone number. Raises `AddressRefused`."""
    address = typed.strip()
    if "@" in address:
        if len(address) > LONGEST_ADDRESS or not _MAIL.fullmatch(address):
            raise AddressRefused
        return Carrier.MAIL, address
    number = read_number(address, our_number) if our_number else None
    if number is None:
        raise AddressRefused
    return Carrier.SMS, number
