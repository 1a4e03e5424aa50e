"""Administration: what there is of each kind, one form for each thing, closing it, and the list of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import watch_board
from engage.administration import changes, choices, closing, filling, guide_texts, rules, site_words, things
from engage.administration.fields import Ending, Kind
from engage.administration.kinds import KINDS, PLAIN
from engage.administration.refusals import Missing, Refused, Stale
from engage.sites import DescriptionError
from engage.web import admin_words, desk_words, forms, staff, step_up
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now, say

door = Blueprint("admin", __name__)
desk_words.teach(door)
admin_words.teach(door)

ON_A_PAGE = 100


def _(sentence: str) -> str:
    return sentence


OLD_FORM = _("This form was too old or came from another site, so nothing was changed. Look at it and send it again.")
CHANGED = _("Somebody else changed this while you had it open. What you typed is kept; below it stands what is new.")
BROKEN = _("A character in it cannot be kept. Remove it and send the form again.")


@door.get("/desk/admin")
def home() -> ResponseReturnValue:
    """What there is to administer."""
    with installation().database.reading() as session:
        counts = {slug: len(things.mine(session, staff.officer(), slug)) for slug in KINDS}
    return render_template("desk/admin/home.html", kinds=KINDS.values(), counts=counts)


@door.get("/desk/admin/<kind>")
def show(kind: str) -> ResponseReturnValue:
    """The things of one kind, a hundred at a time, those with the words that were asked for."""
    chosen = _kind(kind)
    asked, after = request.args.get("q", "").strip()[:200], request.args.get("after", "")[:200]
    with installation().database.reading() as session:
        found = things.mine(session, staff.officer(), kind)
        known = {name: dict(some) for name, some in choices.for_kind(session, staff.officer(), chosen).items()}
    named = [(name, part) for name, part in found.items() if _has(part, asked)]
    first = next((at for at, (name, _part) in enumerate(named, start=1) if name == after), 0)
    page = named[first : first + ON_A_PAGE]
    more = page[-1][0] if page and first + ON_A_PAGE < len(named) else ""
    return render_template(
        "desk/admin/list.html",
        kind=chosen,
        page=page,
        known=known,
        asked=asked,
        more=more,
        total=len(named),
        added=_can_add(chosen),
    )


@door.get("/desk/admin/<kind>/new")
def ask(kind: str) -> ResponseReturnValue:
    """The empty form."""
    chosen = _kind(kind)
    if not _can_add(chosen):
        abort(404)
    return _form(chosen, None, {})


@door.post("/desk/admin/<kind>/new")
def add(kind: str) -> ResponseReturnValue:
    """Make a thing, or give the form back with what was typed and a sentence."""
    chosen = _kind(kind)
    if not _can_add(chosen):
        abort(404)
    return _save(chosen, None)


@door.get("/desk/admin/<kind>/<name>")
def edit(kind: str, name: str) -> ResponseReturnValue:
    """One thing, to change."""
    chosen = _kind(kind)
    part = _find(chosen, name)
    return _form(chosen, name, filling.fields_of(chosen, part.model_dump(mode="json")), part=part)


@door.post("/desk/admin/<kind>/<name>")
def save(kind: str, name: str) -> ResponseReturnValue:
    """Change a thing, or give the form back."""
    return _save(_kind(kind), name)


@door.get("/desk/admin/<kind>/<name>/close")
def ask_to_close(kind: str, name: str) -> ResponseReturnValue:
    """Ask once before a thing is closed, and say what stands against it."""
    return _closing(_kind(kind), name)


@door.post("/desk/admin/<kind>/<name>/close")
def close(kind: str, name: str) -> ResponseReturnValue:
    """Close a thing."""
    chosen, typed = _kind(kind), forms.sent()
    if not staff.is_own_form():
        return _closing(chosen, name, say(OLD_FORM), 403)
    asked = step_up.needed() if kind == "staff" else None
    if asked is not None:
        return asked
    try:
        with installation().database.transaction() as session:
            closing.close(
                session,
                staff.officer(),
                now(),
                kind=chosen,
                name=name,
                seen=typed.get("seen", ""),
                reason=typed.get("reason", ""),
            )
    except Missing:
        abort(404)
    except Stale:
        return _closing(chosen, name, say(CHANGED), 409)
    except Refused as refused:
        return _closing(chosen, name, say(refused.sentence, **refused.values), 422)
    except DescriptionError as wrong:
        return _closing(chosen, name, str(wrong), 422)
    return redirect(url_for("admin.show", kind=kind), 303)


@door.get("/desk/admin/changes")
def list_changes() -> ResponseReturnValue:
    """Who changed what, the newest first."""
    return _changes()


@door.post("/desk/admin/changes/<int:change_id>/undo")
def undo(change_id: int) -> ResponseReturnValue:
    """Take a change back."""
    if not staff.is_own_form():
        return _changes(say(OLD_FORM), 403)
    officer, moment = staff.officer(), now()
    with installation().database.reading() as session:
        found = changes.find(session, officer, change_id)
        kind = found.kind if found else ""
    if not kind:
        abort(404)
    asked = step_up.needed() if kind == "staff" else None
    if asked is not None:
        return asked
    try:
        with installation().database.transaction() as session:
            if kind == "rules":
                rules.undo(session, officer, moment, change_id)
            elif kind == "words":
                site_words.undo(session, officer, moment, change_id)
            elif kind == "guides":
                guide_texts.undo(session, officer, moment, change_id)
            else:
                things.undo(session, officer, moment, change_id)
    except Missing:
        abort(404)
    except Refused as refused:
        return _changes(say(refused.sentence, **refused.values), 422)
    except (DescriptionError, Stale, rules.StaleRules) as wrong:
        return _changes(str(wrong), 422)
    return redirect(url_for("admin.list_changes"), 303)


def _changes(trouble: str = "", status: int = 200) -> ResponseReturnValue:
    before = whole_number(request.args.get("before"))
    with installation().database.reading() as session:
        found = changes.listed(session, staff.officer(), before)
        timezone = watch_board.timezone(session)
    more = found[-1].id if len(found) == changes.ON_A_PAGE else None
    return render_template(
        "desk/admin/changes.html", found=found, more=more, trouble=trouble, timezone=timezone
    ), status


def _kind(slug: str) -> Kind:
    if slug not in PLAIN:
        abort(404)
    return KINDS[slug]


def _can_add(kind: Kind) -> bool:
    """Staff are invited, on a page of their own."""
    return kind.ends is not Ending.DEACTIVATE


def _find(kind: Kind, name: str) -> Any:
    with installation().database.reading() as session:
        try:
            return things.find(session, staff.officer(), kind.slug, name)
        except Missing:
            abort(404)


def _has(part: Any, asked: str) -> bool:
    return not asked or asked.casefold() in changes.written(part.model_dump(mode="json")).casefold()


def _save(kind: Kind, name: str | None) -> ResponseReturnValue:
    sent = {key: forms.sent().getlist(key) for key in forms.sent()}
    part = _find(kind, name) if name is not None else None
    seen = sent.get("seen", [""])[0]
    if not staff.is_own_form():
        return _form(kind, name, sent, part=part, trouble=say(OLD_FORM), status=403, seen=seen)
    asked = step_up.needed() if kind.slug == "staff" else None
    if asked is not None:
        return asked
    try:
        values = filling.values_of(kind, sent, part)
        with installation().database.transaction() as session:
            things.save(
                session,
                staff.officer(),
                now(),
                kind=kind,
                name=name,
                values=values,
                seen=seen,
                reason=sent.get("reason", [""])[0],
            )
    except Missing:
        abort(404)
    except Stale as stale:
        return _form(kind, name, sent, part=stale.now, trouble=say(CHANGED), status=409, theirs=stale.now)
    except Refused as refused:
        trouble = say(refused.sentence, **refused.values)
        return _form(kind, name, sent, part=part, trouble=trouble, status=422, seen=seen)
    except DescriptionError as wrong:
        return _form(kind, name, sent, part=part, trouble=labelled(kind, str(wrong)), status=422, seen=seen)
    return redirect(url_for("admin.show", kind=kind.slug, _anchor="saved"), 303)


def labelled(kind: Kind, wrong: str) -> str:
    """A sentence about a field, with its label instead of its name."""
    lines = []
    for line in wrong.splitlines():
        name, _space, rest = line.partition(" ")
        field = next((one for one in kind.fields if one.name == name.rstrip(":")), None)
        lines.append(f"{say(field.label)}: {rest}" if field else line)
    return "\n".join(lines)


def _form(
    kind: Kind,
    name: str | None,
    filled: Mapping[str, Sequence[str]],
    *,
    part: Any = None,
    trouble: str = "",
    status: int = 200,
    theirs: Any = None,
    seen: str | None = None,
) -> ResponseReturnValue:
    with installation().database.reading() as session:
        some = choices.for_kind(session, staff.officer(), kind)
    now_there = filling.fields_of(kind, theirs.model_dump(mode="json")) if theirs is not None else {}
    page = render_template(
        "desk/admin/form.html",
        kind=kind,
        name=name,
        filled=filled,
        choices=some,
        seen=changes.mark(part) if seen is None else seen,
        trouble=trouble,
        theirs=[
            (label, value)
            for label, value in (
                (say(field.label), changes.written([v for k, v in _of(field.name, now_there)]))
                for field in kind.fields
                if dict(_of(field.name, now_there)) != dict(_of(field.name, filled))
            )
        ]
        if theirs is not None
        else [],
        inner_names=filling.inner_names,
    )
    return page, status


def _of(name: str, filled: Mapping[str, Sequence[str]]) -> list[tuple[str, list[str]]]:
    """What stands in a field and in the fields inside it."""
    return [
        (key, [one for one in values if one.strip()])
        for key, values in sorted(filled.items())
        if (key == name or key.startswith(f"{name}.")) and any(one.strip() for one in values)
    ]


def _closing(kind: Kind, name: str, trouble: str = "", status: int = 200) -> ResponseReturnValue:
    part = _find(kind, name)
    with installation().database.reading() as session:
        found = list(closing.against(session, staff.officer(), kind, part))
    page = render_template(
        "desk/admin/close.html",
        kind=kind,
        name=name,
        part=part,
        seen=changes.mark(part),
        against=[say(sentence, **values) for sentence, values in found],
        trouble=trouble,
    )
    return page, status
