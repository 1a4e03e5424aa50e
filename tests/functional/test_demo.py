"""The demo tells its stories through the real intake and desk, once, and finishes what was interrupted."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import accounts, desk
from engage.accounts import Officer
from engage.demo import Story, read_reports, replay
from engage.demo_plans import hang_plans, read_plans
from engage.demo_shift import begin_shift, read_shift
from engage.demo_walls import begin_walls, read_walls
from engage.installation import Installation
from engage.models import (
    Case,
    CaseEvent,
    Handover,
    Message,
    Note,
    Place,
    PlanPin,
    Poster,
    PosterWarning,
    Proposal,
    Queue,
    Report,
    Staff,
    StaffUnit,
)
from engage.sites import load_description, read_description
from engage.taxonomy import CaseStatus, FoundBy, PosterTrouble, Severity
from tests import make

DEMO = Path(__file__).parents[2] / "demo" / "meridian"


@pytest.fixture(scope="module")
def stories() -> tuple[Story, ...]:
    return read_reports(DEMO)


@pytest.fixture
def meridian(installation: Installation) -> Installation:
    with installation.database.transaction() as session:
        load_description(session, read_description(DEMO), password_hash_of=lambda _: "nobody signs in here")
    return installation


def told(installation: Installation) -> list[tuple[Any, ...]]:
    """What stands in the database of reports, messages, notes and history, without numbers that are drawn at random."""
    with installation.database.reading() as session:
        history = session.exec(select(CaseEvent.case_id, CaseEvent.at, CaseEvent.what, CaseEvent.staff_id))
        messages = session.exec(select(Message.case_id, Message.sent_at, Message.text, Message.direction))
        notes = session.exec(select(Note.case_id, Note.written_at, Note.text, Note.staff_id))
        reports = session.exec(select(Report.case_id, Report.received_at, Report.text, Report.found_by))
        states = session.exec(select(Case.id, Case.changed_at, Case.status, Case.holder_id))
        return sorted((tuple(row) for rows in (history, messages, notes, reports, states) for row in rows), key=str)


def test_every_story_is_told_once(meridian: Installation, stories: tuple[Story, ...], now: datetime) -> None:
    heard: list[tuple[int, int]] = []
    assert replay(meridian, stories, now, lambda done, of: heard.append((done, of))) == len(stories)
    assert heard[-1] == (len(stories), len(stories))
    before = told(meridian)
    assert replay(meridian, stories, now + timedelta(hours=1)) == 0
    assert told(meridian) == before


def test_times_grow_in_every_case_and_none_lies_ahead(
    meridian: Installation, stories: tuple[Story, ...], now: datetime
) -> None:
    replay(meridian, stories, now)
    with meridian.database.reading() as session:
        query = select(CaseEvent.case_id, CaseEvent.at).order_by(col(CaseEvent.case_id), col(CaseEvent.id))
        events = session.exec(query).all()
        opened = session.exec(select(Case.opened_at).order_by(col(Case.id))).all()
    assert all(case != next_case or at <= next_at for (case, at), (next_case, next_at) in pairwise(events))
    assert max(at for _, at in events) < now
    assert list(opened) == sorted(opened)


def test_a_telling_that_was_cut_off_is_finished_by_the_next(
    meridian: Installation, stories: tuple[Story, ...], now: datetime
) -> None:
    cut = [story.model_copy(update={"then": story.then[: number % 4]}) for number, story in enumerate(stories)]

    def cut_off(done: int, of: int) -> None:
        if done == of // 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        replay(meridian, cut, now, cut_off)
    replay(meridian, stories, now)
    pieces = told(meridian)
    assert replay(meridian, stories, now + timedelta(minutes=9)) == 0
    assert told(meridian) == pieces
    with meridian.database.reading() as session:
        said = session.exec(select(Message.text)).all()
        written = session.exec(select(Note.text)).all()
    steps = [step for story in stories for step in story.then]
    assert sorted(written) == sorted(step.note for step in steps if step.note)
    assert sorted(set(said)) == sorted({text for step in steps if (text := step.reporter or step.answer or last(step))})
    assert len(said) == sum(bool(step.reporter or step.answer or last(step)) for step in steps)


def last(step: Any) -> str:
    """The last word to the reporter, where a step has one."""
    ending = step.resolve or step.close
    return ending.text if ending else ""


def test_a_case_at_which_somebody_acted_is_left_as_it_is(
    meridian: Installation, stories: tuple[Story, ...], now: datetime
) -> None:
    story = next(story for story in stories if len(story.then) > 4)
    replay(meridian, [story.model_copy(update={"then": story.then[:2]})], now)
    with meridian.database.transaction() as session:
        reference = session.exec(select(Report.reference)).one()
        officer = an_officer(session)
        desk.note(session, officer, reference, now, text="I look at this myself.")
    before = told(meridian)
    assert replay(meridian, [story], now + timedelta(hours=1)) == 0
    assert told(meridian) == before


def an_officer(session: Session) -> Officer:
    """An officer of the unit that has the only case."""
    query = select(Staff.login).join(StaffUnit, col(StaffUnit.staff_id) == Staff.id)
    query = query.join(Queue, col(Queue.unit_id) == StaffUnit.unit_id).join(Case, col(Case.queue_id) == Queue.id)
    found = accounts.officer_by_login(session, session.exec(query).first() or "")
    assert found is not None
    return found


def test_staff_who_act_may_see_the_case_and_every_story_goes_its_way(
    meridian: Installation, stories: tuple[Story, ...], now: datetime
) -> None:
    replay(meridian, stories, now)
    with meridian.database.reading() as session:
        query = select(Case, Staff, Queue).join(Staff, col(Staff.id) == Case.holder_id)
        rows = session.exec(query.join(Queue, col(Queue.id) == Case.queue_id)).all()
        assert all(staff.authority_id == queue.authority_id for _, staff, queue in rows)
        found_by = set(session.exec(select(Report.found_by)))
        statuses = set(session.exec(select(Case.status)))
    assert found_by == set(FoundBy)
    assert statuses >= set(CaseStatus) - {CaseStatus.RECEIVED}


def test_a_story_with_other_words_does_not_replace_the_one_that_was_told(
    meridian: Installation, stories: tuple[Story, ...], now: datetime
) -> None:
    replay(meridian, stories[:1], now)
    before = told(meridian)
    assert replay(meridian, [stories[0].model_copy(update={"text": "something else"})], now) == 0
    assert told(meridian) == before


def test_a_shift_begins_with_little_that_is_late_and_with_watches_to_take(
    meridian: Installation, stories: tuple[Story, ...], now: datetime
) -> None:
    replay(meridian, stories, now)
    watches = read_shift(DEMO)
    assert begin_shift(meridian, watches, now) == len(watches)
    assert begin_shift(meridian, watches, now + timedelta(hours=1)) == 0
    soon = now + timedelta(minutes=3)  # when whoever started it has signed in
    with meridian.database.reading() as session:
        running = session.exec(select(Case).where(col(Case.closed_at).is_(None), col(Case.paused_at).is_(None))).all()
        told = session.exec(select(Report.case_id, sa.func.count()).group_by(col(Report.case_id))).all()
        proposed = session.exec(select(Proposal).where(col(Proposal.verdict).is_(None))).all()
        left = session.exec(select(Queue.slug).join(Handover).where(col(Handover.accepted_at).is_(None))).all()
        late = [case.severity for case in running if case.due_at and case.due_at <= soon]
        at_risk = [case for case in running if case.risk_at and case.risk_at <= soon < (case.due_at or soon)]
    assert late == [Severity.CRITICAL]
    assert 1 <= len(at_risk) <= 2
    assert set(left) == {"police-airport", "police-urgent", "security-airport"}
    assert [count for _, count in told if count > 1] == [5]  # the surge, as far as it is put together
    assert proposed


def test_every_place_is_on_a_plan_and_plans_are_hung_once(meridian: Installation, now: datetime) -> None:
    plans = read_plans(DEMO)
    assert hang_plans(meridian, DEMO, plans, now) == 3
    assert hang_plans(meridian, DEMO, plans, now) == 0
    places = make.rows(meridian, Place)
    assert {pin.place_id for pin in make.rows(meridian, PlanPin)} == {place.id for place in places}
    assert sum(len(one.pins) for one in plans) == len(places)


def test_walls_have_something_behind_them_and_are_begun_once(meridian: Installation, now: datetime) -> None:
    walls = read_walls(DEMO)
    posters = sum(len(one.codes) for one in walls)
    assert begin_walls(meridian, walls, now) == posters
    assert begin_walls(meridian, walls, now) == 0
    with meridian.database.reading() as session:
        codes = session.exec(select(Poster.code, PosterWarning.kind).join(PosterWarning)).all()
    assert len(make.rows(meridian, Poster)) == posters
    assert ("A2BMF", PosterTrouble.SILENT) in codes
    assert {kind for _, kind in codes} == {
        PosterTrouble.SILENT,
        PosterTrouble.STICKER,
        PosterTrouble.DAMAGED,
        PosterTrouble.RETIRED_SCANNED,
        PosterTrouble.NOT_INSPECTED,
    }
