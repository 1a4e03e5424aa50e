"""Who is at the desk in this request, and whether a form is one of our own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import Flask, session
from flask_login import LoginManager, current_user, login_user
from flask_wtf.csrf import CSRFError, CSRFProtect  # type: ignore[import-untyped]

from engage import accounts, permissions, vouching
from engage.accounts import Limits, Officer, Seat
from engage.permissions import Right
from engage.vouching import Pending
from engage.web import devices
from engage.web.frame import installation, now

#: Where the cookie keeps the token of a sign-in that waits for its second step.
_WAITING = "waiting"

csrf = CSRFProtect()
login_manager = LoginManager()
#: The browser's identity, a hash of its address, is of no use to us and is not kept, not even in the cookie.
login_manager.session_protection = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An officer in the form that flask-login wants. All that the cookie holds of it is the token of the session."""

    officer: Officer
    token: str
    seat: Seat
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What the cookie keeps."""
        return self.token


def prepare(app: Flask) -> None:
    """Let an application know its staff and their forms."""
    app.config.update(
        # Only blueprints that ask are checked: the public doors have no session to tie a form to.
        WTF_CSRF_CHECK_DEFAULT=False,
        # A form lives as long as its sign-in: nobody loses an answer because they took long to write it.
        WTF_CSRF_TIME_LIMIT=None,
        # Our own pages send no Referer at all.
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)
    login_manager.user_loader(_load)
    login_manager.init_app(app, add_context_processor=False)
    app.jinja_env.globals.update(signed_in=signed_in, may=may)


def _load(token: str) -> SignedIn | None:
    opened, moment = installation(), now()
    with opened.database.reading() as reading:
        there = accounts.present(reading, opened.vault, token, moment, limits())
    if there is None:
        return None
    officer, seat = there
    if seat.is_long_unseen(moment):
        with opened.database.transaction() as writing:
            accounts.mark_seen(writing, opened.vault, token, moment)
    return SignedIn(officer, token, seat)


def limits() -> Limits:
    """How long sessions last here."""
    settings = installation().settings
    return Limits(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))


def signed_in() -> SignedIn | None:
    """Whoever is signed in, if anybody is."""
    return cast(SignedIn, current_user) if current_user.is_authenticated else None


def officer() -> Officer:
    """The officer behind this request; for doors that only staff may enter."""
    return cast(Officer, current_user.officer)


def may(right: str) -> bool:
    """Whether whoever is signed in has a right at all, as guards and pages ask."""
    here = signed_in()
    return here is not None and permissions.may(here.officer.role, Right(right)).allowed


def begin_session(arrived: Officer) -> None:
    """Sign an officer in on this browser with a fresh token; whoever was signed in here is signed out."""
    end_session()
    opened, moment = installation(), now()
    with opened.database.transaction() as writing:
        token = accounts.sign_in(writing, opened.vault, arrived, moment, devices.usual_name())
        there = accounts.present(writing, opened.vault, token, moment, limits())
    if there is None:  # taken off the staff in this very moment
        return
    login_user(SignedIn(arrived, token, there[1]))
    session.pop("_id", None)
    devices.remember(arrived.login)


def begin_waiting(arrived: Officer) -> None:
    """The password was right: this browser waits for the second step. Whoever is signed in here stays so until then."""
    opened = installation()
    with opened.database.transaction() as writing:
        session[_WAITING] = vouching.begin_waiting(writing, opened.vault, arrived, now())


def waiting_token() -> str:
    """The token of the sign-in that waits on this browser, or nothing."""
    return str(session.get(_WAITING, ""))


def waiting() -> Pending | None:
    """The sign-in that waits on this browser for its second step."""
    opened, token = installation(), waiting_token()
    if not token:
        return None
    with opened.database.reading() as reading:
        return vouching.pending(reading, opened.vault, token, now())


def end_session() -> None:
    """Sign out: the token opens nothing from now on, wherever else it may have been copied to."""
    leaving, opened = signed_in(), installation()
    if leaving:
        with opened.database.transaction() as writing:
            accounts.sign_out(writing, opened.vault, leaving.token, now())
    session.clear()


def is_own_form() -> bool:
    """Whether what was posted comes from a form that we gave to this very session."""
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True
