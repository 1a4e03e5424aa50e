"""A picture of a page of a PDF that we made, to look at before it is printed."""

from __future__ import annotations

import io
import threading
from contextlib import closing
from typing import Final

import pypdfium2  # type: ignore[import-untyped]

#: Dots across a picture.
WIDTH: Final = 620
#: PDFium must not be used by two threads at once.
_ONE_AT_A_TIME: Final = threading.Lock()


def first_page(document: bytes) -> bytes:
    """The first page of a document as a PNG."""
    with _ONE_AT_A_TIME, closing(pypdfium2.PdfDocument(document)) as opened, closing(opened[0]) as page:
        with closing(page.render(scale=WIDTH / page.get_width())) as shown:
            picture = shown.to_pil().convert("P", palette=1, colors=64)
        file = io.BytesIO()
        picture.save(file, "PNG", optimize=True)
    return file.getvalue()
