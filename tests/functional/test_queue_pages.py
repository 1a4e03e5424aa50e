"""Pages of cases: their order, their filters, what changes on them while they are open, saved views, batch acts."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import col

from engage import assigning, case_rows, cases, desk, listing
from engage.installation import Installation
from engage.listing import Holder, Order, Spot, Wanted
from engage.migrations.steps import differences
from engage.models import Case, CaseEvent, Note, SavedView, Watch
from engage.taxonomy import CaseStatus, Category, Channel, Happening, Severity
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

MANY = 130


@pytest.fixture
def ana(app: Flask) -> Desk:
    return signed_in(app, "ana")


@pytest.fixture
def many(installation: Installation, port: make.Port) -> list[str]:
    """Cases of the marine queue in the order in which they are due: some soon, some late, some paused, some never."""
    references = [make.report(installation).reference for _ in range(MANY)]
    dues = {}
    with installation.database.transaction() as session:
        for at, reference in enumerate(references):
            due = None if at % 10 == 9 else make.NOON + timedelta(minutes=(at * 37) % 41)
            paused = make.NOON if at % 10 == 8 else None
            changed = {"due_at": due, "paused_at": paused, "urgency": at % 4, "severity": list(Severity)[3 - at % 4]}
            session.connection().execute(sa.update(Case).where(col(Case.reference) == reference).values(**changed))
            dues[reference] = (due is None, paused is not None, due or make.NOON, at)
    return sorted(references, key=lambda reference: dues[reference])


def rows(page: str) -> list[str]:
    """The references of the rows of a page, in order."""
    return re.findall(r'id="row-(EN-[^"]+)"', page)


def _walk(desk: Desk, address: str, rel: str) -> Iterator[list[str]]:
    while address:
        page = desk.opens(address).text
        yield rows(page)
        following = re.search(rf'rel="{rel}" href="([^"]+)"', page)
        address = html.unescape(following[1]) if following else ""


def _last(desk: Desk, address: str) -> str:
    while following := re.search(r'rel="next" href="([^"]+)"', desk.opens(address).text):
        address = html.unescape(following[1])
    return address


@pytest.mark.parametrize("slug", ["marine", "all"])
def test_what_is_due_next_comes_first_then_what_waits_then_the_rest(ana: Desk, many: list[str], slug: str) -> None:
    pages = list(_walk(ana, f"/desk/queues/{slug}", "next"))
    assert [len(page) for page in pages] == [50, 50, 30]
    assert [reference for page in pages for reference in page] == many


@pytest.mark.parametrize("query", ["", "sort=severity", "waits=1"])
def test_a_queue_is_read_backwards_as_it_is_read_forwards(ana: Desk, many: list[str], query: str) -> None:
    address = f"/desk/queues/marine?{query}"
    forwards = list(_walk(ana, address, "next"))
    backwards = list(_walk(ana, _last(ana, address), "prev"))
    assert backwards[0] == forwards[-1]
    everything = [reference for page in backwards[::-1] for reference in page]
    assert everything == [reference for page in forwards for reference in page]
    assert len(everything) == len(set(everything)) == MANY


def test_pages_of_several_queues_are_one_order(app: Flask, installation: Installation, many: list[str]) -> None:
    port = {queue.slug: queue.id for queue in make.rows(installation, listing.Queue)}
    with installation.database.transaction() as session:
        for at, reference in enumerate(many):
            slug = ("marine", "gates", "control")[at % 3]
            moved = sa.update(Case).where(col(Case.reference) == reference).values(queue_id=port[slug])
            session.connection().execute(moved)
    sue = signed_in(app, "sue")
    assert [one for page in _walk(sue, "/desk/queues/all", "next") for one in page] == many
    text = sue.opens("/desk/queues/all").text
    assert "Gates queue" in text
    assert "All my queues" in text


def test_the_address_narrows_by_holder_language_channel_and_lateness(
    ana: Desk, installation: Installation, port: make.Port
) -> None:
    mine = make.report(installation, make.GUN).reference
    other = make.report(installation, "Un homme avec une arme tire sur des gens", channel=Channel.CHAT).reference
    ana.acts(mine, "claim")
    with installation.database.transaction() as session:
        moved = {"queue_id": port.queues["marine"]}
        session.connection().execute(sa.update(Case).values(**moved))
        early = sa.update(Case).where(col(Case.reference) == other).values(due_at=make.NOON - timedelta(days=9999))
        session.connection().execute(early)
        late = sa.update(Case).where(col(Case.reference) == mine).values(due_at=make.NOON + timedelta(days=9999))
        session.connection().execute(late)
    for query, found in (
        ("holder=me", [mine]),
        ("holder=nobody", [other]),
        ("language=fr", [other]),
        ("language=en", [mine]),
        ("channel=chat", [other]),
        ("channel=web&language=en&holder=me", [mine]),
        ("late=1", [other]),
        ("waits=1", [other, mine]),
        ("channel=phone", []),
    ):
        page = ana.opens(f"/desk/queues/marine?{query}").text
        assert rows(page) == found, query
        assert "ignored" not in page


def test_what_i_hold_is_mine_wherever_it_is(app: Flask, installation: Installation, port: make.Port) -> None:
    theirs = make.report(installation, make.OPEN_FENCE).reference
    ana = signed_in(app, "ana")
    ana.acts(theirs, "claim")
    assert rows(ana.opens("/desk/queues/all").text) == []
    assert rows(ana.opens("/desk/queues/all?holder=me").text) == [theirs]


@pytest.mark.parametrize("login", ["carl", "ben"])
def test_nobody_lists_what_they_may_not_see(
    app: Flask, installation: Installation, port: make.Port, login: str
) -> None:
    make.report(installation, make.BRIBE)
    desk = signed_in(app, login)
    assert rows(desk.opens("/desk/queues/all").text) == []
    for path in ("integrity", "integrity/changes"):
        one, other = desk.opens(f"/desk/queues/{path}"), desk.opens(f"/desk/queues/{path.replace('integrity', 'no')}")
        assert (one.status_code, one.data) == (404, other.data)


SPOTS = (None, Spot(0, 1_773_489_600_000_000, 7), Spot(1, 1_773_489_600_000_000, 7), Spot(2, 0, 7), Spot(3, 0, 7))
PLANS = [
    *((Wanted(after=spot), "ix_cases_due|ix_cases_paused") for spot in SPOTS),
    *((Wanted(before=spot), "ix_cases_due|ix_cases_paused") for spot in SPOTS[1:]),
    (Wanted(order=Order.SEVERITY), "ix_cases_open"),
    (Wanted(order=Order.SEVERITY, after=Spot(0, 2, 900)), "ix_cases_open"),
    (Wanted(late=True), "ix_cases_due"),
    (Wanted(holder=Holder.ME), "ix_cases_held|ix_cases_paused"),
]


@pytest.mark.parametrize(("wanted", "index"), PLANS, ids=range(len(PLANS)))
def test_a_page_is_read_from_its_own_index_without_sorting_the_queue(
    installation: Installation, port: make.Port, wanted: Wanted, index: str
) -> None:
    make.report(installation)
    explain = "EXPLAIN QUERY PLAN " if installation.database.is_sqlite else "EXPLAIN "
    plans: list[str] = []

    def note(connection: sa.Connection, _cursor: object, statement: str, given: object, *_: object) -> None:
        if "key_0" in statement and not statement.startswith("EXPLAIN"):
            found = connection.exec_driver_sql(explain + statement, given)  # type: ignore[arg-type]
            plans.append("\n".join(str(row) for row in found))

    with installation.database.transaction() as session:
        session.connection().execute(sa.text(_MANY_CASES))
        session.connection().exec_driver_sql("ANALYZE cases")
        ana = port.officer(session, "ana")
        queues = listing.my_queues(session, ana, None)
        sa.event.listen(session.connection(), "after_cursor_execute", note)
        listing.read_page(session, ana, queues, wanted, make.NOON)
    assert plans
    for plan in plans:
        assert re.search(index, plan), plan
        assert "Seq Scan on cases" not in plan
        assert "SCAN cases" not in plan


_COLUMNS = [column.name for column in Case.__table__.columns if column.name != "id"]  # type: ignore[attr-defined]
_COPIED = {
    "reference": "'X' || CAST(i AS VARCHAR)",
    "status": "CASE WHEN i % 10 = 0 THEN status ELSE 'closed' END",
    "closed_at": "CASE WHEN i % 10 = 0 THEN NULL ELSE opened_at END",
    "disposition": "CASE WHEN i % 10 = 0 THEN NULL ELSE 'spam' END",
    "paused_at": "CASE WHEN i % 50 = 0 THEN opened_at END",
    "due_at": "CASE WHEN i % 70 <> 0 THEN due_at END",
}
_MANY_CASES = f"""
    WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 20000)
    INSERT INTO cases ({", ".join(_COLUMNS)})
    SELECT {", ".join(_COPIED.get(name, name) for name in _COLUMNS)} FROM cases, numbers
