"""Signing in and out. Guessing is slowed by address, so that nobody can lock an officer out from somewhere else.

A browser on which an officer has signed in before has an allowance of its own: no guessing from elsewhere, nor from
behind the same address, uses it up.
"""

from __future__ import annotations

import math
import re
from ipaddress import ip_address, ip_network
from typing import cast

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RateLimitExceeded

from engage import accounts, passkeys, second_steps, vouching
from engage.accounts import Officer
from engage.installation import Installation
from engage.passkeys import House, PasskeyRefused
from engage.web import devices, forms, staff
from engage.web.frame import installation, now, say

door = Blueprint("sign_in", __name__)

PER_LOGIN_AND_ADDRESS = "10 per 10 minutes"
PER_ADDRESS = "50 per hour"
PER_KNOWN_DEVICE = "10 per 10 minutes"
#: After this long without Redis the counting goes on in the process.
REDIS_SECONDS = 2
#: Dots could climb out of /desk, a second slash or a backslash out of this host.
_OWN_PATH = re.compile(r"/desk(/[\w-]+)*(\?[\w=&.%+-]*)?", re.ASCII)


def prepare(app: Flask) -> None:
    """Wire sessions, forms and limits into an application."""
    redis_url = cast(Installation, app.extensions["engage"]).settings.redis_url
    app.config.update(
        RATELIMIT_STORAGE_URI=redis_url.replace("unix://", "redis+unix://", 1) or "memory://",
        RATELIMIT_STORAGE_OPTIONS=dict.fromkeys(("socket_connect_timeout", "socket_timeout"), REDIS_SECONDS)
        if redis_url
        else {},
        RATELIMIT_KEY_PREFIX="engage",
    )
    staff.prepare(app)
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, _wait)


def _address() -> str:
    """The visitor's network as a keyed hash: for IPv6 the /64 that one household has."""
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - nothing listens there
    network = ip_network(f"{address}/{32 if address.version == 4 else 64}", strict=False)
    return installation().vault.look_up_hash("sign-in-address", str(network))


def _login_and_address() -> str:
    login = request.form.get("login", "").strip().lower()
    return installation().vault.look_up_hash("sign-in-login", f"{_address()} {login}")


def _known_device() -> str:
    return devices.known_to(request.form.get("login", ""))


def _is_known() -> bool:
    return bool(_known_device())


def _is_unknown() -> bool:
    return not _known_device()


def _was_wrong(response: Response) -> bool:
    return response.status_code != 303


limiter = Limiter(_address, strategy="moving-window", in_memory_fallback_enabled=True)


@door.get("/desk/sign-in")
def ask() -> ResponseReturnValue:
    """The form for login and password."""
    over = say("That took too long, or there were too many wrong codes. Please sign in again.")
    return _page(request.args.get("next"), over if "over" in request.args else None)


@door.post("/desk/sign-in")
@limiter.limit(PER_KNOWN_DEVICE, key_func=_known_device, exempt_when=_is_unknown)
@limiter.limit(PER_LOGIN_AND_ADDRESS, key_func=_login_and_address, exempt_when=_is_known)
@limiter.limit(PER_ADDRESS, deduct_when=_was_wrong, exempt_when=_is_known)
def enter() -> ResponseReturnValue:
    """Sign in, or go on to the second step. An unknown login and a wrong password get the same answer."""
    form = forms.sent()
    wanted = form.get("next")
    if not staff.is_own_form():
        return _page(wanted, say("This form was too old. Please sign in now."), 403)
    with installation().database.reading() as session:
        arrived = accounts.check_password(session, form.get("login", ""), form.get("password", ""))
    if arrived is None:
        return _page(wanted, say("Login and password do not fit together. Please try again."), 422)
    return let_in(arrived, wanted)


@door.post("/desk/sign-in/passkey")
@limiter.limit(PER_ADDRESS, deduct_when=_was_wrong)
def enter_by_passkey() -> ResponseReturnValue:
    """Sign in with a passkey alone: the device has seen to it that it is its owner who holds it."""
    form = forms.sent()
    wanted = form.get("next")
    if not staff.is_own_form():
        return _page(wanted, say("This form was too old. Please sign in now."), 403)
    opened = installation()
    house = House.at(opened.settings.public_url)
    try:
        with opened.database.transaction() as session:
            if house is None:
                raise PasskeyRefused
            answer = form.get("passkey", "")
            staff_id = passkeys.opened_by(session, opened.vault, house, None, vouching.SIGNING_IN, answer, now())
            arrived = accounts.officer_by_id(session, staff_id)
    except PasskeyRefused:
        arrived = None
    if arrived is None:
        return _page(wanted, say("This passkey does not open the desk. Try again, or use login and password."), 422)
    staff.begin_session(arrived)
    return redirect(own_path(wanted), 303)


def let_in(arrived: Officer, wanted: str | None) -> ResponseReturnValue:
    """Go on from a right password: to the second step where there is one or must be one, else to the desk."""
    opened = installation()
    with opened.database.reading() as session:
        steps = second_steps.steps_of(session, arrived.staff_id)
    if steps.any or opened.settings.requires_second_step:
        staff.begin_waiting(arrived)
        return redirect(url_for("second_step.ask", next=own_path(wanted)), 303)
    staff.begin_session(arrived)
    return redirect(own_path(wanted), 303)


@door.post("/desk/sign-out")
def leave() -> ResponseReturnValue:
    """End the session on this browser."""
    if staff.signed_in() and not staff.is_own_form():
        return _page(None, say("This form was too old. You are still signed in."), 403)
    staff.end_session()
    return redirect(url_for("sign_in.ask"), 303)


def own_path(wanted: str | None) -> str:
    """Where to go after signing in: the path that was asked for if it is one of the desk's, else the desk."""
    fits = wanted and _OWN_PATH.fullmatch(wanted) and not wanted.startswith("/desk/sign-")
    return wanted if wanted and fits else url_for("queues.mine")


def _page(wanted: str | None, trouble: str | None = None, status: int = 200) -> tuple[str, int]:
    page = render_template(
        "desk/sign_in.html",
        next=own_path(wanted) if wanted else "",
        login=request.form.get("login", "")[:64],
        trouble=trouble,
        passkeys=House.at(installation().settings.public_url) is not None,
    )
    return page, status


def _wait(_: RateLimitExceeded) -> ResponseReturnValue:
    limit = limiter.current_limit
    seconds = max(1, math.ceil(limit.window.reset_time - now().timestamp())) if limit else 600
    minutes = math.ceil(seconds / 60)
    trouble = say("Too many tries from here. Try again in %(minutes)s min.", minutes=minutes)
    response = make_response(_page(request.form.get("next"), trouble, 429))
    response.headers["Retry-After"] = str(seconds)
    return response
