"""Offers of other authorities and our own: the list, one offer with its shared copy, accepting and declining it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import arrivals, cases, desk, offering, offers, referral_words
from engage.acting import LONGEST_REASON
from engage.offers import Which
from engage.web import case_page, desk_words, forms, saved_files, staff
from engage.web.act_fields import whole_number
from engage.web.frame import installation, now, say

door = Blueprint("referrals", __name__)
desk_words.teach(door)


def _(sentence: str) -> str:
    return sentence


@door.get("/desk/referrals")
def show() -> str:
    """The offers that wait for an answer of ours, then everything that we offered."""
    chosen = request.args.get("which")
    which = Which(chosen) if chosen in list(Which) else Which.TO_US
    officer, moment, after = staff.officer(), now(), whole_number(request.args.get("after"))
    with installation().database.reading() as session:
        page = offers.read_page(session, officer, which, moment, after)
        waiting = offers.count_waiting(session, officer, moment)
    return render_template(
        "desk/referrals.html", page=page, which=which, waiting=waiting, is_first=after is None, now=moment
    )


@door.get("/desk/referrals/<number>")
def one(number: str) -> ResponseReturnValue:
    """One offer, as its receiver sees it."""
    return _page(number)


@door.post("/desk/referrals/<number>/<act>")
def take(number: str, act: str) -> ResponseReturnValue:
    """Accept it or decline it, or show it again with what was typed and why that was not done."""
    typed, officer, opened, moment = forms.sent(), staff.officer(), installation(), now()
    referral_id = whole_number(number) or 0
    if not staff.is_own_form():
        return _page(number, say(case_page.OLD_FORM), 403, typed.get("reason", ""))
    try:
        with opened.database.transaction() as session:
            if act == "accept":
                mine = offering.accept(session, opened, officer, referral_id, moment, queue=typed.get("queue", ""))
                where = url_for("cases.show", reference=mine.reference)
            elif act == "decline":
                offering.decline(session, officer, referral_id, moment, reason=typed.get("reason", ""))
                where = url_for("referrals.show")
            else:
                raise cases.CaseMissing
    except (desk.Refused, arrivals.TextRefused) as refused:
        return _page(number, case_page.why(refused), 422, typed.get("reason", ""))
    return redirect(where, 303)


@door.get("/desk/referrals/<number>/files/<file>")
def file(number: str, file: str) -> Response:
    """A shared file, to be saved; one that is not shared is as absent as one that never was."""
    opened = installation()
    with opened.database.transaction() as session:
        officer, asked = staff.officer(), whole_number(file) or 0
        found = offers.open_file(session, opened.vault, officer, whole_number(number) or 0, asked, now())
    if found is None:
        raise cases.CaseMissing
    return saved_files.sent(*found, name=f"shared-{whole_number(file)}")


@door.app_template_global()
def waiting_offers() -> int:
    """How many offers wait for an answer of whoever is signed in."""
    with installation().database.reading() as session:
        return offers.count_waiting(session, staff.officer(), now())


def _page(number: str, trouble: str = "", status: int = 200, typed: str = "") -> tuple[str, int]:
    with installation().database.transaction() as session:
        found = offers.open_page(session, staff.officer(), whole_number(number) or 0, now())
    page = render_template(
        "desk/referral.html",
        file=found,
        offer=found.offer,
        trouble=trouble,
        typed=typed,
        allowed=referral_words.ALLOWED,
        longest_reason=LONGEST_REASON,
        now=now(),
    )
    return page, status
