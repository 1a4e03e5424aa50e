"""Poster codes and references: how they are made, read as people write them, and told from misread ones."""

from __future__ import annotations

import secrets

from engage.base32 import ALPHABET, check_character, is_written, plain

CODE_LENGTH = 5
LONGEST_REFERENCE = 16


def normalise(typed: str) -> str:
    """A poster code as it is kept, from one written in any letter case, with O for 0 or I and L for 1."""
    return plain(typed)


def is_valid(code: str) -> bool:
    """Whether a normalised code has the length of a poster code and the right check character."""
    return len(code) == CODE_LENGTH and is_written(code) and check_character(code[:-1]) == code[-1]


def new_code() -> str:
    """A random poster code."""
    payload = _random(CODE_LENGTH - 1)
    return payload + check_character(payload)


def neighbours(code: str) -> set[str]:
    """Every other valid code that one wrong character or one exchange of neighbours turns into this one. Up to 159."""
    if len(code) != CODE_LENGTH:
        return set()
    wrong = {code[:at] + letter + code[at + 1 :] for at in range(CODE_LENGTH) for letter in ALPHABET}
    exchanged = {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(CODE_LENGTH - 1)}
    return {near for near in wrong | exchanged if near != code and is_valid(near)}


def new_reference(characters: int = 4) -> str:
    """A random reference such as `EN-7K2P-4`, with as many random characters as asked for and a check character."""
    payload = _random(characters)
    return f"EN-{payload}-{check_character(payload)}"


def normalise_reference(typed: str) -> str:
    """A reference as it is kept, from one written in any letter case, with or without dashes."""
    bare = plain(typed[:LONGEST_REFERENCE])
    return f"EN-{bare[2:-1]}-{bare[-1]}" if bare.startswith("EN") and len(bare) > 3 else bare


def _random(characters: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(characters))
