"""The demo: invented reports and what staff did about them, told again through the real intake and the real desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import BeforeValidator, Field, model_validator
from sqlmodel import Session, col, select

from engage import accounts, arrivals, cases, desk, intake, proposals, same_event
from engage.accounts import Officer
from engage.installation import Installation
from engage.models import Case, CaseEvent, Queue, Report, Staff, StaffUnit
from engage.posters import register
from engage.sites.reading import DescriptionError, read_entries
from engage.sites.values import Entry
from engage.taxonomy import Category, Channel, Disposition, ReporterKind, Role, Severity

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_DURATION = re.compile(r"\d+[dhm]( \d+[dhm])*")


def _duration(value: object) -> timedelta:
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise ValueError(f"{value!r} is no duration such as 3d 4h 12m")
    duration = sum((timedelta(**{_UNITS[part[-1]]: int(part[:-1])}) for part in value.split()), timedelta())
    if not duration:
        raise ValueError("a duration of nothing; the least is 1m")
    return duration


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Correction(Entry):
    """What an officer makes of a finding."""

    category: Category
    severity: Severity
    reason: str


class Move(Entry):
    """To which queue, and why."""

    queue: str
    reason: str


class Telling(Entry):
    """Who outside was told, and why."""

    to: str
    reason: str


class Ending(Entry):
    """Why a case ended, and the last word to the reporter."""

    disposition: Disposition
    text: str = ""


class Reopening(Entry):
    """Why a case is taken up again."""

    reason: str


class Step(Entry):
    """One thing that somebody did, `after` the step before it. Without `by` it is whoever acted last.

    `merge` puts the case together with the oldest that may be the same event.
    """

    after: Duration = timedelta(minutes=1)
    by: str | None = None
    claim: str | Literal[True] | None = None
    answer: str | None = None
    note: str | None = None
    reporter: str | None = None
    reclassify: Correction | None = None
    transfer: Move | None = None
    wait: Literal[True] | None = None
    refer: Telling | None = None
    resolve: Ending | None = None
    close: Ending | None = None
    reopen: Reopening | None = None
    merge: Literal[True] | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Step:
        if len(self.model_fields_set - {"after", "by"}) != 1:
            raise ValueError("a step does exactly one thing")
        return self

    @property
    def login(self) -> str | None:
        """Who acts, where the step names somebody."""
        return self.by or (self.claim if isinstance(self.claim, str) else None)


class Story(Entry):
    """A report, and what came of it. `ago` counts back from the moment of telling."""

    code: str | None = None
    site: str | None = None
    tag: bool = False
    language: str
    channel: Channel = Channel.WEB
    reporter: ReporterKind | None = None
    ago: Duration
    text: Annotated[str, Field(min_length=1)]
    then: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _is_somewhere_and_past(self) -> Story:
        if (self.code is None) == (self.site is None):
            raise ValueError("a report has either a code or a site")
        if sum((step.after for step in self.then), timedelta()) >= self.ago:
            raise ValueError("its steps end later than now")
        return self

    def moments(self, begin: datetime) -> list[datetime]:
        """When each step happens, for a report that came at `begin`."""
        return [begin + sum((step.after for step in self.then[: at + 1]), timedelta()) for at in range(len(self.then))]


def read_reports(folder: Path) -> tuple[Story, ...]:
    """The stories of reports.yaml in a folder. Raises `DescriptionError`."""
    return read_entries(folder / "reports.yaml", tuple[Story, ...])


def replay(
    installation: Installation,
    reports: Sequence[Story],
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Tell the stories up to `now`, the oldest report first, and give how many reports were new.

    Telling them again doubles nothing and goes on where an interrupted telling ended. A case at which anybody else has
    acted since is left as it is. `progress` hears how many of how many stories are told.
    """
    new = 0
    for told, number in enumerate(sorted(range(len(reports)), key=lambda at: reports[at].ago, reverse=True), start=1):
        new += _tell(installation, reports[number], f"demo-report-{number + 1}", now)
        if progress:
            progress(told, len(reports))
    return new


def _tell(installation: Installation, story: Story, key: str, now: datetime) -> bool:
    try:
        receipt = intake.take_report(installation, _arrival(installation, story, key), now - story.ago)
    except arrivals.KeyReused:  # told before with other words: that telling stands
        return False
    begin = latest = now - story.ago
    if receipt.repeated:
        begin, latest = _begin_and_latest(installation, receipt.reference)
    moments = story.moments(begin)
    if latest in (begin, *moments):
        steps = [item for item in _named(story, moments, key) if item[1] > latest]
        for of_reporter, run in groupby(steps, key=lambda item: item[0].reporter is not None):
            if of_reporter:
                _let_reporter_write(installation, run, key)
            else:
                _let_staff_act(installation, run, receipt.reference)
    return not receipt.repeated


