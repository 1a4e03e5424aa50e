"""Moving a reporter's message to the case it belongs to: nothing is lost, doubled, or shown to somebody else."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engage import case_file, intake, reports
from engage.doing import TextArrival
from engage.hearing import take_text
from engage.installation import Installation
from engage.intake import MessageArrival
from engage.models import Arrival, Attachment, Case, CaseEvent, Message, Report
from engage.taxonomy import Channel, Direction, Happening
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in
from tests.functional.test_hearing import Phone

GUN = f"B7K4X {make.GUN}"
WORDS = "the man also stole my suitcase yesterday"
PICTURE = ("https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0", "image/jpeg")


@pytest.fixture
def ana(app: Flask) -> Desk:
    return signed_in(app, "ana")


@pytest.fixture
def phone(installation: Installation, port: make.Port) -> Phone:
    """A phone that reported a man with a gun, and then something else in the same conversation."""
    found = Phone(installation)
    found.now = datetime.now(UTC) - timedelta(minutes=30)
    found.texts(GUN)
    found.texts(WORDS, pictures=(PICTURE,))
    return found


def message(installation: Installation, words: str = WORDS) -> Message:
    (found,) = [one for one in make.rows(installation, Message) if one.text == words]
    return found


def first(installation: Installation) -> Case:
    return make.rows(installation, Case)[0]


def moves(desk: Desk, case: Case, message_id: int | None, **typed: str) -> TestResponse:
    form = {**desk.form(case.reference, "note"), "message": str(message_id)}
    return desk.acts(case.reference, "move", {**form, **typed})


def thread(installation: Installation, report: Report) -> list[str]:
    """What the reporter of a report reads."""
    with installation.database.reading() as session:
        return [said.text for said in reports.read_thread(session, report.access_hash).messages]


def seen(desk: Desk, reference: str) -> str:
    answer = desk.case(reference)
    assert answer.status_code == 200
    shown = re.sub(r'</mark><span class="unseen">[^<]*</span>', "", answer.text)
    return re.sub(r"</?mark[^>]*>", "", html.unescape(shown))


def happened(installation: Installation, case: Case) -> list[Happening]:
    return [line.what for line in make.rows(installation, CaseEvent) if line.case_id == case.id]


def test_a_message_becomes_a_case_of_its_own(ana: Desk, phone: Phone, installation: Installation) -> None:
    old = first(installation)
    assert moves(ana, old, message(installation).id, new="1").status_code == 303
    new, report = make.rows(installation, Case)[-1], make.rows(installation, Report)[-1]
    assert (new.queue_id, new.authority_id, new.reporter_waits) == (old.queue_id, old.authority_id, True)
    assert (report.case_id, report.text, report.reference) == (new.id, WORDS, new.reference)
    assert (message(installation).case_id, message(installation).report_id) == (new.id, report.id)
    assert seen(ana, new.reference).count(f">{WORDS}<") == 1
    assert WORDS not in seen(ana, old.reference)
    assert f"Officer Ana moved a message to {new.reference}." in seen(ana, old.reference)
    assert f"Officer Ana moved a message here from {old.reference}." in seen(ana, new.reference)
    assert Happening.MOVED in happened(installation, old)
    assert thread(installation, report) == [WORDS]


def test_the_reporter_then_talks_about_the_new_report(ana: Desk, phone: Phone, installation: Installation) -> None:
    moves(ana, first(installation), message(installation).id, new="1")
    new = make.rows(installation, Case)[-1]
    phone.texts("it was a red suitcase")
    assert message(installation, "it was a red suitcase").case_id == new.id
    ana.acts(new.reference, "answer", text="We look for it.")
    assert "SMS: <b>" in seen(ana, new.reference)


def test_moving_it_back_undoes_it(ana: Desk, phone: Phone, installation: Installation) -> None:
    old = first(installation)
    before = thread(installation, make.rows(installation, Report)[0])
    moves(ana, old, message(installation).id, new="1")
    new = make.rows(installation, Case)[-1]
    assert moves(ana, new, message(installation).id, to=old.reference).status_code == 303
    assert thread(installation, make.rows(installation, Report)[0]) == before
    assert len(make.rows(installation, Report)) == 2
    phone.texts("more of the man")
    assert message(installation, "more of the man").case_id == old.id
    assert moves(ana, old, message(installation).id, to=new.reference.lower()).status_code == 303
    assert len(make.rows(installation, Report)) == 2
    assert thread(installation, make.rows(installation, Report)[1]) == [WORDS]


def test_it_joins_the_report_of_the_same_phone(ana: Desk, phone: Phone, installation: Installation) -> None:
    phone.texts(GUN, after=timedelta(days=2))
    old, other = make.rows(installation, Case)
    assert moves(ana, old, message(installation).id, to=other.reference).status_code == 303
    assert len(make.rows(installation, Report)) == 2
    assert thread(installation, make.rows(installation, Report)[1]).count(WORDS) == 1


def test_it_never_comes_into_the_thread_of_somebody_else(ana: Desk, phone: Phone, installation: Installation) -> None:
    stranger = make.report(installation, make.GUN)
    assert moves(ana, first(installation), message(installation).id, to=stranger.reference).status_code == 303
    theirs, own = make.rows(installation, Report)[1:]
    assert own.case_id == theirs.case_id
    assert own.reference not in (theirs.reference, first(installation).reference)
    assert thread(installation, theirs) == [make.GUN]
    assert thread(installation, own) == [WORDS]
    assert "Report 2 of 2" in seen(ana, stranger.reference)


def test_its_files_and_its_key_go_with_it(ana: Desk, phone: Phone, installation: Installation) -> None:
    kept = [(one.id, one.text) for one in make.rows(installation, Message)]
    moves(ana, first(installation), message(installation).id, new="1")
    new = make.rows(installation, Case)[-1]
    (file,), report = make.rows(installation, Attachment), make.rows(installation, Report)[-1]
    assert file.report_id == report.id
    assert "image/jpeg" in seen(ana, new.reference)
    assert "image/jpeg" not in seen(ana, first(installation).reference)
    (arrival,) = [one for one in make.rows(installation, Arrival) if one.message_id == file.message_id]
    assert arrival.report_id == report.id
    assert [(one.id, one.text) for one in make.rows(installation, Message)] == kept


def test_a_chat_goes_on_in_the_new_report(ana: Desk, installation: Installation, port: make.Port) -> None:
    now = datetime.now(UTC) - timedelta(minutes=9)

    def says(words: str, minute: int) -> None:
        arrival = TextArrival(words, f"chat {minute}", Channel.CHAT, visitor="visitor", code="B7K4X")
        take_text(installation, arrival, now + timedelta(minutes=minute))

    says(make.GUN, 1)
    says(WORDS, 2)
    old = first(installation)
    moves(ana, old, message(installation).id, new="1")
    says("a red one", 3)
    new = make.rows(installation, Case)[-1]
    assert message(installation, "a red one").case_id == new.id
    assert moves(ana, new, message(installation).id, to=old.reference).status_code == 303
    assert message(installation).case_id == old.id


def test_words_of_a_web_form_stay_where_their_code_leads(ana: Desk, installation: Installation) -> None:
    receipt = make.report(installation, make.GUN)
    intake.take_message(installation, MessageArrival(WORDS, "k", access_hash=receipt.access_hash), make.NOON)
    assert "Move to another case" not in seen(ana, receipt.reference)
    answer = moves(ana, first(installation), message(installation).id, new="1")
    assert answer.status_code == 422
    assert "so their words must stay here" in answer.text
    assert len(make.rows(installation, Case)) == 1
    assert message(installation).case_id == 1


def test_a_case_that_may_not_be_seen_is_as_absent_as_none(ana: Desk, phone: Phone, installation: Installation) -> None:
    foreign = make.report(installation, make.IVORY).reference
    sealed = make.report(installation, make.BRIBE).reference
    old = first(installation)
    for reference in (foreign, sealed, "EN-0000-0", "nonsense", "\0"):
        answer = moves(ana, old, message(installation).id, to=reference)
        assert answer.status_code == 422
        assert "You see no case with this reference." in answer.text
    assert message(installation).case_id == old.id
    assert Happening.MOVED not in {line.what for line in make.rows(installation, CaseEvent)}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"to": ""}, "Give the reference of the case"),
        ({"to": "own"}, "That is this case."),
        ({"to": "ended"}, "has ended. Reopen it first."),
        ({"to": "open", "message": "999"}, "That message is not in this case any more."),
        ({"to": "open", "message": "ours"}, "That message is not in this case any more."),
        ({"to": "open", "message": "x"}, "That message is not in this case any more."),
    ],
)
def test_what_cannot_be_moved_says_why(
    ana: Desk, phone: Phone, installation: Installation, typed: dict[str, str], said: str
) -> None:
    old, ended, other = (
        first(installation),
        make.report(installation, make.GUN).reference,
        make.report(installation, make.GUN).reference,
    )
    ana.acts(ended, "close", disposition="spam")
    ours = next(one for one in make.rows(installation, Message) if one.direction is Direction.TO_REPORTER)
    known = {"own": old.reference, "ended": ended, "open": other, "ours": str(ours.id)}
    answer = moves(
        ana, old, message(installation).id, **{name: known.get(value, value) for name, value in typed.items()}
    )
    assert answer.status_code == 422
    assert said in answer.text
    assert message(installation).case_id == old.id


def test_a_refused_move_keeps_what_was_typed_at_its_message(
    ana: Desk, phone: Phone, installation: Installation
) -> None:
    number = message(installation).id
    answer = moves(ana, first(installation), number, to="EN-0000-0")
    assert re.search(rf'<input id="move-{number}"[^>]*value="EN-0000-0"[^>]*aria-invalid', answer.text)
    assert answer.text.count('value="EN-0000-0"') == 1


def test_only_the_reporters_messages_can_be_moved(ana: Desk, phone: Phone, installation: Installation) -> None:
    page = Page(ana.case(first(installation).reference))
    offered = [given["value"] for tag, given in page.tags if tag == "input" and given.get("name") == "message"]
    assert offered == [str(message(installation).id)]


def test_a_case_that_changed_meanwhile_keeps_its_message(
    app: Flask, ana: Desk, phone: Phone, installation: Installation
) -> None:
    old = first(installation)
    form = {**ana.form(old.reference, "note"), "message": str(message(installation).id), "new": "1"}
    signed_in(app, "sue").acts(old.reference, "claim")
    assert ana.acts(old.reference, "move", form).status_code == 409
    assert len(make.rows(installation, Case)) == 1


def test_triage_reads_moved_words_once(ana: Desk, phone: Phone, installation: Installation) -> None:
    moves(ana, first(installation), message(installation).id, new="1")
    with installation.database.reading() as session:
        officer = make.Port(0, {}, {}, {}, {}).officer(session, "ana")
        (one,) = case_file.read(session, officer, make.rows(installation, Case)[-1].reference).reports
    assert one.conversation == ()
    assert one.opening_id == message(installation).id
    assert one.finding is not None
