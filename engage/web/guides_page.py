"""Guides in an authority's own words: which there are, a form for each with a look before it counts, the way back."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import guidance
from engage.administration import guide_texts
from engage.administration.guide_texts import StaleGuide
from engage.administration.refusals import Missing, Refused
from engage.guides import Guide, category_of, number_of, shelf
from engage.languages import LANGUAGES
from engage.sites import DescriptionError
from engage.taxonomy import Category
from engage.web import admin_words, desk_words, forms, staff
from engage.web.admin_page import CHANGED, OLD_FORM
from engage.web.frame import installation, language, now, say

door = Blueprint("guides", __name__)
desk_words.teach(door)
admin_words.teach(door)


@door.get("/desk/admin/guides")
def show() -> ResponseReturnValue:
    """All guides in one language, and which of them are own ones."""
    asked = request.args.get("tongue", "")
    tongue = asked if asked in LANGUAGES else language()
    with installation().database.reading() as session:
        found = guidance.guides(session, tongue)
        own = guide_texts.own(session)
    rows = [(number_of(one), guide, (tongue, one) in own) for one, guide in found.items()]
    return render_template("desk/admin/guides.html", rows=rows, tongue=LANGUAGES[tongue], page=shelf(language()).page)


@door.get("/desk/admin/guides/<tongue>/<int:number>")
def edit(tongue: str, number: int) -> ResponseReturnValue:
    """One guide, to change."""
    guide = _find(tongue, number)
    return _form(tongue, number, guide_texts.typed_of(guide), seen=guide_texts.mark(guide))


@door.post("/desk/admin/guides/<tongue>/<int:number>")
def save(tongue: str, number: int) -> ResponseReturnValue:
    """Show how a guide would look, let it count, or go back to the one that came with Engage."""
    _find(tongue, number)
    typed = forms.sent().to_dict()
    seen, act = typed.get("seen", ""), typed.get("act", "")
    if not staff.is_own_form():
        return _form(tongue, number, typed, seen=seen, trouble=say(OLD_FORM), status=403)
    try:
        guide = None if act == "back" else guide_texts.guide_of(typed)
        if act == "look":
            return _form(tongue, number, typed, seen=seen, look=guide)
        with installation().database.transaction() as session:
            guide_texts.save(
                session,
                staff.officer(),
                now(),
                language=tongue,
                category=_category(number),
                guide=guide,
                seen=seen,
                reason=typed.get("reason", ""),
            )
    except StaleGuide as stale:
        mark = guide_texts.mark(stale.now)
        return _form(tongue, number, typed, seen=mark, trouble=say(CHANGED), status=409, theirs=stale.now)
    except Refused as refused:
        trouble = say(refused.sentence, **refused.values)
        return _form(tongue, number, typed, seen=seen, trouble=trouble, status=422)
    except DescriptionError as wrong:
        return _form(tongue, number, typed, seen=seen, trouble=_labelled(str(wrong)), status=422)
    return redirect(url_for("guides.show", tongue=tongue), 303)


def _category(number: int) -> Category:
    found = category_of(number)
    if found is None:
        abort(404)
    return found


def _find(tongue: str, number: int) -> Guide:
    with installation().database.reading() as session:
        try:
            return guide_texts.find(session, tongue, category_of(number))
        except Missing:
            abort(404)


def _labels() -> Mapping[str, str]:
    """What the fields are called: as the guide's own page calls its parts."""
    page = shelf(language()).page
    parts = {name: getattr(page, name) for name in guide_texts.FIELDS if name != "title"}
    return {"title": say("Heading"), **parts}


def _labelled(wrong: str) -> str:
    """Sentences about fields, each with its label instead of its name."""
    labels = _labels()
    lines = [(line.partition(" ")[0].rstrip(":"), line) for line in wrong.splitlines()]
    return "\n".join(f"{labels[name]}: {line.partition(' ')[2]}" if name in labels else line for name, line in lines)


def _form(
    tongue: str,
    number: int,
    typed: Mapping[str, str],
    *,
    seen: str,
    trouble: str = "",
    status: int = 200,
    look: Guide | None = None,
    theirs: Guide | None = None,
) -> ResponseReturnValue:
    with installation().database.reading() as session:
        is_own = guidance.own_text(session, tongue, _category(number)) is not None
    page = render_template(
        "desk/admin/guide.html",
        number=number,
        category=_category(number),
        tongue=LANGUAGES[tongue],
        typed=typed,
        labels=_labels(),
        lists=guide_texts.LISTS,
        seen=seen,
        trouble=trouble,
        looks=[guide for guide in (theirs, look) if guide],
        page=shelf(tongue).page,
        theirs=theirs is not None,
        is_own=is_own,
    )
    return page, status
