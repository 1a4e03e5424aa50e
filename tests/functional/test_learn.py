"""Guides through their doors: quiet for the public, in an authority's own words, after a report, and as a quiz."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from engage import hearing
from engage.db import add_row
from engage.doing import TextArrival
from engage.guides import GUIDED, number_of, shelf
from engage.guides.quiz import QUESTIONS, questions
from engage.installation import Installation
from engage.languages import LANGUAGES
from engage.models import GuideText, Message, QuizResult, SettingsChange, Site
from engage.taxonomy import Category, Channel
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in
from tests.functional.test_administration import administrator

WILDLIFE, TRAFFICKING = Category.WILDLIFE_TRAFFICKING, Category.HUMAN_TRAFFICKING
IVORY = number_of(WILDLIFE)
#: What the whole first view of a public page may weigh, compressed.
BUDGET = 14_000
STYLE = Path(__file__).parents[2] / "engage" / "static" / "public.css"


def test_guides_are_read_in_every_language_and_nothing_is_kept_of_it(client: FlaskClient) -> None:
    style = len(gzip.compress(STYLE.read_bytes()))
    for language in LANGUAGES:
        listed = client.get(f"/learn?lang={language}&at=B7K4X")
        assert listed.text.count('<li><a href="/learn/') == len(GUIDED)
        for number in range(1, len(GUIDED) + 1):
            page = client.get(f"/learn/{number}?lang={language}&at=B7K4X")
            guide = shelf(language).guides[GUIDED[number - 1]]
            assert page.status_code == 200
            assert f'<html lang="{language}" dir="{LANGUAGES[language].direction}">' in page.text
            # The title stays in the history of the browser, so it names no matter.
            assert f"<title>{shelf(language).page.title} {number}</title>" in page.text
            assert page.text.index('href="tel:911"') < page.text.index("<h1>")
            assert page.text.count("<li>") == len((*guide.signs, *guide.say, *guide.avoid))
            assert len(gzip.compress(page.data)) + style < BUDGET
            assert "<script" not in page.text.split("</head>")[1]
            assert "Set-Cookie" not in page.headers
    for path in ("/learn/0", "/learn/22", "/learn/99999999999999999999", "/learn/wildlife"):
        assert client.get(path).status_code == 404


def test_the_search_stays_in_no_address_and_takes_any_text(client: FlaskClient) -> None:
    found = client.post("/learn", data={"words": "IVOIRE", "lang": "fr", "at": "B7K4X"})
    assert re.findall(r'<li><a href="([^"]+)"', found.text) == [f"/learn/{IVORY}?lang=fr&amp;at=B7K4X"]
    assert 'value="IVOIRE"' in found.text
    assert "Location" not in found.headers
    kept = client.post("/learn", data={"words": "IVOIRE", "lang": "fr", "show_in": "en", "at": "B7K4X"})
    assert 'value="IVOIRE"' in kept.text
    assert '<html lang="en"' in kept.text
    none = client.post("/learn", data={"words": "zzzz"})
    assert shelf("en").page.nothing in none.text
    assert client.post("/learn", data={"words": ""}).text.count("<li>") == len(GUIDED)
    for words in ("<script>alert(1)</script>", "\0", "\u202e" * 500, "w " * 50_000, "😀", "' OR 1=1"):
        page = client.post("/learn", data={"words": words, "at": words, "lang": words})
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_where_a_number_holds_is_said_when_it_is_not_known_where_somebody_stands(
    client: FlaskClient, installation: Installation
) -> None:
    with installation.database.transaction() as session:
        harbour = session.exec(select(Site)).one()
        values = harbour.model_dump(exclude={"id"}) | {"slug": "pier", "name": "The Pier", "emergency_number": "112"}
        add_row(session, Site, **values)
    page = client.get("/learn").text
    assert page.count('href="tel:') == 2
    assert "The Pier" in page
    at_a_poster = client.get("/learn?at=b7k4x").text
    assert re.findall(r'href="tel:(\d+)"', at_a_poster) == ["911"]
    assert 'href="/p/B7K4X?lang=en"' in at_a_poster


def test_a_poster_leads_to_the_guides_and_a_report_to_what_would_have_helped(client: FlaskClient) -> None:
    assert '<ul class="hint plain">\n<li><a href="/learn?lang=en&amp;at=B7K4X">' in client.get("/p/B7K4X").text
    sent = client.post("/p/B7K4X", data={"text": "ivory and rhino horn hidden in a suitcase"})
    assert shelf("en").guides[WILDLIFE].tip in sent.text
    assert f'href="/learn/{IVORY}?lang=en&amp;at=B7K4X"' in sent.text
    question = client.post("/p/B7K4X", data={"text": "when does the bakery open?"})
    assert "/learn/" not in question.text


def test_a_chat_answers_with_a_guide_and_ends_with_a_tip(
    installation: Installation, port: make.Port, client: FlaskClient
) -> None:
    def says(words: str, key: str, visitor: str) -> str:
        arrival = TextArrival(
            text=words, key=key, channel=Channel.CHAT, visitor=visitor, code=port.codes["gate"], language="en"
        )
        return hearing.take_text(installation, arrival, make.NOON).said

    url = installation.settings.public_url
    asked = says("How do I recognise ivory? What should I look for?", "k1", "one")
    assert f"{shelf('en').page.answer}: {url}/learn/{IVORY}" in asked
    tip = shelf("en").guides[WILDLIFE].tip
    said = [says("somebody hides ivory and rhino horn in a crate", "k2", "two")]
    for number in range(6):
        said.append(says("it is a tall man with a red cap near the lift", f"k3{number}", "two"))
        if tip in said[-1]:
            break
    assert tip in said[-1]
    assert not any(tip in one for one in said[:-1])
    assert any(tip in message.text for message in make.rows(installation, Message))
    quiet = [says("a girl is held by a man who keeps her passport, she is forced to work", "k4", "three")]
    quiet += [says(words, f"k5{at}", "three") for at, words in enumerate(("yes", "two girls, 15", "to gate 5 by bus"))]
    assert not any(shelf("en").guides[TRAFFICKING].tip in one for one in quiet)


def test_an_administrator_writes_a_guide_looks_at_it_first_and_takes_it_back(
    app: Flask, installation: Installation, port: make.Port, client: FlaskClient
) -> None:
    administrator(installation, "ada", "police")
    ada, path = signed_in(app, "ada"), f"/desk/admin/guides/fr/{IVORY}"
    form = Page(ada.opens(path)).forms[str(IVORY)]
    own = {**form, "signs": "Des perroquets <b>verts</b>\n\n  Une tortue  ", "tip": "La cage.", "reason": "Ici."}
    look = ada.client.post(path, data={**own, "act": "look"})
    assert "Des perroquets &lt;b&gt;verts&lt;/b&gt;" in look.text
    assert make.rows(installation, GuideText) == []
    for wrong, sentence in (
        ({"signs": " \n "}, "is missing"),
        ({"call": "mo " * 130}, "words, 145 fit"),
        ({"tip": "x" * 141}, "140 characters"),
        ({"title": "a\0b"}, "cannot be kept"),
        ({"say": "\n".join(["a"] * 9)}, "at most 6"),
        ({"reason": "x" * 501}, "501 characters"),
    ):
        refused = ada.client.post(path, data={**own, **wrong, "act": "save"})
        assert (refused.status_code, sentence in refused.text) == (422, True), sentence
        assert "Une tortue" in refused.text or "signs" in wrong
    assert ada.client.post(path, data={**own, "act": "save"}).status_code == 303
    read = client.get(f"/learn/{IVORY}?lang=fr").text
    assert "Une tortue" in read
    assert "tortue" not in client.get(f"/learn/{IVORY}?lang=en").text
    assert client.post("/learn", data={"words": "perroquet", "lang": "fr"}).text.count("<li>") == 1
    stale = ada.client.post(path, data={**own, "tip": "Le bec.", "act": "save"})
    assert stale.status_code == 409
    assert "La cage." in stale.text
    assert "Le bec." in stale.text
    assert "In your own words" in ada.opens("/desk/admin/guides?tongue=fr&lang=en").text

    (change,) = make.rows(installation, SettingsChange)
    token = {"csrf_token": form["csrf_token"]}
    assert ada.client.post(f"/desk/admin/changes/{change.id}/undo", data=token).status_code == 303
    assert make.rows(installation, GuideText) == []
    assert ada.client.post(f"/desk/admin/changes/{change.id}/undo", data=token).status_code == 422
    seen = Page(ada.opens(path)).forms[str(IVORY)]["seen"]
    assert ada.client.post(path, data={**own, "seen": seen, "act": "save"}).status_code == 303
    seen = Page(ada.opens(path)).forms[str(IVORY)]["seen"]
    assert ada.client.post(path, data={**form, "seen": seen, "act": "back"}).status_code == 303
    assert make.rows(installation, GuideText) == []
    for gone in ("/desk/admin/guides/xx/1", "/desk/admin/guides/fr/22", "/desk/admin/guides/fr/0"):
        assert ada.opens(gone).status_code == 404


def test_an_own_guide_that_cannot_be_read_any_more_gives_way(installation: Installation, client: FlaskClient) -> None:
    with installation.database.transaction() as session:
        add_row(session, GuideText, language="en", category=WILDLIFE, guide={"title": "x"}, changed_at=make.NOON)
    assert shelf("en").guides[WILDLIFE].title in client.get(f"/learn/{IVORY}").text


def _answers(form: dict[str, str], wrong: int = 0) -> dict[str, str]:
    asked = questions(shelf("en").guides, WILDLIFE, int(form["seed"]))
    given = [(question.right + (at < wrong)) % 3 for at, question in enumerate(asked)]
    return {f"answer-{at}": str(answer) for at, answer in enumerate(given)}


def test_a_quiz_is_kept_by_unit_and_with_a_name_only_where_its_owner_wants_that(
    app: Flask, installation: Installation, port: make.Port
) -> None:
    ana, sue = signed_in(app, "ana"), signed_in(app, "sue")
    path = f"/desk/quiz/{IVORY}"

    def takes(desk: Desk, wrong: int, **more: str) -> str:
        form = {name: value for name, value in Page(desk.opens(path)).forms[str(IVORY)].items() if name != "named"}
        form = {name: value for name, value in form.items() if not name.startswith("answer-")}
        answer = desk.client.post(path, data={**form, **_answers(form, wrong), **more})
        again = desk.client.post(path, data={**form, **_answers(form, wrong), **more})
        assert (answer.status_code, again.status_code) == (200, 200)
        return answer.text

    assert "4 of 5 right" in takes(ana, 1)
    (kept,) = make.rows(installation, QuizResult)
    assert (kept.right_answers, kept.staff_id, kept.category) == (QUESTIONS - 1, None, WILDLIFE)
    assert "Right answers" not in ana.opens("/desk/quiz").text
    assert "80" not in re.sub(r"\?v=\w+", "", sue.opens("/desk/quiz").text.split("Units in the last")[1])
    for _ in range(3):
        takes(ana, 1)
    takes(ana, 1, named="1")
    told = sue.opens("/desk/quiz").text.split("Units in the last")[1]
    assert "80" in told
    assert told.count("4/5") == 1
    foreign = next(unit for unit in range(1, 99) if unit != kept.unit_id)
    assert "Kept." not in takes(ana, 0, unit=str(foreign))
    assert len(make.rows(installation, QuizResult)) == 5


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_quiz_takes_any_answer_and_notices_an_edited_guide(
    app: Flask, installation: Installation, port: make.Port
) -> None:
    ana, path = signed_in(app, "ana"), f"/desk/quiz/{IVORY}"
    form = Page(ana.opens(path)).forms[str(IVORY)]
    form = {name: form[name] for name in ("csrf_token", "seed", "seen", "key", "unit")}
    odd = {"answer-0": "9", "answer-1": "-1", "answer-2": "²", "answer-3": "x" * 9999, "unit": "1" * 40}
    answer = ana.client.post(path, data={**form, **odd})
    assert "0 of 5 right" in answer.text
    assert ana.client.post(path, data={**form, "seed": "nonsense"}).status_code == 409
    assert ana.client.post(path, data={**form, "csrf_token": ""}).status_code == 403
    guide = shelf("en").guides[WILDLIFE].model_dump(mode="json")
    with installation.database.transaction() as session:
        changed = {**guide, "tip": "Another.", "call": "Another.", "signs": ["One.", "Two.", "Three."]}
        add_row(session, GuideText, language="en", category=WILDLIFE, guide=changed, changed_at=make.NOON)
    assert ana.client.post(path, data={**form, **_answers(form)}).status_code == 409
    assert ana.opens("/desk/quiz/22").status_code == 404
    assert make.rows(installation, QuizResult) == []
