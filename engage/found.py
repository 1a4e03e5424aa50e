"""Pages of a search: the cases that have every word, the newest first, each with the words where they were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import case_rows, search
from engage.accounts import Officer
from engage.case_rows import Row
from engage.models import Message, Note, Report
from engage.search_words import Term, spans

PAGE = 25
EXCERPT = 160
BEFORE = 50  # characters that are shown before the first word that was found
LONGEST_READ = 4000  # characters of one text in which the words are looked for, so that a page is quick
MOST_TEXTS = 60  # texts of one case


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an excerpt, and whether it is a word that was looked for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that was found, with the beginning of what it says there."""

    row: Row
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page; `next` is the id of the last case, where there are more."""

    hits: tuple[Hit, ...]
    next: int | None


def read_page(session: Session, officer: Officer, terms: Sequence[Term], after: int | None = None) -> FoundPage:
    """A page of 25 of the cases that an officer may see, from the one after a case's id on; without terms, none."""
    if not terms:
        return FoundPage((), None)
    ids = search.matching(session, officer, terms, after=after, most=PAGE + 1)
    rows = case_rows.read(session, ids[:PAGE])
    texts = _texts(session, [row.id for row in rows])
    hits = tuple(Hit(row, _best(texts.get(row.id, []), terms) or (Piece(row.excerpt, False),)) for row in rows)
    return FoundPage(hits, ids[PAGE - 1] if len(ids) > PAGE else None)


def _texts(session: Session, case_ids: Sequence[int]) -> dict[int, list[str]]:
    """The texts of cases, reports before messages before notes, each and all of them as far as is read."""
    found: dict[int, list[str]] = {}
    for table in (Report, Message, Note):
        beginning = sa.func.substr(table.text, 1, LONGEST_READ)
        query = sa.select(col(table.case_id), beginning).where(col(table.case_id).in_(case_ids))
        for case_id, text in session.connection().execute(query.order_by(col(table.id))) if case_ids else ():
            kept = found.setdefault(case_id, [])
            if len(kept) < MOST_TEXTS:
                kept.append(text)
    return found


def _best(texts: Sequence[str], terms: Sequence[Term]) -> tuple[Piece, ...]:
    """The text in which most words were found, around the first of them; nothing where there is none."""
    best: tuple[int, str, list[tuple[int, int]]] | None = None
    for text in texts:
        places = spans(text, terms)
        kinds = len({text[start:end].casefold() for start, end in places})
        if kinds and (best is None or kinds > best[0]):
            best = kinds, text, places
    return pieces_of(best[1], best[2]) if best else ()


def pieces_of(text: str, places: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """About 160 characters of a text on one line, with what was found in them."""
    begin = max(0, places[0][0] - BEFORE)
    end = min(len(text), begin + EXCERPT)
    pieces = [Piece("…", False)] if begin else []
    at = begin
    for start, stop in places:
        if start >= end:
            break
        stop = min(stop, end)
        pieces += [Piece(text[at:start], False), Piece(text[start:stop], True)]
        at = stop
    pieces += [Piece(text[at:end], False), Piece("…" if end < len(text) else "", False)]
    return tuple(Piece(_on_one_line(piece.text), piece.found) for piece in pieces if piece.text)


def _on_one_line(text: str) -> str:
    return "".join(" " if character.isspace() else character for character in text)
