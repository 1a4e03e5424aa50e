"""Files of reports: drawn anew, kept sealed, told of; originals for a reason; uploads that go on where they stopped."""

from __future__ import annotations

import io
import re
import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlmodel import col, select

from engage import files, uploads
from engage.gateways import clamd
from engage.installation import Installation
from engage.models import Attachment, AuditEntry, Report, Upload, UploadPart
from tests import make
from tests.functional.staff_browser import signed_in

#: A picture that tells where it was made, in a field that readers of cameras look at.
CANARY = "canary-of-the-camera 51.4706 -0.4543"
PDF = b"%PDF-1.4\n% words\n"


def photo(width: int = 60, height: int = 40, kind: str = "JPEG") -> bytes:
    """A picture of a camera, with what cameras write into it."""
    written = io.BytesIO()
    about = Image.Exif()
    about[0x010E] = CANARY
    Image.new("RGB", (width, height), (200, 30, 30)).save(written, kind, exif=about)
    return written.getvalue()


def sends(client: FlaskClient, *files: bytes, text: str = make.GUN, **fields: str) -> str:
    """Send a report with files through the form, and give the page that answers."""
    data = {"text": text, **fields, "files": [(io.BytesIO(one), f"{CANARY}.jpg") for one in files]}
    answer = client.post("/p/B7K4X", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.text
    return answer.text


def kept(installation: Installation) -> list[Attachment]:
    return sorted(make.rows(installation, Attachment), key=lambda one: one.id)


def test_photos_are_drawn_anew_and_nothing_of_the_camera_is_left(
    app: Flask, client: FlaskClient, installation: Installation
) -> None:
    page = sends(client, photo(), photo(3000, 100, "PNG"), b"no picture at all", PDF, b"")
    assert "4 files have arrived" in page
    assert "1 file could not be read" in page
    assert "1 file was not taken" in page
    red, wide, broken, paper = kept(installation)
    vault = installation.vault
    assert red.sealed_content is None
    view = vault.unseal("attachment-view", red.sealed_view or b"")
    with Image.open(io.BytesIO(view)) as shown:
        assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (60, 40), {})
    with Image.open(io.BytesIO(vault.unseal("attachment-view", wide.sealed_view or b""))) as shown:
        assert shown.width == 2048
    assert CANARY.encode() not in b"".join(value or b"" for value in (red.sealed_view, red.sealed_thumb, view))
    assert broken.sealed_view is None
    assert broken.problem == "It is no JPEG, PNG, WebP or HEIC picture."
    assert vault.unseal("attachment", paper.sealed_content or b"") == PDF

    ana = signed_in(app, "ana")
    reference = make.rows(installation, Report)[0].reference
    case = ana.opens(f"/desk/cases/{reference}").text
    assert case.count(f"/desk/cases/{reference}/files/{red.id}/small") == 1
    assert "could not be read" in case
    for path in (f"files/{red.id}/small", f"files/{red.id}"):
        shown_there = ana.opens(f"/desk/cases/{reference}/{path}")
        assert shown_there.headers["Content-Type"] == "image/jpeg"
        assert shown_there.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert shown_there.headers["X-Content-Type-Options"] == "nosniff"
    saved = ana.opens(f"/desk/cases/{reference}/files/{paper.id}")
    assert (saved.headers["Content-Type"], saved.data) == ("application/pdf", PDF)
    assert saved.headers["Content-Disposition"].startswith("attachment")
    for absent in (f"files/{broken.id}", f"files/{paper.id}/small", f"files/{red.id}/original", "files/999/small"):
        assert ana.client.get(f"/desk/cases/{reference}/{absent}").status_code == 404, absent


def test_the_same_form_again_doubles_no_file_and_words_without_files_are_enough(
    client: FlaskClient, installation: Installation
) -> None:
    for _again in range(2):
        sends(client, photo(), key="the-same-key-of-a-form")
    assert len(kept(installation)) == 1
    assert "arrived" in sends(client, text=make.OPEN_FENCE)
    many = [photo(10 + number, 10) for number in range(7)]
    assert "2 files were not taken" in sends(client, *many, text=make.BRIBE)


