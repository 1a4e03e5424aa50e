"""A whole shift at the desk, as people do it: two officers and a supervisor, a surge, an alarm, and a handover."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from sqlmodel import col, select

from engage import accounts, raising
from engage.db import add_row
from engage.installation import Installation
from engage.models import Case, ReadyReply, Staff, StaffUnit
from engage.taxonomy import CaseStatus, Category, Role, Severity
from tests import make
from tests.browser.people import Officer, Traveller
from tests.browser.test_whole_way import violations
from tests.functional.test_undelivered import lost

pytestmark = pytest.mark.browser

REPLY = "Thank you. Officers are on their way."
SCREENS = ((1280, "light"), (1280, "dark"), (768, "light"), (768, "dark"), (360, "light"), (360, "dark"))
SURGE = 8
WHILE = 20_000  # milliseconds in which an open page has heard what is new

At = Callable[[str], Officer]


@pytest.fixture
def at_desk(chromium: Browser, served: Installation) -> Iterator[At]:
    """Seats officers at desks of their own, signed in by their logins. No script of a page may fail."""
    contexts, failures = [], []

    def seat(login: str) -> Officer:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda said: failures.append(said.text) if is_fault(said) else None)
        return Officer(page, served.settings.public_url).signs_in(login)

    yield seat
    for context in contexts:
        context.close()
    assert failures == []


@pytest.fixture
def mia(served: Installation) -> str:
    """A second officer of the marine unit."""
    with served.database.transaction() as session:
        ana = session.exec(select(Staff).where(Staff.login == "ana")).one()
        unit_ids = session.exec(select(StaffUnit.unit_id).where(StaffUnit.staff_id == ana.id)).all()
        mia = add_row(
            session,
            Staff,
            login="mia",
            name="Officer Mia",
            authority_id=ana.authority_id,
            role=Role.OFFICER,
            password_hash=ana.password_hash,
            active=True,
            mailbox=None,
        )
        for unit_id in unit_ids:
            session.connection().execute(sa.insert(StaffUnit).values(staff_id=mia, unit_id=unit_id))
    return "mia"


@pytest.fixture
def reply(served: Installation) -> None:
    """An answer that is ready for any case."""
    texts = {"en": REPLY, "fr": "Merci. Des agents sont en route."}
    with served.database.transaction() as session:
        add_row(session, ReadyReply, slug="on-the-way", authority_id=None, category=None, texts=texts)


def is_fault(said: ConsoleMessage) -> bool:
    """Whether a line of the console is a fault; that a form was refused is told there too, and is none."""
    return said.type == "error" and not re.search("40[39]|422", said.text)


def come_in(installation: Installation, words: str, times: int = 1) -> list[str]:
    """Reports come in at the gate, now; their references."""
    return [make.report(installation, words, now=datetime.now(UTC)).reference for _ in range(times)]


def stored(installation: Installation, reference: str) -> Case:
    return next(case for case in make.rows(installation, Case) if case.reference == reference)


@pytest.mark.usefixtures("reply")
def test_a_whole_shift(served: Installation, at_desk: At, traveller: Traveller, mia: str) -> None:
    ana = at_desk("ana").takes_the_watch("marine")
    assert "You have the watch" in ana.watch_of("marine")
    sue = at_desk("sue")
    assert "Officer Ana" in sue.watch_of("marine")
    ana.opens_queue("marine")
    expect(ana.page.locator("#empty")).to_be_visible()
    traveller.scans("B7K4X").writes(make.GUN)
    first, code = traveller.reference(), traveller.access_code()
    others = come_in(served, make.GUN, SURGE)
    a_surge_rings_in_an_open_queue(ana, first)
    whoever_answers_silences(ana, first)
    assert traveller.comes_back_with(code).reads()[-1] == f"{REPLY} Stay where you are safe."
    colleague = at_desk(mia)
    two_officers_see_each_other(ana, colleague, first)
    one_event_becomes_one_case(colleague, first, others[0])
    assert stored(served, others[0]).merged_into_id == stored(served, first).id
    colleague.opens_queue("marine").opens_case(others[1]).act("claim").locator("button").click()
    the_next_watch_accepts_by_name(ana, colleague, others[2])
    assert "Officer Mia" in sue.watch_of("marine")
    the_supervisor_counts(sue, reports=1 + SURGE, cases=SURGE, unanswered=SURGE - 1)


def a_surge_rings_in_an_open_queue(ana: Officer, first: str) -> None:
    expect(ana.page.locator("#cases tbody tr")).to_have_count(1 + SURGE, timeout=WHILE)
    expect(ana.page.locator("#alarms")).to_contain_text(first, timeout=WHILE)
    expect(ana.page.locator("#alarms [data-mine]").first).to_contain_text("Your watch")


def whoever_answers_silences(ana: Officer, first: str) -> None:
    """A case is taken, which silences it, and answered by a ready reply, which goes into no other box."""
    ana.opens_case(first).act("claim").locator("button").click()
    expect(ana.page.locator("#alarms")).not_to_contain_text(first)
    ana.page.locator(".ready summary").click()
    ana.page.locator(".ready button").first.click()
    box = ana.act("answer").locator("textarea")
    expect(box).to_have_value(REPLY)
    expect(ana.act("note").locator("textarea")).to_have_value("")
    ana.answers(f"{box.input_value()} Stay where you are safe.")


def two_officers_see_each_other(ana: Officer, colleague: Officer, first: str) -> None:
    colleague.opens_queue("marine").opens_case(first)
    expect(colleague.act("claim")).to_contain_text("Take over from Officer Ana")
    expect(ana.page.locator("#looks")).to_contain_text("Officer Mia is looking at this case", timeout=WHILE)


def one_event_becomes_one_case(colleague: Officer, first: str, other: str) -> None:
    colleague.page.goto(f"{colleague.address}/desk/cases/{other}")
    surge = colleague.act("merge").filter(has_text="merge the chosen ones")
    surge.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    for box in surge.locator("[type=checkbox]").all():
        box.set_checked(box.get_attribute("name") == f"same-{first}")
    surge.locator("button").click()
    colleague.page.wait_for_url(f"**/{first}")
    expect(colleague.page.locator("main")).to_contain_text(other)


def the_next_watch_accepts_by_name(ana: Officer, colleague: Officer, left: str) -> None:
    """The handover writes itself: what is left stands in it beside the officer's words."""
    ana.hands_over("marine", "The gate is closed; two patrols are there.")
    colleague.page.goto(f"{colleague.address}/desk/watch")
    handover = colleague.page.locator("#marine .handover")
    expect(handover).to_contain_text("The gate is closed")
    expect(handover).to_contain_text(left)
    colleague.accepts("marine")
    assert "You have the watch" in colleague.watch_of("marine")


