"""The evidence package of a case: asked for with a reason, made, and handed over as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from engage import arrivals, desk, identities
from engage.acting import LONGEST_REASON
from engage.evidence import packing
from engage.evidence.checking import PIECE
from engage.web import case_page, desk_words, forms, staff, step_up
from engage.web.frame import installation, now, say

door = Blueprint("evidence", __name__)
desk_words.teach(door)
#: Bytes that are kept in memory while a package is made; what is larger goes to a file that has no name.
IN_MEMORY = 8_000_000


@door.get("/desk/cases/<reference>/evidence")
def ask(reference: str) -> ResponseReturnValue:
    """What a package is, and the form for it."""
    return _page(reference)


@door.post("/desk/cases/<reference>/evidence/package")
def pack(reference: str) -> ResponseReturnValue:
    """Make it and send it."""
    with installation().database.reading() as session:
        identities.worked(session, staff.officer(), reference)
    if not staff.is_own_form():
        return _page(reference, say(case_page.OLD_FORM), 403)
    asked = step_up.needed()
    if asked is not None:
        return asked
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    try:
        reason = forms.sent().get("reason", "")
        packed = packing.pack(installation(), staff.officer(), reference, file, now(), reason=reason)
    except (desk.Refused, arrivals.TextRefused) as refused:
        file.close()
        return _page(reference, case_page.why(refused), 422)
    length = file.tell()
    file.seek(0)
    response = Response(_pieces(file), content_type="application/zip")
    response.headers["Content-Length"] = str(length)
    response.headers["Content-Disposition"] = f'attachment; filename="{packed.name}.zip"'
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _page(reference: str, trouble: str = "", status: int = 200) -> tuple[str, int]:
    with installation().database.reading() as session:
        case = identities.worked(session, staff.officer(), reference)
        session.expunge_all()
    typed = forms.sent().get("reason", "") if trouble else ""
    page = render_template("desk/evidence.html", case=case, trouble=trouble, typed=typed, longest_reason=LONGEST_REASON)
    return page, status
