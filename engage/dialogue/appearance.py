"""Whether a report tells only how somebody looks: then its reporter is asked, once and gently, what the person did.

How somebody looks is no reason to suspect them. Where the lexicon finds anything that is done, left, broken or felt in
a body, nothing is asked; a question too many can be skipped, and costs less than a stop for the colour of a skin.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from engage.dialogue.words import contains, details_in, phrase, read_words

#: Concepts that tell of no act: who is there, where, how they are dressed, and how the writer speaks of it.
TELLS_NO_ACT: Final = frozenset(
    {"PERSON", "GROUP", "CHILD", "GIRL_WOMAN", "ELDER", "FAMILY", "PARTNER", "STAFF", "STRANGER", "MANY", "SELLER"}
    | {"CREW", "DRIVER", "OFFICER", "SPEAKS_OF_ME", "SPEAKS_OF_US", "SPEAKS_TO_YOU", "SPEAKS_OF_HER", "SPEAKS_OF_HIM"}
    | {
        "SPEAKS_OF_THEM",
        "SPEAKS_OF_IT",
        "ABOVE",
        "BESIDE",
        "SEEN",
        "SAID",
        "UNEASY",
        "SCARED",
        "ODD_CLOTHES",
        "NEUTRAL",
    }
    | {"HEDGE", "CONTRAST", "NOW", "STILL", "RECURRING", "URGENT", "NEGATION", "QUESTION", "QUESTION_MARK", "GREETING"}
    | {"REPORTING", "ABOUT_SERVICE", "SERVICE", "BAG", "ITEM", "VEHICLE", "DARK", "GOES_IN", "STORM", "WATER", "WANTED"}
    | {"MARKS", "FIXTURE", "VALUABLE", "COMPLAINT", "HATE", "LATER", "CARGO", "LIFT", "SUGGEST", "MASKED", "MACHINE"}
    # That somebody stands about, or is found suspicious or odd, is what is said of people for their looks alone.
    | {"LOITERS", "ODD_BEHAVIOUR", "FENCE", "BANNED_HERE", "BROKEN", "PET"}
)


#: Characters of the longest text that is looked at: a longer one tells more than looks.
LONGEST: Final = 1_000


def tells_looks(text: str) -> bool:
    """Whether a short text tells how somebody looks, or where they seem to come from."""
    if len(text) > LONGEST:
        return False
    return "looks" in details_in(text) or contains(text, _origins())


def tells_only_looks(text: str, concepts: Iterable[str]) -> bool:
    """Whether it tells nothing else: nothing that anybody did. `concepts` are those found in the text."""
    return tells_looks(text) and TELLS_NO_ACT.issuperset(concepts)


@cache
def _origins() -> tuple[str, ...]:
    return tuple(phrase(word) for word in read_words("appearance.yaml")["origin"])
