"""Quiet matters: where whoever reads a reporter's thread or phone may be the one who does the harm."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session

from engage import contacts, conversations, further
from engage.dialogue import details_in, playbook
from engage.installation import Installation
from engage.models import Case, Queue, Report
from engage.taxonomy import Category
from engage.triage.concepts import concepts_in

#: The categories in which that is always thought of.
QUIET: Final = frozenset(
    {
        Category.HUMAN_TRAFFICKING,
        Category.INSIDER_CORRUPTION,
        Category.ASSAULT_HARASSMENT,
        Category.VULNERABLE_PERSON,
    }
)


def is_quiet(session: Session, opened: Installation, case: Case, report: Report) -> bool:
    """Whether nothing may be told in a report's thread that could bring its reporter into danger."""
    if case.category in QUIET or session.get_one(Queue, case.queue_id).sealed:
        return True
    if any(conversations.is_unsafe(session, one.id or 0) for one in contacts.of_report(session, report.id or 0)):
        return True
    words = further.all_words(session, report, "")
    return playbook(case.category, sure=True).is_quiet(
        frozenset(details_in(words) | concepts_in(words, opened.lexicon))
    )
