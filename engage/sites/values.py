"""The single values that a description may hold, such as slugs, names and hours, each checked by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from engage.dialogue.topics import known_topics
from engage.posters.codes import is_valid
from engage.triage.rules import shipped_concepts

LONGEST_REPLY = 1000  # characters
LONGEST_WORDS = 20_000  # characters of a site's own words for one concept
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LOGIN = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)")


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError(f"{value!r} is no slug: use small letters, digits and single dashes")
    return value


def _login(value: str) -> str:
    if not _LOGIN.fullmatch(value):
        raise ValueError(f"{value!r} is no login: use small letters, digits, dots and dashes")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is no language code such as ar or fil")
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # unknown; not a relative path; a folder of zones
        raise ValueError(f"{value!r} is no time zone such as Europe/London") from None
    return value


def _hours(value: str) -> str:
    if not _HOURS.fullmatch(value):
        raise ValueError(f"{value!r} are no hours such as 22:00-06:00")
    if value[:5] == value[6:]:
        raise ValueError(f"{value!r} begin and end at the same time; leave hours out for the whole day")
    return value


def _span(value: str) -> str:
    if not _SPAN.fullmatch(value) or value[:5] == value[6:]:
        raise ValueError(f"{value!r} are no hours such as 09:00-17:00 or 00:00-24:00")
    return value


def _code(value: str) -> str:
    if not is_valid(value):
        raise ValueError(f"{value!r} is no poster code: four characters and the right check character, in capitals")
    return value


def _queue_slug(written: str) -> str:
    if written == "all":
        raise ValueError("no queue can have the slug 'all'")
    return written


def _topic(value: str) -> str:
    if value not in known_topics():
        raise ValueError(f"{value!r} is no topic; topics are {', '.join(known_topics())}")
    return value


def _concept(value: str) -> str:
    if value not in shipped_concepts():
        raise ValueError(f"{value!r} is no concept that a rule uses; what there is stands in concepts.yaml")
    return value


Slug = Annotated[str, Field(max_length=64), AfterValidator(_slug)]
Login = Annotated[str, Field(max_length=64), AfterValidator(_login)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
LanguageCode = Annotated[str, AfterValidator(_language)]
Names = dict[LanguageCode, Name]
Code = Annotated[str, AfterValidator(_code)]
Concept = Annotated[str, AfterValidator(_concept)]
QueueSlug = Annotated[Slug, AfterValidator(_queue_slug)]
Span = Annotated[str, AfterValidator(_span)]
Topic = Annotated[str, AfterValidator(_topic)]
Number = Annotated[str, Field(min_length=1, max_length=32)]
Mailbox = Annotated[str, Field(max_length=254, pattern=r"^\S+@\S+$")]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Hours = Annotated[str, AfterValidator(_hours)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Minutes = Annotated[int, Field(ge=1, le=525_600)]


class Entry(BaseModel):
    """One entry of a description: frozen, and refused when it says something unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _can_be_kept(cls, given: Any) -> Any:
        if isinstance(given, dict) and any("\0" in text for text in _texts(given)):
            raise ValueError("holds a NUL, which no database keeps")
        return given


def _texts(given: Any) -> Iterator[str]:
    """Every text in plain values, the names too."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict):
        for name, value in given.items():
            yield from _texts(name)
            yield from _texts(value)
    elif isinstance(given, list | tuple):
        for one in given:
            yield from _texts(one)
