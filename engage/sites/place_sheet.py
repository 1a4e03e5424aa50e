"""Places as a table: which column is which, what each row says, and the same table written again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from engage.languages import LANGUAGES
from engage.sites.entries import PlaceEntry
from engage.sites.parts import PlacePart
from engage.sites.sheets import read_rows
from engage.sites.workbooks import SheetError
from engage.spreadsheets import FORMULA_MARKS, csv_of


def _(sentence: str) -> str:
    return sentence


#: The spellings of each column's header, in small letters with single spaces.
HEADERS: Mapping[str, frozenset[str]] = {
    "slug": frozenset({"key", "slug", "place key", "place id", "id"}),
    "zone": frozenset({"zone", "zone key", "area", "terminal", "hall"}),
    "name": frozenset({"name", "place", "place name"}),
    "detail": frozenset({"directions", "detail", "how to find it", "where"}),
    "emergency_number": frozenset({"emergency number", "emergency", "emergency phone"}),
    "desk_number": frozenset({"desk number", "desk", "desk phone"}),
    "opening_hours": frozenset({"opening hours", "hours", "open"}),
    "latitude": frozenset({"latitude", "lat"}),
    "longitude": frozenset({"longitude", "lon", "lng", "long"}),
    "walking_order": frozenset({"walking order", "order", "walk"}),
}
NEEDED = ("slug", "zone", "name")
_LANGUAGE_OF = {
    **{code: code for code in LANGUAGES},
    **{
        "arabic": "ar",
        "chinese": "zh",
        "english": "en",
        "filipino": "fil",
        "french": "fr",
        "portuguese": "pt",
        "russian": "ru",
        "spanish": "es",
    },
}
#: The columns that are written, by the first of their spellings.
WRITTEN = {name: name.replace("_", " ") for name in HEADERS} | {"slug": "key", "detail": "directions"}
MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one row: its number in the file (0: not known), its column as it is headed there, and why."""

    row: int
    column: str
    sentence: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        """The fault in one English line."""
        where = f"row {self.row}, " if self.row else ""
        return f"{where}{self.column}: {self.sentence % self.values}"


@dataclass(frozen=True, slots=True)
class PlaceSheet:
    """What a table says: its places in their order, what is wrong with it, and the columns nobody knows."""

    places: tuple[PlacePart, ...]
    faults: tuple[Fault, ...]
    passed_over: tuple[str, ...]


def read_places(data: bytes, site: str, there: Mapping[str, PlacePart], zones: Mapping[str, str]) -> PlaceSheet:
    """The places of a site in a CSV or XLSX file. Raises `SheetError` where it cannot be read as a table.

    `there` are the places of the site by slug: what the table has no column for stays as it is. `zones` are the names
    of its zones by slug; a row may say either.
    """
    rows = read_rows(data)
    if not rows:
        raise SheetError(_("The file is empty."))
    columns, passed_over = _columns(rows[0][1])
    if len(rows) == 1:
        raise SheetError(_("The file has headers but no rows below them."))
    by_name = {name.casefold(): slug for slug, name in zones.items()} | {slug: slug for slug in zones}
    faults: list[Fault] = []
    places: dict[str, PlacePart] = {}
    first_row: dict[str, int] = {}
    for number, cells in rows[1:]:
        said = {field: cells[at] if at < len(cells) else "" for field, (at, _head) in columns.items()}
        found = _place(number, said, site, there, by_name, {field: head for field, (_at, head) in columns.items()})
        if not isinstance(found, PlacePart):
            faults += found
        elif found.slug in places:
            sentence = _("The key %(key)s stands in row %(first)s already.")
            doubled = {"key": found.slug, "first": first_row[found.slug]}
            faults.append(Fault(number, columns["slug"][1], sentence, doubled))
        else:
            places[found.slug], first_row[found.slug] = found, number
    return PlaceSheet(tuple(places.values()), tuple(faults), passed_over)


