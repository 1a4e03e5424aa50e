"""Referrals through the pages: offered on the case's page, answered at the desk or by a link, foreign as absent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from engage import outbox, referrals
from engage.installation import Installation
from engage.models import Case, Outgoing, Referral
from engage.taxonomy import CaseStatus, ReferralState
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

OFFER = {"to": "customs", "purpose": "It is <b>yours</b>.", "handling": "amber", "lasts": "60", "note": ""}
BY_LINK = {
    **{name: value for name, value in OFFER.items() if name != "note"},
    "to": "by link",
    "body": "Harbour Zoo",
    "address": "zoo@example.org",
}


@pytest.fixture
def reference(installation: Installation, port: make.Port) -> str:
    """A report that the port police has: a hole in a fence."""
    return make.report(installation, make.OPEN_FENCE, now=datetime.now(UTC)).reference


def sent(desk: Desk, reference: str, act: str, **typed: str) -> TestResponse:
    """One act, with the fields that every form has, and no box ticked that was not typed."""
    own = {name: value for name, value in desk.form(reference, act).items() if name in COMMON}
    return desk.client.post(f"/desk/cases/{reference}/{act}", data={**own, **typed})


COMMON = ("csrf_token", "version", "seen", "was", "key")


def the_token(installation: Installation) -> str:
    (row,) = [row for row in make.rows(installation, Outgoing) if row.sealed_body]
    body = installation.vault.unseal(outbox.BODY, row.sealed_body).decode()
    found = re.search(r"/referral#([0-9A-Z]+)", body)
    assert found
    assert row.recipient == ""
    assert "fence" not in body
    return found[1]


def the_only(installation: Installation) -> Referral:
    (found,) = make.rows(installation, Referral)
    return found


def test_offered_accepted_and_completed(app: Flask, reference: str) -> None:
    ben, carl = signed_in(app, "ben"), signed_in(app, "carl")
    assert sent(ben, reference, "offer", **OFFER, evidence="1").status_code == 303
    assert "offered to Customs Service" in ben.case(reference).text
    assert "1 waits" in carl.opens("/desk").text
    page = carl.opens("/desk/referrals/1")
    assert make.OPEN_FENCE in page.text
    assert "&lt;b&gt;yours" in page.text
    assert reference not in page.text + carl.opens("/desk/referrals").text
    token = Page(page).forms["accept"]["csrf_token"]
    accepted = carl.client.post("/desk/referrals/1/accept", data={"csrf_token": token, "queue": "border"})
    assert accepted.status_code == 303
    mine = accepted.location.rsplit("/", 1)[-1]
    assert "Port Police referred this case to you" in carl.case(mine).text
    assert reference not in carl.case(mine).text
    assert "Customs Service has this case now" in ben.case(reference).text
    assert mine not in ben.case(reference).text
    assert sent(ben, reference, "claim" if "claim" in Page(ben.case(reference)).forms else "note", text="x").status_code
    assert sent(carl, mine, "complete", reason="Mended.").status_code == 303
    assert "Mended." in ben.case(reference).text


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"to": ""}, "Choose whom to ask."),
        ({"to": "nobody\0"}, "Choose whom to ask."),
        ({"to": "police"}, "That is your own authority"),
        ({"purpose": " "}, "Say what for"),
        ({"handling": "PINK"}, "Choose with whom it may be shared further."),
        ({"lasts": "1"}, "Choose how long the offer waits."),
        ({"identity": "1"}, "Give the reason why Customs Service must be able"),
        ({"to": "by link"}, "Choose whom to ask."),
        ({"to": "by link", "body": "Zoo", "address": "no address"}, "no e-mail address"),
        ({**BY_LINK, "identity": "1", "identity_reason": "x"}, "told only to authorities that sign in here"),
    ],
    ids=str,
)
def test_an_offer_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    app: Flask, installation: Installation, reference: str, missing: dict[str, str], sentence: str
) -> None:
    ben = signed_in(app, "ben")
    answer = sent(ben, reference, "offer", **{**OFFER, "note": "Typed at length.", **missing})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Typed at length." in answer.text
    assert make.rows(installation, Referral) == []


def test_what_asks_others_answers_like_what_is_not_there(app: Flask, reference: str) -> None:
    ben = signed_in(app, "ben")
    sent(ben, reference, "offer", **OFFER)
    for path in ("/desk/referrals/{}", "/desk/referrals/{}/files/1"):
        foreign, absent = (ben.opens(path.format(number)) for number in ("1", "999"))
        assert (foreign.status_code, foreign.text) == (absent.status_code, absent.text)
        assert foreign.status_code == 404
    token = ben.form(reference, "note")["csrf_token"]
    for act in ("accept", "decline"):
        answers = [
            ben.client.post(f"/desk/referrals/{number}/{act}", data={"csrf_token": token, "reason": "x"})
            for number in ("1", "999", "x" * 5000)
        ]
        assert {(one.status_code, one.text) for one in answers} == {(404, ben.opens("/desk/referrals/999").text)}


def test_a_form_from_elsewhere_changes_nothing(app: Flask, installation: Installation, reference: str) -> None:
    sent(signed_in(app, "ben"), reference, "offer", **OFFER)
    carl = signed_in(app, "carl")
    assert carl.client.post("/desk/referrals/1/accept", data={"queue": "border"}).status_code == 403
    assert the_only(installation).state is ReferralState.OFFERED


def test_declining_needs_a_reason(app: Flask, installation: Installation, reference: str) -> None:
    ben, carl = signed_in(app, "ben"), signed_in(app, "carl")
    sent(ben, reference, "offer", **OFFER)
    form = Page(carl.opens("/desk/referrals/1")).forms["decline"]
    refused = carl.client.post("/desk/referrals/1/decline", data={**form, "reason": "  "})
    assert (refused.status_code, the_only(installation).state) == (422, ReferralState.OFFERED)
    assert carl.client.post("/desk/referrals/1/decline", data={**form, "reason": "Not ours."}).status_code == 303
    assert "Not ours." in ben.case(reference).text
    again = carl.client.post("/desk/referrals/1/accept", data={**form, "queue": "border"})
    assert again.status_code == 422
    assert "This offer was declined." in again.text


# ── by link ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def token(app: Flask, installation: Installation, reference: str) -> str:
    """The token of a link that the port police sent to the zoo."""
    assert sent(signed_in(app, "ben"), reference, "offer", **BY_LINK).status_code == 303
    return the_token(installation)


def enters(browser: FlaskClient, token: str) -> TestResponse:
    browser.post("/referral", data={"access_code": token})
    return browser.get("/referral")


def does(browser: FlaskClient, act: str, text: str = "") -> TestResponse:
    form = Page(browser.get("/referral")).forms.get(act, {})
    return browser.post(f"/referral/{act}", data={**form, "text": text})


def test_a_link_opens_the_copy_alone(
    client: FlaskClient, app: Flask, installation: Installation, reference: str, token: str
) -> None:
    page = enters(client, token.lower())
    assert make.OPEN_FENCE in page.text
    assert reference not in page.text
    assert does(client, "accept").status_code == 303
    with installation.database.reading() as session:
        case = session.exec(select(Case).where(Case.reference == reference)).one()
        assert (case.status, case.away_at is not None) == (CaseStatus.REFERRED, True)
    ben = signed_in(app, "ben")
    assert sent(ben, reference, "answer", text="The zoo is coming.").status_code == 303
    assert does(client, "write", "We come at three.").status_code == 303
    assert "We come at three." in ben.case(reference).text
    assert does(client, "complete", "").status_code == 422
    assert does(client, "complete", "Caught.").status_code == 303
    over = client.get("/referral").text
    assert "You completed this." in over
    assert make.OPEN_FENCE not in over
    assert client.get("/desk").status_code == 303


def test_a_link_that_opens_nothing_says_one_thing(
    client: FlaskClient, app: Flask, installation: Installation, reference: str, token: str
) -> None:
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    answers = {client.post("/referral", data={"access_code": one}).text for one in (forged, "", "x" * 9000, "\0", "é")}
    enters(client, token)
    fields = Page(client.get("/referral")).forms["decline"]
    ben = signed_in(app, "ben")
    assert sent(ben, reference, "take-back", reason="A mistake.").status_code == 303
    answers |= {client.post("/referral/decline", data={**fields, "text": "x"}).text, enters(client, token).text}
    answers.discard(client.get("/referral").text)
    answers.add(client.post("/referral", data={"access_code": token}).text)
    assert len(answers) == 1
    assert "This link opens nothing" in answers.pop()
    assert the_only(installation).state is ReferralState.REVOKED


def test_a_link_ends_with_its_offer(client: FlaskClient, installation: Installation, token: str) -> None:
    enters(client, token)
    with installation.database.transaction() as session:
        one = session.exec(select(Referral)).one()
        one.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        session.add(one)
    assert "This link opens nothing" in client.get("/referral").text
    assert does(client, "accept").status_code == 422
    assert the_only(installation).state is ReferralState.OFFERED
    assert referrals.lapse_due(installation.database, datetime.now(UTC)) == 1


def test_a_form_of_a_link_works_from_its_own_page_only(
    client: FlaskClient, installation: Installation, token: str
) -> None:
    enters(client, token)
    assert client.post("/referral/accept", data={"token": "x"}).status_code == 403
    assert client.post("/referral/dance", data={"token": "x"}).status_code == 404
    assert the_only(installation).state is ReferralState.OFFERED


def test_no_token_is_in_a_log(client: FlaskClient, token: str, capfd: pytest.CaptureFixture[str]) -> None:
    enters(client, token)
    assert token not in "".join(capfd.readouterr())