def test_a_photo_follows_in_the_conversation_with_words_or_alone(
    client: FlaskClient, installation: Installation
) -> None:
    sends(client)
    for text, side in (("Here it is", 30), ("", 31)):
        page = client.get("/thread").text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.split("Write again")[0]))
        data = {**hidden, "text": text, "files": [(io.BytesIO(photo(side)), "x.jpg")]}
        answer = client.post("/thread", data=data, content_type="multipart/form-data")
        assert "1 file has arrived" in answer.text
    assert len(kept(installation)) == 2
    assert client.get("/thread").text.count('class="mine"') == 2


def test_a_form_that_is_sent_twice_at_once_keeps_its_file_once(app: Flask, installation: Installation) -> None:
    sends(app.test_client(), key="one-form-of-one-report")
    with ThreadPoolExecutor(4) as hands:
        pages = hands.map(lambda _hand: sends(app.test_client(), photo(), key="one-form-of-one-report"), range(4))
        assert all("1 file has arrived" in page for page in pages)
    assert len(kept(installation)) == len(make.rows(installation, Report)) == 1


def test_files_of_words_that_are_added_to_an_earlier_report_come_with_them(
    client: FlaskClient, installation: Installation
) -> None:
    sends(client, key="the-key-of-a-first-form")
    added = sends(
        client, photo(), text="And he is back", key="the-key-of-another", earlier_key="the-key-of-a-first-form",
        choice="add",
    )  # fmt: skip
    assert "Your words have arrived" in added
    assert "1 file has arrived" in added
    assert len(kept(installation)) == len(make.rows(installation, Report)) == 1


