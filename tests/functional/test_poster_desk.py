"""The pages about posters: what is refused there in a sentence, what is counted, and what printing writes down."""

from __future__ import annotations

import io

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from engage.db import add_row
from engage.installation import Installation
from engage.models import PlacePhoto, Poster, PosterInspection, PosterScan, Report, Staff, StaffUnit
from engage.taxonomy import Role
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

EVERYTHING = "/desk/admin/posters?site=harbour&design=general&size=A4&language=en"


def boss(app: Flask, installation: Installation, port: make.Port) -> Desk:
    """The browser of an administrator of the port police."""
    with installation.database.transaction() as session:
        sue = session.get_one(Staff, port.staff["sue"])
        sue.role = Role.ADMINISTRATOR
        session.add(sue)
        session.flush()
        assert session.get_one(StaffUnit, (sue.id, 2))
    return signed_in(app, "sue")


def picture(kind: str = "PNG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, kind)
    file.seek(0)
    return file


def test_an_inspection_is_taken_once_refused_in_a_sentence_and_shown(
    app: Flask, installation: Installation, port: make.Port
) -> None:
    desk = signed_in(app, "ana")
    form = Page(desk.opens("/p/B7K4X")).forms["inspect"]
    assert form["code"] == "B7K4X"
    sent = {**form, "found": "damaged", "note": "<b>torn</b>"}
    for wrong, status in (
        ({"found": "gone"}, 422),
        ({"note": "n" * 501}, 422),
        ({"key": ""}, 422),
        ({"code": "00000"}, 404),
        ({"code": "\0" * 9}, 404),
        ({"csrf_token": "another"}, 403),
    ):
        answer = desk.client.post("/desk/posters/inspect", data={**sent, **wrong})
        assert answer.status_code == status, wrong
        assert 'role="alert"' in answer.text
    asked = {"Accept": "application/json"}
    refused = desk.client.post("/desk/posters/inspect", data={**sent, "found": "gone"}, headers=asked)
    assert (refused.status_code, refused.json and refused.json["written"]) == (422, False)
    for _ in range(2):
        with_photo = {**sent, "made_at": "99999999999999", "photo": (picture(), "p.png")}
        answer = desk.client.post("/desk/posters/inspect", data=with_photo, headers=asked)
        assert answer.json == {"written": True, "trouble": ""}
    broken = {**sent, "key": "other", "photo": (io.BytesIO(b"GIF89a"), "p.jpg")}
    answer = desk.client.post("/desk/posters/inspect", data=broken, follow_redirects=True)
    assert "Written down." in answer.text
    assert "could not be read" in answer.text
    first, second = make.rows(installation, PosterInspection)
    assert (first.note, bool(first.sealed_photo), second.sealed_photo) == ("<b>torn</b>", True, None)
    keeper = signed_in(app, "sue")
    assert "&lt;b&gt;torn" in keeper.opens("/desk/posters/b7k4x").text
    shown = keeper.opens("/desk/posters/B7K4X/photos/1")
    assert Image.open(io.BytesIO(shown.data)).format == "JPEG"
    assert keeper.opens("/desk/posters/M2Q9P/photos/1").status_code == 404
    assert keeper.opens("/desk/posters/B7K4X/photos/2").status_code == 404


def test_whatever_is_asked_for_a_page_answers(app: Flask, installation: Installation, port: make.Port) -> None:
    desk = boss(app, installation, port)
    for query in (
        "after=%00&q=%25_%00&site=%00&state=none&design=%00",
        "after=" + "9" * 300 + "&q=" + "x" * 3000,
        "site=harbour&design=../../etc/passwd",
        "site=harbour&size=A0",
        "site=harbour&language=tlh",
        "site=harbour&language=en&further=ar&further=fr&further=es&further=ru",
        "site=harbour&place=nowhere",
    ):
        for path in ("/desk/posters", "/desk/posters/inspect", "/desk/admin/posters"):
            assert desk.opens(f"{path}?{query}").status_code in (200, 404, 422), (path, query)


def test_a_pack_is_looked_at_taken_and_written_into_the_register(
    app: Flask, installation: Installation, port: make.Port
) -> None:
    desk = boss(app, installation, port)
    page = desk.opens(EVERYTHING)
    assert "2 posters" in page.text
    shown = desk.opens(EVERYTHING.replace("posters?", "posters/picture?"))
    assert Image.open(io.BytesIO(shown.data)).format == "PNG"
    form = {"csrf_token": Page(page).forms["posters"]["csrf_token"], "site": "harbour"}
    chosen = {"design": "safety", "size": "labels", "language": "fr", "further": ["en", "fr"], "place": ["gate"]}
    refused = desk.client.post("/desk/admin/posters", data={**form, **chosen, "csrf_token": "none"})
    assert (refused.status_code, make.rows(installation, Poster)[0].printed_at) == (403, None)
    taken = desk.client.post("/desk/admin/posters", data={**form, **chosen})
    assert taken.data.startswith(b"%PDF-")
    taken.close()  # its file
    gate, berth, _old = make.rows(installation, Poster)
    assert (gate.design, gate.size, gate.languages, berth.design) == ("safety", "labels", "fr,en", None)
    assert "1 poster<" in desk.opens(EVERYTHING + "&fresh=1").text
    assert "no poster to print" in desk.opens(EVERYTHING + "&fresh=1&place=gate").text


def test_who_stands_elsewhere_is_counted_once_and_the_report_keeps_both(
    app: Flask, client: FlaskClient, installation: Installation, port: make.Port
) -> None:
    said = client.post("/p/B7K4X", data={"text": "A hole", "elsewhere": "say"})
    assert "A hole" in said.text
    client.post("/p/B7K4X", data={"text": "A hole", "elsewhere": "yes", "show_in": "fr"})
    for key, place in (("a", "berth"), ("b", "nowhere\0"), ("c", "")):
        form = {"text": make.OPEN_FENCE, "key": key * 20, "elsewhere": "yes", "place": place}
        assert client.post("/p/B7K4X", data=form).status_code == 200
    client.post("/p/00000", data={"elsewhere": "say"})
    app.extensions["engage"].openings.write()
    assert [row.elsewhere for row in make.rows(installation, PosterScan)] == [1]
    assert [(row.poster_id, row.place_id) for row in make.rows(installation, Report)] == [(1, 2), (1, None), (1, None)]


def test_an_earlier_version_is_counted_apart(
    app: Flask, client: FlaskClient, installation: Installation, port: make.Port
) -> None:
    with installation.database.transaction() as session:
        code = make.code("9AAA")
        add_row(session, Poster, code=code, place_id=port.places["gate"], version=10**9)
    for version in (10**9, 10**9 - 1, 10**9 - 21):
        client.get(f"/p/{code}/{installation.vault.poster_tag(code, version)}")
    app.extensions["engage"].openings.write()
    rows = make.rows(installation, PosterScan)
    assert [(row.scans, row.outdated, row.typed) for row in rows] == [(1, 1, 1)]


def test_replacing_asks_for_its_own_form_and_works_once(
    app: Flask, installation: Installation, port: make.Port
) -> None:
    desk = signed_in(app, "sue")
    form = Page(desk.opens("/desk/posters/B7K4X")).forms["replace"]
    assert desk.client.post("/desk/posters/B7K4X/replace", data={}).status_code == 403
    first = desk.client.post("/desk/posters/B7K4X/replace", data=form)
    assert first.status_code == 303
    assert desk.client.post("/desk/posters/B7K4X/replace", data=form).status_code == 409
    assert "has been replaced" in desk.client.get("/p/B7K4X").text
    assert len(make.rows(installation, Poster)) == 4


def test_the_page_shows_the_photo_of_its_place(
    client: FlaskClient, installation: Installation, port: make.Port
) -> None:
    assert "/photos/" not in client.get("/p/B7K4X").text
    with installation.database.transaction() as session:
        drawn = picture("JPEG").getvalue()
        session.add(PlacePhoto(place_id=port.places["gate"], picture=drawn, width=40, height=30, changed_at=make.NOON))
    assert 'src="/photos/B7K4X?v=' in client.get("/p/B7K4X").text
    assert client.get("/photos/b7k4x").data == drawn
    assert client.get("/photos/M2Q9P").status_code == 404
    assert client.get("/photos/%00").status_code == 404
