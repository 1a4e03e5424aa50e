"""The practice phone: texts that go the way of real ones, and answers that come back to the screen."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage import create_app
from engage.config import Settings
from engage.delivery import deliver_next
from engage.installation import Installation
from engage.models import Attachment, Outgoing, Report
from engage.postroom import postroom_of
from engage.practice import FIRST_NUMBER, PRACTICE_FILE
from engage.taxonomy import Carrier, Channel, OutgoingStatus
from tests import make
from tests.functional.staff_browser import Page

PHONE = "/practice/phone"


@pytest.fixture
def demo(settings: Settings, installation: Installation, port: make.Port) -> Iterator[Flask]:
    """The application as a demo without a provider of texts."""
    made = create_app(settings.model_copy(update={"demo": True}))
    yield made
    made.extensions["engage"].database.dispose()


@dataclass
class Phone:
    """Somebody at the practice phone, without scripts."""

    client: FlaskClient
    installation: Installation
    number: str = FIRST_NUMBER

    def looks(self, **fields: str) -> str:
        answer = self.client.get(PHONE, query_string={"number": self.number, **fields})
        assert answer.status_code == 200
        return html.unescape(answer.text)

    def sends(self, text: str, **fields: str) -> TestResponse:
        form = Page(self.client.get(PHONE)).forms["phone"]
        del form["picture"]  # its box is not ticked
        return self.client.post(PHONE, data={**form, "number": self.number, "text": text, **fields})

    def worker_runs(self) -> None:
        room = postroom_of(self.installation)
        while deliver_next(room, lambda: datetime.now(UTC)):
            pass


@pytest.fixture
def phone(demo: Flask) -> Phone:
    return Phone(demo.test_client(), demo.extensions["engage"])


@pytest.mark.parametrize(
    "others",
    [
        {},
        {"demo": True, "twilio_account_sid": "AC0", "twilio_auth_token": "t", "twilio_number": "+441632960100"},
    ],
)
def test_it_is_there_only_in_a_demo_without_a_provider(
    settings: Settings, installation: Installation, others: dict[str, object]
) -> None:
    made = create_app(settings.model_copy(update=others))
    assert made.test_client().get(PHONE).status_code == 404
    assert made.test_client().post(PHONE, data={"text": "fire"}).status_code == 404
    made.extensions["engage"].database.dispose()


@pytest.mark.parametrize(("carrier", "channel"), [(Carrier.SMS, Channel.SMS), (Carrier.WHATSAPP, Channel.WHATSAPP)])
def test_a_text_becomes_a_report_and_its_answer_comes_back(phone: Phone, carrier: Carrier, channel: Channel) -> None:
    answer = phone.sends(f"B7K4X {make.GUN}", carrier=carrier.value)
    assert answer.status_code == 303
    (report,) = make.rows(phone.installation, Report)
    assert (report.channel, report.text) == (channel, f"B7K4X {make.GUN}")
    before = phone.looks()
    assert make.GUN in before
    assert "theirs" not in before
    phone.worker_runs()
    (row,) = [row for row in make.rows(phone.installation, Outgoing) if row.carrier is not Carrier.MAIL]
    assert row.status is OutgoingStatus.ACCEPTED
    seen = phone.looks()
    assert row.body.split("\n")[0] in seen
    assert seen.index("mine") < seen.index("theirs")
    (row,) = [row for row in make.rows(phone.installation, Outgoing) if row.carrier is not Carrier.MAIL]
    assert row.status is OutgoingStatus.DELIVERED
    assert row.provider_id.startswith("SM")


def test_each_delivery_is_told_once(phone: Phone) -> None:
    phone.sends("B7K4X fire on the pier")
    phone.worker_runs()
    for _ in range(3):
        phone.looks()
    written = phone.installation.settings.data_dir / PRACTICE_FILE
    lines = [json.loads(line) for line in written.read_text().splitlines()]
    assert [sorted(line)[1] for line in lines].count("delivered") == 1


def test_another_number_sees_nothing_of_it(phone: Phone) -> None:
    phone.sends("B7K4X fire on the pier")
    phone.worker_runs()
    assert "No texts yet" in (stranger := phone.looks(number="+447700900999"))
    assert "fire on the pier" not in stranger


def test_every_text_says_how_it_came_and_how_many_it_counts_as(phone: Phone) -> None:
    phone.sends("B7K4X " + "пожар " * 20, carrier="whatsapp")
    seen = phone.looks(carrier="whatsapp")
    assert "WhatsApp · 2 texts" in seen
    assert 'value="whatsapp" selected' in seen


def test_a_picture_comes_with_the_text(phone: Phone) -> None:
    phone.sends("B7K4X a bag alone", picture="1")
    (file,) = make.rows(phone.installation, Attachment)
    assert file.content_type == "image/jpeg"
    assert "Picture" in phone.looks()


@pytest.mark.parametrize(
    ("number", "text", "said"),
    [
        ("nobody", "typed words", "That is no phone number"),
        ("\0" * 300, "typed words", "That is no phone number"),
        (FIRST_NUMBER, "  ", "There is nothing to send yet"),
        (FIRST_NUMBER, "x" * 1601, "at most 1,600 characters"),
    ],
)
def test_what_cannot_be_sent_is_kept_with_a_sentence(phone: Phone, number: str, text: str, said: str) -> None:
    phone.number = number
    answer = phone.sends(text)
    assert answer.status_code == 422
    assert said in answer.text
    assert Page(answer).forms["phone"]["text"] == text
    assert make.rows(phone.installation, Report) == []


def test_a_number_is_read_as_people_write_it(phone: Phone) -> None:
    phone.number = "07700 900 456"
    assert "+447700900456" in phone.looks()
    assert "typed before" in phone.looks(text="typed before")


def test_a_damaged_file_is_read_as_far_as_it_goes(phone: Phone) -> None:
    phone.sends("B7K4X fire on the pier")
    file = phone.installation.settings.data_dir / PRACTICE_FILE
    file.write_bytes(b"\xff\n[1]\n" + file.read_bytes() + b'{"number": "+4477')
    assert "fire on the pier" in phone.looks()
