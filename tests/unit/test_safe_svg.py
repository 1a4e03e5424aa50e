"""Drawings from strangers are written anew: what draws stays, what runs, loads or never ends does not."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest

from engage.plans.safe_svg import DEEPEST, LARGEST, MOST_ELEMENTS, UnusableDrawing, is_svg, redrawn

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 400 200">'


def svg(inside: str, head: str = HEAD) -> bytes:
    return f"{head}{inside}</svg>".encode()


def uses(levels: int, each: int, name: str = "i") -> bytes:
    """A shape, used by a group, which is used by a group …"""
    written = '<rect id="i0"/>'
    for level in range(levels):
        inner = f'<use href="#{name}{level}"/>' * each
        written += f'<g id="i{level + 1}">{inner}</g>'
    return svg(written)


def made(inside: str) -> str:
    return redrawn(svg(inside)).content.decode()


@pytest.mark.parametrize(
    ("inside", "kept"),
    [
        ('<rect x="1" y="2" width="30%" height="4" fill="#eee"/>', 'width="30%" x="1" y="2" fill="#eee"'),
        (
            '<path d="M0 0L10-5.5e1z" style="fill:none;stroke:red!important"/>',
            'd="M0 0L10-5.5e1z" fill="none" stroke="red"',
        ),
        ("<style>.w,#no{stroke:#123}</style><path class='w' d='M0 0'/>", 'stroke="#123"'),
        ("<style>/* x */ @import 'a'; rect.w{fill:blue}</style><rect class='w'/>", "<rect"),
        ('<text x="5" y="6">Gate <tspan>B12</tspan> &amp; بوابة</text>', "Gate <tspan>B12</tspan> &amp; بوابة"),
        ('<a href="https://evil.example"><circle r="3"/></a>', '<g><circle r="3" /></g>'),
        ('<g id="a"><rect/></g><use xlink:href="#a" x="3"/>', '<use x="3" href="#a" />'),
        (
            '<linearGradient id="g"><stop offset=".5" stop-color="red"/></linearGradient><rect fill="url(#g)"/>',
            "url(#g)",
        ),
        ('<rect clip-path="url(#c)"/>', 'clip-path="url(#c)"'),
    ],
)
def test_what_draws_is_kept(inside: str, kept: str) -> None:
    assert kept in made(inside)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<rect onload="alert(1)" onclick="alert(1)"/>',
        '<image href="https://evil.example/a.png"/>',
        '<image xlink:href="data:image/svg+xml,evil"/>',
        "<foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml' src='https://evil.example'/></foreignObject>",
        '<a xlink:href="javascript:evil()"><rect/></a>',
        '<use href="https://evil.example/x.svg#a"/>',
        '<use href="data:evil#a"/>',
        '<rect fill="url(https://evil.example/x#a)"/>',
        '<rect style="fill:url(//evil.example)"/>',
        '<rect style="background:url(evil)"/>',
        "<rect style='fill:u\\72l(evil)'/>",
        "<style>@import url(https://evil.example/a.css);rect{fill:url(evil.svg#a)}</style><rect/>",
        "<style>@font-face{font-family:evil;src:url(evil)}</style>",
        '<animate attributeName="href" values="javascript:evil()"/>',
        '<set attributeName="onmouseover" to="evil()"/>',
        '<filter id="evil"><feImage href="evil"/></filter>',
        '<x:script xmlns:x="http://www.w3.org/2000/svg">evil alert(</x:script>',
        '<x:script xmlns:x="http://www.w3.org/1999/xhtml">evil alert(</x:script>',
        '<rect fill="red&quot; onload=&quot;alert(1)"/>',
    ],
)
def test_what_runs_or_loads_is_left_out(inside: str) -> None:
    written = made(inside)
    assert not re.search(r"script|alert|evil|<a |onload=|onclick|import|http(?!://www\.w3\.org/2000/svg)", written), (
        written
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg",
        b"\x89PNG\r\n",
        b"<html><svg/></html>",
        b'<svg xmlns="http://www.w3.org/1999/xhtml" viewBox="0 0 9 9"/>',
        svg("", "<svg>"),
        svg("", '<svg width="0" height="5">'),
        svg("", '<svg width="100%" height="100%">'),
        svg("", '<svg viewBox="0 0 1 20000">'),
        svg("", '<svg viewBox="0 0 nan inf">'),
        svg("", '<svg viewBox="1e300 0 5 5">'),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"),
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg("<text>&a;</text>"),
        b'<?xml version="1.0" encoding="no-such"?>' + svg(""),
        svg("<g>" * (DEEPEST + 1) + "</g>" * (DEEPEST + 1)),
        svg("<g/>" * (MOST_ELEMENTS + 1)),
        svg(" " * LARGEST),
        svg('<g id="a"><use href="#a"/></g>'),
        svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
        uses(levels=500, each=1),
        uses(levels=9, each=10),
        uses(levels=9, each=10).replace(
            b"</svg>", b"".join(b'<g id="i%d"/>' % level for level in range(9)) + b"</svg>"
        ),
        svg('<clipPath id="c">' + "<circle/>" * 600 + "</clipPath>" + '<rect clip-path="url(#c)"/>' * 600),
        svg("<clipPath id='c'><rect style=\"clip-path:url( '#c' )\"/></clipPath><rect clip-path='url(#c)'/>"),
    ],
)
def test_what_cannot_be_shown_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableDrawing):
        redrawn(data)


@pytest.mark.parametrize(
    "hostile",
    [
        "<style>" + "a" * 2_000_000 + "</style>",
        "<style>" + "/*" * 1_000_000 + "</style>",
        "<style>" + ("a" * 4_000 + "!{fill:red}") * 500 + "</style>",
        '<rect style="' + "fill:" * 400_000 + '"/>',
        '<rect fill="' + "url(#" * 400_000 + '"/>',
        '<rect stroke-dasharray="' + "1" * 2_000_000 + '"/>',
        '<svg width="' + "1" * 2_000_000 + 'x" height="5"/>',
    ],
    ids=lambda text: text[:12],
)
def test_the_time_is_in_proportion_to_the_size(hostile: str) -> None:
    began = time.process_time()
    for data in (svg(hostile), hostile.encode()):
        with suppress(UnusableDrawing):
            redrawn(data)
    assert time.process_time() - began < 3


def test_sizes_and_what_was_left_out_are_told() -> None:
    drawing = redrawn(
        svg('<script/><image/><defs><filter/></defs><rect width="3"/>', '<svg width="30mm" height="20mm">')
    )
    assert (drawing.width, drawing.height, drawing.left_out) == (30, 20, ("filter", "image", "script"))
    plain = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
    assert b"<rect" in redrawn(plain + svg("<rect/>")).content
    assert redrawn(svg("<text>é</text>").decode().encode("utf-16")).width == 400


def test_a_file_is_taken_for_a_drawing_by_how_it_begins() -> None:
    drawing = svg("<rect/>")
    for begin in (b"", b"\xef\xbb\xbf", b'\n<?xml version="1.0"?><!-- made by hand -->'):
        assert is_svg(begin + drawing)
    assert is_svg(drawing.decode().encode("utf-16"))
    assert not is_svg(b"\xff\xd8\xff\xe1 Exif " + drawing)


def test_dashes_without_end_are_drawn_through() -> None:
    assert "dasharray" not in made('<path stroke-dasharray="0.0001" d="M0 0"/>')
    assert 'stroke-dasharray="4 2"' in made('<path stroke-dasharray="4 2" d="M0 0"/>')


@pytest.mark.parametrize("name", ["%69", " i", "\ti"])
def test_what_browsers_would_read_as_another_name_is_meant_by_nobody(name: str) -> None:
    assert b"href" not in redrawn(uses(levels=9, each=10, name=name)).content


def test_many_shapes_may_be_clipped_by_a_simple_one() -> None:
    clipped = '<clipPath id="c"><rect/></clipPath>' + '<path clip-path="url(#c)" d="M0 0"/>' * 20_000
    assert made(clipped).count("clip-path=") == 20_000
