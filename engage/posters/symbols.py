"""QR codes: what a poster's code says, and how it is drawn as SVG, as PNG and in a terminal."""

from __future__ import annotations

from itertools import groupby
from xml.sax.saxutils import escape

from qrcode.constants import ERROR_CORRECT_Q  # type: ignore[import-untyped]
from qrcode.main import QRCode  # type: ignore[import-untyped]
from qrcode.util import ALPHA_NUM, MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData  # type: ignore[import-untyped]

from engage.vault import Vault

#: Level Q: a quarter of the symbol may be scratched, torn or written over and it still reads. An address with a host
#: of up to 26 characters makes a version 3 symbol (29 by 29 modules). The weaker level M would need version 3 as well
#: from 18 characters on, so the safety is nearly free; level H would need version 4 or 5, with smaller modules, which
#: costs more at a distance than it saves from scratches.
CORRECTION = ERROR_CORRECT_Q
#: The margin that ISO/IEC 18004 asks for, in modules.
QUIET_ZONE = 4

#: Black on pure white, whatever the terminal's own colours, by their numbers in the fixed part of 256.
INK_ON_PAPER = "\x1b[38;5;16;48;5;231m"
AS_BEFORE = "\x1b[0m"
HALF_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}

Modules = list[list[bool]]


class Undrawable(Exception):
    """An address that the small alphanumeric mode cannot hold. Another ENGAGE_PUBLIC_URL helps."""


def poster_address(public_url: str, vault: Vault, code: str, version: int) -> str:
    """What a poster's QR code says. Capitals alone, because they fit QR's alphanumeric mode (5.5 bits a character).

    Scheme and host are the same in any letter case (RFC 3986, 6.2.2.1), and our path is read in any.
    """
    address = f"{public_url.upper()}/P/{code}/{vault.poster_tag(code, version)}"
    if not _fits_capitals(address):
        raise Undrawable(f"A QR code in capitals cannot hold {address}; set ENGAGE_PUBLIC_URL to a plain address.")
    return address


def symbol(text: str) -> QRCode:
    """The QR symbol of a text, of the smallest version that holds it.

    Capitals, digits and ` $%*+-./:` go in the small alphanumeric mode, any other text as its bytes in UTF-8.
    """
    mode = MODE_ALPHA_NUM if _fits_capitals(text) else MODE_8BIT_BYTE
    drawn: QRCode = QRCode(error_correction=CORRECTION, border=QUIET_ZONE)
    drawn.add_data(QRData(text.encode(), mode=mode), optimize=0)
    drawn.make(fit=True)
    return drawn


def modules(text: str) -> Modules:
    """The rows of a text's symbol, dark is true, the quiet zone around it included."""
    return [[bool(module) for module in row] for row in symbol(text).get_matrix()]


def svg(text: str, title: str) -> str:
    """The symbol as an SVG without a size of its own: one path of horizontal runs on white paper."""
    rows = modules(text)
    side = len(rows)
    runs = "".join(f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in _dark_runs(row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img">'
        f'<title>{escape(title)}</title><rect width="{side}" height="{side}" fill="#fff"/><path d="{runs}"/></svg>\n'
    )


def terminal_lines(text: str) -> list[str]:
    """The symbol for a terminal: two rows of modules to a line, black on white, so that a phone can scan it."""
    rows = modules(text)
    if len(rows) % 2:
        rows.append([False] * len(rows))
    return [
        INK_ON_PAPER + "".join(HALF_BLOCKS[pair] for pair in zip(upper, lower, strict=True)) + AS_BEFORE
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


def _fits_capitals(text: str) -> bool:
    return all(byte in ALPHA_NUM for byte in text.encode())


def _dark_runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where each run of dark modules begins, and how wide it is."""
    runs, x = [], 0
    for dark, run in groupby(row):
        width = len(list(run))
        if dark:
            runs.append((x, width))
        x += width
    return runs
