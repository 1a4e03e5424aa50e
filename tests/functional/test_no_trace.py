"""What a browser gives away reaches neither the database nor the log, and no access code is kept anywhere."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlmodel import SQLModel

from engage import logs
from engage.installation import Installation
from tests import make

ADDRESS, AGENT, SECRET_PATH = "203.0.113.77", "Canary-Browser/9.9", "canary-of-the-referrer"
TRACES = {
    "User-Agent": AGENT,
    "X-Forwarded-For": ADDRESS,
    "Forwarded": f"for={ADDRESS}",
    "X-Real-IP": ADDRESS,
    "Referer": f"https://example.org/{SECRET_PATH}",
    "Cookie": "canary=canary-cookie",
}


def everything_kept(installation: Installation) -> str:
    """Every value of every row of the database, in one text."""
    with installation.database.reading() as session:
        tables = SQLModel.metadata.sorted_tables
        return "\n".join(str(tuple(row)) for table in tables for row in session.connection().execute(table.select()))


def test_no_trace_of_the_reporter_is_kept_or_logged(
    client: FlaskClient, installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG")
    came_from = {"REMOTE_ADDR": ADDRESS}
    sent = client.post("/p/B7K4X", data={"text": make.GUN}, headers=TRACES, environ_base=came_from)
    access_code = re.findall(r'id="code"[^>]*>([^<]+)<', sent.text)[0]
    back = client.post("/return", data={"access_code": access_code}, headers=TRACES, environ_base=came_from)
    assert (sent.status_code, back.status_code) == (200, 303)
    client.post("/p/B7K4X", data=b"\xff", headers=TRACES, environ_base=came_from)
    client.get(f"/nowhere/{SECRET_PATH}", headers=TRACES, environ_base=came_from)

    kept, logged = everything_kept(installation), capsys.readouterr().err
    assert make.GUN in kept
    assert logged.count('"request"') == 4
    for trace in (ADDRESS, AGENT, SECRET_PATH, "canary-cookie", access_code, access_code.replace("-", "")):
        assert trace not in kept
        assert trace not in logged


def test_no_cookie_before_sending(client: FlaskClient) -> None:
    for page in ("/p/B7K4X", "/p/ZZZZZ", "/return"):
        assert "Set-Cookie" not in client.get(page).headers
    given = client.post("/p/B7K4X", data={"text": make.GUN}).headers["Set-Cookie"]
    assert "HttpOnly" in given
    assert "SameSite=Lax" in given


@pytest.mark.parametrize("lifted", ["script-src 'unsafe-inline'", "unsafe-eval", "http:"])
def test_the_content_policy_lets_nothing_in_from_elsewhere(client: FlaskClient, lifted: str) -> None:
    policy = client.get("/p/B7K4X").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert lifted not in policy
