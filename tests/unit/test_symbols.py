"""The QR codes read back as what they were drawn for, in every form, in the small mode and with room for scratches."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from engage.posters import printing, symbols
from engage.vault import Vault

VAULT = Vault("a-secret-for-tests-only-0123456789-abcdef")
ADDRESS = symbols.poster_address("https://report.example.org", VAULT, "B7K4X", 1)
ALPHANUMERIC = 2


def read(picture: Image.Image) -> str:
    found = zxingcpp.read_barcodes(picture.convert("L"))
    return found[0].text if found else ""


def picture_of(modules: list[list[bool]], dots: int = 6) -> Image.Image:
    side = len(modules)
    small = Image.frombytes("L", (len(modules[0]), side), bytes(0 if dark else 255 for row in modules for dark in row))
    return small.resize((small.width * dots, small.height * dots), Image.Resampling.NEAREST)


def modules_of_svg(drawn: str) -> list[list[bool]]:
    """The dark modules of the one path of an SVG."""
    found = re.search(r'viewBox="0 0 (\d+) \1"', drawn)
    assert found
    modules = [[False] * int(found[1]) for _ in range(int(found[1]))]
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn):
        assert width == back
        modules[int(y)][int(x) : int(x) + int(width)] = [True] * int(width)
    return modules


def test_the_address_is_in_capitals_and_ends_with_the_tag() -> None:
    assert f"HTTPS://REPORT.EXAMPLE.ORG/P/B7K4X/{VAULT.poster_tag('B7K4X', 1)}" == ADDRESS
    assert symbols.poster_address("http://10.0.0.7:8000", VAULT, "B7K4X", 2).startswith("HTTP://10.0.0.7:8000/P/B7K4X/")


def test_a_new_version_of_a_poster_has_another_code() -> None:
    assert symbols.poster_address("https://report.example.org", VAULT, "B7K4X", 2) != ADDRESS


@pytest.mark.parametrize(
    ("public_url", "version"),
    [
        ("https://r.io", 2),
        ("http://127.0.0.1:8000", 3),
        ("https://report.example.org", 3),
        ("https://reports.meridian-ports.example.org", 4),
    ],
)
def test_the_symbol_stays_small_in_alphanumeric_mode(public_url: str, version: int) -> None:
    drawn = symbols.symbol(symbols.poster_address(public_url, VAULT, "B7K4X", 1))
    assert [part.mode for part in drawn.data_list] == [ALPHANUMERIC]
    assert drawn.version == version
    assert drawn.error_correction == symbols.ERROR_CORRECT_Q


def test_the_quiet_zone_is_four_modules() -> None:
    modules = symbols.modules(ADDRESS)
    assert len(modules) == 29 + 2 * 4
    edges = modules[:4] + modules[-4:] + [row[:4] + row[-4:] for row in modules]
    assert not any(any(row) for row in edges)


def test_the_png_reads_back() -> None:
    picture = Image.open(io.BytesIO(printing.png(ADDRESS)))
    assert picture.mode == "1"
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert picture.width == 37 * 24
    assert read(picture) == ADDRESS


def test_the_svg_reads_back_and_says_what_it_is() -> None:
    drawn = symbols.svg(ADDRESS, "Poster B7K4X: Gate <B12> & more")
    assert read(picture_of(modules_of_svg(drawn))) == ADDRESS
    assert "<title>Poster B7K4X: Gate &lt;B12&gt; &amp; more</title>" in drawn
    assert drawn.count("<path") == 1


def test_the_terminal_drawing_reads_back() -> None:
    pairs = {block: pair for pair, block in symbols.HALF_BLOCKS.items()}
    modules: list[list[bool]] = []
    for line in symbols.terminal_lines(ADDRESS):
        assert line.startswith(symbols.INK_ON_PAPER)
        assert line.endswith(symbols.AS_BEFORE)
        blocks = line.removeprefix(symbols.INK_ON_PAPER).removesuffix(symbols.AS_BEFORE)
        modules += [[pairs[block][half] for block in blocks] for half in (0, 1)]
    assert read(picture_of(modules)) == ADDRESS


def test_a_scratched_poster_still_reads() -> None:
    picture = Image.open(io.BytesIO(printing.png(ADDRESS))).convert("L")
    side = picture.width
    ImageDraw.Draw(picture).line((side * 0.45, side * 0.3, side * 0.7, side * 0.62), fill=255, width=side // 14)
    assert read(picture) == ADDRESS


@pytest.mark.parametrize("public_url", ["http://[::1]:8000", "http://my_host", "https://bücher.example"])
def test_an_address_that_does_not_fit_is_refused_with_its_name(public_url: str) -> None:
    with pytest.raises(symbols.Undrawable, match="ENGAGE_PUBLIC_URL"):
        symbols.symbol(symbols.poster_address(public_url, VAULT, "B7K4X", 1))
