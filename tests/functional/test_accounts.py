"""Staff sign in with a password, stay signed in for a while, and can be thrown out at once."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from engage import accounts
from engage.accounts import SEEN_EVERY, SESSION_IDLE, SESSION_LENGTH, Limits, Officer
from engage.installation import Installation
from engage.models import Staff, StaffSession
from engage.taxonomy import Role
from tests import make

MOMENT = timedelta(seconds=1)


class Door:
    """The door of the desk: each knock in a transaction of its own."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    def check(self, login: str, password: str) -> Officer | None:
        with self.installation.database.reading() as session:
            return accounts.check_password(session, login, password)

    def sign_in(self, login: str, now: datetime) -> str:
        with self.installation.database.transaction() as session:
            officer = accounts.officer_by_login(session, login)
            assert officer is not None
            return accounts.sign_in(session, self.installation.vault, officer, now)

    def who(self, token: str, now: datetime) -> str | None:
        with self.installation.database.reading() as session:
            officer = accounts.officer_of_session(session, self.installation.vault, token, now)
            return officer.login if officer else None

    def see(self, token: str, now: datetime) -> None:
        with self.installation.database.transaction() as session:
            accounts.mark_seen(session, self.installation.vault, token, now)

    def sign_out(self, token: str, now: datetime) -> None:
        with self.installation.database.transaction() as session:
            accounts.sign_out(session, self.installation.vault, token, now)

    def is_long_unseen(self, token: str, now: datetime) -> bool:
        with self.installation.database.reading() as session:
            there = accounts.present(session, self.installation.vault, token, now)
            return there is not None and there[1].is_long_unseen(now)


@pytest.fixture
def door(installation: Installation, port: make.Port) -> Door:
    """The door of the port's desk."""
    return Door(installation)


@pytest.mark.parametrize(
    ("login", "password", "enters"),
    [
        ("ana", make.PASSWORD, True),
        (" Ana ", make.PASSWORD, True),
        ("ana", make.PASSWORD + " ", False),
        ("ana", make.PASSWORD.upper(), False),
        ("ana", "", False),
        ("ana", "x" * 100_000, False),
        ("gone", make.PASSWORD, False),
        ("nobody", make.PASSWORD, False),
        ("", "", False),
        ("ana' OR 1=1 --", make.PASSWORD, False),
    ],
)
def test_the_right_password_of_an_active_officer_opens(door: Door, login: str, password: str, enters: bool) -> None:
    officer = door.check(login, password)
    assert (officer is not None) is enters


@pytest.mark.parametrize(
    ("login", "password"), [("ana\0", make.PASSWORD), ("\0", ""), ("ana", "\0"), ("\U0010ffff", "\uffff")]
)
def test_what_no_keyboard_types_is_a_wrong_password(door: Door, login: str, password: str) -> None:
    assert door.check(login, password) is None


def test_an_officer_knows_their_authority_and_units(door: Door, port: make.Port) -> None:
    officer = door.check("sue", make.PASSWORD)
    assert officer is not None
    assert (officer.login, officer.name, officer.role) == ("sue", "Officer Sue", Role.SUPERVISOR)
    assert (officer.authority_name, len(officer.unit_ids)) == ("Port Police", 1)


def test_a_broken_hash_opens_to_nobody(door: Door) -> None:
    with door.installation.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE staff SET password_hash = 'nonsense' WHERE login = 'ana'")
    assert door.check("ana", make.PASSWORD) is None
    assert door.check("ana", "nonsense") is None


def test_the_hash_of_a_password_is_no_password(door: Door) -> None:
    assert door.check("ana", make.password_hash()) is None


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    one, other = accounts.hash_password("x"), accounts.hash_password("x")
    assert one != other
    assert one.startswith("$argon2id$")


def test_an_unknown_login_takes_as_long_as_a_wrong_password(door: Door) -> None:
    with door.installation.database.transaction() as session:
        staff = session.get_one(Staff, 1)
        staff.password_hash = accounts.hash_password(make.PASSWORD)
    wrong, unknown = (min(_seconds(door, login) for _ in range(4)) for login in ("ana", "nobody"))
    assert 0.4 < unknown / wrong < 2.5


