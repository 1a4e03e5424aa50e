"""Send anyway: the network is cut at every step of a report with photos, and it arrives once all the same."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from engage.installation import Installation
from engage.models import Attachment, Report, Upload
from tests import make

TEXT = "Two men cut the fence behind the fuel tanks"


@pytest.fixture
def phone(chromium: Browser, served: Installation) -> Iterator[BrowserContext]:
    """A small phone."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, base_url=served.settings.public_url)
    yield context
    context.close()


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Two photos; the larger one goes in two parts."""
    made = []
    for name, side in (("small.jpg", 80), ("large.jpg", 700)):
        written = io.BytesIO()
        Image.effect_noise((side, side), 120).convert("RGB").save(written, "JPEG", quality=98)
        (tmp_path / name).write_bytes(written.getvalue())
        made.append(tmp_path / name)
    assert 500_000 < made[1].stat().st_size < 1_000_000
    return made


def fills(page: Page, photos: list[Path]) -> None:
    """Open the poster's page, write, choose photos."""
    page.goto("/p/B7K4X")
    page.get_by_label("What did you see?").fill(TEXT)
    page.get_by_text("Add photos").click()
    page.get_by_label("Up to 5 photos").set_input_files(photos)


def sends(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


def arrived(page: Page, photos: int = 2) -> None:
    """What the reporter sees at the end."""
    expect(page.get_by_role("heading", name="Your report has arrived")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Photo 1: Sent") if photos else page.locator("#code")).to_be_visible(timeout=15_000)
    expect(page.locator("#code")).to_be_visible()
    if photos > 1:
        expect(page.get_by_text("Photo 2: Sent")).to_be_visible(timeout=15_000)


def sees_what_was_kept(page: Page, photos: int) -> None:
    """A report of an earlier page takes nothing away from this one, and is shown on request."""
    kept = page.get_by_role("button", name="Your report has arrived")
    expect(kept).to_be_visible(timeout=15_000)
    expect(page.get_by_label("What did you see?")).to_be_visible()
    kept.click()
    arrived(page, photos)


def once(installation: Installation, photos: int = 2) -> None:
    """Each exactly once."""
    assert [report.text for report in make.rows(installation, Report)] == [TEXT]
    assert len(make.rows(installation, Attachment)) == photos
    assert make.rows(installation, Upload) == []


def left_on_the_phone(page: Page) -> int:
    return int(page.evaluate("() => self.engageOutbox.all().then((kept) => kept.length)"))


def cut(after: int, wanted: Callable[[str, str], bool]) -> Callable[[Route], None]:
    """Let so many of the wanted requests through, and lose the answer of the next; then there is no network."""
    seen = {"count": 0}

    def handle(route: Route) -> None:
        if not wanted(route.request.method, route.request.url):
            route.continue_()
            return
        seen["count"] += 1
        if seen["count"] <= after:
            route.continue_()
            return
        with suppress(Error):  # the cut may be over by then
            if seen["count"] == after + 1:
                route.fetch()  # it arrives, and nobody hears of it
            route.abort("internetdisconnected")

    return handle


CUTS = {
    "before sending": (0, lambda method, _url: method in ("POST", "PUT")),
    "before the first photo": (0, lambda method, _url: method == "PUT"),
    "between the photos": (1, lambda method, _url: method == "PUT"),
    "during the second photo": (2, lambda method, _url: method == "PUT"),
}


@pytest.mark.parametrize("step", CUTS)
def test_a_report_that_is_cut_off_goes_on_by_itself_and_arrives_once(
    phone: BrowserContext, served: Installation, photos: list[Path], step: str
) -> None:
    page = phone.new_page()
    fills(page, photos)
    after, wanted = CUTS[step]
    page.route("**/*", cut(after, wanted))
    sends(page)
    page.wait_for_timeout(700)  # the worker, which the cut does not reach, may be at it already
    page.unroute("**/*")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    arrived(page)
    assert left_on_the_phone(page) == 0
    once(served)


def test_without_any_network_a_closed_page_is_no_loss(
    phone: BrowserContext, served: Installation, photos: list[Path]
) -> None:
    page = phone.new_page()
    fills(page, photos)
    phone.set_offline(True)
    sends(page)
    expect(page.get_by_text("On your phone: it will be sent by itself")).to_be_visible()
    page.close()
    assert make.rows(served, Report) == []
    phone.set_offline(False)
    later = phone.new_page()
    later.goto("/p/B7K4X")
    later.get_by_label("What did you see?").fill("another matter, begun meanwhile")
    sees_what_was_kept(later, photos=2)
    assert left_on_the_phone(later) == 0
    once(served)


def test_the_worker_sends_what_a_closed_page_kept(
    phone: BrowserContext, served: Installation, photos: list[Path]
) -> None:
    page = phone.new_page()
    fills(page, photos)
    page.route("**/p/B7K4X", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    sends(page)
    expect(page.get_by_text("On your phone: it will be sent by itself")).to_be_visible()
    page.unroute("**/p/B7K4X")
    other = phone.new_page()
    other.goto("/learn")
    page.close()
    talk = phone.new_cdp_session(other)
    registered: list[str] = []
    talk.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: registered.extend(one["registrationId"] for one in said["registrations"]),
    )
    talk.send("ServiceWorker.enable")
    other.wait_for_timeout(500)
    assert registered
    talk.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": served.settings.public_url,
            "registrationId": registered[0],
            "tag": "engage-outbox",
            "lastChance": False,
        },
    )
    for _ in range(100):
        if len(make.rows(served, Attachment)) == 2:
            break
        other.wait_for_timeout(100)
    once(served)
    other.goto("/p/B7K4X")
    sees_what_was_kept(other, photos=2)
    once(served)


def test_the_access_code_is_kept_on_the_phone_on_request_and_forgotten_with_one_tap(
    phone: BrowserContext, served: Installation
) -> None:
    page = phone.new_page()
    fills(page, [])
    sends(page)
    arrived(page, photos=0)
    page.get_by_role("button", name="Keep it on this phone").click()
    expect(page.get_by_role("button", name="Forget it on this phone")).to_be_visible()
    phone.clear_cookies()
    later = phone.new_page()
    later.goto("/return")
    later.get_by_role("button", name="Use the code kept on this phone").click()
    expect(later.get_by_text(TEXT)).to_be_visible()
    later.goto("/return")
    later.get_by_role("button", name="Forget it on this phone").click()
    expect(later.get_by_role("button", name="Use the code")).to_be_hidden()
    later.reload()
    expect(later.get_by_role("button", name="Use the code")).to_be_hidden()


def test_without_a_script_the_plain_form_takes_words_and_photos(
    chromium: Browser, served: Installation, photos: list[Path]
) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=served.settings.public_url)
    page = context.new_page()
    fills(page, photos)
    sends(page)
    expect(page.get_by_text("2 files have arrived")).to_be_visible()
    context.close()
    once(served)


def test_empty_and_too_long_words_come_back_as_they_do_without_a_script(
    phone: BrowserContext, served: Installation, photos: list[Path]
) -> None:
    page = phone.new_page()
    fills(page, photos)
    page.get_by_label("What did you see?").fill("x" * 10_001)
    sends(page)
    expect(page.get_by_role("alert")).to_contain_text("10,001 characters")
    page.get_by_label("What did you see?").fill(TEXT)
    sends(page)
    arrived(page)
    once(served)
