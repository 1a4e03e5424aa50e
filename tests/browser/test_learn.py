"""The guides in a real browser: nothing for axe to find in any language, and usable without a script."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from engage.guides import GUIDED, shelf
from engage.installation import Installation
from engage.languages import LANGUAGES
from engage.taxonomy import Category
from tests.browser.people import Traveller
from tests.browser.test_whole_way import violations

LONGEST = GUIDED.index(Category.HUMAN_TRAFFICKING) + 1


def test_axe_finds_nothing_in_any_language_and_nothing_overflows(traveller: Traveller) -> None:
    traveller.page.set_viewport_size({"width": 320, "height": 640})
    found: list[str] = []
    for at, language in enumerate(LANGUAGES):
        traveller.page.emulate_media(color_scheme="dark" if at % 2 else "light")
        for path in ("/learn", f"/learn/{LONGEST}"):
            traveller.opens(f"{traveller.address}{path}?lang={language}&at=B7K4X")
            found += [f"{path} {language} {line}" for line in violations(traveller.page)]
            wide = traveller.page.evaluate("document.documentElement.scrollWidth") > 320
            found += [f"{path} {language} is too wide"] if wide else []
    assert found == []


def test_from_a_poster_to_a_guide_and_back_with_the_keyboard_and_no_script(
    chromium: Browser, served: Installation
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.settings.public_url}/p/B7K4X?lang=es")
    words, guide = shelf("es").page, shelf("es").guides[Category.WILDLIFE_TRAFFICKING]
    page.get_by_role("link", name=words.link).press("Enter")
    page.get_by_label(words.search).fill("marfil")
    page.get_by_label(words.search).press("Enter")
    page.get_by_role("link", name=guide.title).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(guide.title)
    assert (page.title(), "marfil" in page.url) == ("Guías 12", False)
    page.get_by_role("link", name="Français").press("Enter")
    french = shelf("fr")
    expect(page.get_by_role("heading", level=1)).to_have_text(french.guides[Category.WILDLIFE_TRAFFICKING].title)
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name=french.page.back)).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("link", name=french.page.report).press("Enter")
    expect(page.locator("#text")).to_be_visible()
    assert context.cookies() == []
    context.close()
