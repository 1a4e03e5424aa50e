"""Files that strangers send: good ones with odd marks in them, and every kind of bad one, made here and kept nowhere.

The mark `MARK` stands in whatever of a file may tell on its sender: no copy that staff look at may hold it.
"""

from __future__ import annotations

import functools
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fpdf import FPDF
from PIL import Image, PngImagePlugin
from pillow_heif import register_heif_opener

MARK = "zq7-EXIF-canary"
register_heif_opener(thumbnails=False)


class Becomes(StrEnum):
    """What must become of a file. `EITHER`: a decoder may save it or give up; neither does harm."""

    SHOWN = "shown"
    UNREAD = "unread"
    PASSED_ON = "passed on"
    REFUSED = "refused"
    EITHER = "either"


@dataclass(frozen=True)
class Sent:
    """A file as it is sent: its name and type are what its sender says."""

    what: str
    data: bytes
    becomes: Becomes
    name: str = "photo.jpg"
    kind: str = "image/jpeg"


@functools.cache
def picture(number: int, size: tuple[int, int] = (40, 30)) -> Image.Image:
    """A small picture like no other."""
    chance = random.Random(number)
    return Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))


def written(number: int, form: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A small picture as a file."""
    file = io.BytesIO()
    picture(number).convert(mode).save(file, form, **options)
    return file.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """What a camera writes: its make, a comment, and where it was."""
    tags = Image.Exif()
    tags[0x010F], tags[0x0110], tags[0x0112], tags[0x013B] = MARK, MARK, orientation, MARK
    tags.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 12.5), 3: "W", 4: (0.0, 7.0, 39.9), 29: MARK})
    tags.get_ifd(0x8769).update({0x9286: b"ASCII\0\0\0" + MARK.encode(), 0xA430: MARK})
    return tags


def every_file() -> list[Sent]:
    """All of them, at least 300."""
    makers: tuple[Callable[[], Iterator[Sent]], ...] = (
        _good_ones,
        _marked_ones,
        _cut_ones,
        _flipped_ones,
        _bombs,
        _two_in_one,
        _wrong_types,
        _odd_names,
        _documents,
        _sizes,
    )
    return [sent for make in makers for sent in make()]


def _good_ones() -> Iterator[Sent]:
    modes = {"JPEG": ("RGB", "L", "CMYK"), "PNG": ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"), "WEBP": ("RGB", "RGBA")}
    number = 0
    for form, some in modes.items():
        for mode in some:
            number += 1
            yield Sent(f"{form} {mode}", written(number, form, mode), Becomes.SHOWN)
    yield Sent("JPEG progressive", written(20, "JPEG", progressive=True), Becomes.SHOWN)
    yield Sent("PNG interlaced name", written(21, "PNG"), Becomes.SHOWN, name="photo.png", kind="image/png")
    yield Sent("WebP lossless", written(22, "WEBP", lossless=True), Becomes.SHOWN)
    yield Sent("HEIC", written(23, "HEIF"), Becomes.SHOWN, name="IMG_0001.HEIC", kind="image/heic")
    yield Sent("AVIF", written(24, "AVIF"), Becomes.EITHER)
    frames = [picture(number) for number in range(25, 30)]
    for form in ("WEBP", "PNG"):
        file = io.BytesIO()
        frames[0].save(file, form, save_all=True, append_images=frames[1:])
        yield Sent(f"moving {form}", file.getvalue(), Becomes.SHOWN)


def _marked_ones() -> Iterator[Sent]:
    """EXIF in all its oddity, and everything else that a file may say beside what there is to see."""
    for orientation in range(10):
        for form in ("JPEG", "PNG", "WEBP", "HEIF"):
            number = 100 + orientation * 4 + len(form)
            data = written(number + len(form) * 50, form, exif=exif(orientation))
            yield Sent(f"{form} with EXIF, turned {orientation}", data, Becomes.SHOWN)
    whole = exif().tobytes()
    for cut in range(8, len(whole), 40):
        yield Sent(f"EXIF cut at {cut}", written(500 + cut, exif=whole[:cut]), Becomes.SHOWN)
    looped = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"
    yield Sent("EXIF that contains itself", written(901, exif=looped), Becomes.SHOWN)
    huge = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\xff\xff\xff\xff\x08\0\0\0\0\0\0\0"
    yield Sent("EXIF that says it is huge", written(902, exif=huge), Becomes.SHOWN)
    yield Sent("EXIF that is full", written(903, exif=(whole + MARK.encode() * 4_000)[:65_000]), Becomes.SHOWN)
    yield Sent("EXIF of zeros", written(904, exif=b"Exif\0\0" + bytes(500)), Becomes.SHOWN)
    yield Sent("a comment", written(905, comment=MARK.encode()), Becomes.SHOWN)
    yield Sent("XMP", written(906, xmp=f"<x:xmpmeta><script>{MARK}</script></x:xmpmeta>".encode()), Becomes.SHOWN)
    yield Sent("a broken colour profile", written(907, icc_profile=MARK.encode() * 300), Becomes.SHOWN)
    said = PngImagePlugin.PngInfo()
    said.add_text("Author", MARK)
    said.add_itxt("Location", MARK, zip=True)
    yield Sent("PNG with words", written(908, "PNG", pnginfo=said), Becomes.SHOWN)


def _cut_ones() -> Iterator[Sent]:
    for form in ("JPEG", "PNG", "WEBP", "HEIF"):
        whole = written(1_000 + len(form), form)
        for tenths in range(1, 10):
            data = whole[: len(whole) * tenths // 10]
            yield Sent(f"{form} cut at {tenths}0 %", data, Becomes.EITHER)


def _flipped_ones() -> Iterator[Sent]:
    for form in ("JPEG", "PNG", "WEBP", "HEIF"):
        for number in range(8):
            chance = random.Random(f"{form} {number}")
            data = bytearray(written(1_100 + number, form))
            for _ in range(1 + number * 3):
                data[chance.randrange(12, len(data))] = chance.randrange(256)
            yield Sent(f"{form} with wrong bytes, {number}", bytes(data), Becomes.EITHER)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *more: bytes, depth: int = 1, colour: int = 0) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + _chunk(b"IEND", b"")


def _bombs() -> Iterator[Sent]:
    """Small files that want to become large."""
    zeros = zlib.compress(bytes(30_000_000), 9)
    yield Sent("PNG of 400 million pixels", _png(20_000, 20_000, _chunk(b"IDAT", zeros)), Becomes.UNREAD)
    yield Sent("PNG of four billion", _png(65_535, 65_535, _chunk(b"IDAT", zeros)), Becomes.UNREAD)
    yield Sent("PNG with no limit", _png(2**31 - 1, 2**31 - 1, _chunk(b"IDAT", b"")), Becomes.UNREAD)
    yield Sent("PNG of no size", _png(0, 0, _chunk(b"IDAT", zeros)), Becomes.UNREAD)
    words = _chunk(b"zTXt", b"Author\0\0" + zeros)
    real = zlib.compress(bytes(9 * 8))
    yield Sent("PNG with 30 MB of words", _png(8, 8, words, _chunk(b"IDAT", real), depth=8), Becomes.EITHER)
    profile = _chunk(b"iCCP", b"a\0\0" + zeros)
    yield Sent("PNG with 30 MB of colours", _png(8, 8, profile, _chunk(b"IDAT", real), depth=8), Becomes.EITHER)
    many = b"".join(_chunk(b"tEXt", b"a\0" + bytes([65 + number % 26])) for number in range(20_000))
    yield Sent("PNG with 20,000 words", _png(8, 8, many, _chunk(b"IDAT", real), depth=8), Becomes.EITHER)
    jpeg = bytearray(written(1_200))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = b"\xff\xdc\xff\xdc"
    yield Sent("JPEG of four billion pixels", bytes(jpeg), Becomes.UNREAD)
    webp = b"VP8L" + struct.pack("<IBI", 10, 0x2F, (16_383) | (16_383 << 14)) + bytes(5)
    yield Sent("WebP of 268 million", b"RIFF" + struct.pack("<I", 4 + len(webp)) + b"WEBP" + webp, Becomes.UNREAD)
    file = io.BytesIO()
    Image.new("1", (6_300, 6_300)).save(file, "PNG")
    yield Sent("PNG of just 40 million", file.getvalue(), Becomes.SHOWN)
    file = io.BytesIO()
    frames = [Image.new("1", (300, 300), number % 2) for number in range(300)]
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    yield Sent("PNG of 300 frames", file.getvalue(), Becomes.SHOWN)
    inner = _zipped({f"{number}.txt": bytes(1_000_000) for number in range(5)})
    yield Sent("zip of zips", _zipped({f"{number}.zip": inner for number in range(20)}), Becomes.UNREAD)
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    svg = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">{laughs}]><svg>&l9;</svg>'
    yield Sent("a billion laughs", svg.encode(), Becomes.UNREAD, "laugh.svg", "image/svg+xml")


def _zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


SCRIPT = f"<html><script>alert('{MARK}')</script></html>".encode()
PHP = b"<?php system($_GET['c']); ?>"


def _two_in_one() -> Iterator[Sent]:
    """One thing to whom looks at the beginning, another to whom looks elsewhere."""
    archive = _zipped({"a.html": SCRIPT})
    tails = {"zip": archive, "page": SCRIPT, "php": PHP, "program": b"MZ" + bytes(200), "jar": archive + PHP}
    for number, (what, tail) in enumerate(tails.items()):
        for form in ("JPEG", "PNG", "WEBP"):
            data = written(1_300 + number * 3 + len(form), form) + tail
            yield Sent(f"{form} and {what}", data, Becomes.SHOWN, f"a.{what}", "text/html")
    for what, head in {"page": SCRIPT, "PDF": b"%PDF-1.4\n", "GIF": b"GIF89a/*", "script": b"#!/bin/sh\n"}.items():
        becomes = Becomes.PASSED_ON if what == "PDF" else Becomes.UNREAD
        yield Sent(f"{what} and then JPEG", head + written(1_350 + len(what)), becomes)
    yield Sent("JPEG whose comment is a page", written(1_360, comment=SCRIPT), Becomes.SHOWN, "a.html", "text/html")
    yield Sent("JPEG called PDF", written(1_361), Becomes.SHOWN, "a.pdf", "application/pdf")
    yield Sent("PNG called JPEG", written(1_362, "PNG"), Becomes.SHOWN)


#: How files begin that are none of the kinds that we take, by their own types.
BEGINS: dict[str, bytes] = {
    "text/plain": b"just words",
    "text/html": SCRIPT,
    "image/svg+xml": f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(\'{MARK}\')"/>'.encode(),
    "text/javascript": b"alert(1)",
    "application/x-msdownload": b"MZ\x90\0" + bytes(300),
    "application/x-elf": b"\x7fELF" + bytes(300),
    "application/zip": _zipped({"../../etc/passwd": b"x"}),
    "application/x-sh": b"#!/bin/sh\nrm -rf /\n",
    "application/gzip": b"\x1f\x8b\x08" + bytes(50),
    "application/x-tar": b"name" + bytes(253) + b"ustar\0" + bytes(400),
    "application/x-7z-compressed": b"7z\xbc\xaf\x27\x1c" + bytes(50),
    "application/msword": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    "audio/mpeg": b"ID3\x03" + bytes(300),
    "audio/ogg": b"OggS" + bytes(300),
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(30),
    "video/mp4": b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + bytes(300),
    "video/x-matroska": b"\x1aE\xdf\xa3" + bytes(300),
    "image/gif": b"GIF89a\x01\0\x01\0\0\0\0;",
    "image/bmp": b"BM" + bytes(60),
    "image/tiff": b"II*\0\x08\0\0\0" + bytes(60),
    "image/x-icon": b"\0\0\x01\0\x01\0" + bytes(60),
    "image/vnd.adobe.photoshop": b"8BPS\0\x01" + bytes(60),
    "application/postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n(/etc/passwd) run\n",
    "image/x-portable-pixmap": b"P6 99999 99999 255\n",
    "image/jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60),
    "font/woff2": b"wOF2" + bytes(60),
    "application/json": b'{"__proto__": {"a": 1}}',
    "application/vnd.ms-excel": b"=cmd|' /C calc'!A0",
    "text/x-python": b"import os; os.system('id')",
    "application/java-archive": _zipped({"META-INF/MANIFEST.MF": b"Main-Class: A"}),
}


def _wrong_types() -> Iterator[Sent]:
    """What is none of the kinds that we take, called by its own name and called a photo."""
    file = io.BytesIO()
    Image.new("RGB", (9, 9)).save(file, "GIF")
    for number, (kind, data) in enumerate(BEGINS.items()):
        own = data + b"#" + str(number).encode()
        yield Sent(f"{kind}, honest", own, Becomes.UNREAD, "file.bin", kind)
        yield Sent(f"{kind} called a photo", own + b"!", Becomes.UNREAD)
    yield Sent("a whole GIF", file.getvalue(), Becomes.UNREAD)
    for what, data in {"a zero": b"\0", "zeros": bytes(5_000), "ones": b"\xff" * 5_000, "a letter": b"x"}.items():
        yield Sent(what, data, Becomes.UNREAD)
    for begin in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic"):
        yield Sent(f"nothing behind {begin[:8]!r}", begin, Becomes.UNREAD)
        yield Sent(f"noise behind {begin[:8]!r}", begin + random.Random(begin).randbytes(4_000), Becomes.UNREAD)


#: What files may be called.
NAMES = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/etc/passwd",
    "C:\\boot.ini",
    "a\0b.jpg",
    "%00.jpg",
    "%2e%2e%2f.jpg",
    "a.jpg.exe",
    "a.html",
    "a.svg",
    "a.php.jpg",
    ".htaccess",
    ".",
    "..",
    " ",
    "con",
    "nul.jpg",
    "-rf",
    "$(id).jpg",
    "`id`.jpg",
    "; ls;.jpg",
    "| cat /etc/passwd",
    "<script>alert(1)</script>.jpg",
    '"><img src=x onerror=alert(1)>.jpg',
    "' OR 1=1 --.jpg",
    "{{7*7}}.jpg",
    "${jndi:ldap://127.0.0.1/a}.jpg",
    "photo\r\nSet-Cookie: a=b.jpg",
    "فوتو.jpg",
    "照片.jpg",
    "\u202egpj.exe",
    "e\u0301\u0301\u0301.jpg",
    "👩‍👩‍👧‍👦.jpg",
    "a" * 300 + ".jpg",
    "b" * 9_000,
    "IMG_0001.JPG",
    "photo",
    "photo.jpg;type=text/html",
    "\ufeffphoto.jpg",
    "\udcff.jpg",
]


def _odd_names() -> Iterator[Sent]:
    for number, name in enumerate(NAMES):
        yield Sent(f"called {name[:20]!a}", written(2_000 + number), Becomes.SHOWN, name)
    kinds = (
        "",
        "text/html",
        "image/jpeg; charset=x",
        "a/b\0c",
        "x" * 500,
        "image/svg+xml",
        "multipart/mixed; boundary=a",
    )
    for number, kind in enumerate(kinds):
        yield Sent(f"said to be {kind[:20]!a}", written(2_100 + number), Becomes.SHOWN, kind=kind)


def _documents() -> Iterator[Sent]:
    paper = FPDF()
    paper.add_page()
    paper.set_author("A. Nobody")
    whole = bytes(paper.output())
    named = ("scan.pdf", "application/pdf")
    yield Sent("PDF", whole, Becomes.PASSED_ON, *named)
    yield Sent("PDF called a photo", whole + b"\n%1", Becomes.PASSED_ON)
    yield Sent("half a PDF", whole[: len(whole) // 2], Becomes.PASSED_ON, *named)
    yield Sent("PDF with a script", whole + b"\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>", Becomes.PASSED_ON, *named)
    yield Sent("PDF in name only", b"no document", Becomes.UNREAD, *named)
    yield Sent("the beginning of a PDF", b"%PDF-", Becomes.PASSED_ON, *named)


def _sizes() -> Iterator[Sent]:
    yield Sent("nothing at all", b"", Becomes.REFUSED)
    yield Sent("one byte too many", b"\xff\xd8\xff" + bytes(12_000_000 - 2), Becomes.REFUSED)
    yield Sent("20 MB", b"\xff\xd8\xff" + bytes(20_000_000), Becomes.REFUSED)
    yield Sent("as much as fits", b"\xff\xd8\xff" + bytes(12_000_000 - 3), Becomes.UNREAD)
