"""From the thread to the phone: the one-time word, and an address that hears when an answer waits."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage import create_app, outbox
from engage.config import Settings
from engage.installation import Installation
from engage.intake import Receipt
from engage.models import AnswerNotice, LinkWord, Outgoing, ReportContact
from engage.taxonomy import Carrier
from tests import make
from tests.functional.staff_browser import Page, signed_in
from tests.functional.test_hearing import Phone

OUR_NUMBER = "+441632960100"
PLACE_FOR_ADDRESS = "notice#notice"


@pytest.fixture
def texting(settings: Settings, installation: Installation, port: make.Port) -> Iterator[Flask]:
    """An application that has a number for texts."""
    made = create_app(settings.model_copy(update={"demo": True}))
    yield made
    made.extensions["engage"].database.dispose()


@pytest.fixture
def receipt(installation: Installation, port: make.Port) -> Receipt:
    return make.report(installation, make.GUN)


def come_back(app: Flask, receipt: Receipt) -> FlaskClient:
    """A browser that has opened the thread of a report."""
    client = app.test_client()
    assert client.post("/return", data={"access_code": receipt.access_code}).status_code == 303
    return client


def plain(answer: TestResponse) -> str:
    """A page without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", answer.text))


def asks_for_word(client: FlaskClient) -> str:
    form = Page(client.get("/thread")).forms["text#by-text"]
    answer = client.post("/thread/text", data=form)
    assert answer.status_code == 200
    (link,) = re.findall(r'href="(sms:[^"]+)"', answer.text)
    number, _, word = link.removeprefix("sms:").partition("?body=")
    assert number == OUR_NUMBER
    assert f"Text {word} to {OUR_NUMBER}" in plain(answer)
    return str(word)


def gives(client: FlaskClient, address: str) -> TestResponse:
    form = Page(client.get("/thread")).forms[PLACE_FOR_ADDRESS]
    return client.post("/thread/notice", data={**form, "address": address})


def notices(installation: Installation) -> list[tuple[Carrier, str]]:
    """What is kept, unsealed."""
    return [
        (row.carrier, installation.vault.unseal(outbox.ADDRESS, row.sealed_address).decode())
        for row in make.rows(installation, AnswerNotice)
    ]


def test_the_word_ties_a_phone_to_the_thread(texting: Flask, installation: Installation, receipt: Receipt) -> None:
    client = come_back(texting, receipt)
    word = asks_for_word(client)
    (kept,) = make.rows(installation, LinkWord)
    assert word not in kept.word_hash
    phone = Phone(installation)
    phone.now = kept.expires_at - timedelta(minutes=5)
    reply = phone.texts(word)
    assert reply.reference == receipt.reference
    assert len(make.rows(installation, ReportContact)) == 1
    page = signed_in(texting, "ana").case(receipt.reference).text
    assert "The reporter goes on by SMS." in page


def test_without_a_number_nothing_is_offered_by_text(app: Flask, receipt: Receipt) -> None:
    client = come_back(app, receipt)
    page = client.get("/thread").text
    assert "Continue by text" not in page
    assert "Phone number or" not in page
    assert "E-mail address" in page
    token = Page(client.get("/thread")).forms[PLACE_FOR_ADDRESS]["token"]
    assert client.post("/thread/text", data={"token": token}).status_code == 404
    assert gives(client, "+447700900456").status_code == 422


GIVEN = [
    (" ada@example.org ", (Carrier.MAIL, "ada@example.org")),
    ("a.b+c@mail.example.co.uk", (Carrier.MAIL, "a.b+c@mail.example.co.uk")),
    ("+44 7700 900456", (Carrier.SMS, "+447700900456")),
    ("07700 900456", (Carrier.SMS, "+447700900456")),
]


