"""Delivery: takes what waits in the outbox to its gateway, one row at a time, with no transaction open meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from engage import outbox
from engage.config import Settings
from engage.db import Database
from engage.gateways import Gateway, GatewayDown, Undeliverable
from engage.gateways.console import FILE_NAME, ConsoleGateway
from engage.gateways.mail import MailGateway

LOOK_EVERY_SECONDS = 1.0
WAIT_FOR_DATABASE_SECONDS = 5.0

Clock = Callable[[], datetime]
#: Waits for so many seconds, or until the worker shall stop, which it then says.
Pause = Callable[[float], bool]

log = logging.getLogger(__name__)


def gateway_of(settings: Settings) -> Gateway:
    """The mail server of the settings, or its console twin where none is set."""
    if settings.mail_url:
        return MailGateway(settings.mail_url, settings.mail_from)
    return ConsoleGateway(settings.data_dir / FILE_NAME)


def deliver_next(database: Database, gateway: Gateway, clock: Clock) -> bool:
    """Take up the most urgent row that is due, and write down what became of it. False when nothing is due."""
    with database.transaction() as session:
        parcel = outbox.claim(session, clock())
    if parcel is None:
        return False
    settle = _hand_over(gateway, parcel, clock)
    with database.transaction() as session:
        settle(session)
    return True


def deliver_until_stopped(database: Database, gateway: Gateway, clock: Clock, pause: Pause) -> None:
    """Deliver what is due, look again every second, and sit out a database that is away."""
    stopped = pause(0)
    while not stopped:
        try:
            seconds = 0.0 if deliver_next(database, gateway, clock) else LOOK_EVERY_SECONDS
        except DBAPIError as problem:
            log.warning("The database is away: %s", str(problem.orig).strip().partition("\n")[0])
            seconds = WAIT_FOR_DATABASE_SECONDS
        stopped = pause(seconds)


def _hand_over(gateway: Gateway, parcel: outbox.Parcel, clock: Clock) -> Callable[[Session], None]:
    """Send a parcel unless the gateway has it, and give what is to be written down."""
    try:
        provider_id = gateway.already_has(parcel) if parcel.attempts > 1 else None
        provider_id = provider_id or gateway.send(parcel)
    except GatewayDown as problem:
        said = str(problem)
        return lambda session: outbox.put_back(session, parcel, said, clock())
    except Undeliverable as problem:
        said = str(problem)
        return lambda session: outbox.give_up(session, parcel, said)
    except Exception as problem:  # a fault of ours must not stop the messages behind it
        said = type(problem).__name__
        log.exception("Message %d could not be sent", parcel.id)
        return lambda session: outbox.put_back(session, parcel, said, clock())
    return lambda session: outbox.settle(session, parcel, provider_id)
