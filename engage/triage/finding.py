"""What triage says about a message, and the words that decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engage.taxonomy import FIRST_RESPONDER, Category, Responder, Severity


class Evidence(NamedTuple):
    """One stretch of the message that spoke for the finding (positive weight) or against it (negative)."""

    term: str  # the lexicon entry, as it is written there
    matched: str  # the exact slice original_text[start:end]
    start: int  # character offset in the original text
    end: int
    rule: str  # slug of the rule or concept that used it
    weight: float


@dataclass(frozen=True, slots=True)
class Finding:
    """Category, severity and language of a message, how sure we are (0 to 1), and why."""

    category: Category
    severity: Severity
    language: str  # en es fr ar zh ru pt fil, or 'und' when there is nothing to go by
    confidence: float
    evidence: tuple[Evidence, ...]  # for and against, ordered by start
    reason: str  # one plain sentence for the officer
    second: Category | None  # next best
    meant: tuple[tuple[str, str], ...] = ()  # the concepts that are not denied, with the entries that stood for them

    @property
    def responder(self) -> Responder:
        """Who must act first."""
        return FIRST_RESPONDER[self.category]
