"""One running installation: its settings, database, keys and lexicon, opened together and handed to the doors."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from engage.config import Settings
from engage.db import Database
from engage.live_lexicon import LiveLexicon
from engage.posters.scans import Tally
from engage.triage import Lexicon, triage
from engage.vault import Vault

#: Seconds: the first page is answered by then, and the first report not yet written.
WARM_UP_AFTER = 1.5


@dataclass(frozen=True, slots=True)
class Installation:
    """What a door needs to do its work."""

    settings: Settings
    database: Database
    vault: Vault
    live: LiveLexicon
    openings: Tally

    @property
    def lexicon(self) -> Lexicon:
        """The words and rules of triage as they count now; a message is judged by one of them from end to end."""
        return self.live.now()

    def warm_up(self) -> None:
        """Let triage build its indexes in the background, so that neither the first page nor the first report waits."""
        later = threading.Timer(WARM_UP_AFTER, triage, ("warm up", self.live.at_hand))
        later.daemon = True
        later.start()


def open_installation(settings: Settings) -> Installation:
    """Open the database and load the lexicon. Raises what they raise; a half-open installation is never returned."""
    vault = Vault(settings.secret_key)
    database = Database(settings)
    return Installation(settings, database, vault, LiveLexicon(settings, database, vault), Tally(database))
