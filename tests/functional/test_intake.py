"""What arrives is stored once, as it was sent, with its case in a queue, even when triage fails."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from engage import arrivals, desk, intake, reports
from engage.installation import Installation
from engage.intake import MessageArrival, Receipt, ReportArrival
from engage.models import Arrival, Case, CaseEvent, Message, Outgoing, Poster, Report, ReportFinding
from engage.taxonomy import CaseStatus, Category, Disposition, FoundBy, Happening, OutgoingStatus, Severity
from engage.vault import Vault
from tests import make

STORED = (Report, Case, CaseEvent, ReportFinding, Outgoing, Arrival, Message)


class BrokenLexicon:
    """A lexicon that nobody can read."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"the lexicon cannot be read: {name}")


class VaultThatFails(Vault):
    """A vault that fails when the last row of an arrival is about to be written."""

    def look_up_hash(self, purpose: str, value: str) -> str:
        if purpose == "arrival-words":
            raise OSError("no more keys")
        return super().look_up_hash(purpose, value)


def without_triage(installation: Installation) -> Installation:
    return dataclasses.replace(installation, live=BrokenLexicon())  # type: ignore[arg-type]


def counts(installation: Installation) -> dict[str, int]:
    return {table.__name__: len(make.rows(installation, table)) for table in STORED}


def happenings(installation: Installation) -> list[Happening]:
    return [event.what for event in make.rows(installation, CaseEvent)]


def write(installation: Installation, receipt: Receipt, text: str, now: datetime, key: str = "message") -> str:
    return intake.take_message(installation, MessageArrival(text, key, access_hash=receipt.access_hash), now)


def test_a_report_is_stored_with_all_that_belongs_to_it(
    installation: Installation, port: make.Port, now: datetime
) -> None:
    receipt = make.report(installation, make.GUN, key="once", now=now)
    assert counts(installation) == {
        "Report": 1,
        "Case": 1,
        "CaseEvent": 3,
        "ReportFinding": 1,
        "Outgoing": 1,
        "Arrival": 1,
        "Message": 0,
    }
    case, report, finding = (make.rows(installation, table)[0] for table in (Case, Report, ReportFinding))
    assert (case.category, case.severity, case.status) == (
        Category.WEAPON_ATTACK,
        Severity.CRITICAL,
        CaseStatus.TRIAGED,
    )
    assert (case.queue_id, case.place_id, case.urgency) == (port.queues["marine"], port.places["gate"], 3)
    assert case.route_reason == "Rule “police”: this site, police acts first."
    assert (report.reference, report.text, report.case_id) == (receipt.reference, make.GUN, case.id)
    assert (report.found_by, report.typed_code, report.received_at) == (FoundBy.TYPED, None, now)
    assert (finding.category, finding.report_id) == (Category.WEAPON_ATTACK, report.id)
    assert happenings(installation) == [Happening.RECEIVED, Happening.TRIAGED, Happening.ROUTED]
    assert report.access_hash == installation.vault.access_hash(receipt.access_code)
    assert receipt.access_code not in str(report)


def test_the_unit_of_an_urgent_case_is_told_without_a_word_of_it(installation: Installation, port: make.Port) -> None:
    receipt = make.report(installation, make.GUN)
    (row,) = make.rows(installation, Outgoing)
    assert (row.recipient, row.status, row.urgency) == ("marine@port.example", OutgoingStatus.QUEUED, 3)
    assert receipt.reference in row.subject
    assert not {"gun", "gate", receipt.access_code} & set((row.subject + " " + row.body).lower().split())


@pytest.mark.parametrize(
    ("text", "queue", "has_mailbox"),
    [
        (make.GUN, "marine", True),
        (make.OPEN_FENCE, "gates", False),
        (make.BRIBE, "integrity", True),
        (make.IVORY, "border", True),
        (make.LOST_HAT, "control", False),
    ],
)
def test_a_case_waits_in_the_queue_of_who_acts_first(
    installation: Installation, port: make.Port, text: str, queue: str, has_mailbox: bool
) -> None:
    make.report(installation, text)
    (case,) = make.rows(installation, Case)
    assert case.queue_id == port.queues[queue]
    urgent = case.severity in (Severity.CRITICAL, Severity.HIGH)
    assert len(make.rows(installation, Outgoing)) == (urgent and has_mailbox)


