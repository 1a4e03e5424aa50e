"""What strangers attach to a report does no harm: not to the server, not to who looks at it, and never to the words."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from engage import create_app, files
from engage.config import Settings
from engage.installation import Installation, open_installation
from engage.models import Attachment, Report
from tests import make
from tests.bad_files import MARK, Becomes, Sent, every_file
from tests.durability.server import Server
from tests.durability.stranger import Stranger
from tests.functional.staff_browser import Desk, signed_in
from tests.servers import free_port

pytestmark = pytest.mark.durability

AT_ONCE = 5
#: Bytes more than before, and seconds for each file; drawing itself is bounded in a process of its own.
MOST_MEMORY = 128 * 1024 * 1024
MOST_SECONDS = 2.0


@dataclass(frozen=True)
class World:
    """A server that all the files were sent to, what it took, and what it said."""

    settings: Settings
    opened: Installation
    references: dict[str, str]
    statuses: set[int]
    slowest: float
    memory: int
    too_much: str


@pytest.fixture(scope="module")
def sent() -> list[Sent]:
    """Every file."""
    return every_file()


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, sent: list[Sent]) -> Iterator[World]:
    """All files sent to one real server, five with each report."""
    folder = tmp_path_factory.mktemp("bad-files")
    shutil.copy(sqlite_template, folder / "engage.sqlite3")
    port = free_port()
    settings = make.settings(data_dir=folder, public_url=f"http://127.0.0.1:{port}")
    make.with_port(settings)
    server = Server(settings, port)
    server.start()
    try:
        server.wait_until_ready()
        _send(Stranger(port), "to warm up", [])
        before = _memory(server, "VmRSS")
        references, statuses, slowest = {}, set(), 0.0
        for number in range(0, len(sent), AT_ONCE):
            some = sent[number : number + AT_ONCE]
            began = time.monotonic()
            reference, status = _send(Stranger(port), _words(number), some)
            slowest = max(slowest, (time.monotonic() - began) / len(some))
            references[reference] = _words(number)
            statuses.add(status)
        too_much, status = _send(Stranger(port), _words(-1), [Sent("16 MB", bytes(16_000_000), Becomes.REFUSED)] * 12)
        references[too_much] = _words(-1)
        statuses.add(status)
        memory = _memory(server, "VmHWM") - before
    finally:
        server.stop()
    opened = open_installation(settings)
    yield World(settings, opened, references, statuses, slowest, memory, too_much)
    opened.database.dispose()


def _words(number: int) -> str:
    return f"{make.GUN}, number {number} 🚨 \u202e"


def _send(stranger: Stranger, text: str, some: list[Sent]) -> tuple[str, int]:
    stranger.opens()
    answer = stranger.sends(text, some)
    stranger.closes()
    return answer.reference, answer.status


def _memory(server: Server, word: str) -> int:
    """Bytes of the largest process of the server itself; those that draw have a bound of their own."""
    largest = 0
    for pid, command in server.members().items():
        if "drawing.py" not in command:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            largest = max(largest, *(int(line.split()[1]) * 1024 for line in lines if line.startswith(word)))
    return largest


@pytest.fixture(scope="module")
def kept(world: World) -> dict[str, Attachment]:
    """What is kept of the files, by their digests."""
    with world.opened.database.reading() as session:
        found = session.exec(select(Attachment)).all()
        session.expunge_all()
    return {one.digest or "": one for one in found}


def test_there_are_enough_of_them(sent: list[Sent]) -> None:
    assert len(sent) >= 300


def test_every_text_is_kept_whatever_comes_with_it(world: World) -> None:
    assert world.statuses == {200}
    with world.opened.database.reading() as session:
        texts = {report.reference: report.text for report in session.exec(select(Report))}
    assert {reference: texts[reference] for reference in world.references} == world.references


def test_a_form_of_192_million_bytes_loses_nothing_but_its_files(world: World) -> None:
    assert world.too_much.startswith("EN-")
    with world.opened.database.reading() as session:
        report = session.exec(select(Report).where(Report.reference == world.too_much)).one()
        assert session.exec(select(Attachment).where(Attachment.report_id == report.id)).all() == []


def test_the_server_stays_small_and_quick(world: World) -> None:
    assert world.memory < MOST_MEMORY
    assert world.slowest < MOST_SECONDS


def test_each_file_becomes_what_it_must(sent: list[Sent], kept: dict[str, Attachment]) -> None:
    odd = []
    for file in sent:
        became = _became(kept.get(hashlib.sha256(file.data).hexdigest()))
        if file.becomes is not became and not (file.becomes is Becomes.EITHER and became is not Becomes.REFUSED):
            odd.append((file.what, became))
    assert odd == []


def _became(row: Attachment | None) -> Becomes:
    if row is None:
        return Becomes.REFUSED
    if row.sealed_view is not None:
        return Becomes.SHOWN
    return Becomes.PASSED_ON if row.problem is None else Becomes.UNREAD


def test_no_copy_tells_on_its_sender(world: World, kept: dict[str, Attachment]) -> None:
    vault = world.opened.vault
    for row in kept.values():
        if row.sealed_view is not None and row.sealed_thumb is not None:
            assert row.sealed_content is None
            for copy in (vault.unseal(files.VIEW, row.sealed_view), vault.unseal(files.THUMB, row.sealed_thumb)):
                assert copy.startswith(b"\xff\xd8\xff")
                assert MARK.encode() not in copy
                assert b"Exif" not in copy[:200]
    raw = (world.settings.data_dir / "engage.sqlite3").read_bytes()
    assert MARK.encode() not in raw


def test_a_browser_shows_nothing_but_our_own_pictures(world: World, kept: dict[str, Attachment]) -> None:
    app = create_app(world.settings)
    desk = signed_in(app, "ana")
    with world.opened.database.reading() as session:
        references = {report.id: report.reference for report in session.exec(select(Report))}
    for row in kept.values():
        address = f"/desk/cases/{references[row.report_id]}/files/{row.id}"
        _look(desk, address, row)
    app.extensions["engage"].database.dispose()


def _look(desk: Desk, address: str, row: Attachment) -> None:
    whole, small = desk.opens(address), desk.opens(f"{address}/small")
    for answer in (whole, small):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if answer.status_code == 200:
            assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    became = _became(row)
    assert (small.status_code == 200) is (became is Becomes.SHOWN)
    if became is Becomes.SHOWN:
        assert (whole.mimetype, whole.data[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    elif became is Becomes.PASSED_ON:
        assert whole.headers["Content-Disposition"].startswith("attachment")
    else:
        assert whole.status_code == 404
