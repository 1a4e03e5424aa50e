"""The designs of posters and the words on them, as they stand in the files beside: what is said, in which colour."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from engage.languages import LANGUAGES
from engage.taxonomy import Category

FOLDER = Path(__file__).parent / "designs"
DESIGNS = ("general", "wildlife", "human_trafficking", "cargo", "lost_child", "safety")
MOST_LANGUAGES = 4
#: WCAG 2.2, 1.4.3: white words on a colour must stand out so much.
LEAST_CONTRAST = 4.5


class Unprintable(Exception):
    """Something about a poster cannot be printed as asked. The sentence says what to change."""


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Design(_File):
    """One design. A discreet one has no coloured field and no logo: for where being seen reading it is a danger."""

    title: str
    colour: str
    pictogram: str
    categories: tuple[Category, ...]
    discreet: bool = False
    headline: dict[str, str]
    lead: dict[str, str]


class Words(_File):
    """What stands on every poster, in one language."""

    scan: str
    or_type: str
    code: str
    text: str
    danger: str
    steps: tuple[str, str, str]
    notice: str


@cache
def design(name: str) -> Design:
    """The design of a name, or `Unprintable`."""
    if name not in DESIGNS:
        raise Unprintable(f"There is no design {name}. The designs: {', '.join(DESIGNS)}.")
    return Design.model_validate(_read(f"{name}.yaml"))


def is_discreet(name: str | None) -> bool:
    """Whether a poster of this design hangs where being seen reading it is a danger; of an unknown one it is not."""
    return name in DESIGNS and design(str(name)).discreet


@cache
def words() -> dict[str, Words]:
    """The words of every language."""
    return {language: Words.model_validate(said) for language, said in _read("words.yaml").items()}


@cache
def pictograms() -> dict[str, str]:
    """The drawings, by name."""
    return {str(name): str(path) for name, path in _read("pictograms.yaml").items()}


def chosen_languages(asked: str) -> tuple[str, ...]:
    """One to four of our languages from their codes with commas between, the first one largest; or `Unprintable`."""
    found = tuple(dict.fromkeys(code.strip().lower() for code in asked.split(",") if code.strip()))
    unknown = [code for code in found if code not in LANGUAGES]
    if unknown:
        raise Unprintable(f"There is no language {', '.join(unknown)[:40]}. The languages: {', '.join(LANGUAGES)}.")
    if not 1 <= len(found) <= MOST_LANGUAGES:
        raise Unprintable(f"One to {MOST_LANGUAGES} languages fit on a poster; {len(found)} were asked for.")
    return found


def rgb(colour: str) -> tuple[float, float, float]:
    """The parts of a colour such as `#0b3d63`, from 0 to 1; or `Unprintable`."""
    digits = colour.strip().removeprefix("#")
    try:
        if len(digits) != 6 or not digits.isascii() or not digits.isalnum():
            raise ValueError(digits)
        red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    except ValueError:
        raise Unprintable(f"{colour[:20]!r} is no colour. Write it as six digits, such as #0b3d63.") from None
    return red, green, blue


def contrast_with_white(colour: str) -> float:
    """How much white stands out from a colour, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(colour)]
    light = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return 1.05 / (light + 0.05)


def refuse_pale(colour: str) -> None:
    """Refuse a colour on which white words cannot be read, with the ratio."""
    ratio = contrast_with_white(colour)
    if ratio < LEAST_CONTRAST:
        raise Unprintable(
            f"White words on {colour} have a contrast of {ratio:.1f}; {LEAST_CONTRAST} is needed. Choose a darker one."
        )


def _read(name: str) -> dict[str, object]:
    found = yaml.safe_load((FOLDER / name).read_text())
    assert isinstance(found, dict)  # noqa: S101 - our own files
    return found