@pytest.fixture
def scanner() -> Iterator[str]:
    """A scanner that speaks clamd's protocol and calls whatever has “worm” in it harmful; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)

    def serve() -> None:
        while True:
            try:
                line, _where = listening.accept()
            except OSError:
                return
            with line, line.makefile("rwb") as talk:
                assert talk.read(10) == b"zINSTREAM\0"
                heard = b""
                while (length := struct.unpack(">I", talk.read(4))[0]) > 0:
                    heard += talk.read(length)
                talk.write(b"stream: Worm.Test FOUND\0" if b"worm" in heard else b"stream: OK\0")
                talk.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listening.getsockname()[1]}"
    listening.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for a call
    listening.close()
    thread.join(5)


def test_the_scanner_is_asked_by_its_protocol(scanner: str) -> None:
    assert clamd.scan(scanner, b"harmless" * 20_000) == ""
    assert clamd.scan(scanner, b"a worm") == "Worm.Test"
    with pytest.raises(clamd.ScannerDown):
        clamd.scan("/nowhere/clamd.sock", b"x")


def test_an_original_is_opened_for_a_reason_that_the_trail_keeps(
    app: Flask, client: FlaskClient, installation: Installation, monkeypatch: pytest.MonkeyPatch, scanner: str
) -> None:
    whole = photo()
    sends(client, whole, evidence="1")
    (file,) = kept(installation)
    reference = make.rows(installation, Report)[0].reference
    ana = signed_in(app, "ana")
    address = f"/desk/cases/{reference}/files/{file.id}/original"
    token = re.findall(r'name="csrf_token" value="([^"]+)"', ana.opens(address).text)[0]
    assert ana.client.post(address, data={"csrf_token": token, "reason": " "}).status_code == 422
    assert ana.client.post(address, data={"reason": "no token"}).status_code == 403
    asks = ana.client.post(address, data={"csrf_token": token, "reason": "The plate is to be read"})
    if asks.mimetype == "text/html":  # she proves again who she is
        asks = ana.client.post(
            address,
            data={"csrf_token": token, "reason": "The plate is to be read", "step_up_password": make.PASSWORD},
        )
    assert asks.data == whole
    assert asks.headers["Content-Disposition"].startswith("attachment")
    opened = [entry for entry in make.rows(installation, AuditEntry) if entry.act == "original.opened"]
    assert [entry.reason for entry in opened] == ["The plate is to be read"]
    ben = signed_in(app, "carl")  # of another authority
    assert ben.client.get(address).status_code == 404

    object.__setattr__(installation.settings, "clamd", "127.0.0.1:9")
    down = ana.client.post(address, data={"csrf_token": token, "reason": "Again"})
    assert "does not answer" in down.text
    object.__setattr__(installation.settings, "clamd", scanner)
    assert ana.client.post(address, data={"csrf_token": token, "reason": "Again"}).data == whole


def test_an_upload_goes_on_where_it_stopped_and_comes_once(client: FlaskClient, installation: Installation) -> None:
    page = sends(client)
    address = re.findall(r'data-upload="([^"]+)"', page)[0] + "key-of-the-photo"
    whole = photo(900, 700)
    half = len(whole) // 2

    def puts(at: int, data: bytes) -> dict[str, object]:
        answer = client.put(f"{address}?size={len(whole)}&at={at}", data=data)
        assert answer.status_code == 200
        return dict(answer.get_json())

    assert client.get(address).get_json()["received"] == 0
    assert puts(0, whole[:half]) == {"received": half, "done": False, "readable": None}
    assert puts(0, whole[:half])["received"] == half  # the answer was lost, so it comes again
    assert puts(half + 5, whole[half + 5 :])["received"] == half  # out of order
    assert client.get(address).get_json()["received"] == half
    sealed = make.rows(installation, UploadPart)[0].sealed_content
    assert whole[:half] not in sealed
    done = puts(half, whole[half:])
    assert (done["done"], done["readable"]) == (True, True)
    assert puts(half, whole[half:])["done"] is True
    assert len(kept(installation)) == 1
    assert make.rows(installation, Upload) == make.rows(installation, UploadPart) == []


REFUSED = (
    ("size=0&at=0", b"", 422),
    ("size=12000001&at=0", b"x", 422),
    ("size=5&at=4", b"xx", 422),
    ("size=5", b"x", 400),
    ("size=-1&at=0", b"x", 400),
    ("size=5&at=0" + "9" * 40, b"x", 400),
    ("size=2000000&at=0", b"x" * 1_000_001, 413),
)


def test_an_upload_that_cannot_be_is_refused_and_leaves_nothing(
    client: FlaskClient, installation: Installation
) -> None:
    capability = re.findall(r'data-upload="/u/([^"]+)/"', sends(client))[0]
    for query, body, status in REFUSED:
        assert client.put(f"/u/{capability}/key-of-a-file?{query}", data=body).status_code == status, query
    forged = capability[:-2] + ("A" if capability[-2] != "A" else "B") + capability[-1]  # the last is half a letter
    for wrong in (forged, "x", "../..", capability + "."):
        assert client.put(f"/u/{wrong}/key-of-a-file?size=1&at=0", data=b"x").status_code == 404
        assert client.get(f"/u/{wrong}/key-of-a-file").status_code == 404
    assert client.get(f"/u/{capability}/short").status_code == 404
    assert make.rows(installation, Upload) == make.rows(installation, Attachment) == []
    for number in range(12):
        client.put(f"/u/{capability}/unfinished-{number}?size=9&at=0", data=b"x")
    assert len(make.rows(installation, Upload)) == uploads.MOST_UNFINISHED
    later = datetime.now(UTC) + timedelta(days=8)
    with installation.database.transaction() as session:
        assert uploads.sweep(session, later) == uploads.MOST_UNFINISHED
        assert session.exec(select(UploadPart).order_by(col(UploadPart.position))).all() == []


def test_a_file_that_became_one_too_many_on_its_way_leaves_no_parts(
    client: FlaskClient, installation: Installation
) -> None:
    address = re.findall(r'data-upload="([^"]+)"', sends(client))[0]
    assert client.put(f"{address}on-its-way?size=9&at=0", data=b"%PDF").status_code == 200
    for number in range(files.MOST):
        paper = PDF + b"%d" % number
        assert client.put(f"{address}paper-{number:03}?size={len(paper)}&at=0", data=paper).get_json()["done"]
    assert client.put(f"{address}on-its-way?size=9&at=4", data=b"-1234").status_code == 422
    assert make.rows(installation, Upload) == make.rows(installation, UploadPart) == []
    assert len(kept(installation)) == files.MOST