def test_the_same_key_again_gives_the_same_receipt(installation: Installation, port: make.Port, now: datetime) -> None:
    first = make.report(installation, key="once", now=now)
    stored = counts(installation)
    again = make.report(installation, key="once", now=now + timedelta(days=900))
    assert again == dataclasses.replace(first, repeated=True, where=again.where)
    assert again.where.place == first.where.place
    assert counts(installation) == stored


def test_the_same_key_with_other_words_is_refused(installation: Installation, port: make.Port) -> None:
    first = make.report(installation, key="once")
    with pytest.raises(arrivals.KeyReused) as refused:
        make.report(installation, make.LOST_HAT, key="once")
    (report,) = make.rows(installation, Report)
    assert (refused.value.earlier.report_id, report.reference) == (report.id, first.reference)


def test_the_same_words_with_another_key_are_another_report(installation: Installation, port: make.Port) -> None:
    assert make.report(installation).reference != make.report(installation).reference
    assert counts(installation)["Case"] == 2


def test_thirty_at_once_with_one_key_make_one_report(installation: Installation, port: make.Port) -> None:
    receipts = at_once(30, lambda _: make.report(installation, key="once"))
    assert len({(receipt.reference, receipt.access_code) for receipt in receipts}) == 1
    assert [receipt.repeated for receipt in receipts].count(False) == 1
    assert (counts(installation)["Report"], counts(installation)["Case"], counts(installation)["Outgoing"]) == (1, 1, 1)


def test_thirty_at_once_with_keys_of_their_own_make_thirty(installation: Installation, port: make.Port) -> None:
    receipts = at_once(30, lambda mine: make.report(installation, key=f"key-{mine}"))
    assert len({receipt.reference for receipt in receipts}) == 30
    assert len({receipt.access_code for receipt in receipts}) == 30
    assert counts(installation)["Report"] == 30


def test_thirty_at_once_with_one_message_key_say_it_once(installation: Installation, port: make.Port) -> None:
    receipt = make.report(installation)
    at_once(30, lambda _: write(installation, receipt, "He has left.", make.NOON))
    assert [message.text for message in make.rows(installation, Message)] == ["He has left."]
    assert happenings(installation).count(Happening.REPORTER_WROTE) == 1


def test_when_triage_fails_the_report_stands_and_says_so(installation: Installation, port: make.Port) -> None:
    receipt = make.report(without_triage(installation))
    (case,) = make.rows(installation, Case)
    assert (case.queue_id, case.status) == (port.queues["control"], CaseStatus.RECEIVED)
    assert case.route_reason.startswith("Triage failed")
    assert make.rows(installation, ReportFinding) == []
    assert make.rows(installation, CaseEvent)[1].details == {"reason": "Triage failed; nothing was lost."}
    assert (receipt.category, receipt.severity) == (Category.QUESTION_FEEDBACK, Severity.MEDIUM)
    with installation.database.reading() as session:
        assert reports.read_thread(session, receipt.access_hash).messages[0].text == make.GUN


def test_what_triage_is_unsure_of_waits_for_a_person(installation: Installation, port: make.Port) -> None:
    make.report(installation, "as agreed")
    (case,) = make.rows(installation, Case)
    assert case.status is CaseStatus.RECEIVED


