"""The contacts of a case: asking to see one, consenting as a second person, and seeing it, once."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engage import arrivals, contact_view, desk, identities
from engage.acting import LONGEST_REASON
from engage.models import Case
from engage.vault import Unsealable
from engage.web import case_page, desk_words, forms, staff, step_up
from engage.web.act_fields import whole_number
from engage.web.frame import installation, now, say

door = Blueprint("contacts", __name__)
desk_words.teach(door)


def _(sentence: str) -> str:
    return sentence


LOST = _("This number was sealed with another key and cannot be read any more.")


@door.get("/desk/cases/<reference>/contacts")
def show(reference: str) -> ResponseReturnValue:
    """The contacts of a case, sealed, and who asked for them."""
    return _page(reference)


@door.post("/desk/cases/<reference>/contacts/ask")
def ask(reference: str) -> ResponseReturnValue:
    """Ask for one; where no second person is needed, it is seen at once."""
    typed, opened, officer = forms.sent(), installation(), staff.officer()
    turned_away = _turned_away(reference)
    if turned_away is not None:
        return turned_away
    asked = whole_number(typed.get("contact")) or 0
    try:
        with opened.database.transaction() as session:
            number = identities.ask(
                session, opened, officer, reference, now(), contact_id=asked, reason=typed.get("reason", "")
            )
            at_once = not contact_view.read(session, officer, reference, now()).two_persons
    except (desk.Refused, arrivals.TextRefused) as refused:
        return _page(reference, case_page.why(refused), 422)
    return _opened(reference, number) if at_once else redirect(url_for("contacts.show", reference=reference), 303)


@door.post("/desk/cases/<reference>/contacts/decide")
def decide(reference: str) -> ResponseReturnValue:
    """Consent to what a colleague asks, or refuse it."""
    typed, officer = forms.sent(), staff.officer()
    turned_away = _turned_away(reference)
    if turned_away is not None:
        return turned_away
    number, allow = whole_number(typed.get("asking")) or 0, typed.get("answer") == "yes"
    try:
        with installation().database.transaction() as session:
            identities.decide(session, officer, reference, now(), opening_id=number, allow=allow)
    except desk.Refused as refused:
        return _page(reference, case_page.why(refused), 422)
    return redirect(url_for("contacts.show", reference=reference), 303)


@door.post("/desk/cases/<reference>/contacts/see")
def see(reference: str) -> ResponseReturnValue:
    """See what a colleague has consented to."""
    turned_away = _turned_away(reference)
    if turned_away is not None:
        return turned_away
    return _opened(reference, whole_number(forms.sent().get("asking")) or 0)


@door.app_template_global()
def contact_askings(case: Case) -> int | None:
    """How many colleagues wait for this officer's consent in a case; None where its contacts are not theirs to see."""
    with installation().database.reading() as session:
        if not identities.may_work(session, staff.officer(), case):
            return None
        return contact_view.count_waiting(session, staff.officer(), case, now())


def _turned_away(reference: str) -> ResponseReturnValue | None:
    """The answer to a form that is not ours, or of somebody who has to prove first who they are.

    Where there is no such case for this officer, `cases.CaseMissing`, before anything is asked of them.
    """
    with installation().database.reading() as session:
        identities.worked(session, staff.officer(), reference)
    if not staff.is_own_form():
        return _page(reference, say(case_page.OLD_FORM), 403)
    return step_up.needed()


def _opened(reference: str, number: int) -> ResponseReturnValue:
    """The page with the address on it: the answer to this one form, which no browser keeps."""
    opened, officer = installation(), staff.officer()
    try:
        with opened.database.transaction() as session:
            address = identities.open_contact(session, opened, officer, reference, now(), opening_id=number)
    except desk.Refused as refused:
        return _page(reference, case_page.why(refused), 422)
    except Unsealable:
        return _page(reference, say(LOST), 422)
    return _page(reference, address=address)


def _page(reference: str, trouble: str = "", status: int = 200, *, address: str = "") -> tuple[str, int]:
    typed = forms.sent() if status != 200 else {}
    with installation().database.reading() as session:
        found = contact_view.read(session, staff.officer(), reference, now())
        session.expunge_all()
    page = render_template(
        "desk/contacts.html",
        found=found,
        case=found.case,
        trouble=trouble,
        address=address,
        typed=typed,
        longest_reason=LONGEST_REASON,
    )
    return page, status
