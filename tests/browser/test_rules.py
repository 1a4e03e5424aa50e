"""A rule on its way: rehearsed on what came lately, tried in the shadow, let to decide, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from engage.installation import Installation
from tests import make
from tests.browser.people import Officer
from tests.browser.test_whole_way import violations
from tests.functional.test_administration import administrator

pytestmark = pytest.mark.browser


@pytest.fixture
def ada(served: Installation, officer: Officer) -> Iterator[Page]:
    """The administrator of the port police, who works with the gates, at her desk."""
    administrator(served, "ada", "police", "gates")
    failures: list[str] = []
    officer.page.on("pageerror", lambda error: failures.append(str(error)))
    yield officer.signs_in("ada").page
    assert failures == []


def reported(served: Installation, text: str) -> str:
    return make.report(served, text, now=datetime.now(UTC) - timedelta(minutes=5)).reference


def test_a_rule_is_rehearsed_tried_in_the_shadow_and_decides(served: Installation, officer: Officer, ada: Page) -> None:
    for text in (make.GUN, make.GUN, make.OPEN_FENCE):
        reported(served, text)
    ada.get_by_role("link", name="Administration").click()
    ada.get_by_role("link", name="Routing rules").click()
    ada.get_by_role("link", name="Add").click()
    ada.get_by_label("Short name in addresses").fill("armed")
    ada.get_by_label("Send to").select_option("gates")
    ada.get_by_label("Category").select_option("weapon_attack")
    ada.get_by_label("Place in the table, from 1").fill("1")
    officer.tabs_to(ada.get_by_role("button", name="Rehearse it")).presses("Enter")
    expect(ada.get_by_text("2 reports would move")).to_be_visible()
    expect(ada.locator(".things tbody tr")).to_contain_text("Marine queue")
    assert violations(ada) == []

    ada.get_by_role("button", name="Try it in the shadow first").click()
    expect(ada.locator("#armed")).to_contain_text("So far no report would have gone elsewhere.")
    reported(served, make.GUN)
    ada.reload()
    expect(ada.locator("#armed")).to_contain_text("So far 1 report would have gone elsewhere.")
    assert violations(ada) == []

    ada.get_by_role("button", name="Let armed decide").click()
    expect(ada.get_by_text("3 reports would move")).to_be_visible()
    ada.get_by_label("Why").fill("The gates have armed officers now")
    ada.get_by_role("button", name="Let it count").click()
    expect(ada.locator("#armed")).not_to_contain_text("shadow")
    decided = reported(served, make.GUN)
    officer.opens_queue("gates")
    expect(ada.locator(".cases").get_by_text(decided)).to_be_visible()

    ada.goto(f"{officer.address}/desk/admin/changes")
    expect(ada.get_by_text("The gates have armed officers now")).to_be_visible()
    ada.get_by_role("button", name="Take back").first.click()
    expect(ada.get_by_text("Taken back").first).to_be_visible()
    assert violations(ada) == []
    reported_now = reported(served, make.GUN)
    officer.opens_queue("gates")
    expect(ada.locator(".cases").get_by_text(decided)).to_be_visible()
    expect(ada.locator(".cases").get_by_text(reported_now)).to_have_count(0)


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_of_the_administration_is_whole_and_clean(
    served: Installation, officer: Officer, ada: Page, width: int
) -> None:
    ada.set_viewport_size({"width": width, "height": 800})
    for path in (
        *("", "/units", "/units/gates", "/queues/gates", "/queues/gates/close", "/sites/harbour", "/staff/ana"),
        *("/places/harbour.gate", "/calendars/new", "/targets/new", "/shifts/new", "/replies/new"),
        *("/rules", "/rules/police", "/words", "/words/new", "/changes", "/settings"),
    ):
        ada.goto(f"{officer.address}/desk/admin{path}")
        assert violations(ada) == [], path
        assert ada.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
