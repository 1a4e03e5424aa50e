"""Trying all the same to see a hidden or a sealed case: by words, batches, merges, numbers, spellings."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from engage import audit, numbers, trail
from engage.installation import Installation
from engage.models import Case, Referral
from engage.taxonomy import Act, Category, Handling, ReferralState, Role, Severity
from engage.trail import Asked
from tests import make
from tests.functional.staff_browser import Desk, signed_in

#: Tokens and keys, which are new in every form.
TOKEN = re.compile(r'(value|data-token)="[^"]{24,}"')


@pytest.fixture
def hidden(installation: Installation) -> list[str]:
    """A case of another authority and a sealed one, with words of their own."""
    moment = datetime.now(UTC)
    return [make.report(installation, text, now=moment).reference for text in (make.IVORY, make.BRIBE)]


@pytest.mark.parametrize("login", ["ana", "sue"])
def test_no_page_of_the_desk_names_what_is_hidden(
    app: Flask, installation: Installation, hidden: list[str], login: str
) -> None:
    own = make.report(installation, now=datetime.now(UTC)).reference
    here: Desk = signed_in(app, login)
    pages = [
        "/desk",
        "/desk/queues/all",
        "/desk/queues/all?holder=nobody&status=triaged&category=insider_corruption",
        "/desk/queues/all/changes",
        "/desk/search?q=bribes",
        "/desk/search?q=ivory+pangolins",
        "/desk/undelivered",
        "/desk/watch",
        "/desk/alarms",
        "/desk/referrals",
        "/desk/referrals?which=ours",
        f"/desk/cases/{own}",
        "/desk/numbers",
        "/desk/numbers/categories.csv",
        "/desk/numbers/places.csv?days=7",
        "/desk/corrections",
        "/desk/trail",
        *(f"/desk/search?q={one}" for one in hidden),
        *(f"/desk/trail?case={one}" for one in hidden),
    ]
    for page in pages:
        text = here.opens(page).text
        shown = text.replace(page.rpartition("=")[2], "") if "=EN-" in page else text
        assert not [one for one in hidden if one in shown], page
        assert "pangolins in a container" not in text, page
        assert "lets people through" not in text, page


@pytest.mark.parametrize("spelt", ["{}", " {} ", "{}%00", "{}/", "{}%2F", "./{}", "%2E/{}", "{};x", "{}?x=1"])
def test_no_spelling_of_a_reference_opens_what_is_hidden(app: Flask, hidden: list[str], spelt: str) -> None:
    sue = signed_in(app, "sue")
    for one in hidden:
        for reference in (one, one.lower(), one.replace("-", ""), one.replace("EN", "ＥＮ")):
            for method in ("GET", "HEAD", "POST"):
                answer = sue.client.open(f"/desk/cases/{spelt.format(reference)}", method=method)
                assert answer.status_code in (404, 405), (method, reference)
                assert "pangolins" not in answer.text


def test_batches_and_merges_tell_hidden_cases_from_none_by_nothing(
    app: Flask, installation: Installation, hidden: list[str]
) -> None:
    own = make.report(installation, now=datetime.now(UTC)).reference
    sue = signed_in(app, "sue")
    token = sue.form(own, "note")["csrf_token"]
    before = make.rows(installation, Case)
    told = set()
    for one in (*hidden, "EN-0000-0"):
        for act in ("claim", "assign", "transfer", "close"):
            typed = {"csrf_token": token, "act": act, "case": f"{one}.1", "to": "ben", "queue": "gates"}
            answer = sue.client.post("/desk/batch", data={**typed, "move_reason": "x", "disposition": "advised"})
            told.add((act, answer.status_code, TOKEN.sub("", answer.text.replace(one, "∎"))))
    assert len(told) == 4
    for act, field in (("merge", "other"), ("move", "to"), ("dismiss", "other")):
        answers = set()
        for one in (*hidden, "EN-0000-0"):
            form = sue.form(own, "note")
            typed = {"csrf_token": form["csrf_token"], "version": form.get("version", "1"), "message": "1", field: one}
            answer = sue.client.post(f"/desk/cases/{own}/{act}", data=typed)
            answers.add((answer.status_code, TOKEN.sub("", answer.text.replace(one, "∎"))))
        assert len(answers) == 1, act
    assert make.rows(installation, Case) == before


def test_numbers_do_not_change_with_what_is_hidden(app: Flask, installation: Installation, port: make.Port) -> None:
    moment = datetime.now(UTC)
    make.report(installation, now=moment)

    def counted(role: Role) -> Any:
        with installation.database.reading() as session:
            officer = replace(port.officer(session, "sue"), role=role)
            return numbers.read(session, officer, 7, moment).tally

    before = [counted(role) for role in Role]
    for text in (make.IVORY, make.BRIBE):
        make.report(installation, text, now=moment)
    assert [counted(role) for role in Role] == before


def test_the_trail_tells_of_a_sealed_offer_to_members_of_a_sealed_unit_alone(
    installation: Installation, port: make.Port
) -> None:
    reference = make.report(installation, make.BRIBE).reference
    with installation.database.transaction() as session:
        officer = port.officer(session, "ida")
        case_id = session.exec(select(Case.id).where(Case.reference == reference)).one()
        for is_sealed in (True, False):
            offer = Referral(
                case_id=case_id or 0,
                from_authority_id=officer.authority_id,
                to_authority_id=officer.authority_id,
                state=ReferralState.DECLINED,
                category=Category.INSIDER_CORRUPTION,
                severity=Severity.LOW,
                purpose="",
                handling=Handling.RED,
                offered_at=make.NOON,
                expires_at=make.NOON,
                changed_at=make.NOON,
                is_sealed=is_sealed,
            )
            session.add(offer)
            session.flush()
            audit.record(
                session,
                now=make.NOON,
                act=Act.REFERRAL_READ,
                staff_id=officer.staff_id,
                authority_id=officer.authority_id,
                about=f"referral:{offer.id}",
            )

    def told(login: str) -> list[str]:
        with installation.database.reading() as session:
            page = trail.read_page(session, port.officer(session, login), Asked(act=Act.REFERRAL_READ))
            return sorted(line.about for line in page.lines)

    assert (told("ida"), told("sue")) == (["referral:1", "referral:2"], ["referral:2"])
