"""Places from a table, in the browser and by command: a look first, then all of it or nothing, and the same again."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select
from werkzeug.test import TestResponse

from engage.administration import place_loading
from engage.administration.refusals import Refused
from engage.installation import Installation
from engage.models import AuditEntry, Place, SettingsChange
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in
from tests.functional.test_administration import administrator

ADDRESS = "/desk/admin/places/import"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
TABLE = "key,zone,name,name ar,walking order\nnew-1,pier,New 1,جديد 1,1\nnew-2,pier,New 2,,2\n"


@pytest.fixture
def ada(app: Flask, installation: Installation) -> Desk:
    """The administrator of the port police, signed in."""
    administrator(installation, "ada", "police")
    return signed_in(app, "ada")


def looks(desk: Desk, text: str) -> TestResponse:
    token = Page(desk.opens(ADDRESS)).forms["import"]["csrf_token"]
    file = (io.BytesIO(text.encode()), "places.csv")
    return desk.client.post(ADDRESS, data={"csrf_token": token, "site": "harbour", "file": file})


def places(installation: Installation) -> dict[str, Any]:
    return {row.slug: row for row in make.rows(installation, Place)}


def test_a_look_changes_nothing_loading_does_and_again_nothing(installation: Installation, ada: Desk) -> None:
    before = places(installation)
    looked = looks(ada, TABLE)
    assert looked.status_code == 200
    assert "2 new, 0 changed" in looked.text
    assert places(installation).keys() == before.keys()
    done = ada.client.post(
        ADDRESS, data={**Page(looked).forms["import"], "reason": "New pier"}, content_type="multipart/form-data"
    )
    assert (done.status_code, "2 new" in done.text) == (200, True)
    after = places(installation)
    assert after.keys() == before.keys() | {"new-1", "new-2"}
    assert (after["new-1"].names, after["new-1"].walking_order) == ({"ar": "جديد 1"}, 1)
    assert "Nothing: all it says is so already." in looks(ada, TABLE).text
    assert sum(row.kind == "places" for row in make.rows(installation, SettingsChange)) == 2
    assert "places:harbour" in [row.about for row in make.rows(installation, AuditEntry)]


def test_what_is_exported_loads_again_to_the_same(installation: Installation, ada: Desk) -> None:
    text = ada.opens("/desk/admin/places/export/harbour").get_data(as_text=True)
    assert "Nothing: all it says is so already." in looks(ada, text.removeprefix("\ufeff")).text
    assert ada.opens("/desk/admin/places/export/nowhere").status_code == 404


def test_one_wrong_row_and_nothing_is_loaded(installation: Installation, ada: Desk) -> None:
    before = places(installation).keys()
    answer = looks(ada, TABLE + "new-3,nowhere,New 3,,\n")
    assert answer.status_code == 422
    assert "Row 4" in answer.text
    with pytest.raises(Refused), installation.database.transaction() as session:
        place_loading.load(session, None, NOW, (TABLE + "x y,pier,X,,\n").encode(), "harbour", seen=None)
    assert places(installation).keys() == before


def test_what_changed_since_the_look_is_shown_instead_of_overwritten(installation: Installation, ada: Desk) -> None:
    form = Page(looks(ada, TABLE)).forms["import"]
    with installation.database.transaction() as session:
        place_loading.load(session, None, NOW, TABLE.replace("New 1", "Old 1").encode(), "harbour", seen=None)
    answer = ada.client.post(ADDRESS, data=form)
    assert answer.status_code == 409
    assert "Old 1" in answer.text
    assert places(installation)["new-1"].name == "Old 1"


def test_the_key_of_a_closed_place_is_refused(installation: Installation, ada: Desk) -> None:
    with installation.database.transaction() as session:
        place = session.exec(select(Place)).first()
        assert place is not None
        place.retired_at = NOW
        slug = place.slug
    answer = looks(ada, f"key,zone,name\n{slug},pier,A\n")
    assert answer.status_code == 422
    assert "was closed" in answer.text


def test_an_officer_finds_no_such_page(app: Flask, installation: Installation) -> None:
    assert signed_in(app, "ana").opens(ADDRESS).status_code == 404