@pytest.mark.parametrize(
    ("code", "place", "typed"),
    [
        ("B7K4X", "gate", None),
        ("b7k4x", "gate", None),
        ("b7-k4 x", "gate", None),
        ("7ZZZ@", "gate", "7ZZZ@"),
        ("B7K4Y", None, "B7K4Y"),
        ("ZZZZZZZZ", None, "ZZZZZZZZ"),
        ("<b>\0", None, "<b>␀"),
        ("é" * 100, None, "é" * 64),
        (None, None, None),
        ("", None, None),
    ],
)
def test_a_report_is_taken_whatever_the_code(
    installation: Installation, port: make.Port, code: str | None, place: str | None, typed: str | None
) -> None:
    retired = port.codes["old"]
    make.report(installation, code=code and code.replace("7ZZZ@", retired))
    (report,) = make.rows(installation, Report)
    assert report.place_id == (port.places[place] if place else None)
    assert report.typed_code == (typed and typed.replace("7ZZZ@", retired))
    assert report.site_id == port.site


def test_a_scan_is_told_from_a_typed_address(installation: Installation, port: make.Port) -> None:
    tag = installation.vault.poster_tag("B7K4X", 1)
    for given in (tag, tag.lower(), "0000", "", None):
        make.report(installation, tag=given)
    found = [report.found_by for report in make.rows(installation, Report)]
    assert found == [FoundBy.SCANNED, FoundBy.SCANNED, FoundBy.TYPED, FoundBy.TYPED, FoundBy.TYPED]


def test_a_code_that_was_in_use_once_still_has_its_place(installation: Installation, port: make.Port) -> None:
    assert len(make.rows(installation, Poster)) == 3
    assert make.report(installation, code=port.codes["old"]).where.retired


