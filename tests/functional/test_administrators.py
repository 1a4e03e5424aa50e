"""How far administrators reach: their own authority, what all share, and never into a sealed unit of others."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from engage.installation import Installation
from engage.models import DutyRule, Queue, SettingsChange, Staff, StaffSession, StaffUnit
from tests import make
from tests.functional.staff_browser import Desk, signed_in
from tests.functional.test_administration import administrator, one, opened, sends

PROVEN = {"step_up_password": make.PASSWORD}


@pytest.fixture
def ada(app: Flask, installation: Installation) -> Desk:
    """An administrator of the port police who works in none of its units."""
    administrator(installation, "ada", "police")
    return signed_in(app, "ada")


PAGES = ("", "/units", "/units/new", "/units/gates", "/rules", "/rules/new", "/words", "/changes", "/settings")


def test_to_others_of_the_staff_there_is_no_administration(app: Flask) -> None:
    for login in ("ana", "sue", "carl"):
        desk = signed_in(app, login)
        nothing = desk.opens("/desk/nothing-here")
        for page in PAGES:
            answer = desk.opens(f"/desk/admin{page}")
            assert (answer.status_code, answer.text) == (404, nothing.text)
        assert "/desk/admin" not in desk.opens("/desk").text


FOREIGN = ("units/border", "queues/border", "staff/carl", "targets/border.high", "shifts/border.mon.0600-1400")


def test_what_is_another_authoritys_is_as_absent(installation: Installation, ada: Desk) -> None:
    token = opened(ada, "units/gates")
    absent = ada.opens("/desk/admin/units/nothing-here")
    for path in FOREIGN:
        for end in ("", "/close"):
            found = ada.opens(f"/desk/admin/{path}{end}")
            assert (found.status_code, found.text) == (404, absent.text)
            sent = ada.client.post(f"/desk/admin/{path}{end}", data={**token, **PROVEN, "name": "Mine"})
            assert (sent.status_code, sent.text) == (404, absent.text)
    assert one(installation, SettingsChange) is None


def test_a_list_names_nothing_of_another_authority(ada: Desk) -> None:
    for kind in ("units", "queues", "staff"):
        page = ada.opens(f"/desk/admin/{kind}").text
        assert "Border" not in page
        assert "carl" not in page


SEALED = (
    ("staff/ada", {"name": "Ada", "role": "administrator", "units": "integrity"}),
    ("staff/ana", {"name": "Ana", "role": "officer", "units": "integrity"}),
    ("staff/ida", {"name": "Ida", "role": "officer"}),
    ("queues/integrity", {"name": "Integrity queue", "unit": "integrity"}),
    ("queues/integrity", {"name": "Integrity queue", "unit": "marine", "sealed": "1"}),
    ("units/integrity", {"name": "Integrity", "responder": "integrity", "mailbox": "ada@port.example"}),
    ("queues/new", {"slug": "second", "name": "Second", "unit": "integrity", "sealed": "1"}),
)


def test_nobody_lets_themselves_into_a_sealed_unit(installation: Installation, ada: Desk) -> None:
    for path, typed in SEALED:
        answer = sends(ada, path, **typed, **PROVEN)
        assert answer.status_code == 422, path
        assert "This unit has a sealed queue" in answer.text
    assert one(installation, SettingsChange) is None
    assert one(installation, Queue, slug="integrity").sealed


def test_who_works_in_a_sealed_unit_administers_it(app: Flask, installation: Installation) -> None:
    administrator(installation, "ira", "police", "integrity")
    ira = signed_in(app, "ira")
    assert sends(ira, "staff/ana", name="Ana", role="officer", units="integrity", **PROVEN).status_code == 303
    assert one(installation, StaffUnit, staff_id=one(installation, Staff, login="ana").id) is not None


def test_a_role_counts_from_the_next_page_on(app: Flask, installation: Installation, ada: Desk) -> None:
    ben = signed_in(app, "ben")
    assert ben.opens("/desk/numbers").status_code == 404
    assert sends(ada, "staff/ben", name="Ben", role="supervisor", units="gates", **PROVEN).status_code == 303
    assert ben.opens("/desk/numbers").status_code == 200
    assert sends(ada, "staff/ben", name="Ben", role="analyst", units="gates", **PROVEN).status_code == 303
    assert ben.opens("/desk/watch").status_code == 404


def test_a_role_is_changed_only_by_whoever_proves_who_they_are(installation: Installation, ada: Desk) -> None:
    with installation.database.transaction() as session:
        session.connection().execute(sa.update(StaffSession).values(proven_at=None))
    asked = sends(ada, "staff/ben", name="Ben", role="supervisor", units="gates")
    assert "step_up_password" in asked.text
    assert one(installation, Staff, login="ben").role == "officer"


def test_an_authority_keeps_an_administrator(installation: Installation, ada: Desk) -> None:
    answer = sends(ada, "staff/ada", name="Ada", role="officer", **PROVEN)
    assert answer.status_code == 422
    assert "left without an administrator" in answer.text


def test_whoever_leaves_is_signed_out_and_stands_in_no_shift(app: Flask, installation: Installation, ada: Desk) -> None:
    ana = signed_in(app, "ana")
    typed = {"queue": "marine", "day": "sun", "hours": "22:00-06:00", "timezone": "Asia/Manila", "staff": "ana"}
    assert sends(ada, "shifts/new", **typed).status_code == 303
    assert sends(ada, "staff/ana/close", **PROVEN).status_code == 303
    assert ana.opens("/desk").status_code == 303
    assert "Officer Ana" not in ada.opens("/desk/admin/shifts").text
    assert sends(ada, "units/gates", name="Gates", responder="security").status_code == 303


TAKES = (
    # away from customs, to customs, out of the sealed queue
    ({"slug": "mine", "queue": "marine", "responder": "border", "place": "1"}, "take reports from Customs Service"),
    ({"slug": "theirs", "queue": "border", "responder": "police", "place": "1"}, "give reports to Customs Service"),
    ({"slug": "spy", "queue": "peep", "category": "insider_corruption", "place": "1"}, "out of the sealed queue"),
)


def test_no_rule_takes_what_is_not_ones_own(installation: Installation, ada: Desk) -> None:
    peep = {"slug": "peep", "name": "Peep"}
    assert sends(ada, "units/new", **peep, authority="police", responder="integrity").status_code == 303
    assert sends(ada, "queues/new", **peep, unit="peep", sealed="1").status_code == 303
    before = len(make.rows(installation, DutyRule))
    form = opened(ada, "rules/new")
    for typed, sentence in TAKES:
        answer = ada.client.post("/desk/admin/rules", data={**form, "act": "add", **typed})
        assert answer.status_code == 422, sentence
        assert sentence in answer.text
        assert " at Harbour" in answer.text  # the example
    assert len(make.rows(installation, DutyRule)) == before


def test_the_fallback_queue_of_a_site_is_given_away_by_whoever_has_it(
    app: Flask, installation: Installation, ada: Desk
) -> None:
    administrator(installation, "cora", "customs")
    cora = signed_in(app, "cora")
    site = {"name": "Harbour", "kind": "seaport", "timezone": "Asia/Manila", "emergency_number": "911"}
    taken = sends(cora, "sites/harbour", **site, fallback_queue="border")
    assert taken.status_code == 422
    assert "others decide on theirs" in taken.text
    assert sends(cora, "sites/harbour", **site, fallback_queue="control", desk_number="1234").status_code == 303
    assert sends(ada, "sites/harbour", **site, fallback_queue="gates").status_code == 303
