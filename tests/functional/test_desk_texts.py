"""The desk and reporters who text: how they are called, how far answers got, what came with their words."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from engage import attachments, files, labels
from engage.installation import Installation
from engage.models import Attachment, CaseEvent, Contact, Outgoing
from engage.taxonomy import AttachmentStatus, Carrier, Happening, OutgoingStatus
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in
from tests.functional.test_files import CANARY, photo
from tests.functional.test_hearing import NUMBER, Phone

PICTURE = ("https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0", "image/jpeg")


@pytest.fixture
def ana(app: Flask) -> Desk:
    return signed_in(app, "ana")


def texting(installation: Installation, carrier: Carrier = Carrier.SMS, words: str = make.GUN) -> tuple[Phone, str]:
    """A phone that has just reported something at the gate, and the report's reference."""
    phone = Phone(installation, carrier=carrier)
    phone.now = datetime.now(UTC) - timedelta(minutes=2)
    reference = phone.texts(f"B7K4X {words}").reference
    assert reference
    return phone, reference


def read(desk: Desk, reference: str) -> str:
    answer = desk.case(reference)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def changed(installation: Installation, table: type[Any], **values: object) -> None:
    with installation.database.transaction() as session:
        session.connection().execute(sa.update(table).values(**values))


@pytest.mark.parametrize(
    ("carrier", "called"), [(Carrier.SMS, "SMS reporter"), (Carrier.WHATSAPP, "WhatsApp reporter")]
)
def test_staff_see_how_a_reporter_writes_and_never_the_number(
    ana: Desk, installation: Installation, carrier: Carrier, called: str
) -> None:
    _, reference = texting(installation, carrier)
    page = read(ana, reference)
    assert called in page
    assert NUMBER not in page
    assert NUMBER[1:] not in page


STATES = [(status, labels.SENDINGS[status]) for status in OutgoingStatus]


@pytest.mark.parametrize(("status", "said"), STATES)
def test_each_message_says_how_far_it_got(
    ana: Desk, installation: Installation, status: OutgoingStatus, said: str
) -> None:
    _, reference = texting(installation)
    changed(installation, Outgoing, status=status, problem="The phone is off.")
    page = read(ana, reference)
    assert f"SMS: <b>{said}</b>" in page
    assert ("The phone is off." in page) is (status is not OutgoingStatus.DELIVERED)


def test_a_code_of_the_provider_is_said_in_words(ana: Desk, installation: Installation) -> None:
    _, reference = texting(installation)
    changed(installation, Outgoing, status=OutgoingStatus.UNDELIVERED, problem=None, error_code=30005)
    assert "The recipient's number is not in use." in read(ana, reference)


def test_an_answer_shows_its_way_to_the_phone(ana: Desk, installation: Installation) -> None:
    _, reference = texting(installation)
    ana.acts(reference, "answer", text="We are coming.")
    page = read(ana, reference)
    assert page.index("We are coming.") < page.rindex("SMS: <b>Waiting to be sent</b>")


def test_whatsapp_says_how_long_it_takes_answers(ana: Desk, installation: Installation) -> None:
    _, reference = texting(installation, Carrier.WHATSAPP)
    assert "WhatsApp takes answers for another 23 h." in read(ana, reference)
    changed(installation, Contact, heard_at=datetime.now(UTC) - timedelta(hours=25))
    page = read(ana, reference)
    assert "only within 24 hours" in page
    assert "segments.js" not in page


def test_a_reporter_who_wants_no_texts_is_shown_as_such(ana: Desk, installation: Installation) -> None:
    phone, reference = texting(installation)
    assert "Asked for no more texts" not in read(ana, reference)
    phone.texts("STOP")
    page = read(ana, reference)
    assert "Asked for no more texts" in page
    assert "The reporter asked for no more texts." in page
    ana.acts(reference, "answer", text="We are coming.")
    page = read(ana, reference)
    assert "<b>Needs a person</b>" in page
    assert "A message was not delivered: The reporter has asked for no more texts." in page


def test_a_phone_that_is_not_safe_is_shown_as_such(ana: Desk, installation: Installation) -> None:
    phone, reference = texting(installation)
    with installation.database.transaction() as session:
        session.connection().execute(sa.text("UPDATE conversations SET state = '{\"safe\": false}'"))
    assert "Not safe to write to" in read(ana, reference)
    assert phone.count == 1


