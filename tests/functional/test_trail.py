"""The trail as supervisors read it, what is entered into it, and its commands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from engage import desk, heads, publishing
from engage.cli import main
from engage.installation import Installation
from engage.models import AuditEntry, Outgoing
from engage.taxonomy import Act, Disposition
from engage.web import trail_words
from tests import make
from tests.functional.staff_browser import signed_in
from tests.functional.test_commands import environment_of


def acts(installation: Installation, about: str) -> list[str]:
    return [one.act for one in make.rows(installation, AuditEntry) if one.about == f"case:{about}"]


def test_an_arrival_is_one_entry_and_every_act_is_one(installation: Installation, port: make.Port) -> None:
    reference = make.report(installation).reference
    assert acts(installation, reference) == [Act.CASE_RECEIVED]
    with installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        desk.claim(session, ana, reference, make.NOON)
        desk.note(session, ana, reference, make.NOON, text="secret words of a note")
        desk.close(session, ana, reference, make.NOON, disposition=Disposition.UNFOUNDED)
    told = [Act.CASE_RECEIVED, Act.CASE_CLAIMED, Act.CASE_NOTED, Act.CASE_CLOSED]
    assert acts(installation, reference) == told


def test_no_word_of_a_report_or_note_is_in_the_trail(installation: Installation, port: make.Port) -> None:
    reference = make.report(installation, make.GUN).reference
    with installation.database.transaction() as session:
        desk.note(session, port.officer(session, "ana"), reference, make.NOON, text="secret words of a note")
    written = " ".join(one.details + one.reason for one in make.rows(installation, AuditEntry))
    assert "secret" not in written
    assert "gun" not in written


def test_opening_a_page_is_an_entry_once_an_hour(app: Flask, installation: Installation) -> None:
    reference = make.report(installation).reference
    ana, sue = signed_in(app, "ana"), signed_in(app, "sue")
    for who in (ana, ana, sue):
        assert who.case(reference).status_code == 200
    assert acts(installation, reference).count(Act.CASE_READ) == 2


def test_a_form_that_is_not_ours_does_not_let_read_without_an_entry(app: Flask, installation: Installation) -> None:
    reference = make.report(installation).reference
    ana = signed_in(app, "ana")
    assert ana.client.post(f"/desk/cases/{reference}/note", data={"text": "x"}).status_code == 403
    assert acts(installation, reference)[-1] == Act.CASE_READ


def test_a_supervisor_reads_it_and_that_is_an_entry(app: Flask, installation: Installation) -> None:
    reference = make.report(installation).reference
    signed_in(app, "ana").case(reference)
    sue = signed_in(app, "sue")
    page = sue.opens("/desk/trail").text
    assert "Read the case" in page
    assert "Officer Ana" in page
    assert reference in page
    assert [one.act for one in make.rows(installation, AuditEntry)][-1] == Act.TRAIL_READ


#: What is asked for, and whether the reading of a case by Ana is found.
NARROWED = {
    "case={}": True,
    "case=en-none": False,
    "who=ana": True,
    "who=ben": False,
    "who=carl": False,
    "act=case.read": True,
    "act=nonsense": False,
    "before=1": False,
    "before=-1": True,
    "before=99999999999999999999": True,
    "case=%00&who=%00&act=%F0": False,
}


def test_it_is_narrowed(app: Flask, installation: Installation) -> None:
    reference = make.report(installation).reference
    signed_in(app, "ana").case(reference)
    sue = signed_in(app, "sue")
    pages = {query: sue.opens(f"/desk/trail?{query.format(reference)}") for query in NARROWED}
    assert {page.status_code for page in pages.values()} == {200}
    assert {query: ">Read the case</td>" in page.text for query, page in pages.items()} == NARROWED


def test_older_entries_are_a_page_further(app: Flask, installation: Installation, port: make.Port) -> None:
    for _ in range(51):
        make.report(installation)
    sue = signed_in(app, "sue")
    first = sue.opens("/desk/trail?act=case.received").text
    older = first.split("before=")[1].split('"')[0]
    assert first.count(">Report arrived</td>") == 50
    assert sue.opens(f"/desk/trail?act=case.received&before={older}").text.count(">Report arrived</td>") == 1


def test_what_is_sealed_is_sealed_here_too(app: Flask, installation: Installation) -> None:
    sealed, customs = make.report(installation, make.BRIBE).reference, make.report(installation, make.IVORY).reference
    page = signed_in(app, "sue").opens("/desk/trail").text
    assert sealed not in page
    assert customs not in page
    assert "No entry fits" in signed_in(app, "sue").opens(f"/desk/trail?case={sealed}").text


@pytest.mark.parametrize("login", ["ana", "carl", "ida"])
def test_nobody_else_has_such_a_page(app: Flask, login: str) -> None:
    assert signed_in(app, login).opens("/desk/trail").status_code == 404


def test_every_act_has_its_words() -> None:
    assert set(trail_words.ACTS) == set(Act)


def run(installation: Installation, *words: str, **others: str) -> Result:
    return CliRunner().invoke(main, words, env=environment_of(installation.settings, **others))


def test_a_head_is_published_to_a_file_and_compared(
    installation: Installation, port: make.Port, tmp_path: Path
) -> None:
    file = tmp_path / "kept" / "heads.txt"
    make.report(installation)
    for _ in range(2):
        done = run(installation, "audit", "head", "--to", str(file), "--mail", "court@port.example")
        assert done.exit_code == 0, done.output
    assert [heads.read(line).entries for line in file.read_text().splitlines()] == [2, 3]
    assert len([one for one in make.rows(installation, Outgoing) if one.recipient == "court@port.example"]) == 2
    done = run(installation, "audit", "verify", "--heads", str(file))
    assert (done.exit_code, "the trail is whole, and the one of 2 published heads" in done.output) == (0, True)
    assert run(installation, "audit", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("nothing\n", 2, "has no head"),
        ("engage-head installation=x\n", 2, "Line 1: it is no head"),
        (None, 1, "cut off, or an older database"),
    ],
)
def test_heads_that_do_not_fit_are_told(
    installation: Installation, tmp_path: Path, content: str | None, code: int, said: str
) -> None:
    file = tmp_path / "heads.txt"
    seed = installation.vault.key_for("audit-head")
    with installation.database.reading() as session:
        name = publishing.installation_of(session)
    file.write_text(content or heads.written(seed, name, 99, "a" * 64, make.NOON))
    done = run(installation, "audit", "verify", "--heads", str(file))
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_a_head_signed_by_somebody_else_is_refused(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "heads.txt"
    file.write_text(heads.written(b"x" * 32, "0" * 32, 1, "a" * 64, make.NOON))
    done = run(installation, "audit", "verify", "--heads", str(file))
    assert (done.exit_code, "another key" in done.output) == (2, True)


@pytest.mark.parametrize(
    "words", [("--mail", "nobody"), ("--mail", "a@b c"), ("--url", "ftp://x"), ("--to", "/dev/null/x")]
)
def test_where_nothing_can_go_nothing_is_entered(installation: Installation, words: tuple[str, ...]) -> None:
    done = run(installation, "audit", "head", *words)
    assert done.exit_code in (1, 2)
    assert len(make.rows(installation, AuditEntry)) == 1


class Witness(BaseHTTPRequestHandler):
    """Keeps what is posted to it; /no is answered with no."""

    kept: list[str]

    def do_POST(self) -> None:
        self.kept.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(500 if self.path == "/no" else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def witness() -> Iterator[tuple[str, list[str]]]:
    kept: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Own", (Witness,), {"kept": kept}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", kept
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_head_is_posted(installation: Installation, witness: tuple[str, list[str]]) -> None:
    address, kept = witness
    done = run(installation, "audit", "head", "--url", f"{address}/yes")
    assert done.exit_code == 0
    assert kept == [done.output]
    refused = run(installation, "audit", "head", "--url", f"{address}/no")
    assert (refused.exit_code, "answered 500" in refused.output) == (1, True)


def test_it_is_published_once_a_day(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "heads.txt"
    wanted = installation.settings.model_copy(update={"audit_head_to": str(file)})
    daily = replace(installation, settings=wanted)
    for hours in (0, 1, 23, 25, 26):
        publishing.publish_if_due(daily, make.NOON + timedelta(hours=hours))
    assert len(file.read_text().splitlines()) == 2
    assert publishing.publish_if_due(installation, make.NOON + timedelta(days=9)) is None
