"""An administrator loads places, draws a plan and sets its pins; an officer sees on it where a case is."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from engage.installation import Installation
from engage.models import PlanPin, Staff
from engage.taxonomy import Role
from tests import make
from tests.browser.people import Officer

PLACES = "key,zone,name\ngate,hall,Gate B12\nkiosk,hall,Kiosk\n"
HALL = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200"><script>document.title = "taken"</script>
<rect width="400" height="200" fill="#eee" onclick="document.title = 'taken'"/></svg>"""


def file(name: str, content: str) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content.encode()}


def is_calm(page: Page) -> None:
    """Axe finds nothing, and nothing is wider than the page."""
    assert [found["id"] for found in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def at(pin: PlanPin) -> tuple[float, float]:
    return round(pin.x - 0.0001, 2), round(pin.y, 2)


def loads_places(page: Page, address: str) -> None:
    page.goto(f"{address}/desk/admin/places/import")
    page.get_by_label("File").set_input_files(file("places.csv", PLACES))
    page.get_by_role("button", name="See what it would change").click()
    page.get_by_role("button", name="Load it").click()
    expect(page.get_by_text("Loaded: 1 new")).to_be_visible()


def test_from_a_table_to_a_plan_to_the_pin_of_a_case(served: Installation, officer: Officer) -> None:
    reference = make.report(served, make.GUN).reference
    with served.database.transaction() as session:
        session.get_one(Staff, 3).role = Role.ADMINISTRATOR
    page = officer.signs_in("sue").page
    loads_places(page, officer.address)

    page.goto(f"{officer.address}/desk/admin/plans")
    is_calm(page)
    page.get_by_label("Site · Zone").select_option("harbour.hall")
    page.get_by_label("Name").fill("Hall, ground floor")
    page.get_by_label("File").set_input_files(file("hall.svg", HALL))
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Left out of the drawing")).to_contain_text("script")

    page.get_by_role("radio", name="2×").check()
    board = page.locator("#pins svg")
    box = board.bounding_box()
    assert box
    page.get_by_role("radio", name="Gate B12").check()
    board.click(position={"x": box["width"] / 4, "y": box["height"] / 2})
    expect(page.get_by_label("Gate B12: From the left")).to_have_value(re.compile("^(24.9|25|25.1)$"))
    expect(page.get_by_label("Gate B12: From the top")).to_have_value(re.compile("^(49.9|50|50.1)$"))
    page.locator("#pins").focus()
    officer.presses("Enter", "ArrowRight", "Shift+ArrowUp", "Shift+ArrowUp")
    expect(page.locator("#pins-said")).to_have_text("Kiosk: 50.5 / 40")
    expect(page.locator("[data-pin]")).to_have_count(2)
    is_calm(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert [at(pin) for pin in make.rows(served, PlanPin)] == [(0.25, 0.5), (0.5, 0.4)]

    page.get_by_role("button", name="Sign out").click()
    page = officer.signs_in("ana").page
    officer.opens_case(reference)
    expect(page.locator(".spot .mark")).to_be_visible()
    is_calm(page)
    page.get_by_role("link", name="Hall, ground floor").click()
    pin = page.get_by_role("link", name=re.compile("Gate B12: 1 open case"))
    expect(pin).to_have_attribute("aria-current", "true")
    is_calm(page)
    page.set_viewport_size({"width": 320, "height": 700})
    is_calm(page)
    page.emulate_media(color_scheme="dark")
    is_calm(page)
    pin.click()
    expect(page.get_by_role("link", name=reference, exact=True)).to_be_visible()