#: A step, its moment, who does it (if known), and the idempotency key of what it sends.
_Act = tuple[Step, datetime, str | None, str]


def _named(story: Story, moments: Sequence[datetime], key: str) -> Iterator[_Act]:
    login = None
    for number, (step, moment) in enumerate(zip(story.then, moments, strict=True), start=1):
        login = step.login or login
        yield step, moment, login, f"{key}-step-{number}"


def _arrival(installation: Installation, story: Story, key: str) -> intake.ReportArrival:
    with installation.database.reading() as session:
        where = register.find_poster(session, story.code) if story.code else None
    if story.code and (where is None or where.code is None):
        raise DescriptionError(f"reports.yaml, {key}: there is no poster {story.code}")
    tag = installation.vault.poster_tag(where.code, where.version) if where and where.code and story.tag else None
    return intake.ReportArrival(
        text=story.text,
        key=key,
        code=story.code,
        tag=tag,
        site=story.site,
        channel=story.channel,
        language=story.language,
        reporter=story.reporter,
    )


def _begin_and_latest(installation: Installation, reference: str) -> tuple[datetime, datetime]:
    """When the report came, and when anything last happened to its case."""
    query = (
        select(Report.received_at, sa.func.max(CaseEvent.at))
        .join(CaseEvent, col(CaseEvent.case_id) == Report.case_id)
        .where(Report.reference == reference)
        .group_by(col(Report.id))
    )
    with installation.database.reading() as session:
        begin, latest = session.exec(query).one()
    return begin, latest


def _let_reporter_write(installation: Installation, run: Iterator[_Act], report_key: str) -> None:
    for step, moment, _, key in run:
        message = intake.MessageArrival(text=step.reporter or "", key=key, earlier_key=report_key)
        intake.take_message(installation, message, moment)


def _let_staff_act(installation: Installation, run: Iterator[_Act], reference: str) -> None:
    with installation.database.transaction() as session:
        for step, moment, login, _ in run:
            officer = _who_acts(session, reference, login)
            if officer is not None:
                _act(session, officer, reference, moment, step)


def _who_acts(session: Session, reference: str, login: str | None) -> Officer | None:
    """The officer of this login if the case is theirs to see, or else the first of the unit that has it."""
    query = select(Queue).join(Case, col(Case.queue_id) == Queue.id).join(Report, col(Report.case_id) == Case.id)
    queue = session.exec(query.where(Report.reference == reference)).one()
    officer = accounts.officer_by_login(session, login) if login else None
    if (
        officer
        and officer.authority_id == queue.authority_id
        and (not queue.sealed or queue.unit_id in officer.unit_ids)
    ):
        return officer
    first = (
        select(Staff.login)
        .join(StaffUnit, col(StaffUnit.staff_id) == Staff.id)
        .where(StaffUnit.unit_id == queue.unit_id, col(Staff.active).is_(True), Staff.role == Role.OFFICER)
        .order_by(col(Staff.login))
    )
    other = session.exec(first).first()
    return accounts.officer_by_login(session, other) if other else None


def _act(session: Session, officer: Officer, reference: str, now: datetime, step: Step) -> None:
    """Do one step at the desk, or nothing where it does not fit the case as triage and routing left it."""
    try:
        _at_desk(session, officer, reference, now, step)
    except desk.Refused:
        return


def _at_desk(session: Session, officer: Officer, reference: str, now: datetime, step: Step) -> None:
    about = (session, officer, reference, now)
    if step.claim:
        desk.claim(*about, take_over=True)
    elif step.answer:
        desk.answer(*about, text=step.answer)
    elif step.note:
        desk.note(*about, text=step.note)
    elif step.reclassify:
        desk.reclassify(*about, **dict(step.reclassify))
    elif step.transfer:
        desk.transfer(*about, **dict(step.transfer))
    elif step.refer:
        desk.refer(*about, **dict(step.refer))
    elif step.resolve:
        desk.resolve(*about, **dict(step.resolve))
    elif step.close:
        desk.close(*about, **dict(step.close))
    elif step.reopen:
        desk.reopen(*about, **dict(step.reopen))
    elif step.merge:
        _merge(*about)
    elif step.wait:
        desk.wait_for_reporter(*about)


def _merge(session: Session, officer: Officer, reference: str, now: datetime) -> None:
    found = proposals.of_case(session, officer, cases.find_case(session, officer, reference))
    if found:
        oldest = min(found, key=lambda one: one.opened_at)
        same_event.merge(session, officer, reference, now, other=oldest.reference)
