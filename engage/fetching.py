"""Fetching: brings files that came with a text from the provider, one at a time, with no transaction open meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from sqlmodel import Session

from engage import attachments, files
from engage.attachments import Errand
from engage.db import Database
from engage.delivery import Clock
from engage.gateways import GatewayDown, Undeliverable
from engage.vault import Vault

log = logging.getLogger(__name__)


class File(Protocol):
    """What was fetched, and what the other side says that it is."""

    @property
    def content(self) -> bytes:
        """All of it."""

    @property
    def content_type(self) -> str:
        """Such as `image/jpeg`."""


#: Gives the file at an address. Raises `GatewayDown` where trying again helps, and `Undeliverable` where not.
Fetch = Callable[[str], File]


def fetch_next(database: Database, vault: Vault, fetch: Fetch, clock: Clock) -> bool:
    """Fetch the file that is due first, and keep it. False when none is due."""
    with database.transaction() as session:
        errand = attachments.claim(session, clock())
    if errand is None:
        return False
    keep = _run(errand, vault, fetch, clock)
    with database.transaction() as session:
        keep(session)
    return True


def _run(errand: Errand, vault: Vault, fetch: Fetch, clock: Clock) -> Callable[[Session], None]:
    """Fetch one file, and give what is to be written down."""
    try:
        file = fetch(errand.source)
    except GatewayDown as problem:
        said = str(problem)
    except Undeliverable as problem:
        refused = str(problem)
        return lambda session: attachments.fail(session, errand, refused)
    except Exception as problem:  # a fault of ours must not stop the files behind it
        said = type(problem).__name__
        log.exception("File %d could not be fetched", errand.id)
    else:
        examined, kind = files.examine(file.content), file.content_type
        return lambda session: attachments.store(session, vault, errand, examined, kind)
    return lambda session: attachments.put_off(session, errand, said, clock())
