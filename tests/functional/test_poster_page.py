"""The poster's page and the thread, as a browser without scripts meets them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.installation import Installation
from engage.models import Case, Message, Report
from tests import make


def hidden(page: TestResponse, name: str) -> str:
    """The value of a hidden field."""
    return re.findall(rf'name="{name}" value="([^"]*)"', page.text)[0]


def access_code(page: TestResponse) -> str:
    """The access code on the page after sending."""
    return re.findall(r'id="code"[^>]*>([^<]+)<', page.text)[0]


def reference(page: TestResponse) -> str:
    """The first reference on a page."""
    return re.findall(r"EN-\w+-\w", page.text)[0]


def texts(installation: Installation) -> list[str]:
    """The words of every report, oldest first."""
    return [report.text for report in make.rows(installation, Report)]


@pytest.mark.parametrize("path", ["/p/B7K4X", "/p/b7k4x", "/P/B7K4X", "/p/B7K4X/9XQ2", "/P/B7K4X/ZZZZ", "/p/b-7k4x"])
def test_a_code_is_read_in_any_way(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert "Gate B12" in page.text
    assert page.text.index('href="tel:911"') < page.text.index("<textarea")


def test_a_misread_code_says_so_offers_the_likely_ones_and_still_takes_the_report(
    client: FlaskClient, installation: Installation, port: make.Port
) -> None:
    page = client.get("/p/B7K4Y")
    assert page.status_code == 404
    assert 'href="/p/B7K4X"' in page.text
    assert 'name="site" value="harbour"' in page.text
    sent = client.post("/p/B7K4Y", data={"text": "a hat on the floor", "site": "harbour", "key": hidden(page, "key")})
    assert sent.status_code == 200
    (report,) = make.rows(installation, Report)
    assert (report.site_id, report.place_id, report.typed_code) == (port.site, None, "B7K4Y")
    assert make.rows(installation, Case)[0].queue_id == port.queues["control"]


def test_a_retired_poster_says_so_and_still_takes_the_report(
    client: FlaskClient, installation: Installation, port: make.Port
) -> None:
    page = client.get(f"/p/{port.codes['old']}")
    assert "This poster has been replaced" in page.text
    assert client.post(f"/p/{port.codes['old']}", data={"text": make.GUN}).status_code == 200
    assert make.rows(installation, Report)[0].place_id == port.places["gate"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is nothing to send yet."),
        (" \r\n\t ", "There is nothing to send yet."),
        ("w" * 10_001, "Your text has 10,001 characters; 10,000 fit"),
        ("é" * 70_000, "Your text has 70,000 characters"),
    ],
)
def test_a_text_that_cannot_be_taken_comes_back_whole(
    client: FlaskClient, installation: Installation, text: str, sentence: str
) -> None:
    page = client.post("/p/B7K4X", data={"text": text, "key": "the-same-key"})
    assert page.status_code == 422
    assert sentence in page.text
    assert f">\n{text}</textarea>".replace("\r\n", "\n") in page.text.replace("\r\n", "\n")
    assert hidden(page, "key") == "the-same-key"
    assert texts(installation) == []


def test_ten_thousand_characters_are_taken(client: FlaskClient, installation: Installation) -> None:
    assert client.post("/p/B7K4X", data={"text": "a\r\n" * 5_000}).status_code == 200
    assert texts(installation) == ["a\r\n" * 5_000]


def test_sending_twice_is_one_report_with_one_access_code(client: FlaskClient, installation: Installation) -> None:
    form = {"text": make.GUN, "key": hidden(client.get("/p/B7K4X"), "key")}
    first, second = client.post("/p/B7K4X", data=form), client.post("/p/B7K4X", data=form)
    assert (access_code(first), reference(first)) == (access_code(second), reference(second))
    assert "nothing was stored twice" in second.text
    assert texts(installation) == [make.GUN]


def test_other_words_under_one_key_are_kept_with_both_ways_out(client: FlaskClient, installation: Installation) -> None:
    client.post("/p/B7K4X", data={"text": make.GUN, "key": "one-key"})
    page = client.post("/p/B7K4X", data={"text": "He ran to the trains", "key": "one-key"})
    assert page.status_code == 422
    assert ">\nHe ran to the trains</textarea>" in page.text
    form = {"text": "He ran to the trains", "key": hidden(page, "key"), "earlier_key": hidden(page, "earlier_key")}
    assert form["key"] != "one-key"

    added = client.post("/p/B7K4X", data={**form, "choice": "add"})
    assert added.status_code == 200
    assert [message.text for message in make.rows(installation, Message)] == ["He ran to the trains"]
    assert client.post("/p/B7K4X", data={**form, "choice": "new", "key": "another"}).status_code == 200
    assert texts(installation) == [make.GUN, "He ran to the trains"]


def test_words_for_a_report_that_is_not_there_become_a_report(client: FlaskClient, installation: Installation) -> None:
    form = {"text": make.GUN, "key": "k", "earlier_key": "never seen", "choice": "add"}
    assert client.post("/p/B7K4X", data=form).status_code == 200
    assert texts(installation) == [make.GUN]


def test_wrong_erased_and_malformed_codes_look_alike(client: FlaskClient) -> None:
    pages = {typed: client.post("/return", data={"access_code": typed}) for typed in ("0" * 26, "AAAA-BBBB", "!", "")}
    answers = {(page.status_code, page.text.replace(f'value="{typed}"', 'value=""')) for typed, page in pages.items()}
    assert len(answers) == 1


def test_a_form_of_the_thread_needs_its_token_and_keeps_its_words(
    client: FlaskClient, installation: Installation
) -> None:
    client.post("/p/B7K4X", data={"text": make.GUN})
    assert client.post("/thread", data={"text": "from elsewhere"}).status_code == 403
    token = hidden(client.get("/thread"), "token")
    for _ in range(2):
        assert client.post("/thread", data={"text": "one more", "token": token, "key": "k1"}).status_code == 303
    assert [message.text for message in make.rows(installation, Message)] == ["one more"]
    empty = client.post("/thread", data={"text": " ", "token": token, "key": "k2"})
    assert empty.status_code == 422

    client.post("/thread/leave")
    late = client.post("/thread", data={"text": "typed too late", "token": token})
    assert late.status_code == 422
    assert ">\ntyped too late</textarea>" in late.text


def test_what_was_typed_too_late_is_there_again_after_the_code(client: FlaskClient) -> None:
    code = access_code(client.post("/p/B7K4X", data={"text": make.GUN}))
    client.post("/thread/leave")
    page = client.post("/return", data={"access_code": code, "text": "typed too late"})
    assert page.status_code == 200
    assert ">\ntyped too late</textarea>" in page.text


@pytest.mark.parametrize("critical", [True, False])
def test_the_emergency_number_stands_first_where_life_is_in_danger(client: FlaskClient, critical: bool) -> None:
    page = client.post("/p/B7K4X", data={"text": make.GUN if critical else make.LOST_HAT})
    assert ('class="call large"' in page.text) is critical
    assert 'href="tel:911"' in page.text
