"""Two people open a reporter's number, the reporter reads of it, and a package is checked on another machine."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from engage.installation import Installation
from tests import make
from tests.browser.people import Officer, Traveller
from tests.browser.test_whole_way import violations
from tests.functional.test_contact_opening import PHONE, WHY, reachable, want_two

pytestmark = pytest.mark.browser
WORDS = "There is a hole in the fence behind the container yard and people climb through it"


def test_a_number_is_seen_by_consent_and_the_reporter_is_told(
    chromium: Browser, served: Installation, officer: Officer, traveller: Traveller
) -> None:
    want_two(served)
    reference = reachable(served, WORDS, code="M2Q9P", key="story")
    code = make.report(served, WORDS, code="M2Q9P", key="story").access_code
    case = f"{served.settings.public_url}/desk/cases/{reference}"
    officer.signs_in("ben").page.goto(case)
    officer.page.get_by_role("link", name="Contacts").click()
    assert violations(officer.page) == []
    officer.page.locator("textarea").fill(WHY)
    officer.page.get_by_role("button", name="Ask for consent").click()
    expect(officer.page.locator(".askings")).to_contain_text("Waits for a second person.")
    assert officer.page.get_by_role("button", name="Consent", exact=True).count() == 0

    context = chromium.new_context(viewport={"width": 360, "height": 740})
    sue = Officer(context.new_page(), served.settings.public_url).signs_in("sue")
    sue.page.goto(case)
    expect(sue.page.locator(".case-head")).to_contain_text("A colleague asks for your consent")
    sue.page.get_by_role("link", name="Contacts").click()
    assert violations(sue.page) == []
    sue.page.get_by_role("button", name="Consent", exact=True).click()
    expect(sue.page.locator(".askings")).to_contain_text("Decided by Officer Sue")
    sue.page.goto(f"{served.settings.public_url}/desk/trail")
    expect(sue.page.locator("tbody")).to_contain_text("Consented that a contact is seen")
    assert violations(sue.page) == []
    context.close()

    officer.page.reload()
    officer.page.get_by_role("button", name="Show the number, once").click()
    expect(officer.page.locator(".number")).to_have_text(PHONE)
    assert violations(officer.page) == []
    officer.page.goto(f"{case}/contacts")
    expect(officer.page.locator(".number")).to_have_count(0)
    traveller.comes_back_with(code)
    expect(traveller.page.locator("main")).to_contain_text(f"saw your phone number. Reason: {WHY}")
    traveller.page.get_by_text("Proof that your report is kept").click()
    expect(traveller.page.locator("#proof code").first).to_be_visible()
    assert violations(traveller.page) == []


def test_a_package_is_saved_and_checked_elsewhere(served: Installation, officer: Officer, tmp_path: Path) -> None:
    reference = make.report(served, WORDS, code="M2Q9P").reference
    officer.signs_in("ben").page.goto(f"{served.settings.public_url}/desk/cases/{reference}")
    officer.page.get_by_role("link", name="Evidence package").click()
    assert violations(officer.page) == []
    officer.page.locator("textarea").fill("The prosecutor asks for it.")
    with officer.page.expect_download() as saved:
        officer.page.get_by_role("button", name="Make and save the package").click()
    elsewhere = tmp_path / "another machine"
    elsewhere.mkdir()
    file = elsewhere / "case.zip"
    saved.value.save_as(file)
    with zipfile.ZipFile(file) as package:
        package.extractall(elsewhere / "unpacked")
    summed = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=elsewhere / "unpacked", check=False)
    assert summed.returncode == 0
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ENGAGE_")}
    command = [sys.executable, "-m", "engage.cli", "evidence", "verify", str(file)]
    checked = subprocess.run(command, cwd=elsewhere, env=bare, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "all as they were packed" in checked.stdout
    officer.page.goto((elsewhere / "unpacked" / "index.html").as_uri())
    expect(officer.page.locator("blockquote")).to_have_text(WORDS)
