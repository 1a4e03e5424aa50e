"""Posters as they are printed: rasterised, photographed badly, read back; and what cannot be printed, in a sentence."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from engage import poster_words
from engage.languages import LANGUAGES
from engage.posters import design, fonts, packs, pdf, symbols
from engage.posters.design import DESIGNS, Unprintable
from engage.posters.drawing import Sheet
from engage.posters.fonts import FontMissing, Script
from engage.posters.packs import SIZES, Wanted
from engage.posters.setting import Typesetter

DOTS_PER_INCH = 150
CODES = ("B7K4X", "M2Q9W", "7ZZZ1")
LONG_ADDRESS = "HTTPS://REPORTS.MERIDIAN-PORTS.EXAMPLE.ORG/P/{}/9XQ2"

#: With the words of all designs in some languages, the fonts are cut once for many tests.
LETTERS = " ".join(
    said[language]
    for chosen in map(design.design, DESIGNS)
    for said in (chosen.headline, chosen.lead)
    for language in ("en", "ar", "zh", "fr")
)


def sheet(code: str = "B7K4X", place: str = "Gate B12", address: str = LONG_ADDRESS, **others: str) -> Sheet:
    values = {"zone": "Pier B", "emergency": "112", "detail": "left of the lift, blue pillar", **others}
    return Sheet(code, 1, address.format(code), f"reports.meridian-ports.example.org/p/{code}", place, **values)


def printed(*sheets: Sheet, **asked: object) -> bytes:
    wanted = Wanted(**{"authority": "Port Police", "text_number": "+44 1632 960100", **asked})  # type: ignore[arg-type]
    file = io.BytesIO()
    pages = packs.write(wanted, sheets or (sheet(),), "Harbour", file)
    with closing(pdfium.PdfDocument(file.getvalue())) as document:
        assert len(document) == pages
    return file.getvalue()


def picture(document: bytes, page: int = 0, dots: int = DOTS_PER_INCH, mode: str = "L") -> Image.Image:
    with closing(pdfium.PdfDocument(document)) as opened, closing(opened[page]) as shown:
        drawn: Image.Image = shown.render(scale=dots / 72).to_pil().convert(mode)
    return drawn


def words_of(document: bytes, page: int = 0) -> str:
    with (
        closing(pdfium.PdfDocument(document)) as opened,
        closing(opened[page]) as shown,
        closing(shown.get_textpage()) as text,
    ):
        return " ".join(text.get_text_bounded().split())


def codes_in(photo: Image.Image) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(photo, formats=zxingcpp.BarcodeFormat.QRCode)}


def covered(photo: Image.Image) -> Image.Image:
    """A tenth of each symbol under something light, away from its three corners."""
    photo = photo.copy()
    for found in zxingcpp.read_barcodes(photo, formats=zxingcpp.BarcodeFormat.QRCode):
        left, top = found.position.top_left.x, found.position.top_left.y
        side = found.position.bottom_right.x - left
        edge = side * 0.1**0.5
        x, y = left + side * 0.38, top + side * 0.62
        ImageDraw.Draw(photo).rectangle((x, y, x + edge, y + edge), fill=235)
    return photo


def around_the_first(page: Image.Image) -> Image.Image:
    """The symbol of a page and what stands around it, as a phone that is held before it sees it."""
    place = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)[0].position
    edge = (place.bottom_right.x - place.top_left.x) // 4
    box = (place.top_left.x - edge, place.top_left.y - edge, place.bottom_right.x + edge, place.bottom_right.y + edge)
    return page.crop(box)


TROUBLES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "rotated": lambda photo: photo.rotate(17, expand=True, fillcolor=255, resample=Image.Resampling.BILINEAR),
    "dimmed": lambda photo: ImageEnhance.Contrast(ImageEnhance.Brightness(photo).enhance(0.45)).enhance(0.5),
    "blurred": lambda photo: photo.filter(ImageFilter.GaussianBlur(1.5)),
    "a tenth covered": covered,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_reads_in_every_size_however_badly_it_is_seen(name: str, size: str) -> None:
    languages = {"general": "en,ar,zh,fr", "wildlife": "ar,fr,en,zh", "cargo": "zh,en,fr,ar"}.get(name, "fr,ar,zh,en")
    document = printed(
        sheet(detail=LETTERS), sheet("M2Q9W"), design=name, size=size, languages=languages, checklist=False
    )
    there = {LONG_ADDRESS.format(code) for code in (("B7K4X", "M2Q9W") if size == "labels" else ("B7K4X",))}
    photo = picture(document)
    assert codes_in(photo) == there
    close = around_the_first(photo)
    for trouble, spoil in TROUBLES.items():
        assert codes_in(spoil(close)) <= there, trouble
        assert codes_in(spoil(close)), trouble


def test_the_faster_maker_makes_the_same_version_and_says_the_same() -> None:
    for host in (
        "R.IO",
        "REPORT.EXAMPLE.ORG",
        "REPORTS.MERIDIAN-PORTS.EXAMPLE.ORG",
        "A-RATHER-LONG-NAME.OF-A-PORT.EXAMPLE.ORG",
    ):
        for code in CODES:
            text = f"HTTPS://{host}/P/{code}/9XQ2"
            slow, fast = symbols.modules(text), packs.matrix(text)
            assert len(fast) == len(slow) == len(fast[0])
            quiet = (*fast[:4], *fast[-4:], *(row[:4] + row[-4:] for row in fast))
            assert not any(any(row) for row in quiet)
            for rows in (slow, fast):
                flat = bytes(0 if dark else 255 for row in rows for dark in row)
                small = Image.frombytes("L", (len(rows), len(rows)), flat)
                [found] = zxingcpp.read_barcodes(small.resize((len(rows) * 6,) * 2, Image.Resampling.NEAREST))
                assert (found.text, found.ec_level) == (text, "Q")


def test_a_poster_says_what_people_need() -> None:
    document = printed(languages="en,es", checklist=False)
    said = words_of(document)
    needed_there = ("B7K4X", "reports.meridian-ports.example.org/p/B7K4X", "+44 1632 960100", "112", "Port Police")
    words = ("never asks for payment, a password or an app", "nunca pide pagos", "An officer reads it", "Gate B12")
    for needed in (*needed_there, *words):
        assert needed in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_design_has_its_words_in_every_language(language: str) -> None:
    assert all(language in design.design(name).headline and language in design.design(name).lead for name in DESIGNS)
    assert design.words()[language].text.count("%(code)s") == 1
    letters = " ".join(
        (design.design(name).headline[language] + design.design(name).lead[language]) for name in DESIGNS
    )
    for name in DESIGNS:
        for size in ("A4", "card"):
            document = printed(sheet(detail=letters), design=name, languages=language, size=size, checklist=False)
            assert "…" not in words_of(document), (name, size)


def test_every_colour_lets_white_words_stand_out() -> None:
    for name in DESIGNS:
        design.refuse_pale(design.design(name).colour)


def test_a_discreet_poster_has_no_coloured_field() -> None:
    for name, least in (("human_trafficking", 0.7), ("general", 0.0)):
        document = printed(design=name, checklist=False)
        light = picture(document, dots=30).point(lambda dot: 255 * (dot > 250)).histogram()[255] / (248 * 351)
        assert (light > 0.7) == (least > 0), (name, light)


def test_the_checklist_names_each_place_in_order() -> None:
    document = printed(*(sheet(code, f"Gate {at}") for at, code in enumerate(CODES)), size="labels")
    said = words_of(document)
    assert said.index("Gate 0") < said.index("Gate 1") < said.index("Gate 2")
    assert "left of the lift, blue pillar" in said


@pytest.mark.parametrize(
    "place", ["ب" * 500, "W" * 500, "بوابة 12 قرب B7", "Gate\u202e\n\x00 B12", "", "Gate B12 \u2066"]
)
def test_odd_names_are_printed(place: str) -> None:
    for size in ("A4", "card"):
        document = printed(sheet(place=place), size=size)
        assert LONG_ADDRESS.format("B7K4X") in codes_in(picture(document, 1))


def test_a_number_is_not_turned_around_among_arabic_words() -> None:
    document = printed(languages="ar", size="card", checklist=False)
    assert "+44 1632 960100" in words_of(document)
    places = []
    with (
        closing(pdfium.PdfDocument(document)) as opened,
        closing(opened[0]) as shown,
        closing(shown.get_textpage()) as text,
    ):
        for part in ("+44", "1632", "960100"):
            with closing(text.search(part)) as search:
                places.append(text.get_charbox(search.get_next()[0])[0])
    assert places == sorted(places)


@pytest.mark.parametrize("text", ["رأيت خطرًا؟ أبلغ هنا.", "هل ترى شيئًا مريبًا؟", "Tell us.", "В́от", "lạ́"])
def test_letters_stand_where_their_shapes_end(text: str) -> None:
    """What the operators of a line move the pen by, marks above and below included, is the width of the line."""
    setter = Typesetter(pdf.PdfFile(io.BytesIO(), "", "ar"), ("ar",), [text])
    line = setter.line(text, language="ar")
    widths = {face.name: face.widths for face in setter.faces}
    moved = 0.0
    for name, drawn in line.runs:
        for glyph, back in re.findall(r"<(\w{4})>|(?<![\w.<-])(-?[\d.]+)(?! Ts)(?=[ <\]])", drawn):
            moved += widths[name][int(glyph, 16)] if glyph else -float(back)
    assert moved / 1000 == pytest.approx(line.width, abs=0.002)


def bomb() -> bytes:
    file = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(file, "PNG")
    return file.getvalue()


def broken() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((200, 200), 60).save(file, "PNG")
    return file.getvalue()[:5000]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"languages": "en,xx"}, "no language xx"),
        ({"languages": "en,es,fr,ar,zh"}, "One to 4 languages"),
        ({"languages": ""}, "One to 4 languages"),
        ({"design": "nice"}, "no design nice"),
        ({"size": "A0"}, "no size A0"),
        ({"colour": "#ffdd00"}, "contrast of 1.3; 4.5 is needed"),
        ({"colour": "red"}, "six digits"),
        ({"logo": bomb()}, "too large"),
        ({"logo": broken()}, "broken"),
        ({"logo": b"<svg onload='alert(1)'/>"}, "no PNG, JPEG or WebP"),
        ({"logo": b"x" * 3_000_000}, "3,000,000 bytes"),
    ],
)  # fmt: skip
def test_what_cannot_be_printed_is_refused_before_anything_is_written(
    asked: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(Unprintable, match=sentence):
        packs.save(Wanted(**asked), [sheet()], "Harbour", tmp_path / "pack.pdf")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_no_poster_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(Unprintable, match="no poster to print"):
        packs.save(Wanted(), [], "Harbour", tmp_path / "pack.pdf")
    assert not list(tmp_path.iterdir())


def test_letters_of_no_font_are_named(tmp_path: Path) -> None:
    with pytest.raises(FontMissing, match="ᚠ of the place Gate ᚠ"):
        packs.save(Wanted(), [sheet(place="Gate ᚠ")], "Harbour", tmp_path / "pack.pdf")
    assert not list(tmp_path.iterdir())


def test_a_missing_font_is_a_sentence_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(fonts._PACKAGED, Script.CHINESE, [])
    monkeypatch.setitem(fonts._INSTALLED, Script.CHINESE, "nowhere-{weight}.ttc")
    assert fonts.missing_scripts() == [Script.CHINESE]
    with pytest.raises(FontMissing, match=r"chinese letters, so nothing was printed.*fonts-noto-cjk"):
        packs.save(Wanted(languages="en,zh"), [sheet()], "Harbour", tmp_path / "pack.pdf")
    assert not list(tmp_path.iterdir())
    assert packs.save(Wanted(languages="en,ar"), [sheet()], "Harbour", tmp_path / "pack.pdf") == 2


def test_a_logo_is_printed() -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 150), "#00ff00").save(file, "PNG")
    document = printed(logo=file.getvalue(), checklist=False)
    colours = picture(document, dots=72, mode="RGB").crop((20, 795, 80, 830)).getcolors(9999)
    assert any(colour == (0, 255, 0) and count > 200 for count, colour in colours)


def test_every_design_and_size_has_a_word_for_staff() -> None:
    assert set(poster_words.DESIGNS) == set(DESIGNS)
    assert {size for size in SIZES if not size.startswith("A")} == set(poster_words.SIZES)
