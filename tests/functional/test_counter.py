"""By phone and at the counter: what an officer writes down goes the way of every report."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask

from engage.installation import Installation
from engage.models import AnswerNotice, Case, CaseEvent, Place, Report
from engage.outbox import ADDRESS
from engage.taxonomy import Channel, FoundBy, Happening, ReporterKind
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

FORM = "/desk/new-report"
GATE = "harbour/gate"


@pytest.fixture
def ana(app: Flask) -> Desk:
    return signed_in(app, "ana")


def blank(desk: Desk) -> dict[str, str]:
    """What an empty form sends, but for its choices."""
    fields = Page(desk.opens(FORM)).forms["new-report"]
    return {**fields, "channel": "phone", "place": GATE, "language": "en", "reporter": ""}


def enters(desk: Desk, form: dict[str, str] | None = None, status: int = 200, **typed: str) -> str:
    """The page after sending."""
    answer = desk.client.post(FORM, data={**(form or blank(desk)), **typed})
    assert answer.status_code == status
    return answer.text


def told(page: str) -> tuple[str, str]:
    """The reference and the access code on the page after sending."""
    (reference,) = re.findall(r'<dd class="reference" dir="ltr">([^<]+)<', page)
    (code,) = re.findall(r'<code id="code" dir="ltr">([^<]+)<', page)
    return reference, code


def test_a_call_becomes_a_report_with_a_reference_and_a_code(ana: Desk, app: Flask, installation: Installation) -> None:
    reference, code = told(enters(ana, text=make.GUN, reporter="crew"))
    (report,) = make.rows(installation, Report)
    (place,) = [place for place in make.rows(installation, Place) if place.slug == "gate"]
    assert (report.reference, report.channel, report.reporter) == (reference, Channel.PHONE, ReporterKind.CREW)
    assert (report.text, report.place_id, report.found_by) == (make.GUN, place.id, FoundBy.TOLD)
    assert "Marine queue" in ana.case(reference).text
    thread = app.test_client().post("/return", data={"access_code": code}, follow_redirects=True)
    assert make.GUN in thread.text


def test_the_history_says_who_wrote_it_down(ana: Desk, installation: Installation, port: make.Port) -> None:
    reference, _code = told(enters(ana, text=make.GUN, channel="walk_in"))
    assert "Officer Ana wrote down the report, which came in by walk-in." in ana.case(reference).text
    lines = [line for line in make.rows(installation, CaseEvent) if line.what is not Happening.ESCALATED]
    assert [line.what for line in lines][:3] == [Happening.RECEIVED, Happening.TRIAGED, Happening.ROUTED]
    assert [line.staff_id for line in lines][:3] == [port.staff["ana"], None, None]


def test_it_goes_where_the_rules_say_even_out_of_sight(ana: Desk, installation: Installation) -> None:
    page = enters(ana, text=make.IVORY)
    reference, _code = told(page)
    assert "a queue that you do not see: Customs Service acts first" in page
    assert "/desk/cases/" not in page
    assert ana.case(reference).status_code == 404
    sealed = enters(ana, text=make.BRIBE)
    assert "a queue that you do not see" in sealed
    assert "Integrity" not in sealed
    assert len(make.rows(installation, Case)) == 2


def test_the_code_of_a_poster_says_where(ana: Desk, installation: Installation) -> None:
    enters(ana, text=make.GUN, place="", code=" m2q9-" + make.code("M2Q9")[-1].lower())
    (report,) = make.rows(installation, Report)
    (place,) = [place for place in make.rows(installation, Place) if place.slug == "berth"]
    assert report.place_id == place.id


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": " \n"}, "Write down what you were told"),
        ({"text": "x" * 10_001}, "10,001 characters; 10,000 fit"),
        ({"place": ""}, "Choose where it is"),
        ({"place": "harbour/nowhere"}, "Choose where it is"),
        ({"place": "\0/\0"}, "Choose where it is"),
        ({"place": "", "code": "B7K4Y"}, "No poster has this code"),
        ({"call_back": "nobody"}, "That is no mail address"),
        ({"call_back": "+44 7700 900123"}, "a phone number does not help"),
        ({"csrf_token": "forged"}, "too old or came from another site"),
    ],
)
def test_what_cannot_be_stored_keeps_what_was_typed(
    ana: Desk, installation: Installation, typed: dict[str, str], said: str
) -> None:
    sent = {"text": make.GUN, "call_back": "me@port.example", **typed}
    page = enters(ana, status=403 if "csrf_token" in typed else 422, **sent)
    assert said in page
    assert Page(ana.client.post(FORM, data={**blank(ana), **sent})).forms["new-report"]["text"] == sent["text"]
    assert make.rows(installation, Report) == []


def test_a_misread_code_is_recognised(ana: Desk) -> None:
    page = enters(ana, status=422, text=make.GUN, place="", code="B7K4Y")
    assert ">B7K4X</b>" in page


def test_a_form_sent_twice_stores_one_report_and_shows_the_same_code(ana: Desk, installation: Installation) -> None:
    form = blank(ana)
    first, again = (enters(ana, form, text=make.GUN) for _ in range(2))
    assert told(first) == told(again)
    assert "nothing was changed" in again
    other = enters(ana, form, 422, text=make.OPEN_FENCE)
    assert "Send again to store this one too" in other
    enters(ana, {**form, "key": re.findall(r'name="key" value="([^"]+)"', other)[0]}, text=make.OPEN_FENCE)
    assert len(make.rows(installation, Report)) == 2


def test_no_officer_gets_the_code_of_anothers_report_by_its_key(
    app: Flask, ana: Desk, installation: Installation
) -> None:
    key = blank(ana)["key"]
    first = told(enters(ana, text=make.GUN, key=key))
    ben = signed_in(app, "ben")
    assert told(enters(ben, text=make.GUN, key=key)) != first
    assert len(make.rows(installation, Report)) == 2


def test_a_mail_address_is_sealed_and_hears_that_an_answer_waits(ana: Desk, installation: Installation) -> None:
    reference, _code = told(enters(ana, text=make.GUN, language="fr", call_back=" me@port.example "))
    (notice,) = make.rows(installation, AnswerNotice)
    assert installation.vault.unseal(ADDRESS, notice.sealed_address) == b"me@port.example"
    assert notice.language == "fr"
    assert "me@port.example" not in ana.case(reference).text
    ana.acts(reference, "close", text="It is dealt with.", disposition="advised")
    assert make.rows(installation, AnswerNotice) == []


def test_the_reporters_language_stands_whatever_the_officer_writes_in(ana: Desk, installation: Installation) -> None:
    page = enters(ana, text=make.GUN, language="ar")
    (report,) = make.rows(installation, Report)
    assert report.language == "ar"
    assert '<p lang="ar" dir="rtl">' in page


def test_only_staff_may(app: Flask) -> None:
    assert app.test_client().get(FORM).status_code == 303
    assert app.test_client().post(FORM, data={"text": make.GUN}).status_code == 303


def test_what_was_entered_promises_like_any_case(ana: Desk, installation: Installation) -> None:
    before = datetime.now(UTC)
    enters(ana, text=make.GUN)
    (case,) = make.rows(installation, Case)
    assert case.respond_by is not None
    assert case.respond_by > before
