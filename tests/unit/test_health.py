"""What a check says of what it finds."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engage import health
from engage.health import State
from tests import make

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("free", "state"),
    [(5000, State.OK), (1000, State.OK), (999, State.WARN), (100, State.WARN), (99, State.FAIL), (0, State.FAIL)],
)
def test_a_full_disk_is_told_in_time(tmp_path: Path, free: int, state: State) -> None:
    usage = type(shutil.disk_usage(tmp_path))(10_000 * MEGABYTE, 0, free * MEGABYTE)
    assert health.disk_free(make.settings(data_dir=tmp_path), lambda _: usage).state is state


@pytest.mark.parametrize(("year", "state"), [(1970, State.FAIL), (2026, State.OK), (2150, State.FAIL)])
def test_a_clock_that_was_never_set_is_told(year: int, state: State) -> None:
    assert health.clock_right(None, datetime(year, 3, 14, tzinfo=UTC)).state is state


@pytest.mark.parametrize(
    ("secret", "state"),
    [(make.SECRET, State.OK), ("0123456789" * 4, State.WARN)],
)
def test_a_key_of_few_different_characters_is_told_without_showing_it(secret: str, state: State) -> None:
    check = health.secret_strength(make.settings(secret_key=secret))
    assert check.state is state
    assert secret not in check.found + check.remedy


def test_a_data_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    assert health.data_folder_writable(make.settings(data_dir=tmp_path)).state is State.OK
    missing = health.data_folder_writable(make.settings(data_dir=tmp_path / "missing"))
    assert missing.state is State.FAIL
    assert "ENGAGE_DATA_DIR" in missing.remedy


def test_a_redis_that_is_away_is_told_and_none_is_fine() -> None:
    assert health.redis_answers(make.settings()).state is State.OK
    assert health.redis_answers(make.settings(redis_url="redis://127.0.0.1:1/0")).state is State.FAIL


def test_every_fault_names_a_remedy(tmp_path: Path) -> None:
    away = make.settings(data_dir=tmp_path / "missing", database_url="postgresql://nobody@127.0.0.1:1/nothing")
    checks = health.examine(away, datetime(1970, 1, 1, tzinfo=UTC))
    faults = [check for check in checks if check.state is not State.OK]
    assert {check.name for check in faults} >= {"database", "tables", "sites", "clock", "data folder", "disk"}
    assert all(check.remedy for check in faults)