def test_without_a_site_nobody_would_read_it(installation: Installation) -> None:
    with pytest.raises(intake.NoSite):
        make.report(installation)
    assert set(counts(installation).values()) == {0}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Пожар на складе 🔥", "Пожар на складе 🔥"),
        ("رجل يحمل سكينا عند البوابة", "رجل يحمل سكينا عند البوابة"),
        ("左边的电梯坏了", "左边的电梯坏了"),
        ("👩‍👩‍👧‍👦 e\u0301 \u202eabc\u202c \ufeff", "👩‍👩‍👧‍👦 e\u0301 \u202eabc\u202c \ufeff"),
        ("  spaces\tand\r\nlines\n\n ", "  spaces\tand\r\nlines\n\n "),
        ("a\0b\x1b[31m\x7f", "a␀b␛[31m␡"),
        ("'; DROP TABLE reports; -- %s %(x)s :x ?", "'; DROP TABLE reports; -- %s %(x)s :x ?"),
        ("\U0010ffff\uffff", "\U0010ffff\uffff"),
        ("x" * arrivals.LONGEST_TEXT, "x" * arrivals.LONGEST_TEXT),
        ("\r\n" * 20 + "x" * (arrivals.LONGEST_TEXT - 20), "\r\n" * 20 + "x" * (arrivals.LONGEST_TEXT - 20)),
    ],
)
def test_a_text_is_kept_as_it_was_sent(installation: Installation, port: make.Port, sent: str, kept: str) -> None:
    receipt = make.report(installation, sent)
    with installation.database.reading() as session:
        assert reports.read_thread(session, receipt.access_hash).messages[0].text == kept


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", arrivals.EmptyText),
        (" \n\t\u3000", arrivals.EmptyText),
        ("x" * (arrivals.LONGEST_TEXT + 1), arrivals.LongText),
    ],
)
def test_a_text_that_cannot_be_taken_leaves_nothing(
    installation: Installation, port: make.Port, text: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        make.report(installation, text)
    assert set(counts(installation).values()) == {0}


def test_a_failure_at_the_last_row_leaves_nothing(installation: Installation, port: make.Port) -> None:
    failing = dataclasses.replace(installation, vault=VaultThatFails(make.SECRET))
    with pytest.raises(OSError, match="no more keys"):
        make.report(failing, key="once")
    assert set(counts(installation).values()) == {0}
    assert not make.report(installation, key="once").repeated


def test_the_reporter_reads_what_was_said_and_nothing_of_the_staff(
    installation: Installation, port: make.Port, now: datetime
) -> None:
    receipt = make.report(installation, now=now)
    write(installation, receipt, "He has a rucksack.", now)
    with installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        desk.note(session, ana, receipt.reference, now, text="Known to us.")
        desk.answer(session, ana, receipt.reference, now, text="Stay away from him.")
    with installation.database.reading() as session:
        thread = reports.read_thread(session, receipt.access_hash)
    assert [(said.from_reporter, said.text) for said in thread.messages] == [
        (True, make.GUN),
        (True, "He has a rucksack."),
        (False, "Stay away from him."),
    ]
    assert "Ana" not in repr(thread)
    assert "Known to us" not in repr(thread)


@pytest.mark.parametrize("how", [desk.close, desk.resolve])
def test_a_message_reopens_a_case_that_ended(
    installation: Installation, port: make.Port, now: datetime, how: Callable[..., Case]
) -> None:
    receipt = make.report(installation, now=now)
    with installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        how(session, ana, receipt.reference, now, disposition=Disposition.GONE_ON_ARRIVAL)
    write(installation, receipt, "He is back.", now)
    (case,) = make.rows(installation, Case)
    assert (case.status, case.closed_at, case.disposition) == (CaseStatus.REOPENED, None, None)
    assert case.reporter_waits
    assert happenings(installation)[-2:] == [Happening.REPORTER_WROTE, Happening.REOPENED]


def test_a_case_that_waited_for_the_reporter_goes_on(
    installation: Installation, port: make.Port, now: datetime
) -> None:
    receipt = make.report(installation, now=now)
    with installation.database.transaction() as session:
        desk.answer(session, port.officer(session, "ana"), receipt.reference, now, text="Which gate?", wait=True)
    write(installation, receipt, "B12", now)
    (case,) = make.rows(installation, Case)
    assert (case.status, case.reporter_waits) == (CaseStatus.IN_PROGRESS, True)


def test_a_message_may_come_by_the_key_of_its_report(installation: Installation, port: make.Port) -> None:
    receipt = make.report(installation, key="once")
    arrival = MessageArrival("One more thing.", "message", earlier_key="once")
    assert intake.take_message(installation, arrival, make.NOON) == receipt.reference


@pytest.mark.parametrize(
    ("arrival", "refusal"),
    [
        (MessageArrival("x", "m", access_hash="0" * 64), reports.ThreadMissing),
        (MessageArrival("x", "m", earlier_key="unknown"), reports.ThreadMissing),
        (MessageArrival("x", "m"), reports.ThreadMissing),
        (MessageArrival("", "m", earlier_key="once"), arrivals.EmptyText),
        (MessageArrival("other words", "once", earlier_key="once"), arrivals.KeyReused),
        (MessageArrival("x", "other", earlier_key="once"), arrivals.KeyReused),
    ],
)
def test_a_message_that_belongs_nowhere_is_refused(
    installation: Installation, port: make.Port, arrival: MessageArrival, refusal: type[Exception]
) -> None:
    make.report(installation, make.GUN, key="once")
    make.report(installation, make.LOST_HAT, key="other")
    stored = counts(installation)
    with pytest.raises(refusal):
        intake.take_message(installation, arrival, make.NOON)
    assert counts(installation) == stored


def test_the_key_of_a_message_is_no_key_of_a_report(installation: Installation, port: make.Port) -> None:
    write(installation, make.report(installation), make.LOST_HAT, make.NOON, key="message")
    with pytest.raises(arrivals.KeyReused):
        intake.take_report(installation, ReportArrival(make.LOST_HAT, "message"), make.NOON)


def at_once(threads: int, act: Callable[[int], object]) -> list[Receipt]:
    """What many threads get that begin together; the first failure of one of them is raised."""
    results: list[object] = []
    ready = threading.Barrier(threads)

    def begin(mine: int) -> None:
        ready.wait()
        try:
            results.append(act(mine))
        except Exception as problem:
            results.append(problem)

    started = [threading.Thread(target=begin, args=(mine,)) for mine in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results  # type: ignore[return-value]
