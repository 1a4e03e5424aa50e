"""Seeing a reporter's number: a reason, a second person where the authority wants one, one look, and they are told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from engage import contact_view, contacts, identities
from engage.acting import Refused
from engage.cases import CaseMissing
from engage.contacts import Sender
from engage.installation import Installation
from engage.models import AuditEntry, Authority, ContactOpening, Report
from engage.taxonomy import Act, Carrier
from tests import make
from tests.functional.staff_browser import Desk, signed_in

PHONE = "+447700900123"
WHY = "They are hurt and must be called."


@pytest.fixture
def reference(installation: Installation, port: make.Port) -> str:
    """A case of the marine unit whose reporter wrote from a phone."""
    return reachable(installation, make.OPEN_FENCE, code=port.codes["berth"])


def reachable(installation: Installation, text: str, **others: str | None) -> str:
    receipt = make.report(installation, text, **others)  # type: ignore[arg-type]
    with installation.database.transaction() as session:
        report = session.exec(select(Report).where(Report.reference == receipt.reference)).one()
        sender = Sender(Carrier.SMS, PHONE, make.OUR_NUMBERS[0], True)
        kept = contacts.keep(session, installation.vault, sender, make.NOON)
        contacts.tie(session, report.id or 0, kept.id or 0)
    return receipt.reference


def want_two(installation: Installation) -> None:
    with installation.database.transaction() as session:
        for authority in session.exec(select(Authority)):
            authority.two_persons_for_contacts = True
            session.add(authority)


def acts(installation: Installation) -> list[str]:
    return [one.act for one in make.rows(installation, AuditEntry) if one.act.startswith("contact.")]


def ask(session: Session, installation: Installation, port: make.Port, reference: str, login: str = "ben") -> int:
    return identities.ask(
        session, installation, port.officer(session, login), reference, make.NOON, contact_id=1, reason=WHY
    )


def see(
    session: Session,
    installation: Installation,
    port: make.Port,
    reference: str,
    number: int,
    now: datetime = make.NOON,
    login: str = "ben",
) -> str:
    officer = port.officer(session, login)
    return identities.open_contact(session, installation, officer, reference, now, opening_id=number)


def test_alone_it_is_asked_for_and_seen_once(installation: Installation, port: make.Port, reference: str) -> None:
    with installation.database.transaction() as session:
        number = ask(session, installation, port, reference)
        assert see(session, installation, port, reference, number) == PHONE
        with pytest.raises(Refused, match="seen already"):
            see(session, installation, port, reference, number)
    assert acts(installation) == [Act.CONTACT_OPENED]
    (entry,) = [one for one in make.rows(installation, AuditEntry) if one.act == Act.CONTACT_OPENED]
    assert (entry.reason, entry.about) == (WHY, f"case:{reference}")
    assert PHONE not in entry.details + entry.reason


def test_a_second_person_consents(installation: Installation, port: make.Port, reference: str) -> None:
    want_two(installation)
    with installation.database.transaction() as session:
        number = ask(session, installation, port, reference)
        assert ask(session, installation, port, reference) == number
        with pytest.raises(Refused, match="consented"):
            see(session, installation, port, reference, number)
        ben, sue = port.officer(session, "ben"), port.officer(session, "sue")
        with pytest.raises(Refused, match="second person"):
            identities.decide(session, ben, reference, make.NOON, opening_id=number, allow=True)
        identities.decide(session, sue, reference, make.NOON, opening_id=number, allow=True)
        with pytest.raises(Refused, match="decided already"):
            identities.decide(session, sue, reference, make.NOON, opening_id=number, allow=False)
        with pytest.raises(Refused, match="Only who asked"):
            see(session, installation, port, reference, number, login="sue")
        with pytest.raises(Refused, match="hour old"):
            see(session, installation, port, reference, number, make.NOON + timedelta(minutes=61))
        assert see(session, installation, port, reference, number, make.NOON + timedelta(minutes=59)) == PHONE
    assert acts(installation) == [Act.CONTACT_ASKED, Act.CONTACT_ALLOWED, Act.CONTACT_OPENED]


def test_a_refusal_holds(installation: Installation, port: make.Port, reference: str) -> None:
    want_two(installation)
    with installation.database.transaction() as session:
        number = ask(session, installation, port, reference)
        sue = port.officer(session, "sue")
        identities.decide(session, sue, reference, make.NOON, opening_id=number, allow=False)
        with pytest.raises(Refused, match="consented"):
            see(session, installation, port, reference, number)
    assert acts(installation) == [Act.CONTACT_ASKED, Act.CONTACT_REFUSED]


def test_an_old_asking_is_not_consented_to(installation: Installation, port: make.Port, reference: str) -> None:
    want_two(installation)
    with installation.database.transaction() as session:
        number = ask(session, installation, port, reference)
        with pytest.raises(Refused, match="a day ago"):
            identities.decide(
                session,
                port.officer(session, "sue"),
                reference,
                make.NOON + timedelta(hours=25),
                opening_id=number,
                allow=True,
            )


@pytest.mark.parametrize("login", ["ana", "ida", "carl"])
def test_who_does_not_work_the_queue_sees_nothing(
    installation: Installation, port: make.Port, reference: str, login: str
) -> None:
    with pytest.raises(CaseMissing), installation.database.transaction() as session:
        ask(session, installation, port, reference, login)
    assert make.rows(installation, ContactOpening) == []


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_without_a_reason_nothing_is_asked(
    installation: Installation, port: make.Port, reference: str, reason: str
) -> None:
    with pytest.raises(Refused), installation.database.transaction() as session:
        ben = port.officer(session, "ben")
        identities.ask(session, installation, ben, reference, make.NOON, contact_id=1, reason=reason)
    assert make.rows(installation, ContactOpening) == []


def test_a_contact_of_another_case_is_none_of_this_one(
    installation: Installation, port: make.Port, reference: str
) -> None:
    with pytest.raises(Refused), installation.database.transaction() as session:
        ben = port.officer(session, "ben")
        identities.ask(session, installation, ben, reference, make.NOON, contact_id=99, reason=WHY)


def told(installation: Installation, reference: str) -> list[contact_view.Seen]:
    with installation.database.reading() as session:
        report = session.exec(select(Report).where(Report.reference == reference)).one()
        return contact_view.seen_by_staff(session, report)


def test_the_reporter_reads_when_by_whom_and_why(
    installation: Installation, port: make.Port, reference: str, app: Flask
) -> None:
    with installation.database.transaction() as session:
        see(session, installation, port, reference, ask(session, installation, port, reference))
    (one,) = told(installation, reference)
    assert (one.at, one.reason) == (make.NOON, WHY)
    assert one.authority


def test_in_a_quiet_matter_they_read_only_when(installation: Installation, port: make.Port) -> None:
    reference = reachable(installation, make.BRIBE)
    with installation.database.transaction() as session:
        see(session, installation, port, reference, ask(session, installation, port, reference, "ida"), login="ida")
    assert told(installation, reference) == [contact_view.Seen(make.NOON)]


def page(desk: Desk, reference: str, act: str, **typed: str) -> tuple[int, str]:
    form = desk.opens(f"/desk/cases/{reference}/contacts").text
    token = form.split('name="csrf_token" value="')[1].split('"')[0]
    answer = desk.client.post(
        f"/desk/cases/{reference}/contacts/{act}",
        data={"csrf_token": token, "step_up_password": make.PASSWORD, **typed},
    )
    return answer.status_code, answer.text


def test_the_page_shows_a_number_only_in_answer_to_the_form(
    app: Flask, installation: Installation, reference: str
) -> None:
    ben = signed_in(app, "ben")
    assert PHONE not in ben.opens(f"/desk/cases/{reference}/contacts").text
    status, text = page(ben, reference, "ask", contact="1", reason="")
    assert (status, "Give a reason" in text, PHONE in text) == (422, True, False)
    status, text = page(ben, reference, "ask", contact="1", reason=WHY)
    assert (status, PHONE in text) == (200, True)
    assert PHONE not in ben.opens(f"/desk/cases/{reference}/contacts").text
    assert PHONE not in ben.case(reference).text


def test_two_people_do_it_by_their_pages(app: Flask, installation: Installation, reference: str) -> None:
    want_two(installation)
    ben, sue = signed_in(app, "ben"), signed_in(app, "sue")
    assert page(ben, reference, "ask", contact="1", reason=WHY)[0] == 303
    assert "A colleague asks for your consent" in sue.case(reference).text
    assert "A colleague asks for your consent" not in ben.case(reference).text
    assert page(ben, reference, "decide", asking="1", answer="yes")[0] == 422
    assert page(sue, reference, "decide", asking="1", answer="yes")[0] == 303
    assert PHONE not in page(sue, reference, "see", asking="1")[1]
    assert PHONE in page(ben, reference, "see", asking="1")[1]
    assert PHONE not in page(ben, reference, "see", asking="1")[1]


def test_without_our_form_nothing_is_seen(app: Flask, installation: Installation, reference: str) -> None:
    ben = signed_in(app, "ben")
    answer = ben.client.post(f"/desk/cases/{reference}/contacts/ask", data={"contact": "1", "reason": WHY})
    assert answer.status_code == 403
    assert make.rows(installation, ContactOpening) == []


def test_the_thread_says_it_and_shows_the_proof(
    app: Flask, installation: Installation, port: make.Port, reference: str, client: FlaskClient
) -> None:
    receipt = make.report(installation, make.OPEN_FENCE, code=port.codes["berth"], key="again")
    client.post("/return", data={"access_code": receipt.access_code})
    text = client.get("/thread").text
    assert "Proof that your report is kept" in text
    entry = next(one for one in make.rows(installation, AuditEntry) if one.about == f"case:{receipt.reference}")
    assert entry.hash in text
