"""A thousand A4 posters as one PDF: Engage, with its QR codes still to make, beside fpdf2 with the matrices ready.

fpdf2 draws the same rectangles and text on every page, its fonts added once, shaped by the same HarfBuzz. Both in one
run; what counts is the ratio. Then the memory that Engage needs for few and for many, each in a process of its own.
Run: `python -m bench.posters [COUNT]`.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from fpdf import FPDF

from engage.posters import fonts, packs, symbols
from engage.posters.design import design, words
from engage.posters.drawing import Sheet
from engage.posters.fonts import Script, Weight

MEGABYTE = 1_000_000


def sheets(count: int) -> list[Sheet]:
    """So many posters at gates of an airport."""
    made = []
    for at in range(count):
        code = f"B{at:04d}"
        address = f"HTTPS://REPORT.EXAMPLE.ORG/P/{code}/9XQ2"
        made.append(Sheet(code, 1, address, f"report.example.org/p/{code}", f"Gate {at}", "Pier B", "112"))
    return made


def ours(all_sheets: list[Sheet]) -> int:
    """The size of the file that Engage makes, in bytes."""
    wanted = packs.Wanted(authority="Airport Police", text_number="+44 1632 960100", checklist=False)
    with tempfile.TemporaryFile() as file:
        packs.write(wanted, all_sheets, "Airport", file)
        return file.tell()


def theirs(all_sheets: list[Sheet], matrices: list[list[list[bool]]]) -> int:
    """The size of the file that fpdf2 makes of the same rectangles and words, in bytes."""
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    with tempfile.TemporaryDirectory() as folder:
        for weight, style in ((Weight.REGULAR, ""), (Weight.BOLD, "B")):
            font = Path(folder) / f"{weight}.ttf"
            font.write_bytes(fonts.cut(Script.LATIN, weight, frozenset(map(chr, range(32, 127)))).program)
            pdf.add_font("poster", style, font)
        pdf.set_text_shaping(True)
        for sheet, rows in zip(all_sheets, matrices, strict=True):
            _their_page(pdf, sheet, rows)
        return len(pdf.output())


def _their_page(pdf: FPDF, sheet: Sheet, rows: list[list[bool]]) -> None:
    pdf.add_page()
    said, chosen = words()["en"], design("general")
    pdf.set_fill_color(chosen.colour)
    pdf.rect(8, 8, 194, 124, style="F")
    pdf.set_fill_color(0)
    scale = 84 / len(rows)
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            wide = len(list(run))
            if dark:
                pdf.rect(8 + x * scale, 135 + y * scale, wide * scale, scale, style="F")
            x += wide
    pdf.rect(8, 255, 194, 16, style="F")
    parts = [chosen.headline["en"], chosen.lead["en"], said.scan, said.or_type, sheet.typed, sheet.code, *said.steps]
    parts += [said.text % {"code": sheet.code}, "+44 1632 960100", said.danger, sheet.emergency, said.notice]
    for at, part in enumerate([*parts, "Airport Police", f"{sheet.place}, {sheet.zone}"]):
        pdf.set_font("poster", "B" if at % 2 else "", 14)
        pdf.text(16, 20 + at * 15, part)


def timed(work: Callable[[], int]) -> tuple[float, int]:
    """How long some work took, in seconds, and what it gave."""
    begun = time.perf_counter()
    size = work()
    return time.perf_counter() - begun, size


def peak(count: int) -> float:
    """The most memory of a process that prints so many, in megabytes."""
    command = [sys.executable, "-m", "bench.posters", "memory", str(count)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the figures."""
    if sys.argv[1:2] == ["memory"]:
        ours(sheets(int(sys.argv[2])))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE)
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    every = sheets(count)
    matrices = [symbols.modules(every[0].address)] * count
    fpdf_seconds, fpdf_size = timed(lambda: theirs(every, matrices))
    seconds, size = timed(lambda: ours(every))
    print(f"fpdf2   {count / fpdf_seconds:7.0f} posters/s {fpdf_size / MEGABYTE:6.1f} MB")
    ratio = fpdf_seconds / seconds
    print(f"engage  {count / seconds:7.0f} posters/s {size / MEGABYTE:6.1f} MB   {ratio:.1f} times as fast")
    print("memory: " + ", ".join(f"{peak(some):.0f} MB for {some}" for some in (10, 1000, 5000)))


if __name__ == "__main__":
    main()
