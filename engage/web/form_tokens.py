"""What a public form carries so that programs cannot flood us: its key and the moment it was given out, signed.

No puzzle, no script, no address. Who sends a form without it, or with one that is too old, gets the form back with what
was written and sends it once more. One token is good for one report, because it is bound to the form's key.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeSerializer

from engage.languages import say_number
from engage.vault import Vault
from engage.web.frame import installation, language, say
from engage.web.frame import now as moment
from engage.web.pace import Pace

#: A form that lies open longer is asked for once more.
LASTS_HOURS: Final = 24
#: While very many reports arrive, a form must have been open for so long.
PATIENCE_SECONDS: Final = 10
_PURPOSE: Final = "public-form"


class Standing(StrEnum):
    """How a form stands: to be taken, to be sent once more, or to be sent once more a little later."""

    GOOD = "good"
    ASK = "ask"
    WAIT = "wait"


def new(vault: Vault, key: str, now: datetime) -> str:
    """A token for the form with this key, given out now."""
    return str(_serializer(vault).dumps([key, int(now.timestamp())]))


def kept(vault: Vault, key: str, token: str, now: datetime) -> str:
    """The same token where it is still good for this key, so that it goes on growing old; else a new one."""
    return token if _age(vault, key, token, now) is not None else new(vault, key, now)


def standing(vault: Vault, key: str, token: str, now: datetime, *, many: bool) -> Standing:
    """How a form with this key and token stands, while many reports arrive or not."""
    age = _age(vault, key, token, now)
    if age is None:
        return Standing.ASK
    return Standing.WAIT if many and age < PATIENCE_SECONDS else Standing.GOOD


def _age(vault: Vault, key: str, token: str, now: datetime) -> int | None:
    """How many seconds ago a token was given out for this key; None where it was not, or too long ago."""
    try:
        signed_key, since = _serializer(vault).loads(token)
    except BadData:
        return None
    age = int(now.timestamp()) - since
    return age if signed_key == key and 0 <= age <= LASTS_HOURS * 3600 else None


def _serializer(vault: Vault) -> URLSafeSerializer:
    return URLSafeSerializer(vault.key_for(_PURPOSE), salt=_PURPOSE)


def of_request(key: str) -> Standing:
    """How the form of this request stands, which has this key."""
    opened, at = installation(), moment()
    pace: Pace = current_app.extensions.setdefault("engage_pace", Pace(opened.settings.reports_a_minute))
    many = pace.is_many(request.remote_addr or "", at)
    return standing(opened.vault, key, request.form.get("form", ""), at, many=many)


def in_words(standing: Standing) -> str:
    """Why a form is asked for once more."""
    if standing is Standing.WAIT:
        return say(
            "Not sent yet: very many reports are arriving. Press “Send” again in %(seconds)s seconds; your words are "
            "still here.",
            seconds=say_number(language(), PATIENCE_SECONDS),
        )
    return say("Not sent yet: press “Send” once more. Your words are still here.")


def seconds_to_wait(standing: Standing) -> int:
    """In how many seconds it may be sent once more."""
    return PATIENCE_SECONDS if standing is Standing.WAIT else 0


def kept_in_request(key: str) -> str:
    """The token for the form of the answer: the one that came with this request, where it is still good."""
    return kept(installation().vault, key, request.values.get("form", ""), moment())


def tell_script(response: Response, key: str, seconds: int) -> None:
    """Tell a script that sends for its reader what to send once more, and in how many seconds."""
    response.headers["Engage-Form"] = kept_in_request(key)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
