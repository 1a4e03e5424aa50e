"""Floor plans in administration: adding one, setting its pins by clicking, by keyboard or in figures, removing it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import arrivals
from engage.plans import files, keeping
from engage.plans.files import PlanFile, UnusablePlan
from engage.plans.keeping import NoName, Pinned, Plan, PlanMissing, Spot, StalePlan, TooManyPlans
from engage.posters import owners
from engage.sites import things
from engage.web import admin_words, desk_words, staff
from engage.web.admin_page import CHANGED, OLD_FORM
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now, say

door = Blueprint("plan_admin", __name__)
desk_words.teach(door)
admin_words.teach(door)

#: Bytes and parts of a form: a drawing, and two figures for each place of a site.
LARGEST_FORM = 20_000_000
MOST_PARTS = 10_000
#: Names of elements, one word each: no sentence can be made of them.
_PARTS = re.compile(r"[A-Za-z][\w.:-]{0,39}(, [A-Za-z][\w.:-]{0,39}){0,40}", re.ASCII)


def _(sentence: str) -> str:
    return sentence


NAME = _("Give it a name, in at most %(most)s characters.")
FULL = _("A site has at most %(most)s plans. Remove one first.")
FIGURES = _("%(place)s: write two numbers from 0 to 100, or leave both empty.")
LEFT_OUT = _("Left out of the drawing, because it could do harm or cannot be shown: %(names)s")


class WrongFigures(Exception):
    """What was typed for a place is no spot on a plan; `place` is its slug."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@door.get("/desk/admin/plans")
def show() -> ResponseReturnValue:
    """All plans of the authority's sites, and the form for another."""
    return _list()


@door.post("/desk/admin/plans")
def add() -> ResponseReturnValue:
    """Add a plan and go on to its pins, or give the form back with a sentence."""
    request.max_content_length = LARGEST_FORM
    typed, opened = request.form, installation()
    if not staff.is_own_form():
        return _list(say(OLD_FORM), 403)
    site, _dot, zone = typed.get("of", "").partition(".")
    try:
        file = _file()
        if file is None:
            raise UnusablePlan(files.NO_PLAN)
        with opened.database.transaction() as session:
            plan_id = keeping.add(
                session, opened.vault, staff.officer(), now(), site, zone, typed.get("name", ""), file
            )
    except PlanMissing:
        abort(404)
    except NoName:
        return _list(say(NAME, most=keeping.LONGEST_NAME), 422)
    except TooManyPlans:
        return _list(say(FULL, most=keeping.MOST), 422)
    except UnusablePlan as unusable:
        return _list(say(unusable.sentence, **unusable.values), 422)
    return redirect(url_for("plan_admin.edit", number=plan_id, without=", ".join(file.left_out) or None), 303)


@door.get("/desk/admin/plans/<number>")
def edit(number: str) -> ResponseReturnValue:
    """One plan with its pins, to change."""
    return _form(_plan_id(number))


@door.post("/desk/admin/plans/<number>")
def save(number: str) -> ResponseReturnValue:
    """Change a plan and its pins, or give the form back as it was typed."""
    plan_id = _plan_id(number)
    request.max_content_length, request.max_form_parts = LARGEST_FORM, MOST_PARTS
    typed, opened, officer = request.form, installation(), staff.officer()
    if not staff.is_own_form():
        return _form(plan_id, say(OLD_FORM), 403)
    try:
        file = _file()
        spots = dict(_spots())
        with opened.database.transaction() as session:
            keeping.change(
                session,
                opened.vault,
                officer,
                now(),
                plan_id,
                seen=whole_number(typed.get("seen")) or 0,
                name=typed.get("name", ""),
                spots=spots,
                file=file,
            )
    except PlanMissing:
        abort(404)
    except NoName:
        return _form(plan_id, say(NAME, most=keeping.LONGEST_NAME), 422)
    except WrongFigures as wrong:
        return _form(plan_id, say(FIGURES, place=wrong.place), 422, wrong=wrong.place)
    except UnusablePlan as unusable:
        return _form(plan_id, say(unusable.sentence, **unusable.values), 422)
    except StalePlan:
        return _form(plan_id, say(CHANGED), 409)
    without = ", ".join(file.left_out) if file else None
    return redirect(url_for("plan_admin.edit", number=plan_id, saved=1, without=without or None), 303)


