"""The commands, as a person types them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from engage import accounts, invitations
from engage.cli import COMMANDS, main
from engage.config import Settings
from engage.installation import Installation, open_installation
from engage.invitations import InvitationClosed
from engage.models import Outgoing, Report, Staff, StaffSession
from engage.taxonomy import OutgoingStatus
from tests import make
from tests.servers import free_port

Run = Callable[..., Result]


def environment_of(settings: Settings, **others: str) -> dict[str, str]:
    return {
        "ENGAGE_DATA_DIR": str(settings.data_dir),
        "ENGAGE_DATABASE_URL": settings.database_url,
        "ENGAGE_SECRET_KEY": settings.secret_key,
        "ENGAGE_PUBLIC_URL": settings.public_url,
        "ENGAGE_DEMO": "0",
        "COLUMNS": "200",
        **others,
    }


@pytest.fixture
def run(settings: Settings) -> Run:
    """Type a command, in an installation that is migrated."""

    def typed(*words: str, stdin: str | None = None, **environment: str) -> Result:
        return CliRunner().invoke(main, words, input=stdin, env=environment_of(settings, **environment))

    return typed


@pytest.fixture
def child() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command in a process of its own; ended with the test, if it has not ended by itself."""
    started: list[subprocess.Popen[str]] = []

    def start(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "engage.cli", *words]
        started.append(
            subprocess.Popen(
                command,
                env={**os.environ, **environment},
                cwd="/",
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def is_refused(result: Result, sentence: str) -> bool:
    """Whether a command ended with code 2 and one plain sentence on standard error."""
    return result.exit_code == 2 and sentence in result.stderr and "Traceback" not in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_says_what_it_does(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert command.help


@pytest.mark.parametrize("words", [["serve"], ["worker"], ["migrate"], ["doctor"], ["posters", "--site", "x"]])
def test_settings_that_cannot_work_are_refused_plainly(run: Run, words: list[str]) -> None:
    assert is_refused(run(*words, ENGAGE_SECRET_KEY="short"), "ENGAGE_SECRET_KEY must be at least 32 random characters")


@pytest.mark.parametrize("words", [["serve"], ["worker", "--once"], ["posters", "--site", "x"], ["staff", "list"]])
def test_a_database_without_tables_is_refused_plainly(run: Run, tmp_path: Path, words: list[str]) -> None:
    result = run(*words, ENGAGE_DATABASE_URL="", ENGAGE_DATA_DIR=str(tmp_path / "new"))
    assert is_refused(result, "Run: engage migrate")


def test_a_database_that_is_away_is_refused_plainly(run: Run) -> None:
    result = run("worker", "--once", ENGAGE_DATABASE_URL="postgresql://nobody:hidden@127.0.0.1:1/nothing")
    assert is_refused(result, "The database cannot be used")
    assert "hidden" not in result.output


def test_migrating_again_changes_nothing(run: Run, tmp_path: Path) -> None:
    new = {"ENGAGE_DATABASE_URL": "", "ENGAGE_DATA_DIR": str(tmp_path / "new")}
    first, second = run("migrate", **new), run("migrate", **new)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "as it was" not in first.output
    assert "as it was" in second.output


@pytest.mark.usefixtures("port")
def test_the_doctor_finds_a_sound_installation_sound(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "fail" not in result.output


def test_the_doctor_says_what_to_do(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "engage site load" in result.output


@pytest.mark.usefixtures("port")
def test_posters_are_drawn_for_the_ones_in_use(run: Run, tmp_path: Path) -> None:
    result = run("posters", "--site", "harbour", "--out", str(tmp_path))
    assert result.exit_code == 0
    assert sorted(file.name for file in (tmp_path / "harbour").iterdir()) == [
        f"{code}.svg" for code in sorted((make.code("B7K4"), make.code("M2Q9")))
    ]
    assert f"2 QR codes in {tmp_path}/harbour/" in result.output


@pytest.mark.usefixtures("port")
def test_one_poster_is_drawn_as_a_picture(run: Run, tmp_path: Path) -> None:
    wanted = make.code("B7K4")
    assert run("posters", "--site", "harbour", "--format", "png", "--code", wanted.lower(), "--out", str(tmp_path))
    assert [file.name for file in (tmp_path / "harbour").iterdir()] == [f"{wanted}.png"]


@pytest.mark.usefixtures("port")
def test_posters_of_nowhere_are_refused_plainly(run: Run) -> None:
    assert is_refused(run("posters", "--site", "moon"), "There is no site moon. The sites: harbour.")
    assert is_refused(run("posters", "--site", "harbour", "--code", "ZZZZZ"), "has the code ZZZZZ")


@pytest.mark.usefixtures("port")
def test_posters_are_printed_as_one_file_or_each_as_its_own(run: Run, tmp_path: Path) -> None:
    one = run(
        "posters", "--site", "harbour", "--to", str(tmp_path / "pack.pdf"), "--languages", "en,ar", "--size", "A5"
    )
    assert one.exit_code == 0, one.output
    assert "2 posters on 3 pages in" in one.output
    assert (tmp_path / "pack.pdf").read_bytes().startswith(b"%PDF-1.7")
    each = run("posters", "--site", "harbour", "--to", str(tmp_path / "each"), "--place", "gate")
    assert each.exit_code == 0, each.output
    assert [file.name for file in (tmp_path / "each").iterdir()] == [f"1-{make.code('B7K4')}.pdf"]


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--languages", "en,xx"), "There is no language xx"),
        (("--colour", "#ffee00"), "have a contrast of"),
        (("--place", "moon"), "No poster in use hangs at moon of harbour."),
    ],
)
def test_posters_that_cannot_be_printed_leave_no_file(
    run: Run, tmp_path: Path, more: tuple[str, ...], sentence: str
) -> None:
    (folder := tmp_path / "printed").mkdir()
    assert is_refused(run("posters", "--site", "harbour", "--to", str(folder / "pack.pdf"), *more), sentence)
    assert not list(folder.iterdir())


def add_zoe(run: Run, *more: str, password: str = "a-long-new-password") -> Result:
    words = ("staff", "add", "zoe", "--name", "Zoë", "--password-stdin", *(more or ("--authority", "police")))
    return run(*words, stdin=password + "\n")


@pytest.mark.usefixtures("port")
def test_a_new_member_of_staff_may_sign_in(run: Run, installation: Installation) -> None:
    assert add_zoe(run, "--authority", "police", "--unit", "marine", "--role", "supervisor").exit_code == 0
    with installation.database.reading() as session:
        officer = accounts.check_password(session, "zoe", "a-long-new-password")
    assert officer is not None
    assert (officer.role, len(officer.unit_ids)) == ("supervisor", 1)
    assert "zoe" in run("staff", "list").output


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(
    ("more", "password", "sentence"),
    [
        ((), "short", "at least 12 characters"),
        (("--authority", "navy"), "a-long-new-password", "There is no authority navy"),
        (("--authority", "police", "--unit", "border"), "a-long-new-password", "police has no unit border"),
    ],
)
def test_staff_that_cannot_be_are_refused_plainly(
    run: Run, more: tuple[str, ...], password: str, sentence: str
) -> None:
    assert is_refused(add_zoe(run, *more, password=password), sentence)


@pytest.mark.usefixtures("port")
def test_a_login_is_given_once(run: Run) -> None:
    words = ("staff", "add", "ana", "--name", "Ana", "--authority", "police", "--password-stdin")
    assert is_refused(run(*words, stdin="a-long-new-password\n"), "login ana already")


@pytest.mark.usefixtures("port")
def test_a_command_prints_the_link_of_an_invitation(run: Run, installation: Installation) -> None:
    new = run("staff", "invite", "zoe", "--name", "Zoë", "--authority", "police", "--unit", "integrity")
    again = run("staff", "invite", "zoe", "--new-second-step")
    assert new.output.startswith("http://127.0.0.1:8000/desk/invitation#")
    with installation.database.reading() as session, pytest.raises(InvitationClosed):
        invitations.whom(session, installation.vault, new.output.strip().partition("#")[2], datetime.now(UTC))
    with installation.database.reading() as session:
        invited = invitations.whom(
            session, installation.vault, again.output.strip().partition("#")[2], datetime.now(UTC)
        )
    assert (invited.login, invited.name, invited.is_new) == ("zoe", "Zoë", True)
    assert is_refused(run("staff", "invite", "zoe", "--name", "Zoë"), "needs --name and --authority")
    assert is_refused(run("staff", "invite", "nobody"), "no such person")
    assert is_refused(run("staff", "invite", "ana", "--name", "A", "--authority", "police"), "login ana already")


@pytest.mark.usefixtures("port")
def test_deactivating_ends_every_session(run: Run, installation: Installation, now: datetime) -> None:
    with installation.database.transaction() as session:
        officer = accounts.officer_by_login(session, "ana")
        assert officer
        accounts.sign_in(session, installation.vault, officer, now)
    assert run("staff", "deactivate", "ana").exit_code == 0
    assert [row.active for row in make.rows(installation, Staff) if row.login == "ana"] == [False]
    assert all(row.ended_at for row in make.rows(installation, StaffSession))
    assert is_refused(run("staff", "deactivate", "nobody"), "no member of staff with the login nobody")


@pytest.mark.usefixtures("port")
def test_the_worker_delivers_what_waits_once(run: Run, installation: Installation, settings: Settings) -> None:
    make.report(installation, now=datetime.now(UTC))
    waiting = len(make.rows(installation, Outgoing))
    assert waiting
    assert run("worker", "--once").exit_code == 0
    assert run("worker", "--once").output == "0 taken up.\n"
    lines = (settings.data_dir / "outgoing.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [row.id for row in make.rows(installation, Outgoing)]


@pytest.mark.usefixtures("port")
def test_the_worker_delivers_until_told_to_stop(
    child: Callable[..., subprocess.Popen[str]], installation: Installation, settings: Settings
) -> None:
    worker = child(environment_of(settings), "worker")
    make.report(installation, now=datetime.now(UTC))
    end = time.monotonic() + 60
    while any(row.status != OutgoingStatus.ACCEPTED for row in make.rows(installation, Outgoing)):
        assert worker.poll() is None, worker.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0


def test_a_port_in_use_is_refused_plainly(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert is_refused(run("serve", "--port", str(port)), f"Port {port} is in use by another program")


def wait_for(address: str, process: subprocess.Popen[str]) -> bytes:
    """What an address answers, as soon as it does."""
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bytes(answer.read())
        except OSError:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_server_answers_until_told_to_stop(
    child: Callable[..., subprocess.Popen[str]], settings: Settings, how: signal.Signals
) -> None:
    port = str(free_port())
    server = child(environment_of(settings), "serve", "--port", port)
    assert wait_for(f"http://127.0.0.1:{port}/healthz", server)
    server.send_signal(how)
    said = server.communicate(timeout=10)
    assert server.returncode == 0, said
    assert "127.0.0.1 -" not in said[0]


def test_the_demo_starts_only_where_it_is_asked_for(run: Run) -> None:
    assert is_refused(run("demo", "--no-serve", "--port", str(free_port())), "ENGAGE_DEMO=1")


def test_the_demo_loads_once_and_tells_how_to_get_in(
    child: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    environment = {
        "ENGAGE_DEMO": "1",
        "ENGAGE_DATA_DIR": str(tmp_path / "data"),
        "ENGAGE_SECRET_KEY": "",
        "ENGAGE_PUBLIC_URL": "",
    }
    port = str(free_port())
    first = child(environment, "demo", "--port", port, "--no-serve").communicate(timeout=300)[0]
    key_file = tmp_path / "data" / "secret.key"
    assert key_file.stat().st_mode & 0o777 == 0o600
    again = child(environment, "demo", "--port", port)
    assert wait_for(f"http://127.0.0.1:{port}/healthz", again)
    again.send_signal(signal.SIGINT)
    second = again.communicate(timeout=10)[0]
    assert again.returncode in (0, 130)
    assert "Loading" in first
    assert "Loading" not in second
    assert first.partition("Engage is at")[2] == second.partition("Engage is at")[2]
    assert f"Engage is at http://127.0.0.1:{port}\n" in second
    assert f"http://127.0.0.1:{port}/p/B7K4X\n" in second
    check_sign_ins(second, make.settings(data_dir=tmp_path / "data", secret_key=key_file.read_text(), demo=True))


def check_sign_ins(printed: str, settings: Settings) -> None:
    """Three people may sign in with what was printed, and there is something to see."""
    found = re.findall(r"^  (\w+ (?:officer|supervisor)) +(\S+) +(\S+)$", printed, re.MULTILINE)
    opened = open_installation(settings)
    with opened.database.reading() as session:
        officers = [accounts.check_password(session, login, password) for _, login, password in found]
    assert [officer.role for officer in officers if officer] == ["officer", "officer", "supervisor"]
    assert make.rows(opened, Report)
    opened.database.dispose()
