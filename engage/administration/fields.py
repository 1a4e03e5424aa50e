"""How things are asked for: the shapes of fields, the fields of a kind, and how a thing of a kind ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """How a field is asked for, and so how it is read: one value, several, or one for each language, day or topic."""

    LINE = "line"
    NUMBER = "number"
    CHOICE = "choice"
    MANY = "many"
    TICK = "tick"
    TEXT = "text"
    LINES = "lines"
    NAMES = "names"
    TEXTS = "texts"
    HOURS = "hours"
    FACTS = "facts"


class Ending(StrEnum):
    """What becomes of a thing that is wanted no more: nothing that a report refers to is deleted."""

    RETIRE = "retire"
    REMOVE = "remove"
    DEACTIVATE = "deactivate"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: its name in the entry, its label, and for choices what to choose from.

    `fixed`: it is given once, when the thing is made, because others know it by that. `empty` is what it means to
    choose nothing.
    """

    name: str
    label: str
    shape: Shape = Shape.LINE
    choices: str = ""
    hint: str = ""
    needed: bool = False
    fixed: bool = False
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: its word in addresses and in `sites.parts`, what it is called, its fields, how it ends.

    `shown` are the fields in the list.
    """

    slug: str
    title: str
    one: str
    fields: tuple[Field, ...]
    shown: tuple[str, ...]
    ends: Ending
    hint: str = ""

    def field(self, name: str) -> Field:
        """The field of a name."""
        return next(field for field in self.fields if field.name == name)
