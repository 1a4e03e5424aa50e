"""The desk in the browser: signing in, the queues, and every act on a case, through HTTP and without scripts."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from engage import case_file, intake, queues, report_file
from engage.installation import Installation
from engage.intake import MessageArrival, Receipt
from engage.models import Case, Message, Note, Place, Staff
from engage.taxonomy import CaseStatus, Category, Disposition, Severity
from engage.web.queue_asking import IGNORED
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

NASTY = """<script>alert(1)</script> "'><img src=x onerror=alert(2)> </textarea></blockquote> {{ 7 * 7 }} gun"""


@pytest.fixture
def ana(app: Flask) -> Desk:
    return signed_in(app, "ana")


@pytest.fixture
def case(installation: Installation, port: make.Port) -> Receipt:
    return make.report(installation, make.GUN)


def stored(installation: Installation, reference: str) -> Case:
    return next(case for case in make.rows(installation, Case) if case.reference == reference)


def test_no_form_of_a_case_works_from_another_site(app: Flask, ana: Desk, case: Receipt) -> None:
    """All other forms are tried the same way by the tests that are made from the list of routes."""
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/desk/cases/<reference>/<act>") and "POST" in (rule.methods or ())
    ]
    assert rules
    for rule in rules:
        address = rule.rule.replace("<reference>", case.reference).replace("<act>", "note")
        answer = ana.client.post(address, data={"text": "forged words", "csrf_token": "forged"})
        assert answer.status_code == 403, rule
    kept = ana.acts(case.reference, "note", {}, text="typed long ago")
    assert Page(kept).forms["note"]["text"] == "typed long ago"


def test_my_queues_count_what_waits(ana: Desk, case: Receipt, installation: Installation) -> None:
    page = ana.opens("/desk").text
    assert "Marine queue" in page
    assert "Gates queue" not in page
    with installation.database.reading() as session:
        officer = make.Port(0, {}, {}, {}, {}).officer(session, "ana")
        (waiting,) = queues.waiting(session, officer)
    assert (waiting.open, waiting.unheld, waiting.oldest) == (1, 1, make.NOON)
    assert sum(waiting.by_severity.values()) == waiting.by_severity[case.severity] == 1


def test_an_officer_without_a_queue_is_told_what_to_do(app: Flask, installation: Installation) -> None:
    with installation.database.transaction() as session:
        session.connection().execute(sa.text("DELETE FROM staff_units"))
    assert "Ask whoever looks after the accounts" in signed_in(app, "ana").opens("/desk").text


def test_a_row_of_the_queue_says_what_an_officer_needs(ana: Desk, case: Receipt) -> None:
    page = ana.opens("/desk/queues/marine").text
    for said in (case.reference, "Gate B12", "Hall", "A man with a gun", "English", "Nobody", "Reporter waits"):
        assert said in page
    assert 'title="14 Mar 2026, 20:00"' in page  # Manila


@pytest.fixture
def many(installation: Installation, port: make.Port) -> list[str]:
    """115 cases of all severities in the marine queue, the ones to read first coming first."""
    references = [make.report(installation, make.GUN).reference for _ in range(115)]
    levels = {reference: list(Severity)[at % 4] for at, reference in enumerate(references)}
    with installation.database.transaction() as session:
        for reference, level in levels.items():
            changed = {"severity": level, "urgency": level.urgency, "queue_id": port.queues["marine"]}
            session.connection().execute(sa.update(Case).where(Case.reference == reference).values(**changed))  # type: ignore[arg-type]
    newest_first = references[::-1]
    return sorted(newest_first, key=lambda reference: levels[reference].rank)


def _pages(desk: Desk, address: str) -> Iterator[str]:
    while address:
        page = desk.opens(address).text
        yield page
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""


def _references(page: str) -> list[str]:
    return re.findall(r'id="row-(EN-[^"]+)"', page)


