"""The site's own words: checked by the lexicon, rehearsed on what was written lately, taken up by running servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import own_words, rehearsal
from engage.accounts import Officer
from engage.administration import changes
from engage.administration.refusals import Missing, Refused, Stale
from engage.administration.rules import queue_names
from engage.db import add_row
from engage.duty_rows import whole_table
from engage.installation import Installation
from engage.models import SiteWords
from engage.own_words import Compiled, Words, WordsRefused
from engage.sites.describing import things
from engage.sites.entries import WordsEntry
from engage.sites.keeping import count_up
from engage.sites.parts import name_of
from engage.sites.reading import entry_of
from engage.triage import Finding, Lexicon, triage
from engage.triage.lexicon import only_words
from engage.triage.matcher import find_hits
from engage.triage.text import read

#: Judging a text takes a millisecond on a busy machine; so many are judged at most when words are rehearsed.
MOST_TEXTS = 2_000


def _(sentence: str) -> str:
    return sentence


def listed(session: Session) -> dict[str, Any]:
    """The own words, by their names: `en.KNIFE`."""
    return things(session, "words")


def find(session: Session, name: str) -> Any:
    """The words of one name. Raises `Missing`."""
    found = listed(session).get(name)
    if found is None:
        raise Missing
    return found


def changed(
    session: Session, name: str | None, values: Mapping[str, Any] | None
) -> tuple[Any, WordsEntry | None, Words]:
    """What is there, what shall be there instead (None: nothing), and all own words with that.

    Raises `DescriptionError`, `Missing`, and `Refused` where there are words for this concept already.
    """
    before = find(session, name) if name is not None else None
    after = entry_of(WordsEntry, values) if values is not None else None
    words = own_words.all_words(session)
    if before is not None:
        words.pop((before.language, before.concept), None)
    if after is not None:
        if (after.language, after.concept) in words:
            raise Refused(_("There are words for this concept already: %(name)s."), name=name_of(after))
        words[after.language, after.concept] = after.words
    return before, after, words


def compiled(opened: Installation, words: Words) -> Compiled:
    """The lexicon with these words; takes seconds where they are new. Raises `Refused` where it cannot take them."""
    try:
        return own_words.compile_words(opened.settings, opened.vault, words)
    except WordsRefused as refused:
        raise Refused(_("Triage cannot take these words: %(why)s"), why=str(refused)) from None


def rehearse(
    session: Session, officer: Officer, now: datetime, opened: Installation, before: Words, after: Words, new: Lexicon
) -> rehearsal.Rehearsed:
    """What the words would have found in the newest reports of the last 30 days."""
    differing = _differing(before, after)
    if not differing:
        return rehearsal.rehearse_words([], bool, (_never, _never), [], {})
    some = rehearsal.past(session, officer, now, texts=True, most=MOST_TEXTS)
    with own_words.as_files(None, differing) as folder:
        own = only_words(new.book, folder)
    judges = (partial(triage, lexicon=opened.lexicon), partial(triage, lexicon=new))
    duties = whole_table(session).duties
    return rehearsal.rehearse_words(
        some, lambda text: bool(find_hits(read(text), own).hits), judges, duties, queue_names(session)
    )


def _never(text: str) -> Finding:
    raise AssertionError(text)


def _differing(before: Words, after: Words) -> dict[tuple[str, str], str]:
    """The words of the concepts that change, those of before and of after."""
    keys = {key for key in (*before, *after) if before.get(key) != after.get(key)}
    return {key: "\n".join(filter(None, (before.get(key), after.get(key)))) for key in sorted(keys)}


def save(
    session: Session,
    officer: Officer,
    now: datetime,
    *,
    name: str | None,
    values: Mapping[str, Any] | None,
    seen: str,
    reason: str = "",
    undoes: int | None = None,
) -> None:
    """Let words count; every running process takes them up within seconds. They must have been compiled.

    Raises `Stale` and what `changed` raises.
    """
    reason = changes.checked_reason(reason)
    changes.take_turn(session)
    before, after, _words = changed(session, name, values)
    if before is not None and changes.mark(before) != seen:
        raise Stale(before)
    if before is not None:
        gone = sa.and_(col(SiteWords.language) == before.language, col(SiteWords.concept) == before.concept)
        session.connection().execute(sa.delete(SiteWords).where(gone))
    if after is not None:
        add_row(session, SiteWords, language=after.language, concept=after.concept, words=after.words)
    count_up(session, "words")
    changes.note(
        session,
        officer,
        now,
        kind="words",
        name=name_of(after or before),
        before=before.model_dump(mode="json") if before else None,
        after=after.model_dump(mode="json") if after else None,
        reason=reason,
        owner=None,
        undoes=undoes,
    )


def undo(session: Session, officer: Officer, now: datetime, change_id: int) -> None:
    """Put words back as they were before a change, if nobody changed them since."""
    change = changes.to_undo(session, officer, change_id, "words")
    there = listed(session).get(change.name)
    changes.refuse_newer(changes.mark(there) == changes.mark_of(change.after))
    name = change.name if there is not None else None
    save(session, officer, now, name=name, values=change.before, seen=changes.mark(there), undoes=change_id)
