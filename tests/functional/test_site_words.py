"""The site's own words in the browser: checked by the lexicon, rehearsed, and taken up by what runs already."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from engage.installation import Installation
from engage.models import SettingsChange, SiteWords
from engage.triage import triage
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in
from tests.functional.test_administration import administrator, opened

TEXT = "there is a blarpstick lying near the gate"
KNIFE = {"language": "en", "concept": "KNIFE", "words": "blarpstick"}


@pytest.fixture
def ada(app: Flask, installation: Installation) -> Desk:
    administrator(installation, "ada", "police", "gates")
    return signed_in(app, "ada")


WRONG = (
    ({"language": "en", "concept": "NOTHING", "words": "x"}, "is no concept that a rule uses"),
    ({"language": "en", "concept": "KNIFE", "words": ""}, "Words and phrases: is missing"),
    ({"language": "en", "concept": "KNIFE", "words": "good, ..."}, "has no word to look for"),
    ({"language": "en", "concept": "KNIFE", "words": "a\0b"}, "NUL"),
    ({"language": "en", "concept": "KNIFE", "words": "x" * 30_000}, "at most 20000 characters"),
    ({"language": "EN!", "concept": "KNIFE", "words": "x"}, "is no language code"),
)


def test_words_that_triage_cannot_take_are_refused(installation: Installation, ada: Desk) -> None:
    for typed, sentence in WRONG:
        answer = ada.client.post("/desk/admin/words", data={**opened(ada, "words/new"), **typed})
        assert answer.status_code == 422, sentence
        assert sentence in answer.text
    assert make.rows(installation, SiteWords) == []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # compiling takes seconds and asks no database
def test_own_words_are_rehearsed_saved_taken_up_and_taken_back(
    app: Flask, installation: Installation, port: make.Port, ada: Desk
) -> None:
    make.report(installation, TEXT, now=datetime.now(UTC) - timedelta(hours=1))
    make.report(installation, make.GUN, now=datetime.now(UTC) - timedelta(hours=1))
    rehearsal = ada.client.post("/desk/admin/words", data={**opened(ada, "words/new"), **KNIFE})
    assert "1 report would move" in rehearsal.text
    assert "1 report was judged again" in rehearsal.text  # words are not tried on what others were written
    assert "Weapon or attack" in rehearsal.text
    assert make.rows(installation, SiteWords) == []
    before = triage(TEXT, installation.lexicon).category
    assert before != "weapon_attack"

    assert ada.client.post("/desk/admin/words", data=Page(rehearsal).forms["words"]).status_code == 303
    assert until(installation, before) == "weapon_attack"  # another process, as it were, that nobody started anew
    assert "blarpstick" in ada.opens("/desk/admin/words").text
    doubled = ada.client.post("/desk/admin/words", data={**opened(ada, "words/new"), **KNIFE})
    assert "There are words for this concept already" in doubled.text

    (change,) = make.rows(installation, SettingsChange)
    token = opened(ada, "changes")
    assert ada.client.post(f"/desk/admin/changes/{change.id}/undo", data=token).status_code == 303
    assert make.rows(installation, SiteWords) == []
    assert until(installation, "weapon_attack") == before


def until(installation: Installation, not_yet: str) -> str:
    """What triage says of the text, once it says something else; half a minute at most."""
    for _ in range(300):
        found = triage(TEXT, installation.lexicon).category
        if found != not_yet:
            return str(found)
        time.sleep(0.1)
    return not_yet
