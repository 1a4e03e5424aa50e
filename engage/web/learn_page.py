"""Guides for anyone: a list to choose from or search, and one short page each. Nothing is kept of who reads what.

Addresses and titles stay in a browser's history, so they say a number and not the matter; what is searched for is sent
as a form, which stays in none.
"""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from engage import guidance
from engage.guides import category_of, number_of, search, shelf
from engage.guides.searching import LONGEST_QUESTION
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.web import forms
from engage.web.frame import installation, language, speak

door = Blueprint("learn", __name__)
door.add_app_template_global(lambda: shelf(language()).page, "guide_page")


@door.get("/learn")
def show() -> ResponseReturnValue:
    """All guides."""
    return _list(request.args.get("at", ""))


@door.post("/learn")
def find() -> ResponseReturnValue:
    """The guides with the words that were typed; in another language, if one was chosen, with the words kept."""
    form = forms.sent()
    speak(form.get("lang"))
    speak(form.get("show_in"))
    return _list(form.get("at", ""), form.get("words", "").strip()[:LONGEST_QUESTION])


@door.get("/learn/<int:number>")
def read(number: int) -> ResponseReturnValue:
    """One guide."""
    category, at = category_of(number), request.args.get("at", "")
    if category is None:
        abort(404)
    with installation().database.reading() as session:
        guide = guidance.guide(session, language(), category)
        numbers, where = _around(session, at)
    return render_template(
        "public/guide.html",
        guide=guide,
        number=number,
        numbers=numbers,
        code=where.code if where else None,
    )


def _list(at: str, words: str = "") -> ResponseReturnValue:
    with installation().database.reading() as session:
        guides = guidance.guides(session, language())
        numbers, where = _around(session, at)
    chosen = search(guides, language(), words) if words else tuple(guides)
    return render_template(
        "public/learn.html",
        found=[(number_of(category), guides[category].title) for category in chosen],
        words=words,
        numbers=numbers,
        code=where.code if where else None,
        longest=LONGEST_QUESTION,
    )


def _around(session: Session, at: str) -> tuple[list[tuple[str, str]], Whereabouts | None]:
    """The emergency numbers, each with the sites where it holds, and the place of the poster that led here."""
    where = register.find_poster(session, at) if at else None
    sites = [where] if where else register.all_sites(session)
    numbers: dict[str, list[str]] = {}
    for site in sites:
        numbers.setdefault(site.emergency_number, []).append(site.site.in_language(language()))
    return [(number, ", ".join(names)) for number, names in numbers.items()], where
