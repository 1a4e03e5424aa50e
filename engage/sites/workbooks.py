"""Reading the first sheet of an XLSX file: its values only, as ECMA-376 has them, and never more than what is asked.

A workbook is a ZIP of XML. What is unpacked is bounded, a document type (and so an entity) is refused, and formulas and
merged cells are refused by name, since what they mean is not what stands there.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

ZIP_MARK = b"PK\x03\x04"
LARGEST_PART = 20_000_000  # bytes, unpacked
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def _(sentence: str) -> str:
    return sentence


class SheetError(Exception):
    """A table that cannot be used; `sentence`, filled with `values`, says why and what to do."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence, self.values = sentence, values


BROKEN = _("This XLSX file cannot be read. Save it again as XLSX or as “CSV UTF-8” and send that.")
MERGED = _("The cells %(cells)s are merged. Take the merging back, so that each row has its own values.")
FORMULA = _("The cell %(cell)s holds a formula. Put its value there instead (copy, then “paste values”).")


def rows_of_workbook(data: bytes, most: int) -> list[tuple[int, list[str]]]:
    """The first rows of the first sheet, `most` at most, with their numbers. Raises `SheetError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            shared = list(_shared(archive))
            sheet = _part(archive, _first_sheet(archive))
        return list(_rows(sheet, shared, most))
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        IndexError,
        ValueError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ElementTree.ParseError,
    ):
        raise SheetError(BROKEN) from None


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        data = part.read(LARGEST_PART + 1)
    if len(data) > LARGEST_PART:
        raise SheetError(_("This XLSX file is too large when unpacked. Keep only the sheet of places in it."))
    # Read as UTF-8 or not at all, so that no other encoding hides a document type.
    if "<!DOCTYPE" in data.decode("utf-8-sig"):
        raise SheetError(BROKEN)
    return data


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The name of the part that holds the first sheet."""
    book = ElementTree.fromstring(_part(archive, "xl/workbook.xml"))  # noqa: S314 - no document type, bounded
    sheet = next(book.iter(f"{_MAIN}sheet"), None)
    if sheet is None:
        raise SheetError(BROKEN)
    relations = ElementTree.fromstring(_part(archive, "xl/_rels/workbook.xml.rels"))  # noqa: S314 - as above
    target = next(one.attrib["Target"] for one in [*relations] if one.get("Id") == sheet.attrib[_RELATION])
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _shared(archive: zipfile.ZipFile) -> Iterator[str]:
    """The texts that cells refer to by their number."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return
    for one in ElementTree.fromstring(_part(archive, "xl/sharedStrings.xml")).iter(f"{_MAIN}si"):  # noqa: S314
        yield _words(one)


def _words(element: ElementTree.Element) -> str:
    """The text of an element, without the reading aids that stand beside Japanese."""
    aids = {id(text) for aid in element.iter(f"{_MAIN}rPh") for text in aid.iter(f"{_MAIN}t")}
    return "".join(text.text or "" for text in element.iter(f"{_MAIN}t") if id(text) not in aids)


def _rows(sheet: bytes, shared: list[str], most: int) -> Iterator[tuple[int, list[str]]]:
    count = 0
    for _event, element in ElementTree.iterparse(io.BytesIO(sheet)):  # noqa: S314 - no document type, bounded
        if element.tag == f"{_MAIN}mergeCell":
            raise SheetError(MERGED, cells=element.get("ref", "?"))
        if element.tag != f"{_MAIN}row":
            continue
        cells = _cells(element, shared)
        if any(cells):
            count += 1
            yield int(element.get("r", count)), cells
        if count >= most:
            return
        element.clear()


def _cells(row: ElementTree.Element, shared: list[str]) -> list[str]:
    cells: dict[int, str] = {}
    for at, cell in enumerate(row.iter(f"{_MAIN}c"), start=1):
        reference = _REFERENCE.fullmatch(cell.get("r", ""))
        column = _number(reference[1]) if reference else at
        if cell.find(f"{_MAIN}f") is not None:
            raise SheetError(FORMULA, cell=cell.get("r", "?"))
        value = _value(cell, shared)
        if value:
            cells[column] = value
    return [cells.get(column, "") for column in range(1, max(cells, default=0) + 1)]


def _number(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _words(cell)
    text = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s" and text:
        return shared[int(text)]
    if kind == "n" and text:
        number = float(text)
        return str(int(number)) if number.is_integer() else repr(number)
    return text
