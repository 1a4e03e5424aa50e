"""Why two cases may be one event, and what many reports of one say, as sentences of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from babel.lists import format_list

from engage.sameness import Nearness, Summary
from engage.taxonomy import Category
from engage.web import desk_words
from engage.web.frame import language, say


def _(sentence: str) -> str:
    return sentence


NEARNESS: dict[Nearness, str] = {
    Nearness.PLACE: _("same place"),
    Nearness.ZONE: _("same zone"),
    Nearness.SITE: _("same site"),
}
AT_ONCE = _("in the same minute")
APART = _("%(count)s min apart")
BOTH = _("both: %(words)s")
DIFFER = _("but: %(words)s")
ALIKE = _("%(same)s of %(all)s reports say the same: %(words)s.")
ALL_DIFFER = _("The %(all)s reports have no word in common.")
ADD = _("%(count)s add: %(words)s.")


def because(reasons: Mapping[str, Any]) -> str:
    """Why two cases may be one event: how near, how far apart in time, and what both say, in the words of each."""
    near = reasons.get("near")
    minutes = int(reasons.get("minutes", 0))
    parts = [
        say(NEARNESS[Nearness(near) if near in list(Nearness) else Nearness.SITE]),
        say(APART, count=minutes) if minutes else say(AT_ONCE),
    ]
    if reasons.get("category") in list(Category):
        parts.append(desk_words.word(Category(reasons["category"])))
    for sentence, key, sign in ((BOTH, "shared", "="), (DIFFER, "differ", "≠")):
        words = [_paired(pair, sign) for pair in reasons.get(key, [])]
        if words:
            parts.append(say(sentence, words=", ".join(words)))
    return "; ".join(parts)


def _paired(pair: Sequence[str], sign: str) -> str:
    one, other = map(apart, pair)
    return one if one == other else f"{one} {sign} {other}"


def apart(word: str) -> str:
    """A word in its own direction, whatever stands around it (Unicode, first strong isolate)."""
    return f"\u2068{word}\u2069"


def summed_up(summary: Summary) -> str:
    """What many reports say, and what only few add."""
    if not summary.common:
        told = say(ALL_DIFFER, all=summary.total)
    else:
        told = say(ALIKE, same=summary.same, all=summary.total, words=_list(summary.common))
    return f"{told} {say(ADD, count=summary.adding, words=_list(summary.added))}" if summary.adding else told


def _list(words: Sequence[str]) -> str:
    return format_list([apart(word) for word in words], style="unit", locale=language())
