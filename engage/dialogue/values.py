"""What a dialogue is made of: where it stands, what was heard, what is to be done and said. All of it frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engage.taxonomy import CaseStatus, Category, Severity

_SMALL_TALK = frozenset({"GREETING", "PRAISE", "REPORTING", "SPEAKS_TO_YOU", "QUESTION_MARK", "ABOUT_SERVICE"})
_ASKING = frozenset({"QUESTION", "QUESTION_MARK"})
_QUESTIONS = (Category.QUESTION_FEEDBACK, Category.LOST_PROPERTY)


class Pending(StrEnum):
    """What our last question was about."""

    NOTHING = "nothing"
    LANGUAGE = "language"
    WHAT = "what"  # only a place was sent
    PLACE = "place"
    SAFE = "safe"  # whether it is safe to write to this phone
    QUESTION = "question"  # one of the playbook's; its slug is the last of `asked`
    OFFICER = "officer"  # an officer asked something
    HELPED = "helped"  # whether the matter is dealt with


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as the dialogue needs it. `label` is its name in the language that is spoken."""

    place_id: int
    label: str
    emergency_number: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where a conversation stands. `asked` holds the slugs of questions that were asked or need not be asked any more.

    `topic` is the category whose playbook we follow, None for the one that presumes nothing; `placed` tells whether we
    asked where it is. `options` are the ids of the places that were offered. `burst_from` and `burst` count messages
    that come fast.
    """

    language: str | None = None
    language_chosen: bool = False
    pending: Pending = Pending.NOTHING
    topic: Category | None = None
    asked: tuple[str, ...] = ()
    placed: bool = False
    options: tuple[int, ...] = ()
    quiet: bool = False
    safe: bool | None = None
    with_person: bool = False
    burst_from: datetime | None = None
    burst: int = 0

    def kept(self) -> dict[str, Any]:
        """The state as plain values."""
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return values | {
            "pending": self.pending.value,
            "topic": self.topic.value if self.topic else None,
            "asked": list(self.asked),
            "options": list(self.options),
            "burst_from": self.burst_from.isoformat() if self.burst_from else None,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> State:
        """The state of plain values; what an older version did not know has its beginning."""
        values = {name: kept[name] for name in cls.__slots__ if name in kept}
        if not values:
            return cls()
        since = values.get("burst_from")
        return cls(
            **values
            | {
                "pending": Pending(values.get("pending", Pending.NOTHING)),
                "topic": Category(values["topic"]) if values.get("topic") else None,
                "asked": tuple(values.get("asked", ())),
                "options": tuple(values.get("options", ())),
                "burst_from": datetime.fromisoformat(since) if since else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Current:
    """The report that a conversation is about. `staffed` once an officer holds its case."""

    reference: str
    place_id: int | None
    category: Category
    severity: Severity
    status: CaseStatus
    staffed: bool
    standing: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One message, and what was found in it before the dialogue was asked.

    `spot` is the place that its words name for certain, by a poster's code where `by_code`; `here` is the one of the
    page or link it came by; `likely` are places it may mean. `sure` tells whether triage knows what it is about;
    `urgent_elsewhere`, that it is urgent and somebody else must act on it than on the report under way. `details` are
    the kinds of detail and the concepts in its words. `fact` is what the site knows about what it asks. `linked` names
    the report whose one-time word it holds, and is empty when such a word is spent; None without one. `since` is when
    we heard them last before.
    """

    text: str
    language: str | None
    category: Category
    severity: Severity
    sure: bool
    urgent_elsewhere: bool = False
    details: frozenset[str] = frozenset()
    spot: Spot | None = None
    by_code: bool = False
    here: Spot | None = None
    only_code: bool = False
    likely: tuple[Spot, ...] = ()
    fact: str | None = None
    linked: str | None = None
    pictures: int = 0
    since: datetime | None = None

    @property
    def place(self) -> Spot | None:
        """The place that it is about, where that is known: a code before the page it came by, that before a name."""
        return (self.spot if self.by_code else None) or self.here or self.spot

    @property
    def is_small_talk(self) -> bool:
        """Whether there is nothing in it but a greeting, thanks, or nothing at all that we know."""
        harmless = self.category is Category.QUESTION_FEEDBACK and self.severity is Severity.LOW
        return harmless and self.details <= _SMALL_TALK

    @property
    def asks(self) -> bool:
        """Whether it is a question to us, and no report."""
        return self.category in _QUESTIONS and bool(self.details & _ASKING)


class Act(StrEnum):
    """What is to be done with a message."""

    OPEN_REPORT = "open_report"
    ADD_TO_REPORT = "add_to_report"
    ADD_QUIETLY = "add_quietly"  # without opening an ended case again
    PLACE_REPORT = "place_report"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    WANT_PERSON = "want_person"
    CALL_HELPED = "call_helped"
    CALL_NOT_HELPED = "call_not_helped"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence of the catalogue. What it names in `%(…)s` and is not in `values`, intake knows: number, reference …

    `courtesy` marks what no conversation asked for: a sender gets at most one such text a day.
    """

    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)
    courtesy: bool = False
    translated: bool = False  # already in the reporter's language


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from one message: the next state, what to do, what to say, and why this report or a new one."""

    state: State
    does: tuple[Act, ...]
    says: tuple[Saying, ...]
    reason: str
    place_id: int | None = None
