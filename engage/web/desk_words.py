"""How the desk's templates write our words: labels in the language of the page, ages, places, lines of history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from babel.numbers import format_percent
from flask import Blueprint

from engage import labels, poster_words, promises
from engage.case_file import Written
from engage.gateways import twilio
from engage.languages import LANGUAGES, say_number
from engage.models import ReportFinding
from engage.posters.register import Named
from engage.promises import Promising
from engage.reach import Sending
from engage.taxonomy import (
    AlarmLevel,
    Carrier,
    CasePromise,
    Category,
    Channel,
    Disposition,
    Happening,
    OutgoingStatus,
    Promise,
    Severity,
)
from engage.triage.telling import Piece, reason_in
from engage.web.frame import language, say

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: Details of a history line that are members of our lists, by their key and the list they are of.
_LISTED: dict[str, type[StrEnum]] = {
    "channel": Channel,
    "category": Category,
    "severity": Severity,
    "disposition": Disposition,
    "promise": CasePromise,
    "level": AlarmLevel,
}

#: What a line of the history may leave open in its sentence.
_MAY_LACK = (
    *("channel", "reason", "queue_id", "from_queue_id", "category", "severity", "to", "disposition"),
    *("from_case", "problem", "promise", "level", "into", "words", "from"),
)


def teach(door: Blueprint) -> None:
    """Give the templates of the application the filters of the desk."""
    for name, written in (
        ("word", word),
        ("made_as", made_as),
        ("shape", shape),
        ("age", age),
        ("called", called),
        ("language_name", language_name),
        ("percent", percent),
        ("why", why),
        ("texter", texter),
        ("trouble_of", trouble_of),
        ("size", size),
        ("minutes", minutes),
        ("standing", promises.standing),
        ("standing_words", standing_words),
        ("standing_shape", standing_shape),
    ):
        door.add_app_template_filter(written, name)


def made_as(name: str) -> str:
    """What a design or a size of posters is called; what has no word of its own is called as it is written."""
    words = poster_words.DESIGNS.get(name) or poster_words.SIZES.get(name)
    return say(words) if words else name


def word(member: StrEnum) -> str:
    """A member of one of our lists in the words of the page."""
    return say(labels.word_for(member))


def shape(severity: Severity) -> str:
    """The shape that stands beside a severity's word."""
    return labels.SHAPES[severity]


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in one short unit."""
    passed = max(now - moment, timedelta())
    if passed < HOUR:
        return say("%(count)s min", count=passed // MINUTE)
    if passed < 2 * DAY:
        return say("%(count)s h", count=passed // HOUR)
    return say("%(count)s d", count=passed // DAY)


def standing_words(case: Promising, now: datetime) -> str:
    """How the next promise of a case stands: `12 min left`, `Late by 1 h 5 min`, `Paused`; empty where nothing is."""
    standing = promises.standing(case, now)
    if standing.promise is None or case.closed_at is not None:
        return ""
    if standing.state is Promise.PAUSED:
        return say("Paused")
    if standing.left < timedelta():
        return say("Late by %(time)s", time=lasting(-standing.left))
    return say("%(time)s left", time=lasting(standing.left))


def standing_shape(case: Promising, now: datetime) -> str:
    """The shape that stands before those words."""
    return labels.STANDINGS[promises.standing(case, now).state]


def lasting(time: timedelta) -> str:
    """A length of time in its two largest units, in whole minutes that have begun: never none."""
    minutes = max(1, -(-time // MINUTE))
    if minutes < 60:
        return say("%(count)s min", count=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return say("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return say("%(days)s d %(hours)s h", days=days, hours=hours)


def minutes(number: int) -> str:
    """A number of minutes in the largest unit that it is whole in."""
    if number % (24 * 60) == 0:
        return say("%(count)s d", count=number // (24 * 60))
    return say("%(count)s h", count=number // 60) if number % 60 == 0 else say("%(count)s min", count=number)


def called(named: Named) -> str:
    """A name in the language of the page."""
    return named.in_language(language())


def language_name(code: str) -> str:
    """A language as its speakers call it, or its code where it is none of ours."""
    return LANGUAGES[code].name if code in LANGUAGES else code


def percent(share: float) -> str:
    """A share of one as a percentage."""
    return format_percent(share, "#0 %", locale=language())


def why(finding: ReportFinding) -> str:
    """Why triage says so, in the language of the page."""
    if not finding.evidence:
        return say(finding.reason)
    pieces = [Piece(piece["matched"], piece["rule"], piece["weight"]) for piece in finding.evidence]
    return reason_in(language(), finding.category, finding.severity, pieces)


def texter(carrier: Carrier) -> str:
    """What a reporter is called instead of their number."""
    return say(labels.TEXTERS[carrier])


def trouble_of(sending: Sending) -> str:
    """Why a message of ours does not get on, where that is known; empty for one that arrived."""
    if sending.status is OutgoingStatus.DELIVERED:
        return ""
    return (
        say(sending.problem) if sending.problem else twilio.sentence(sending.error_code) if sending.error_code else ""
    )


def size(number: int) -> str:
    """A number of bytes in kilobytes, never none."""
    return say("%(count)s kB", count=say_number(language(), max(1, round(number / 1000))))


def history_sentence(line: Written, queue_names: Mapping[int, str]) -> str:
    """A line of a case's history as a sentence."""
    what, details = line.what, line.details or {}
    if what is None:
        return line.text
    values: dict[str, Any] = {
        key: _detail(key, value, queue_names) for key, value in details.items() if not isinstance(value, dict)
    }
    before = details.get("before")
    if isinstance(before, dict):
        values.update({f"was_{key}": _detail(key, value, queue_names) for key, value in before.items()})
    values["who"] = line.by or say(labels.ENGAGE)
    return say(labels.sentence_for(what, details), **_whole(what, values))


def _detail(key: str, value: object, queue_names: Mapping[int, str]) -> str:
    if key in _LISTED and value in list(_LISTED[key]):
        return word(_LISTED[key](str(value)))
    if key.endswith("queue_id") and isinstance(value, int):
        return queue_names.get(value, "…")
    return str(value)


def _whole(what: Happening, values: dict[str, Any]) -> dict[str, Any]:
    """The values, with a dash for each that an older line may lack."""
    return {**dict.fromkeys(_MAY_LACK, "–"), **values, "what": what}
