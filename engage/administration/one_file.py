"""Settings as one file: all of them written down, what a file would change here, and loading it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from engage import audit
from engage.accounts import Officer
from engage.administration import changes, reach, ruled, rules
from engage.administration.kinds import KINDS
from engage.administration.refusals import Missing, Refused
from engage.sites import Description, Loaded, described, load_description, read_text, written
from engage.sites.parts import put_together, taken_apart
from engage.sites.reading import DescriptionError
from engage.sites.values import Entry
from engage.taxonomy import Act


def _(sentence: str) -> str:
    return sentence


NOT_YOURS = _("It would change what is another authority's: %(name)s. Its own administrators load that.")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file would make of one thing: its kind and name, how it is (None: not there), how it would be."""

    kind: str
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any]


def export(session: Session, *, staff: bool) -> str:
    """Everything in use as one text. Without `staff` nobody is named, in the shifts neither."""
    parts = described(session)
    if not staff:
        parts["staff"] = {}
        parts["shifts"] = {name: one.model_copy(update={"staff": None}) for name, one in parts["shifts"].items()}
    return written(put_together(parts))


def differences(session: Session, description: Description) -> list[Difference]:
    """What loading a description would change, kind by kind. What it does not name stays as it is."""
    there, wanted = described(session), taken_apart(description)
    return [
        Difference(kind, name, before.model_dump(mode="json") if before else None, after.model_dump(mode="json"))
        for kind in KINDS
        for name, after, before in ((name, after, there[kind].get(name)) for name, after in wanted[kind].items())
        if before is None or _plain(kind, before) != _plain(kind, after)
    ]


def _plain(kind: str, part: Entry) -> dict[str, Any]:
    plain = part.model_dump(mode="json")
    if kind == "places":  # a file that does not name a poster leaves it where it is
        plain["posters"] = sorted(poster["code"] for poster in plain["posters"])
    if kind == "staff":  # whoever works in several units works in them in no order
        plain["units"] = sorted(plain["units"])
    return plain


def new_order(session: Session, description: Description) -> bool:
    """Whether the rules would stand in another order."""
    here = [rule.slug for rule in rules.current(session)]
    wanted = [rule.slug for rule in description.duty_rules]
    kept = [slug for slug in here if slug in wanted]
    return bool(wanted) and [*wanted, *(slug for slug in here if slug not in wanted)] != here and kept != wanted


def read_for(session: Session, officer: Officer, text: str) -> tuple[Description, list[Difference]]:
    """What a file says and would change, if this administrator may load it. Raises `DescriptionError`, `Refused`.

    Staff in it are passed over: people are invited. Rules must be the administrator's to change, as one by one.
    """
    description = without_staff(read_text(text))
    found = differences(session, description)
    around, there, wanted = reach.look_around(session, officer), described(session), taken_apart(description)
    authorities = set(there["authorities"])
    for one in found:
        before, after = there[one.kind].get(one.name), wanted[one.kind][one.name]
        owner = _owner(around, wanted, one.kind, after)
        foreign = before is not None and not around.sees(one.kind, before)
        if foreign or (owner is not None and owner != around.own and owner in authorities):
            raise Refused(NOT_YOURS, name=f"{one.kind} {one.name}")
        try:
            reach.check(around, one.kind, before, after)
        except Missing:
            raise Refused(NOT_YOURS, name=f"{one.kind} {one.name}") from None
    return description, found


def _owner(around: reach.Around, wanted: dict[str, dict[str, Any]], kind: str, part: Any) -> str | None:
    """Whose a thing would be, also where its unit or queue comes with the same file."""
    if kind == "queues":
        unit = wanted["units"].get(part.unit)
        return str(unit.authority) if unit else around.owner(kind, part)
    if kind in ("targets", "shifts"):
        queue = wanted["queues"].get(part.queue or "")
        return _owner(around, wanted, "queues", queue) if queue else around.owner(kind, part)
    if kind == "authorities":
        return str(part.slug)
    return around.owner(kind, part)


def without_staff(description: Description) -> Description:
    """The same without people."""
    watch = description.watch
    if watch is not None:
        nobody = tuple(shift.model_copy(update={"staff": None}) for shift in watch.shifts)
        watch = watch.model_copy(update={"shifts": nobody})
    return description.model_copy(update={"staff": (), "watch": watch})


def load(session: Session, officer: Officer, now: datetime, text: str, *, seen: str, reason: str = "") -> Loaded:
    """Load a file that was looked at before. `seen` marks what it would change, so that nothing else does.

    Raises `Refused`, `DescriptionError`, `rules.NotYours`, `rules.LeftAlone` and `ChangedMeanwhile`.
    """
    reason = changes.checked_reason(reason)
    changes.take_turn(session)
    description, found = read_for(session, officer, text)
    if mark(found) != seen:
        raise ChangedMeanwhile
    before = rules.current(session)
    loaded = load_description(session, description, password_hash_of=_nobody)
    session.expire_all()
    after = rules.current(session)
    if ruled.mark(before) != ruled.mark(after):
        rules.check(session, officer, before, after)
    _note_all(session, officer, now, found, before, after, reason)
    return loaded


def load_by_command(
    session: Session, now: datetime, description: Description, password_hash_of: Callable[[str], str]
) -> Loaded:
    """Load a description as whoever runs the machine, staff and all; the list of changes says that a command did it.

    Raises `DescriptionError`.
    """
    changes.take_turn(session)
    found, before = differences(session, description), rules.current(session)
    loaded = load_description(session, description, password_hash_of=password_hash_of)
    session.expire_all()
    _note_all(session, None, now, found, before, rules.current(session), "")
    return loaded


def _note_all(
    session: Session,
    officer: Officer | None,
    now: datetime,
    found: list[Difference],
    before: list[ruled.Ruled],
    after: list[ruled.Ruled],
    reason: str,
) -> None:
    """A line for each thing that a file changed, and one entry in the trail for the file."""
    if ruled.mark(before) != ruled.mark(after):
        _note(session, officer, now, "rules", rules.NAME, _table(before), _table(after), reason)
    for one in found:
        if one.kind != "rules":
            _note(session, officer, now, one.kind, one.name, one.before, one.after, reason)
    audit.record(
        session,
        now=now,
        act=Act.SETTINGS_LOADED,
        staff_id=officer.staff_id or None if officer else None,
        authority_id=officer.authority_id if officer else None,
        about="settings:file",
        reason=reason,
        details={kind: sum(one.kind == kind for one in found) for kind in sorted({one.kind for one in found})},
    )


class ChangedMeanwhile(Exception):
    """Since the file was looked at, something was changed here; looking again helps."""


def mark(found: list[Difference]) -> str:
    """What a page says of the differences that it showed."""
    return changes.mark_of([[one.kind, one.name, one.before, one.after] for one in found])


def _table(table: list[ruled.Ruled]) -> dict[str, Any]:
    return {"rules": [rule.plain() for rule in table]}


def _note(
    session: Session,
    officer: Officer | None,
    now: datetime,
    kind: str,
    name: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    reason: str,
) -> None:
    owner = after.get("authority") if kind in ("units", "replies", "staff") else None
    changes.note(session, officer, now, kind=kind, name=name, before=before, after=after, reason=reason, owner=owner)


def _nobody(login: str) -> str:
    raise DescriptionError(f"{login}: people are invited, not loaded")
