"""A PDF file written object by object as it is made, so that a thousand pages need no more memory than one.

Form: ISO 32000-1, sections 7.3 (objects), 7.5 (file), 8.10 (form XObjects) and 9.7 (composite fonts). What is the
same on every page is written once, as a form, and placed by name. fpdf2 keeps every page until the end and has no
forms; that is why it does not write these files.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import BinaryIO

#: Points in a millimetre.
POINTS = 72 / 25.4
_FLATE = b"/Filter/FlateDecode"


def number(value: float) -> str:
    """A number as PDF writes it, to a thousandth."""
    written = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if written in ("", "-0") else written


def text_string(text: str) -> bytes:
    """A text string object: UTF-16 with its mark, in hexadecimal digits (7.9.2.2)."""
    return b"<feff" + text.encode("utf-16-be").hex().encode() + b">"


class PdfFile:
    """A file under way. Resources are named once and shared by all pages; `close()` must be called to make it whole."""

    def __init__(self, file: BinaryIO, title: str, language: str) -> None:
        self._file = file
        self._length = 0
        self._offsets: list[int] = []
        self._pages: list[int] = []
        self._named: dict[str, dict[str, int]] = {"Font": {}, "XObject": {}}
        self._title, self._language = title, language
        self._catalogue, self._page_list, self._resources = self.reserve(), self.reserve(), self.reserve()

    def start(self) -> None:
        """Write the first bytes; until here nothing has been written."""
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def reserve(self) -> int:
        """The number of an object that is written later."""
        self._offsets.append(0)
        return len(self._offsets)

    def put(self, body: bytes, at: int | None = None) -> int:
        """Write an object, under a number that was reserved or a new one, and give its number."""
        at = at or self.reserve()
        self._offsets[at - 1] = self._length
        self._write(b"%d 0 obj\n%b\nendobj\n" % (at, body))
        return at

    def put_stream(self, content: bytes, head: bytes = b"") -> int:
        """Write a stream, compressed, with further entries of its dictionary."""
        packed = zlib.compress(content)
        return self.put(b"<<%b%b/Length %d>>\nstream\n%b\nendstream" % (head, _FLATE, len(packed), packed))

    def name_for(self, kind: str, at: int) -> str:
        """The name by which pages call a font (`Font`) or a form or picture (`XObject`), which may be written later."""
        called = f"{kind[0]}{len(self._named[kind]) + 1}"
        self._named[kind][called] = at
        return called

    def add_form(self, content: bytes, width: float, height: float) -> str:
        """A drawing that any page may place by the name given back; its size in millimetres."""
        box = f"/Type/XObject/Subtype/Form/BBox[0 0 {number(width)} {number(height)}]/Resources {self._resources} 0 R"
        return self.name_for("XObject", self.put_stream(content, box.encode()))

    def add_picture(self, width: int, height: int, rgb: bytes, mask: bytes | None) -> str:
        """A picture of 8 bits a colour, with its transparency where it has some; a unit square wide and high."""
        head = f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/BitsPerComponent 8"
        soft = ""
        if mask is not None:
            soft = f"/SMask {self.put_stream(mask, f'{head}/ColorSpace/DeviceGray'.encode())} 0 R"
        return self.name_for("XObject", self.put_stream(rgb, f"{head}/ColorSpace/DeviceRGB{soft}".encode()))

    def add_page(self, content: bytes, width: float, height: float) -> None:
        """A page of a size in millimetres. Its drawing begins at the top left and grows downwards, in millimetres."""
        turned = f"{number(POINTS)} 0 0 -{number(POINTS)} 0 {number(height * POINTS)} cm\n".encode()
        stream = self.put_stream(turned + content)
        box = f"{number(width * POINTS)} {number(height * POINTS)}"
        body = f"<</Type/Page/Parent {self._page_list} 0 R/MediaBox[0 0 {box}]/Contents {stream} 0 R>>"
        self._pages.append(self.put(body.encode()))

    def add_font(
        self, at: int, program: bytes, head: Mapping[str, int], widths: Mapping[int, float], texts: Mapping[int, str]
    ) -> None:
        """A font, under a number that was reserved. Its characters are its glyphs (9.7.4.2); widths in thousandths."""
        name = f"/Engage{len(self._offsets)}"
        stream = self.put_stream(program, b"/Length1 %d" % len(program))
        metrics = "".join(f"/{key} {value}" for key, value in head.items())
        described = self.put(
            f"<</Type/FontDescriptor/FontName{name}/Flags 4/ItalicAngle 0/StemV 90"
            f"/FontBBox[-1000 -500 2000 1500]{metrics}/FontFile2 {stream} 0 R>>".encode()
        )
        every = " ".join(f"{glyph}[{number(width)}]" for glyph, width in sorted(widths.items()))
        inner = self.put(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont{name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
            f"/Supplement 0>>/FontDescriptor {described} 0 R/W[{every}]/CIDToGIDMap/Identity>>".encode()
        )
        said = self.put_stream(_to_unicode(texts))
        head_of = f"<</Type/Font/Subtype/Type0/BaseFont{name}/Encoding/Identity-H/DescendantFonts[{inner} 0 R]"
        self.put(f"{head_of}/ToUnicode {said} 0 R>>".encode(), at)

    def close(self) -> None:
        """Write what points at everything else. The file itself stays open."""
        kinds = ("".join(f"/{name} {at} 0 R" for name, at in self._named[kind].items()) for kind in self._named)
        resources = "".join(f"/{kind}<<{all_named}>>" for kind, all_named in zip(self._named, kinds, strict=True))
        self.put(f"<<{resources}>>".encode(), self._resources)
        pages = " ".join(f"{page} 0 R" for page in self._pages)
        body = f"<</Type/Pages/Count {len(self._pages)}/Resources {self._resources} 0 R/Kids[{pages}]>>"
        self.put(body.encode(), self._page_list)
        shown = f"/Lang({self._language})/ViewerPreferences<</DisplayDocTitle true>>"
        head = f"<</Type/Catalog/Pages {self._page_list} 0 R{shown}>>"
        self.put(head.encode(), self._catalogue)
        about = self.put(b"<</Title %b/Producer(Engage)>>" % text_string(self._title))
        start = self._length
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(self._offsets) + 1))
        self._write(b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets))
        trailer = f"<</Size {len(self._offsets) + 1}/Root {self._catalogue} 0 R/Info {about} 0 R>>"
        self._write(f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode())

    def _write(self, part: bytes) -> None:
        self._file.write(part)
        self._length += len(part)


def _to_unicode(texts: Mapping[int, str]) -> bytes:
    """The letters that each glyph stands for, so that text can be found and copied (9.10.3)."""
    known = sorted((glyph, text) for glyph, text in texts.items() if text)
    lines = [f"<{glyph:04x}><{text.encode('utf-16-be').hex()}>" for glyph, text in known]
    blocks = [lines[at : at + 100] for at in range(0, len(lines), 100)]
    said = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit/ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
        "/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n"
        "1 begincodespacerange<0000><ffff>endcodespacerange\n"
        f"{said}\nendcmap CMapName currentdict/CMap defineresource pop end end"
    ).encode()
