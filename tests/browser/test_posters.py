"""Posters on their walls: an officer scans one without a network, a supervisor reads of it and replaces it, and a
traveller says that it does not hang where they are.
"""

from __future__ import annotations

import io
import re

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from engage.installation import Installation
from engage.models import PosterInspection, Report
from tests import make
from tests.browser.people import Officer, Traveller


def photo() -> bytes:
    """A picture as a camera makes it, larger than anybody needs."""
    file = io.BytesIO()
    Image.new("RGB", (3000, 2000), "white").save(file, "JPEG", exif=b"Exif\0\0secret position")
    return file.getvalue()


def is_calm(page: Page) -> None:
    """Axe finds nothing, and nothing is wider than the page."""
    assert [found["id"] for found in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_scan_without_network_is_an_inspection_once_there_is_one(served: Installation, officer: Officer) -> None:
    page, context = officer.page, officer.page.context
    officer.signs_in("ben")
    page.goto(f"{officer.address}/desk/posters/inspect")
    page.wait_for_function("caches.match('/desk/posters/inspect').then((kept) => !!kept)")
    is_calm(page)
    context.set_offline(True)
    page.goto(f"{officer.address}/P/B7K4X/{served.vault.poster_tag('B7K4X', 1)}")
    expect(page.locator("#inspect-code")).to_have_value("B7K4X")
    page.get_by_label("Sticker found").check()
    page.get_by_label("Note").fill("Over the code")
    page.get_by_label("Photo").set_input_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#inspect-told")).to_contain_text("Kept on this phone")
    assert make.rows(served, PosterInspection) == []
    context.set_offline(False)
    expect(page.locator("#inspect-told")).to_have_text("Written down.")
    page.reload()
    page.goto(f"{officer.address}/desk/posters/inspect")
    expect(page.get_by_role("row", name=re.compile("Gate B12"))).not_to_contain_text("Never")
    (kept,) = make.rows(served, PosterInspection)
    assert (kept.poster_id, kept.found, kept.note) == (1, "sticker_found", "Over the code")
    assert kept.sealed_photo


def test_a_supervisor_reads_of_it_and_replaces_it(served: Installation, officer: Officer) -> None:
    page = officer.page
    officer.signs_in("sue")
    page.goto(f"{officer.address}/p/B7K4X")
    page.get_by_label("Sticker found").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#inspect-told")).to_have_text("Written down.")
    page.goto(f"{officer.address}/desk/posters")
    is_calm(page)
    page.get_by_role("link", name=re.compile("Warnings")).click()
    expect(page.get_by_text("An officer found a sticker on it")).to_be_visible()
    is_calm(page)
    page.get_by_role("link", name=re.compile("B7K4X")).click()
    is_calm(page)
    page.get_by_text("Retire and replace").click()
    page.get_by_role("button", name="Yes, replace it").click()
    expect(page.get_by_text("It hangs in the stead of:")).to_be_visible()
    page.get_by_role("link", name="B7K4X").click()
    expect(page.get_by_text("In its stead hangs:")).to_be_visible()


def test_who_stands_elsewhere_says_so_and_both_places_are_kept(
    served: Installation, traveller: Traveller, officer: Officer
) -> None:
    traveller.scans("B7K4X")
    traveller.page.locator("#text").fill(make.OPEN_FENCE)
    traveller.page.get_by_role("button", name="Not here?").click()
    expect(traveller.page.locator("#text")).to_have_value(make.OPEN_FENCE)
    is_calm(traveller.page)
    traveller.page.get_by_label("Where are you?").select_option(label="Berth 7")
    traveller.page.get_by_role("button", name="Send").click()
    expect(traveller.page.locator("#code")).to_be_visible()
    (report,) = make.rows(served, Report)
    assert (report.poster_id, report.place_id) == (1, 2)
    officer.signs_in("ben")
    officer.page.goto(f"{officer.address}/desk/cases/{report.reference}")
    expect(officer.page.get_by_text("The poster is registered at Gate B12, not here.")).to_be_visible()
