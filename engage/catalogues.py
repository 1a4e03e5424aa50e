"""Reading a catalogue of sentences: apart from `languages`, because it takes a tenth of a second to be ready to."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations


def read_catalogue(file: Path, language: str) -> Translations:
    """The sentences of a `.po` file."""
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)
