"""From a poster's code to the answer in the reporter's hands, as people do it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser

from engage.installation import Installation
from engage.posters import printing, symbols
from tests.browser.people import Officer, Traveller
from tests.make import GUN

pytestmark = pytest.mark.browser


def decoded(image: bytes) -> str:
    """What a scanner reads from a picture."""
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(image)).convert("L"))
    return str(found.text)


def poster_code(installation: Installation, code: str = "B7K4X") -> str:
    """The address in the QR code of a poster, read from its picture."""
    settings = installation.settings
    return decoded(printing.png(symbols.poster_address(settings.public_url, installation.vault, code, 1)))


def test_a_report_travels_from_the_poster_to_the_answer(
    served: Installation, traveller: Traveller, officer: Officer
) -> None:
    traveller.opens(poster_code(served))
    assert "Gate B12" in traveller.page.locator("h1").inner_text()
    assert traveller.page.locator('a[href="tel:911"]').first.is_visible()
    assert traveller.page.context.cookies() == []

    traveller.writes(GUN)
    reference, access_code = traveller.reference(), traveller.access_code()
    assert traveller.page.locator(".call.large").is_visible()

    officer.signs_in("ana").opens_queue("marine").opens_case(reference)
    assert "gun" in [word.lower() for word in officer.marked()]
    assert "QR code scanned at the poster" in officer.page.locator("main").inner_text()
    officer.answers("Thank you. Officers are on their way; stay where you are safe.")

    traveller.comes_back_with(access_code.lower().replace("-", " "))
    assert traveller.reads() == [GUN, "Thank you. Officers are on their way; stay where you are safe."]

    traveller.writes("I am safe now.")
    officer.page.reload()
    assert "I am safe now." in officer.page.locator("main").inner_text()


def test_the_whole_way_needs_no_script(served: Installation, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    traveller = Traveller(context.new_page(), served.settings.public_url)
    traveller.scans("B7K4X").writes("A black bag stands alone under the bench, nobody near it")
    access_code = traveller.access_code()
    officer = Officer(context.new_page(), served.settings.public_url)
    officer.signs_in("ben").opens_queue("gates").opens_case(traveller.reference())
    officer.answers("We are looking at it.")
    assert traveller.comes_back_with(access_code).reads()[-1] == "We are looking at it."
    context.close()


def test_the_language_changes_without_losing_what_was_typed(traveller: Traveller) -> None:
    traveller.scans("B7K4X").page.locator("#text").fill("رجل معه سكين")
    traveller.page.locator('[name=show_in][value="ar"]').click()
    assert traveller.page.locator("html").get_attribute("dir") == "rtl"
    assert traveller.page.locator("#text").input_value() == "رجل معه سكين"


def test_the_access_code_is_shown_as_a_symbol_that_leads_back(served: Installation, traveller: Traveller) -> None:
    traveller.scans("B7K4X").writes(GUN)
    access_code = traveller.access_code()
    with traveller.page.context.expect_page() as opening:
        traveller.page.locator('form[action$="/symbol"] button').click()
    shown = opening.value
    shown.wait_for_load_state()
    assert violations(shown) == []
    address = decoded(shown.locator(".symbol").screenshot())
    traveller.page.context.clear_cookies()
    traveller.opens(address)
    assert traveller.page.locator("#access_code").input_value().replace("-", "") == access_code.replace("-", "")
    assert "#" not in traveller.page.url
    traveller.page.locator("form button").first.click()
    assert traveller.reads() == [GUN]


def test_the_access_code_can_be_saved(traveller: Traveller) -> None:
    traveller.scans("B7K4X").writes(GUN)
    with traveller.page.expect_download() as saving:
        traveller.page.locator("a[download]").click()
    saved = saving.value.path().read_text()
    assert traveller.access_code() in saved


@pytest.mark.parametrize("address", ["/nothing", "/desk/sign-in"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_and_nothing_overflows(traveller: Traveller, address: str, language: str) -> None:
    traveller.page.set_viewport_size({"width": 320, "height": 640})
    traveller.opens(f"{traveller.address}{address}?lang={language}")
    assert violations(traveller.page) == []
    assert traveller.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_axe_finds_nothing_after_sending_and_at_the_desk(traveller: Traveller, officer: Officer) -> None:
    traveller.scans("B7K4X").writes(GUN)
    assert violations(traveller.page) == []
    traveller.comes_back_with(traveller.access_code())
    assert violations(traveller.page) == []
    officer.signs_in("ana")
    assert violations(officer.page) == []
    officer.opens_queue("marine")
    assert violations(officer.page) == []
    officer.page.locator('a[href*="/desk/cases/"]').first.click()
    assert violations(officer.page) == []


@pytest.mark.parametrize("language", ["en", "ar", "ru", "zh"])
def test_the_first_view_weighs_less_than_14_000_bytes(traveller: Traveller, language: str) -> None:
    sizes: dict[str, int] = {}
    traveller.page.on("requestfinished", lambda request: sizes.update({request.url: weight(request)}))
    traveller.opens(f"{traveller.address}/p/B7K4X?lang={language}")
    traveller.page.wait_for_load_state("networkidle")
    seen = [size for address, size in sizes.items() if ".js" not in address]
    assert (len(seen), len(sizes)) == (2, 5)
    assert sum(seen) < 6_000
    assert sum(sizes.values()) < 14_000


def weight(request: Any) -> int:
    """The bytes of a finished request's answer on the wire, headers included."""
    sizes = request.sizes()
    return int(sizes["responseBodySize"] + sizes["responseHeadersSize"])


def violations(page: Any) -> list[str]:
    """What axe has against a page, each in a line."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]
