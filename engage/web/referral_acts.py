"""What the forms of the case page about referrals do: from their fields to one act of `offering`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from engage import offering, referring
from engage.acting import LONGEST_REASON, Refused
from engage.installation import Installation
from engage.models import Case
from engage.offering import To
from engage.referrals import Terms
from engage.shared_copies import Chosen
from engage.taxonomy import Handling
from engage.web.act_fields import About, Fields, member, ticked, version, whole_number

#: What is chosen instead of an authority, to send a link to a body without an account.
BY_LINK: Final = "by link"
#: The names of boxes begin so: a message, a file, an authority whose staff is accused.
MESSAGE, FILE, ACCUSES = "message-", "file-", "accuses-"
NOBODY: Final = "nobody"
_EVERYTHING_NAMED: Final = frozenset({NOBODY})


def _(sentence: str) -> str:
    return sentence


def _offer(about: About, fields: Fields, opened: Installation) -> Case:
    if not fields.get("to"):
        raise Refused(_("Choose whom to ask."))
    by_link = fields["to"] == BY_LINK
    accused = ticked(fields, ACCUSES)
    if len(accused) > 1 and NOBODY in accused:
        raise Refused(_("Either it accuses somebody, or it names nobody: choose one."))
    identity = "identity" in fields
    return offering.offer(
        *about,
        opened=opened,
        to=To(body=fields.get("body", ""), address=fields.get("address", "")) if by_link else To(fields["to"]),
        terms=_terms(fields, identity, accused - _EVERYTHING_NAMED),
        chosen=Chosen(
            messages=_numbers(ticked(fields, MESSAGE)),
            files=_numbers(ticked(fields, FILE)),
            evidence="evidence" in fields,
        ),
        identity=identity,
        accused=accused - _EVERYTHING_NAMED if accused else None,
        version=version(fields),
    )


def _terms(fields: Fields, identity: bool, accused: frozenset[str]) -> Terms:
    minutes = whole_number(fields.get("lasts"))
    if minutes not in referring.LASTS:
        raise Refused(_("Choose how long the offer waits."))
    return Terms(
        purpose=_cut(fields.get("purpose", "")),
        handling=member(Handling, fields.get("handling"), _("Choose with whom it may be shared further.")),
        lasts=timedelta(minutes=minutes),
        note=_cut(fields.get("note", "")),
        joint="joint" in fields,
        identity_reason=_cut(fields.get("identity_reason", "")) if identity else "",
        accused=accused,
        exception=_cut(fields.get("exception", "")),
    )


def _take_back(about: About, fields: Fields, _opened: Installation) -> Case:
    return offering.take_back(*about, reason=fields.get("reason", ""), version=version(fields))


def _give_back(about: About, fields: Fields, _opened: Installation) -> Case:
    return offering.give_back(*about, reason=fields.get("reason", ""), version=version(fields))


def _complete(about: About, fields: Fields, _opened: Installation) -> Case:
    return offering.complete(*about, reason=fields.get("reason", ""), version=version(fields))


def _write(about: About, fields: Fields, _opened: Installation) -> Case:
    return offering.write(*about, text=fields.get("text", ""), version=version(fields))


def _cut(typed: str) -> str:
    """Words of a form, with what no database keeps made visible."""
    return typed.replace("\0", "␀").strip()[:LONGEST_REASON]


def _numbers(found: frozenset[str]) -> frozenset[int]:
    return frozenset(number for one in found if (number := whole_number(one)) is not None)


ACTS: dict[str, Callable[[About, Fields, Installation], Case]] = {
    "offer": _offer,
    "take-back": _take_back,
    "give-back": _give_back,
    "complete": _complete,
    "write-other": _write,
}
