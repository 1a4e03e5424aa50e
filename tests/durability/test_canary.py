"""500 reports with unique marks in all that may tell on a reporter: no mark is found afterwards where it may not be.

Searched are all bytes that are left on the disk: database, write-ahead log, queues, locks, and what the server said.
"""

from __future__ import annotations

import base64
import io
import re
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from engage import files
from engage.installation import open_installation
from engage.models import Attachment, Report
from tests import make
from tests.bad_files import Becomes, Sent, picture
from tests.durability.server import Server
from tests.durability.stranger import Stranger
from tests.servers import free_port

pytestmark = pytest.mark.durability

REPORTS = 500
SENDERS = 4
#: One report in so many comes with a photo that says where it was made; the others with a file that is none.
PHOTO_EVERY = 10
#: Stands in every mark, so that one search finds them all. `WORDS` is what may be found: it proves that we would.
MARK, WORDS = "zq7Canary", "zq7Words"


@dataclass(frozen=True)
class Left:
    """What is left when the server has ended: all bytes by the files they are in, and the access codes it gave."""

    folder: Path
    found: dict[str, bytes]
    codes: list[str]


@pytest.fixture(scope="module")
def left(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Left:
    """All reports sent to one real server, which says all that it ever says."""
    folder, log = tmp_path_factory.mktemp("canary"), tmp_path_factory.mktemp("log") / "server.log"
    shutil.copy(sqlite_template, folder / "engage.sqlite3")
    port = free_port()
    settings = make.settings(
        data_dir=folder, public_url=f"http://127.0.0.1:{port}", log_level="DEBUG", reports_a_minute=10_000
    )
    make.with_port(settings)
    codes: list[str] = []
    server = Server(settings, port, log)
    server.start()
    try:
        server.wait_until_ready()
        senders = [threading.Thread(target=_send, args=(port, first, codes)) for first in range(SENDERS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        database = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    finally:
        server.stop()
    after = {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return Left(folder, {"while it ran": database, **after, "log": log.read_bytes()}, codes)


def _send(port: int, first: int, codes: list[str]) -> None:
    for number in range(first, REPORTS, SENDERS):
        stranger = Stranger(port, headers=_headers(number))
        stranger.opens()
        answer = stranger.sends(f"{make.GUN} {WORDS}{number}.", [_file(number)])
        assert answer.status == 200
        codes.append(answer.access_code)
        stranger.closes()


def _headers(number: int) -> dict[str, str]:
    """What a browser, and the proxies before us, say of who it is and where."""
    address = f"{MARK}-address-{number}"
    return {
        "User-Agent": f"{MARK}-agent-{number}",
        "Cookie": f"engage_other={MARK}-cookie-{number}; engage_thread={MARK}-thread-{number}",
        "X-Forwarded-For": address,
        "X-Real-IP": address,
        "Forwarded": f'for="{address}"',
        "CF-Connecting-IP": address,
        "True-Client-IP": address,
        "Via": address,
        "Referer": f"https://example.org/{MARK}-referer-{number}",
        "X-Request-Id": f"{MARK}-request-{number}",
        "Accept-Language": f"en, x-{MARK}-{number};q=0.1",
    }


def _file(number: int) -> Sent:
    name = f"{MARK}-name-{number}.jpg"
    if number % PHOTO_EVERY:
        return Sent("no photo", f"{MARK}-content-{number}".encode(), Becomes.UNREAD, name)
    return Sent("a photo", _photo(number), Becomes.SHOWN, name)


def _photo(number: int) -> bytes:
    tags = picture(number).getexif()
    tags[0x010F], tags[0x013B] = f"{MARK}-make-{number}", f"{MARK}-artist-{number}"
    tags.get_ifd(0x8825)[29] = f"{MARK}-position-{number}"
    written = io.BytesIO()
    picture(number).save(written, "JPEG", exif=tags, comment=f"{MARK}-comment-{number}")
    return written.getvalue()


def _forms(mark: str) -> list[bytes]:
    """A mark as it may stand somewhere: in any letter case, in 16 bits, in hexadecimal digits, in base 64."""
    plain = mark.encode()
    forms = [plain, mark.encode("utf-16-le"), plain.hex().encode()]
    for shift in range(3):  # in base 64 it looks different at each of three places
        forms.append(base64.b64encode(b"\0" * shift + plain)[4 if shift else 0 : -4])
    return forms


def test_every_report_has_arrived(left: Left) -> None:
    assert len(set(left.codes)) == REPORTS


def test_the_search_finds_what_may_be_found(left: Left) -> None:
    stored = left.found["while it ran"]
    assert len(set(re.findall(rb"zq7Words\d+\.", stored))) == REPORTS


def test_no_mark_is_left_anywhere(left: Left) -> None:
    pattern = re.compile(b"|".join(map(re.escape, _forms(MARK))), re.IGNORECASE)
    assert {name: hit[0] for name, held in left.found.items() if (hit := pattern.search(held))} == {}


def test_no_access_code_is_left_anywhere(left: Left) -> None:
    for code in left.codes:
        plain = code.replace("-", "")
        for held in left.found.values():
            assert code.encode() not in held
            assert plain.encode() not in held


def test_the_log_says_what_was_asked_for_and_not_by_whom(left: Left) -> None:
    assert left.found["log"].count(b"/p/<code>") == 2 * REPORTS
    assert b"B7K4X" not in left.found["log"]


def test_pictures_are_kept_without_what_their_camera_wrote(left: Left) -> None:
    opened = open_installation(make.settings(data_dir=left.folder))
    with opened.database.reading() as session:
        assert len(session.exec(select(Report)).all()) == REPORTS
        shown = [one for one in session.exec(select(Attachment)) if one.sealed_view]
        session.expunge_all()
    opened.database.dispose()
    assert len(shown) == REPORTS // PHOTO_EVERY
    for one in shown:
        assert one.sealed_content is None
        assert MARK.encode() not in opened.vault.unseal(files.VIEW, one.sealed_view or b"")
        assert MARK.encode() not in opened.vault.unseal(files.THUMB, one.sealed_thumb or b"")