@pytest.mark.parametrize(("typed", "kept"), GIVEN)
def test_an_address_is_kept_sealed_shown_to_nobody_and_withdrawn(
    texting: Flask, installation: Installation, receipt: Receipt, typed: str, kept: tuple[Carrier, str]
) -> None:
    client = come_back(texting, receipt)
    assert gives(client, typed).status_code == 303
    assert notices(installation) == [kept]
    page = client.get("/thread")
    assert ("You will get an e-mail" if kept[0] is Carrier.MAIL else "You will get a text") in page.text
    desk = signed_in(texting, "ana").case(receipt.reference).text
    assert kept[1] not in page.text + desk
    form = Page(page).forms[PLACE_FOR_ADDRESS]
    assert client.post("/thread/notice", data={**form, "withdraw": "1"}).status_code == 303
    assert notices(installation) == []


REFUSED = [
    "",
    "   ",
    "nobody",
    "ada@",
    "ada@example",
    "ada@exa mple.org",
    "12",
    "+" + "4" * 300,
    "\0",
    "x@y.z\r\nBcc: a@b.c",
]


@pytest.mark.parametrize("typed", REFUSED)
def test_what_is_no_address_is_kept_in_the_form_and_told(
    texting: Flask, installation: Installation, receipt: Receipt, typed: str
) -> None:
    answer = gives(come_back(texting, receipt), typed)
    assert answer.status_code == 422
    assert "That is no address we can write to" in answer.text
    shown = html.unescape(Page(answer).forms[PLACE_FOR_ADDRESS]["address"])
    assert shown.splitlines() == typed.splitlines()
    assert notices(installation) == []


def test_an_answer_is_told_without_a_word_of_it_and_closing_erases_the_address(
    texting: Flask, installation: Installation, receipt: Receipt
) -> None:
    client = come_back(texting, receipt)
    gives(client, "ada@example.org")
    desk = signed_in(texting, "ana")
    desk.acts(receipt.reference, "answer", text="The secret words")
    row = make.rows(installation, Outgoing)[-1]
    assert row.carrier is Carrier.MAIL
    assert "The secret words" not in row.subject + row.body
    desk.acts(receipt.reference, "close", disposition="advised")
    assert notices(installation) == []
    page = client.get("/thread").text
    assert "Tell me when" not in page


def test_a_closed_case_takes_no_address(texting: Flask, installation: Installation, receipt: Receipt) -> None:
    client = come_back(texting, receipt)
    form = Page(client.get("/thread")).forms[PLACE_FOR_ADDRESS]
    signed_in(texting, "ana").acts(receipt.reference, "close", disposition="advised")
    answer = client.post("/thread/notice", data={**form, "address": "ada@example.org"})
    assert answer.status_code == 422
    assert "This is closed, so no answer will come" in answer.text
    assert notices(installation) == []


@pytest.mark.parametrize("path", ["/thread/text", "/thread/notice"])
def test_nothing_is_done_from_another_site_or_without_a_thread(
    texting: Flask, installation: Installation, receipt: Receipt, path: str
) -> None:
    fields = {"address": "ada@example.org", "token": "forged"}
    assert come_back(texting, receipt).post(path, data=fields).status_code == 403
    assert texting.test_client().post(path, data=fields).status_code == 422
    with installation.database.transaction() as session:
        assert session.connection().execute(sa.select(sa.func.count()).select_from(LinkWord)).scalar_one() == 0
    assert notices(installation) == []


def test_a_poster_offers_the_chat_and_the_text(texting: Flask, client: FlaskClient) -> None:
    answer = texting.test_client().get("/p/b7k4x")
    page = answer.text
    assert 'href="/p/B7K4X/chat?lang=en"' in page
    assert f'href="sms:{OUR_NUMBER}?body=B7K4X%20"' in page
    assert f"or text B7K4X and your words to {OUR_NUMBER}" in plain(answer)
    without = client.get("/p/B7K4X").text
    assert "/p/B7K4X/chat" in without
    assert "sms:" not in without
    assert "/chat" not in client.get("/p/B7K4Y").text
