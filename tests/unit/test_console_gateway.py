"""The console twin writes every message once, whatever is killed in between."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engage.gateways import GatewayDown
from engage.gateways.console import ConsoleGateway
from tests.make import NOON, parcel


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "outgoing.jsonl"


def test_a_message_becomes_one_line(file: Path) -> None:
    provider_id = ConsoleGateway(file, lambda: NOON).send(parcel(7, "Zone Ä: 日本"))
    assert lines(file) == [
        {
            "id": 7,
            "message_id": provider_id,
            "recipient": "desk@port.example",
            "subject": "Case",
            "body": "Zone Ä: 日本",
            "carrier": "mail",
            "sender": None,
            "callback_key": "0" * 32,
            "written_at": NOON.isoformat(),
        }
    ]


def test_a_restarted_twin_knows_what_it_has(file: Path) -> None:
    sent = ConsoleGateway(file).send(parcel())
    again = ConsoleGateway(file)
    assert again.already_has(parcel(attempts=2)) == sent
    assert again.already_has(parcel(2, attempts=2)) is None
    assert again.send(parcel(attempts=2)) == sent
    assert len(lines(file)) == 1


def test_it_has_nothing_before_its_first_message(file: Path) -> None:
    assert ConsoleGateway(file).already_has(parcel()) is None


def test_the_first_row_of_a_new_database_is_another_message(file: Path) -> None:
    ConsoleGateway(file).send(parcel(1, "The old one."))
    assert ConsoleGateway(file).already_has(parcel(1, "The new one.")) is None


def test_a_line_cut_off_by_a_kill_was_not_sent(file: Path) -> None:
    first = ConsoleGateway(file)
    first.send(parcel(1))
    first.send(parcel(2))
    file.write_bytes(file.read_bytes()[:-20])
    again = ConsoleGateway(file)
    assert again.already_has(parcel(1, attempts=2))
    assert again.already_has(parcel(2, attempts=2)) is None
    again.send(parcel(2, attempts=2))
    assert ConsoleGateway(file).already_has(parcel(2, attempts=2))
    whole = [line for line in file.read_bytes().splitlines() if line.endswith(b"}")]
    assert [json.loads(line)["id"] for line in whole] == [1, 2]


def test_an_emptied_file_is_believed(file: Path) -> None:
    gateway = ConsoleGateway(file)
    gateway.send(parcel())
    file.write_bytes(b"")
    assert gateway.already_has(parcel()) is None


def test_twins_beside_each_other_write_each_message_once(file: Path) -> None:
    twins = [ConsoleGateway(file) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: twins[at % 4].send(parcel(at // 4)), range(80)))
    assert sorted(str(line["id"]) for line in lines(file)) == sorted(str(number) for number in range(20))


def test_a_folder_that_is_away_is_tried_again_later(tmp_path: Path) -> None:
    with pytest.raises(GatewayDown):
        ConsoleGateway(tmp_path / "missing" / "outgoing.jsonl").send(parcel())
