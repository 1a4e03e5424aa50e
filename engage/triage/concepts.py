"""Which concepts a message holds, for those who ask about more than its category."""

from __future__ import annotations

from engage.triage.lexicon import Lexicon
from engage.triage.matcher import find_hits
from engage.triage.text import read
from engage.triage.weighing import weigh


def concepts_in(text: str, lexicon: Lexicon) -> frozenset[str]:
    """The concepts that are found in a message and are not denied in it."""
    weighed = weigh(find_hits(read(text), lexicon).hits)
    return frozenset(hit.concept for hit, worth in zip(weighed.hits, weighed.worth, strict=True) if worth > 0)
