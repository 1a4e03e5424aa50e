"""Openings of a poster's page are counted by the hour; an officer's are not, nor those of posters that are none."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from engage.installation import Installation
from engage.models import PosterScan
from tests import make
from tests.functional.staff_browser import Desk


def counted(app: Flask, installation: Installation) -> list[tuple[int, int]]:
    """What was scanned and typed, hour by hour, once it is written."""
    app.extensions["engage"].openings.write()
    return [(row.scans, row.typed) for row in make.rows(installation, PosterScan)]


def test_scans_and_typed_codes_are_counted_apart(
    app: Flask, client: FlaskClient, installation: Installation, port: make.Port
) -> None:
    code = port.codes["gate"]
    tag = installation.vault.poster_tag(code, 1)
    for path in (f"/p/{code}/{tag}", f"/P/{code}/{tag}", f"/p/{code}", f"/p/{code}/ZZZZ", "/p/B7K4Y"):
        client.get(path).close()
    client.head(f"/p/{code}").close()
    rows = counted(app, installation)
    assert (sum(scans for scans, _ in rows), sum(typed for _, typed in rows)) == (2, 2)


def test_an_officer_is_not_counted(app: Flask, installation: Installation, port: make.Port) -> None:
    desk = Desk(app)
    desk.signs_in()
    desk.client.get(f"/p/{port.codes['gate']}").close()
    assert counted(app, installation) == []
