"""A case goes to another authority, in a real browser: accepted, declined, forgotten, and by a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from engage import outbox, referrals
from engage.installation import Installation
from engage.models import Outgoing, Referral
from tests import make
from tests.browser.people import Officer, Traveller
from tests.browser.test_whole_way import violations

pytestmark = pytest.mark.browser

At = Callable[[str], Officer]


@pytest.fixture
def at_desk(chromium: Browser, served: Installation) -> Iterator[At]:
    """Officers, each in a browser of their own."""
    contexts = []

    def sits_down(login: str) -> Officer:
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 900}))
        return Officer(contexts[-1].new_page(), served.settings.public_url).signs_in(login)

    yield sits_down
    for context in contexts:
        context.close()


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Page]:
    """Somebody without an account, with a small phone."""
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def opens(officer: Officer, path: str) -> Page:
    officer.page.goto(officer.address + path)
    return officer.page


def offers(officer: Officer, reference: str, to: str, **typed: str) -> Page:
    """Offer a case on its page."""
    page = opens(officer, f"/desk/cases/{reference}")
    page.get_by_text("Offer this case to another authority").click()
    form = officer.act("offer")
    form.locator("#offer-to").select_option(label=to)
    for name, words in {"purpose": "Please mend the fence.", **typed}.items():
        form.locator(f"[name={name}]").fill(words)
    assert violations(page) == []
    form.locator("button").click()
    expect(page.get_by_role("status").filter(has_text="This case is offered to")).to_be_visible()
    return page


def test_accepted_and_completed(traveller: Traveller, at_desk: At, served: Installation) -> None:
    traveller.scans("B7K4X").writes(make.OPEN_FENCE)
    reference, access_code = traveller.reference(), traveller.access_code()
    ben, carl = at_desk("ben"), at_desk("carl")
    police = offers(ben, reference, "Customs Service")

    customs = opens(carl, "/desk/referrals")
    assert violations(customs) == []
    customs.locator(".offers a").first.click()
    expect(customs.locator("blockquote")).to_have_text(make.OPEN_FENCE)
    expect(customs.locator("body")).not_to_contain_text(reference)
    assert violations(customs) == []
    customs.get_by_role("button", name="Accept it").click()
    expect(customs.get_by_role("status").filter(has_text="Port Police referred this case to you")).to_be_visible()
    assert violations(customs) == []
    carl.answers("Customs here. We are on our way.")

    traveller.comes_back_with(access_code)
    read = traveller.page.locator(".thread .words")
    expect(read.nth(1)).to_contain_text("Customs Service has taken this over")
    expect(read.nth(2)).to_have_text("Customs here. We are on our way.")
    traveller.page.locator("#text").fill("Thank you. It is getting larger.")
    traveller.page.get_by_role("button", name="Send", exact=True).click()
    expect(read.last).to_have_text("Thank you. It is getting larger.")

    police.reload()
    expect(police.get_by_role("status").filter(has_text="Customs Service has this case now")).to_be_visible()
    expect(ben.act("answer")).to_have_count(0)
    expect(police.locator("body")).not_to_contain_text("It is getting larger.")
    assert violations(police) == []

    customs.reload()
    expect(customs.locator(".thread .words").last).to_have_text("Thank you. It is getting larger.")
    customs.locator("summary", has_text="Complete it").click()
    carl.act("complete").locator("textarea").fill("The fence is mended.")
    carl.act("complete").locator("button").click()
    expect(customs.locator("#came .tag")).to_have_text("Completed")
    police.reload()
    expect(police.locator(".thread .words").last).to_have_text("Thank you. It is getting larger.")
    expect(ben.act("answer")).to_have_count(1)


def test_declined_then_forgotten(at_desk: At, served: Installation) -> None:
    reference = make.report(served, make.OPEN_FENCE, now=datetime.now(UTC)).reference
    ben, carl = at_desk("ben"), at_desk("carl")
    police = offers(ben, reference, "Customs Service")
    customs = opens(carl, "/desk/referrals/1")
    customs.locator("summary", has_text="Decline it").click()
    carl.act("decline").locator("textarea").fill("We have no fences.")
    carl.act("decline").locator("button").click()
    expect(customs.locator(".offers .tag").first).to_have_text("Declined")
    police.reload()
    expect(police.locator(".history").last).to_contain_text("We have no fences.")

    offers(ben, reference, "Customs Service")
    with served.database.transaction() as session:
        last = session.exec(select(Referral).where(Referral.state == "offered")).one()
        last.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        session.add(last)
    assert referrals.lapse_due(served.database, datetime.now(UTC)) == 1
    police.reload()
    expect(police.locator("#alarms")).to_contain_text("Offer not answered")
    expect(police.locator(".history").last).to_contain_text("did not answer in time")
    expect(ben.act("offer")).to_have_count(1)


def test_by_link_without_an_account(at_desk: At, stranger: Page, served: Installation) -> None:
    reference = make.report(served, make.OPEN_FENCE, now=datetime.now(UTC)).reference
    ben = at_desk("ben")
    police = offers(ben, reference, "A body without an account, by link", body="Harbour Zoo", address="zoo@example.org")
    with served.database.reading() as session:
        sealed = session.exec(select(Outgoing.sealed_body).where(Outgoing.sealed_body.is_not(None))).one()  # type: ignore[union-attr]
    link = re.search(r"http\S+#\S+", served.vault.unseal(outbox.BODY, sealed or b"").decode())
    assert link
    stranger.goto(link[0])
    assert violations(stranger) == []
    expect(stranger).to_have_url(re.compile(r"/referral$"))
    stranger.get_by_role("button", name="Open it").click()
    expect(stranger.locator("blockquote")).to_have_text(make.OPEN_FENCE)
    expect(stranger.locator("body")).not_to_contain_text(reference)
    assert violations(stranger) == []
    stranger.get_by_role("button", name="Accept it").click()
    expect(stranger.get_by_role("status")).to_contain_text("You have taken this over from Port Police.")
    police.reload()
    expect(police.get_by_role("status").filter(has_text="Harbour Zoo has this case now")).to_be_visible()
    police.locator("summary", has_text="Take it back").click()
    ben.act("take-back").locator("textarea").fill("It was a dog.")
    ben.act("take-back").locator("button").click()
    expect(police.locator(".status")).not_to_have_text("Referred")
    stranger.reload()
    expect(stranger.get_by_role("alert")).to_contain_text("This link opens nothing")
