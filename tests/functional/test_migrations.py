"""Migrations make exactly the tables of the models, on both databases, with every wall that the models promise."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from engage import attachments, contacts, desk
from engage.contacts import Sender
from engage.db import Database
from engage.installation import Installation
from engage.migrations import current_revision, newest_revision
from engage.migrations.steps import differences, migrate
from engage.models import (
    Alarm,
    Correction,
    PosterInspection,
    PosterWarning,
    Proposal,
    ReadyReply,
    Referral,
    ReferralStep,
    Report,
    metadata,
)
from engage.models.guides import GuideText, QuizResult
from engage.referring import Side
from engage.taxonomy import (
    AlarmKind,
    Carrier,
    Category,
    Condition,
    Disposition,
    Handling,
    PosterTrouble,
    ReferralState,
    Severity,
)
from tests import make

WORDS = [
    (table.name, column.name)
    for table in metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, sa.Enum)
]


def test_migrations_and_models_make_the_same_tables(empty_database: Database) -> None:
    assert current_revision(empty_database) is None
    assert migrate(empty_database) == newest_revision()
    assert current_revision(empty_database) == newest_revision()
    assert differences(empty_database) == []


def test_alembic_does_not_see_every_wall_so_both_ways_are_compared(empty_database: Database) -> None:
    migrate(empty_database)
    migrated = _walls(empty_database)
    with empty_database.transaction() as session:
        metadata.drop_all(session.connection())
        metadata.create_all(session.connection())
    assert migrated == _walls(empty_database)


def test_migrating_again_changes_nothing(installation: Installation, port: make.Port) -> None:
    receipt = make.report(installation)
    assert migrate(installation.database) == newest_revision()
    assert make.report(installation, key="another").reference != receipt.reference
    assert differences(installation.database) == []


def test_a_missing_table_is_a_difference(installation: Installation) -> None:
    with installation.database.transaction() as session:
        session.connection().exec_driver_sql("DROP TABLE notes")
    assert differences(installation.database)


def test_several_servers_may_start_at_once(empty_database: Database) -> None:
    problems: list[Exception] = []

    def start() -> None:
        try:
            migrate(empty_database)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=start) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert differences(empty_database) == []


def test_a_word_that_is_not_in_its_list_is_refused(installation: Installation, port: make.Port) -> None:
    _one_of_everything(installation, port)
    for table, column in WORDS:
        rows = {"status": " WHERE closed_at IS NULL", "disposition": " WHERE closed_at IS NOT NULL"}.get(column, "")
        where = rows if table == "cases" else ""
        with (
            pytest.raises(IntegrityError, match=f"{table}_{column}_word"),
            installation.database.transaction() as session,
        ):
            session.connection().exec_driver_sql(f"UPDATE {table} SET {column} = 'nonsense'{where}")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cases SET status = 'closed' WHERE closed_at IS NULL",
        "UPDATE cases SET disposition = 'advised' WHERE closed_at IS NULL",
        "UPDATE cases SET closed_at = opened_at WHERE closed_at IS NULL",
        "UPDATE cases SET status = 'received' WHERE closed_at IS NOT NULL",
        "UPDATE cases SET queue_id = 999",
        "UPDATE cases SET holder_id = 999",
        "DELETE FROM queues",
        "DELETE FROM reports",
        "UPDATE reports SET access_hash = 'same'",
        "UPDATE cases SET reference = 'same'",
    ],
)
def test_a_row_that_contradicts_another_is_refused(installation: Installation, port: make.Port, change: str) -> None:
    _one_of_everything(installation, port)
    with pytest.raises(IntegrityError), installation.database.transaction() as session:
        session.connection().exec_driver_sql(change)


def test_a_page_of_open_cases_is_read_by_its_own_index(installation: Installation, port: make.Port) -> None:
    make.report(installation)
    page = "SELECT id FROM cases WHERE queue_id = 1 AND closed_at IS NULL ORDER BY urgency DESC, id DESC LIMIT 50"
    explain = "EXPLAIN QUERY PLAN" if installation.database.is_sqlite else "EXPLAIN"
    with installation.database.transaction() as session:
        session.connection().exec_driver_sql(_MANY_ENDED_CASES)
        session.connection().exec_driver_sql("ANALYZE cases")
        plan = list(session.connection().exec_driver_sql(f"{explain} {page}"))
    assert "ix_cases_open" in str(plan)


_COPIED = {
    "reference": "'X' || CAST(i AS VARCHAR)",
    "status": "'closed'",
    "closed_at": "opened_at",
    "disposition": "'spam'",
}
_COLUMNS = [column.name for column in metadata.tables["cases"].columns if column.name != "id"]
_MANY_ENDED_CASES = f"""
    WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 3000)
    INSERT INTO cases ({", ".join(_COLUMNS)})
    SELECT {", ".join(_COPIED.get(name, name) for name in _COLUMNS)} FROM cases, numbers
