"""One event told by many: what is proposed, merging and taking out again, and what the case page shows of a surge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from engage import case_file, cases, further, intake, merging, proposals
from engage.installation import Installation
from engage.intake import MessageArrival
from engage.models import Alarm, Case, CaseEvent, Message, Note, Proposal, Report, ReportTrace, TraceTerm
from engage.posters import register
from engage.taxonomy import CaseStatus, Disposition, Happening, Severity, Verdict
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

SMOKE = "Smoke is coming out of the toilet next to the gate"
FUMEE = "De la fumée sort des toilettes près de la porte"


@pytest.fixture
def ben(app: Flask) -> Desk:
    """An officer of the gates, where fires go."""
    return signed_in(app, "ben")


def reported(installation: Installation, text: str = SMOKE, minutes: float = 0, **others: Any) -> str:
    return make.report(installation, text, now=make.NOON + timedelta(minutes=minutes), **others).reference


def told(desk: Desk, reference: str) -> str:
    """The page of a case without the marks that keep words of two directions apart."""
    return desk.case(reference).text.replace("\u2068", "").replace("\u2069", "")


def case_of(installation: Installation, reference: str) -> Case:
    return next(case for case in make.rows(installation, Case) if case.reference == reference)


@pytest.fixture
def two(installation: Installation, port: make.Port) -> tuple[str, str]:
    """A fire, told in English and, four minutes later, in French."""
    return reported(installation), reported(installation, FUMEE, 4)


def test_a_new_report_of_the_same_event_is_proposed_with_the_reason(
    installation: Installation, two: tuple[str, str], ben: Desk
) -> None:
    (proposal,) = make.rows(installation, Proposal)
    older, newer = (case_of(installation, reference) for reference in two)
    assert (proposal.case_id, proposal.other_case_id, proposal.verdict) == (newer.id, older.id, None)
    assert (proposal.reasons["near"], proposal.reasons["minutes"]) == ("place", 4)
    for here, there in (two, two[::-1]):
        page = told(ben, here)
        assert "Perhaps the same event" in page
        assert there in page
        assert "same place; 4 min apart; Fire or hazardous material; both: " in page
    assert "fumée = smoke" in told(ben, two[0])


def test_a_queue_says_which_of_its_cases_may_be_one_with_another_that_its_reader_sees(
    installation: Installation, port: make.Port, two: tuple[str, str], app: Flask, ben: Desk
) -> None:
    mark = "Perhaps the same event"
    assert ben.opens("/desk/queues/gates").text.count(mark) == 2
    seen = ben.opens("/desk/queues/gates/changes").json
    assert seen is not None
    with installation.database.transaction() as session:  # the older one goes where ben is not
        case = session.exec(select(Case).where(Case.reference == two[0])).one()
        case.queue_id, case.authority_id = port.queues["border"], port.officer(session, "carl").authority_id
    assert mark not in ben.opens("/desk/queues/gates").text
    (row,) = ben.opens(f"/desk/queues/gates/changes?since={seen['cursor']}").json["rows"].values()  # type: ignore[index]
    assert mark not in row
    assert mark not in signed_in(app, "carl").opens("/desk/queues/border").text


def test_what_is_another_matter_or_long_ago_is_not_proposed(installation: Installation, port: make.Port) -> None:
    reported(installation)
    reported(installation, make.LOST_HAT, 2)
    reported(installation, SMOKE, 70)
    assert make.rows(installation, Proposal) == []


def test_at_most_three_are_proposed_and_the_first_case_is_among_them(
    installation: Installation, port: make.Port
) -> None:
    first, *_others, last = [reported(installation, SMOKE, at / 10) for at in range(60)]
    last_id = case_of(installation, last).id
    found = [row.other_case_id for row in make.rows(installation, Proposal) if row.case_id == last_id]
    assert len(found) == 3
    assert case_of(installation, first).id in found


def test_an_ended_case_and_one_of_another_authority_are_not_proposed(
    installation: Installation, port: make.Port, ben: Desk
) -> None:
    first = reported(installation)
    ben.acts(first, "close", disposition="unfounded")
    reported(installation, SMOKE, 1)
    assert make.rows(installation, Proposal) == []
    with installation.database.transaction() as session:
        moved = session.get_one(Case, 2)
        cases.change(session, moved, make.NOON, queue_id=port.queues["border"])
        moved.authority_id = moved.authority_id + 1
        session.add(moved)
    reported(installation, SMOKE, 2)
    assert make.rows(installation, Proposal) == []


def test_what_is_sealed_is_proposed_only_within_its_queue(
    app: Flask, installation: Installation, port: make.Port
) -> None:
    sealed = [reported(installation, make.BRIBE, at) for at in (0, 1)]
    (proposal,) = make.rows(installation, Proposal)
    assert sealed[0] in signed_in(app, "ida").case(sealed[1]).text
    open_one = reported(installation, SMOKE, 1)
    with installation.database.transaction() as session:
        row = session.get_one(Proposal, proposal.id)
        row.other_case_id = case_of(installation, sealed[0]).id or 0
        row.case_id = case_of(installation, open_one).id or 0
        session.add(row)
    for login in ("ben", "ana", "sue", "ida"):
        assert "Perhaps the same event" not in signed_in(app, login).case(open_one).text
    refused = signed_in(app, "ida").acts(open_one, "merge", other=sealed[0])
    assert refused.status_code == 422
    assert "both cases must be in the same queue" in refused.text


def test_merging_moves_all_that_belongs_to_the_reports(
    app: Flask, installation: Installation, two: tuple[str, str], ben: Desk
) -> None:
    older, newer = two
    ben.acts(newer, "note", text="Two more called.")
    ben.acts(newer, "answer", text="Nous arrivons.")
    answer = ben.acts(newer, "merge", other=older)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/cases/{older}")
    one, other = (case_of(installation, reference) for reference in two)
    assert (other.status, other.disposition, other.merged_into_id) == (CaseStatus.CLOSED, Disposition.DUPLICATE, one.id)
    assert (one.status, one.holder_id is not None) == (CaseStatus.ASSIGNED, True)
    for table in (Report, Message, Note):
        assert {row.case_id for row in make.rows(installation, table)} == {one.id}
    page = ben.case(newer).text  # the reference of the newer one leads to the case that has its report
    for said in (
        "Report 2 of 2",
        f"Officer Ben merged the case {newer} into this one: they are one event.",
        f"Officer Ben merged this case into {older}: they are one event.",
        "Two more called.",
        "Nous arrivons.",
    ):
        assert said in page
    assert {row.verdict for row in make.rows(installation, Proposal)} == {Verdict.SAME}


def test_one_answer_goes_to_every_reporter(installation: Installation, two: tuple[str, str], ben: Desk) -> None:
    ben.acts(two[1], "merge", other=two[0])
    ben.acts(two[0], "answer", text="We are coming.")
    said = {row.report_id for row in make.rows(installation, Message) if row.text == "We are coming."}
    assert said == {report.id for report in make.rows(installation, Report)}


def test_the_graver_severity_stands_and_the_alarm_stops(
    installation: Installation, port: make.Port, app: Flask
) -> None:
    ana = signed_in(app, "ana")
    one, other = reported(installation, make.GUN), reported(installation, make.GUN, 1)
    ana.acts(one, "reclassify", category="weapon_attack", severity="low", reason="Perhaps")
    ana.acts(one, "merge", other=other)
    merged = case_of(installation, one)
    assert (merged.severity, merged.urgency) == (Severity.CRITICAL, 3)
    assert all(alarm.silenced_at for alarm in make.rows(installation, Alarm))
    assert {alarm.case_id for alarm in make.rows(installation, Alarm)} == {merged.id}


def test_a_report_is_taken_out_again_with_what_came_with_it(
    installation: Installation, two: tuple[str, str], ben: Desk
) -> None:
    older, newer = two
    ben.acts(newer, "note", text="Of the second.")
    ben.acts(older, "note", text="Of the first.")
    ben.acts(newer, "merge", other=older)
    assert ben.acts(older, "split", report=newer).status_code == 303
    one, other = (case_of(installation, reference) for reference in two)
    assert (other.status, other.merged_into_id, other.disposition) == (CaseStatus.REOPENED, None, None)
    assert [row.case_id for row in make.rows(installation, Report)] == [one.id, other.id]
    assert {row.text: row.case_id for row in make.rows(installation, Note)} == {
        "Of the second.": other.id,
        "Of the first.": one.id,
    }
    assert f"Officer Ben took a report out of this case: it is {newer} now." in ben.case(older).text
    assert f"Officer Ben took this report out of the case {older}." in ben.case(newer).text
    assert {row.verdict for row in make.rows(installation, Proposal)} == {Verdict.DIFFERENT}
    assert "Perhaps the same event" not in ben.case(older).text
    assert ben.acts(older, "merge", other=newer).status_code == 303  # and back


def test_a_report_of_a_merged_merge_gets_a_case_of_its_own(
    installation: Installation, two: tuple[str, str], ben: Desk
) -> None:
    third = reported(installation, SMOKE, 6)
    ben.acts(third, "merge", other=two[1])
    ben.acts(two[1], "merge", other=two[0])
    assert len({row.case_id for row in make.rows(installation, Report)}) == 1
    assert case_of(installation, third).merged_into_id == case_of(installation, two[0]).id
    ben.acts(two[0], "split", report=third)
    assert make.rows(installation, Report)[2].case_id == case_of(installation, third).id
    assert ben.case(third).status_code == 200


REFUSED = (
    ("merge", {"other": "EN-ZZZZ-Z"}, "You see no case with this reference"),
    ("merge", {"other": ""}, "Give the reference of the other case"),
    ("merge", {"other": "{self}"}, "That is this case"),
    ("split", {"report": "EN-ZZZZ-Z"}, "not in this case any more"),
    ("split", {"report": "{self}"}, "The first report stays"),
    ("dismiss", {"other": "EN-ZZZZ-Z"}, "This was decided already"),
)


@pytest.mark.parametrize(("act", "typed", "said"), REFUSED)
def test_what_cannot_be_is_refused(ben: Desk, two: tuple[str, str], act: str, typed: dict[str, str], said: str) -> None:
    form = ben.form(two[0], "note")
    answer = ben.acts(two[0], act, form, **{name: value.format(self=two[0]) for name, value in typed.items()})
    assert answer.status_code == 422
    assert said in answer.text


def test_a_case_that_changed_meanwhile_is_not_merged(app: Flask, ben: Desk, two: tuple[str, str]) -> None:
    form = ben.form(two[1], "merge")
    signed_in(app, "sue").acts(two[1], "claim")
    assert ben.acts(two[1], "merge", form, other=two[0]).status_code == 409
    assert ben.acts(two[1], "merge", {**form, "key": ""}, other=two[0]).status_code == 409


def test_what_is_dismissed_is_not_proposed_again(ben: Desk, two: tuple[str, str], installation: Installation) -> None:
    assert ben.acts(two[1], "dismiss", other=two[0]).status_code == 303
    assert "Perhaps the same event" not in ben.case(two[0]).text
    assert case_of(installation, two[0]).version == 1
    assert "decided already" in ben.acts(two[1], "dismiss", ben.form(two[1], "note"), other=two[0]).text


def test_nobody_outside_learns_of_a_merge(app: Flask, ben: Desk, two: tuple[str, str]) -> None:
    carl = signed_in(app, "carl")
    token = Page(carl.opens("/desk")).forms["sign-out"]
    for act in ("merge", "split", "dismiss", "look"):
        one, other = (carl.acts(reference, act, token, other=two[0]) for reference in (two[1], "EN-ZZZZ-Z"))
        assert (one.status_code, one.data) == (404, other.data)


def test_a_surge_shows_what_is_new_and_folds_the_rest(ben: Desk, installation: Installation, port: make.Port) -> None:
    alarm = "Fire alarm is ringing at the gate"
    references = [reported(installation, alarm, at / 10, key=f"report-{at}") for at in range(38)]
    references.append(reported(installation, "Fire alarm at the gate and I see smoke", 4))
    references.append(reported(installation, "fire alarm at the gate, a man is injured and bleeding", 4.1))
    with installation.database.transaction() as session:
        first = cases.lock_case(session, case_of(installation, references[0]).id or 0)
        for reference in references[1:]:
            other = cases.lock_case(session, case_of(installation, reference).id or 0)
            merging.merge(session, other, first, make.NOON, staff_id=port.staff["ben"])
    page = told(ben, references[0])
    assert "38 of 40 reports say the same: alarm, gate" in page
    assert "2 add: " in page
    assert "37 reports that say no more" in page
    assert "earlier lines" in page
    with installation.database.reading() as session:
        file = case_file.read(session, port.officer(session, "ben"), references[0])
    assert {one.report.reference for one in file.shown} == {references[0], *references[38:]}
    ben.acts(references[0], "answer", text="We check it.")
    arrival = MessageArrival(text="It has stopped now.", key="later", earlier_key="report-7")
    intake.take_message(installation, arrival, datetime.now(UTC) + timedelta(minutes=1))
    page = ben.case(references[0]).text
    assert page.index(references[7]) < page.index("New since the last answer") < page.index("Adds something")
    assert page.count("New since the last answer") == 1


def test_old_terms_are_forgotten_and_traces_stay(installation: Installation, two: tuple[str, str]) -> None:
    database = installation.database
    assert proposals.forget_old_terms(database, make.NOON + timedelta(minutes=30)) == 0
    assert proposals.forget_old_terms(database, make.NOON + timedelta(minutes=90)) > 0
    assert make.rows(installation, TraceTerm) == []
    assert len(make.rows(installation, ReportTrace)) == 2


def test_the_history_of_both_says_who_merged(ben: Desk, installation: Installation, two: tuple[str, str]) -> None:
    ben.acts(two[1], "merge", other=two[0])
    lines = [row.case_id for row in make.rows(installation, CaseEvent) if row.what is Happening.MERGED]
    assert lines == [case_of(installation, two[1]).id, case_of(installation, two[0]).id]


def says_more(installation: Installation, first: str, text: str, minutes: float) -> None:
    """The reporter of the report with this key writes again."""
    arrival = MessageArrival(text=text, key=f"{first} {minutes}", earlier_key=first)
    intake.take_message(installation, arrival, make.NOON + timedelta(minutes=minutes))


def test_later_words_are_compared_as_well_and_only_once(installation: Installation, port: make.Port, ben: Desk) -> None:
    older = reported(installation)
    newer = reported(installation, "venez vite", 1, key="hurried")
    assert make.rows(installation, Proposal) == []
    says_more(installation, "hurried", "merci", 2)
    assert make.rows(installation, Proposal) == []
    says_more(installation, "hurried", FUMEE, 3)
    (proposal,) = make.rows(installation, Proposal)
    assert {proposal.case_id, proposal.other_case_id} == {case_of(installation, one).id for one in (older, newer)}
    assert older in told(ben, newer)
    ben.acts(newer, "dismiss", other=older)
    says_more(installation, "hurried", "la fumée devient noire et épaisse", 4)
    (proposal,) = make.rows(installation, Proposal)
    assert proposal.verdict is not None


def test_a_report_is_found_by_its_later_words_too(installation: Installation, port: make.Port) -> None:
    reported(installation, "please come quickly", key="hurried")
    says_more(installation, "hurried", SMOKE, 1)
    reported(installation, FUMEE, 2)
    assert len(make.rows(installation, Proposal)) == 1


def test_a_place_told_later_brings_reports_together(installation: Installation, port: make.Port) -> None:
    reported(installation, "Water is leaking from the ceiling onto the floor")
    wet = "the floor is wet here, water everywhere"
    elsewhere = reported(installation, wet, 1, code=None, site="harbour")
    before = make.rows(installation, Proposal)
    with installation.database.transaction() as session:
        report = session.exec(select(Report).where(Report.reference == elsewhere)).one()
        where = register.find_place(session, port.places["gate"])
        assert where is not None
        further.place_report(session, report, where, make.NOON + timedelta(minutes=2))
    assert (len(before), len(make.rows(installation, Proposal))) == (0, 1)


def test_a_surge_is_put_together_at_once(ben: Desk, installation: Installation, port: make.Port) -> None:
    first, *later = [reported(installation, f"{SMOKE} {number}", number) for number in range(7)]
    assert 'name="several"' in ben.case(first).text
    chosen = {f"same-{reference}": "1" for reference in later[:5]}
    refused = ben.acts(first, "merge", ben.form(first, "note"), several="1")
    assert (refused.status_code, "Choose the cases" in refused.text) == (422, True)
    wrong = ben.acts(first, "merge", several="1", **chosen, **{"same-EN-2222-2": "1"})
    assert (wrong.status_code, "You see no case with this reference." in wrong.text) == (422, True)
    assert {case.merged_into_id for case in make.rows(installation, Case)} == {None}
    assert ben.acts(later[2], "merge", several="1", **{f"same-{first}": "1", **chosen}).status_code == 303
    whole = case_of(installation, first)
    assert [case.merged_into_id for case in make.rows(installation, Case)] == [None, *[whole.id] * 5, None]
    assert sum(report.case_id == whole.id for report in make.rows(installation, Report)) == 6
