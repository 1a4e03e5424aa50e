"""When a form was stale: what the case was on that page, what it is now, and what the officer wanted it to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engage.case_file import CaseFile
from engage.taxonomy import CaseStatus, Category, Severity
from engage.web import desk_words
from engage.web.frame import say


def _(sentence: str) -> str:
    return sentence


#: The hidden field that carries what a page said of the case.
FIELD = "was"
NOBODY = _("Nobody")
YOU = _("you")
MOST = 200  # characters of one value that are read back
_LISTS: dict[str, type[StrEnum]] = {"category": Category, "severity": Severity, "status": CaseStatus}
_LABELS = {
    "status": _("Status"),
    "category": _("Category"),
    "severity": _("Severity"),
    "queue": _("Queue"),
    "holder": _("Held by"),
}
#: What each act makes of the status, where it is known before it is done.
_BECOMES = {
    "answer": CaseStatus.IN_PROGRESS,
    "wait": CaseStatus.WAITING_FOR_REPORTER,
    "refer": CaseStatus.REFERRED,
    "resolve": CaseStatus.RESOLVED,
    "close": CaseStatus.CLOSED,
    "reopen": CaseStatus.REOPENED,
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing about a case: how it was on the officer's page, how it is, and what the form wanted, if anything."""

    label: str
    was: str
    now: str
    wanted: str = ""


def seen_now(file: CaseFile) -> str:
    """What a form carries of the case as its page shows it."""
    return json.dumps(_state(file), ensure_ascii=False)


def compared(file: CaseFile, act: str, fields: Mapping[str, str]) -> list[Compared]:
    """What has changed since the page of a form, or was to be changed by it; empty for a form without the field."""
    before = _read(fields.get(FIELD, ""))
    if not before:
        return []
    state, wanted = _state(file), _wanted(file, act, fields)
    return [
        Compared(say(label), _word(name, before[name]), _word(name, state[name]), _word(name, wanted.get(name, "")))
        for name, label in _LABELS.items()
        if before[name] != state[name] or (name in wanted and wanted[name] != state[name])
    ]


def _state(file: CaseFile) -> dict[str, str]:
    case = file.case
    return {
        "status": case.status.value,
        "category": case.category.value,
        "severity": case.severity.value,
        "queue": file.queue.name,
        "holder": file.holder or NOBODY,
    }


def _read(carried: str) -> dict[str, str]:
    """What the field carried; whatever was made of it on the way, it is shown as text and believed in nothing."""
    try:
        found = json.loads(carried)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: str(found.get(name, ""))[:MOST] for name in _LABELS}


def _wanted(file: CaseFile, act: str, fields: Mapping[str, str]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    if act in _BECOMES:
        wanted["status"] = _BECOMES[act].value
    if act == "answer" and "wait" in fields:
        wanted["status"] = CaseStatus.WAITING_FOR_REPORTER.value
    if act in ("reclassify", "correct"):
        wanted |= {name: fields.get(name, "")[:MOST] for name in ("category", "severity")}
    if act == "transfer":
        names = {queue.slug: queue.name for queue in file.other_queues}
        wanted |= {"queue": names.get(fields.get("queue", ""), ""), "holder": NOBODY}
    if act in ("claim", "release"):
        wanted["holder"] = YOU if act == "claim" else NOBODY
    return {name: value for name, value in wanted.items() if value}


def _word(name: str, value: str) -> str:
    """A value in the language of the page; the names of queues and people stay as they are."""
    if name in _LISTS:
        return desk_words.word(_LISTS[name](value)) if value in list(_LISTS[name]) else value
    return say(value) if value in (NOBODY, YOU) else value
