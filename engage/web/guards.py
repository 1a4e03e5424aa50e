"""Who may enter: one function for each answer, named beside its blueprint in `DOORS`."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engage.taxonomy import Role
from engage.web.frame import installation

Guard = Callable[[], ResponseReturnValue | None]


def everyone() -> ResponseReturnValue | None:
    """Anyone at all, without a name: a choice, not an omission."""
    return None


def practice_only() -> ResponseReturnValue | None:
    """Anyone, but only in a demo without a provider of texts: elsewhere there is no such page."""
    settings = installation().settings
    if settings.demo and not settings.has_twilio:
        return None
    abort(404)


def staff_only() -> ResponseReturnValue | None:
    """Officers who are signed in; anyone else is sent to sign in, and learns nothing of what is behind the door."""
    if current_user.is_authenticated:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.ask", next=wanted), 303)


def supervisors_only() -> ResponseReturnValue | None:
    """Supervisors who are signed in; to any other officer there is no such page."""
    turned_away = staff_only()
    if turned_away is None and current_user.officer.role is not Role.SUPERVISOR:
        abort(404)
    return turned_away
