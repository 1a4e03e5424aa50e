"""The second step: codes that open once, recovery codes, and who may try how often."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engage import accounts, second_steps, vouching
from engage.accounts import Officer
from engage.config import Settings
from engage.installation import Installation, open_installation
from engage.models import AuditEntry, RecoveryCode, SecondStep, StaffSession
from engage.second_steps import Checked
from engage.vouching import Given, Outcome
from tests import make
from tests.functional.staff_browser import Desk, Page

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = timedelta(seconds=30)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings of a real site, where the second step is required."""
    return settings.model_copy(update={"second_step": "required"})


@pytest.fixture
def ana(installation: Installation, port: make.Port) -> Officer:
    with installation.database.reading() as session:
        return port.officer(session, "ana")


@pytest.fixture
def codes(installation: Installation, ana: Officer) -> list[str]:
    """The recovery codes of ana, whose app was set up an hour ago."""
    return set_up(installation, ana, make.NOON - timedelta(hours=1))


def set_up(installation: Installation, officer: Officer, at: datetime) -> list[str]:
    with installation.database.transaction() as session:
        code = pyotp.TOTP(SECRET).at(at)
        return second_steps.confirm(session, installation.vault, officer, SECRET, code, at)


def checks(
    installation: Installation, officer: Officer, typed: str, now: datetime = make.NOON, known: bool = False
) -> Checked:
    with installation.database.transaction() as session:
        return second_steps.check(session, installation.vault, officer.staff_id, typed, now, known)


def code_of(at: datetime) -> str:
    return pyotp.TOTP(SECRET).at(at)


@pytest.mark.usefixtures("codes")
def test_a_code_opens_once_and_none_before_it_opens_after(installation: Installation, ana: Officer) -> None:
    assert checks(installation, ana, code_of(make.NOON)) is Checked.APP
    assert checks(installation, ana, code_of(make.NOON)) is Checked.WRONG
    assert checks(installation, ana, code_of(make.NOON - STEP)) is Checked.WRONG
    assert checks(installation, ana, code_of(make.NOON + STEP)) is Checked.APP
    assert checks(installation, ana, code_of(make.NOON + STEP), make.NOON + STEP) is Checked.WRONG


def test_clocks_may_differ_by_half_a_minute() -> None:
    current = int(make.NOON.timestamp()) // 30
    for steps, expected in ((-2, None), (-1, current - 1), (0, current), (1, current + 1), (2, None)):
        assert second_steps.step_of(SECRET, code_of(make.NOON + steps * STEP), make.NOON) == expected


@pytest.mark.usefixtures("codes")
def test_a_code_is_read_in_the_digits_of_any_script(installation: Installation, ana: Officer) -> None:
    arabic = code_of(make.NOON).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert checks(installation, ana, f" {arabic[:3]} {arabic[3:]}\u00a0") is Checked.APP


@pytest.mark.usefixtures("codes")
def test_what_is_no_code_is_a_wrong_code(installation: Installation, ana: Officer) -> None:
    for typed in ("", "\0", "000000\0", "x" * 10_000, "1" * 10_000, "½½½½½½", "\ud83d", "' OR 1=1 --"):
        assert checks(installation, ana, typed) is Checked.WRONG


def test_a_recovery_code_opens_once_however_it_is_written(
    installation: Installation, ana: Officer, codes: list[str]
) -> None:
    assert checks(installation, ana, codes[0].lower().replace("-", " ")) is Checked.RECOVERY_CODE
    assert checks(installation, ana, codes[0]) is Checked.WRONG
    assert checks(installation, ana, codes[9]) is Checked.RECOVERY_CODE
    with installation.database.reading() as session:
        assert second_steps.steps_of(session, ana.staff_id).recovery_codes == 8


def test_secrets_are_kept_sealed_and_bound_to_their_owner(
    installation: Installation, port: make.Port, ana: Officer, codes: list[str]
) -> None:
    kept = repr([make.rows(installation, SecondStep), make.rows(installation, RecoveryCode)])
    assert SECRET not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    with installation.database.reading() as session:
        ben = port.officer(session, "ben")
    assert checks(installation, ben, codes[1]) is Checked.WRONG
    sealed = second_steps.offer(installation.vault, ben.staff_id, SECRET)
    assert second_steps.offered(installation.vault, ana.staff_id, sealed) is None


def test_guessing_codes_is_stopped_but_locks_nobody_out(
    installation: Installation, ana: Officer, codes: list[str]
) -> None:
    for _ in range(second_steps.MOST_WRONG):
        assert checks(installation, ana, "000000") is Checked.WRONG
    assert checks(installation, ana, code_of(make.NOON)) is Checked.TOO_MANY
    assert checks(installation, ana, codes[0]) is Checked.RECOVERY_CODE
    assert checks(installation, ana, code_of(make.NOON), known=True) is Checked.APP
    for _ in range(second_steps.MOST_WRONG):
        checks(installation, ana, "000000")
    later = make.NOON + second_steps.WRONG_COUNT_FOR
    assert checks(installation, ana, code_of(later), later) is Checked.APP


def test_five_wrong_tries_end_a_waiting_sign_in(installation: Installation, ana: Officer, codes: list[str]) -> None:
    vault = installation.vault
    with installation.database.transaction() as session:
        token = vouching.begin_waiting(session, vault, ana, make.NOON)
    tries = [*["000000"] * 5, codes[0]]
    outcomes = []
    for typed in tries:
        with installation.database.transaction() as session:
            outcomes.append(vouching.finish(session, vault, None, token, Given(typed), make.NOON)[0])
    assert outcomes == [Outcome.WRONG] * 4 + [Outcome.OVER] * 2
    assert [entry.act for entry in make.rows(installation, AuditEntry)].count("staff.second_step_failed") == 5


