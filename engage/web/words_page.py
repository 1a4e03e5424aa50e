"""The site's own words: what there is, and changes that are checked by the lexicon and rehearsed before they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engage import own_words
from engage.administration import changes, choices, filling, site_words
from engage.administration.kinds import KINDS
from engage.administration.refusals import Missing, Refused, Stale
from engage.sites import DescriptionError
from engage.web import admin_words, desk_words, forms, staff
from engage.web.admin_page import CHANGED, OLD_FORM, labelled
from engage.web.frame import installation, now, say

door = Blueprint("words", __name__)
desk_words.teach(door)
admin_words.teach(door)

KIND = KINDS["words"]
_OWN = frozenset({"csrf_token", "seen", "confirmed", "reason"})


@door.get("/desk/admin/words")
def show() -> ResponseReturnValue:
    """All own words."""
    return _list()


@door.get("/desk/admin/words/new")
def ask() -> ResponseReturnValue:
    """The form of new words."""
    return _form(None, {})


@door.get("/desk/admin/words/<name>")
def edit(name: str) -> ResponseReturnValue:
    """The words of one concept, to change."""
    part = _find(name)
    return _form(name, filling.fields_of(KIND, part.model_dump(mode="json")), part=part)


@door.post("/desk/admin/words")
def change() -> ResponseReturnValue:
    """Check and rehearse a change, or let it count where its rehearsal was seen."""
    sent = {key: forms.sent().getlist(key) for key in forms.sent()}
    name = _one(sent, "name") or None
    part = _find(name) if name else None
    if not staff.is_own_form():
        return _form(name, sent, part=part, trouble=say(OLD_FORM), status=403)
    try:
        values = None if _one(sent, "act") == "remove" and name else filling.values_of(KIND, sent, part)
        return _change(name, values, sent)
    except Missing:
        abort(404)
    except Stale as stale:
        return _form(name, sent, part=stale.now, trouble=say(CHANGED), status=409, theirs=stale.now)
    except Refused as refused:
        trouble = say(refused.sentence, **refused.values)
    except DescriptionError as wrong:
        trouble = labelled(KIND, str(wrong))
    return _form(name, sent, part=part, trouble=trouble, status=422, seen=_one(sent, "seen"))


def _change(name: str | None, values: Any, sent: filling.Sent) -> ResponseReturnValue:
    opened, officer, moment = installation(), staff.officer(), now()
    with opened.database.reading() as session:
        before = own_words.all_words(session)
        there, after, words = site_words.changed(session, name, values)
    if there is not None and changes.mark(there) != _one(sent, "seen"):
        raise Stale(there)
    # Compiling takes seconds, so no connection is held meanwhile.
    compiled = site_words.compiled(opened, words)
    confirmed = changes.mark_of([[*about, text] for about, text in sorted(words.items())])
    if _one(sent, "confirmed") == confirmed:
        with opened.database.transaction() as session:
            site_words.save(
                session,
                officer,
                moment,
                name=name,
                values=values,
                seen=_one(sent, "seen"),
                reason=_one(sent, "reason"),
            )
        return redirect(url_for("words.show"), 303)
    with opened.database.reading() as session:
        rehearsed = site_words.rehearse(session, officer, moment, opened, before, words, compiled.lexicon)
    old, new = (one.model_dump(mode="json") if one else None for one in (there, after))
    return render_template(
        "desk/admin/rehearsal.html",
        title=KIND.title,
        home=url_for("words.show"),
        back=url_for("words.edit", name=name) if name else url_for("words.show"),
        rehearsed=rehearsed,
        hidden=[(key, value) for key, some in sent.items() for value in some if key not in _OWN],
        odd=[],
        notes=compiled.problems,
        differing=[(say(KIND.field(field).label), was, then) for field, was, then in changes.differing(old, new)],
        seen=_one(sent, "seen"),
        confirmed=confirmed,
        can_shadow=False,
        reason=_one(sent, "reason"),
        address=url_for("words.change"),
    )


def _find(name: str) -> Any:
    with installation().database.reading() as session:
        try:
            return site_words.find(session, name)
        except Missing:
            abort(404)


def _list() -> ResponseReturnValue:
    with installation().database.reading() as session:
        found = site_words.listed(session)
    return render_template("desk/admin/words.html", kind=KIND, found=found)


def _form(
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
        some = choices.for_kind(session, staff.officer(), KIND)
    page = render_template(
        "desk/admin/word_form.html",
        kind=KIND,
        name=name,
        filled=filled,
        choices=some,
        seen=changes.mark(part) if seen is None else seen,
        trouble=trouble,
        theirs=theirs.words if theirs is not None else "",
        inner_names=filling.inner_names,
    )
    return page, status


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str:
    found = sent.get(name, ())
    return found[0] if found else ""
