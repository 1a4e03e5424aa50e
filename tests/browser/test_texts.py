"""Texts on the screen: the practice phone, an answer as it is counted, and the way from the thread to a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from engage.delivery import deliver_next
from engage.installation import Installation
from engage.postroom import postroom_of
from engage.texting import MOST_CHARACTERS, MOST_SEGMENTS, fits, plain_marks, segments
from tests.browser.people import Officer, Traveller
from tests.browser.test_whole_way import violations
from tests.make import GUN

pytestmark = pytest.mark.browser

ARABIC = "رجل معه سكين B7K4X"


@pytest.fixture(params=[(360, "light"), (1280, "dark")], ids=["small", "dark"])
def screen(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A screen, small and light or large and dark, on which errors of scripts count."""
    width, scheme = request.param
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda said: failures.append(said.text) if is_fault(said) else None)
    yield page
    assert failures == []
    context.close()


@pytest.fixture
def desk_of(chromium: Browser) -> Iterator[Page]:
    """The screen of an officer."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def is_fault(said: ConsoleMessage) -> bool:
    """Whether a line of the console is a fault; that a form was refused is told there too, and is none."""
    return said.type == "error" and "422" not in said.text


def deliver(installation: Installation) -> None:
    """What a worker does with all that is due."""
    while deliver_next(postroom_of(installation), lambda: datetime.now(UTC)):
        pass


def sends(page: Page, words: str) -> None:
    page.locator("#text").fill(words)
    page.locator("form.phone button").first.click()


def test_the_practice_phone_shows_the_answer_by_itself(practising: Installation, screen: Page) -> None:
    screen.goto(f"{practising.settings.public_url}/practice/phone")
    assert violations(screen) == []
    sends(screen, ARABIC)
    screen.locator("#text").fill("half a sentence")
    deliver(practising)
    expect(screen.locator("#chat .theirs")).to_have_count(1, timeout=10_000)
    assert screen.locator("#text").input_value() == "half a sentence"
    assert screen.locator("#chat .mine .words").evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert violations(screen) == []
    assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")


COUNTED = (
    "",
    "Short.",
    "x" * 160,
    "x" * 161,
    "€" * 80,
    "€" * 81,
    "x" * 152 + "€" + "y" * 152,
    "Ж" * 70,
    "Ж" * 71,
    "🔥" * 35,
    "🔥" * 36,
    "Ж" * 66 + "🔥" + "Ж" * 66,
    "“It’s” – a quote…",
    "“Ж” quoted",
    "line\nline\n" * 20,
    "x" * 153 * MOST_SEGMENTS,
    "x" * (153 * MOST_SEGMENTS + 1),
    "ç" * 67 * MOST_SEGMENTS,
    "ç" * (67 * MOST_SEGMENTS + 1),
    "x" * (MOST_CHARACTERS + 1),
)


def test_the_desk_counts_texts_as_they_are_sent(practising: Installation, screen: Page, desk_of: Page) -> None:
    screen.goto(f"{practising.settings.public_url}/practice/phone")
    sends(screen, f"B7K4X {GUN}")
    officer = Officer(desk_of, practising.settings.public_url).signs_in("ana").opens_queue("marine")
    desk_of.locator('a[href*="/desk/cases/"]').first.click()
    assert violations(desk_of) == []
    said = desk_of.locator("#segments")
    for words in COUNTED:
        officer.act("answer").locator("textarea").fill(words)
        wanted = f"Texts to each phone: {segments(plain_marks(words))}" if fits(words) else "Too long for a text"
        assert said.inner_text().startswith(wanted), words[:20]
    officer.answers("We are on our way.")
    desk_of.locator("details.move").evaluate_all("all => all.forEach(one => one.open = true)")
    assert violations(desk_of) == []
    desk_of.goto(f"{practising.settings.public_url}/desk/undelivered")
    assert violations(desk_of) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_thread_leads_to_the_phone(practising: Installation, screen: Page, language: str) -> None:
    address = practising.settings.public_url
    traveller = Traveller(screen, address)
    traveller.opens(f"{address}/p/B7K4X?lang={language}")
    assert violations(screen) == []
    traveller.writes(GUN)
    screen.goto(f"{address}/thread?lang={language}")
    screen.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert violations(screen) == []
    screen.locator("#by-text button").click()
    word = (screen.locator("#by-text a").get_attribute("href") or "").rpartition("=")[2]
    assert violations(screen) == []
    screen.locator("#notice summary").click()
    screen.locator("#address").fill("nobody")
    screen.locator("#notice button").click()
    assert screen.locator("#address").input_value() == "nobody"
    assert violations(screen) == []
    assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screen.goto(f"{address}/practice/phone")
    sends(screen, word)
    deliver(practising)
    expect(screen.locator("#chat .theirs")).to_have_count(1, timeout=10_000)
