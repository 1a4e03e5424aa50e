"""Routing rules: the table with the sentence of each rule, what is wrong with it, changes that are rehearsed first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from engage.administration import choices, filling, ruled, rules
from engage.administration.kinds import KINDS
from engage.administration.refusals import Missing, Refused
from engage.administration.ruled import Ruled
from engage.duty_table import Problem, problems
from engage.models import Queue, Site, Zone
from engage.routing import Matter
from engage.sites import DescriptionError
from engage.taxonomy import Severity
from engage.web import admin_words, desk_words, forms, staff
from engage.web.admin_page import CHANGED, OLD_FORM, labelled
from engage.web.case_acts import whole_number
from engage.web.event_words import apart
from engage.web.frame import installation, now, say

door = Blueprint("rules", __name__)
desk_words.teach(door)
admin_words.teach(door)

KIND = KINDS["rules"]
ACTS = ("add", "edit", "up", "down", "remove", "live")


def _(sentence: str) -> str:
    return sentence


@door.get("/desk/admin/rules")
def show() -> ResponseReturnValue:
    """The table."""
    return _table()


@door.get("/desk/admin/rules/new")
def ask() -> ResponseReturnValue:
    """The form of a new rule."""
    with installation().database.reading() as session:
        place = len(rules.current(session)) + 1
    return _form("", {"place": [str(place)]})


@door.get("/desk/admin/rules/<slug>")
def edit(slug: str) -> ResponseReturnValue:
    """One rule, to change."""
    with installation().database.reading() as session:
        table = rules.current(session)
    try:
        rule = table[ruled.find(table, slug)]
    except Missing:
        abort(404)
    return _form(slug, filling.fields_of(KIND, rule.entry.model_dump(mode="json")))


@door.post("/desk/admin/rules")
def change() -> ResponseReturnValue:
    """Rehearse a change, or let it count where its rehearsal was seen."""
    sent = {key: forms.sent().getlist(key) for key in forms.sent()}
    act, slug, seen = (_one(sent, name) for name in ("act", "rule", "seen"))
    if act not in ACTS:
        abort(404)
    if not staff.is_own_form():
        return _again(act, slug, sent, say(OLD_FORM), 403)
    officer, moment, opened = staff.officer(), now(), installation()
    try:
        with opened.database.reading() as session:
            before = rules.current(session)
            if seen != ruled.mark(before):
                return _again(act, slug, sent, say(CHANGED), 409)
            after = _after(before, act, slug, sent)
            odd = rules.check(session, officer, before, after)
            if _one(sent, "confirmed") != ruled.mark(after):
                rehearsed = rules.rehearse(session, officer, moment, before, after)
                return _rehearsal(session, act, slug, sent, before, after, odd, rehearsed)
            if _one(sent, "shadow"):
                after = _after(before, act, slug, sent, shadow=True)
        with opened.database.transaction() as session:
            rules.save(session, officer, moment, after, seen=seen, reason=_one(sent, "reason"))
    except Missing:
        abort(404)
    except rules.StaleRules:
        return _again(act, slug, sent, say(CHANGED), 409)
    except (rules.LeftAlone, rules.NotYours) as refused:
        sentence = f"{say(refused.sentence, **refused.values)}\n{_example(refused.matter)}"
        return _again(act, slug, sent, sentence, 422)
    except Refused as refused:
        return _again(act, slug, sent, say(refused.sentence, **refused.values), 422)
    except DescriptionError as wrong:
        return _again(act, slug, sent, labelled(KIND, str(wrong)), 422)
    return redirect(url_for("rules.show"), 303)


def _after(before: Sequence[Ruled], act: str, slug: str, sent: filling.Sent, *, shadow: bool = False) -> list[Ruled]:
    """The table as it would be."""
    match act:
        case "add":
            place = whole_number(_one(sent, "place")) or len(before) + 1
            return ruled.added(before, filling.values_of(KIND, sent, None), place - 1, shadow=shadow)
        case "edit":
            return ruled.edited(before, slug, filling.values_of(KIND, sent, None), shadow=shadow)
        case "up" | "down":
            return ruled.moved(before, slug, -1 if act == "up" else 1)
        case "live":
            return ruled.made_live(before, slug)
    return ruled.removed(before, slug)


def _again(act: str, slug: str, sent: filling.Sent, trouble: str, status: int) -> ResponseReturnValue:
    """The page that the form came from, with what was typed."""
    if act in ("add", "edit"):
        seen = _one(sent, "seen") if status == 422 else None
        return _form(slug, sent, trouble=trouble, status=status, seen=seen)
    return _table(trouble, status)


def _table(trouble: str = "", status: int = 200) -> ResponseReturnValue:
    officer = staff.officer()
    with installation().database.reading() as session:
        table = rules.current(session)
        found = problems(rules.duties_of(session, table), rules.ground_of(session))
        tried = rules.tried(session, officer) if any(rule.shadow for rule in table) else {}
        names = _Names(session)
    page = render_template(
        "desk/admin/rules.html",
        rules=[(rule, names.sentence(rule), names.queue(rule)) for rule in table],
        problems={problem.slug: (problem, _of_problem(problem, names)) for problem in found},
        tried=tried,
        seen=ruled.mark(table),
        trouble=trouble,
    )
    return page, status


def _of_problem(problem: Problem, names: _Names) -> str:
    return names.example(problem.example) if problem.example else ""


def _form(
    slug: str,
    filled: Mapping[str, Sequence[str]],
    *,
    trouble: str = "",
    status: int = 200,
    seen: str | None = None,
) -> ResponseReturnValue:
    with installation().database.reading() as session:
        some = choices.for_kind(session, staff.officer(), KIND)
        table = rules.current(session)
        names = _Names(session)
    page = render_template(
        "desk/admin/rule.html",
        kind=KIND,
        slug=slug,
        filled=filled,
        choices=some,
        seen=seen or ruled.mark(table),
        trouble=trouble,
        table=[(one, names.sentence(one), names.queue(one)) for one in table] if status == 409 else [],
        inner_names=filling.inner_names,
    )
    return page, status


def _rehearsal(
    session: Session,
    act: str,
    slug: str,
    sent: filling.Sent,
    before: Sequence[Ruled],
    after: Sequence[Ruled],
    odd: Sequence[Problem],
    rehearsed: Any,
) -> str:
    names = _Names(session)
    return render_template(
        "desk/admin/rehearsal.html",
        act=act,
        slug=slug,
        back=url_for("rules.edit", slug=slug) if act == "edit" else url_for("rules.show"),
        home=url_for("rules.show"),
        title=KIND.title,
        rehearsed=rehearsed,
        hidden=[(key, value) for key, values in sent.items() for value in values if key not in _OWN],
        odd=[(problem, names.example(problem.example) if problem.example else "") for problem in odd],
        differing=_differing(before, after, names),
        seen=ruled.mark(before),
        confirmed=ruled.mark(after),
        can_shadow=act in ("add", "edit") and not any(rule.slug == slug and rule.shadow for rule in before),
        reason=_one(sent, "reason"),
        address=url_for("rules.change"),
    )


_OWN = frozenset({"csrf_token", "seen", "confirmed", "reason", "shadow"})


def _differing(before: Sequence[Ruled], after: Sequence[Ruled], names: _Names) -> list[tuple[str, str, str]]:
    """Every rule that differs: where it stood and what it said, where it stands and what it says."""
    old = {rule.slug: f"{at}. {names.sentence(rule)} → {names.queue(rule)}" for at, rule in enumerate(before, start=1)}
    new = {rule.slug: f"{at}. {names.sentence(rule)} → {names.queue(rule)}" for at, rule in enumerate(after, start=1)}
    touched = {rule.slug for rule in (*before, *after) if rule not in before or rule not in after}
    if not touched:  # only the order changed: the two that changed places
        touched = {slug for slug in old if old[slug] != new[slug]}
    return [(slug, old.get(slug, ""), new.get(slug, "")) for slug in dict.fromkeys([*old, *new]) if slug in touched]


def _example(matter: Matter) -> str:
    with installation().database.reading() as session:
        return _Names(session).example(matter)


class _Names:
    """What sites, zones and queues are called, and rules and kinds of reports in words."""

    def __init__(self, session: Session) -> None:
        self._sites = {row.slug: row.name for row in session.exec(select(Site))}
        self._site_ids = {row.id or 0: row.name for row in session.exec(select(Site))}
        zones = session.exec(select(Zone, Site.slug).join(Site, col(Site.id) == Zone.site_id)).all()
        self._zones = {(site, zone.slug): zone.name for zone, site in zones}
        self._zone_ids = {zone.id or 0: zone.name for zone, _site in zones}
        self._queues = dict(session.exec(select(Queue.slug, Queue.name)).all())

    def queue(self, rule: Ruled) -> str:
        """Where a rule sends to."""
        return self._queues[rule.entry.queue]

    def example(self, matter: Matter) -> str:
        """A kind of report in words."""
        return admin_words.example(matter, self._site_ids, self._zone_ids)

    def sentence(self, rule: Ruled) -> str:
        """What a rule matches, in words."""
        entry = rule.entry
        parts = [
            self._sites[entry.site] if entry.site else "",
            self._zones[entry.site, entry.zone] if entry.site and entry.zone else "",
            admin_words.choice(entry.category) if entry.category else "",
            say(_("%(who)s acts first"), who=admin_words.choice(entry.responder)) if entry.responder else "",
            say(_("%(severity)s or more urgent"), severity=admin_words.choice(entry.severity))
            if entry.severity
            else "",
            entry.hours or "",
        ]
        return " · ".join(apart(part) for part in parts if part) or say(_("Any report"))


def _at_least(severity: Severity) -> str:
    return say(_("%(severity)s or more urgent"), severity=admin_words.choice(severity))


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str:
    found = sent.get(name, ())
    return found[0] if found else ""
