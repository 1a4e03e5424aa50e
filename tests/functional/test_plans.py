"""Floor plans: what is taken and refused, pins that nobody loses, counts of what one may see, photos of places."""

from __future__ import annotations

import io
import json
import re
import zlib
from datetime import UTC, datetime

import pytest
from flask import Flask
from PIL import Image

from engage.installation import Installation
from engage.models import AuditEntry, FloorPlan, PlacePhoto, PlanPin, Staff
from engage.taxonomy import Role
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

HALL = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><script>alert(1)</script><rect width="9"/></svg>'


@pytest.fixture
def boss(app: Flask, installation: Installation, port: make.Port) -> Desk:
    """The browser of an administrator of the port police."""
    with installation.database.transaction() as session:
        session.get_one(Staff, port.staff["sue"]).role = Role.ADMINISTRATOR
    return signed_in(app, "sue")


def picture(width: int = 300, height: int = 200, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height), 200).save(file, kind)
    return file.getvalue()


def bomb(side: int = 20_000) -> bytes:
    """A PNG of 400 million white pixels, in some kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = side.to_bytes(4) * 2 + b"\x01\x00\x00\x00\x00"
    rows = zlib.compress((b"\0" + b"\xff" * (side // 8)) * 2_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def sends(desk: Desk, path: str, file: bytes | None = None, /, **typed: str) -> tuple[int, str]:
    token = Page(desk.opens("/desk/admin/plans")).forms[""]["csrf_token"]
    data: dict[str, object] = {"csrf_token": token, **typed}
    if file is not None:
        data["file"] = (io.BytesIO(file), "plan")
    answer = desk.client.post(path, data=data)
    return answer.status_code, answer.text if answer.status_code != 303 else answer.headers["Location"]


def adds(desk: Desk, file: bytes | None = HALL, /, **typed: str) -> tuple[int, str]:
    return sends(desk, "/desk/admin/plans", file, **{"of": "harbour", "name": "Ground floor", **typed})


def test_what_is_no_plan_is_refused_in_a_sentence_and_nothing_is_kept(boss: Desk, installation: Installation) -> None:
    for file in (
        None,
        b"",
        b"%PDF-1.7",
        b"<svg/>",
        HALL[:60],
        picture(1, 1),
        picture(20_000, 50),
        bomb(),
    ):
        status, page = adds(boss, file)
        assert (status, 'role="alert"' in page) == (422, True), (file or b"")[:20]
    doctype = b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    assert adds(boss, doctype + HALL.replace(b"alert(1)", b"&b;"))[0] == 422
    for name in ("", " ", "n" * 201, "a\0b", "a\x07"):
        status, page = adds(boss, name=name)
        assert (status, "Give it a name" in page) == (422, True), name
    for of, status in (("nowhere", 404), ("harbour.nowhere", 404), ("\0", 404), ("", 404)):
        assert adds(boss, of=of)[0] == status
    assert adds(boss, csrf_token="another")[0] == 403
    assert make.rows(installation, FloorPlan) == []


def test_plans_are_added_pinned_by_figures_and_removed(boss: Desk, installation: Installation, app: Flask) -> None:
    status, place = adds(boss, name="  Ground\u202e floor 1 \u0628 ")
    assert status == 303
    assert "script" in boss.opens(place).text
    status, place = adds(boss, picture(kind="JPEG"), of="harbour.hall", name="Hall")
    assert status == 303
    assert [one.content_type for one in make.rows(installation, FloorPlan)] == ["image/svg+xml", "image/jpeg"]
    shown = boss.opens("/desk/plans/1/drawing")
    assert b"script" not in shown.data
    assert shown.headers["Content-Security-Policy"].startswith("sandbox")
    assert boss.client.get("/desk/plans/1/drawing", headers={"If-None-Match": shown.headers["ETag"]}).status_code == 304
    assert "y.berth" not in boss.opens(place).text, "a plan of a zone has its places only"
    form = {"name": "Ground floor", "seen": "1", "x.gate": "42,5", "y.gate": "10", "x.berth": "", "y.berth": ""}
    for wrong in ({"x.gate": "101"}, {"y.gate": ""}, {"x.berth": "nan", "y.berth": "1"}, {"x.gate": "1e-400x"}):
        status, page = sends(boss, "/desk/admin/plans/1", None, **form | wrong)
        assert (status, "two numbers from 0 to 100" in page, "aria-invalid" in page) == (422, True, True), wrong
    assert sends(boss, "/desk/admin/plans/1", None, **form)[0] == 303
    assert [(pin.place_id, pin.x, pin.y) for pin in make.rows(installation, PlanPin)] == [(1, 0.425, 0.1)]
    status, page = sends(boss, "/desk/admin/plans/1", None, **form | {"x.gate": "7", "x.berth": "1", "y.berth": "2"})
    assert (status, 'value="7"' in page, "42.5 / 10" in page) == (409, True, True)
    assert sends(boss, "/desk/admin/plans/1", HALL, **form | {"x.gate": "", "y.gate": "", "seen": "2"})[0] == 303
    assert (make.rows(installation, PlanPin), make.rows(installation, FloorPlan)[0].version) == ([], 3)
    assert sends(boss, "/desk/admin/plans/1/remove", seen="2")[0] == 409
    assert sends(boss, "/desk/admin/plans/1/remove", seen="3")[0] == 303
    assert [one.id for one in make.rows(installation, FloorPlan)] == [2]
    told = [json.loads(one.details) for one in make.rows(installation, AuditEntry) if one.about == "plans:1"]
    assert [min(one) for one in told] == ["added", "name", "drawing", "pins"]
    assert told[1]["pins"] == {"gate": [0.425, 0.1]}
    assert signed_in(app, "ana").opens("/desk/admin/plans").status_code == 404


def test_a_plan_counts_what_its_reader_works_and_a_case_shows_its_pin(
    app: Flask, boss: Desk, installation: Installation
) -> None:
    moment = datetime.now(UTC)
    gun = make.report(installation, make.GUN, now=moment).reference
    bribe = make.report(installation, make.BRIBE, now=moment).reference
    make.report(installation, make.OPEN_FENCE, code=make.code("M2Q9"), now=moment)
    adds(boss)
    sends(
        boss,
        "/desk/admin/plans/1",
        None,
        name="Floor",
        seen="1",
        **{"x.gate": "99", "y.gate": "1", "x.berth": "", "y.berth": ""},
    )

    def pins(login: str) -> list[str]:
        page = signed_in(app, login).opens("/desk/plans/1?place=gate").text
        return re.findall(r'aria-label="(Gate B12: [^"]+)"', page)

    assert pins("ana") == ["Gate B12: 1 open case (Critical), 1 report"]
    assert pins("ida") == ["Gate B12: 1 open case (High), 1 report"], "the sealed case, for its own unit"
    assert pins("carl") == ["Gate B12: 0 open cases, 0 reports"]
    for login, reference in (("ana", gun), ("ida", bribe)):
        page = signed_in(app, login).case(reference).text
        assert "/desk/plans/1?place=gate" in page
        assert 'viewBox="500 0 500 300"' in page
    assert "<th" in signed_in(app, "ben").opens("/desk/plans/1").text
    assert "Floor" in signed_in(app, "ben").opens("/desk/plans").text


def test_a_place_has_one_small_photo_for_everybody(boss: Desk, installation: Installation) -> None:
    wanted = {"site": "harbour", "place": "gate"}
    for file in (b"", b"GIF89a", bomb(), HALL):
        assert sends(boss, "/desk/admin/photos", file, **wanted)[0] == 422
    assert sends(boss, "/desk/admin/photos", picture(), **wanted | {"place": "nowhere"})[0] == 404
    for kind in ("JPEG", "WEBP"):
        assert sends(boss, "/desk/admin/photos", picture(1600, 1200, kind), **wanted)[0] == 303
    (kept,) = make.rows(installation, PlacePhoto)
    assert (kept.width, kept.height, Image.open(io.BytesIO(kept.picture)).size) == (320, 240, (320, 240))
    assert boss.opens("/desk/admin/photos/harbour/gate").data == kept.picture
    assert boss.client.get("/photos/B7K4X").data == kept.picture
    assert sends(boss, "/desk/admin/photos", site="harbour", remove="gate")[0] == 303
    assert boss.opens("/desk/admin/photos/harbour/gate").status_code == 404
    assert boss.client.get("/photos/B7K4X").status_code == 404
