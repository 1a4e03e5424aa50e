"""The people of the stories, as verbs."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.make import PASSWORD


class Traveller:
    """Someone who stands before a poster with a phone."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def opens(self, scanned: str) -> Traveller:
        """Open what a code says, as a phone does: the whole address, in capitals."""
        self.page.goto(scanned)
        return self

    def scans(self, code: str) -> Traveller:
        """Open a poster's page by its code."""
        return self.opens(f"{self.address}/p/{code}")

    def writes(self, words: str) -> Traveller:
        """Fill the one field, send, and wait for what comes back."""
        self.page.locator("#text").fill(words)
        self.page.locator("form button:not([name=show_in])").first.click()
        expect(self.page.locator("#code, .trouble, .thread").first).to_be_visible(timeout=15_000)
        return self

    def access_code(self) -> str:
        """The access code on the page after sending."""
        return self.page.locator("#code").inner_text()

    def reference(self) -> str:
        """The reference on the page after sending."""
        return self.page.locator(".reference").first.inner_text()

    def comes_back_with(self, access_code: str) -> Traveller:
        """Open the thread with an access code."""
        self.page.goto(f"{self.address}/return")
        self.page.locator("#access_code").fill(access_code)
        self.page.locator("form button").first.click()
        return self

    def reads(self) -> list[str]:
        """The messages of the thread, oldest first."""
        return self.page.locator(".thread .words").all_inner_texts()


class Officer:
    """Someone who works a queue."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def signs_in(self, login: str, password: str = PASSWORD) -> Officer:
        """Sign in at the desk."""
        self.page.goto(f"{self.address}/desk")
        self.page.locator("[name=login]").fill(login)
        self.page.locator("[name=password]").fill(password)
        self.page.locator("form button").first.click()
        return self

    def opens_queue(self, slug: str) -> Officer:
        """Open a queue's page."""
        self.page.goto(f"{self.address}/desk/queues/{slug}")
        return self

    def opens_case(self, reference: str) -> Officer:
        """Open a case from the queue's page."""
        self.page.locator(f'a[href*="{reference}"]').first.click()
        return self

    def act(self, name: str) -> Locator:
        """The form of an act on the case's page."""
        return self.page.locator(f'form[action$="/{name}"]')

    def answers(self, words: str) -> Officer:
        """Send an answer to the reporter."""
        form = self.act("answer")
        form.locator("textarea").fill(words)
        form.locator(".buttons button").first.click()
        return self

    def marked(self) -> list[str]:
        """The words of the report that are marked as having decided."""
        return self.page.locator("mark").all_inner_texts()

    def takes_the_watch(self, slug: str) -> Officer:
        """Take the watch of a queue by name."""
        self.page.goto(f"{self.address}/desk/watch")
        self.page.locator(f'form[action$="/watch/{slug}/take"] button').click()
        return self

    def hands_over(self, slug: str, words: str) -> Officer:
        """Write the handover of a queue whose watch they have."""
        self.page.goto(f"{self.address}/desk/watch")
        form = self.page.locator(f'form[action$="/watch/{slug}/hand-over"]')
        self.page.locator("details", has=form).locator("summary").first.click()
        form.locator("textarea").fill(words)
        form.locator("button").click()
        return self

    def accepts(self, slug: str) -> Officer:
        """Accept what was handed over, by name."""
        self.page.goto(f"{self.address}/desk/watch")
        self.page.locator(f'form[action$="/watch/{slug}/accept"] button').click()
        return self

    def watch_of(self, slug: str) -> str:
        """What the page of watches says of a queue."""
        self.page.goto(f"{self.address}/desk/watch")
        return self.page.locator(f"#{slug} .has").inner_text()

    def presses(self, *keys: str) -> Officer:
        """Press keys one after the other, wherever the focus is."""
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def tabs_to(self, target: Locator, most: int = 80) -> Officer:
        """Press Tab until a part of the page has the focus, as someone without a mouse does."""
        for _ in range(most):
            if target.evaluate("one => one === document.activeElement"):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError("the keyboard does not get there")
