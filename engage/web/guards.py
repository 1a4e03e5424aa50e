"""Who may enter: one function for each answer, named beside its blueprint in `DOORS`."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engage.permissions import Right
from engage.web.frame import installation
from engage.web.staff import may

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
    """Staff of any role who are signed in; anyone else is sent to sign in, and learns nothing of what is behind."""
    if current_user.is_authenticated:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.ask", next=wanted), 303)


def case_workers_only() -> ResponseReturnValue | None:
    """Whoever works cases; an analyst who comes to the desk finds the numbers there, and no page of cases."""
    turned_away = staff_only()
    if turned_away is None and not may(Right.WORK):
        if request.endpoint == "queues.mine" and may(Right.COUNT):
            return redirect(url_for("numbers.show"), 303)
        abort(404)
    return turned_away


def supervisors_only() -> ResponseReturnValue | None:
    """Supervisors who are signed in; to any other officer there is no such page."""
    return _only(Right.READ_CORRECTIONS)


def numbers_only() -> ResponseReturnValue | None:
    """Supervisors and analysts: pages that count and quote no text."""
    return _only(Right.COUNT)


def administrators_only() -> ResponseReturnValue | None:
    """Administrators who are signed in; to anybody else of the staff there is no such page."""
    return _only(Right.ADMINISTER)


def inviters_only() -> ResponseReturnValue | None:
    """Supervisors and administrators, who invite to the staff."""
    return _only(Right.INVITE)


def poster_keepers_only() -> ResponseReturnValue | None:
    """Supervisors and administrators, who watch over the posters of their sites."""
    return _only(Right.KEEP_POSTERS)


def trail_readers_only() -> ResponseReturnValue | None:
    """Supervisors: who did and saw what in their authority."""
    return _only(Right.READ_TRAIL)


def _only(right: Right) -> ResponseReturnValue | None:
    turned_away = staff_only()
    if turned_away is None and not may(right):
        abort(404)
    return turned_away