def the_supervisor_counts(sue: Officer, *, reports: int, cases: int, unanswered: int) -> None:
    sue.page.goto(f"{sue.address}/desk/numbers?days=7")
    assert sue.page.locator(".figures dd").all_inner_texts()[:3] == [str(reports), str(cases), str(unanswered)]
    with sue.page.expect_download() as saving:
        sue.page.locator('a[href*="places.csv"]').click()
    assert "Gate B12" in saving.value.path().read_text()


def test_a_shift_without_a_mouse(served: Installation, at_desk: At) -> None:
    references = come_in(served, make.GUN, 3)
    ana = at_desk("ana")
    page = ana.page
    ana.tabs_to(page.locator('a[href="/desk/queues/marine"]').first).presses("Enter")
    page.wait_for_url("**/queues/marine")
    assert page.locator("#keys").is_visible()
    ana.presses("?")
    expect(page.locator("#keys-panel")).to_be_visible()
    ana.presses("Escape", "j", "j", "Enter")
    page.wait_for_url("**/desk/cases/**")
    reference = page.url.rpartition("/")[2]
    assert reference in references
    ana.presses("c")
    expect(page.locator(".history")).to_contain_text("Officer Ana took the case.")
    ana.presses("r")
    page.keyboard.type("We are coming. Keys such as j, c and e are only letters here.")
    ana.presses("Tab")
    expect(page.locator(":focus")).to_have_text("Send answer")
    ana.presses("Enter")
    expect(page.locator(".thread .ours")).to_contain_text("Keys such as j, c and e are only letters here.")
    ana.presses("n")
    page.keyboard.type("Patrol 4 is there.")
    ana.presses("Tab", "Enter")
    expect(page.locator("main")).to_contain_text("Officer Ana wrote a note.")
    ana.presses("e", "A")
    ana.tabs_to(page.locator('button[formaction$="/resolve"]')).presses("Enter")
    expect(page.locator(".case-head .status")).to_have_text("Resolved")
    assert stored(served, reference).status is CaseStatus.RESOLVED


