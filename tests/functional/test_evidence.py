"""Evidence packages: everything of a case, checked elsewhere with tools of the system; whatever is changed is found."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from engage import attachments, desk, files
from engage.attachments import Errand
from engage.cli import main
from engage.evidence import checking, packing
from engage.installation import Installation
from engage.models import Attachment, AuditEntry
from engage.taxonomy import Act
from tests import make
from tests.bad_files import MARK, exif, written
from tests.functional.staff_browser import signed_in
from tests.functional.test_commands import environment_of

PAPER = b"%PDF-1.4\n% words\n"
FORMULA = '=HYPERLINK("http://evil.example") hole in the fence behind the container yard, people climb <script>'


@pytest.fixture
def reference(installation: Installation, port: make.Port) -> str:
    """A case with an answer, a note and a file."""
    found = make.report(installation, FORMULA, code=port.codes["berth"]).reference
    with installation.database.transaction() as session:
        ben = port.officer(session, "ben")
        desk.answer(session, ben, found, make.NOON, text="=1+1 نحن في الطريق")
        desk.note(session, ben, found, make.NOON, text="for colleagues only")
        attachments.expect(session, 1, None, [("https://example.org/1", "image/jpeg")], make.NOON)
    with installation.database.transaction() as session:
        errand = attachments.claim(session, make.NOON)
        assert isinstance(errand, Errand)
        attachments.store(session, installation.vault, errand, files.examine(PAPER), "application/pdf")
    return found


def packed(installation: Installation, port: make.Port, reference: str, file: Path) -> Path:
    with installation.database.reading() as session:
        ben = port.officer(session, "ben")
    with file.open("w+b") as out:
        packing.pack(installation, ben, reference, out, make.NOON, reason="For the court.")
    return file


def test_it_is_checked_in_another_folder_with_tools_of_the_system(
    installation: Installation, port: make.Port, reference: str, tmp_path: Path
) -> None:
    file, elsewhere = packed(installation, port, reference, tmp_path / "one.zip"), tmp_path / "elsewhere"
    with zipfile.ZipFile(file) as package:
        package.extractall(elsewhere)
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=elsewhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (elsewhere / "audit.tsv").read_text().splitlines():
        written, _, own = line.rpartition("\t")
        assert hashlib.sha256(written.encode()).hexdigest() == own
    found = checking.check(file)
    assert (found.faults, found.head is not None) == ((), True)


def test_everything_is_in_it_but_notes_and_numbers(
    installation: Installation, port: make.Port, reference: str, tmp_path: Path
) -> None:
    with zipfile.ZipFile(packed(installation, port, reference, tmp_path / "one.zip")) as package:
        content = {name: package.read(name) for name in package.namelist()}
    assert content["files/1.pdf"] == PAPER
    told = json.loads(content["case.json"])
    assert told["reports"][0]["text"] == FORMULA
    assert told["reports"][0]["findings"]
    rows = list(csv.reader(io.StringIO(content["messages.csv"].decode("utf-8-sig"))))
    assert rows[1][-1] == "'=1+1 نحن في الطريق"
    page = content["index.html"].decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert b"for colleagues only" not in b"".join(content.values())


def test_the_same_case_gives_the_same_bytes(
    installation: Installation, port: make.Port, reference: str, tmp_path: Path
) -> None:
    first = packed(installation, port, reference, tmp_path / "one.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        names = package.namelist()
    second = packed(installation, port, reference, tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(second)) as package:
        assert package.namelist() == names  # but for the entry and head that the first one added
        assert package.read("case.json") == zipfile.ZipFile(io.BytesIO(first)).read("case.json")


def test_that_it_was_made_is_in_the_trail_with_the_sum_of_its_manifest(
    installation: Installation, port: make.Port, reference: str, tmp_path: Path
) -> None:
    file = packed(installation, port, reference, tmp_path / "one.zip")
    (entry,) = [one for one in make.rows(installation, AuditEntry) if one.act == Act.EVIDENCE_PACKED]
    assert entry.reason == "For the court."
    assert json.loads(entry.details) == {"manifest": checking.check(file).manifest}


def _again(file: Path, change: dict[str, bytes | None], sums: bool) -> Path:
    """The package with some files changed or gone (None), and, with `sums`, a manifest that fits."""
    with zipfile.ZipFile(file) as package:
        content = {name: package.read(name) for name in package.namelist()}
    for name, other in change.items():
        content.pop(name, None)
        if other is not None:
            content[name] = other
    if sums:
        lines = sorted(
            f"{hashlib.sha256(one).hexdigest()}  {name}\n" for name, one in content.items() if name[0] != "S"
        )
        content["SHA256SUMS"] = "".join(lines).encode()
    changed = file.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w") as package:
        for name, one in content.items():
            package.writestr(name, one)
    return changed


@pytest.mark.parametrize(
    ("change", "sums", "said"),
    [
        ({"files/1.pdf": b"another"}, False, "files/1.pdf was changed"),
        ({"files/1.pdf": None}, False, "files/1.pdf is missing"),
        ({"more.txt": b"x"}, False, "more.txt is not in the manifest"),
        ({"../out.txt": b"x"}, False, "leads out"),
        ({"head.txt": b"engage-head"}, True, "it is no head"),
        ({"head.txt": None}, True, "head.txt is missing"),
        ({"audit.tsv": b"1\tx\ty\n"}, True, "Entry 1 of the trail was changed"),
        ({"case.json": b"{"}, True, "cannot be read"),
    ],
)
def test_a_change_is_found(
    installation: Installation,
    port: make.Port,
    reference: str,
    tmp_path: Path,
    change: dict[str, bytes | None],
    sums: bool,
    said: str,
) -> None:
    file = _again(packed(installation, port, reference, tmp_path / "one.zip"), change, sums)
    assert any(said in fault for fault in checking.check(file).faults), checking.check(file).faults


def test_other_words_of_a_report_are_found_though_all_sums_fit(
    installation: Installation, port: make.Port, reference: str, tmp_path: Path
) -> None:
    file = packed(installation, port, reference, tmp_path / "one.zip")
    told = zipfile.ZipFile(file).read("case.json").decode().replace("climb", "dance").encode()
    assert any(
        "not those that arrived" in fault for fault in checking.check(_again(file, {"case.json": told}, True)).faults
    )


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_package_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(content)
    with pytest.raises(checking.PackageRefused):
        checking.check(file)
    done = CliRunner().invoke(main, ["evidence", "verify", str(file)], env={"ENGAGE_SECRET_KEY": ""})
    assert done.exit_code == 2
    assert "no evidence package" in done.output


def test_by_command(installation: Installation, port: make.Port, reference: str, tmp_path: Path) -> None:
    file, environment = tmp_path / "case.zip", environment_of(installation.settings)
    run = CliRunner()
    done = run.invoke(
        main, ["evidence", "pack", reference.lower(), "--to", str(file), "--reason", "x"], env=environment
    )
    assert done.exit_code == 0, done.output
    done = run.invoke(main, ["evidence", "verify", str(file)], env={"ENGAGE_SECRET_KEY": ""})
    assert done.exit_code == 0, done.output
    assert "all as they were packed" in done.output
    done = run.invoke(main, ["evidence", "verify", str(file), "--key", "00"], env={})
    assert (done.exit_code, "another key" in done.output) == (1, True)
    done = run.invoke(main, ["evidence", "pack", "EN-NONE", "--to", str(file), "--reason", "x"], env=environment)
    assert (done.exit_code, "There is no case" in done.output) == (2, True)
    done = run.invoke(main, ["evidence", "pack", reference, "--to", str(file), "--reason", " "], env=environment)
    assert (done.exit_code, "Give a reason" in done.output) == (2, True)


def test_by_the_page(app: Flask, installation: Installation, port: make.Port, reference: str, tmp_path: Path) -> None:
    ben = signed_in(app, "ben")
    asked = ben.opens(f"/desk/cases/{reference}/evidence")
    token = asked.text.split('name="csrf_token" value="')[1].split('"')[0]
    where, typed = f"/desk/cases/{reference}/evidence/package", {"csrf_token": token, "step_up_password": make.PASSWORD}
    assert ben.client.post(where, data={**typed, "reason": ""}).status_code == 422
    answer = ben.client.post(where, data={**typed, "reason": "For the court."})
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    file = tmp_path / "saved.zip"
    file.write_bytes(answer.data)
    assert checking.check(file).faults == ()
    for login in ("ana", "carl"):
        other = signed_in(app, login)
        assert other.opens(f"/desk/cases/{reference}/evidence").status_code == 404
        assert other.client.post(where, data={**typed, "reason": "x"}).status_code == 404


def test_a_file_that_was_never_fetched_is_left_out(
    installation: Installation, port: make.Port, reference: str, tmp_path: Path
) -> None:
    with installation.database.transaction() as session:
        attachments.expect(session, 1, None, [("https://example.org/2", "image/jpeg")], make.NOON)
    names = zipfile.ZipFile(packed(installation, port, reference, tmp_path / "one.zip")).namelist()
    assert len(make.rows(installation, Attachment)) == 2
    assert [name for name in names if name.startswith("files/")] == ["files/1.pdf"]


def test_what_its_reporter_kept_as_evidence_is_in_it_as_it_came(
    installation: Installation, port: make.Port, reference: str, tmp_path: Path
) -> None:
    photo, noise = written(1, exif=exif()), b"\xff\xd8\xff\xc0 no picture"
    with installation.database.transaction() as session:
        for number, data in enumerate((photo, noise)):
            seen, first = files.examine(data), number == 0
            files.keep(session, installation.vault, 1, seen, make.NOON, as_evidence=first, key=f"key-{number}")
    with zipfile.ZipFile(packed(installation, port, reference, tmp_path / "one.zip")) as package:
        content = {name: package.read(name) for name in package.namelist() if name.startswith("files/")}
    assert set(content) == {"files/1.pdf", "files/2.jpg", "files/2-as-it-came.jpg", "files/3-as-it-came.jpg"}
    assert (content["files/2-as-it-came.jpg"], content["files/3-as-it-came.jpg"]) == (photo, noise)
    assert MARK.encode() not in content["files/2.jpg"]
    object.__setattr__(installation.settings, "clamd", "127.0.0.1:9")  # a scanner that does not answer
    with zipfile.ZipFile(packed(installation, port, reference, tmp_path / "two.zip")) as package:
        assert "files/2-as-it-came.jpg" not in package.namelist()
        assert b"scanner" in package.read("files/2-left-out.txt")
