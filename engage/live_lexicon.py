"""The lexicon of a running process: when administrators change own words, it is taken up without a restart."""

from __future__ import annotations

import threading
import time

import sqlalchemy as sa
import structlog

from engage import own_words
from engage.compiled_lexicon import compiled_lexicon
from engage.config import Settings
from engage.db import Database
from engage.triage import Lexicon
from engage.vault import Vault

#: Seconds between two looks at whether words were changed: one small question to the database each.
LOOK_EVERY = 2.0

log = structlog.get_logger()


class LiveLexicon:
    """The lexicon that counts now. Raises `LexiconError` at once where the words of the package or file are wrong."""

    def __init__(self, settings: Settings, database: Database, vault: Vault) -> None:
        self._settings, self._database, self._vault = settings, database, vault
        self._lexicon = compiled_lexicon(settings.data_dir / "lexicon.compiled", vault, settings.words_file)
        self._version = 0
        self._look_at = 0.0
        self._working = threading.Lock()

    def now(self) -> Lexicon:
        """The lexicon; newer words are looked for and compiled in the background, and count when that is done.

        Who asks may be amid a transaction of their own, so the database is asked by a thread that holds none.
        """
        moment = time.monotonic()
        if moment >= self._look_at:
            first, self._look_at = not self._look_at, moment + LOOK_EVERY
            if first:
                self._begin()
            elif self._working.acquire(blocking=False):
                threading.Thread(target=self._look, name="own-words", daemon=True).start()
        return self._lexicon

    @property
    def at_hand(self) -> Lexicon:
        """The lexicon as it was taken up last, without a look at the database."""
        return self._lexicon

    def catch_up(self) -> None:
        """Take up the newest words before going on."""
        with self._working:
            self._take_up()

    def _begin(self) -> None:
        """Words that are compiled already count from the first report on."""
        try:
            with self._database.reading() as session:
                words = own_words.all_words(session) if own_words.words_version(session) else {}
        except sa.exc.SQLAlchemyError:  # the tables may not be there yet, or the database is away
            return
        if own_words.is_compiled(self._settings, self._vault, words):
            self.catch_up()
        else:
            self._look_at = 0.1  # the next one who asks lets them be compiled

    def _look(self) -> None:
        try:
            self._take_up()
        finally:
            self._working.release()

    def _take_up(self) -> None:
        try:
            with self._database.reading() as session:
                version = own_words.words_version(session)
                words = own_words.all_words(session) if version != self._version else {}
            if version != self._version:
                self._lexicon = own_words.compile_words(self._settings, self._vault, words).lexicon
                self._version = version
                log.info("own_words_taken_up", version=version, concepts=len(words))
        except sa.exc.SQLAlchemyError:  # the tables may not be there yet, or the database is away
            return
        except Exception:
            # Reports go on being judged by the words of before.
            self._look_at = time.monotonic() + 60
            log.exception("own_words_not_taken_up")
