"""The public pages in a real browser: for everybody, by keyboard, in any language, and left in a moment."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from engage.installation import Installation
from engage.languages import LANGUAGES, say
from engage.models import Poster
from engage.posters import register
from tests.browser.people import Traveller
from tests.browser.test_whole_way import violations
from tests.make import GUN

pytestmark = pytest.mark.browser
ONLY_LOOKS = "There is a tall man with a beard and a turban at gate B12"


def hang_a_discreet_poster(opened: Installation, code: str) -> None:
    """Make a poster one that nobody must be seen reading."""
    with opened.database.transaction() as session:
        where = register.find_poster(session, code)
        assert where is not None
        session.get_one(Poster, where.poster_id).design = "human_trafficking"


def focused(page: Page) -> str:
    """What has the focus: its id, else its name, else its words."""
    return str(page.evaluate("(one => one.id || one.name || one.innerText)(document.activeElement)"))


def test_axe_finds_nothing_on_any_page_in_any_language(served: Installation, chromium: Browser) -> None:
    hang_a_discreet_poster(served, "M2Q9P")
    found: list[str] = []
    for at, language in enumerate(LANGUAGES):
        # 320 pixels are also what a window of 1280 has at 400 %.
        context = chromium.new_context(
            viewport={"width": 320, "height": 256 if at % 2 else 640},
            color_scheme="dark" if at % 2 else "light",
        )
        page, here = context.new_page(), served.settings.public_url

        def look(name: str, page: Page = page, language: str = language) -> None:
            wide = page.evaluate("document.documentElement.scrollWidth") > 320
            found.extend(f"{name} {language} {line}" for line in violations(page))
            found.extend([f"{name} {language} is too wide"] if wide else [])

        for path in ("/p/B7K4X", "/p/B7K4Y", "/p/M2Q9P", "/p/B7K4X/chat", "/privacy", "/return"):
            page.goto(f"{here}{path}?lang={language}")
            look(path)
        page.goto(f"{here}/p/B7K4X?lang={language}")
        page.locator("#report > button").first.click()
        expect(page.locator("#trouble")).to_be_visible()
        look("refused")
        page.locator("#text").fill(ONLY_LOOKS)
        page.locator("#report > button").first.click()
        expect(page.locator("#code")).to_be_visible()
        look("sent")
        page.goto(f"{here}/thread?lang={language}")
        look("thread")
        context.close()
    assert found == []


def test_the_keyboard_finds_everything_in_order_and_an_error_where_it_is(
    served: Installation, chromium: Browser
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.settings.public_url}/p/B7K4X")
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(focused(page).split("\n")[0])
    assert order == ["leave", "In danger? Call", "elsewhere", "text", "Add photos", "Send"]
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    link = page.get_by_role("alert").get_by_role("link")
    expect(page.locator("#text")).to_have_accessible_description(link.inner_text())
    link.press("Enter")
    assert page.url.endswith("#text")
    page.emulate_media(forced_colors="active")
    for shown in (".call a", "#report > button", "#leave"):
        expect(page.locator(shown).first).to_have_css("border-top-style", "solid")
    page.emulate_media(media="print", reduced_motion="reduce")
    expect(page.locator("#report")).to_be_hidden()
    expect(page.locator(".call").first).to_be_visible()
    context.close()


def test_a_discreet_page_is_left_in_a_moment_and_the_history_knows_nothing_of_it(
    served: Installation, traveller: Traveller
) -> None:
    hang_a_discreet_poster(served, "B7K4X")
    page = traveller.page
    traveller.scans("B7K4X").writes(GUN)
    expect(page.locator("#code")).to_be_visible()
    page.get_by_role("link", name=say("en", "Go to the conversation")).click()
    expect(page.locator(".thread")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".thread")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url("**/healthz")
    assert page.context.cookies() == []
    page.go_back()
    assert page.url == "about:blank"
    traveller.scans("B7K4X").page.locator("#leave").click()
    page.wait_for_url("**/healthz")
    page.go_back()
    assert page.url == "about:blank"


def test_without_a_script_the_way_out_is_a_link_and_a_question_is_answered(
    served: Installation, chromium: Browser
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    traveller = Traveller(context.new_page(), served.settings.public_url)
    traveller.scans("B7K4X").writes(ONLY_LOOKS)
    traveller.page.get_by_label("What did the person do?").fill("He opened the staff door with a crowbar")
    traveller.page.locator(".asking button").click()
    assert traveller.reads()[-1] == "He opened the staff door with a crowbar"
    traveller.page.locator("#leave").click()
    assert traveller.page.url == served.settings.neutral_url
    assert context.cookies() == []
    context.close()
