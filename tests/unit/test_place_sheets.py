"""Tables of places: headers in several spellings, encodings, and everything that is refused with a sentence."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest

from engage.sites.parts import PlacePart
from engage.sites.place_sheet import PlaceSheet, read_places, write_places
from engage.sites.sheets import LARGEST, MOST_ROWS
from engage.sites.workbooks import SheetError

ZONES = {"pier": "Pier", "hall-b": "Hall B"}
GOOD = (
    "Key,Zone,Name,Name (AR),Directions,Latitude,Walking order\ngate-1,Pier,Gate 1,البوابة 12,left of the lift,51.5,3\n"
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read(data: str | bytes, there: Mapping[str, PlacePart] | None = None) -> PlaceSheet:
    return read_places(data.encode() if isinstance(data, str) else data, "harbour", there or {}, ZONES)


def workbook(rows: str, shared: str = "", after: str = "", top: str = "") -> bytes:
    """An XLSX file of these rows."""
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'{top}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


HEAD = "".join(
    f'<c r="{at}1" t="inlineStr"><is><t>{name}</t></is></c>'
    for at, name in zip("ABC", ("key", "zone", "name"), strict=True)
)
GATE = '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3"><v>12</v></c></row>'
ROWS = f'<row r="1">{HEAD}</row>{GATE}'
SHARED = "<si><t>gate-1</t></si><si><r><t>Hall</t></r><r><t xml:space='preserve'> B</t></r></si>"


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").replace("\n", "\r\n").encode(),
        GOOD.replace("Name,", "Name (English),").encode(),
        GOOD.replace("Key", "PLACE_ID").replace("Name (AR)", "name: arabic").replace("Latitude", "Lat.").encode(),
    ],
)
def test_the_same_is_read_however_it_was_saved(data: bytes) -> None:
    sheet = read(data)
    assert not sheet.faults
    (place,) = sheet.places
    assert (place.slug, place.zone, place.names, place.latitude) == ("gate-1", "pier", {"ar": "البوابة 12"}, 51.5)
    assert (place.detail, place.walking_order) == ("left of the lift", 3)


def test_a_workbook_is_read_by_its_values() -> None:
    (place,) = read(workbook(ROWS, SHARED)).places
    assert (place.slug, place.zone, place.name) == ("gate-1", "hall-b", "12")


def test_what_is_written_is_read_to_the_same() -> None:
    numbers = {"emergency_number": "+44 112", "latitude": -1.25, "longitude": 0.0, "opening_hours": "06:00-23:00"}
    place = PlacePart(slug="a", name="=A", names={"ar": "12 ا"}, site="harbour", zone="pier", **numbers)
    assert read(write_places([place])).places == (place,)


def test_what_has_no_column_stays_and_an_empty_cell_clears() -> None:
    before = PlacePart(
        slug="a", name="A", names={"fr": "Á", "ar": "ا"}, site="harbour", zone="pier", detail="d", desk_number="1"
    )
    (after,) = read("key,zone,name,name fr,detail\na,pier,B,,\n", {"a": before}).places
    assert after == before.model_copy(update={"name": "B", "names": {"ar": "ا"}, "detail": None})


FAULTS = (
    ("a,nowhere,A", 2, "zone", "There is no zone “nowhere”"),
    ("A 1,pier,A", 2, "key", "is no slug"),
    ("a,pier,", 2, "name", "valid string"),
    (f"a,pier,{'n' * 500}", 2, "name", "at most 200"),
    ("a,pier,A\na,pier,B", 3, "key", "stands in row 2 already"),
    ("a,pier,=1+1", 2, "name", "formula"),
    ("a,pier,A,north", 2, "lat", "valid number"),
    ("a,pier,A,91", 2, "lat", "less than or equal to 90"),
    ("a,pier,A,nan", 2, "lat", "finite"),
    ("a,pier,A\0", 2, "", "NUL"),
)


@pytest.mark.parametrize(("rows", "row", "column", "why"), FAULTS)
def test_a_wrong_cell_is_named_by_row_and_column(rows: str, row: int, column: str, why: str) -> None:
    (fault,) = read(f"key,zone,name,lat\n{rows}\n").faults
    assert (fault.row, fault.column) == (row, column)
    assert why in str(fault)


BOMB = f'<row r="1"><c t="inlineStr"><is><t>{"0" * 21_000_000}</t></is></c></row>'
REFUSED = (
    (b"", "empty"),
    (b"key,zone,name\n", "no rows"),
    (b"a,b,c\n1,2,3\n", "no column headed: key, zone, name"),
    (b"key,zone,name,Key\na,pier,A,b\n", "Two columns say the same"),
    ("key,zone,name\na,pier,Caf\xe9\n".encode("latin-1"), "CSV UTF-8"),
    (b'key,zone,name\na,pier,"A"B\n', "quotation mark"),
    (b"key,zone,name\n" + b"a,pier,A\n" * 100_000, f"more than {MOST_ROWS:,} rows"),
    (b"k" * (LARGEST + 1), "bytes"),
    (b"PK\x03\x04nonsense", "cannot be read"),
    (workbook(ROWS, SHARED, '<mergeCells><mergeCell ref="A3:A4"/></mergeCells>'), "A3:A4 are merged"),
    (workbook(ROWS.replace("<v>12", "<f>6*2</f><v>12"), SHARED), "C3 holds a formula"),
    (workbook(ROWS, SHARED, top='<!DOCTYPE a [<!ENTITY b "c">]>'), "cannot be read"),
    (workbook(ROWS, ""), "cannot be read"),
    (workbook(BOMB), "too large"),
)


@pytest.mark.parametrize(("data", "why"), REFUSED, ids=[why for _data, why in REFUSED])
def test_what_is_no_table_is_refused_with_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(SheetError, match=why):
        read(data)
