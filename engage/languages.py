"""The languages we speak, the direction they run in, and how a sentence is looked up in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.core import negotiate_locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).parent / "translations"
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its code, as its speakers call it."""

    code: str
    name: str
    direction: str = "ltr"


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English"),
        Language("es", "Español"),
        Language("fr", "Français"),
        Language("ar", "العربية", "rtl"),
        Language("zh", "中文"),
        Language("ru", "Русский"),
        Language("pt", "Português"),
        Language("fil", "Filipino"),
    )
}
#: What browsers call our languages besides their codes.
_ALIASES = {"tl": "fil", "zh_hans": "zh", "zh_hant": "zh"}


def choose(asked: str | None, accepted: list[str]) -> str:
    """The language to speak: the one asked for, else the first accepted one that we speak, else English.

    `accepted` are the tags of an Accept-Language header, best first (RFC 9110, section 12.5.4).
    """
    if asked in LANGUAGES:
        return str(asked)
    tags = [tag.replace("-", "_") for tag in accepted[:20]]
    known = [_ALIASES.get(tag.split("_")[0].lower(), tag) for tag in tags]
    found = negotiate_locale(known, [*LANGUAGES], aliases={})
    return found or DEFAULT


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of a language; English, the language of the templates, needs none."""
    file = CATALOGUES / f"{language}.po"
    if language not in LANGUAGES or not file.exists():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def say(language: str, sentence: str, **values: object) -> str:
    """A sentence of the catalogue in a language, with its `%(name)s` filled in; in English where it is not there."""
    found = catalogue(language).gettext(sentence)
    return found % values if values else found


def say_time(language: str, moment: datetime, timezone: str) -> str:
    """A moment as people of that language write it, on the clocks of a time zone."""
    return format_datetime(moment.astimezone(ZoneInfo(timezone)), "d MMM y, HH:mm", locale=language)
