"""Finding a place in what people write: a poster's code anywhere in the text, or the name of a place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from sqlmodel import Session, col, select

from engage.base32 import plain
from engage.models import Place, Site
from engage.posters import register
from engage.posters.codes import CODE_LENGTH, is_valid
from engage.posters.register import Whereabouts
from engage.triage.text import fold

MOST_LIKELY = 3
MOST_TOKENS = 60
_NEAR_NAME = 88  # of 100: a name with a slip
_TOKEN = re.compile(r"[^\W_]+(?:[-.·][^\W_]+)*")
_NUMBERS = re.compile(r"\d+")
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Spotted:
    """The place that a text names for certain, the ones it may mean, and whether it says nothing else."""

    where: Whereabouts | None = None
    likely: tuple[Whereabouts, ...] = ()
    by_code: bool = False
    only_code: bool = False


def spot(session: Session, text: str) -> Spotted:
    """The place that a text names: by a poster's code, else by its name."""
    by_code = spot_code(session, text)
    if by_code.where is not None:
        return by_code
    names = place_names(session)
    named = [register.find_place(session, place_id) for place_id in spot_name(text, names) or spot_part(text, names)]
    found = [where for where in named if where is not None]
    if len(found) == 1 and not by_code.likely:
        return Spotted(found[0])
    return Spotted(likely=(*by_code.likely, *found)[:MOST_LIKELY])


def spot_code(session: Session, text: str) -> Spotted:
    """The poster whose code stands anywhere in a text, in any letter case; one slip is forgiven at its edges.

    People put a code first or last. In the middle, five letters with a slip are more likely a flight or a plate.
    """
    text = unicodedata.normalize("NFKC", text)
    tokens = list(_TOKEN.finditer(text))[:MOST_TOKENS]
    written = [plain(token.group()) for token in tokens]
    for at in range(len(written)):
        for end in (at + 1, at + 2):
            joined = "".join(written[at:end])
            where = register.find_poster(session, joined) if _may_be_code(joined) and is_valid(joined) else None
            if where is not None:
                rest = text[: tokens[at].start()] + text[tokens[min(end, len(tokens)) - 1].end() :]
                return Spotted(where, by_code=True, only_code=not _NO_LETTER.sub("", rest))
    edges = {code for code in (*written[:1], *written[-1:]) if _may_be_code(code) and not code.isalpha()}
    near = [where for code in sorted(edges) for where in register.suggest(session, code)]
    if len(near) == 1:
        return Spotted(near[0], by_code=True, only_code=len(tokens) == 1)
    return Spotted(likely=tuple(near[:MOST_LIKELY]))


def _may_be_code(code: str) -> bool:
    return len(code) == CODE_LENGTH


@dataclass(frozen=True, slots=True)
class PlaceName:
    """One way to call a place, folded, with a space at either end."""

    place_id: int
    name: str


def place_names(session: Session) -> tuple[PlaceName, ...]:
    """Every name of every place, in all its languages, and short ones such as `b12` that only one place has."""
    rows = session.exec(select(Place.id, Place.name, Place.names, Site.name).join(Site, col(Site.id) == Place.site_id))
    full: dict[str, set[int]] = {}
    for place_id, name, names, _site in rows:
        for called in {name, *names.values()}:
            full.setdefault(_plain(called), set()).add(place_id or 0)
            for short in _numbered(called):
                full.setdefault(short, set()).add(place_id or 0)
    return tuple(
        PlaceName(place_id, name) for name, ids in full.items() if len(ids) <= MOST_LIKELY for place_id in sorted(ids)
    )


def _numbered(name: str) -> Iterable[str]:
    """The words of a name that hold a letter and a digit: what people use for short."""
    return (
        f" {word} "
        for word in _plain(name).split()
        if any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
    )


def spot_name(text: str, names: Sequence[PlaceName]) -> tuple[int, ...]:
    """The places whose name stands in a text, the longest name deciding; or whose name it nearly is. At most three."""
    said = _plain(text)
    inside = [name for name in names if len(name.name) > 3 and name.name in said]
    if inside:
        longest = max(len(name.name) for name in inside)
        return tuple(sorted({name.place_id for name in inside if len(name.name) == longest}))[:MOST_LIKELY]
    if len(said.split()) > 6:
        return ()
    same_numbers = [name for name in names if _NUMBERS.findall(name.name) == _NUMBERS.findall(said)]
    near = [(fuzz.ratio(name.name, said), name.place_id) for name in same_numbers]
    close = sorted((-score, place_id) for score, place_id in near if score >= _NEAR_NAME)
    return tuple(dict.fromkeys(place_id for _, place_id in close))[:MOST_LIKELY]


def spot_part(text: str, names: Sequence[PlaceName]) -> tuple[int, ...]:
    """The places of which a text has the name but for its last letter or number, as "food hall" of "Food hall B"."""
    said = _plain(text)
    found = {name.place_id for name in names if (part := _without_last(name.name)) and part in said}
    return tuple(sorted(found)) if len(found) <= MOST_LIKELY else ()


def _without_last(name: str) -> str | None:
    """A folded name of three words or more without its last one, where that is short."""
    words = name.split()
    return f" {' '.join(words[:-1])} " if len(words) > 2 and len(words[-1]) <= 2 else None


def _plain(text: str) -> str:
    return f" {_NO_LETTER.sub(' ', fold(text)).strip()} "