def test_a_session_lasts_while_it_is_used_but_not_for_ever(door: Door, now: datetime) -> None:
    token = door.sign_in("ana", now)
    assert door.who(token, now) == "ana"
    seen = now
    while seen - now < SESSION_LENGTH - SESSION_IDLE:
        seen += SESSION_IDLE - MOMENT
        assert door.who(token, seen) == "ana"
        door.see(token, seen)
    assert door.who(token, now + SESSION_LENGTH - MOMENT) == "ana"
    assert door.who(token, now + SESSION_LENGTH) is None


def test_an_idle_session_ends(door: Door, now: datetime) -> None:
    token = door.sign_in("ana", now)
    assert door.who(token, now + SESSION_IDLE - MOMENT) == "ana"
    assert door.who(token, now + SESSION_IDLE) is None


def test_a_clock_that_jumps_back_neither_ends_a_session_nor_gives_it_time(door: Door, now: datetime) -> None:
    token = door.sign_in("ana", now)
    used = timedelta(hours=1)
    door.see(token, now + used)
    past = now - timedelta(days=3)
    assert door.who(token, past) == "ana"
    assert door.is_long_unseen(token, past)
    door.see(token, past)
    assert not door.is_long_unseen(token, past)
    seen = past
    while door.who(token, seen + SESSION_IDLE - MOMENT):
        seen += SESSION_IDLE - MOMENT
        door.see(token, seen)
    assert door.who(token, past + SESSION_LENGTH - used - MOMENT) == "ana"
    assert door.who(token, past + SESSION_LENGTH - used) is None


def test_a_clock_that_jumps_back_and_forth_gives_no_time(door: Door, now: datetime) -> None:
    token = door.sign_in("ana", now)
    for moment in (now - timedelta(hours=5), now + timedelta(hours=1)):
        door.see(token, moment)
    assert door.who(token, now + SESSION_LENGTH - timedelta(hours=5)) is None


def test_settings_say_how_long_a_session_lasts(door: Door, now: datetime) -> None:
    token = door.sign_in("ana", now)
    short = Limits(idle=timedelta(minutes=10), length=timedelta(minutes=15))
    for minutes, there in ((9, True), (10, False)):
        with door.installation.database.reading() as session:
            at = now + timedelta(minutes=minutes)
            found = accounts.officer_of_session(session, door.installation.vault, token, at, short)
        assert (found is not None) is there


def test_signing_out_ends_one_session_and_leaves_the_others(door: Door, now: datetime) -> None:
    here, there = door.sign_in("ana", now), door.sign_in("ana", now)
    door.sign_out(here, now)
    door.sign_out(here, now + MOMENT)
    assert door.who(here, now) is None
    assert door.who(there, now) == "ana"
    assert [row.ended_at for row in make.rows(door.installation, StaffSession)] == [now, None]


def test_who_is_no_longer_active_is_out_at_once(door: Door, now: datetime) -> None:
    token = door.sign_in("ana", now)
    with door.installation.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE staff SET active = (1 = 0) WHERE login = 'ana'")
    assert door.who(token, now) is None


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud83d", "x" * 10_000])
def test_no_other_token_opens(door: Door, now: datetime, token: str) -> None:
    door.sign_in("ana", now)
    assert door.who(token, now) is None


def test_a_token_is_kept_nowhere(door: Door, now: datetime) -> None:
    token = door.sign_in("ana", now)
    (row,) = make.rows(door.installation, StaffSession)
    assert token not in repr(row)
    assert len(token) >= 43


def test_reading_pages_seldom_write(door: Door, now: datetime) -> None:
    token = door.sign_in("ana", now)
    assert not door.is_long_unseen(token, now + SEEN_EVERY - MOMENT)
    assert door.is_long_unseen(token, now + SEEN_EVERY)
    assert not door.is_long_unseen("another", now + SEEN_EVERY)


def test_commands_find_active_officers_only(door: Door) -> None:
    with door.installation.database.reading() as session:
        assert accounts.officer_by_login(session, "ana") is not None
        assert accounts.officer_by_login(session, "gone") is None


def _seconds(door: Door, login: str) -> float:
    began = time.perf_counter()
    assert door.check(login, "wrong") is None
    return time.perf_counter() - began
