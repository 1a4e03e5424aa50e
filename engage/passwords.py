"""Whether a new password is good enough: its length, and how many guesses it would take, with the reason in words.

No list of stolen passwords is asked. A password is cut into the pieces that cost a guesser least (words that everybody
tries, what is known of the person, runs on the keyboard, repetitions, dates, else letter by letter), and what the
pieces cost together, in bits, must reach `ENOUGH_BITS`. Nobody has to use digits or signs. Lengths: NIST SP 800-63B-4,
3.1.1.2, where a password is not the only factor, and then some.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FEWEST_CHARACTERS = 12
MOST_CHARACTERS = 1024
#: About 70 thousand million guesses.
ENOUGH_BITS = 36.0
#: So many signs are looked at from the beginning and from the end of a password that is longer than both.
LOOKED_AT = 64
LONGEST_SHOWN = 24


def _(sentence: str) -> str:
    return sentence


class Weakness(StrEnum):
    """What makes a password easy to guess."""

    SHORT = "short"
    LONG = "long"
    KNOWN = "known"
    COMMON = "common"
    KEYBOARD = "keyboard"
    SEQUENCE = "sequence"
    REPEATED = "repeated"
    DATE = "date"
    SIMPLE = "simple"


SENTENCES: dict[Weakness, str] = {
    Weakness.SHORT: _(
        "A password has at least %(fewest)s characters. Three or four words that do not belong together are good."
    ),
    Weakness.LONG: _("A password has at most %(most)s characters."),
    Weakness.KNOWN: _(
        "“%(part)s” is known of you or of this place, so it is tried first. Leave it out, or add more words."
    ),
    Weakness.COMMON: _(
        "“%(part)s” is in very many passwords, so it is tried first. Add words that do not belong together."
    ),
    Weakness.KEYBOARD: _("“%(part)s” only runs along the keyboard. Add words that do not belong together."),
    Weakness.SEQUENCE: _("“%(part)s” only counts on. Add words that do not belong together."),
    Weakness.REPEATED: _("“%(part)s” only repeats itself. Add words that do not belong together."),
    Weakness.DATE: _(
        "“%(part)s” looks like a date or a year, of which there are few. Add words that do not belong together."
    ),
    Weakness.SIMPLE: _(
        "This can be guessed too soon. Make it longer: three or four words that do not belong together."
    ),
}


class PasswordRefused(Exception):
    """A password that is too short, too long or too easy to guess; the sentence says why. Another one helps."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values


