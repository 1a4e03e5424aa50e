"""Setting up an authenticator app: the picture to scan, the secret to type, and the recovery codes, shown once."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, render_template
from markupsafe import Markup

from engage import second_steps
from engage.accounts import Officer
from engage.posters import symbols
from engage.web.frame import installation, say


@dataclass(frozen=True, slots=True)
class OfferedApp:
    """A secret on its way into an app: sealed for the form, as a picture, and in groups of four to type."""

    sealed: str
    picture: Markup
    secret: str
    address: str
    login: str


def offer(officer: Officer, sealed: str = "") -> OfferedApp:
    """A fresh secret for an officer's app, or the one that a form brings back."""
    vault = installation().vault
    secret = second_steps.offered(vault, officer.staff_id, sealed) or second_steps.new_secret()
    address = second_steps.address(secret, officer.login, "Engage")
    picture = symbols.svg(address, say("The code for your authenticator app"))
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    # The picture is drawn by ourselves, and its title escaped there.
    return OfferedApp(
        second_steps.offer(vault, officer.staff_id, secret),
        Markup(picture),  # noqa: S704
        grouped,
        address,
        officer.login,
    )


def codes_page(codes: list[str], onward: str) -> Response:
    """The page that shows new recovery codes, which nobody can show again."""
    return Response(render_template("desk/recovery_codes.html", codes=codes, onward=onward))
