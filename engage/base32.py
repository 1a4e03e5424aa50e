"""Letters and digits that people can read aloud, type and misread: Crockford's base 32, with a check character.

Source of the alphabet and of what is forgiven: https://www.crockford.com/base32.html
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_MISREAD = str.maketrans("OIL", "011")


def plain(typed: str) -> str:
    """What was typed, in capitals: O is read as 0, I and L as 1; what is no letter or digit is left out."""
    letters = "".join(letter for letter in typed.upper() if letter.isascii() and letter.isalnum())
    return letters.translate(_MISREAD)


def encode(number: int, characters: int) -> str:
    """The lowest `5 * characters` bits of a number, most significant first."""
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(5 * (characters - 1), -1, -5))


def is_written(text: str) -> bool:
    """Whether a text holds nothing but letters of the alphabet."""
    return all(letter in _VALUE for letter in text)


def _powers() -> list[int]:
    """The powers of 2 in GF(32) with the polynomial x^5 + x^2 + 1; 2 generates every element but 0."""
    powers, value = [], 1
    for _ in range(31):
        powers.append(value)
        value <<= 1
        if value & 32:
            value ^= 0b100101
    return powers


_POWER = _powers()
_LOGARITHM = {value: exponent for exponent, value in enumerate(_POWER)}


def check_character(payload: str) -> str:
    """The check character of up to 29 characters of the alphabet.

    Each place weighs another non-zero element of GF(32) and the check character weighs 1, so one wrong character, or
    any two exchanged ones, always give another sum.
    """
    total = 0
    for place, letter in enumerate(payload):
        value = _VALUE[letter]
        if value:
            total ^= _POWER[(30 - len(payload) + place + _LOGARITHM[value]) % 31]
    return ALPHABET[total]