"""


def test_time_left_is_said_in_words(ana: Desk, installation: Installation, port: make.Port) -> None:
    reference = make.report(installation).reference
    (case,) = make.rows(installation, Case)
    now = case.due_at
    for moment, said in (
        (now - timedelta(minutes=1), "1 min left"),
        (now + timedelta(hours=1, minutes=5), "Late by 1 h 5 min"),
        (now + timedelta(days=3, hours=2), "Late by 3 d 2 h"),
    ):
        with installation.database.reading() as session:
            (row,) = case_rows.read(session, [case.id])
        with ana.client.application.test_request_context("/"):
            from_words = ana.client.application.jinja_env.filters["standing_words"]
            assert from_words(row, moment) == said
    ana.acts(reference, "wait")
    assert "Paused" in ana.opens("/desk/queues/marine").text


def _poll(desk: Desk, page: str, cursor: str | None = None) -> tuple[int, dict[str, object], str]:
    found = re.search(r'data-changes="([^"]+)" data-cursor="([^"]*)"', page)
    assert found
    address = html.unescape(found[1])
    since = found[2] if cursor is None else cursor
    answer = desk.client.get(f"{address}{'&' if '?' in address else '?'}since={since}")
    return answer.status_code, json.loads(answer.data or b"{}"), answer.headers.get("ETag", "")


def test_an_open_page_learns_what_is_new_changed_and_gone(
    ana: Desk, installation: Installation, port: make.Port
) -> None:
    first, second = make.report(installation).reference, make.report(installation).reference
    page = ana.opens("/desk/queues/marine").text
    status, told, tag = _poll(ana, page)
    assert (status, told["order"], told["rows"], told["note"]) == (200, [first, second], {}, "")
    again = ana.client.get("/desk/queues/marine/changes?since=x", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    ana.acts(first, "close", disposition="spam")
    ana.acts(second, "claim")
    third = make.report(installation).reference
    status, told, other_tag = _poll(ana, page)
    assert status == 200
    assert other_tag != tag
    assert set(told["order"]) == {second, third}  # type: ignore[call-overload]
    assert set(told["rows"]) == {second, third}  # type: ignore[call-overload]
    assert told["note"] == "1 new case"
    assert f'id="row-{third}"' in told["rows"][third]  # type: ignore[index]
    assert "Officer Ana" in told["rows"][second]  # type: ignore[index]
    status, told, _ = _poll(ana, page, str(told["cursor"]))
    assert (told["rows"], told["note"]) == ({}, "")
    for junk in ("", "x" * 9000, "%00", "1-1.2-2", "-.-", "é"):
        assert _poll(ana, page, junk)[0] == 200


def test_changes_keep_to_the_filters_of_the_page(ana: Desk, installation: Installation, port: make.Port) -> None:
    page = ana.opens("/desk/queues/marine?holder=me&sort=severity").text
    reference = make.report(installation).reference
    assert _poll(ana, page)[1]["order"] == []
    ana.acts(reference, "claim")
    assert _poll(ana, page)[1]["order"] == [reference]


def test_the_title_counts_what_needs_me_alone(ana: Desk, installation: Installation, port: make.Port) -> None:
    reference = make.report(installation).reference
    assert 'data-needed="0"' in ana.opens("/desk/queues/marine").text
    with installation.database.transaction() as session:
        session.add(Watch(queue_id=port.queues["marine"], staff_id=port.staff["ana"], began_at=make.NOON))
    assert 'data-needed="1"' in ana.opens("/desk/queues/marine").text
    ana.acts(reference, "claim")
    assert 'data-needed="0"' in ana.opens("/desk/queues/marine").text


def test_a_view_is_saved_renamed_and_deleted(app: Flask, ana: Desk, installation: Installation) -> None:
    def save(query: str, name: str) -> str:
        form = Page(ana.opens(f"/desk/queues/marine?{query}")).forms["views"]
        return ana.client.post("/desk/views", data={**form, "name": name}).headers["Location"]

    address = save("severity=critical&holder=nobody&sort=severity", "  Worst   first ")
    assert address == "/desk/queues/marine?severity=critical&holder=nobody&sort=severity"
    assert "Worst first" in ana.opens("/desk/queues/all").text
    assert "Worst first" in ana.opens("/desk").text
    save("severity=critical&holder=nobody&sort=severity", "Worst")
    save("late=1", "Late")
    assert [(view.name, view.query) for view in make.rows(installation, SavedView)] == [
        ("Worst", "marine?severity=critical&holder=nobody&sort=severity"),
        ("Late", "marine?late=1"),
    ]
    assert "Worst" not in signed_in(app, "sue").opens("/desk/queues/all").text
    token = Page(ana.opens("/desk")).forms["sign-out"]
    signed_in(app, "sue").client.post("/desk/views/forget", data={"view": "1"})
    ana.client.post("/desk/views/forget", data={**token, "view": "1"})
    assert [view.name for view in make.rows(installation, SavedView)] == ["Late"]
    ana.client.post("/desk/views", data={**token, "queue": "integrity", "name": "x"})
    assert len(make.rows(installation, SavedView)) == 1


def _batch(desk: Desk, act: str, chosen: list[str], **typed: str) -> tuple[int, str]:
    page = desk.opens("/desk/queues/all")
    form = {name: value for name, value in Page(page).forms["batch"].items() if name != "case"}
    boxes = dict(re.findall(r'name="case" value="((EN-[^.]+)\.\d+)"', page.text))
    values = {reference: value for value, reference in boxes.items()}
    picked = [values.get(reference, reference) for reference in chosen]
    answer = desk.client.post("/desk/batch", data={**form, **typed, "act": act, "case": picked})
    return answer.status_code, answer.text


BATCHES = [
    ("claim", {}, CaseStatus.ASSIGNED, "Taken."),
    ("assign", {"to": "ana"}, CaseStatus.ASSIGNED, "Given."),
    ("transfer", {"queue": "gates", "move_reason": "Theirs"}, CaseStatus.TRIAGED, "Moved."),
    ("close", {"disposition": "duplicate", "close_reason": "One alarm."}, CaseStatus.CLOSED, "Closed."),
]


@pytest.mark.parametrize(("act", "typed", "status", "said"), BATCHES, ids=[one[0] for one in BATCHES])
def test_a_batch_does_one_act_to_each_chosen_case(
    ana: Desk, installation: Installation, port: make.Port, act: str, typed: dict[str, str], status: str, said: str
) -> None:
    chosen = [make.report(installation).reference for _ in range(3)]
    left = make.report(installation).reference
    code, page = _batch(ana, act, chosen, **typed)
    assert code == 200
    assert page.count(said) == 3
    assert "3 of 3 done" in page
    assert {case.reference: case.status for case in make.rows(installation, Case)} == {
        **dict.fromkeys(chosen, status),
        left: CaseStatus.TRIAGED,
    }
    assert [note.text for note in make.rows(installation, Note)] == (
        [typed["close_reason"]] * 3 if act == "close" else []
    )


def test_a_batch_tells_what_was_refused_and_why_and_keeps_what_was_typed(
    app: Flask, ana: Desk, installation: Installation, port: make.Port
) -> None:
    good, stale = make.report(installation).reference, make.report(installation).reference
    sealed = make.report(installation, make.BRIBE).reference
    page = ana.opens("/desk/queues/all")
    form = {name: value for name, value in Page(page).forms["batch"].items() if name != "case"}
    signed_in(app, "sue").acts(stale, "claim")
    picked = [f"{good}.1", f"{stale}.1", f"{sealed}.1", "EN-ZZZZ-Z.1", "nonsense", f"{good}.1"]
    typed = {**form, "act": "transfer", "queue": "gates", "move_reason": "Theirs <b>", "case": picked}
    answer = ana.client.post("/desk/batch", data=typed)
    assert answer.status_code == 200
    assert "1 of 5 done" in answer.text
    assert answer.text.count("You see no case with this reference.") == 3
    assert answer.text.count("This case changed while you looked at it") == 1
    assert rows(answer.text) == [stale]
    again = Page(answer).forms["batch"]
    assert again["move_reason"] == "Theirs <b>"
    version = re.search(rf'value="({stale}\.\d+)"', answer.text)
    assert version
    second = ana.client.post("/desk/batch", data={**typed, **again, "act": "transfer", "case": [version[1]]})
    assert "1 of 1 done" in second.text
    assert {case.queue_id for case in make.rows(installation, Case) if case.reference != sealed} == {
        port.queues["gates"]
    }


@pytest.mark.parametrize(
    ("act", "typed", "said"),
    [
        ("close", {"disposition": ""}, "Choose why the case ended"),
        ("transfer", {"queue": "", "move_reason": "x"}, "Choose a queue"),
        ("transfer", {"queue": "gates", "move_reason": ""}, "Give a reason"),
        ("assign", {"to": ""}, "Choose somebody of the unit"),
        ("assign", {"to": "carl"}, "Choose somebody of the unit"),
        ("nonsense", {}, "There is no such act"),
    ],
)
def test_a_batch_that_lacks_something_does_nothing(
    ana: Desk, installation: Installation, port: make.Port, act: str, typed: dict[str, str], said: str
) -> None:
    chosen = [make.report(installation).reference]
    assert said in _batch(ana, act, chosen, **typed)[1]
    assert {case.version for case in make.rows(installation, Case)} == {1}
    assert make.rows(installation, Note) == []
    assert _batch(ana, "claim", [])[0] == 422


def test_a_batch_sent_twice_counts_once(ana: Desk, installation: Installation, port: make.Port) -> None:
    chosen = make.report(installation).reference
    form = {name: value for name, value in Page(ana.opens("/desk/queues/all")).forms["batch"].items() if name != "case"}
    values = {**form, "act": "close", "disposition": "spam", "close_reason": "Again.", "case": f"{chosen}.1"}
    for _ in range(2):
        assert "1 of 1 done" in ana.client.post("/desk/batch", data=values).text
    assert len(make.rows(installation, Note)) == 1
    assert [line.what for line in make.rows(installation, CaseEvent)].count(Happening.CLOSED) == 1


def test_a_batch_leads_back_to_pages_of_ours_only(ana: Desk, port: make.Port) -> None:
    token = Page(ana.opens("/desk")).forms["sign-out"]
    for back, leads in (
        ("/desk/queues/all?sort=severity", "/desk/queues/all?sort=severity"),
        ("https://evil.example/", "/desk"),
        ("//evil.example/desk/queues/", "/desk"),
        ("/desk/queues/\\evil", "/desk"),
        ("javascript:alert(1)", "/desk"),
    ):
        page = ana.client.post("/desk/batch", data={**token, "act": "claim", "back": back}).text
        assert f'<a href="{leads}">Back to the list' in page


@pytest.mark.parametrize(
    ("login", "to", "done"),
    [
        ("ana", "ana", True),
        ("sue", "ana", True),
        ("ben", "ana", False),  # of another unit
        ("ana", "ben", False),
        ("sue", "gone", False),
        ("sue", "carl", False),
    ],
)
def test_a_case_is_given_to_somebody_of_its_unit(
    installation: Installation, port: make.Port, login: str, to: str, done: bool
) -> None:
    reference = make.report(installation).reference
    with installation.database.transaction() as session:
        giving = (session, port.officer(session, login), reference, make.NOON)
        if not done:
            with pytest.raises(desk.Refused):
                assigning.assign(*giving, to=to, version=1)
            return
        with pytest.raises(cases.StaleCase):
            assigning.assign(*giving, to=to, version=7)
        case = assigning.assign(*giving, to=to, version=1)
        assert (case.holder_id, case.status) == (port.staff[to], CaseStatus.ASSIGNED)
        with pytest.raises(desk.Refused):
            assigning.assign(*giving, to=to)
    line = make.rows(installation, CaseEvent)[-1]
    assert (line.what, line.details["to"]) == (Happening.ASSIGNED, "Officer Ana")


def test_the_tables_of_search_are_no_difference(installation: Installation) -> None:
    assert differences(installation.database) == []


SEARCHES = (
    ("gun shooting", True),
    ("GUN gat", True),
    ("gate b12", True),
    ("bribes", False),
    ("", False),
    ("\0'\"*", False),
)


def test_the_search_page_shows_what_was_found_with_its_words_marked(
    ana: Desk, installation: Installation, port: make.Port
) -> None:
    reference = make.report(installation, make.GUN).reference
    make.report(installation, make.BRIBE)
    for question, found in (*SEARCHES, (reference, True)):
        answer = ana.client.get("/desk/search", query_string={"q": question})
        assert answer.status_code == 200
        assert (rows(answer.text) == [reference]) is found, question
    assert "<mark>gun</mark>" in ana.opens("/desk/search?q=gun").text
    assert "<mark>" not in ana.opens(f"/desk/search?q={reference}").text
    assert "has all of these words" in ana.opens("/desk/search?q=zebra").text


def test_a_search_goes_on_over_pages(ana: Desk, installation: Installation, port: make.Port) -> None:
    references = [make.report(installation, make.GUN).reference for _ in range(60)]
    found = [one for page in _walk(ana, "/desk/search?q=gun", "next") for one in page]
    assert found == references[::-1]


def test_category_is_in_the_page_of_a_batch(ana: Desk, installation: Installation, port: make.Port) -> None:
    make.report(installation)
    assert Category.WEAPON_ATTACK.value in ana.opens("/desk/queues/all").text
