"""Settings as one file: taken home, and read in after a look at what would change."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import audit
from engage.administration import changes, one_file
from engage.administration.refusals import Refused
from engage.sites import DescriptionError
from engage.taxonomy import Act
from engage.web import admin_words, desk_words, forms, staff, step_up
from engage.web.admin_page import OLD_FORM
from engage.web.frame import installation, now, say

door = Blueprint("settings", __name__)
desk_words.teach(door)
admin_words.teach(door)

#: Characters; the settings of a large airport have about 300,000.
LONGEST_FILE = 1_500_000


def _(sentence: str) -> str:
    return sentence


NO_FILE = _("Choose a file, or paste its text.")
NOT_TEXT = _("This file is not text (UTF-8).")
LONG = _("This file has %(count)s characters; %(most)s fit. Load it by the command “engage site load”.")
MEANWHILE = _("Something was changed here since you looked. This is what the file would change now.")


@door.get("/desk/admin/settings")
def show() -> ResponseReturnValue:
    """Both ways."""
    return render_template("desk/admin/settings.html", trouble="", text="")


@door.post("/desk/admin/settings/file")
def take() -> ResponseReturnValue:
    """All settings as one file, without people."""
    if not staff.is_own_form():
        return _asked("", say(OLD_FORM), 403)
    asked = step_up.needed()
    if asked is not None:
        return asked
    officer = staff.officer()
    with installation().database.transaction() as session:
        text = one_file.export(session, staff=False)
        audit.record(
            session,
            now=now(),
            act=Act.SETTINGS_EXPORTED,
            staff_id=officer.staff_id,
            authority_id=officer.authority_id,
            about="settings:file",
        )
    headers = {"Content-Disposition": 'attachment; filename="engage-settings.yaml"'}
    return Response(text, mimetype="application/yaml", headers=headers)


@door.post("/desk/admin/settings")
def load() -> ResponseReturnValue:
    """Show what a file would change, or load it where that was seen."""
    typed = forms.sent() if request.mimetype != "multipart/form-data" else request.form
    text = typed.get("text", "")
    if not staff.is_own_form():
        return _asked(text, say(OLD_FORM), 403)
    try:
        text = _file() or text
    except UnicodeDecodeError:
        return _asked("", say(NOT_TEXT), 422)
    if not text.strip():
        return _asked("", say(NO_FILE), 422)
    if len(text) > LONGEST_FILE:
        return _asked("", say(LONG, count=f"{len(text):,}", most=f"{LONGEST_FILE:,}"), 422)
    officer, opened = staff.officer(), installation()
    try:
        if not typed.get("seen"):
            return _look(text)
        with opened.database.transaction() as session:
            one_file.load(session, officer, now(), text, seen=typed["seen"], reason=typed.get("reason", ""))
    except one_file.ChangedMeanwhile:
        return _look(text, say(MEANWHILE))
    except Refused as refused:
        return _asked(text, say(refused.sentence, **refused.values), 422)
    except DescriptionError as wrong:
        return _asked(text, str(wrong), 422)
    return redirect(url_for("admin.list_changes"), 303)


def _file() -> str:
    """The text of a chosen file, if one was chosen."""
    chosen = request.files.get("file")
    return chosen.read().decode("utf-8-sig") if chosen else ""


def _look(text: str, trouble: str = "") -> ResponseReturnValue:
    with installation().database.reading() as session:
        description, found = one_file.read_for(session, staff.officer(), text)
        order = one_file.new_order(session, description)
    return render_template(
        "desk/admin/settings.html",
        trouble=trouble,
        text=text,
        found=[(one, changes.differing(one.before, one.after)) for one in found],
        order=order,
        seen=one_file.mark(found),
    )


def _asked(text: str, trouble: str, status: int) -> ResponseReturnValue:
    return render_template("desk/admin/settings.html", trouble=trouble, text=text), status
