"""Reading the fields of an act's form: hidden numbers, members of our lists, boxes that are ticked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session

from engage import desk
from engage.accounts import Officer

Fields = Mapping[str, str]
#: Session, officer, reference and moment, as every act takes them.
About = tuple[Session, Officer, str, datetime]
Member = TypeVar("Member", bound=StrEnum)


def member(of: type[Member], typed: str | None, otherwise: str) -> Member:
    """The member of a list that was chosen; `desk.Refused` with a sentence where none was."""
    if typed not in list(of):
        raise desk.Refused(otherwise)
    return of(str(typed))


def version(fields: Fields) -> int | None:
    """The version of the case on the officer's page."""
    return whole_number(fields.get("version"))


def whole_number(typed: str | None) -> int | None:
    """The number that a hidden field carries, or None where it carries none."""
    return int(typed) if typed and typed.isascii() and typed.isdecimal() and len(typed) < 18 else None


def ticked(fields: Fields, beginning: str) -> frozenset[str]:
    """What follows a beginning in the names of the boxes that are ticked."""
    return frozenset(name.removeprefix(beginning) for name in fields if name.startswith(beginning))