def test_a_caller_is_entered_without_a_mouse(served: Installation, at_desk: At, traveller: Traveller) -> None:
    ana = at_desk("ana")
    page = ana.page
    ana.tabs_to(page.locator('a[href="/desk/new-report"]')).presses("Enter")
    page.wait_for_url("**/new-report")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("A man with a gun is shooting at people")
    ana.presses("Tab")
    page.keyboard.type("Hall")
    ana.tabs_to(page.locator(".counter button")).presses("Enter")
    expect(page.locator("h1")).to_have_text("The report is stored")
    code = page.locator("#code").inner_text()
    assert traveller.comes_back_with(code).reads() == ["A man with a gun is shooting at people"]
    with served.database.reading() as session:
        assert session.exec(select(Case.place_id).where(col(Case.place_id).is_not(None))).first()


def corrected(installation: Installation, reference: str) -> None:
    """Somebody says that triage was wrong about a case."""
    with installation.database.transaction() as session:
        ana = accounts.officer_by_login(session, "ana")
        assert ana is not None
        about = (session, ana, reference, datetime.now(UTC))
        right = (Category.DISORDER, Severity.LOW)
        raising.correct(*about, category=right[0], severity=right[1], reason="It was a toy.", words="gun")


def fits(page: Page, width: int) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


def test_axe_finds_nothing_on_any_page_of_the_desk(served: Installation, at_desk: At) -> None:
    reference, other, *_others = come_in(served, make.GUN, 3)
    corrected(served, other)
    lost(served, stored(served, reference).id or 0)
    sue = at_desk("sue").takes_the_watch("marine")
    sue.page.goto(f"{sue.address}/desk/cases/{reference}")
    sue.answers("We are coming.")
    found: list[str] = []
    for path in (
        *("", "/queues/marine", f"/cases/{reference}", "/search?q=gun", "/search", "/watch"),
        *("/numbers?days=7", "/new-report", "/corrections", "/undelivered", "/queues/gates"),
    ):
        sue.page.goto(f"{sue.address}/desk{path}")
        sue.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        for width, scheme in SCREENS:
            sue.page.set_viewport_size({"width": width, "height": 900})
            sue.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            found += [f"{path} {width} {scheme} {line}" for line in violations(sue.page)]
            found += [] if fits(sue.page, width) else [f"{path} is wider than {width}"]
    assert found == []


@pytest.mark.parametrize("language", ["ar", "fil"])
def test_the_desk_fits_a_small_screen_in_any_direction(served: Installation, at_desk: At, language: str) -> None:
    reference, *_others = come_in(served, make.GUN, 2)
    sue = at_desk("sue")
    sue.page.set_viewport_size({"width": 320, "height": 800})
    wide = []
    for path in ("", "/queues/marine", f"/cases/{reference}", "/watch", "/numbers", "/new-report"):
        sue.page.goto(f"{sue.address}/desk{path}?lang={language}")
        sue.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        wide += [] if fits(sue.page, 320) else [path]
    assert wide == []
