"""Routing rules: changed as a whole table, checked as one, rehearsed before they count, tried in the shadow first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import cases, rehearsal, sealing
from engage.accounts import Officer
from engage.administration import changes
from engage.administration.refusals import Missing, Refused
from engage.administration.ruled import Ruled, from_plain, mark
from engage.duty_table import Problem, problems, shifts
from engage.models import Authority, Case, DutyRule, Queue, Report, ShadowRoute, Site, Zone
from engage.routing import Duty, Matter
from engage.sites.describing import described, rule_entries
from engage.sites.entries import DutyEntry
from engage.sites.keeping import Keeping
from engage.sites.loading import Loading
from engage.sites.parts import put_together
from engage.sites.reading import DescriptionError, checked

NAME = "order"
MOST_TRIED = 50


def _(sentence: str) -> str:
    return sentence


class LeftAlone(Refused):
    """After the change no rule would take a kind of report that one takes now; `matter` is an example."""

    def __init__(self, matter: Matter, rule: str) -> None:
        super().__init__(
            _("After this no rule would take such a report, which now goes by the rule “%(rule)s”:"), rule=rule
        )
        self.matter = matter


class NotYours(Refused):
    """The change would take reports from another authority, or from a sealed queue; `matter` is an example."""

    def __init__(self, matter: Matter, sentence: str, **values: object) -> None:
        super().__init__(sentence, **values)
        self.matter = matter


def current(session: Session) -> list[Ruled]:
    """Every rule in its place, those in the shadow among them."""
    rows = list(session.exec(select(DutyRule).order_by(col(DutyRule.position))))
    slugs = {row.id: row.slug for row in rows}
    entries = rule_entries(session, rows)
    return [Ruled(entry, row.shadow, slugs.get(row.replaces_id)) for row, entry in zip(rows, entries, strict=True)]


def check(session: Session, officer: Officer, before: Sequence[Ruled], after: Sequence[Ruled]) -> list[Problem]:
    """Whether a table can be saved, and what is wrong with it that would not be refused: rules that never decide.

    Raises `DescriptionError`, `LeftAlone` and `NotYours`.
    """
    ground = ground_of(session)
    old, new = duties_of(session, before), duties_of(session, after)
    whose = _Whose(session, officer)
    for shift in shifts(old, new, ground):
        whose.check(shift.matter, shift.before, shift.after)
        if shift.before is not None and shift.after is None:
            raise LeftAlone(shift.matter, shift.before.slug)
    known = {problem.slug for problem in problems(old, ground)}
    return [problem for problem in problems(new, ground) if problem.slug not in known]


class _Whose:
    """Whose queue is whose: nobody takes reports from another authority, or out of a sealed queue, by a rule."""

    def __init__(self, session: Session, officer: Officer) -> None:
        rows = session.exec(select(Queue, Authority.name).join(Authority, col(Authority.id) == Queue.authority_id))
        self._queues = {queue.id: (queue, name) for queue, name in rows}
        self._officer = officer

    def check(self, matter: Matter, before: Duty | None, after: Duty | None) -> None:
        for duty in (before, after):
            if duty is None:
                continue
            queue, authority = self._queues[duty.queue_id]
            if queue.authority_id != self._officer.authority_id:
                taken = _("This would take reports from %(authority)s, whose own administrators change that:")
                given = _("This would give reports to %(authority)s, whose own administrators change that:")
                raise NotYours(matter, taken if duty is before else given, authority=authority)
            if duty is before and queue.sealed and queue.unit_id not in self._officer.unit_ids:
                sealed_away = _(
                    "This would take reports out of the sealed queue %(queue)s, which its own unit decides:"
                )
                raise NotYours(matter, sealed_away, queue=queue.name)


def duties_of(session: Session, rules: Sequence[Ruled]) -> list[Duty]:
    """The rules that decide, as routing takes them. Raises `DescriptionError` where they name what is not there."""
    loading = Loading(session)
    sealed = dict(session.exec(select(Queue.id, Queue.sealed)).all())
    live = [(rule.slug, cells_of(loading, rule.entry)) for rule in rules if not rule.shadow]
    return [Duty(slug=slug, sealed=sealed[cells["queue_id"]], **cells) for slug, cells in live]


def cells_of(loading: Loading, entry: DutyEntry) -> dict[str, Any]:
    """What a rule says, with ids."""
    try:
        return loading.cells(entry)
    except DescriptionError as wrong:
        raise DescriptionError(f"{entry.slug}: {wrong}") from None


def ground_of(session: Session) -> dict[int, list[int]]:
    """The zones in use of every site in use."""
    ground: dict[int, list[int]] = {
        site_id or 0: [] for site_id in session.exec(select(Site.id).where(col(Site.retired_at).is_(None)))
    }
    for site_id, zone_id in session.exec(select(Zone.site_id, Zone.id).where(col(Zone.retired_at).is_(None))):
        ground.setdefault(site_id, []).append(zone_id or 0)
    return ground


def save(
    session: Session,
    officer: Officer,
    now: datetime,
    after: Sequence[Ruled],
    *,
    seen: str,
    reason: str = "",
    undoes: int | None = None,
) -> None:
    """Let a table count from now on. Raises `StaleRules` and what `check` raises."""
    reason = changes.checked_reason(reason)
    changes.take_turn(session)
    before = current(session)
    if mark(before) != seen:
        raise StaleRules(before)
    check(session, officer, before, after)
    _write(session, before, after)
    session.expire_all()
    checked(put_together(described(session)))
    for problem in sealing.unsealed(session):
        raise DescriptionError(str(problem))
    if mark(before) == mark(after):
        return
    changes.note(
        session,
        officer,
        now,
        kind="rules",
        name=NAME,
        before={"rules": [rule.plain() for rule in before]},
        after={"rules": [rule.plain() for rule in after]},
        reason=reason,
        owner=None,
        undoes=undoes,
    )


class StaleRules(Exception):
    """Somebody else changed the rules meanwhile; `now` is how they stand."""

    def __init__(self, now: list[Ruled]) -> None:
        super().__init__("the rules were changed in the meantime")
        self.now = now


def _write(session: Session, before: Sequence[Ruled], after: Sequence[Ruled]) -> None:
    kept = {rule.slug for rule in after}
    gone = [rule.slug for rule in before if rule.slug not in kept]
    ids = sa.select(col(DutyRule.id)).where(col(DutyRule.slug).in_(gone))
    connection = session.connection()
    connection.execute(sa.delete(ShadowRoute).where(col(ShadowRoute.rule_id).in_(ids)))
    connection.execute(sa.update(DutyRule).values(replaces_id=None, position=-1 - col(DutyRule.position)))
    connection.execute(sa.delete(DutyRule).where(col(DutyRule.slug).in_(gone)))
    session.expire_all()
    loading, keeping = Loading(session), Keeping(session)
    written: dict[str, int] = {}
    for position, rule in enumerate(after, start=1):
        cells = cells_of(loading, rule.entry)
        written[rule.slug] = keeping.keep(DutyRule, {"slug": rule.slug}, position=position, shadow=rule.shadow, **cells)
    for rule in after:
        if rule.replaces:
            session.get_one(DutyRule, written[rule.slug]).replaces_id = written[rule.replaces]
    live = [written[rule.slug] for rule in after if not rule.shadow]
    connection.execute(sa.delete(ShadowRoute).where(col(ShadowRoute.rule_id).in_(live)))
    session.flush()


def undo(session: Session, officer: Officer, now: datetime, change_id: int) -> None:
    """Put the table back as it was before a change, if nobody changed it since."""
    change = changes.to_undo(session, officer, change_id, "rules")
    if change.before is None:
        raise Missing
    there = current(session)
    changes.refuse_newer(change.after is not None and mark(there) == changes.mark_of(change.after["rules"]))
    save(session, officer, now, from_plain(change.before["rules"]), seen=mark(there), undoes=change_id)


def rehearse(
    session: Session, officer: Officer, now: datetime, before: Sequence[Ruled], after: Sequence[Ruled]
) -> rehearsal.Rehearsed:
    """What a table would have done with the reports of the last 30 days."""
    some = rehearsal.past(session, officer, now)
    return rehearsal.rehearse_rules(some, duties_of(session, before), duties_of(session, after), queue_names(session))


def queue_names(session: Session) -> dict[int, str]:
    """What queues are called, by their ids."""
    return {queue_id or 0: name for queue_id, name in session.exec(select(Queue.id, Queue.name))}


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule in the shadow would have done so far: how many reports, and the newest, where they may be seen."""

    count: int
    newest: tuple[tuple[str, str, str], ...]


def tried(session: Session, officer: Officer) -> dict[str, Tried]:
    """What the rules in the shadow would have sent elsewhere, by their slugs; what is others' is not counted."""
    names = queue_names(session)
    query = (
        sa.select(
            col(DutyRule.slug),
            col(Report.reference),
            sa.case((cases.visible_to(officer), 1), else_=0),
            col(ShadowRoute.queue_id),
            col(ShadowRoute.shadow_queue_id),
        )
        .join(ShadowRoute, col(ShadowRoute.rule_id) == DutyRule.id)
        .join(Report, col(Report.id) == ShadowRoute.report_id)
        .join(Case, col(Case.id) == Report.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(rehearsal.reached(officer))
        .order_by(col(Report.id).desc())
        .limit(rehearsal.MOST_REPORTS)
    )
    found: dict[str, list[tuple[str, str, str]]] = {}
    counted: dict[str, int] = {}
    for slug, reference, seen, source, target in session.connection().execute(query):
        counted[slug] = counted.get(slug, 0) + 1
        if seen and len(found.setdefault(slug, [])) < MOST_TRIED:
            found[slug].append((reference, names[source], names[target]))
    return {slug: Tried(count, tuple(found.get(slug, ()))) for slug, count in counted.items()}
