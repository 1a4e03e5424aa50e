"""Which gateway carries what: the providers of the settings, or their console twins where none is set."""

from __future__ import annotations

from engage import outbox
from engage.config import Settings
from engage.delivery import Postroom, Waits
from engage.gateways import Gateway
from engage.gateways.console import MAIL_FILE, TEXTS_FILE, ConsoleGateway
from engage.gateways.mail import MailGateway
from engage.gateways.twilio import TwilioGateway
from engage.installation import Installation
from engage.taxonomy import Carrier


def postroom_of(installation: Installation, waits: Waits | None = None) -> Postroom:
    """The postroom of an installation."""
    settings = installation.settings
    texts = text_provider(installation) or ConsoleGateway(settings.data_dir / TEXTS_FILE)
    gateways = {Carrier.MAIL: mail_gateway(settings), Carrier.SMS: texts, Carrier.WHATSAPP: texts}
    return Postroom(
        installation.database, installation.vault, gateways, settings.twilio_daily_segments, waits or Waits()
    )


def mail_gateway(settings: Settings) -> Gateway:
    """The mail server of the settings, or a file that a person can read."""
    if settings.mail_url:
        return MailGateway(settings.mail_url, settings.mail_from)
    return ConsoleGateway(settings.data_dir / MAIL_FILE)


def text_provider(installation: Installation) -> TwilioGateway | None:
    """The provider of texts; None where none is set, and texts go to the file behind the practice phone."""

    def known_ids(provider_ids: list[str]) -> set[str]:
        with installation.database.reading() as session:
            return outbox.known_ids(session, provider_ids)

    return TwilioGateway(installation.settings, known_ids) if installation.settings.has_twilio else None
