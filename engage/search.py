"""Finding cases by the words of their reports, messages and notes, by places' names, references and poster codes.

The words of a case stand in `search_documents`: a full-text table of SQLite (FTS5) or lexemes under a GIN index of
PostgreSQL, written in the transaction of what they come from. Neither database makes or changes a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import cases
from engage.accounts import Officer
from engage.models import Case, Message, Note, Place, Poster, Queue, Report, Site, Zone
from engage.posters.register import Whereabouts
from engage.prepared import Prepared
from engage.search_words import Term, words_of

#: PostgreSQL refuses lexemes of more than a megabyte in all; more words than these nobody writes in one case.
MOST_BYTES = 400_000
#: As many documents as are quicker read and sorted than the newest ones looked through.
MOST_RARE = 1000
SINGLE, DOUBLE = "'", '"'
#: How the key of a document is called; FTS5 has a name of its own for it.
_KEY = {"sqlite": "rowid", "postgresql": "case_id"}
_TABLES = {name: sa.table("search_documents", sa.column(key), sa.column("words")) for name, key in _KEY.items()}
_OF_CASE = {
    name: Prepared(sa.select(table.c.words).where(table.c[_KEY[name]] == sa.bindparam("case_id", type_=sa.BigInteger)))
    for name, table in _TABLES.items()
}
_ADD = {
    name: Prepared(
        sa.insert(table).values(
            {_KEY[name]: sa.bindparam("case_id", type_=sa.BigInteger), "words": sa.bindparam("words", type_=sa.Text)}
        )
    )
    for name, table in _TABLES.items()
}


def start(session: Session, case_id: int, texts: Iterable[str]) -> None:
    """Write the words of a case that is new."""
    _ADD[_dialect(session)].rows(session, case_id=case_id, words=_as_kept(set().union(*map(words_of, texts))))


def add(session: Session, case_id: int, text: str) -> None:
    """Let a case be found by the words of a text as well, from the end of this transaction on."""
    dialect, new = _dialect(session), words_of(text)
    found = _OF_CASE[dialect].rows(session, case_id=case_id)
    if not found:  # a case from before there was a search, and not yet rebuilt
        refresh(session, [case_id])
        found = _OF_CASE[dialect].rows(session, case_id=case_id)
    if new.issubset(old := found[0].words.split(" ")):
        return
    table = _TABLES[dialect]
    own = table.c[_KEY[dialect]] == case_id
    session.connection().execute(sa.update(table).where(own).values(words=_as_kept(new, old)))


def refresh(session: Session, case_ids: Sequence[int]) -> None:
    """Write the words of cases anew, from all that stands in them, as after a merge."""
    dialect = _dialect(session)
    table = _TABLES[dialect]
    session.flush()
    session.connection().execute(sa.delete(table).where(table.c[_KEY[dialect]].in_(case_ids)))
    said = _said_in(session, case_ids)
    _ADD[dialect].run_many(
        session, [{"case_id": case_id, "words": _as_kept(found)} for case_id, found in sorted(said.items())]
    )


def matching(
    session: Session, officer: Officer, terms: Sequence[Term], *, after: int | None = None, most: int = 1000
) -> list[int]:
    """The ids of cases that have all of the terms and that the officer may see: the newest, or those before `after`."""
    dialect = _dialect(session)
    key: sa.ColumnElement[int] = sa.literal_column(f"search_documents.{_KEY[dialect]}", sa.BigInteger)
    asked = _MATCHES[dialect].bindparams(asked=_QUESTION[dialect](terms))
    rare = _rare(session, asked) if dialect == "postgresql" else None
    # FTS5 is asked first and gives its rows in order; the case is looked up by its id, never the other way round:
    # hence the plus. Sorting by the case's own id would read and sort everything that has the word.
    query: sa.Select[Any] = (
        sa.select(col(Case.id))
        .select_from(_TABLES[dialect])
        .join(Case, col(Case.id) == sa.literal_column(_LOOKED_UP_BY[dialect], sa.BigInteger))
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(asked if rare is None else key.in_(rare), cases.visible_to(officer))
    )
    if after is not None:
        query = query.where(key < after)
    return list(session.connection().execute(query.order_by(key.desc()).limit(most)).scalars())


def _rare(session: Session, asked: sa.TextClause) -> list[int] | None:
    """All documents that match, where they are few; None where they are many.

    PostgreSQL cannot know how many have a word that few have, and would read the newest documents one by one until it
    has a page: right for a common word, a second for a rare one. So its index is asked first, and nothing else.
    """
    connection, key = session.connection(), _TABLES["postgresql"].c.case_id
    connection.execute(sa.select(sa.func.set_config("enable_seqscan", "off", True)))
    found = list(connection.execute(sa.select(key).where(asked).limit(MOST_RARE + 1)).scalars())
    connection.execute(sa.select(sa.func.set_config("enable_seqscan", "on", True)))
    return found if len(found) <= MOST_RARE else None


def names_of(where: Whereabouts) -> list[str]:
    """What a place, its zone and its site are called in every language, and the code of the poster that was used."""
    named = [one for one in (where.site, where.zone, where.place) if one]
    return [*(text for one in named for text in (one.name, *one.names.values())), where.code or ""]


def _names_of(session: Session, report: Report) -> list[str]:
    """The same of a report that is kept."""
    found: list[Any] = [session.get(Site, report.site_id)]
    place = session.get(Place, report.place_id) if report.place_id else None
    found += [place, session.get(Zone, place.zone_id) if place else None]
    poster = session.get(Poster, report.poster_id) if report.poster_id else None
    names = [text for one in found if one for text in (one.name, *one.names.values())]
    return [*names, *([poster.code] if poster else [])]


_LOOKED_UP_BY = {"sqlite": "+search_documents.rowid", "postgresql": "search_documents.case_id"}
_FTS5 = sa.text("search_documents MATCH :asked")
_LEXEMES = sa.text("search_documents.lexemes @@ CAST(:asked AS tsquery)")


def _fts5(terms: Sequence[Term]) -> str:
    return " AND ".join(f"({' OR '.join(_quoted(term, DOUBLE, '*'))})" for term in terms)


def _tsquery(terms: Sequence[Term]) -> str:
    return " & ".join(f"({' | '.join(_quoted(term, SINGLE, ':*'))})" for term in terms)


_MATCHES = {"sqlite": _FTS5, "postgresql": _LEXEMES}
_QUESTION = {"sqlite": _fts5, "postgresql": _tsquery}


def _quoted(term: Term, mark: str, beginning: str) -> list[str]:
    """Each word between marks; words are of letters and digits alone, so nothing in them can end it."""
    return [f"{mark}{word}{mark}{beginning if term.begins else ''}" for word in term.words if mark not in word]


def _as_kept(new: Iterable[str], old: Sequence[str] = ()) -> str:
    """Words as a document keeps them, the old ones first; what would be too many is left out."""
    words = [*old, *sorted(set(new).difference(old))]
    text = " ".join(words)
    while len(text.encode()) > MOST_BYTES:
        words = words[: len(words) * 9 // 10]
        text = " ".join(words)
    return text


def _said_in(session: Session, case_ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {
        case.id or 0: words_of(case.reference) for case in session.exec(select(Case).where(col(Case.id).in_(case_ids)))
    }
    named: dict[tuple[int | None, ...], list[str]] = {}  # a surge's reports come from few posters
    for report in session.exec(select(Report).where(col(Report.case_id).in_(case_ids))):
        where = (report.site_id, report.place_id, report.poster_id)
        if where not in named:
            named[where] = _names_of(session, report)
        for text in (report.text, report.reference, report.typed_code or "", *named[where]):
            found[report.case_id] |= words_of(text)
    by_people = sa.or_(col(Message.direction) == "from_reporter", col(Message.staff_id).is_not(None))
    messages = sa.select(col(Message.case_id), col(Message.text)).where(by_people)
    notes = sa.select(col(Note.case_id), col(Note.text))
    for query, own in ((messages, col(Message.case_id)), (notes, col(Note.case_id))):
        for case_id, text in session.connection().execute(query.where(own.in_(case_ids))):
            found[case_id] |= words_of(text)
    return found


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name