def test_the_count_of_texts_is_there_where_somebody_is_answered_by_text(ana: Desk, installation: Installation) -> None:
    _, reference = texting(installation)
    page = read(ana, reference)
    assert "By text, 160 simple characters make one text" in page
    assert "segments.js" in page
    web = make.report(installation, make.GUN).reference
    assert "160 simple characters" not in read(ana, web)


@pytest.fixture
def pictured(installation: Installation, port: make.Port) -> str:
    """The reference of a report that came with a picture, and went on with another."""
    phone = Phone(installation)
    reference = phone.texts(f"B7K4X {make.GUN}", pictures=(PICTURE,)).reference
    phone.texts("and this", pictures=(PICTURE,))
    assert reference
    return reference


def stored(installation: Installation, content_type: str = "audio/amr", content: bytes = b"#!AMR a voice") -> int:
    """Fetch the first file, as a worker does; gives its id."""
    with installation.database.transaction() as session:
        errand = attachments.claim(session, datetime.now(UTC))
        assert errand
        attachments.store(session, installation.vault, errand, files.examine(content), content_type)
    return errand.id


def test_files_say_what_they_are_and_can_be_saved(ana: Desk, installation: Installation, pictured: str) -> None:
    number = stored(installation)
    page = read(ana, pictured)
    assert "audio/amr</bdi> · 1 kB · Stored" in page
    assert page.count("Being fetched") == 1
    answer = ana.opens(f"/desk/cases/{pictured}/files/{number}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"#!AMR a voice", "audio/amr")
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{pictured}-{number}')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_picture_that_came_by_text_is_shown_as_it_was_drawn_anew(
    ana: Desk, installation: Installation, pictured: str
) -> None:
    number = stored(installation, "image/jpeg", photo())
    page = read(ana, pictured)
    assert f"/desk/cases/{pictured}/files/{number}/small" in page
    answer = ana.opens(f"/desk/cases/{pictured}/files/{number}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert CANARY.encode() not in answer.data
    assert stored(installation, "image/jpeg", b"\xff\xd8 no picture") != number
    assert "could not be read" in read(ana, pictured)


@pytest.mark.parametrize("kind", ["text/html\r\nSet-Cookie: a=b", "nonsense", "", "audio/AMR; x"])
def test_an_odd_kind_is_saved_as_plain_bytes(ana: Desk, installation: Installation, pictured: str, kind: str) -> None:
    number = stored(installation, kind)
    assert ana.opens(f"/desk/cases/{pictured}/files/{number}").mimetype == "application/octet-stream"


def test_a_file_that_cannot_be_fetched_says_so(ana: Desk, installation: Installation, pictured: str) -> None:
    changed(installation, Attachment, status=AttachmentStatus.FAILED, problem="gone")
    assert read(ana, pictured).count("Could not be fetched") == 2


def test_what_may_not_be_saved_is_as_absent_as_what_never_was(
    app: Flask, ana: Desk, installation: Installation, pictured: str
) -> None:
    number = stored(installation)
    other = make.report(installation, make.GUN).reference
    foreign = make.report(installation, make.IVORY).reference
    answers = [
        ana.opens(f"/desk/cases/{reference}/files/{file}")
        for reference, file in (
            (other, number),
            (foreign, number),
            ("EN-0000-0", number),
            (pictured, number + 1),
            (pictured, "0"),
            (pictured, "9" * 30),
            (pictured, "x"),
        )
    ]
    answers.append(signed_in(app, "carl").opens(f"/desk/cases/{pictured}/files/{number}"))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


def test_every_line_of_the_history_has_its_sentence(ana: Desk, installation: Installation) -> None:
    assert set(labels.HISTORY) == set(Happening)
    _, reference = texting(installation)
    with installation.database.transaction() as session:
        for what in Happening:
            values = {"case_id": 1, "at": make.NOON, "staff_id": None, "what": what, "details": {}}
            session.connection().execute(sa.insert(CaseEvent).values(**values))
    page = read(ana, reference)
    for said in ("asks for a person", "says that it is dealt with", "says that it is not dealt with", "goes on by –"):
        assert said in page


def test_the_words_of_every_state_are_different() -> None:
    for words in (labels.SENDINGS, labels.ATTACHMENTS, labels.TEXTERS):
        assert len(set(words.values())) == len(words)


def test_the_forms_of_a_case_by_text_are_whole(ana: Desk, installation: Installation) -> None:
    _, reference = texting(installation)
    assert {"answer", "note", "claim"} <= set(Page(ana.case(reference)).forms)
