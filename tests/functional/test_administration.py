"""Administration through the door: one thing at a time, by the checks of a description, with nothing lost."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlmodel import select
from werkzeug.test import TestResponse

from engage.db import add_row
from engage.installation import Installation
from engage.models import (
    AuditEntry,
    Authority,
    Case,
    DutyRule,
    Place,
    Poster,
    Queue,
    ReadyReply,
    ResponseTarget,
    SettingsChange,
    Shift,
    Staff,
    StaffUnit,
    Unit,
    Zone,
)
from engage.taxonomy import Role
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

#: Every script has letters that somebody's name is written in.
NAMES = ("Zoë Ñandú", "Администрация порта", "港口警察", "شرطة الميناء", "มหานคร", "Ωμέγα 🚢", "<b>Dock & Co</b>")


def administrator(installation: Installation, login: str, authority: str, unit: str | None = None) -> None:
    """Somebody who administers an authority."""
    with installation.database.transaction() as session:
        authority_id = session.exec(select(Authority.id).where(Authority.slug == authority)).one()
        staff_id = add_row(
            session,
            Staff,
            login=login,
            name=f"Administrator {login}",
            authority_id=authority_id,
            role=Role.ADMINISTRATOR,
            password_hash=make.password_hash(),
            active=True,
        )
        if unit is not None:
            unit_id = session.exec(select(Unit.id).where(Unit.slug == unit)).one()
            session.add(StaffUnit(staff_id=staff_id, unit_id=unit_id or 0))


@pytest.fixture
def ada(app: Flask, installation: Installation) -> Desk:
    """The administrator of the port police, signed in."""
    administrator(installation, "ada", "police")
    return signed_in(app, "ada")


def opened(desk: Desk, path: str) -> dict[str, str]:
    """The fields of the form on a page, without the choices, which a browser sends as they are chosen."""
    answer = desk.opens(f"/desk/admin/{path}")
    assert answer.status_code == 200, path
    return {
        key: value
        for fields in Page(answer).forms.values()
        for key, value in fields.items()
        if key in ("csrf_token", "seen")
    }


def sends(desk: Desk, path: str, **typed: Any) -> TestResponse:
    form = typed.pop("form", None) or opened(desk, path)
    return desk.client.post(
        f"/desk/admin/{path}", data={**form, **{key.replace("__", "."): typed[key] for key in typed}}
    )


def one(installation: Installation, model: Any, **by: Any) -> Any:
    with installation.database.reading() as session:
        row = session.exec(select(model).filter_by(**by)).first()
        session.expunge_all()
        return row


ADDED = (
    ("authorities", {"slug": "harbour-fire", "name": "Harbour Fire Brigade"}, Authority, {"slug": "harbour-fire"}),
    ("units", {"slug": "dogs", "name": "Dogs", "authority": "police", "responder": "police"}, Unit, {"slug": "dogs"}),
    ("queues", {"slug": "night", "name": "Night", "unit": "marine"}, Queue, {"slug": "night", "sealed": False}),
    ("zones", {"slug": "yard", "name": "Yard", "site": "harbour"}, Zone, {"slug": "yard"}),
    ("places", {"slug": "crane", "name": "Crane 3", "zone": "harbour.pier"}, Place, {"slug": "crane"}),
    ("targets", {"queue": "marine", "severity": "high", "acknowledge": "5", "respond": "15", "resolve": "60"},
     ResponseTarget, {"severity": "high", "respond_minutes": 15}),
    ("shifts", {"queue": "marine", "day": "sun", "hours": "22:00-06:00", "timezone": "Asia/Manila", "staff": "ana"},
     Shift, {"weekday": 6}),
    ("replies", {"slug": "thanks", "texts.en": "Thank you."}, ReadyReply, {"slug": "thanks"}),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "typed", "model", "by"), ADDED, ids=[row[0] for row in ADDED])
def test_what_is_added_is_a_row_a_change_and_an_entry_of_the_trail(
    installation: Installation, ada: Desk, kind: str, typed: dict[str, str], model: Any, by: dict[str, Any]
) -> None:
    assert sends(ada, f"{kind}/new", **typed, reason="Because").status_code == 303
    assert one(installation, model, **by) is not None
    change = one(installation, SettingsChange, kind=kind)
    assert (change.before, change.reason) == (None, "Because")
    assert one(installation, AuditEntry, act="settings.changed", reason="Because").about.startswith(f"{kind}:")
    again = sends(ada, f"{kind}/new", **typed)
    assert again.status_code == 422
    assert "There is one with this name already" in again.text


WRONG = (
    ("queues/new", {"slug": "Night!", "name": "N", "unit": "marine"}, "is no slug"),
    ("queues/new", {"slug": "night", "unit": "marine"}, "Name: is missing"),
    ("queues/new", {"slug": "all", "name": "N", "unit": "marine"}, "no queue can have the slug"),
    ("queues/new", {"slug": "night", "name": "N", "unit": "nowhere"}, "there is no unit nowhere"),
    ("queues/new", {"slug": "night", "name": "N" * 300, "unit": "marine"}, "at most 200 characters"),
    ("queues/new", {"slug": "night", "name": "N\0N", "unit": "marine"}, "NUL"),
    ("queues/new", {"slug": "night", "name": "N", "unit": "marine", "reason": "x" * 1_500_000}, "500 fit"),
    ("places/new", {"slug": "crane", "name": "C", "zone": "harbour.moon"}, "there is no zone moon"),
    ("shifts/new", {"queue": "marine", "day": "sun", "hours": "6-22", "timezone": "UTC"}, "are no hours"),
    ("shifts/new", {"queue": "marine", "day": "sun", "hours": "06:00-14:00", "timezone": "Moon/Sea"}, "no time zone"),
    ("targets/new", {"severity": "high", "acknowledge": "soon", "respond": "1", "resolve": "1"}, "valid integer"),
    ("replies/new", {"slug": "thanks", "texts.fr": "Merci"}, "have none in English"),
    ("sites/harbour", {"name": "H", "kind": "seaport", "timezone": "UTC", "emergency_number": "1",
                       "fallback_queue": "gone"}, "there is no queue gone"),
)  # fmt: skip


def test_what_is_wrong_is_refused_with_a_sentence_and_keeps_what_was_typed(
    installation: Installation, ada: Desk
) -> None:
    for path, typed, sentence in WRONG:
        answer = sends(ada, path, **typed)
        assert answer.status_code == 422, (path, sentence)
        assert sentence in answer.text
        kept = {given.get("value") for _tag, given in Page(answer).tags}
        assert typed.get("name") in kept or "\0" in typed.get("name", "\0"), (path, sentence)
    assert one(installation, SettingsChange) is None
    assert one(installation, Queue, slug="night") is None


def test_a_name_in_any_script_comes_back_as_it_was_written(installation: Installation, ada: Desk) -> None:
    for name in NAMES:
        assert sends(ada, "units/gates", name=name, responder="security").status_code == 303
        assert one(installation, Unit, slug="gates").name == name
        assert (
            name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in ada.opens("/desk/admin/units").text
        )


def test_two_administrators_at_once_lose_nothing(app: Flask, installation: Installation, ada: Desk) -> None:
    administrator(installation, "bob", "police")
    bob = signed_in(app, "bob")
    forms = [opened(desk, "units/gates") for desk in (ada, bob)]
    first = sends(ada, "units/gates", form=forms[0], name="Gates and doors", responder="security")
    assert first.status_code == 303
    second = sends(bob, "units/gates", form=forms[1], name="Gatekeepers", responder="security")
    assert second.status_code == 409
    assert "Gates and doors" in second.text  # how it stands
    assert 'value="Gatekeepers"' in second.text  # what was typed
    on_purpose = {key: value for fields in Page(second).forms.values() for key, value in fields.items()}
    last = sends(bob, "units/gates", form={"csrf_token": on_purpose["csrf_token"], "seen": on_purpose["seen"]},
                 name="Gatekeepers", responder="security")  # fmt: skip
    assert last.status_code == 303
    assert one(installation, Unit, slug="gates").name == "Gatekeepers"


def test_a_change_can_be_taken_back_once_and_the_newer_one_first(installation: Installation, ada: Desk) -> None:
    for name in ("Gates and doors", "Gatekeepers"):
        assert sends(ada, "units/gates", name=name, responder="security").status_code == 303
    first, second = (row.id for row in make.rows(installation, SettingsChange))

    def takes_back(change: int) -> TestResponse:
        token = opened(ada, "changes")["csrf_token"]
        return ada.client.post(f"/desk/admin/changes/{change}/undo", data={"csrf_token": token})

    assert "Take the newer change back first" in takes_back(first).text
    assert takes_back(second).status_code == 303
    assert one(installation, Unit, slug="gates").name == "Gates and doors"
    assert takes_back(second).status_code == 422


def test_what_came_can_go_and_come_back(installation: Installation, ada: Desk) -> None:
    typed = {"queue": "marine", "severity": "high", "acknowledge": "5", "respond": "15", "resolve": "60"}
    assert sends(ada, "targets/new", **typed).status_code == 303
    assert sends(ada, "targets/marine.high/close").status_code == 303
    assert one(installation, ResponseTarget) is None
    gone = make.rows(installation, SettingsChange)[-1]
    token = opened(ada, "changes")["csrf_token"]
    assert ada.client.post(f"/desk/admin/changes/{gone.id}/undo", data={"csrf_token": token}).status_code == 303
    assert one(installation, ResponseTarget).respond_minutes == 15


CLOSED = (
    ("queues/marine", "open case"),
    ("queues/gates", "Routing rules send reports there: security"),
    ("queues/control", "fallback queue of Harbour"),
    ("units/marine", "still in use in it: Marine queue"),
    ("authorities/police", "still in use in it"),
    ("zones/harbour.pier", "still in use in it: Berth 7"),
    ("sites/harbour", "still in use in it"),
    ("staff/ada", "You cannot close your own account"),
)


def test_what_is_still_needed_is_not_closed(installation: Installation, port: make.Port, ada: Desk) -> None:
    make.report(installation)
    for path, sentence in CLOSED:
        assert sentence in ada.opens(f"/desk/admin/{path}/close").text, path
        answer = ada.client.post(f"/desk/admin/{path}/close", data=opened(ada, path))
        assert answer.status_code == 422, path
        assert sentence in answer.text
    assert one(installation, SettingsChange) is None


def test_a_queue_and_a_place_are_retired_and_what_was_reported_keeps_its_name(
    installation: Installation, port: make.Port, ada: Desk
) -> None:
    receipt = make.report(installation, code=port.codes["berth"])
    assert sends(ada, "queues/new", slug="night", name="Night", unit="marine").status_code == 303
    for path in ("queues/night", "places/harbour.berth"):
        assert sends(ada, f"{path}/close").status_code == 303
        assert ada.opens(f"/desk/admin/{path}").status_code == 404
    assert one(installation, Queue, slug="night").retired_at is not None
    assert one(installation, Poster, code=port.codes["berth"]).retired_at is not None
    again = make.report(installation, code=port.codes["berth"])
    assert "Berth 7" in signed_in(ada.client.application, "ana").case(receipt.reference).text
    assert one(installation, Place, slug="berth").id is not None
    assert again.reference
    assert "Berth 7" not in signed_in(ada.client.application, "ana").opens("/desk/new-report").text


def test_what_was_closed_is_opened_again_with_what_belongs_to_it(
    app: Flask, installation: Installation, port: make.Port, ada: Desk
) -> None:
    ana = signed_in(app, "ana")
    assert sends(ada, "queues/new", slug="night", name="Night", unit="marine").status_code == 303
    for path in ("queues/night", "places/harbour.berth", "staff/ana"):
        assert sends(ada, f"{path}/close").status_code == 303
    assert ana.client.get("/desk").status_code == 303  # she is signed out
    removal = one(installation, AuditEntry, act="staff.deactivated")
    assert removal.staff_id == one(installation, Staff, login="ada").id
    for change in make.rows(installation, SettingsChange)[-3:]:
        token = opened(ada, "changes")["csrf_token"]
        assert ada.client.post(f"/desk/admin/changes/{change.id}/undo", data={"csrf_token": token}).status_code == 303
    assert one(installation, Queue, slug="night").retired_at is None
    assert one(installation, Place, slug="berth").retired_at is None
    assert one(installation, Poster, code=port.codes["berth"]).retired_at is None
    assert one(installation, AuditEntry, act="staff.reactivated") is not None
    assert ana.client.get("/desk").status_code == 303  # what was ended stays ended
    assert signed_in(app, "ana").client.get("/desk").status_code == 200


def test_an_authority_says_in_the_browser_whether_two_persons_open_a_number(
    installation: Installation, ada: Desk
) -> None:
    assert sends(ada, "authorities/police", name="Port police", two_persons_for_contacts="1").status_code == 303
    assert one(installation, Authority, slug="police").two_persons_for_contacts is True
    assert "checked" in ada.opens("/desk/admin/authorities/police").text
    assert sends(ada, "authorities/police", name="Port police").status_code == 303
    assert one(installation, Authority, slug="police").two_persons_for_contacts is False


def test_a_place_that_moves_to_another_zone_takes_new_reports_there(
    installation: Installation, port: make.Port, ada: Desk
) -> None:
    with installation.database.transaction() as session:
        pier = session.exec(select(Zone.id).where(Zone.slug == "pier")).one()
        rule = session.exec(select(DutyRule).where(DutyRule.slug == "police")).one()
        rule.zone_id = pier
    before = make.report(installation)
    assert sends(ada, "places/harbour.gate", name="Gate B12", zone="harbour.pier").status_code == 303
    after = make.report(installation)
    with installation.database.reading() as session:
        queues = dict(session.exec(select(Queue.id, Queue.slug)).all())
    by_reference = {case.reference: queues[case.queue_id] for case in _cases(installation)}
    assert (by_reference[before.reference], by_reference[after.reference]) == ("control", "marine")


def _cases(installation: Installation) -> list[Any]:
    return make.rows(installation, Case)