def test_a_waiting_sign_in_ends_by_itself(installation: Installation, ana: Officer, codes: list[str]) -> None:
    vault, late = installation.vault, make.NOON + vouching.PENDING_LASTS
    with installation.database.transaction() as session:
        token = vouching.begin_waiting(session, vault, ana, make.NOON)
        assert vouching.pending(session, vault, token, late - timedelta(seconds=1))
        assert vouching.pending(session, vault, token, late) is None
        assert vouching.finish(session, vault, None, token, Given(codes[0]), late) == (Outcome.OVER, None)


# At the door.


class Guest(Desk):
    """A browser that goes through both steps."""

    def second_step(self, code: str) -> TestResponse:
        form = Page(self.client.get("/desk/sign-in/second-step")).forms["second-step"]
        return self.client.post("/desk/sign-in/second-step", data={**form, "code": code})

    def enters(self, code: str, wanted: str = "") -> TestResponse:
        assert self.signs_in(wanted=wanted).headers["Location"].startswith("/desk/sign-in/second-step")
        return self.second_step(code)


def test_the_password_alone_opens_nothing(app: Flask, codes: list[str], installation: Installation) -> None:
    guest = Guest(app)
    asked = guest.signs_in(wanted="/desk/queues/marine")
    assert asked.headers["Location"] == "/desk/sign-in/second-step?next=/desk/queues/marine"
    assert guest.opens("/desk").status_code == 303
    assert make.rows(installation, StaffSession) == []
    page = guest.client.get(asked.headers["Location"])
    form = Page(page).forms["second-step"]
    wrong = guest.client.post("/desk/sign-in/second-step", data={**form, "code": "000000"})
    assert (wrong.status_code, "That was not right" in wrong.text) == (422, True)
    right = guest.client.post("/desk/sign-in/second-step", data={**form, "code": codes[0]})
    assert (right.status_code, right.headers["Location"]) == (303, "/desk/queues/marine")
    assert guest.opens("/desk").status_code == 200
    again = guest.client.post("/desk/sign-in/second-step", data={**form, "code": codes[1]})
    assert again.status_code in (303, 403)
    assert len(make.rows(installation, StaffSession)) == 1


def test_who_has_no_app_sets_one_up_first_and_sees_the_codes_once(app: Flask, installation: Installation) -> None:
    guest = Guest(app, "ben")
    assert guest.signs_in().status_code == 303
    asked = guest.client.get("/desk/sign-in/second-step")
    form = Page(asked).forms["new"]
    assert "<svg" in asked.text
    wrong = guest.client.post("/desk/sign-in/second-step/new", data={**form, "code": "123"})
    assert (wrong.status_code, Page(wrong).forms["new"]["offer"][:8] != "") == (422, True)
    with installation.database.reading() as session:
        ben = accounts.officer_by_login(session, "ben")
    assert ben
    secret = second_steps.offered(installation.vault, ben.staff_id, form["offer"])
    assert secret
    code = pyotp.TOTP(secret).now()
    foreign = second_steps.offer(installation.vault, ben.staff_id + 1, secret)
    assert (
        guest.client.post("/desk/sign-in/second-step/new", data={**form, "offer": foreign, "code": code}).status_code
        == 422
    )
    done = guest.client.post("/desk/sign-in/second-step/new", data={**form, "code": code})
    assert (done.status_code, done.text.count("<li><code>")) == (200, 10)
    assert guest.opens("/desk").status_code == 200
    assert guest.client.post("/desk/sign-in/second-step/new", data={**form, "code": code}).status_code in (303, 403)


def test_nobody_sets_up_an_app_over_that_of_another(app: Flask, codes: list[str], installation: Installation) -> None:
    thief = Guest(app)
    thief.signs_in()
    form = Page(thief.client.get("/desk/sign-in/second-step")).forms["second-step"]
    offer = second_steps.offer(installation.vault, make.rows(installation, SecondStep)[0].staff_id, "A" * 32)
    data = {**form, "offer": offer, "code": pyotp.TOTP("A" * 32).now()}
    assert thief.client.post("/desk/sign-in/second-step/new", data=data).status_code == 200
    assert thief.opens("/desk").status_code == 303
    assert len(make.rows(installation, SecondStep)) == 1
    assert thief.second_step(codes[0]).status_code == 303


def test_a_known_device_has_an_allowance_of_its_own(app: Flask, codes: list[str]) -> None:
    own, guesser = Guest(app), Guest(app)
    assert own.enters(codes[0]).status_code == 303
    own.client.post("/desk/sign-out", data=Page(own.opens("/desk")).forms["sign-out"])
    assert [guesser.signs_in("wrong").status_code for _ in range(11)][-1] == 429
    assert Guest(app).signs_in().status_code == 429
    assert own.enters(codes[1]).status_code == 303
    # It is known for its own officer only, and its own allowance ends as well.
    own.login = "ben"
    assert [own.signs_in("wrong").status_code for _ in range(11)][-1] == 429
    own.login = "ana"
    assert [own.signs_in("wrong").status_code for _ in range(11)][-1] == 429


def test_a_forged_device_is_not_known(app: Flask, codes: list[str]) -> None:
    forger = Guest(app)
    for value in ("x", "", "W10.x.y", "\0" * 10, "a" * 4000):
        forger.client.set_cookie("engage_device", value)
        assert forger.signs_in("wrong").status_code == 422


def test_another_installation_of_the_same_key_reads_the_secrets(
    installation: Installation, settings: Settings, ana: Officer, codes: list[str]
) -> None:
    other = open_installation(settings)
    assert checks(other, ana, code_of(make.NOON)) is Checked.APP
    other.database.dispose()
