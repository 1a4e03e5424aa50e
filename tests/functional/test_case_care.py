"""The case page beyond its first acts: corrections, ready replies, escalation, incidents, two officers at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from engage import looks
from engage.cli.lexicon import lexicon
from engage.installation import Installation
from engage.models import Authority, Case, CaseEvent, Correction, Look, Outgoing, ReadyReply, Staff
from engage.taxonomy import Category, Severity
from engage.triage.scoring import read_cases
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in
from tests.functional.test_site_loading import use_settings


@pytest.fixture
def ana(app: Flask) -> Desk:
    return signed_in(app, "ana")


@pytest.fixture
def reference(installation: Installation, port: make.Port) -> str:
    return make.report(installation, make.GUN).reference


def stored(installation: Installation) -> Case:
    (case,) = make.rows(installation, Case)
    assert isinstance(case, Case)
    return case


CORRECTION = {"category": "drone", "severity": "high", "reason": "It was a toy", "misled-1": "gun", "words": "toy"}


def test_a_correction_changes_the_case_and_is_kept(ana: Desk, installation: Installation, reference: str) -> None:
    assert ana.acts(reference, "correct", ana.form(reference, "reclassify"), **CORRECTION).status_code == 303
    (kept,) = make.rows(installation, Correction)
    assert (kept.said_category, kept.said_severity) == (Category.WEAPON_ATTACK, Severity.CRITICAL)
    assert (kept.category, kept.severity, kept.reason) == (Category.DRONE, Severity.HIGH, "It was a toy")
    assert set(kept.words.split(", ")) >= {"gun", "toy"}
    case = stored(installation)
    assert (case.category, case.severity) == (Category.DRONE, Severity.HIGH)
    page = ana.case(reference).text
    assert "Officer Ana says that triage was wrong, misled by “" in page
    assert "changed it from Weapon or attack, Critical to Drone, High: It was a toy" in page


def test_words_alone_can_be_corrected(ana: Desk, installation: Installation, reference: str) -> None:
    as_is = {"category": "weapon_attack", "severity": "critical", "reason": "A film is made"}
    form = {name: value for name, value in ana.form(reference, "reclassify").items() if not name.startswith("misled")}
    refused = ana.acts(reference, "correct", form, **as_is)
    assert refused.status_code == 422
    assert "name the words that misled triage" in refused.text
    assert Page(refused).forms["reclassify"]["reason"] == "A film is made"
    assert ana.acts(reference, "correct", {**form, "key": ""}, words="shooting", **as_is).status_code == 303
    assert stored(installation).category is Category.WEAPON_ATTACK


def test_corrections_become_labelled_messages(
    ana: Desk,
    app: Flask,
    installation: Installation,
    reference: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    ana.acts(reference, "correct", ana.form(reference, "reclassify"), **CORRECTION)
    sealed = make.report(installation, make.BRIBE).reference
    ida = signed_in(app, "ida")
    ida.acts(sealed, "correct", ida.form(sealed, "reclassify"), category="cyber", severity="low", reason="No")
    use_settings(installation, monkeypatch)
    refused = CliRunner().invoke(lexicon, ["corrections"])
    assert refused.exit_code == 2
    assert "--with-texts" in refused.output
    file = tmp_path / "corrected.jsonl"
    written = CliRunner().invoke(lexicon, ["corrections", "--with-texts", "--to", str(file)])
    assert written.exit_code == 0, written.output
    assert "1 of a sealed queue is left out" in written.output
    (case,) = read_cases(file)
    assert (case.text, case.category, case.severity) == (make.GUN, Category.DRONE, Severity.HIGH)
    assert "Ana" not in file.read_text()
    assert "toy" not in json.loads(file.read_text())


def test_supervisors_see_how_often_staff_agree(
    ana: Desk, app: Flask, installation: Installation, reference: str
) -> None:
    make.report(installation, make.GUN)
    for one in make.rows(installation, Case):
        ana.acts(one.reference, "claim")
    ana.acts(reference, "correct", ana.form(reference, "reclassify"), **CORRECTION)
    page = signed_in(app, "sue").opens("/desk/corrections").text
    assert "It was a toy" in page
    assert "50\u202f%" in page or "50 %" in page or "50%" in page
    assert ana.opens("/desk/corrections").status_code == 404


@pytest.fixture
def replies(installation: Installation, port: make.Port) -> None:
    with installation.database.transaction() as session:
        customs = session.connection().execute(sa.select(Authority.id).where(Authority.slug == "customs")).scalar_one()  # type: ignore[call-overload,arg-type]
        session.add(ReadyReply(slug="coming", texts={"en": "We are coming.", "fr": "Nous arrivons."}))
        session.add(ReadyReply(slug="gun", category=Category.WEAPON_ATTACK, texts={"en": "Hide."}))
        session.add(ReadyReply(slug="drone", category=Category.DRONE, texts={"en": "Look up."}))
        session.add(ReadyReply(slug="theirs", authority_id=customs, texts={"en": "Declare it."}))


def test_ready_replies_are_those_for_the_case_in_both_languages(
    app: Flask, installation: Installation, port: make.Port, replies: None
) -> None:
    french = make.report(installation, "Un homme avec un fusil tire sur les gens", language="fr").reference
    page = signed_in(app, "ana").case(french).text
    for said in ("We are coming.", "Nous arrivons.", "Hide.", "Français"):
        assert said in page
    assert page.index("Hide.") < page.index("We are coming.")
    assert "Look up." not in page
    assert "Declare it." not in page


def test_a_ready_reply_fills_the_answer_box_without_scripts(ana: Desk, reference: str, replies: None) -> None:
    form = ana.form(reference, "answer")
    filled = ana.acts(reference, "ready", form, text="Hello.", reply="coming")
    assert filled.status_code == 200
    forms = Page(filled).forms
    assert forms["answer"]["text"] == "Hello.\n\nWe are coming."
    assert forms["note"]["text"] == ""
    assert 'aria-invalid="true"' not in filled.text
    assert Page(ana.acts(reference, "ready", form, text="Kept.", reply="no-such")).forms["answer"]["text"] == "Kept."
    assert ana.acts(reference, "answer", forms["answer"]).status_code == 303


def test_escalating_tells_the_supervisors_without_a_word_of_it(
    ana: Desk, installation: Installation, reference: str, port: make.Port
) -> None:
    with installation.database.transaction() as session:
        sue = session.get_one(Staff, port.staff["sue"])
        sue.mailbox = "sue@port.example"
        session.add(sue)
    before = len(make.rows(installation, Outgoing))
    assert ana.acts(reference, "escalate", reason="I cannot decide this").status_code == 303
    (mail,) = make.rows(installation, Outgoing)[before:]
    assert mail.recipient == "sue@port.example"
    assert reference in mail.subject
    assert "gun" not in mail.body + mail.subject
    assert stored(installation).escalation == 1
    page = ana.case(reference).text
    assert "Officer Ana escalated the case: I cannot decide this" in page
    assert ">Escalated</span>" in page


def test_without_a_supervisors_address_the_unit_is_told_and_the_sealed_stays_inside(
    app: Flask, installation: Installation, port: make.Port
) -> None:
    with installation.database.transaction() as session:
        sue = session.get_one(Staff, port.staff["sue"])
        sue.mailbox = "sue@port.example"
        session.add(sue)
    sealed = make.report(installation, make.BRIBE).reference
    before = len(make.rows(installation, Outgoing))
    signed_in(app, "ida").acts(sealed, "escalate", reason="One of us")
    assert {mail.recipient for mail in make.rows(installation, Outgoing)[before:]} == {"integrity@port.example"}


def test_an_incident_is_designated_and_taken_back(ana: Desk, installation: Installation, reference: str) -> None:
    ana.acts(reference, "designate")
    assert stored(installation).incident_at is not None
    page = ana.case(reference).text
    assert ">Incident</span>" in page
    assert "Officer Ana designated the case as an incident." in page
    ana.acts(reference, "designate")  # its form says that it is to be taken back
    assert stored(installation).incident_at is None
    assert "Officer Ana took back that the case is an incident." in ana.case(reference).text


def test_two_officers_at_a_case_see_each_other(app: Flask, ana: Desk, reference: str) -> None:
    assert "is looking" not in ana.case(reference).text
    sue = signed_in(app, "sue")
    assert "Officer Ana is looking at this case." in sue.case(reference).text
    token = sue.form(reference, "note")["csrf_token"]
    heard = sue.acts(reference, "look", {"csrf_token": token}, typing="1", version="1").get_json()
    assert heard == {"said": ["Officer Ana is looking at this case."], "changed": ""}
    assert "Officer Sue is looking at this case, and writing." in ana.case(reference).text
    ana.acts(reference, "claim")
    heard = sue.acts(reference, "look", {"csrf_token": token}, version="1").get_json()
    assert heard["changed"] == "This case has changed since you opened it: Officer Ana took the case."
    sue.acts(reference, "look", {"csrf_token": token}, leaving="1")
    assert "Officer Sue" not in ana.case(reference).text


def test_a_look_ends_by_itself(installation: Installation, ana: Desk, reference: str, port: make.Port) -> None:
    ana.case(reference)
    (look,) = make.rows(installation, Look)
    with installation.database.reading() as session:
        for later, seen in ((timedelta(), 1), (looks.LASTS, 0)):
            assert len(looks.others(session, look.case_id, port.staff["sue"], look.looked_at + later)) == seen


def test_a_stale_write_shows_what_was_what_is_and_what_was_wanted(app: Flask, ana: Desk, reference: str) -> None:
    form = ana.form(reference, "reclassify")
    sue = signed_in(app, "sue")
    sue.acts(reference, "reclassify", category="disorder", severity="low", reason="Only loud")
    sue.acts(reference, "claim")
    answer = ana.acts(reference, "reclassify", form, category="drone", severity="high", reason="A toy")
    assert answer.status_code == 409
    rows = answer.text[answer.text.index('class="compared"') : answer.text.index("</table>")]
    for label, *values in (
        ("Category", "Weapon or attack", "Disorder", "Drone"),
        ("Severity", "Critical", "Low", "High"),
        ("Held by", "Nobody", "Officer Sue", "–"),
    ):
        at = rows.index(f">{label}</th>")
        for value in values:
            at = rows.index(f">{value}</td>", at)
    assert Page(answer).forms["reclassify"]["reason"] == "A toy"


@pytest.mark.parametrize("carried", ["", "{", "[]", '{"status": 7}', "null", '"x"', "[" * 5000])
def test_what_a_form_carries_is_believed_in_nothing(app: Flask, ana: Desk, reference: str, carried: str) -> None:
    form = ana.form(reference, "claim")
    signed_in(app, "sue").acts(reference, "claim")
    assert ana.acts(reference, "wait", {**form, "was": carried}).status_code == 409


def test_deciding_words_have_a_text_beside_their_colour(ana: Desk, reference: str) -> None:
    page = ana.case(reference)
    assert page.text.count("(speaks for it)") == len([1 for side, _ in Page(page).marked if side == "for"])
    assert page.text.index('class="because"') < page.text.index("<blockquote")


def test_the_history_names_every_new_act(ana: Desk, installation: Installation, reference: str) -> None:
    ana.acts(reference, "escalate", reason="x")
    ana.acts(reference, "designate")
    now = datetime.now(UTC)
    lines = [row for row in make.rows(installation, CaseEvent) if row.at > now - timedelta(minutes=5)]
    assert {row.what for row in lines} == {"escalated", "designated"}
