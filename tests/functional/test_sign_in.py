"""Signing in to the desk: who gets in, where it leads, how guessing is slowed, and that leaving really ends it."""

from __future__ import annotations

import html
from datetime import timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask, request

from engage import create_app
from engage.config import Settings
from engage.installation import Installation
from engage.models import StaffSession
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in
from tests.servers import Servers, free_port


@pytest.fixture
def ana(app: Flask) -> Desk:
    return signed_in(app, "ana")


def test_the_right_password_leads_where_the_officer_wanted_to_go(app: Flask) -> None:
    desk = Desk(app)
    asked = desk.opens("/desk/queues/marine?status=closed&after=3.12")
    assert asked.status_code == 303
    assert asked.headers["Location"].startswith("/desk/sign-in?next=")
    answer = desk.signs_in(wanted="/desk/queues/marine?status=closed&after=3.12")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/queues/marine?status=closed&after=3.12")
    assert "Officer Ana" in desk.opens("/desk").text


@pytest.mark.parametrize(
    ("login", "password"), [("ana", "wrong"), ("nobody", "wrong"), ("gone", make.PASSWORD), ("", "")]
)
def test_a_wrong_sign_in_says_the_same_whoever_it_is(app: Flask, login: str, password: str) -> None:
    desk = Desk(app, login)
    answer = desk.signs_in(password)
    assert answer.status_code == 422
    assert "do not fit together" in answer.text
    assert desk.opens("/desk").status_code == 303


ELSEWHERE = (
    "https://evil.example/desk",
    "//evil.example/desk",
    "/\\evil.example",
    "/desk/../return",
    "/desk/%2e%2e/return",
    "/desk//evil.example",
    "/deskevil",
    "/desk@evil.example",
    "/desk\n//evil.example",
    "javascript:alert(1)",
    "/return",
    "/desk/sign-out",
    " /desk",
)


def test_signing_in_leads_nowhere_but_to_the_desk(app: Flask) -> None:
    for wanted in ELSEWHERE:
        desk = Desk(app)
        assert f'value="{html.escape(wanted)}"' not in desk.opens(f"/desk/sign-in?next={quote(wanted)}").text
        values = Page(desk.opens("/desk/sign-in")).forms["sign-in"]
        values |= {"login": "ana", "password": make.PASSWORD, "next": wanted}
        address = {"REMOTE_ADDR": f"192.0.2.{ELSEWHERE.index(wanted) + 1}"}
        answer = desk.client.post("/desk/sign-in", data=values, environ_base=address)
        assert answer.headers["Location"] == "/desk", wanted


def test_guessing_is_slowed_at_one_address_and_locks_nobody_out_elsewhere(app: Flask) -> None:
    guesser = Desk(app, address="192.0.2.1")
    assert {guesser.signs_in("wrong").status_code for _ in range(10)} == {422}
    refused = guesser.signs_in()
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert "Try again in 10 min" in refused.text
    assert Desk(app, address="192.0.2.2").signs_in().status_code == 303


def test_guessing_many_logins_from_one_address_is_slowed_too(app: Flask) -> None:
    codes = [Desk(app, f"name{number}", "2001:db8::1").signs_in("wrong").status_code for number in range(52)]
    assert codes == [422] * 50 + [429] * 2
    assert Desk(app, "ana", "2001:db8::2").signs_in().status_code == 429
    assert Desk(app, "ana", "2001:db8:0:1::1").signs_in().status_code == 303


def test_signing_in_again_and_out_ends_the_old_token_everywhere(app: Flask, installation: Installation) -> None:
    desk, thief = signed_in(app, "ana"), Desk(app)
    cookie = desk.client.get_cookie("engage_desk")
    assert cookie
    thief.client.set_cookie("engage_desk", cookie.value)
    assert thief.opens("/desk").status_code == 200
    desk.signs_in()
    assert thief.opens("/desk").status_code == 303
    newer = desk.client.get_cookie("engage_desk")
    assert newer
    thief.client.set_cookie("engage_desk", newer.value)
    out = desk.client.post("/desk/sign-out", data=Page(desk.opens("/desk")).forms["sign-out"])
    assert out.status_code == 303
    assert {desk.opens("/desk").status_code, thief.opens("/desk").status_code} == {303}
    assert all(row.ended_at for row in make.rows(installation, StaffSession))


def test_the_cookie_holds_nothing_but_the_token(app: Flask, ana: Desk) -> None:
    cookie = ana.client.get_cookie("engage_desk")
    assert cookie
    assert cookie.http_only
    with app.test_request_context(headers={"Cookie": f"engage_desk={cookie.value}"}):
        session = app.session_interface.open_session(app, request)
    assert session is not None
    assert set(session) <= {"_user_id", "_fresh", "csrf_token"}


def test_the_session_is_marked_as_seen_at_most_every_five_minutes(ana: Desk, installation: Installation) -> None:
    (before,) = make.rows(installation, StaffSession)
    ana.opens("/desk")
    (same,) = make.rows(installation, StaffSession)
    assert same.seen_at == before.seen_at
    with installation.database.transaction() as session:
        session.connection().execute(sa.update(StaffSession).values(seen_at=before.seen_at - timedelta(minutes=6)))
    ana.opens("/desk")
    (after,) = make.rows(installation, StaffSession)
    assert after.seen_at >= before.seen_at


def test_processes_count_guesses_together_in_redis(settings: Settings, port: make.Port, servers: Servers) -> None:
    shared = settings.model_copy(update={"redis_url": servers.redis_url})
    for tries, expected in ((10, {422}), (1, {429})):
        app = create_app(shared)
        codes = {Desk(app, "ben", "192.0.2.77").signs_in("wrong").status_code for _ in range(tries)}
        app.extensions["engage"].database.dispose()
        assert codes == expected


def test_without_redis_signing_in_still_works_and_is_still_limited(settings: Settings, port: make.Port) -> None:
    app = create_app(settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{free_port()}/0"}))
    codes = [Desk(app, "ben", "192.0.2.78").signs_in("wrong").status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert Desk(app).signs_in().status_code == 303
    app.extensions["engage"].database.dispose()
