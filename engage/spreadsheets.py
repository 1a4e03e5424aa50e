"""Tables as CSV for spreadsheets: RFC 4180, in UTF-8 with a mark that says so, and no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: What a spreadsheet may take for the beginning of a formula (OWASP, CSV Injection).
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"


def csv_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV. Numbers stay numbers; a text that could be read as a formula gets an apostrophe before it."""
    written = io.StringIO(newline="")
    sheet = csv.writer(written, lineterminator="\r\n")
    for row in (header, *rows):
        sheet.writerow([_cell(value) for value in row])
    return BYTE_ORDER_MARK + written.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_MARKS) else text