"""


def _one_of_everything(installation: Installation, port: make.Port) -> None:
    """An open case with an answer, a note and an outgoing message, and a closed one."""
    first, second = make.report(installation), make.report(installation)
    with installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        desk.answer(session, ana, first.reference, make.NOON, text="We are on our way.")
        desk.note(session, ana, first.reference, make.NOON, text="Two patrols.")
        desk.close(session, ana, second.reference, make.NOON, disposition=Disposition.UNFOUNDED)
        session.connection().exec_driver_sql("UPDATE reports SET reporter = 'crew'")
        report_id = session.exec(select(col(Report.id)).order_by(col(Report.id)).limit(1)).one() or 0
        contacts.keep(
            session, installation.vault, Sender(Carrier.SMS, "+447700900123", "+441632960100", True), make.NOON
        )
        contacts.keep_notice(session, installation.vault, report_id, Carrier.MAIL, "me@port.example", "en")
        session.add(Alarm(case_id=1, kind=AlarmKind.BREACHED, raised_at=make.NOON, rings_at=make.NOON))
        assert session.exec(select(Proposal.case_id)).all()  # the same words at the same place
        session.add(ReadyReply(slug="thanks", texts={"en": "Thank you."}))
        session.add(_correction(report_id))
        session.add(GuideText(language="en", category=Category.DRONE, guide={}, changed_at=make.NOON))
        session.add(
            QuizResult(form_key="k", unit_id=1, category=Category.DRONE, right_answers=5, on_day=make.NOON.date())
        )
        session.add_all(_of_a_poster())
        session.add(_referral())
        session.flush()
        session.add(ReferralStep(referral_id=1, at=make.NOON, side=Side.SENDER, state=ReferralState.OFFERED))
        attachments.expect(session, report_id, None, [("https://example.org/1", "image/jpeg")], make.NOON)


def _of_a_poster() -> tuple[PosterInspection, PosterWarning]:
    found = PosterInspection(
        poster_id=1, staff_id=1, key="k", found=Condition.DAMAGED, made_at=make.NOON, received_at=make.NOON
    )
    warned = PosterWarning(
        poster_id=1, kind=PosterTrouble.DAMAGED, since=make.NOON, counted=0, against=0, raised_at=make.NOON
    )
    return found, warned


def _referral() -> Referral:
    return Referral(
        case_id=1,
        from_authority_id=1,
        to_authority_id=2,
        state=ReferralState.OFFERED,
        category=Category.SPAM,
        severity=Severity.LOW,
        purpose="",
        handling=Handling.RED,
        offered_at=make.NOON,
        expires_at=make.NOON,
        changed_at=make.NOON,
    )


def _correction(report_id: int) -> Correction:
    said = {"said_category": Category.SPAM, "said_severity": Severity.LOW}
    right = {"category": Category.CYBER, "severity": Severity.HIGH}
    return Correction(
        case_id=1, report_id=report_id, staff_id=1, words="", reason="", corrected_at=make.NOON, **said, **right
    )


def _walls(database: Database) -> dict[str, Any]:
    seen = sa.inspect(database.engine)
    return {
        table: {
            "checks": sorted(str((check["name"], check["sqltext"])) for check in seen.get_check_constraints(table)),
            "unique": sorted(str(wall["column_names"]) for wall in seen.get_unique_constraints(table)),
            "indexes": sorted(_index(index) for index in seen.get_indexes(table)),
            "keys": sorted(
                str((key["constrained_columns"], key["referred_table"])) for key in seen.get_foreign_keys(table)
            ),
            "columns": [(each["name"], str(each["type"]), each["nullable"]) for each in seen.get_columns(table)],
        }
        for table in metadata.tables
    }


def _index(index: Any) -> str:
    options = sorted((name, str(value)) for name, value in index.get("dialect_options", {}).items())
    return str((index["name"], index["column_names"], index["unique"], options))
