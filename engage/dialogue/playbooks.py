"""Playbooks: what is said and asked by category. They are data, read once; a broken one refuses to load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yaml import YAMLError, safe_load

from engage.taxonomy import Category

FOLDER = Path(__file__).parent / "playbooks"
MOST_QUESTIONS = 3
UNSURE = "unsure"
#: Who says this is in danger from somebody who may see the phone, whatever else they write about.
_ALWAYS_QUIET = frozenset({"AFRAID_TO_TALK"})


class PlaybookError(Exception):
    """A playbook cannot be used; the message names the file. Mending the file helps."""


class Question(BaseModel):
    """One thing an officer would want to know. It is not asked when a detail or concept of `answered_by` was found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=r"^[a-z_]+$")
    ask: str = Field(min_length=1, max_length=160)
    answered_by: frozenset[str] = frozenset()


class Playbook(BaseModel):
    """What is said and asked about one category.

    `quiet`: the phone itself may be watched by whoever does harm; with `quiet_for`, where one of these concepts is
    found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    acknowledgement: str = Field(min_length=1, max_length=160)
    advice: str = Field(min_length=1, max_length=160)
    quiet: bool = False
    quiet_for: frozenset[str] = frozenset()
    questions: tuple[Question, ...] = Field(default=(), max_length=MOST_QUESTIONS)

    def is_quiet(self, details: frozenset[str]) -> bool:
        """Whether nothing may be said that endangers on a lock screen, and safety is asked about first."""
        return self.quiet or bool(details & (self.quiet_for | _ALWAYS_QUIET))

    def next_question(self, done: frozenset[str]) -> Question | None:
        """The first question that has neither been asked nor been answered by itself."""
        return next((question for question in self.questions if question.slug not in done), None)

    def answered(self, details: frozenset[str]) -> tuple[str, ...]:
        """The slugs of the questions that these details answer."""
        return tuple(question.slug for question in self.questions if question.answered_by & details)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """All playbooks."""

    by_category: Mapping[Category, Playbook]
    unsure: Playbook


def playbook(category: Category, sure: bool = True) -> Playbook:
    """The playbook of a category; where triage is not sure of it, the one that presumes nothing."""
    return _shelf().by_category[category] if sure else _shelf().unsure


def read_playbook(file: Path) -> Playbook:
    """The playbook of a file. Raises `PlaybookError`."""
    try:
        return Playbook.model_validate(safe_load(file.read_text("utf-8")))
    except (OSError, YAMLError, ValidationError) as problem:
        raise PlaybookError(f"{file.name}: {problem}") from None


def sentences() -> frozenset[str]:
    """Every sentence of every playbook, in English: what the catalogues must hold."""
    books = [*_shelf().by_category.values(), _shelf().unsure]
    return frozenset(
        sentence for book in books for sentence in (book.acknowledgement, book.advice, *(q.ask for q in book.questions))
    )


@cache
def _shelf() -> _Shelf:
    by_category = {category: read_playbook(FOLDER / f"{category}.yaml") for category in Category}
    return _Shelf(by_category, read_playbook(FOLDER / f"{UNSURE}.yaml"))
