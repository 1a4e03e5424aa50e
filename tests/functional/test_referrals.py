"""Referring a case to another authority: who has it, who sees what, and that the reporter's one thread goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from engage import (
    attachments,
    case_file,
    cases,
    desk,
    files,
    intake,
    offering,
    offers,
    referrals,
    reports,
    ringing,
    same_event,
)
from engage.accounts import Officer
from engage.acting import Refused
from engage.contacts import Sender
from engage.db import add_row
from engage.doing import TextArrival
from engage.hearing import take_text
from engage.installation import Installation
from engage.intake import MessageArrival, Receipt
from engage.models import Authority, Case, Message, Note, Outgoing, Queue, Referral, Unit
from engage.offering import To
from engage.offers import Which
from engage.referrals import Terms
from engage.shared_copies import Chosen
from engage.taxonomy import (
    Carrier,
    CaseStatus,
    Channel,
    Disposition,
    Handling,
    Happening,
    ReferralState,
    Responder,
    Role,
)
from tests import make
from tests.make import NOON

LATER = NOON + timedelta(minutes=10)
DAY = timedelta(days=1)


class People:
    """Officers of the port who refer cases to each other, each act in a transaction of its own."""

    def __init__(self, opened: Installation, port: make.Port) -> None:
        self.opened, self.port = opened, port

    def officer(self, login: str) -> Officer:
        with self.opened.database.reading() as session:
            return self.port.officer(session, login)

    def offers(
        self,
        login: str,
        reference: str,
        to: str = "customs",
        *,
        now: Any = NOON,
        chosen: Chosen | None = None,
        **terms: Any,
    ) -> int:
        values: dict[str, Any] = {"purpose": "It is yours.", "handling": Handling.AMBER, "lasts": DAY} | terms
        whom = To(body="Zoo", address="zoo@example.org") if to == "zoo" else To(authority=to)
        others = {name: values.pop(name) for name in ("identity", "accused") if name in values}
        with self.opened.database.transaction() as session:
            offering.offer(
                session,
                self.officer(login),
                reference,
                now,
                opened=self.opened,
                to=whom,
                terms=Terms(**values),
                chosen=chosen or Chosen(),
                **others,
            )
            return session.exec(select(Referral.id).order_by(col(Referral.id).desc())).first() or 0

    def accepts(self, login: str, referral_id: int, queue: str = "border", now: Any = LATER) -> str:
        with self.opened.database.transaction() as session:
            return offering.accept(session, self.opened, self.officer(login), referral_id, now, queue=queue).reference

    def does(self, act: Any, login: str, *about: Any, now: Any = LATER, **values: Any) -> Any:
        with self.opened.database.transaction() as session:
            done = act(session, self.officer(login), *about, now, **values)
            session.expunge_all()
            return done

    def reads(self, login: str, reference: str) -> case_file.CaseFile:
        with self.opened.database.reading() as session:
            return case_file.read(session, self.officer(login), reference)

    def case(self, reference: str) -> Case:
        with self.opened.database.reading() as session:
            found = session.exec(select(Case).where(Case.reference == reference)).one()
            session.expunge_all()
            return found

    def thread(self, receipt: Receipt) -> reports.Thread:
        with self.opened.database.reading() as session:
            return reports.read_thread(session, receipt.access_hash)

    def says(self, receipt: Receipt, text: str, now: Any = LATER) -> None:
        arrival = MessageArrival(text=text, key=text, access_hash=receipt.access_hash)
        intake.take_message(self.opened, arrival, now)


@pytest.fixture
def people(installation: Installation, port: make.Port) -> People:
    return People(installation, port)


@pytest.fixture
def receipt(installation: Installation) -> Receipt:
    """A report that the port police has: a hole in a fence."""
    return make.report(installation, make.OPEN_FENCE)


def words(file: case_file.CaseFile) -> list[str]:
    return [said.text for one in file.reports for said in one.conversation]


def test_the_clock_stays_with_the_sender_until_it_is_accepted(people: People, receipt: Receipt) -> None:
    number = people.offers("ben", receipt.reference)
    offered = people.case(receipt.reference)
    assert (offered.status, offered.paused_at, offered.away_at) == (CaseStatus.TRIAGED, None, None)
    mine = people.accepts("carl", number)
    gone, there = people.case(receipt.reference), people.case(mine)
    assert (gone.status, gone.paused_at, gone.away_at) == (CaseStatus.REFERRED, LATER, LATER)
    assert gone.alarm_at is None
    assert (there.status, there.paused_at) == (CaseStatus.ASSIGNED, None)
    assert there.holder_id == people.port.staff["carl"]
    people.does(offering.give_back, "carl", mine, now=LATER + timedelta(hours=1), reason="Not ours.")
    back = people.case(receipt.reference)
    assert (back.paused_at, back.away_at, back.paused_seconds) == (None, None, 3600)
    assert people.case(mine).status is CaseStatus.CLOSED


def test_the_receiver_sees_the_shared_copy_and_nothing_else(people: People, receipt: Receipt) -> None:
    people.does(desk.note, "ben", receipt.reference, text="Our secret.")
    people.says(receipt, "Two men.")
    people.says(receipt, "And a dog.")
    first = next(said.id for one in people.reads("ben", receipt.reference).reports for said in one.conversation)
    number = people.offers("ben", receipt.reference, chosen=Chosen(messages=frozenset({first})))
    with pytest.raises(cases.CaseMissing):
        people.reads("carl", receipt.reference)
    mine = people.accepts("carl", number)
    file = people.reads("carl", mine)
    assert words(file)[:-1] == ["Two men."]
    assert "taken this over" in words(file)[-1]
    assert (file.notes, file.reports[0].finding, file.reports[0].phones) == ((), None, ())
    assert file.reports[0].report.text == make.OPEN_FENCE
    assert receipt.reference not in str(file)
    with pytest.raises(cases.CaseMissing):
        people.reads("carl", receipt.reference)
    with pytest.raises(cases.CaseMissing):
        people.reads("ben", mine)


@pytest.mark.parametrize("joint", [False, True])
def test_the_one_thread_goes_on(people: People, receipt: Receipt, joint: bool) -> None:
    mine = people.accepts("carl", people.offers("ben", receipt.reference, joint=joint))
    people.does(desk.answer, "carl", mine, text="Customs here.")
    people.says(receipt, "Thank you, customs.")
    said = [one.text for one in people.thread(receipt).messages]
    assert said[0] == make.OPEN_FENCE
    assert said[-2:] == ["Customs here.", "Thank you, customs."]
    assert "Customs Service has taken this over" in said[1]
    assert words(people.reads("carl", mine)) == said[1:]
    seen = words(people.reads("ben", receipt.reference))
    assert ("Thank you, customs." in seen) is joint
    assert people.case(mine).reporter_waits
    people.does(offering.complete, "carl", mine, reason="Fence mended.")
    seen = words(people.reads("ben", receipt.reference))
    assert seen[-2:] == ["Customs here.", "Thank you, customs."]
    assert [one.text for one in people.thread(receipt).messages] == said
    people.does(desk.close, "ben", receipt.reference, disposition=Disposition.ACTION_TAKEN, text="Done.")
    people.says(receipt, "Once more.")
    assert words(people.reads("ben", receipt.reference))[-1] == "Once more."
    assert "Once more." not in words(people.reads("carl", mine))


def test_each_authority_has_its_own_notes(people: People, receipt: Receipt) -> None:
    mine = people.accepts("carl", people.offers("ben", receipt.reference, joint=True))
    people.does(desk.note, "ben", receipt.reference, text="For the police.")
    people.does(desk.note, "carl", mine, text="For customs.")
    assert [note.text for note in people.reads("ben", receipt.reference).notes] == ["For the police."]
    assert [note.text for note in people.reads("carl", mine).notes] == ["For customs."]


ACTS: list[tuple[Any, dict[str, Any]]] = [
    (desk.claim, {}),
    (desk.answer, {"text": "Hello."}),
    (desk.transfer, {"queue": "marine", "reason": "x"}),
    (desk.wait_for_reporter, {}),
    (desk.close, {"disposition": Disposition.ADVISED}),
]


@pytest.mark.parametrize(("act", "values"), ACTS, ids=lambda one: getattr(one, "__name__", ""))
def test_who_has_given_it_away_does_nothing_to_it(people: People, receipt: Receipt, act: Any, values: Any) -> None:
    people.accepts("carl", people.offers("ben", receipt.reference))
    with pytest.raises(Refused, match="Customs Service has taken this case over"):
        people.does(act, "ben", receipt.reference, **values)


def test_what_came_from_elsewhere_is_given_back_and_not_closed(people: People, receipt: Receipt) -> None:
    mine = people.accepts("carl", people.offers("ben", receipt.reference))
    with pytest.raises(Refused, match="Port Police referred this case to you"):
        people.does(desk.close, "carl", mine, disposition=Disposition.ADVISED)
    people.does(offering.give_back, "carl", mine, reason="Not ours.")
    with pytest.raises(Refused, match="went back to Port Police"):
        people.does(desk.reopen, "carl", mine, reason="We want it.")
    with pytest.raises(Refused, match="given back"):
        people.does(offering.complete, "carl", mine, reason="Done.")


def test_an_offer_that_nobody_answers_comes_back_and_rings(
    people: People, receipt: Receipt, installation: Installation
) -> None:
    number = people.offers("ben", receipt.reference, lasts=timedelta(hours=1))
    late = NOON + timedelta(hours=1)
    with pytest.raises(Refused, match="lapsed"):
        people.accepts("carl", number, now=late)
    with installation.database.reading() as session:
        (row,) = offers.read_page(session, people.officer("ben"), Which.BY_US, late).rows
        assert row.state is ReferralState.EXPIRED
    assert referrals.lapse_due(installation.database, late) == 1
    assert referrals.lapse_due(installation.database, late) == 0
    history = [line.what for line in people.reads("ben", receipt.reference).history]
    assert Happening.REFERRAL_EXPIRED in history
    with installation.database.reading() as session:
        assert [one.kind for one in ringing.ringing_for(session, people.officer("ben"))] == ["unanswered_offer"]
    assert people.offers("ben", receipt.reference, now=late) > number


def test_of_two_who_accept_one_wins(people: People, receipt: Receipt) -> None:
    number = people.offers("ben", receipt.reference)
    people.accepts("carl", number)
    with pytest.raises(Refused, match="accepted already"):
        people.accepts("carl", number)


def test_one_offer_at_a_time(people: People, receipt: Receipt) -> None:
    people.offers("ben", receipt.reference)
    for act, values in ((desk.transfer, {"queue": "marine", "reason": "x"}), ACTS[4]):
        with pytest.raises(Refused, match="Take the offer back first"):
            people.does(act, "ben", receipt.reference, **values)
    with pytest.raises(Refused, match="Take the offer back first"):
        people.offers("ben", receipt.reference)
    people.does(offering.take_back, "ben", receipt.reference, reason="A mistake.")
    assert people.offers("ben", receipt.reference)


def test_taking_back_what_was_referred_on_brings_all_of_it_home(people: People, receipt: Receipt) -> None:
    mine = people.accepts("carl", people.offers("ben", receipt.reference))
    with pytest.raises(Refused, match="goes back to them"):
        people.offers("carl", mine, to="police")
    number = people.offers("carl", mine, to="zoo")
    people.does(offering.take_back, "ben", receipt.reference, reason="We want it.")
    with people.opened.database.reading() as session:
        assert session.get_one(Referral, number).state is ReferralState.REVOKED
    assert people.case(mine).status is CaseStatus.CLOSED
    assert people.case(receipt.reference).away_at is None


def test_an_offer_of_another_authority_is_as_absent_as_none(people: People, receipt: Receipt) -> None:
    number = people.offers("ben", receipt.reference)
    for login, asked in (("ben", number), ("ida", number), ("carl", 999)):
        with pytest.raises(cases.CaseMissing):
            people.does(_read, login, asked)
    assert people.does(_read, "carl", number).reports[0].text == make.OPEN_FENCE


def _read(session: Session, officer: Officer, number: int, now: Any) -> offers.OfferFile:
    return offers.open_page(session, officer, number, now)


def test_an_insider_case_goes_to_sealed_queues_alone(people: People, installation: Installation) -> None:
    bribe = make.report(installation, make.BRIBE)
    with pytest.raises(Refused, match="Customs Service has no sealed queue"):
        people.offers("ida", bribe.reference)
    with pytest.raises(Refused, match="cannot be sent by link"):
        people.offers("ida", bribe.reference, to="zoo")


def test_a_quiet_matter_says_nothing_unasked(people: People, installation: Installation) -> None:
    told = make.report(installation, "I am forced to work here and they took my passport, please help me")
    with people.opened.database.transaction() as session:
        owner = session.exec(select(Case).where(Case.reference == told.reference)).one()
        owner.queue_id, owner.authority_id = people.port.queues["marine"], 1
        session.add(owner)
    people.accepts("carl", people.offers("ana", told.reference))
    assert len(people.thread(told).messages) == 1


def test_a_case_of_several_reports_goes_whole(people: People, installation: Installation, receipt: Receipt) -> None:
    second = make.report(installation, "The fence is cut open behind the container yard")
    people.does(same_event.merge, "sue", second.reference, other=receipt.reference)
    mine = people.accepts("carl", people.offers("ben", second.reference))
    assert len(people.reads("carl", mine).reports) == 2
    people.does(desk.answer, "carl", mine, text="To all of you.")
    for one in (receipt, second):
        assert people.thread(one).messages[-1].text == "To all of you."
    with pytest.raises(Refused, match="has taken this case over"):
        people.does(same_event.split, "ben", receipt.reference, report=second.reference)


def test_every_step_has_an_actor_and_stands_in_the_mail_without_words(people: People, receipt: Receipt) -> None:
    number = people.offers("ben", receipt.reference, purpose="Mend the fence.")
    people.does(offering.write, "ben", receipt.reference, text="Please hurry.")
    mine = people.accepts("carl", number)
    people.does(offering.write, "carl", mine, text="On our way.")
    people.does(offering.complete, "carl", mine, reason="Mended.")
    steps = people.does(_read, "carl", number).steps
    assert [(one.by, one.state, one.text) for one in steps] == [
        ("Officer Ben, Port Police", "offered", "Mend the fence."),
        ("Officer Ben, Port Police", None, "Please hurry."),
        ("Officer Carl, Customs Service", "accepted", ""),
        ("Officer Carl, Customs Service", None, "On our way."),
        ("Officer Carl, Customs Service", "completed", "Mended."),
    ]
    mails = [row for row in make.rows(people.opened, Outgoing) if row.recipient == "border@customs.example"]
    assert len(mails) == 1
    assert "fence" not in mails[0].subject + mails[0].body
    assert len(make.rows(people.opened, Note)) == 0
    assert {row.case_id for row in make.rows(people.opened, Message)} <= {1, 2}


def sealed_customs(people: People) -> None:
    """Customs has a sealed unit as well, where only Ivo works."""
    with people.opened.database.transaction() as session:
        customs = session.exec(select(Authority.id).where(Authority.slug == "customs")).one()
        values = {"authority_id": customs, "responder": Responder.INTEGRITY, "mailbox": "inside@customs.example"}
        unit = add_row(session, Unit, slug="inside", name="Inside", **values)
        add_row(session, Queue, slug="inside", name="Inside", unit_id=unit, authority_id=customs, sealed=True)
        make._member(session, "ivo", customs, unit, Role.OFFICER, True)


def test_what_is_sealed_is_seen_by_sealed_units_alone(people: People, installation: Installation) -> None:
    sealed_customs(people)
    bribe = make.report(installation, make.BRIBE)
    with pytest.raises(Refused, match="Say whose staff"):
        people.offers("ida", bribe.reference)
    with pytest.raises(Refused, match="accuses staff of Customs Service"):
        people.offers("ida", bribe.reference, accused=frozenset({"customs"}))
    accused = {"accused": frozenset({"customs"}), "exception": "Director Sol, because only they can look."}
    number = people.offers("ida", bribe.reference, **accused)
    (mail,) = [row.recipient for row in make.rows(installation, Outgoing) if "offers you" in row.subject]
    assert mail == "inside@customs.example"
    for nobody in ("carl", "sue"):
        with pytest.raises(cases.CaseMissing):
            people.does(_read, nobody, number)
        with installation.database.reading() as session:
            assert offers.count_waiting(session, people.officer(nobody), LATER) == 0
    with pytest.raises(Refused, match="Choose the queue"):
        people.accepts("ivo", number, "border")
    mine = people.accepts("ivo", number, "inside")
    with pytest.raises(cases.CaseMissing):
        people.reads("carl", mine)
    assert len(people.thread(bribe).messages) == 1  # its reporter may be in danger from those around them


def test_how_to_reach_the_reporter_goes_along_only_where_it_is_ticked(
    people: People, installation: Installation
) -> None:
    sender = Sender(Carrier.SMS, "+447700900123", make.OUR_NUMBERS[0], True)
    arrival = TextArrival(text=f"B7K4X {make.OPEN_FENCE}", key="SM1", channel=Channel.SMS, sender=sender)
    reference = take_text(installation, arrival, NOON).reference or ""
    number = people.offers("ben", reference)
    assert people.reads("carl", people.accepts("carl", number)).reports[0].phones == ()
    people.does(offering.take_back, "ben", reference, reason="They must meet.")
    number = people.offers("ben", reference, identity=True, identity_reason="They must meet.")
    mine = people.accepts("carl", number)
    assert [phone.carrier for phone in people.reads("carl", mine).reports[0].phones] == [Carrier.SMS]
    people.does(desk.answer, "carl", mine, text="Where are you?")
    texts = [row for row in make.rows(installation, Outgoing) if row.body.startswith("Where are you?")]
    assert [row.case_id for row in texts] == [people.case(mine).id]


def test_only_shared_files_can_be_opened(people: People, installation: Installation, receipt: Receipt) -> None:
    with installation.database.transaction() as session:
        report = reports.find_by_access(session, receipt.access_hash)
        pictures = [("https://example.org/1", "image/jpeg"), ("https://example.org/2", "image/jpeg")]
        attachments.expect(session, report.id, None, pictures, NOON - timedelta(minutes=1))
        while (errand := attachments.claim(session, NOON)) is not None:
            heard = files.examine(f"voice {errand.id}".encode())
            attachments.store(session, installation.vault, errand, heard, "audio/ogg")
    number = people.offers("ben", receipt.reference, chosen=Chosen(files=frozenset({1})))

    def opened(login: str, file: int, now: Any = LATER) -> tuple[bytes, str] | None:
        with installation.database.transaction() as session:
            return offers.open_file(session, installation.vault, people.officer(login), number, file, now)

    assert opened("carl", 1) == (b"voice 1", "audio/ogg")
    assert opened("carl", 2) is None
    assert opened("carl", 99) is None
    with pytest.raises(cases.CaseMissing):
        opened("ben", 1)
    assert opened("carl", 1, NOON + DAY) is None
