"""What a token may have been meant for: letters held down, digits for letters, borrowed alphabets, slips."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_HELD = re.compile(r"(.)\1\1")  # most words have none, and this is quicker to say so
_LEET = str.maketrans("013457@$", "oieastas")
_LEET_ONE = str.maketrans("1", "l")
_CYRILLIC_LOOKS = str.maketrans("aeopcyxkmtbhi", "аеорсухкмтвні")
_LATIN_LOOKS = str.maketrans("аеорсухкмтвніё", "aeopcyxkmtbhie")
_ROMAN_PAIRS = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"),
    ("ya", "я"), ("yo", "е"), ("ye", "е"), ("ju", "ю"), ("ja", "я"), ("iy", "ий"), ("yy", "ый"), ("yj", "ый"),
)  # fmt: skip
_ROMAN = str.maketrans("abvgdezijklmnoprstufhcyxw'", "абвгдезийклмнопрстуфхцыхвь")
_SHORT_I = re.compile("(?<=[aeiouяюе])y")  # behind a vowel y is й, elsewhere ы
_OTHER_READINGS = (("j", "zh"), ("c", "k"), ("q", "k"), ("x", "ks"))  # letters that stand for more than one
_PREFIX = 6  # letters that the search for slips looks at; the candidates are then compared whole
_distance = OSA.distance
_SHORTEST, _LONGEST = 4, 24  # letters; shorter and longer words are not looked for


def unstretched(word: str) -> tuple[str, ...]:
    """What a word with letters held down may have been: 'heeelp' gives 'heelp' and 'help'; () when none is held."""
    if not _HELD.search(word) or not _STRETCHED.search(word):
        return ()
    return _STRETCHED.sub(r"\1\1", word), _STRETCHED.sub(r"\1", word)


def disguised(word: str) -> Iterator[str]:
    """The word without digits for letters ('kn1fe') and without letters of the other alphabet that look the same."""
    if word.isascii() and word.isalpha():
        return
    if not word.isalpha() and any(c.isalpha() for c in word):
        yield word.translate(_LEET)
        if "1" in word:
            yield word.translate(_LEET_ONE).translate(_LEET)
    latin = sum("a" <= c <= "z" for c in word)
    cyrillic = sum("а" <= c <= "я" or c == "і" for c in word)
    if latin and cyrillic:
        yield word.translate(_LATIN_LOOKS)
        yield word.translate(_CYRILLIC_LOOKS)


def in_cyrillic(word: str) -> str:
    """A Russian word typed in Latin letters, in its own alphabet: 'pozhar' gives 'пожар'."""
    for roman, own in _ROMAN_PAIRS:
        word = word.replace(roman, own)
    return _SHORT_I.sub("й", word).translate(_ROMAN)


def cyrillic_readings(word: str) -> Iterator[str]:
    """What a Russian word in Latin letters may be, the likeliest first: 'jena' gives 'йена' and 'жена'."""
    yield in_cyrillic(word)
    for letter, other in _OTHER_READINGS:
        if letter in word:
            yield in_cyrillic(word.replace(letter, other))


def deletes(word: str) -> list[str]:
    """The first six letters of the word, and these with one of them left out (doubles may occur).

    Two words within one slip of one another share one of these, so it finds all candidates, and some too many.
    """
    head = word[:_PREFIX]
    if len(head) == _PREFIX:  # most words: spelled out, it takes half as long
        a, b, c, d, e, f = tuple(head)
        return [
            f"{b}{c}{d}{e}{f}", f"{a}{c}{d}{e}{f}", f"{a}{b}{d}{e}{f}",
            f"{a}{b}{c}{e}{f}", f"{a}{b}{c}{d}{f}", f"{a}{b}{c}{d}{e}", head,
        ]  # fmt: skip
    found = [head[:at] + head[at + 1 :] for at in range(len(head))]
    found.append(head)
    return found


class Slips:
    """Words, found again by what is left when letters are missing (symmetric delete, as SymSpell does)."""

    __slots__ = ("index",)

    def __init__(self, words: Iterable[str]) -> None:
        self.index: dict[str, tuple[str, ...] | str] = {}
        for word in sorted(set(words)):
            if word.isalpha() and _SHORTEST <= len(word) <= _LONGEST:
                for shorter in set(deletes(word)):
                    self._note(shorter, word)

    def _note(self, shorter: str, word: str) -> None:
        there = self.index.get(shorter)
        if there is None:
            self.index[shorter] = word  # most have one: a tuple around it would cost as much again
        else:
            self.index[shorter] = (there, word) if isinstance(there, str) else (*there, word)

    def nearest(self, word: str) -> tuple[str, bool]:
        """The word that this one is most likely a slip for, "" for none; and whether that is to be believed at once.

        A slip is a letter left out, added or changed, or two neighbours exchanged. A word of four letters must
        be the only one near, unless letters were merely exchanged: too many others are one letter away. A longer
        one that is near beside it is then worth a guess.
        """
        near = [other for other in self.near(word) if other[0] == word[0] or _plausible(word, other)]
        if not near or len(word) < _SHORTEST:
            return "", False
        if len(near) > 1:
            near.sort(key=lambda other: (_effort(word, other), other))
            if len(near[0]) == _SHORTEST and _effort(word, near[0]) > 0:
                return next((other for other in near if len(other) > _SHORTEST), ""), False
        return near[0], True

    def near(self, word: str) -> list[str]:
        """All words that are one slip away, in no order."""
        if not _SHORTEST - 1 <= len(word) <= _LONGEST or not word.isalpha():
            return []
        met: set[str] = set()
        for there in filter(None, map(self.index.get, deletes(word))):
            if isinstance(there, str):
                met.add(there)
            else:
                met.update(there)
        return [other for other in met if _distance(word, other, score_cutoff=1) == 1]


def _plausible(word: str, meant: str) -> bool:
    """Whether the first letter, which people rarely miss, though it is not right, has only changed its place."""
    if word[:2] == meant[1::-1]:
        return True
    return len(meant) > 4 and (word[1:] == meant or meant[1:] == word)


def _effort(word: str, meant: str) -> int:
    """How unlikely it is to type this word for that one: letters exchanged, doubled, left out, added, changed."""
    if len(word) == len(meant):
        return 0 if sorted(word) == sorted(meant) else 4
    longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
    if any(longer[at] == longer[at - 1] and longer[:at] + longer[at + 1 :] == shorter for at in range(1, len(longer))):
        return 1
    return 2 if len(word) < len(meant) else 3
