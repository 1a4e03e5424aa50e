"""The files of a case: small pictures for its page, and files as they came, for a reason."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engage import attachments, cases
from engage.gateways import clamd
from engage.web import desk_words, forms, saved_files, staff, step_up
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now, say

door = Blueprint("files", __name__)
desk_words.teach(door)

LONGEST_REASON = 500


def _(sentence: str) -> str:
    return sentence


OLD_FORM = _("This form was too old or came from another site, so nothing was done. Look at it and send it again.")
WHY = _("Say why you need it, in %(most)s characters at most. The trail keeps that.")
HARMFUL = _("The scanner calls this file harmful (%(name)s). It is not handed out.")
UNSCANNED = _("The scanner does not answer, so the file is not handed out. Try again in a while.")


@door.get("/desk/cases/<reference>/files/<number>/small")
def small(reference: str, number: str) -> ResponseReturnValue:
    """The small picture of a file, as the page of its case shows it."""
    opened = installation()
    with opened.database.reading() as session:
        case = cases.find_case(session, staff.officer(), reference)
        found = attachments.thumb(session, opened.vault, case.id or 0, whole_number(number) or 0)
    if found is None:
        raise cases.CaseMissing
    return saved_files.shown(found)


@door.get("/desk/cases/<reference>/files/<number>/original")
def ask(reference: str, number: str) -> ResponseReturnValue:
    """Ask why a file is wanted as it came."""
    _content(reference, number)
    return _page(reference, number)


@door.post("/desk/cases/<reference>/files/<number>/original")
def hand_out(reference: str, number: str) -> ResponseReturnValue:
    """Hand out a file as it came to an officer who says why and proved who they are; a scanner looks at it first."""
    content, typed = _content(reference, number), forms.sent()
    reason = typed.get("reason", "").strip()
    if not staff.is_own_form():
        return _page(reference, number, reason, say(OLD_FORM), 403)
    if not 0 < len(reason) <= LONGEST_REASON:
        return _page(reference, number, reason, say(WHY, most=LONGEST_REASON), 422)
    asked = step_up.needed()
    if asked is not None:
        return asked
    trouble = _scanned(content)
    if trouble:
        return _page(reference, number, reason, trouble, 422)
    opened, officer = installation(), staff.officer()
    with opened.database.transaction() as session:
        case = cases.find_case(session, officer, reference)
        wanted = whole_number(number) or 0
        found = attachments.open_original(session, opened.vault, officer, case, wanted, reason, now())
        name = f"{case.reference}-{wanted}-original"
    if found is None:
        raise cases.CaseMissing
    return saved_files.sent(*found, name=name)


def _content(reference: str, number: str) -> bytes:
    """The file as it came; one that was not kept so is as absent as one that never was."""
    opened = installation()
    with opened.database.reading() as session:
        case = cases.find_case(session, staff.officer(), reference)
        found = attachments.original(session, opened.vault, case.id or 0, whole_number(number) or 0)
    if found is None:
        raise cases.CaseMissing
    return found[0]


def _scanned(content: bytes) -> str:
    """Why a file is not handed out, if a scanner is set and speaks against it."""
    at = installation().settings.clamd
    if not at:
        return ""
    try:
        harmful = clamd.scan(at, content)
    except clamd.ScannerDown:
        return say(UNSCANNED)
    return say(HARMFUL, name=harmful) if harmful else ""


def _page(reference: str, number: str, reason: str = "", trouble: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "desk/original.html", reference=reference, number=number, reason=reason, trouble=trouble, most=LONGEST_REASON
    )
    return page, status
