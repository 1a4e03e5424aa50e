"""Texts and chat: what is written stands in a report once, is answered as it should be, and leaks no number."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from engage import arrivals, chats, contacts, desk, hearing, reports
from engage.contacts import Sender
from engage.dialogue import sentences
from engage.doing import TextArrival
from engage.hearing import Reply
from engage.installation import Installation
from engage.models import (
    Arrival,
    Attachment,
    Case,
    CaseEvent,
    Contact,
    Conversation,
    Message,
    Outgoing,
    Report,
    ReportContact,
    SiteFact,
)
from engage.taxonomy import Carrier, CaseStatus, Category, Channel, Disposition, Happening, OutgoingStatus, Severity
from tests import make

NUMBER, OURS = "+447700900123", "+441632960100"


class Phone:
    """A phone that texts us; each text comes a minute after the one before."""

    def __init__(
        self, installation: Installation, number: str = NUMBER, carrier: Carrier = Carrier.SMS, answerable: bool = True
    ) -> None:
        self.installation, self.now, self.count = installation, make.NOON, 0
        self.sender = Sender(carrier, number, OURS, answerable)

    def texts(self, words: str, after: timedelta = timedelta(minutes=1), **others: object) -> Reply:
        self.now, self.count = self.now + after, self.count + 1
        arrival = TextArrival(
            text=words,
            key=f"{self.sender.address} {self.count}",
            channel=Channel(self.sender.carrier.value),
            sender=self.sender,
            **others,  # type: ignore[arg-type]
        )
        return hearing.take_text(self.installation, arrival, self.now)


@pytest.fixture
def phone(installation: Installation, port: make.Port) -> Phone:
    """A phone in the small port."""
    return Phone(installation)


def only(installation: Installation, model: type) -> object:
    (found,) = make.rows(installation, model)
    return found


def sent(installation: Installation) -> list[Outgoing]:
    """The texts in the outbox, in their order."""
    with installation.database.reading() as session:
        query = select(Outgoing).where(col(Outgoing.carrier) != Carrier.MAIL).order_by(col(Outgoing.id))
        found = list(session.exec(query))
        session.expunge_all()
        return found


def happened(installation: Installation) -> list[Happening]:
    with installation.database.reading() as session:
        return list(session.exec(select(CaseEvent.what).order_by(col(CaseEvent.id))))


def test_a_text_becomes_a_case_with_its_place_and_an_answer(phone: Phone, port: make.Port) -> None:
    reply = phone.texts(f"{port.codes['gate']} black bag alone")
    report, case = only(phone.installation, Report), only(phone.installation, Case)
    assert isinstance(report, Report)
    assert isinstance(case, Case)
    assert (report.text, report.channel, report.place_id) == (
        f"{port.codes['gate']} black bag alone",
        Channel.SMS,
        port.places["gate"],
    )
    assert case.category is Category.UNATTENDED_ITEM
    (text,) = sent(phone.installation)
    assert text.body == reply.said
    assert report.reference in reply.said
    assert (text.sender, text.segments > 0, text.case_id) == (OURS, True, case.id)


@pytest.mark.parametrize("written", ["{} bag alone", "bag alone {}", "bag at {} alone", "bag {}!", "{lower} bag alone"])
def test_a_code_is_found_anywhere(phone: Phone, port: make.Port, written: str) -> None:
    code = port.codes["gate"]
    phone.texts(written.format(code, lower=code.lower()))
    report = only(phone.installation, Report)
    assert isinstance(report, Report)
    assert report.place_id == port.places["gate"]


def test_one_slip_in_a_code_is_forgiven(phone: Phone, port: make.Port) -> None:
    code = port.codes["gate"]
    slipped = code[:-1] + ("Y" if code[-1] != "Y" else "W")
    reply = phone.texts(f"{slipped} bag alone")
    assert "Gate B12" in reply.said


def test_the_conversation_is_one_report(phone: Phone, port: make.Port) -> None:
    phone.texts(f"{port.codes['gate']} black bag alone")
    for words in ("twenty minutes", "no wires", "ok"):
        phone.texts(words)
    report = only(phone.installation, Report)
    assert isinstance(report, Report)
    with phone.installation.database.reading() as session:
        thread = reports.read_thread(session, report.access_hash)
    theirs = [said.text for said in thread.messages if said.from_reporter]
    assert theirs == [f"{port.codes['gate']} black bag alone", "twenty minutes", "no wires", "ok"]


def test_the_place_is_asked_once_and_taken_from_the_answer(phone: Phone, port: make.Port) -> None:
    assert sentences.WHERE in phone.texts("black bag alone").said
    phone.texts(port.codes["berth"])
    report, case = only(phone.installation, Report), only(phone.installation, Case)
    assert isinstance(report, Report)
    assert isinstance(case, Case)
    assert report.place_id == case.place_id == port.places["berth"]
    assert Happening.PLACED in happened(phone.installation)


def test_what_follows_a_bare_code_is_judged_with_it(phone: Phone, port: make.Port) -> None:
    phone.texts(port.codes["gate"])
    phone.texts(make.GUN)
    case = only(phone.installation, Case)
    assert isinstance(case, Case)
    assert (case.category, case.severity) == (Category.WEAPON_ATTACK, Severity.CRITICAL)


def test_the_same_text_again_changes_nothing(phone: Phone, port: make.Port) -> None:
    arrival = TextArrival("bag alone", "twilio SM1", Channel.SMS, phone.sender)
    first = hearing.take_text(phone.installation, arrival, make.NOON)
    again = hearing.take_text(phone.installation, arrival, make.NOON)
    assert (again.repeated, again.reference) == (True, first.reference)
    assert len(make.rows(phone.installation, Arrival)) == len(sent(phone.installation)) == 1


def test_the_same_text_many_times_at_once_is_one(phone: Phone, port: make.Port) -> None:
    problems: list[Exception] = []

    def deliver() -> None:
        try:
            arrival = TextArrival("bag alone", "twilio SM1", Channel.SMS, phone.sender)
            hearing.take_text(phone.installation, arrival, make.NOON)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(make.rows(phone.installation, Report)) == len(sent(phone.installation)) == 1


def test_no_number_stands_anywhere(phone: Phone, port: make.Port) -> None:
    phone.texts(f"{port.codes['gate']} bag alone")
    phone.texts("CODE")
    with phone.installation.database.transaction() as session:
        connection = session.connection()
        for table in sa.inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").mappings():
                assert NUMBER.lstrip("+") not in str(dict(row))


def test_an_access_code_is_told_but_kept_nowhere(phone: Phone, port: make.Port) -> None:
    phone.texts("bag alone")
    reply = phone.texts("CODE")
    assert reply.access_code is not None
    hidden = sent(phone.installation)[-1]
    assert (hidden.body, hidden.sealed_body is not None) == ("", True)
    with phone.installation.database.reading() as session:
        texts = " ".join(session.exec(select(Message.text)))
        found = reports.find_by_access(session, phone.installation.vault.access_hash(reply.access_code)).reference
    assert reply.access_code[:4] not in texts
    assert found == reply.reference


def test_stop_is_confirmed_once_and_what_comes_later_is_heard(phone: Phone, port: make.Port) -> None:
    phone.texts("bag alone")
    assert phone.texts("STOP").said == sentences.STOPPED
    before = len(sent(phone.installation))
    assert phone.texts("STOP").said == ""
    phone.texts("the bag is ticking now, everybody runs")
    assert len(sent(phone.installation)) == before
    with phone.installation.database.reading() as session:
        assert "the bag is ticking now, everybody runs" in session.exec(select(Message.text)).all()
    assert phone.texts("START").said == sentences.STARTED


def test_what_the_provider_answered_is_not_answered_again(phone: Phone, port: make.Port) -> None:
    assert phone.texts("STOP", settled=True).said == ""
    contact = only(phone.installation, Contact)
    assert isinstance(contact, Contact)
    assert contact.opted_out_at is not None


def test_short_codes_are_heard_and_never_answered(installation: Installation, port: make.Port) -> None:
    Phone(installation, "12345", answerable=False).texts("bag alone")
    assert (len(make.rows(installation, Report)), sent(installation)) == (1, [])


def test_even_an_empty_text_is_kept(phone: Phone, port: make.Port) -> None:
    phone.texts("")
    phone.texts("\0")
    assert len(make.rows(phone.installation, Report)) == 1


def test_pictures_are_noted_for_fetching(phone: Phone, port: make.Port) -> None:
    pictures = tuple((f"https://api.example.org/{number}", "image/jpeg") for number in range(12))
    assert sentences.PICTURES in phone.texts("bag alone", pictures=pictures).said
    assert len(make.rows(phone.installation, Attachment)) == 10


def test_a_courtesy_comes_once_a_day(phone: Phone, port: make.Port) -> None:
    assert phone.texts("hi").said
    assert phone.texts("hello").said == ""
    assert phone.texts("hi", after=timedelta(days=2)).said


def test_a_question_is_answered_from_the_sites_facts(phone: Phone, port: make.Port) -> None:
    with phone.installation.database.transaction() as session:
        session.add(
            SiteFact(site_id=port.site, topic="toilets", texts={"en": "By gate 3.", "es": "Junto a la puerta 3."})
        )
    assert "By gate 3." in phone.texts("where are the toilets?").said
    other = Phone(phone.installation, "+447700900124")
    assert "Junto a la puerta 3." in other.texts("¿dónde están los baños?").said


def test_an_officer_answers_on_the_same_phone(phone: Phone, port: make.Port, now: datetime) -> None:
    reply = phone.texts(f"{port.codes['gate']} {make.GUN}")
    with phone.installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        desk.answer(session, ana, reply.reference or "", now, text="We are on our way.")
    assert sent(phone.installation)[-1].body == "We are on our way."
    phone.texts("thank you, he is at the exit now", after=timedelta(days=3))
    assert len(make.rows(phone.installation, Report)) == 1


def test_a_long_answer_is_cut_and_says_where_the_rest_is(phone: Phone, port: make.Port, now: datetime) -> None:
    reply = phone.texts(f"{port.codes['gate']} {make.GUN}")
    with phone.installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        page = "https://report.example.org/return"
        desk.answer(session, ana, reply.reference or "", now, text="Please wait here. " * 200, return_address=page)
    text = sent(phone.installation)[-1]
    assert page in text.body
    assert text.segments <= 4
    with phone.installation.database.reading() as session:
        assert "Please wait here. " * 200 in session.exec(select(Message.text)).all()


@pytest.mark.parametrize(("word", "status"), [("NO", CaseStatus.REOPENED), ("yes", CaseStatus.CLOSED)])
def test_closing_asks_whether_it_helped(
    phone: Phone, port: make.Port, now: datetime, word: str, status: CaseStatus
) -> None:
    reply = phone.texts(f"{port.codes['gate']} {make.GUN}")
    with phone.installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        desk.close(session, ana, reply.reference or "", now, disposition=Disposition.ACTION_TAKEN, text="He is gone.")
    assert sent(phone.installation)[-1].body.endswith(sentences.DID_IT_HELP)
    phone.texts(word)
    case = only(phone.installation, Case)
    assert isinstance(case, Case)
    assert case.status is status


def test_an_unsafe_phone_is_not_written_to(phone: Phone, port: make.Port, now: datetime) -> None:
    text = "he took her passport and does not let her speak to anyone, she looks very scared"
    reply = phone.texts(f"{port.codes['gate']} {text}")
    assert sentences.IS_SAFE in reply.said
    phone.texts("no")
    with phone.installation.database.transaction() as session:
        sue = port.officer(session, "sue")
        desk.answer(session, sue, reply.reference or "", now, text="Are you all right?")
    held = sent(phone.installation)[-1]
    assert (held.status, held.sealed_recipient) == (OutgoingStatus.NEEDS_HUMAN, None)
    assert Happening.NOT_DELIVERED in happened(phone.installation)


def test_whatsapp_is_answered_within_a_day_only(installation: Installation, port: make.Port, now: datetime) -> None:
    phone = Phone(installation, carrier=Carrier.WHATSAPP)
    reply = phone.texts(f"{port.codes['gate']} {make.GUN}")
    with installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        desk.answer(session, ana, reply.reference or "", now + timedelta(hours=25), text="Still there?")
    assert sent(installation)[-1].status is OutgoingStatus.NEEDS_HUMAN


def test_a_web_reporter_goes_on_by_text(phone: Phone, port: make.Port, now: datetime) -> None:
    receipt = make.report(phone.installation, make.GUN)
    with phone.installation.database.transaction() as session:
        report = reports.find_by_access(session, receipt.access_hash)
        word = contacts.new_link_word(session, phone.installation.vault, report.id or 0, now)
    assert receipt.reference in phone.texts(f"link {word.lower()}").said
    phone.texts("he has gone down the stairs")
    assert len(make.rows(phone.installation, Report)) == 1
    assert len(make.rows(phone.installation, ReportContact)) == 1
    assert phone.texts(word).said == sentences.LINK_SPENT


def test_an_old_one_time_word_is_spent(phone: Phone, port: make.Port) -> None:
    receipt = make.report(phone.installation, make.GUN)
    with phone.installation.database.transaction() as session:
        report = reports.find_by_access(session, receipt.access_hash)
        word = contacts.new_link_word(session, phone.installation.vault, report.id or 0, make.NOON)
    assert phone.texts(word, after=timedelta(minutes=31)).said == sentences.LINK_SPENT


def test_a_notice_says_nothing_and_is_erased_at_the_end(phone: Phone, port: make.Port, now: datetime) -> None:
    receipt = make.report(phone.installation, make.GUN)
    with phone.installation.database.transaction() as session:
        report = reports.find_by_access(session, receipt.access_hash)
        vault = phone.installation.vault
        contacts.keep_notice(session, vault, report.id or 0, Carrier.SMS, NUMBER, "fr")
        ana = port.officer(session, "ana")
        desk.answer(session, ana, receipt.reference, now, text="The man with the gun is gone.")
    (notice,) = sent(phone.installation)
    assert "gun" not in notice.body
    with phone.installation.database.transaction() as session:
        desk.close(session, port.officer(session, "ana"), receipt.reference, now, disposition=Disposition.ACTION_TAKEN)
        assert contacts.notice_of(session, report.id or 0) is None


def test_a_flood_is_kept_and_grouped(phone: Phone, port: make.Port) -> None:
    for number in range(40):
        phone.texts(f"look at this {number}", after=timedelta(seconds=1))
    assert len(make.rows(phone.installation, Report)) == 1
    assert len(make.rows(phone.installation, Arrival)) == 40
    assert len(sent(phone.installation)) < 20


def test_when_the_dialogue_fails_not_a_word_is_lost(phone: Phone, port: make.Port) -> None:
    whole = phone.installation
    phone.installation = replace(whole, live=None)  # type: ignore[arg-type]
    phone.texts("B7K4X black bag alone", pictures=(("https://api.example.org/1", "image/jpeg"),))
    case = only(whole, Case)
    assert isinstance(case, Case)
    assert (case.status, case.queue_id) == (CaseStatus.RECEIVED, port.queues["control"])
    assert len(make.rows(whole, ReportContact)) == len(make.rows(whole, Attachment)) == 1
    phone.count -= 1
    phone.texts("B7K4X black bag alone")
    assert len(make.rows(whole, Report)) == 1


def test_a_chat_is_the_same_dialogue(installation: Installation, port: make.Port, now: datetime) -> None:
    visitor = chats.visitor_hash(installation.vault, "token")

    def says(text: str, key: str) -> Reply:
        arrival = TextArrival(text, key, Channel.CHAT, visitor=visitor, code=port.codes["gate"], language="en")
        return hearing.take_text(installation, arrival, now)

    says("black bag alone", "1")
    says("twenty minutes", "2")
    with installation.database.reading() as session:
        chat = chats.read(session, installation.vault, "token")
        assert chats.read(session, installation.vault, "other") is None
    assert chat is not None
    assert chat.access_code is not None
    assert [said.text for said in chat.thread.messages if said.from_reporter] == ["black bag alone", "twenty minutes"]
    assert chat.thread.where.place_id == port.places["gate"]
    with pytest.raises(arrivals.KeyReused):
        says("other words", "2")
    with pytest.raises(arrivals.EmptyText):
        says(" ", "3")
    assert len(make.rows(installation, Conversation)) == 1
