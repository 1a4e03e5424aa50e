"""The desk in a real browser: open pages stay true without losing anything, and the keyboard does it all."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engage.installation import Installation
from tests import make
from tests.browser.people import Officer
from tests.browser.test_whole_way import violations

pytestmark = pytest.mark.browser
POLL = 10_500  # milliseconds after which an open page has asked once more


@pytest.fixture
def ana(officer: Officer, served: Installation) -> Officer:
    """An officer with thirty cases before her, whose clock the test moves."""
    for _ in range(30):
        make.report(served)
    officer.page.clock.install()
    return officer.signs_in("ana").opens_queue("marine")


def _top_of(page: Page, row: str) -> float:
    return float(page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", row))


def test_a_new_case_appears_and_nothing_is_lost(ana: Officer, served: Installation) -> None:
    page = ana.page
    rows = page.locator("#cases tbody tr")
    expect(rows).to_have_count(30)
    last = rows.nth(25).get_attribute("id") or ""
    rows.nth(25).locator("input").check()
    rows.nth(25).locator(".what a").focus()
    page.locator("#search").evaluate("field => (field.value = 'half a que')")
    rows.nth(25).scroll_into_view_if_needed()
    before = _top_of(page, last)
    with served.database.transaction() as session:  # it is due before all others, so it comes at the top
        session.connection().exec_driver_sql(
            "UPDATE cases SET due_at = '2030-01-01 00:00:00.000000', version = version"
        )
    urgent = make.report(served).reference
    page.clock.fast_forward(POLL)
    expect(rows).to_have_count(31)
    expect(rows.first).to_have_attribute("id", f"row-{urgent}")
    expect(page.locator("#news")).to_have_text("1 new case")
    assert abs(_top_of(page, last) - before) < 2
    expect(page.locator(f"#{last} input")).to_be_checked()
    expect(page.locator(f"#{last} .what a")).to_be_focused()
    expect(page.locator("#search")).to_have_value("half a que")


def test_what_changed_is_drawn_anew_and_what_went_goes(ana: Officer, served: Installation) -> None:
    page = ana.page
    rows = page.locator("#cases tbody tr")
    taken, gone = (rows.nth(at).get_attribute("id") or "" for at in (0, 1))
    page.locator(f"#{taken} input").check()
    with served.database.transaction() as session:
        for row, change in ((taken, "holder_id = 1, version = 2"), (gone, "queue_id = 2, version = 2")):
            reference = row.removeprefix("row-")
            session.connection().exec_driver_sql(f"UPDATE cases SET {change} WHERE reference = '{reference}'")
    page.clock.fast_forward(POLL)
    expect(page.locator(f"#{taken}")).to_contain_text("Officer Ana")
    expect(page.locator(f"#{taken} input")).to_be_checked()
    expect(page.locator(f"#{gone}")).to_have_count(0)
    expect(rows).to_have_count(29)


def test_an_empty_page_fills_by_itself(officer: Officer, served: Installation) -> None:
    officer.page.clock.install()
    officer.signs_in("ana").opens_queue("marine")
    expect(officer.page.locator("#empty")).to_be_visible()
    reference = make.report(served).reference
    officer.page.clock.fast_forward(POLL)
    expect(officer.page.locator(f"#row-{reference}")).to_be_visible()
    expect(officer.page.locator("#empty")).to_be_hidden()


def test_a_queue_is_worked_by_keyboard(ana: Officer) -> None:
    page = ana.page
    rows = page.locator("#cases tbody tr")
    ana.presses("j", "j", "x", "j", "x", "k")
    expect(rows.nth(1).locator(".what a")).to_be_focused()
    expect(page.locator("#cases input:checked")).to_have_count(2)
    ana.presses("?")
    expect(page.locator("#keys-panel")).to_be_visible()
    assert not violations(page)
    ana.presses("Escape", "/")
    page.keyboard.type("jxc?/ gun")
    expect(page.locator("#search")).to_have_value("jxc?/ gun")
    expect(page.locator("#keys-panel")).to_be_hidden()
    rows.nth(0).locator(".what a").focus()
    ana.presses("c")
    expect(page.locator(".outcomes tbody tr")).to_have_count(2)
    expect(page.get_by_text("2 of 2 done.")).to_be_visible()
    assert not violations(page)


def test_keys_lead_into_the_parts_of_a_case(ana: Officer) -> None:
    page = ana.page
    ana.presses("j", "r")
    expect(page.locator("#answer-text")).to_be_focused()
    page.keyboard.type("nte")
    expect(page.locator("#answer-text")).to_have_value("nte")
    for key, target in (("n", "#note-text"), ("t", "#queue"), ("e", "#disposition"), ("r", "#answer-text")):
        page.locator("main").focus()
        ana.presses(key)
        expect(page.locator(target)).to_be_focused()
    page.locator("main").focus()
    ana.presses("c")
    expect(page.get_by_text("Give back to the queue")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_the_pages_of_cases_can_be_used_by_all(ana: Officer, width: int) -> None:
    page = ana.page
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("queues/all", "queues/all?holder=me", "search?q=gun", "search?q=", "queues/marine?late=1"):
        page.goto(f"{ana.address}/desk/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not violations(page), address
    page.goto(f"{ana.address}/desk/queues/marine")
    for part in page.locator("summary").all():
        part.click()
    assert not violations(page)
