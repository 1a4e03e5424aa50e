"""The languages we speak, the direction they run in, and how a sentence is looked up in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_skeleton, format_timedelta
from babel.numbers import format_decimal
from babel.support import NullTranslations

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
_ALIASES = {"tl": "fil"}
#: English as it is written where most of our sites are: the day before the month.
_DATES_OF = {"en": "en_GB"}


def choose(asked: str | None, accepted: list[str]) -> str:
    """The language to speak: the one asked for, else the first accepted one that we speak, else English.

    `accepted` are the tags of an Accept-Language header, best first (RFC 9110, section 12.5.4).
    """
    if asked in LANGUAGES:
        return str(asked)
    spoken = [tag.lower().replace("-", "_").split("_")[0] for tag in accepted[:20]]
    return next((code for code in (_ALIASES.get(tag, tag) for tag in spoken) if code in LANGUAGES), DEFAULT)


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of a language; English, the language of the templates, needs none.

    What reads them is imported when the first page in another language wants it, so that a server starts faster.
    """
    file = CATALOGUES / f"{language}.po"
    if language not in LANGUAGES or not file.exists():
        return NullTranslations()
    found: NullTranslations = import_module("engage.catalogues").read_catalogue(file, language)
    return found


def say(language: str, sentence: str, **values: object) -> str:
    """A sentence of the catalogue in a language, with its `%(name)s` filled in; in English where it is not there."""
    found = catalogue(language).gettext(sentence)
    return found % values if values else found


def say_time(language: str, moment: datetime, timezone: str) -> str:
    """A moment as people of that language write it, on the clocks of a time zone."""
    locale = Locale.parse(_DATES_OF.get(language, language))
    there = moment.astimezone(ZoneInfo(timezone))
    day, clock = (format_skeleton(skeleton, there, locale=locale) for skeleton in ("yMMMd", "Hm"))
    return str(locale.datetime_formats["medium"]).replace("{1}", day).replace("{0}", clock)


def say_clock(language: str, moment: datetime, timezone: str) -> str:
    """The hour and minute alone, on the clocks of a time zone."""
    locale = Locale.parse(_DATES_OF.get(language, language))
    return str(format_skeleton("Hm", moment.astimezone(ZoneInfo(timezone)), locale=locale))


def say_length(language: str, length: timedelta) -> str:
    """A length of time in its largest unit, rounded: 6 minutes, 2 hours; a minute at least."""
    return format_timedelta(length, granularity="minute", locale=language)


def say_number(language: str, number: int) -> str:
    """A whole number as people of that language group its digits."""
    return format_decimal(number, locale=language)
