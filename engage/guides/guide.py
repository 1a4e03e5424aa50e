"""One guide and the shelf of a language: read once from its file; a broken one refuses to load."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from engage.taxonomy import Category
from engage.triage.text import script_of, words_of

FOLDER = Path(__file__).parent / "texts"
#: What somebody reads while they wait in a queue. A Chinese character counts as much as it is of a word.
MOST_WORDS = 145
OF_A_WORD = 0.6
LONGEST_TIP = 140  # characters: with a few more words it is one text
MOST_LINES = 6

#: Every category with a guide, in the order of the list: what is dangerous first. The number in a guide's address is
#: its place here, since addresses stay in a browser's history and must not name the matter; so add at the end only.
GUIDED: tuple[Category, ...] = (
    Category.WEAPON_ATTACK,
    Category.MEDICAL,
    Category.FIRE_HAZMAT,
    Category.VULNERABLE_PERSON,
    Category.ASSAULT_HARASSMENT,
    Category.UNATTENDED_ITEM,
    Category.SUSPICIOUS_BEHAVIOUR,
    Category.TRESPASS_ACCESS,
    Category.DRONE,
    Category.DISORDER,
    Category.HUMAN_TRAFFICKING,
    Category.WILDLIFE_TRAFFICKING,
    Category.STOWAWAY_SMUGGLING,
    Category.DRUGS_CONTRABAND,
    Category.CARGO_CRIME,
    Category.INSIDER_CORRUPTION,
    Category.THEFT_FRAUD,
    Category.CYBER,
    Category.ENVIRONMENT,
    Category.INFRASTRUCTURE_FAULT,
    Category.LOST_PROPERTY,
)


class GuideError(Exception):
    """A file of guides cannot be used; the message names it. Mending the file helps."""


def _whole(line: str) -> str:
    """A line that can be kept and shown: it says something, on one line, with nothing that no page can show."""
    plain = " ".join(line.split())
    if not plain:
        raise ValueError("is empty")
    if "\0" in plain:
        raise ValueError("has a character that cannot be kept")
    return plain


Line = Annotated[str, Field(max_length=400), AfterValidator(_whole)]
Lines = Annotated[tuple[Line, ...], Field(min_length=1, max_length=MOST_LINES)]


class Guide(BaseModel):
    """What is said about one category in one language. `tip` is shown after a report: what would have helped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, Field(max_length=80), AfterValidator(_whole)]
    signs: Lines
    say: Lines
    avoid: Lines
    call: Line
    tip: Annotated[str, Field(max_length=LONGEST_TIP), AfterValidator(_whole)]

    @model_validator(mode="after")
    def _short_enough(self) -> Guide:
        if self.length > MOST_WORDS:
            raise ValueError(f"the guide has {self.length} words, {MOST_WORDS} fit")
        return self

    @property
    def length(self) -> int:
        """How many words a reader has before them, the tip aside."""
        return words_in(" ".join((self.title, *self.signs, *self.say, *self.avoid, self.call)))


class PageWords(BaseModel):
    """The words of the pages that show guides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Line
    lead: Line
    link: Line
    search: Line
    find: Line
    nothing: Line
    back: Line
    report: Line
    signs: Line
    say: Line
    avoid: Line
    call: Line
    tip: Line
    answer: Line


class Shelf(BaseModel):
    """All guides of a language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    page: PageWords
    guides: Mapping[Category, Guide]

    @model_validator(mode="after")
    def _complete(self) -> Shelf:
        if set(self.guides) != set(GUIDED):
            differing = set(self.guides) ^ set(GUIDED)
            raise ValueError(f"must hold one guide for each of GUIDED: {', '.join(sorted(differing))}")
        return self


def words_in(text: str) -> int:
    """How many words a text has; each Chinese character is 0.6 of one."""
    words = words_of(text)
    signs = sum(1 for word in words if script_of(word[0]) == "han")
    return round(len(words) - signs + OF_A_WORD * signs)


def number_of(category: Category) -> int | None:
    """The number in the address of a category's guide; None where there is no guide for it."""
    return GUIDED.index(category) + 1 if category in GUIDED else None


def category_of(number: int) -> Category | None:
    """The category of the guide with a number."""
    return GUIDED[number - 1] if 0 < number <= len(GUIDED) else None


def read_shelf(file: Path) -> Shelf:
    """The guides of a file. Raises `GuideError`."""
    try:
        # A file is 25 kB: the reader written in C takes a tenth of the time, and a page waits for it.
        return Shelf.model_validate(yaml.load(file.read_text("utf-8"), Loader=_LOADER))  # noqa: S506 - a safe loader
    except (OSError, yaml.YAMLError, ValidationError) as problem:
        raise GuideError(f"{file.name}: {problem}") from None


_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def shelf(language: str) -> Shelf:
    """The guides of a language as they come with Engage. Raises `GuideError` where there are none."""
    return read_shelf(FOLDER / f"{language}.yaml")
