"""Routing rules in the browser: rehearsed before they count, tried in the shadow, refused where they leave a gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import col, select
from werkzeug.test import TestResponse

from engage.installation import Installation
from engage.models import Case, DutyRule, Queue, SettingsChange, ShadowRoute
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in
from tests.functional.test_administration import administrator, opened


@pytest.fixture
def ada(app: Flask, installation: Installation) -> Desk:
    """The administrator of the port police; she works in the unit of the gates, so she sees its cases."""
    administrator(installation, "ada", "police", "gates")
    return signed_in(app, "ada")


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def asks(desk: Desk, **typed: str) -> TestResponse:
    """Send a change; its rehearsal comes back."""
    return desk.client.post("/desk/admin/rules", data={**opened(desk, "rules/new"), **typed})


def confirms(desk: Desk, rehearsal: TestResponse, **typed: str) -> TestResponse:
    """Press the button below a rehearsal."""
    assert rehearsal.status_code == 200, rehearsal.text[-2000:]
    return desk.client.post("/desk/admin/rules", data={**Page(rehearsal).forms["rules"], **typed})


def table(installation: Installation) -> list[str]:
    with installation.database.reading() as session:
        return list(session.exec(select(DutyRule.slug).order_by(col(DutyRule.position))))


ARMED = {"act": "add", "slug": "armed", "category": "weapon_attack", "queue": "gates", "place": "1"}


def test_a_change_is_rehearsed_and_only_then_counts(installation: Installation, port: make.Port, ada: Desk) -> None:
    for text in (make.GUN, make.GUN, make.OPEN_FENCE, make.BRIBE):
        make.report(installation, text, now=recently())
    before = table(installation)
    rehearsal = asks(ada, **ARMED)
    assert "2 reports would move" in rehearsal.text
    assert "0 urgent ones would drop" in rehearsal.text
    assert "3 reports were judged again" in rehearsal.text  # what is sealed away is not even counted
    assert table(installation) == before
    assert confirms(ada, rehearsal).status_code == 303
    assert table(installation) == ["armed", *before]
    receipt = make.report(installation, make.GUN, now=recently())
    assert queue_of(installation, receipt.reference) == "gates"


def queue_of(installation: Installation, reference: str) -> str:
    with installation.database.reading() as session:
        query = select(Queue.slug).join(Case, col(Case.queue_id) == Queue.id)
        return session.exec(query.where(Case.reference == reference)).one()


def test_references_are_shown_where_the_administrator_may_see_them(
    installation: Installation, port: make.Port, ada: Desk
) -> None:
    hers = make.report(installation, make.OPEN_FENCE, now=recently()).reference
    others = make.report(installation, make.GUN, now=recently()).reference
    rehearsal = asks(ada, act="edit", rule="security", slug="security", responder="security", queue="marine")
    assert "1 report would move" in rehearsal.text
    assert hers in rehearsal.text
    rehearsal = asks(ada, **ARMED)
    assert "1 report would move" in rehearsal.text
    assert others not in rehearsal.text  # of the marine unit, where she does not work
    assert make.GUN not in rehearsal.text


def test_what_is_another_authoritys_is_not_even_counted(installation: Installation, port: make.Port, ada: Desk) -> None:
    make.report(installation, make.IVORY, now=recently())
    assert "0 reports were judged again" in asks(ada, **ARMED).text
    with installation.database.transaction() as session:
        rule = DutyRule(position=-1, slug="curious", site_id=port.site, queue_id=port.queues["gates"], shadow=True)
        session.add(rule)
    make.report(installation, make.IVORY, now=recently())
    (noted,) = make.rows(installation, ShadowRoute)
    assert noted.queue_id == port.queues["border"]
    assert "So far no report would have gone elsewhere." in ada.opens("/desk/admin/rules").text


def test_an_urgent_report_that_would_sink_is_counted(installation: Installation, port: make.Port, ada: Desk) -> None:
    make.report(installation, make.GUN, now=recently())
    rehearsal = asks(ada, act="add", slug="all", queue="control", place="1", severity="critical", responder="police")
    assert "1 urgent one would drop" in rehearsal.text


GAPS = (
    {"act": "remove", "rule": "police"},
    {"act": "edit", "rule": "police", "slug": "police", "responder": "police", "severity": "high", "queue": "marine"},
    {
        "act": "edit",
        "rule": "police",
        "slug": "police",
        "responder": "police",
        "hours": "08:00-16:00",
        "queue": "marine",
    },
)


def test_a_change_that_leaves_a_report_without_a_rule_is_refused_with_an_example(
    installation: Installation, port: make.Port, ada: Desk
) -> None:
    for typed in GAPS:
        answer = asks(ada, **typed)
        assert answer.status_code == 422, typed
        assert "no rule would take such a report, which now goes by the rule “police”" in answer.text
        assert " at Harbour, at " in answer.text
    assert make.rows(installation, SettingsChange) == []


WRONG = (
    ({"act": "add", "slug": "police", "queue": "gates"}, 422, "There is a rule with this name already"),
    ({"act": "add", "slug": "x", "queue": "nowhere"}, 422, "there is no queue nowhere"),
    ({"act": "add", "slug": "x", "queue": "gates", "zone": "harbour.moon"}, 422, "there is no zone moon"),
    ({"act": "add", "slug": "x", "queue": "gates", "hours": "8-16"}, 422, "are no hours"),
    ({"act": "add", "slug": "x" * 300, "queue": "gates"}, 422, "at most 64 characters"),
    ({"act": "add", "slug": "x", "queue": "gates", "category": "weapon\0"}, 422, "NUL"),
    ({"act": "add", "slug": "x", "queue": "integrity", "category": "insider_corruption", "site": "harbour",
      "place": "1", "reason": "y" * 100_000}, 200, "Rehearsal"),
    ({"act": "up", "rule": "nothing"}, 404, ""),
    ({"act": "live", "rule": "police"}, 404, ""),
    ({"act": "burn", "rule": "police"}, 404, ""),
)  # fmt: skip


def test_what_is_wrong_is_refused_with_a_sentence(installation: Installation, port: make.Port, ada: Desk) -> None:
    for typed, status, sentence in WRONG:
        answer = asks(ada, **typed)
        assert answer.status_code == status, typed
        assert sentence in answer.text
        if status == 200:
            assert "500 fit" in confirms(ada, answer).text
    assert make.rows(installation, SettingsChange) == []


def test_a_rule_in_the_shadow_is_judged_beside_the_others_and_then_decides(
    installation: Installation, port: make.Port, ada: Desk
) -> None:
    assert confirms(ada, asks(ada, **ARMED), shadow="1").status_code == 303
    gun = make.report(installation, make.GUN, now=recently())
    make.report(installation, make.OPEN_FENCE, now=recently())
    assert queue_of(installation, gun.reference) == "marine"  # as without it
    (noted,) = make.rows(installation, ShadowRoute)
    assert (noted.queue_id, noted.shadow_queue_id) == (port.queues["marine"], port.queues["gates"])
    page = ada.opens("/desk/admin/rules").text
    assert "In the shadow" in page
    assert "So far 1 report would have gone elsewhere." in page
    assert confirms(ada, asks(ada, act="live", rule="armed")).status_code == 303
    assert queue_of(installation, make.report(installation, make.GUN, now=recently()).reference) == "gates"
    assert make.rows(installation, ShadowRoute) == []


def test_a_changed_rule_is_tried_beside_the_old_one_and_takes_its_name_and_place(
    installation: Installation, port: make.Port, ada: Desk
) -> None:
    before = table(installation)
    typed = {"act": "edit", "rule": "security", "slug": "security", "responder": "security", "queue": "control"}
    assert confirms(ada, asks(ada, **typed), shadow="1").status_code == 303
    fence = make.report(installation, make.OPEN_FENCE, now=recently())
    assert queue_of(installation, fence.reference) == "gates"
    assert "Would replace security." in ada.opens("/desk/admin/rules").text
    assert confirms(ada, asks(ada, act="live", rule="security-2")).status_code == 303
    assert table(installation) == before
    after = make.report(installation, make.OPEN_FENCE, now=recently())
    assert queue_of(installation, after.reference) == "control"


def test_without_a_shadow_nothing_is_noted(installation: Installation, port: make.Port) -> None:
    make.report(installation, make.GUN)
    assert make.rows(installation, ShadowRoute) == []


def test_rules_that_never_decide_are_named_with_what_hides_them(
    installation: Installation, port: make.Port, ada: Desk
) -> None:
    page = ada.opens("/desk/admin/rules").text
    assert "grave-fires" in page
    rehearsal = asks(ada, act="add", slug="police-too", responder="police", queue="gates")
    assert "Contradicts an earlier rule" not in rehearsal.text  # it names no site, so it matches more
    rehearsal = asks(ada, act="add", slug="police-too", responder="police", site="harbour", queue="gates")
    assert "Contradicts an earlier rule" in rehearsal.text
    assert confirms(ada, rehearsal).status_code == 303
    assert "these stand before it: police." in ada.opens("/desk/admin/rules").text


def test_two_who_change_the_rules_at_once_lose_nothing(
    app: Flask, installation: Installation, port: make.Port, ada: Desk
) -> None:
    rehearsal = asks(ada, **ARMED)
    administrator(installation, "bob", "police")
    bob = signed_in(app, "bob")
    typed = {"act": "add", "slug": "bobs", "category": "drone", "queue": "marine", "place": "1"}
    assert confirms(bob, asks(bob, **typed)).status_code == 303
    late = confirms(ada, rehearsal)
    assert late.status_code == 409
    assert "Somebody else changed this" in late.text
    assert 'value="armed"' in late.text  # what she typed
    assert "Drone" in late.text  # how the rules stand now
    assert table(installation)[0] == "bobs"


def test_a_change_of_the_rules_can_be_taken_back(installation: Installation, port: make.Port, ada: Desk) -> None:
    before = table(installation)
    assert confirms(ada, asks(ada, act="down", rule="integrity")).status_code == 303
    assert confirms(ada, asks(ada, **ARMED)).status_code == 303
    token = opened(ada, "changes")
    for change in reversed(make.rows(installation, SettingsChange)):
        assert ada.client.post(f"/desk/admin/changes/{change.id}/undo", data=token).status_code == 303
    assert table(installation) == before


def test_a_confirmation_of_something_else_is_only_rehearsed(
    installation: Installation, port: make.Port, ada: Desk
) -> None:
    fields = Page(asks(ada, **ARMED)).forms["rules"]
    forged = ada.client.post("/desk/admin/rules", data={**fields, "queue": "marine"})
    assert forged.status_code == 200
    assert "Rehearsal" in forged.text
    assert "armed" not in table(installation)
    no_token = ada.client.post("/desk/admin/rules", data={**fields, "csrf_token": "x"})
    assert no_token.status_code == 403
    assert "armed" not in table(installation)
