"""The watch of a queue, by name: taking it, handing it over, accepting it, and what reporters may honestly be told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from engage import cases, desk, handovers, ringing, watches
from engage.accounts import Officer
from engage.db import add_row
from engage.installation import Installation
from engage.models import Handover, Shift, Watch
from engage.watch_health import examine_watch
from engage.watches import WatchHeld, WatchRefused
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

WORDS = "The barrier at B12 is stuck. Ring the gate first."


def hours(number: float) -> datetime:
    return make.NOON + timedelta(hours=number)


class Room:
    """The watch room of the port."""

    def __init__(self, installation: Installation, port: make.Port) -> None:
        self.installation, self.port = installation, port

    def does(self, login: str, act: Callable[..., Any], *what: Any, at: datetime = make.NOON, **with_: Any) -> Any:
        with self.installation.database.transaction() as session:
            officer = self.port.officer(session, login)
            return act(session, officer, *what, at, **with_)

    def reads(self, question: Callable[[Session], Any]) -> Any:
        with self.installation.database.reading() as session:
            return question(session)

    def holder(self, queue: str = "marine") -> str | None:
        found = self.reads(lambda session: watches.had(session, [self.port.queues[queue]]))
        return next((one.name for one in found.values()), None)

    def plans(self, queue: str, weekday: int, begins: str, ends: str, login: str | None = None) -> None:
        with self.installation.database.transaction() as session:
            add_row(
                session,
                Shift,
                queue_id=self.port.queues[queue],
                weekday=weekday,
                from_time=time.fromisoformat(begins),
                to_time=time.fromisoformat(ends),
                timezone="Asia/Manila",
                staff_id=self.port.staff[login] if login else None,
            )

    def promise(self, at: datetime, queue: str = "marine") -> watches.Public:
        found: watches.Public = self.reads(
            lambda session: watches.promise_to_reporters(session, self.port.queues[queue], at)
        )
        return found


@pytest.fixture
def room(installation: Installation, port: make.Port) -> Room:
    """A watch room without a watch."""
    return Room(installation, port)


def test_a_watch_is_taken_by_name_and_taken_over_on_purpose(room: Room) -> None:
    assert room.holder() is None
    room.does("ana", watches.take, "marine")
    room.does("ana", watches.take, "marine", at=hours(1))
    assert room.holder() == "Officer Ana"
    with pytest.raises(WatchHeld):
        room.does("sue", watches.take, "marine", at=hours(2))
    room.does("sue", watches.take, "marine", at=hours(2), take_over=True)
    assert room.holder() == "Officer Sue"
    assert [(row.began_at, row.ended_at) for row in make.rows(room.installation, Watch)] == [
        (make.NOON, hours(2)),
        (hours(2), None),
    ]


def test_only_those_who_work_a_queue_take_its_watch(room: Room) -> None:
    for login, slug in (("ben", "marine"), ("carl", "marine"), ("sue", "integrity"), ("ana", "none"), ("ana", "\0")):
        with pytest.raises(cases.CaseMissing):
            room.does(login, watches.take, slug)


def test_a_queue_has_one_open_watch(room: Room) -> None:
    room.does("ana", watches.take, "marine")
    with pytest.raises(IntegrityError), room.installation.database.transaction() as session:
        row = {"queue_id": room.port.queues["marine"], "staff_id": room.port.staff["sue"]}
        add_row(session, Watch, **row, began_at=make.NOON, ended_at=None)


def test_a_watch_ends_without_a_successor_by_whoever_has_it(room: Room) -> None:
    room.does("ana", watches.take, "marine")
    with pytest.raises(WatchRefused):
        room.does("sue", watches.give_up, "marine")
    room.does("ana", watches.give_up, "marine", at=hours(1))
    assert room.holder() is None


def test_a_handover_writes_itself_and_the_next_officer_accepts_it_by_name(room: Room) -> None:
    late, waiting, referred, mine = (make.report(room.installation, key=key).reference for key in "abcd")
    room.does("ana", watches.take, "marine")
    room.does("ana", desk.answer, waiting, text="Which gate?", wait=True)
    room.does("ana", desk.refer, referred, to="Coast guard", reason="Theirs.")
    room.does("ana", desk.answer, mine, text="We are coming.")
    ringing.ring_what_is_due(room.installation.database, hours(2))
    room.does("ana", handovers.write, "marine", at=hours(3), words=WORDS)
    (row,) = make.rows(room.installation, Handover)
    assert row.contents["ringing"] == row.contents["late"] == [late, referred]  # told elsewhere, but not the reporter
    assert (row.contents["waiting"], row.contents["referred"]) == ([waiting], [referred])
    assert row.contents["open"] == [late, referred, waiting, mine]  # as they are due
    assert room.holder() == "Officer Ana"
    with pytest.raises(WatchRefused):
        room.does("ana", handovers.accept, "marine", row.id, at=hours(4))
    room.does("sue", handovers.accept, "marine", row.id, at=hours(4))
    assert room.holder() == "Officer Sue"
    with pytest.raises(WatchRefused):
        room.does("sue", handovers.accept, "marine", row.id, at=hours(5))
    (row,) = make.rows(room.installation, Handover)
    assert (row.to_staff_id, row.accepted_at, row.words) == (room.port.staff["sue"], hours(4), WORDS)


def test_a_handover_is_written_anew_until_it_is_accepted(room: Room) -> None:
    room.does("ana", watches.take, "marine")
    room.does("ana", handovers.write, "marine", words="")
    room.does("ana", handovers.write, "marine", at=hours(1), words=WORDS)
    (row,) = make.rows(room.installation, Handover)
    assert (row.written_at, row.words) == (hours(1), WORDS)
    with pytest.raises(WatchRefused):
        room.does("sue", handovers.write, "marine", words=WORDS)


# ── shifts, and what reporters are told ──────────────────────────────────────────────────────────────────────────────


def test_the_shift_that_is_on_is_known_and_otherwise_the_next(room: Room) -> None:
    room.plans("marine", 5, "18:00", "06:00", "ana")  # Saturday night; noon in UTC is 20:00 in Manila
    room.plans("marine", 6, "06:00", "18:00")

    def planned(at: datetime) -> list[tuple[datetime, str | None]]:
        found = room.reads(lambda session: watches.planned(session, [room.port.queues["marine"]], at))
        return [(one.begins, one.name) for one in found[room.port.queues["marine"]]]

    assert planned(make.NOON) == [(hours(-2), "Officer Ana")]
    assert planned(hours(9)) == [(hours(-2), "Officer Ana")]  # Sunday, before six
    assert planned(hours(10)) == [(hours(10), None)]
    assert planned(hours(22)) == [(hours(7 * 24 - 2), "Officer Ana")]


def test_reporters_are_told_what_is_true(room: Room) -> None:
    assert room.promise(make.NOON) == watches.Public(False, None, None)
    room.plans("marine", 6, "06:00", "18:00")
    assert room.promise(make.NOON).reads_by == hours(10)
    assert room.promise(hours(11)).reads_by == hours(11)  # it should be on, so that somebody comes at any moment
    room.does("ana", watches.take, "marine")
    assert room.promise(hours(1)) == watches.Public(True, None, None)
    assert not room.promise(hours(25)).staffed  # somebody forgot to end it


def test_reporters_are_told_the_median_of_first_answers(room: Room) -> None:
    for number, minute in enumerate((2, 10, 60)):
        reference = make.report(room.installation, f"{make.GUN} {number}").reference
        at = make.NOON + timedelta(minutes=minute)
        room.does("ana", desk.answer, reference, at=at, text="We are coming.")
    make.report(room.installation, f"{make.GUN} unanswered")
    assert room.promise(hours(2)).first_answer == timedelta(minutes=10)
    assert room.promise(hours(24 * 30)).first_answer is None
    assert room.reads(lambda session: watches.of_site(session, room.port.site)) == room.port.queues["control"]


def test_the_doctor_tells_of_queues_without_a_watch_and_of_alarms(room: Room) -> None:
    def found() -> list[str]:
        return [check.found for check in examine_watch(room.installation.database, hours(1))]

    assert found() == ["nobody has the watch of border, control, gates, integrity, marine", "none rings"]
    room.plans("marine", 6, "06:00", "18:00")
    reference = make.report(room.installation).reference
    assert found() == ["nobody has the watch of marine", f"1 ring, {reference} for 60 minutes"]
    room.does("ana", watches.take, "marine")
    assert found()[0] == "somebody has the watch of every queue"


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def sends(desk: Desk, slug: str, act: str, page: str = "/desk/watch", **typed: str) -> Any:
    token = Page(desk.opens(page)).forms[act]["csrf_token"]
    return desk.client.post(f"/desk/watch/{slug}/{act}", data={"csrf_token": token, **typed})


def test_a_shift_is_taken_handed_over_and_accepted_on_the_page(app: Flask, room: Room) -> None:
    ana, sue = signed_in(app, "ana"), signed_in(app, "sue")
    assert "Nobody has the watch" in ana.opens("/desk/watch").text
    assert sends(ana, "marine", "take").headers["Location"].endswith("/desk/watch#marine")
    assert "You have the watch" in ana.opens("/desk/watch").text
    reference = make.report(room.installation).reference
    sends(ana, "marine", "hand-over", words=WORDS)
    page = sue.opens("/desk/watch").text
    assert WORDS in page
    assert reference in page
    assert "Accept as Officer Sue" in page
    number = Page(sue.opens("/desk/watch")).forms["accept"]["handover"]
    assert sends(sue, "marine", "accept", handover=number).status_code == 303
    assert room.holder() == "Officer Sue"
    assert "Officer Ana to Officer Sue" in ana.opens("/desk/watch").text


def test_an_act_that_came_too_late_says_so_and_keeps_what_was_typed(app: Flask, room: Room) -> None:
    ana = signed_in(app, "ana")
    sends(ana, "marine", "take")
    token = Page(ana.opens("/desk/watch")).forms["hand-over"]["csrf_token"]
    room.does("sue", watches.take, "marine", at=hours(1), take_over=True)
    refused = ana.client.post("/desk/watch/marine/hand-over", data={"csrf_token": token, "words": WORDS})
    assert refused.status_code == 422
    assert "Only who has the watch can hand it over." in refused.text
    assert WORDS in refused.text
    old = ana.client.post("/desk/watch/marine/take", data={"words": WORDS})
    assert old.status_code == 403


def test_queues_of_others_are_as_absent_as_those_that_never_were(app: Flask, room: Room) -> None:
    ana = signed_in(app, "ana")
    token = Page(ana.opens("/desk/watch")).forms["take"]["csrf_token"]
    answers = [
        ana.client.post(f"/desk/watch/{slug}/{act}", data={"csrf_token": token})
        for slug, act in (("gates", "take"), ("border", "take"), ("nowhere", "take"), ("marine", "burn"))
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert "Gates queue" not in ana.opens("/desk/watch").text


def test_a_queue_without_a_watch_is_said_plainly_at_the_desk(app: Flask, room: Room) -> None:
    sue = signed_in(app, "sue")
    assert "Nobody has the watch of 3 queues:" in sue.opens("/desk").text
    for slug in ("marine", "gates", "control"):
        room.does("sue", watches.take, slug)
    assert "Nobody has the watch" not in sue.opens("/desk").text


def test_alarms_stand_on_every_page_until_somebody_has_seen_them(app: Flask, room: Room) -> None:
    ana = signed_in(app, "ana")
    assert "alarm rings" not in ana.opens("/desk").text
    reference = make.report(room.installation).reference
    for path in ("/desk", "/desk/watch", "/desk/queues/marine", f"/desk/cases/{reference}", "/desk/undelivered"):
        page = ana.opens(path)
        assert "1 alarm rings" in page.text
        assert Page(page).forms["seen"]["back"] == path
    for login in ("ben", "carl"):
        assert reference not in signed_in(app, login).opens("/desk").text
    fields = Page(ana.opens("/desk/queues/marine")).forms["seen"]
    answer = ana.client.post(f"/desk/alarms/{reference}/seen", data=fields)
    assert answer.headers["Location"] == "/desk/queues/marine"
    assert "alarm rings" not in ana.opens("/desk").text


@pytest.mark.parametrize("back", ["//evil.example/desk", "https://evil.example/", "/deskx", "/desk\n", "/desk/\\x", ""])
def test_a_form_sends_nobody_elsewhere(app: Flask, room: Room, back: str) -> None:
    ana = signed_in(app, "ana")
    reference = make.report(room.installation).reference
    fields = {**Page(ana.opens("/desk")).forms["seen"], "back": back}
    location = ana.client.post(f"/desk/alarms/{reference}/seen", data=fields).headers["Location"]
    assert location in (f"/desk/cases/{reference}", "/desk/%5Cx")


def test_the_bar_by_itself_is_sent_only_when_it_changed(app: Flask, room: Room) -> None:
    ana = signed_in(app, "ana")
    first = ana.opens("/desk/alarms")
    assert (first.status_code, first.text.strip()) == (200, "")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert ana.client.get("/desk/alarms", headers=tag).status_code == 304
    make.report(room.installation)
    assert "1 alarm rings" in ana.client.get("/desk/alarms", headers=tag).text


def test_who_may_see_a_case_may_see_its_alarm_and_nobody_else(app: Flask, room: Room) -> None:
    carl = signed_in(app, "carl")
    token = Page(carl.opens("/desk/watch")).forms["take"]["csrf_token"]
    reference = make.report(room.installation).reference
    gone, foreign = (
        carl.client.post(f"/desk/alarms/{one}/seen", data={"csrf_token": token}) for one in ("EN-0000-0", reference)
    )
    assert (gone.status_code, gone.text) == (foreign.status_code, foreign.text)
    assert gone.status_code == 404


def test_history_says_what_rang(app: Flask, room: Room) -> None:
    ana = signed_in(app, "ana")
    reference = make.report(room.installation).reference
    ringing.ring_what_is_due(room.installation.database, hours(1))
    room.does("ana", desk.claim, reference, at=hours(2))
    page = ana.case(reference).text
    assert "A response target was missed: Take it." in page
    assert "Nobody acted on the alarm, so it went up to the supervisors." in page
    assert "The alarm stopped, because Officer Ana acted." in page


def officer(room: Room, login: str) -> Officer:
    found: Officer = room.reads(lambda session: room.port.officer(session, login))
    return found


def test_whose_watch_it_is_is_known(room: Room) -> None:
    room.does("ana", watches.take, "marine")
    assert room.reads(lambda session: watches.mine(session, officer(room, "ana"))) == {room.port.queues["marine"]}
    assert room.reads(lambda session: watches.mine(session, officer(room, "sue"))) == set()
