"""Reading a table from CSV or XLSX: rows of plain texts, bounded in bytes and rows, and no formula is ever computed."""

from __future__ import annotations

import csv
import io
from itertools import islice

from engage.sites.workbooks import ZIP_MARK, SheetError, rows_of_workbook

LARGEST = 5_000_000  # bytes
MOST_ROWS = 5_000
MOST_COLUMNS = 100
LONGEST_CELL = 2_000  # characters

#: The marks that programs write before UTF-16, and the encoding of each.
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = (",", ";", "\t")


def _(sentence: str) -> str:
    return sentence


def read_rows(data: bytes) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, each with its number in the file. Raises `SheetError`."""
    if not data.strip():
        raise SheetError(_("The file is empty."))
    if len(data) > LARGEST:
        raise SheetError(
            _("The file has %(count)s bytes; %(most)s fit. Divide it and load the parts one after another."),
            count=f"{len(data):,}",
            most=f"{LARGEST:,}",
        )
    found = rows_of_workbook(data, MOST_ROWS + 2) if data.startswith(ZIP_MARK) else _rows_of_text(_text(data))
    rows = [
        (number, [" ".join(cell.split()) for cell in cells]) for number, cells in found if any(map(str.strip, cells))
    ]
    if len(rows) > MOST_ROWS + 1:
        raise SheetError(
            _("The file has more than %(most)s rows. Divide it and load the parts one after another."),
            most=f"{MOST_ROWS:,}",
        )
    for number, cells in rows:
        _check_size(number, cells)
    return rows


def _check_size(number: int, cells: list[str]) -> None:
    if len(cells) > MOST_COLUMNS:
        raise SheetError(_("Row %(row)s has more than %(most)s columns."), row=number, most=MOST_COLUMNS)
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise SheetError(_("Row %(row)s has a cell of more than %(most)s characters."), row=number, most=LONGEST_CELL)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise SheetError(
            _("The file is neither UTF-8 nor XLSX. Save it again as “CSV UTF-8” or as XLSX and send that.")
        ) from None


def _rows_of_text(text: str) -> list[tuple[int, list[str]]]:
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, cells) for cells in islice(reader, MOST_ROWS + 2)]
    except csv.Error:
        raise SheetError(
            _("Row %(row)s cannot be read as CSV: look for a quotation mark too many."), row=reader.line_num
        ) from None
