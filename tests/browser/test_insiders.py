"""A report about an insider: its own unit works it, and whoever else is curious finds nothing, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from engage.installation import Installation
from tests import make
from tests.browser.people import Officer, Traveller
from tests.browser.test_whole_way import violations
from tests.functional.test_administration import administrator

pytestmark = pytest.mark.browser
#: A well-formed reference of nothing, and where the curious look.
NOTHING = "EN-0000-0"
PAGES = (
    "/desk",
    "/desk/queues/all",
    "/desk/search?q=bribes",
    "/desk/numbers",
    "/desk/watch",
    "/desk/trail",
    "/desk/admin",
)


@pytest.fixture
def curious(chromium: Browser, served: Installation) -> Iterator[Officer]:
    """The administrator of the same authority, who works in another unit, with a small phone."""
    administrator(served, "ada", "police", "gates")
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    yield Officer(context.new_page(), served.settings.public_url).signs_in("ada")
    context.close()


def read(page: Page, address: str, reference: str) -> tuple[int | None, str]:
    """How an address is answered, but for the reference that was asked for."""
    answer = page.goto(address)
    return answer.status if answer else None, page.locator("body").inner_text().replace(reference, "")


def test_its_unit_works_it_and_a_curious_administrator_finds_nothing(
    traveller: Traveller, officer: Officer, curious: Officer
) -> None:
    traveller.scans("B7K4X").writes(make.BRIBE)
    reference, code = traveller.reference(), traveller.access_code()
    officer.signs_in("ida").opens_queue("integrity").opens_case(reference)
    officer.answers("We look into it. Tell nobody that you wrote.")
    expect(officer.page.locator("body")).to_contain_text("We look into it.")
    traveller.comes_back_with(code)
    expect(traveller.page.locator(".thread")).to_contain_text("Tell nobody that you wrote.")

    page = curious.page
    expect(page.locator("h1")).to_be_visible()
    for path in PAGES:
        page.goto(curious.address + path)
        expect(page.locator("body")).not_to_contain_text(reference)
        expect(page.locator("body")).not_to_contain_text("lets people through")
    for path in ("/desk/cases/{}", "/desk/cases/{}/evidence", "/desk/cases/{}/contacts", "/desk/queues/integrity?q={}"):
        found, absent = (
            read(page, curious.address + path.format(one).replace(*swap), one)
            for one, swap in ((reference, ("", "")), (NOTHING, ("queues/integrity", "queues/no-such-queue")))
        )
        assert found == absent
        assert found[0] == 404


def test_the_trail_is_a_stack_of_cards_on_a_phone(chromium: Browser, served: Installation) -> None:
    reference = make.report(served).reference
    context = chromium.new_context(viewport={"width": 320, "height": 740})
    sue = Officer(context.new_page(), served.settings.public_url).signs_in("sue")
    expect(sue.page.locator("h1")).to_be_visible()
    sue.page.goto(f"{sue.address}/desk/trail")
    expect(sue.page.locator(".entries")).to_contain_text(reference)
    assert sue.page.evaluate("document.querySelector('.scroll').scrollWidth") <= 320
    assert violations(sue.page) == []
    context.close()
