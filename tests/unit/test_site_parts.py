"""A description taken apart and put together again is the same, and so is its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from engage.sites import DescriptionError, read_description, read_text, written
from engage.sites.entries import DutyEntry, SiteEntry
from engage.sites.parts import put_together, taken_apart
from engage.sites.reading import entry_of

DEMO = Path(__file__).parents[2] / "demo" / "meridian"


def test_what_is_taken_apart_can_be_put_together_again() -> None:
    parts = taken_apart(read_description(DEMO))
    again = taken_apart(put_together(parts))
    for kind, some in parts.items():
        assert {name: one.model_dump() for name, one in again[kind].items()} == {
            name: one.model_dump() for name, one in some.items()
        }, kind


def test_the_text_of_a_description_says_the_same() -> None:
    description = put_together(taken_apart(read_description(DEMO)))
    again = read_text(written(description))
    assert written(again) == written(description)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds no settings"),
        ("- a", "holds no settings"),
        ("{a: b", "cannot be read"),
        ("authorities: []", "sites is missing"),
        ("authorities: []\nsites: []\nsecrets: 1", "secrets is not known here"),
        ("authorities: []\nsites: []\nreplies: [{slug: A, texts: {en: x}}]", "is no slug"),
        ("authorities: []\nsites: []\nwords: [{language: en, concept: NOPE, words: x}]", "is no concept"),
        ("authorities: []\nsites: []\nduty_rules: [{slug: a, queue: b}]", "there is no queue b"),
        ('authorities: [{slug: a, name: "x\\0y"}]\nsites: []', "holds a NUL"),
        ("[" * 3000, "cannot be read"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(DescriptionError, match=sentence):
        read_text(text)


def test_one_entry_is_refused_by_the_field_that_is_wrong() -> None:
    with pytest.raises(DescriptionError, match=r"^hours: .*no hours such as"):
        entry_of(DutyEntry, {"slug": "a", "queue": "b", "hours": "25:00-26:00"})
    with pytest.raises(DescriptionError, match=r"timezone: 'Mars/Base' is no time zone"):
        entry_of(SiteEntry, {"slug": "a", "name": "A", "kind": "airport", "timezone": "Mars/Base"})