def _columns(heads: Sequence[str]) -> tuple[dict[str, tuple[int, str]], tuple[str, ...]]:
    """Where each field stands and how it is headed, and the headers that nobody knows."""
    columns: dict[str, tuple[int, str]] = {}
    passed_over = []
    for at, head in enumerate(heads):
        field = _field(head)
        if field in columns:
            raise SheetError(
                _("Two columns say the same: “%(one)s” and “%(other)s”. Remove one of them."),
                one=columns[field][1],
                other=head,
            )
        if field:
            columns[field] = at, head
        elif head:
            passed_over.append(head)
    if "name" not in columns and "names.en" in columns:  # the only name that a file gives may well say its language
        columns["name"] = columns.pop("names.en")
    missing = [WRITTEN[name] for name in NEEDED if name not in columns]
    if missing:
        raise SheetError(
            _("The first row has no column headed: %(missing)s. It needs at least “key”, “zone” and “name”."),
            missing=", ".join(missing),
        )
    return columns, tuple(passed_over)


def _field(head: str) -> str:
    """The field that a header means: `names.ar` for “Name (AR)”; empty where nobody knows."""
    words = " ".join(re.sub(r"[\W_]+", " ", head.casefold()).split())
    for field, spellings in HEADERS.items():
        if words in spellings:
            return field
    language = _LANGUAGE_OF.get(words.removeprefix("names ").removeprefix("name "))
    return f"names.{language}" if language and words.startswith("name") else ""


def _bare(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_MARKS) else cell


def _place(
    row: int,
    said: Mapping[str, str],
    site: str,
    there: Mapping[str, PlacePart],
    zones: Mapping[str, str],
    heads: Mapping[str, str],
) -> PlacePart | list[Fault]:
    """What one row says, or what is wrong with it."""
    formulas = [field for field, value in said.items() if value.startswith("=")]
    if formulas:
        sentence = _("This is a formula. Put its value there instead.")
        return [Fault(row, heads[field], sentence, {}) for field in formulas]
    said = {field: _bare(value) for field, value in said.items()}
    before = there.get(said["slug"])
    values: dict[str, Any] = before.model_dump() if before else {}
    names = dict(before.names) if before else {}
    for field, value in said.items():
        if field.startswith("names."):
            names.pop(field[6:], None)
            names |= {field[6:]: value} if value else {}
        else:
            values[field] = value or None
    zone = zones.get(said["zone"].casefold())
    faults = []
    if zone is None:
        sentence = _("There is no zone “%(zone)s” at this site. There are: %(zones)s")
        known = ", ".join(sorted(set(zones.values())))
        faults.append(Fault(row, heads["zone"], sentence, {"zone": said["zone"][:80], "zones": known}))
    wanted = values | {"names": names, "site": site, "zone": zone or "unknown"}
    try:
        part = PlacePart.model_validate(wanted)
    except ValidationError as wrong:
        return faults + _faults(row, wrong, heads)
    return faults or part


def _faults(row: int, wrong: ValidationError, heads: Mapping[str, str]) -> list[Fault]:
    found = []
    for error in wrong.errors(include_url=False, include_input=False):
        spot = ".".join(str(part) for part in error["loc"][:2])
        why = error["msg"].removeprefix("Value error, ")
        found.append(Fault(row, heads.get(spot, heads.get(spot.partition(".")[0], spot)), "%(why)s", {"why": why}))
    return found


def write_places(places: Iterable[PlacePart]) -> str:
    """Places as CSV that `read_places` reads to the same."""
    fields = [name for name in PlaceEntry.model_fields if name in HEADERS]
    head = ["key", "zone", *(WRITTEN[name] for name in fields if name != "slug"), *(f"name {one}" for one in LANGUAGES)]
    return csv_of(
        head,
        (
            [
                one.slug,
                one.zone,
                *(getattr(one, name) for name in fields if name != "slug"),
                *(one.names.get(language, "") for language in LANGUAGES),
            ]
            for one in places
        ),
    )
