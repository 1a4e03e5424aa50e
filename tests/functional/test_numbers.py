"""The numbers of supervisors: the same on both databases, of their own authority only, bounded, and as files."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import col

from engage import desk, numbers
from engage.db import add_row
from engage.installation import Installation
from engage.models import Case, Correction
from engage.numbers import Numbers
from engage.spreadsheets import BYTE_ORDER_MARK
from engage.tallies import Agreement
from engage.taxonomy import CasePromise, Category, Channel, Disposition, Role, Severity
from tests import make
from tests.functional.staff_browser import Desk, signed_in

MINUTE = timedelta(minutes=1)
LATER = make.NOON + timedelta(days=1)
PAGE = "/desk/numbers"
FILES = ("days", "hours", "places", "categories", "channels", "languages", "times", "outcomes", "agreement")


@pytest.fixture
def sue(app: Flask) -> Desk:
    return signed_in(app, "sue")


def read(
    installation: Installation, port: make.Port, login: str = "sue", role: Role = Role.SUPERVISOR, **others: Any
) -> Numbers:
    with installation.database.reading() as session:
        values = {"days": 28, "now": LATER, **others}
        return numbers.read(session, replace(port.officer(session, login), role=role), **values)


def act(
    installation: Installation, port: make.Port, login: str, what: Any, reference: str, at: datetime, **how: Any
) -> None:
    with installation.database.transaction() as session:
        what(session, port.officer(session, login), reference, at, **how)


def test_a_day_in_numbers(installation: Installation, port: make.Port) -> None:
    first = make.report(installation, make.GUN).reference
    second = make.report(installation, make.OPEN_FENCE, code="M2Q9Z", channel=Channel.SMS, site="harbour").reference
    make.report(installation, make.IVORY)
    act(installation, port, "ana", desk.claim, first, make.NOON + MINUTE)
    act(installation, port, "ana", desk.answer, first, make.NOON + 9 * MINUTE, text="We are coming.")
    act(installation, port, "ana", desk.close, first, make.NOON + 30 * MINUTE, disposition=Disposition.ACTION_TAKEN)
    act(installation, port, "ana", desk.reopen, first, make.NOON + 40 * MINUTE, reason="It goes on.")
    act(installation, port, "ben", desk.refer, second, make.NOON + 5 * MINUTE, to="Fire", reason="Theirs.")
    found = read(installation, port)
    told = found.tally
    assert (told.reports, told.outcomes.cases, told.outcomes.reopened, told.outcomes.referred) == (2, 2, 1, 1)
    assert told.outcomes.unanswered == 1
    assert dict(told.categories) == {Category.WEAPON_ATTACK: 1, Category.TRESPASS_ACCESS: 1}
    assert dict(told.channels) == {Channel.WEB: 1, Channel.SMS: 1}
    assert told.week[5][20] == 2  # noon of a Saturday is eight in the evening in Manila
    answer = told.paces[CasePromise.RESPOND, Severity.CRITICAL]
    assert (answer.times, answer.median, answer.late) == (1, 9 * MINUTE, 1)
    taken = told.paces[CasePromise.ACKNOWLEDGE, Severity.CRITICAL]
    assert (taken.median, taken.in_time) == (MINUTE, 1)
    names = {spot.place.name if spot.place else spot.site.name for spot in found.spots.values()}
    assert names == {"Gate B12", "Harbour"}


def test_nobody_counts_what_they_may_not_see(installation: Installation, port: make.Port) -> None:
    for words in (make.GUN, make.IVORY, make.BRIBE):
        make.report(installation, words)
    seen = {
        (login, role): read(installation, port, login, role).tally.reports
        for login in ("sue", "ida", "carl")
        for role in Role
    }
    counted = {"sue": 1, "ida": 2, "carl": 1}  # neither another authority's nor a sealed queue's
    assert seen == {
        (login, role): counted[login] if role in (Role.SUPERVISOR, Role.ANALYST) else 0 for login, role in seen
    }


def test_a_window_ends_where_it_ends(installation: Installation, port: make.Port) -> None:
    for days in (0, 6, 8, 27, 29, 91):
        make.report(installation, now=LATER - timedelta(days=days))
    assert [read(installation, port, days=days).tally.reports for days in numbers.WINDOWS] == [2, 4, 5]


def test_only_so_many_are_read_and_they_say_since_when(installation: Installation, port: make.Port) -> None:
    for hours in range(6):
        make.report(installation, make.GUN if hours % 2 else make.OPEN_FENCE, now=make.NOON + hours * 60 * MINUTE)
    found = read(installation, port, most=4)
    assert (found.is_cut, found.tally.outcomes.cases) == (True, 4)
    assert found.since == make.NOON + 120 * MINUTE
    assert not read(installation, port, most=6).is_cut
    assert found.tally.days[0][0].isoformat() == "2026-03-14"


def test_agreement_comes_from_corrections_and_from_what_was_reclassified(
    installation: Installation, port: make.Port
) -> None:
    first, second = (make.report(installation, make.GUN).reference for _ in range(2))
    for reference, category in ((first, Category.DISORDER), (first, Category.DRONE), (second, Category.WEAPON_ATTACK)):
        how = {"category": category, "severity": Severity.HIGH, "reason": "Looked at it."}
        act(installation, port, "ana", desk.reclassify, reference, make.NOON + MINUTE, **how)
    (agreement,) = read(installation, port).tally.agreements
    assert agreement == Agreement(Category.WEAPON_ATTACK, 2, 1, 0, Category.DRONE)
    with installation.database.transaction() as session:
        add_row(
            session,
            Correction,
            case_id=1,
            report_id=1,
            staff_id=port.staff["ana"],
            said_category=Category.THEFT_FRAUD,
            said_severity=Severity.LOW,
            category=Category.DRONE,
            severity=Severity.HIGH,
            words="gun",
            reason="A toy.",
            corrected_at=make.NOON,
        )
    told = read(installation, port).tally.agreements
    assert {one.category for one in told} == {Category.THEFT_FRAUD, Category.WEAPON_ATTACK}


def test_the_page_is_for_supervisors_only(app: Flask, sue: Desk) -> None:
    assert sue.opens(PAGE).status_code == 200
    assert f'href="{PAGE}"' in sue.opens("/desk").text
    ana = signed_in(app, "ana")
    nothing = ana.opens("/desk/nothing-here")
    for address in (PAGE, f"{PAGE}/days.csv", f"{PAGE}/nonsense.csv"):
        answer = ana.opens(address)
        assert (answer.status_code, answer.text) == (404, nothing.text)
    assert f'href="{PAGE}"' not in ana.opens("/desk").text
    assert app.test_client().get(PAGE).status_code == 303


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_the_page_shows_every_table_in_every_language(
    sue: Desk, installation: Installation, filled: bool, language: str
) -> None:
    if filled:
        make.report(installation, now=datetime.now(UTC))
    page = sue.opens(f"{PAGE}?days=7&lang={language}")
    assert page.status_code == 200
    for name in FILES:
        assert f'id="{name}"' in page.text
    assert ("Gate B12" in page.text) == filled
    assert "style=" not in page.text


def test_a_window_that_there_is_none_of_is_said(sue: Desk) -> None:
    for asked in ("5", "-7", "9" * 30, "x", "%00"):
        assert "these are the last 28 days" in sue.opens(f"{PAGE}?days={asked}").text


def rows_of(sue: Desk, name: str) -> list[list[str]]:
    answer = sue.opens(f"{PAGE}/{name}.csv?days=7")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.data.decode()
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


@pytest.mark.parametrize("name", FILES)
def test_every_table_is_a_file(sue: Desk, installation: Installation, name: str) -> None:
    make.report(installation, now=datetime.now(UTC))
    header, *rows = rows_of(sue, name)
    assert rows or name == "agreement"
    assert all(len(row) == len(header) for row in rows)


def test_no_name_of_a_place_becomes_a_formula(sue: Desk, installation: Installation) -> None:
    with installation.database.transaction() as session:
        session.connection().execute(sa.text("UPDATE places SET name = '=HYPERLINK(\"http://evil\")'"))
    make.report(installation, now=datetime.now(UTC))
    (_header, row) = rows_of(sue, "places")
    assert row[0].startswith("'=HYPERLINK")


def test_days_of_the_file_are_those_of_the_site(sue: Desk, installation: Installation) -> None:
    evening = (datetime.now(UTC) - timedelta(days=2)).replace(hour=20)
    make.report(installation, now=evening)
    days = dict(rows_of(sue, "days")[1:])
    assert days[(evening + timedelta(days=1)).date().isoformat()] == "1"  # four in the morning in Manila
    assert sum(map(int, days.values())) == 1


def test_the_cases_are_found_through_their_index(installation: Installation, port: make.Port) -> None:
    with installation.database.reading() as session:
        query = sa.select(col(Case.id)).where(col(Case.id).in_(sa.select(numbers.sample([1, 2], make.NOON, 10).c.id)))
        sqlite = session.get_bind().dialect.name == "sqlite"
        if not sqlite:
            session.connection().execute(sa.text("SET enable_seqscan = off"))
        explained = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        text = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        plan = "\n".join(str(row) for row in session.connection().exec_driver_sql(explained + text))
    assert "ix_cases_opened" in plan