def test_the_pages_of_a_queue_show_every_case_once_and_in_order(ana: Desk, many: list[str]) -> None:
    pages = list(_pages(ana, "/desk/queues/marine?sort=severity"))
    assert len(pages) == 3
    assert [reference for page in pages for reference in _references(page)] == many
    low = [reference for page in _pages(ana, "/desk/queues/marine?severity=low") for reference in _references(page)]
    assert len(low) == 28
    assert set(low) < set(many)
    assert "Back to the top" in pages[1]


def test_counts_stop_where_nobody_reads_on(ana: Desk, many: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MOST_COUNTED", 20)
    assert "20+" in ana.opens("/desk").text


NARROWED = (
    ("", True),
    ("status=open", True),
    ("status=closed", False),
    ("status=triaged", True),
    ("status=in_progress", False),
    ("category=weapon_attack&severity=critical", True),
    ("category=drone", False),
    ("place=gate&site=harbour", True),
    ("place=berth", False),
    ("sort=severity&after=0.0.1", False),
)


def test_the_address_narrows_a_queue(ana: Desk, case: Receipt) -> None:
    for query, found in NARROWED:
        page = ana.opens(f"/desk/queues/marine?{query}")
        assert page.status_code == 200
        assert (case.reference in _references(page.text)) is found, query
        assert found or "No case here fits" in page.text
        assert "ignored" not in page.text


JUNK = ("nonsense", "'--", "9" * 40, "3.99999999999999999999", "٣.٣", "%00", "<b>")


@pytest.mark.parametrize("name", [*IGNORED])
def test_filters_that_mean_nothing_are_ignored_aloud(ana: Desk, case: Receipt, name: str) -> None:
    for value in JUNK:
        page = ana.opens(f"/desk/queues/marine?{name}={value}")
        assert page.status_code == 200
        assert case.reference in page.text
        assert "ignored" in page.text or "so this is the first page" in page.text


def test_ended_cases_are_found_under_closed(ana: Desk, case: Receipt) -> None:
    ana.acts(case.reference, "resolve", disposition="advised")
    assert case.reference not in _references(ana.opens("/desk/queues/marine").text)
    assert case.reference in ana.opens("/desk/queues/marine?status=closed").text


@pytest.mark.parametrize("login", ["carl", "ben"])
def test_what_an_officer_may_not_see_answers_like_what_is_not_there(
    app: Flask, installation: Installation, port: make.Port, login: str
) -> None:
    sealed = make.report(installation, make.BRIBE).reference
    desk = signed_in(app, login)
    for seen, missing in (
        ("/desk/queues/integrity", "/desk/queues/nothing"),
        (f"/desk/cases/{sealed}", "/desk/cases/EN-ZZZZ-Z"),
    ):
        one, other = desk.opens(seen), desk.opens(missing)
        assert (one.status_code, one.data, sorted(one.headers)) == (404, other.data, sorted(other.headers))
    token = Page(desk.opens("/desk")).forms["sign-out"]
    for act in ("claim", "answer", "close", "nonsense"):
        one, other = (desk.acts(reference, act, token, text="x") for reference in (sealed, "EN-ZZZZ-Z"))
        assert (one.status_code, one.data) == (404, other.data)
    forged = [desk.acts(reference, "note", {"csrf_token": "x"}, text="x") for reference in (sealed, "EN-ZZZZ-Z")]
    assert forged[0].data == forged[1].data
    assert stored(installation, sealed).version == 1


ACTS = [
    ("claim", {}, CaseStatus.ASSIGNED, "Officer Ana took the case."),
    ("answer", {"text": "We come."}, CaseStatus.IN_PROGRESS, "Officer Ana answered the reporter."),
    ("answer", {"text": "Where?", "wait": "1"}, CaseStatus.WAITING_FOR_REPORTER, "waits for a reply."),
    ("note", {"text": "Known."}, CaseStatus.TRIAGED, "Officer Ana wrote a note."),
    ("wait", {}, CaseStatus.WAITING_FOR_REPORTER, "Officer Ana waits for the reporter."),
    ("refer", {"to": "Coast guard", "reason": "Boat"}, CaseStatus.REFERRED, "Officer Ana told Coast guard: Boat"),
    (
        "reclassify",
        {"category": "drone", "severity": "high", "reason": "A toy"},
        CaseStatus.TRIAGED,
        "changed it from Weapon or attack, Critical to Drone, High: A toy",
    ),
    ("resolve", {"disposition": "advised"}, CaseStatus.RESOLVED, "Officer Ana resolved the case: Reporter advised."),
    ("close", {"disposition": "spam", "text": "Bye"}, CaseStatus.CLOSED, "Officer Ana closed the case: Spam."),
    (
        "transfer",
        {"queue": "gates", "reason": "Theirs"},
        CaseStatus.TRIAGED,
        "moved the case from Marine queue to Gates queue: Theirs",
    ),
]


@pytest.mark.parametrize(("act", "typed", "status", "said"), ACTS, ids=[f"{act[0]}-{act[2]}" for act in ACTS])
def test_every_act_leads_back_to_the_case_and_into_its_history(
    ana: Desk, case: Receipt, installation: Installation, act: str, typed: dict[str, str], status: CaseStatus, said: str
) -> None:
    answer = ana.acts(case.reference.lower(), act, **typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/cases/{case.reference}")
    assert stored(installation, case.reference).status is status
    assert said in ana.case(case.reference).text


def test_a_case_is_released_reopened_and_taken_over(
    app: Flask, ana: Desk, case: Receipt, installation: Installation, port: make.Port
) -> None:
    ana.acts(case.reference, "claim")
    sue = signed_in(app, "sue")
    assert "Take over from Officer Ana" in sue.case(case.reference).text
    refused = sue.acts(case.reference, "claim", {**sue.form(case.reference, "claim"), "key": ""}, take_over="1")
    assert refused.status_code == 303
    assert stored(installation, case.reference).holder_id == port.staff["sue"]
    sue.acts(case.reference, "release")
    assert stored(installation, case.reference).holder_id is None
    sue.acts(case.reference, "close", disposition="unfounded")
    assert "This case has ended" in ana.case(case.reference).text
    ana.acts(case.reference, "reopen", reason="It is there again")
    assert stored(installation, case.reference).status is CaseStatus.REOPENED


def test_a_case_sent_to_a_sealed_queue_is_gone_for_the_sender(ana: Desk, case: Receipt) -> None:
    answer = ana.acts(case.reference, "transfer", queue="integrity", reason="One of us")
    assert answer.headers["Location"] == f"/desk?moved={case.reference}"
    assert "was moved to a queue that you do not see" in ana.opens(answer.headers["Location"]).text
    assert ana.case(case.reference).status_code == 404


REFUSED = [
    ("answer", {"text": "   "}, "Write something first"),
    ("answer", {"text": "x" * 10_001}, "10,001 characters"),
    ("note", {"text": ""}, "Write something first"),
    ("reclassify", {"category": "x", "severity": "low", "reason": "typed reason"}, "Choose a category"),
    ("reclassify", {"category": "drone", "severity": "low", "reason": " "}, "Give a reason"),
    ("transfer", {"queue": "", "reason": "typed reason"}, "Choose a queue"),
    ("transfer", {"queue": "border", "reason": "typed reason"}, "no other queue of that name"),
    ("refer", {"to": "", "reason": "typed reason"}, "Write whom you told"),
    ("close", {"disposition": "", "text": "typed words"}, "Choose why the case ended"),
    ("resolve", {"disposition": "x", "text": "typed words"}, "Choose why the case ended"),
    ("release", {}, "You do not hold this case"),
    ("reopen", {"reason": "typed reason"}, "This case is open"),
]


@pytest.mark.parametrize(("act", "typed", "said"), REFUSED, ids=[f"{one[0]}-{at}" for at, one in enumerate(REFUSED)])
def test_a_refused_act_says_why_and_keeps_what_was_typed(
    ana: Desk, case: Receipt, installation: Installation, act: str, typed: dict[str, str], said: str
) -> None:
    form = ana.form(case.reference, "note")
    answer = ana.acts(case.reference, act, form, **typed)
    assert answer.status_code == 422
    assert said in answer.text
    kept = Page(answer).forms.get("close" if act == "resolve" else act, {})
    assert {name: kept[name] for name in ("text", "reason", "to") if name in typed} == {
        name: value for name, value in typed.items() if name in ("text", "reason", "to")
    }
    assert stored(installation, case.reference).version == 1


def test_a_stale_answer_is_kept_and_told_what_changed(app: Flask, ana: Desk, case: Receipt) -> None:
    form = ana.form(case.reference, "answer")
    signed_in(app, "sue").acts(case.reference, "claim")
    answer = ana.acts(case.reference, "answer", form, text="We are on our way, stay <there>.")
    assert answer.status_code == 409
    assert "Since you opened the page:" in answer.text
    assert answer.text.count("Officer Sue took the case.") == 2  # what changed, and the history
    again = Page(answer).forms["answer"]
    assert again["text"] == "We are on our way, stay <there>."
    assert ana.acts(case.reference, "answer", again).status_code == 303


def test_an_answer_to_a_case_that_was_closed_meanwhile_is_kept(app: Flask, ana: Desk, case: Receipt) -> None:
    form = ana.form(case.reference, "answer")
    signed_in(app, "sue").acts(case.reference, "close", disposition="duplicate")
    answer = ana.acts(case.reference, "answer", form, text="typed words")
    assert answer.status_code == 422
    assert "This case is ended: Closed. Reopen it first." in answer.text
    assert Page(answer).forms["answer"]["text"] == "typed words"


@pytest.mark.parametrize(("act", "table"), [("answer", Message), ("note", Note)])
def test_a_form_sent_twice_counts_once(
    ana: Desk, case: Receipt, installation: Installation, act: str, table: type[Any]
) -> None:
    form = ana.form(case.reference, act)
    answers = [ana.acts(case.reference, act, form, text="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(make.rows(installation, table)) == 1
    other = ana.acts(case.reference, act, form, text="other words")
    assert other.status_code == 422
    assert "was sent already" in other.text
    fresh = Page(other).forms[act]
    assert fresh["text"] == "other words"
    assert ana.acts(case.reference, act, fresh).status_code == 303
    assert [row.text for row in make.rows(installation, table)] == ["once", "other words"]


def test_a_double_click_answers_once(app: Flask, ana: Desk, case: Receipt, installation: Installation) -> None:
    form = ana.form(case.reference, "answer")
    cookie = ana.client.get_cookie("engage_desk")
    assert cookie
    gate, codes = threading.Barrier(4), []

    def click() -> None:
        other = Desk(app)
        other.client.set_cookie("engage_desk", cookie.value)
        gate.wait()
        codes.append(other.acts(case.reference, "answer", form, text="once").status_code)

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert codes == [303] * 4
    assert len(make.rows(installation, Message)) == 1


def test_nothing_that_people_write_becomes_part_of_a_page(
    app: Flask, ana: Desk, installation: Installation, port: make.Port
) -> None:
    with installation.database.transaction() as session:
        for table, column in ((Place, "name"), (Place, "detail"), (Staff, "name")):
            session.connection().execute(sa.update(table).values(**{column: NASTY[:200]}))
    receipt = make.report(installation, f"{make.GUN} {NASTY}")
    intake.take_message(installation, MessageArrival(NASTY, "k", access_hash=receipt.access_hash), make.NOON)
    for act, typed in (
        ("note", {"text": NASTY}),
        ("answer", {"text": NASTY}),
        ("refer", {"to": NASTY, "reason": NASTY}),
        ("reclassify", {"category": "drone", "severity": "low", "reason": NASTY}),
    ):
        assert ana.acts(receipt.reference, act, **typed).status_code == 303
    refused = ana.acts(receipt.reference, "reclassify", category="drone", severity="low", reason=NASTY)
    for answer in (ana.case(receipt.reference), refused, ana.opens("/desk/queues/marine"), ana.opens("/desk")):
        page = Page(answer)
        assert "img" not in {tag for tag, _ in page.tags}
        assert all(given.get("src", "").startswith("/static/") for tag, given in page.tags if tag == "script")
        assert not [name for _, given in page.tags for name in given if name.startswith("on") or name == "style"]
    assert html.unescape(ana.case(receipt.reference).text).count(NASTY) >= 8


def test_the_words_that_decided_are_marked_where_they_stand(
    ana: Desk, installation: Installation, case: Receipt
) -> None:
    with installation.database.reading() as session:
        file = case_file.read(session, make.Port(0, {}, {}, {}, {}).officer(session, "ana"), case.reference)
    (one,) = file.reports
    assert one.finding
    assert "".join(piece.text for piece in one.pieces) == make.GUN
    marked = Page(ana.case(case.reference)).marked
    assert marked == [(piece.side, piece.text) for piece in one.pieces if piece.side]
    assert "gun" in " ".join(words for _, words in marked)


def _evidence(*found: tuple[int, int, float]) -> list[dict[str, Any]]:
    return [{"start": start, "end": end, "weight": weight} for start, end, weight in found]


@pytest.mark.parametrize(
    ("found", "marked"),
    [
        ([], ["abcdef"]),
        ([(0, 6, 1.0)], ["for:abcdef"]),
        ([(1, 3, 1.0), (4, 5, -1.0)], ["a", "for:bc", "d", "against:e", "f"]),
        ([(0, 4, 1.0), (2, 6, 1.0)], ["for:abcdef"]),
        ([(0, 4, 1.0), (2, 6, -2.0)], ["for:ab", "against:cdef"]),
        ([(0, 6, -1.0), (2, 4, 3.0)], ["against:ab", "for:cd", "against:ef"]),
        ([(1, 3, 1.0), (1, 3, -1.0)], ["a", "for:bc", "def"]),
        ([(4, 99, 1.0), (-3, 2, 1.0), (3, 3, 1.0)], ["abcdef"]),
    ],
)
def test_overlapping_evidence_is_marked_by_the_weightier(
    found: list[tuple[int, int, float]], marked: list[str]
) -> None:
    pieces = report_file.marked("abcdef", _evidence(*found))
    assert [f"{piece.side}:{piece.text}" if piece.side else piece.text for piece in pieces] == marked


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("gate", "Address or code typed"),
        ("old", "is retired, so it may not hang where this says"),
        ("NOWAY", "is of no poster, so only the site is known"),
        (None, "No code was given, so only the site is known"),
    ],
)
def test_a_case_says_how_sure_its_place_is(
    app: Flask, installation: Installation, port: make.Port, code: str | None, said: str
) -> None:
    receipt = make.report(installation, make.GUN, code=port.codes.get(code or "", code))
    assert said in signed_in(app, "sue").case(receipt.reference).text


def test_the_pages_of_the_desk_are_never_kept_by_browsers(ana: Desk, case: Receipt) -> None:
    for path in ("/desk", "/desk/queues/marine", f"/desk/cases/{case.reference}", "/desk/sign-in"):
        answer = ana.opens(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert not [tag for tag, given in Page(answer).tags if tag == "style" or "style" in given]


def test_every_disposition_category_and_severity_can_be_chosen(ana: Desk, case: Receipt) -> None:
    values = {given.get("value") for tag, given in Page(ana.case(case.reference)).tags if tag == "option"}
    assert {*Disposition, *Category, *Severity, "gates", "control", "integrity"} <= values
