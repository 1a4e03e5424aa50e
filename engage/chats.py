"""Reading a chat: what a visitor's browser shows of their conversation."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from engage import reports
from engage.doing import ACCESS_KEY
from engage.models import Conversation, Report
from engage.reports import Thread
from engage.vault import Vault


@dataclass(frozen=True, slots=True)
class Chat:
    """A visitor's conversation about a report: its thread, its access code where we know it, and the language."""

    thread: Thread
    access_code: str | None
    language: str | None


def visitor_hash(vault: Vault, token: str) -> str:
    """By which a visitor's conversation is found again; their browser alone holds the token."""
    return vault.look_up_hash("visitor", token)


def read(session: Session, vault: Vault, token: str) -> Chat | None:
    """The chat of a token, or None where nothing was said that stands in a report."""
    found = session.exec(select(Conversation).where(Conversation.visitor_hash == visitor_hash(vault, token))).first()
    report = session.get(Report, found.report_id) if found and found.report_id else None
    if found is None or report is None:
        return None
    code = vault.access_code(report.access_salt, ACCESS_KEY)
    known = vault.access_hash(code) == report.access_hash
    language = found.state.get("language")
    return Chat(reports.read_thread(session, report.access_hash), code if known else None, language)