@dataclass(frozen=True, slots=True)
class Judgement:
    """How hard a password is to guess, in bits, and what is wrong with it, if anything is."""

    bits: float
    weakness: Weakness | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a password that costs a guesser less than its letters would."""

    start: int
    end: int
    bits: float
    why: Weakness


def check(password: str, about: Sequence[str] = ()) -> None:
    """Refuse a password that is not good enough; `about` is what others know of the person and the place."""
    judgement = judge(password, about)
    if judgement.weakness is not None:
        raise PasswordRefused(SENTENCES[judgement.weakness], **judgement.values)


def judge(password: str, about: Sequence[str] = ()) -> Judgement:
    """How good a password is, and why it is not good enough."""
    if len(password) < FEWEST_CHARACTERS:
        return Judgement(0, Weakness.SHORT, {"fewest": FEWEST_CHARACTERS})
    if len(password) > MOST_CHARACTERS:
        return Judgement(0, Weakness.LONG, {"most": f"{MOST_CHARACTERS:,}"})
    looked_at = password if len(password) <= 2 * LOOKED_AT else password[:LOOKED_AT] + password[-LOOKED_AT:]
    bits, pieces = _cheapest(looked_at, list(_pieces(looked_at, about)))
    if bits >= ENOUGH_BITS:
        return Judgement(bits)
    if not pieces:
        return Judgement(bits, Weakness.SIMPLE)
    worst = max(pieces, key=lambda piece: _letters_cost(looked_at, piece) - piece.bits)
    return Judgement(bits, worst.why, {"part": looked_at[worst.start : worst.end][:LONGEST_SHOWN]})


def _cheapest(password: str, pieces: list[_Piece]) -> tuple[float, list[_Piece]]:
    """The least that a password costs, and the pieces it is cut into for that (without single letters)."""
    best: list[tuple[float, list[_Piece]]] = [(0.0, [])]
    for end in range(1, len(password) + 1):
        before, cut = best[end - 1]
        ways = [(before + _letter_cost(password, end - 1), cut)]
        ways += [
            (best[piece.start][0] + piece.bits, [*best[piece.start][1], piece]) for piece in pieces if piece.end == end
        ]
        best.append(min(ways, key=lambda way: way[0]))
    return best[-1]


def _letters_cost(password: str, piece: _Piece) -> float:
    return sum(_letter_cost(password, at) for at in range(piece.start, piece.end))


def _letter_cost(password: str, at: int) -> float:
    """What one more sign costs: little inside a word, a number or a row of signs, more where the kind changes."""
    kind = _kind(password[at])
    change = 1.5 if at and _kind(password[at - 1]) != kind else 0.0
    return _COSTS[kind] + change


#: Bits of one sign by its kind. Letters of a language follow each other, so they cost far less than random ones.
_COSTS = {"lower": 3.2, "upper": 3.2, "digit": 2.9, "ideograph": 7.0, "other": 3.5}


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    if sign.isalpha():
        if unicodedata.category(sign) == "Lo" and ord(sign) >= 0x2E80:
            return "ideograph"
        return "upper" if sign.isupper() else "lower"
    return "other"


def _pieces(password: str, about: Sequence[str]) -> Iterator[_Piece]:
    plain = _plain(password)
    yield from _words(plain, _known_words(about), 4.0, Weakness.KNOWN)
    yield from _words(plain, tuple(map(_plain, COMMON)), 7.0, Weakness.COMMON)
    for row in map(_plain, _ROWS):
        yield from _runs(plain, row, 6.0, Weakness.KEYBOARD)
    for row in map(_plain, _COUNTED):
        yield from _runs(plain, row, 4.0, Weakness.SEQUENCE)
    yield from _repeats(plain)
    yield from _dates(plain)


#: What is written for letters, letter for letter, so that places stay the same.
_DISGUISES = str.maketrans("@4301!$57€", "aaeoiisste")


def _plain(password: str) -> str:
    """The password in small letters without accents, as many as it has signs."""
    folded = (unicodedata.normalize("NFKD", sign)[:1].lower()[:1] or sign for sign in password)
    return "".join(folded)


def _words(plain: str, words: Sequence[str], bits: float, why: Weakness) -> Iterator[_Piece]:
    """Where any of the words stands, also disguised (`p@ssw0rd`) and backwards."""
    disguised = plain.translate(_DISGUISES)
    for word in words:
        for text, extra in ((plain, 0.0), (disguised, 1.0)):
            for spelling, more in ((word, 0.0), (word[::-1], 1.0)):
                at = text.find(spelling)
                while at >= 0:
                    yield _Piece(at, at + len(word), bits + extra + more, why)
                    at = text.find(spelling, at + 1)


def _known_words(about: Sequence[str]) -> list[str]:
    """The words of names, logins and addresses that are long enough to count, and each as a whole."""
    found: set[str] = set()
    for text in about:
        plain = _plain(text[:200])
        found |= {"".join(re.findall(r"\w", plain)), *re.findall(r"[^\W_]+", plain)}
    return sorted(word for word in found if len(word) >= 3)


def _runs(plain: str, row: str, bits: float, why: Weakness) -> Iterator[_Piece]:
    """Where at least four signs follow each other as on a row, in either direction."""
    for line in (row, row[::-1]):
        start = 0
        while start < len(plain) - 3:
            end = start + 1
            while end < len(plain) and plain[end - 1] + plain[end] in line:
                end += 1
            if end - start >= 4:
                yield from (
                    _Piece(start, stop, bits + math.log2(stop - start), why) for stop in range(start + 4, end + 1)
                )
            start += 1


def _repeats(plain: str) -> Iterator[_Piece]:
    """Where one to twenty signs stand at least twice in a row (three times, for a single sign)."""
    for length in range(1, 21):
        for start in range(len(plain) - 2 * length + 1):
            unit, end = plain[start : start + length], start + length
            while plain[end : end + length] == unit:
                end += length
            times = (end - start) // length
            if times >= (3 if length == 1 else 2):
                rest = 0  # the next repetition may have begun
                while end + rest < len(plain) and rest < length and plain[end + rest] == unit[rest]:
                    rest += 1
                cost = sum(_letter_cost(plain, at) for at in range(start, start + length))
                yield _Piece(start, end + rest, cost + math.log2(times) + 1.0, Weakness.REPEATED)


_DAY = re.compile(r"(?=((?:3[01]|[12]\d|0?[1-9])[./-]?(?:1[0-2]|0?[1-9])[./-]?(?:(?:19|20)\d\d|\d\d)))")
_YEAR = re.compile(r"(?=((?:19|20)\d\d))")


def _dates(plain: str) -> Iterator[_Piece]:
    for pattern, bits, shortest in ((_DAY, 14.0, 6), (_YEAR, 7.0, 4)):
        for match in pattern.finditer(plain):
            if len(match.group(1)) >= shortest:
                yield _Piece(match.start(), match.start() + len(match.group(1)), bits, Weakness.DATE)


_ROWS = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
    "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "ضصثقفغعهخحجد", "شسيبلاتنمكط", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujm", "!@#$%^&*()", "!\"#¤%&/()=",
)  # fmt: skip
_COUNTED = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "一二三四五六七八九十", "٠١٢٣٤٥٦٧٨٩",
)  # fmt: skip
#: Words that stand in very many passwords, in the languages we speak.
COMMON = (
    "password", "passwort", "passw0rd", "pass", "word", "secret", "secreto", "geheim", "welcome",
    "willkommen", "bienvenue", "bienvenido", "admin", "administrator", "root", "user", "login", "letmein",
    "master", "dragon", "monkey", "shadow", "sunshine", "princess", "football", "baseball", "superman",
    "batman", "iloveyou", "love", "hello", "test", "changeme", "default", "temp", "guest", "qwerty",
    "azerty", "winter", "spring", "summer", "autumn", "fall", "monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday", "sunday", "january", "february", "march", "april", "june", "july", "august",
    "september", "october", "november", "december", "primavera", "verano", "otono", "invierno", "printemps",
    "automne", "hiver", "motdepasse", "contrasena", "contraseña", "senha", "parol", "пароль", "привет",
    "любовь", "anghel", "mahal", "pagibig", "密码", "我爱你", "你好", "كلمة", "سر", "مرحبا", "حبيبي", "allah",
    "jesus", "police", "policia", "polizei", "security", "seguridad", "securite", "airport", "aeropuerto",
    "aeroport", "seaport", "harbour", "harbor", "port", "station", "border", "customs", "engage", "officer",
    "supervisor", "queue", "watch", "desk", "report", "emergency", "whatever", "computer", "internet",
    "trustno", "freedom", "michael", "jordan", "charlie", "ashley", "daniel", "google", "facebook",
    "liverpool", "arsenal", "chelsea", "barcelona", "madrid", "manila",
)  # fmt: skip
