"""Which gateway carries what: the providers of the settings, or their console twins where none is set."""

from __future__ import annotations

from engage.config import Settings
from engage.delivery import Postroom
from engage.gateways import Gateway
from engage.gateways.console import MAIL_FILE, TEXTS_FILE, ConsoleGateway
from engage.gateways.mail import MailGateway
from engage.gateways.twilio import TwilioGateway
from engage.installation import Installation
from engage.taxonomy import Carrier


def postroom_of(installation: Installation) -> Postroom:
    """The postroom of an installation."""
    settings = installation.settings
    texts = text_gateway(settings)
    gateways = {Carrier.MAIL: mail_gateway(settings), Carrier.SMS: texts, Carrier.WHATSAPP: texts}
    return Postroom(installation.database, installation.vault, gateways, settings.twilio_daily_segments)


def mail_gateway(settings: Settings) -> Gateway:
    """The mail server of the settings, or a file that a person can read."""
    if settings.mail_url:
        return MailGateway(settings.mail_url, settings.mail_from)
    return ConsoleGateway(settings.data_dir / MAIL_FILE)


def text_gateway(settings: Settings) -> Gateway:
    """Twilio, or the file behind the practice phone."""
    if settings.has_twilio:
        return TwilioGateway(settings)
    return ConsoleGateway(settings.data_dir / TEXTS_FILE)