@door.post("/desk/admin/plans/<number>/remove")
def remove(number: str) -> ResponseReturnValue:
    """Remove a plan with its pins."""
    plan_id = _plan_id(number)
    if not staff.is_own_form():
        return _form(plan_id, say(OLD_FORM), 403)
    seen = whole_number(request.form.get("seen")) or 0
    try:
        arrivals.committed(
            installation().database, lambda session: keeping.remove(session, staff.officer(), now(), plan_id, seen)
        )
    except PlanMissing:
        abort(404)
    except StalePlan:
        return _form(plan_id, say(CHANGED), 409)
    return redirect(url_for("plan_admin.show"), 303)


def _plan_id(written: str) -> int:
    """The number in an address; what is no number is no plan's."""
    return whole_number(written) or 0


def _file() -> PlanFile | None:
    """The plan that was sent, if one was chosen. Raises `UnusablePlan`."""
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        return None
    return files.examined(chosen.stream.read())  # one that is too large comes empty, and is refused as such


def _spots() -> Iterator[tuple[str, Spot | None]]:
    """The spots of the form, by the slugs of places. Raises `WrongFigures`."""
    for name in request.form:
        if not name.startswith("x."):
            continue
        place = name[2:]
        written = (request.form[name].strip(), request.form.get(f"y.{place}", "").strip())
        if not any(written):
            yield place, None
            continue
        x, y = map(_share, written)
        if x is None or y is None:
            raise WrongFigures(place)
        yield place, Spot(x, y)


def _share(written: str) -> float | None:
    """A share of one, from hundredths as people write them: `42.5`, `42,5`; None where it is none."""
    try:
        number = float(written.replace(",", ".")) if len(written) < 20 else math.nan
    except ValueError:
        return None
    return round(number / 100, 6) if 0 <= number <= 100 else None


def _list(trouble: str = "", status: int = 200) -> ResponseReturnValue:
    authority_id = staff.officer().authority_id
    with installation().database.reading() as session:
        found = keeping.listed(session, authority_id)
        sites = [(site.slug, site.name) for site in owners.named_sites(session, authority_id)]
        zones: Any = things(session, "zones")
    choices = [
        (slug, name, [(zone.slug, zone.name) for zone in zones.values() if zone.site == slug]) for slug, name in sites
    ]
    page = render_template("desk/admin/plans.html", found=found, choices=choices, trouble=trouble, typed=request.form)
    return page, status


def _form(plan_id: int, trouble: str = "", status: int = 200, wrong: str = "") -> ResponseReturnValue:
    try:
        with installation().database.reading() as session:
            plan = keeping.find(session, staff.officer().authority_id, plan_id)
            places = keeping.places(session, plan)
    except PlanMissing:
        abort(404)
    named = next((one for one in places if one.slug == wrong), None)
    if named is not None:
        trouble = say(FIGURES, place=desk_words.called(named.place))
    typed = request.form if "seen" in request.form and "name" in request.form else None
    page = render_template(
        "desk/admin/plan.html",
        plan=plan,
        rows=[(one, *_figures(one)) for one in places],
        name=typed["name"] if typed else plan.name,
        # Who saves over what somebody else changed has seen that now.
        seen=plan.version if typed is None or status == 409 else typed["seen"],
        theirs=_differing(plan, places) if status == 409 and typed else [],
        trouble=trouble,
        wrong=wrong,
        saved="saved" in request.args,
        without=say(LEFT_OUT, names=without) if (without := _left_out()) else "",
        most=keeping.LONGEST_NAME,
    )
    return page, status


def _left_out() -> str:
    """What was left out of a drawing, as the address tells after saving: names of parts, and nothing else that a link
    could put into our mouth.
    """
    names = request.args.get("without", "")
    return names if _PARTS.fullmatch(names) else ""


def _figures(one: Pinned) -> tuple[str, str]:
    """The hundredths of a place's pin: as typed, where it was, else as kept."""
    if f"x.{one.slug}" in request.form:
        return request.form[f"x.{one.slug}"][:20], request.form.get(f"y.{one.slug}", "")[:20]
    return _written(one.spot)


def _written(spot: Spot | None) -> tuple[str, str]:
    return (f"{100 * spot.x:.6g}", f"{100 * spot.y:.6g}") if spot else ("", "")


def _differing(plan: Plan, places: Sequence[Pinned]) -> list[tuple[str, str]]:
    """How a plan stands now where that differs from what was typed."""
    moved = [
        (desk_words.called(one.place), _written(one.spot)) for one in places if _figures(one) != _written(one.spot)
    ]
    name = [(say("Name"), plan.name)] if request.form["name"] != plan.name else []
    return [*name, *((place, " / ".join(figures) if any(figures) else "") for place, figures in moved)]
