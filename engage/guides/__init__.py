"""Guides: for each kind of report what it can look like, what to say, what not to do and whom to call; texts are data.

One file a language in `texts`. Pure: what an installation wrote itself is laid over it elsewhere.
"""

from __future__ import annotations

from engage.guides.guide import (
    GUIDED,
    Guide,
    GuideError,
    Shelf,
    category_of,
    number_of,
    read_shelf,
    shelf,
    words_in,
)
from engage.guides.searching import search

__all__ = [
    "GUIDED",
    "Guide",
    "GuideError",
    "Shelf",
    "category_of",
    "number_of",
    "read_shelf",
    "search",
    "shelf",
    "words_in",
]
