"""One running installation: its settings, database, keys and lexicon, opened together and handed to the doors."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from engage.config import Settings
from engage.db import Database
from engage.triage import Lexicon, shipped_lexicon, triage
from engage.vault import Vault


@dataclass(frozen=True, slots=True)
class Installation:
    """What a door needs to do its work."""

    settings: Settings
    database: Database
    vault: Vault
    lexicon: Lexicon

    def warm_up(self) -> None:
        """Let triage build its indexes in the background, so that neither the first page nor the first report waits."""
        threading.Thread(target=triage, args=("warm up", self.lexicon), daemon=True).start()


def open_installation(settings: Settings) -> Installation:
    """Open the database and load the lexicon. Raises what they raise; a half-open installation is never returned."""
    lexicon = shipped_lexicon()
    return Installation(settings, Database(settings), Vault(settings.secret_key), lexicon)
