"""Settings as one file: from one installation into an empty one and out again, the same; looked at before it counts."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlmodel import col, select
from werkzeug.test import TestResponse

from engage.administration import one_file
from engage.cli.site import site as site_commands
from engage.installation import Installation, open_installation
from engage.models import AuditEntry, DutyRule, Place, Queue, SettingsChange, Shift, SiteWords, Staff, Unit
from engage.sites import load_description, read_description
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in
from tests.functional.test_administration import administrator, one, opened
from tests.functional.test_site_loading import DEMO, use_settings


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Installation]:
    """A second installation, where nothing is yet."""
    folder = tmp_path_factory.mktemp("second")
    shutil.copy(sqlite_template, folder / "engage.sqlite3")
    second = open_installation(make.settings(data_dir=folder))
    yield second
    second.database.dispose()


@pytest.fixture
def ada(app: Flask, installation: Installation) -> Desk:
    administrator(installation, "ada", "police")
    return signed_in(app, "ada")


def exported(installation: Installation, *, staff: bool) -> str:
    with installation.database.reading() as session:
        return one_file.export(session, staff=staff)


def test_a_second_installation_starts_from_the_first_and_is_its_equal(
    installation: Installation, empty: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with installation.database.transaction() as session:
        load_description(session, read_description(DEMO), password_hash_of=lambda login: f"hash of {login}")
        session.add(SiteWords(language="en", concept="KNIFE", words="blarpstick, =zoink"))
    use_settings(installation, monkeypatch)
    file = tmp_path / "settings.yaml"
    again = CliRunner().invoke(site_commands, ["load", str(DEMO), "--dry-run"])
    assert "changes nothing" in again.output, again.output
    assert CliRunner().invoke(site_commands, ["export", str(file)]).exit_code == 0
    use_settings(empty, monkeypatch)
    looked = CliRunner().invoke(site_commands, ["load", str(file), "--dry-run"])
    assert looked.exit_code == 0, looked.output
    assert "queues" in looked.output
    assert make.rows(empty, Queue) == []
    loaded = CliRunner().invoke(site_commands, ["load", str(file)])
    assert loaded.exit_code == 0, loaded.output
    assert exported(empty, staff=True) == exported(installation, staff=True) == file.read_text()
    assert len(make.rows(empty, Place)) == len(make.rows(installation, Place))
    listed = make.rows(empty, SettingsChange)
    assert {change.kind for change in listed} >= {"authorities", "queues", "places", "staff", "rules", "words"}
    assert {change.staff_id for change in listed} == {None}  # a command, not a person
    nothing = CliRunner().invoke(site_commands, ["load", str(file), "--dry-run"])
    assert "changes nothing" in nothing.output


#: A unit of customs, as a file has it.
OURS = "  - slug: ours\n    name: Ours\n    responder: border\n"


def gets(desk: Desk) -> str:
    form = {"csrf_token": opened(desk, "settings")["csrf_token"], "step_up_password": make.PASSWORD}
    answer = desk.client.post("/desk/admin/settings/file", data=form)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="engage-settings.yaml"'
    return answer.get_data(as_text=True)


def looks(desk: Desk, text: str) -> TestResponse:
    """Send a file to see what it would change."""
    form = {"csrf_token": opened(desk, "settings")["csrf_token"], "text": text}
    return desk.client.post("/desk/admin/settings", data=form)


def test_the_browsers_file_names_nobody_and_changes_nothing_here(installation: Installation, ada: Desk) -> None:
    text = gets(ada)
    assert "integrity" in text
    for member in make.rows(installation, Staff):
        assert member.login not in text
        assert member.name not in text
    assert one(installation, AuditEntry, act="settings.exported") is not None
    assert "Nothing: all it says is so already." in looks(ada, text).text


def test_a_file_is_looked_at_before_it_counts(installation: Installation, ada: Desk) -> None:
    text = gets(ada).replace("name: Gates\n", "name: Doors\n")
    page = looks(ada, text)
    assert "Doors" in page.text
    assert one(installation, Unit, slug="gates").name == "Gates"
    answer = ada.client.post("/desk/admin/settings", data=fields_of(page))
    assert answer.status_code == 303
    assert one(installation, Unit, slug="gates").name == "Doors"
    assert one(installation, SettingsChange, kind="units").name == "gates"
    assert one(installation, AuditEntry, act="settings.loaded") is not None


def test_what_changed_since_the_look_is_shown_before_it_counts(installation: Installation, ada: Desk) -> None:
    form = fields_of(looks(ada, gets(ada).replace("name: Gates\n", "name: Doors\n")))
    with installation.database.transaction() as session:
        session.exec(select(Unit).where(Unit.slug == "gates")).one().name = "Gatekeepers"
    answer = ada.client.post("/desk/admin/settings", data=form)
    assert "Something was changed here since you looked" in answer.text
    assert one(installation, Unit, slug="gates").name == "Gatekeepers"


def test_what_cannot_be_loaded_is_refused_and_changes_nothing(installation: Installation, ada: Desk) -> None:
    text = gets(ada)
    for wrong, sentence in (
        ("", "Choose a file"),
        ("a: [", "cannot be read"),
        ("authorities: []", "sites is missing"),
        ("x" * 1_600_000, "1,500,000 fit"),
        (text.replace("name: Border\n", "name: Ours\n"), "another authority&#39;s: units border"),
        (text.replace("  - slug: border\n", f"{OURS}  - slug: border\n", 1), "another authority&#39;s: units ours"),
        (text.replace("sealed: true\n", "sealed: false\n"), "sealed queue"),
        (text.replace("  queue: border\n", "  queue: marine\n"), "take reports from Customs Service"),
    ):
        page = looks(ada, wrong)
        if 'name="seen"' in page.text:
            page = ada.client.post("/desk/admin/settings", data=fields_of(page))
        assert sentence in page.text, wrong[:80]
    assert make.rows(installation, SettingsChange) == []


def test_a_file_may_be_chosen_and_one_that_is_no_text_is_told_so(ada: Desk) -> None:
    form = {"csrf_token": opened(ada, "settings")["csrf_token"]}
    text = gets(ada).encode()
    good = ada.client.post("/desk/admin/settings", data={**form, "file": (io.BytesIO(text), "a.yaml")})
    assert "Nothing: all it says is so already." in good.text
    bad = ada.client.post("/desk/admin/settings", data={**form, "file": (io.BytesIO(b"\xff\xfe"), "a.yaml")})
    assert "is not text" in bad.text


def test_shifts_keep_their_clocks_and_rules_their_order(
    installation: Installation, empty: Installation, port: make.Port
) -> None:
    """Two shifts on the clocks of two places, one of which has summer time: each comes back as it was."""
    with installation.database.transaction() as session:
        for zone, begin in (("Europe/London", "01:30"), ("Asia/Manila", "22:00")):
            hours = {"from_time": time.fromisoformat(begin), "to_time": time.fromisoformat("06:00")}
            session.add(Shift(queue_id=port.queues["marine"], weekday=6, timezone=zone, **hours))
    text = exported(installation, staff=False)
    with empty.database.transaction() as session:
        load_description(session, one_file.read_text(text), password_hash_of=str)
    assert {(row.timezone, str(row.from_time)) for row in make.rows(empty, Shift)} == {
        ("Europe/London", "01:30:00"),
        ("Asia/Manila", "22:00:00"),
    }
    with empty.database.reading() as session:
        there = session.exec(select(DutyRule.slug).order_by(col(DutyRule.position))).all()
    assert list(there) == ["integrity", "customs", "police", "security", "grave-fires"]


def fields_of(answer: TestResponse) -> dict[str, str]:
    """The fields of the form on a page."""
    return {key: value for fields in Page(answer).forms.values() for key, value in fields.items()}
