"""A new officer: invited by link, sets a password and an app, signs in, adds a passkey, ends a sign-in elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from engage import invitations
from engage.installation import Installation
from engage.taxonomy import Role

pytestmark = pytest.mark.browser

PASSWORD = "tuna violet anchor lamp"


class Newcomer:
    """Someone who was invited, with an app for codes in the pocket."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.secret = ""
        self.codes_used = 0

    def follows(self, link: str) -> None:
        self.page.goto(f"{self.address}/desk/invitation#{link}")
        expect(self.page.get_by_role("heading", name="Welcome, Zoë")).to_be_visible()
        assert link not in self.page.url

    def sets_password(self, password: str) -> None:
        self.page.locator("#password").fill(password)
        self.page.locator("#again").fill(password)
        self.page.get_by_role("button", name="Go on").click()

    def sets_up_the_app(self) -> list[str]:
        expect(self.page.locator(".picture svg")).to_be_visible()
        self.page.get_by_text("Type it instead").click()
        self.secret = self.page.locator(".secret").inner_text().replace(" ", "")
        self.page.locator("#code").fill(self.next_code())
        self.page.get_by_role("button", name="Set up").click()
        expect(self.page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        return self.page.locator(".codes code").all_inner_texts()

    def next_code(self) -> str:
        """The code of now, or the next one, since none opens twice: clocks may differ by half a minute."""
        at = datetime.now(UTC) + timedelta(seconds=30 * self.codes_used)
        self.codes_used += 1
        return pyotp.TOTP(self.secret).at(at)

    def signs_in(self, code: str) -> None:
        self.page.goto(f"{self.address}/desk/sign-in")
        self.page.locator("#login").fill("zoe")
        self.page.locator("#password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.locator("#code").fill(code)
        self.page.get_by_role("button", name="Go on").click()


def newcomer(chromium: Browser, opened: Installation) -> Newcomer:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    return Newcomer(context.new_page(), opened.settings.public_url)


def with_an_authenticator(page: Page) -> None:
    """Give the browser a device that makes passkeys and knows its owner (Chromium's virtual authenticator)."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )


def is_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_from_an_invitation_to_a_passkey(chromium: Browser, guarded: Installation) -> None:
    with guarded.database.transaction() as session:
        new = {"login": "zoe", "name": "Zoë", "authority": "police", "units": ["gates"]}
        link = invitations.invite(session, guarded.vault, None, datetime.now(UTC), role=Role.OFFICER, **new)  # type: ignore[arg-type]
    zoe = newcomer(chromium, guarded)
    zoe.follows(link)
    is_accessible(zoe.page)
    zoe.sets_password("password1234")
    expect(zoe.page.get_by_role("alert")).to_contain_text("“password” is in very many passwords")
    zoe.sets_password(PASSWORD)
    codes = zoe.sets_up_the_app()
    assert len(set(codes)) == 10
    is_accessible(zoe.page)
    zoe.page.get_by_role("link", name="I have kept them").click()
    expect(zoe.page.get_by_role("heading", name="My queues")).to_be_visible()
    zoe.page.goto(f"{zoe.address}/desk/invitation#{link}")
    expect(zoe.page.get_by_role("alert")).to_contain_text("does not open")

    elsewhere = newcomer(chromium, guarded)
    elsewhere.secret, elsewhere.codes_used = zoe.secret, 1
    elsewhere.signs_in(elsewhere.next_code())
    expect(elsewhere.page.get_by_role("heading", name="My queues")).to_be_visible()

    with_an_authenticator(zoe.page)
    zoe.page.goto(f"{zoe.address}/desk/account")
    is_accessible(zoe.page)
    zoe.page.get_by_role("button", name="Add a passkey").click()
    zoe.page.locator("#name").fill("My phone")
    zoe.page.get_by_role("button", name="Add a passkey").click()
    expect(zoe.page.get_by_text("The passkey is added.")).to_be_visible()
    expect(zoe.page.get_by_role("button", name="Remove My phone")).to_be_visible()
    zoe.page.get_by_role("button", name="Sign out everywhere but here").click()
    expect(zoe.page.get_by_text("Signed out there.")).to_be_visible()
    elsewhere.page.goto(f"{zoe.address}/desk/account")
    expect(elsewhere.page).to_have_url(f"{zoe.address}/desk/sign-in?next=/desk/account")

    zoe.page.get_by_role("button", name="Sign out", exact=True).click()
    is_accessible(zoe.page)
    zoe.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(zoe.page.get_by_role("heading", name="My queues")).to_be_visible()
    zoe.page.get_by_role("button", name="Sign out", exact=True).click()
    zoe.signs_in(codes[3].lower())
    expect(zoe.page.get_by_role("heading", name="My queues")).to_be_visible()
    zoe.page.get_by_role("button", name="Sign out", exact=True).click()
    zoe.signs_in(codes[3])
    expect(zoe.page.get_by_role("alert")).to_contain_text("That was not right")
    zoe.page.get_by_role("button", name="Use a passkey").click()
    expect(zoe.page.get_by_role("heading", name="My queues")).to_be_visible()
