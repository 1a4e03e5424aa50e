"""What each form of the case page does: from its fields to one act of the desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from engage import assigning, cases, desk, raising, same_event
from engage.accounts import Officer
from engage.installation import Installation
from engage.models import Case
from engage.taxonomy import Category, Disposition, Severity
from engage.web import referral_acts
from engage.web.act_fields import About, Fields, member, version, whole_number

__all__ = ["ACTS", "MISLED", "Fields", "take", "whole_number"]

#: Fields that say something of the form, not of the act.
_OF_THE_FORM = {"csrf_token", "version", "seen", "key", "was"}
#: The names of the boxes with the words that misled triage begin so.
MISLED = "misled-"
#: The names of the boxes with the cases that are the same event begin so.
SAME = "same-"
#: Where threads are read: not of the form, but given to every act with its fields.
_RETURN_ADDRESS = "return_address"


def _(sentence: str) -> str:
    return sentence


def take(
    session: Session,
    opened: Installation,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    act: str,
    fields: Fields,
) -> Case:
    """Do what a form asks for, once for its key. Raises what the act raises, or `cases.CaseMissing` for no such act."""
    if act not in ACTS:
        raise cases.CaseMissing
    words = json.dumps([act, sorted((name, fields[name]) for name in fields if name not in _OF_THE_FORM)])
    about = (session, officer, reference, now)
    fields = {**fields, _RETURN_ADDRESS: f"{opened.settings.public_url}/return"}
    if not fields.get("key"):
        return ACTS[act](about, fields, opened)
    return cases.once(
        session,
        opened.vault,
        officer,
        reference,
        now,
        key=fields["key"],
        words=words,
        act=lambda: ACTS[act](about, fields, opened),
    )


def _claim(about: About, fields: Fields, _opened: Installation) -> Case:
    return desk.claim(*about, version=version(fields), take_over="take_over" in fields)


def _release(about: About, fields: Fields, _opened: Installation) -> Case:
    return desk.release(*about, version=version(fields))


def _answer(about: About, fields: Fields, _opened: Installation) -> Case:
    return desk.answer(
        *about,
        text=fields.get("text", ""),
        version=version(fields),
        wait="wait" in fields,
        return_address=fields[_RETURN_ADDRESS],
    )


def _note(about: About, fields: Fields, _opened: Installation) -> Case:
    return desk.note(*about, text=fields.get("text", ""))


def _reclassify(about: About, fields: Fields, _opened: Installation) -> Case:
    return desk.reclassify(
        *about,
        category=member(Category, fields.get("category"), _("Choose a category.")),
        severity=member(Severity, fields.get("severity"), _("Choose a severity.")),
        reason=fields.get("reason", ""),
        version=version(fields),
    )


def _correct(about: About, fields: Fields, _opened: Installation) -> Case:
    marked = [value for name, value in fields.items() if name.startswith(MISLED)]
    return raising.correct(
        *about,
        category=member(Category, fields.get("category"), _("Choose a category.")),
        severity=member(Severity, fields.get("severity"), _("Choose a severity.")),
        reason=fields.get("reason", ""),
        words=", ".join(dict.fromkeys([*marked, *filter(None, [fields.get("words", "").strip()])])),
        version=version(fields),
    )


def _merge(about: About, fields: Fields, _opened: Installation) -> Case:
    if "several" in fields:
        others = [name.removeprefix(SAME) for name in fields if name.startswith(SAME)]
        if not others:
            raise desk.Refused(_("Choose the cases that are the same event."))
        return same_event.merge_all(*about, others=others, version=version(fields))
    if not fields.get("other", "").strip():
        raise desk.Refused(_("Give the reference of the other case."))
    return same_event.merge(*about, other=fields["other"].strip(), version=version(fields))


def _dismiss(about: About, fields: Fields, _opened: Installation) -> Case:
    return same_event.dismiss(*about, other=fields.get("other", ""), version=version(fields))


def _split(about: About, fields: Fields, _opened: Installation) -> Case:
    return same_event.split(*about, report=fields.get("report", ""), version=version(fields))


def _escalate(about: About, fields: Fields, _opened: Installation) -> Case:
    return raising.escalate(*about, reason=fields.get("reason", ""), version=version(fields))


def _designate(about: About, fields: Fields, _opened: Installation) -> Case:
    return raising.designate(*about, back="back" in fields, version=version(fields))


def _transfer(about: About, fields: Fields, _opened: Installation) -> Case:
    if not fields.get("queue"):
        raise desk.Refused(_("Choose a queue."))
    return desk.transfer(*about, queue=fields["queue"], reason=fields.get("reason", ""), version=version(fields))


def _move(about: About, fields: Fields, opened: Installation) -> Case:
    to = fields.get("to", "").strip()
    if not to and "new" not in fields:
        raise desk.Refused(_("Give the reference of the case, or choose a case of its own."))
    return desk.move_message(
        *about,
        installation=opened,
        message_id=whole_number(fields.get("message")),
        to="" if "new" in fields else to,
        version=version(fields),
    )


def _assign(about: About, fields: Fields, _opened: Installation) -> Case:
    return assigning.assign(*about, to=fields.get("to", ""), version=version(fields))


def _wait(about: About, fields: Fields, _opened: Installation) -> Case:
    return desk.wait_for_reporter(*about, version=version(fields))


def _refer(about: About, fields: Fields, _opened: Installation) -> Case:
    if not fields.get("to", "").strip():
        raise desk.Refused(_("Write whom you told."))
    return desk.refer(*about, to=fields["to"], reason=fields.get("reason", ""), version=version(fields))


def _resolve(about: About, fields: Fields, _opened: Installation) -> Case:
    return desk.resolve(*about, **_ending(fields))


def _close(about: About, fields: Fields, _opened: Installation) -> Case:
    return desk.close(*about, **_ending(fields))


def _reopen(about: About, fields: Fields, _opened: Installation) -> Case:
    return desk.reopen(*about, reason=fields.get("reason", ""), version=version(fields))


def _ending(fields: Fields) -> dict[str, Any]:
    disposition = member(Disposition, fields.get("disposition"), _("Choose why the case ended."))
    return {
        "disposition": disposition,
        "text": fields.get("text", ""),
        "version": version(fields),
        "return_address": fields[_RETURN_ADDRESS],
    }


ACTS: dict[str, Callable[[About, Fields, Installation], Case]] = {
    "claim": _claim,
    "assign": _assign,
    "release": _release,
    "answer": _answer,
    "note": _note,
    "reclassify": _reclassify,
    "correct": _correct,
    "merge": _merge,
    "dismiss": _dismiss,
    "split": _split,
    "escalate": _escalate,
    "designate": _designate,
    "transfer": _transfer,
    "move": _move,
    "wait": _wait,
    "refer": _refer,
    **referral_acts.ACTS,
    "resolve": _resolve,
    "close": _close,
    "reopen": _reopen,
}
