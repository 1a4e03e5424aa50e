"""The provider of texts as the doors see it: that of the settings or, in a demo without one, the practice phone's."""

from __future__ import annotations

from typing import cast

from flask import abort, current_app

from engage.config import PRACTICE_NUMBERS, Settings
from engage.gateways.twilio import TwilioGateway
from engage.vault import Vault
from engage.web.frame import installation

_KEY = "engage_text_provider"


def provider() -> TwilioGateway:
    """What reads and checks the provider's requests. 404 where there is neither a provider nor a practice phone."""
    if _KEY not in current_app.extensions:
        opened = installation()
        settings = opened.settings if opened.settings.has_twilio else practice_settings(opened.settings, opened.vault)
        current_app.extensions[_KEY] = _reading(settings) if settings.has_twilio else None
    found = current_app.extensions[_KEY]
    if found is None:
        abort(404)
    return cast(TwilioGateway, found)


def _reading(settings: Settings) -> TwilioGateway:
    return TwilioGateway(settings, shared_keys=(settings.twilio_shared_key,) if settings.twilio_shared_key else ())


def practice_settings(settings: Settings, vault: Vault) -> Settings:
    """In a demo, the settings of an account that nobody has, so that the practice phone's requests are signed too."""
    if not settings.demo:
        return settings
    account = {
        "twilio_account_sid": "AC" + vault.look_up_hash("practice", "account")[:32],
        "twilio_auth_token": vault.look_up_hash("practice", "token")[:32],
        "twilio_number": ",".join(PRACTICE_NUMBERS),
    }
    return settings.model_copy(update=account)
