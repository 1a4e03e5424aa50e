"""Every route × method × role × thing: what somebody may not see is answered exactly as what never was.

And every state change without its own form's token, with another session's, or from another site changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engage.accounts import Officer
from engage.installation import Installation
from engage.models import metadata
from engage.permissions import Right
from tests.functional.matrix_rows import ANYBODY, ROWS, Row
from tests.functional.matrix_world import NOBODY, VISITORS, Browser, Thing, World, build

HOW = "Add a row for it to tests/functional/matrix_rows.py; how is told at the top of that file."
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: What differs from one answer to the next, whatever was asked for.
_ONCE = re.compile(r'name="(csrf_token|key)" value="[^"]*"|\?v=[0-9a-f]{8}')
_FREE = {"Content-Length", "Date", "Server"}
#: What is written whenever anybody does or reads anything.
_ALWAYS_WRITTEN = {"audit_entries", "audit_heads", "staff_sessions", "looks"}


@pytest.fixture
def world(app: Flask, installation: Installation) -> World:
    return build(app, installation)


def routes(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_route_has_its_row_and_every_row_a_route(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in routes(app)}
    assert endpoints - set(ROWS) == set(), HOW
    assert set(ROWS) - endpoints == set(), "These rows are of no route any more."
    assert [name for name, row in ROWS.items() if not row.own_form and not row.because] == []


def test_everybody_is_answered_as_if_what_they_may_not_see_never_was(world: World) -> None:
    wrong = [
        f"{login} {rule.rule} {problem}"
        for login in VISITORS
        for rule in routes(world.app)
        for problem in _problems(world, login, rule)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def _problems(world: World, login: str, rule: Rule) -> Iterator[str]:
    """What is wrong with how one visitor is answered at one route."""
    row, desk = ROWS[rule.endpoint], world.desks[login]
    officer = world.officers.get(login)
    if row.who is ANYBODY:
        yield from _open_pages(row, desk, rule, world)
    elif officer is None or not row.lets_in(officer):
        yield from _behind_closed_doors(world, desk, rule)
    else:
        for method in sorted(rule.methods or ()):
            yield from _as_absent(row, desk, rule, method, row.things(world), officer)


def _open_pages(row: Row, desk: Browser, rule: Rule, world: World) -> Iterator[str]:
    """Pages for anybody, if they open."""
    for thing in row.things(world).values() if "GET" in (rule.methods or ()) else ():
        answer = _asked(desk, rule, "GET", thing, "")
        if answer.status_code not in row.opens:
            yield f"{answer.status_code} instead of {row.opens}"


def _behind_closed_doors(world: World, desk: Browser, rule: Rule) -> Iterator[str]:
    """To a stranger every thing asks them to sign in, to others of the staff there is no such page."""
    row = ROWS[rule.endpoint]
    for method in sorted({"GET", "POST"} & (rule.methods or set())):
        things = list(row.things(world).items())
        for name, thing in {**dict(things[:1]), **dict(things[-1:])}.items():
            answer = _asked(desk, rule, method, thing, row.acts[0] if row.acts else "")
            if desk.login == NOBODY:
                if answer.status_code != 303 or not answer.headers["Location"].startswith("/desk/sign-in"):
                    yield f"{method} {name}: {answer.status_code}"
            elif rule.endpoint == "queues.mine" and desk.login == "una":
                if answer.headers.get("Location") != "/desk/numbers":  # the desk of analysts
                    yield f"{method} {name}: {answer.status_code}"
            elif _told(answer, thing, rule) != _no_page(desk, method):
                yield f"{method} {name}: {_difference(_told(answer, thing, rule), _no_page(desk, method))}"


def _as_absent(
    row: Row, desk: Browser, rule: Rule, method: str, things: Mapping[str, Thing], officer: Officer
) -> Iterator[str]:
    """What may be seen opens; what may not be seen is as what never was."""
    acts = (*row.acts, "nonsense") if "act" in rule.arguments else ("",)
    hidden = {name: thing for name, thing in things.items() if not thing.seen_by(officer)}
    absent = hidden.get("absent")
    for number, act in enumerate(acts if method in CHANGES else acts[:1]):
        expected = _told(_asked(desk, rule, method, absent, act), absent, rule) if absent else None
        for name, thing in _some(hidden, number).items() if absent else ():
            told = _told(_asked(desk, rule, method, thing, act), thing, rule)
            if told != expected or told[0] >= 500:
                yield f"{method} {name} {act}: {_difference(told, expected)}"
    for name, thing in things.items() if method == "GET" else ():
        if name not in hidden and (status := _asked(desk, rule, method, thing, acts[0]).status_code) not in row.opens:
            yield f"{method} {name}: {status} instead of {row.opens}"


def _some(hidden: Mapping[str, Thing], number: int) -> Mapping[str, Thing]:
    """What the act of a number is tried on: the first on all that is hidden, each other one on one of them in turn."""
    names = [name for name in hidden if name != "absent"]
    return {name: hidden[name] for at, name in enumerate(names) if number == 0 or at == number % len(names)}


def _no_page(desk: Browser, method: str) -> tuple[int, str, str]:
    """How a page that there is none of is answered."""
    if method not in desk.no_pages:
        desk.no_pages[method] = _told(desk.client.open("/desk/nothing-here", method=method), Thing({}))
    return desk.no_pages[method]


def _path(rule: Rule, thing: Thing, act: str = "") -> str:
    values = {**thing.values, **({"act": act} if act else {})}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda hole: values.get(hole[1], "x"), rule.rule)


def _asked(desk: Browser, rule: Rule, method: str, thing: Thing, act: str) -> TestResponse:
    fields = {"csrf_token": _token(desk), "reason": "Because.", "text": "words"} if method in CHANGES else None
    path = _path(rule, thing, act)
    # Read to its end at once, so that a file that is sent is closed.
    return desk.client.open(path, method=method, data=fields, environ_base=desk.address, buffered=True)


def _token(desk: Browser) -> str:
    """The token of the forms of this browser's session, which is the same on every page."""
    if not desk.token:
        path = "/desk/sign-in" if desk.login == NOBODY else "/desk/account"
        found = re.search(r'name="csrf_token" value="([^"]+)"', desk.opens(path).text)
        assert found
        desk.token = found[1]
    return desk.token


def _told(answer: TestResponse, thing: Thing, rule: Rule | None = None) -> tuple[int, str, str]:
    """An answer without the name of what was asked for, nor what is new in every answer."""
    headers = "\n".join(f"{name}: {value}" for name, value in sorted(answer.headers) if name not in _FREE)
    body = _ONCE.sub("", answer.text)
    asked_for = [value for value in thing.values.values() if not value.isdecimal()]
    for value in [_path(rule, thing), *asked_for] if rule else asked_for:
        headers, body = headers.replace(value, "∎"), body.replace(value, "∎")
    return answer.status_code, headers, body


def _difference(told: tuple[int, str, str], expected: tuple[int, str, str] | None) -> str:
    """Where two answers begin to differ."""
    for one, other in zip(map(str, told), map(str, expected or told), strict=True):
        at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
        if one != other:
            begin = max(0, (len(min(one, other, key=len)) if at is None else at) - 40)
            return f"{told[0]} …{one[begin : begin + 120]!r} instead of …{other[begin : begin + 120]!r}"
    return ""


def digest(installation: Installation) -> str:
    """All rows of all tables but those that are written whenever anybody reads."""
    found = hashlib.sha256()
    with installation.database.reading() as session:
        for table in metadata.sorted_tables:
            if table.name not in _ALWAYS_WRITTEN:
                rows = sorted(map(repr, session.connection().execute(table.select())))
                found.update(f"{table.name} {rows}".encode())
    return found.hexdigest()


#: Ways to send a form that is not one's own: the headers, and whose token it carries.
FOREIGN: tuple[tuple[dict[str, str], str], ...] = (
    ({}, "none"),
    ({}, "another's"),
    ({"Origin": "https://evil.example"}, "own"),
    ({"Sec-Fetch-Site": "cross-site"}, "own"),
    ({"Sec-Fetch-Site": "same-site", "Origin": "null"}, "own"),
)


#: Fields with which most forms do what they are for.
FILLED = {
    "text": "words",
    "reason": "Because.",
    "queue": "gates",
    "category": "drone",
    "severity": "high",
    "disposition": "advised",
    "to": "ben",
    "name": "mine",
    "channel": "phone",
    "language": "en",
    "code": "B7K4X",
    "slug": "new",
    "authority": "police",
    "responder": "police",
}
#: Forms that do something when they are one's own, so that the test can fail.
WORKING = {
    "cases.take",
    "watch.act",
    "queues.save_view",
    "counter.enter",
    "referrals.take",
    "poster.send",
    "chat.send",
}


def test_no_form_that_is_not_ones_own_changes_anything(world: World, installation: Installation) -> None:
    wrong: list[str] = []
    before = digest(installation)
    posted = [(rule, method) for rule in routes(world.app) for method in CHANGES & (rule.methods or set())]
    for rule, method in posted:
        for headers, whose in FOREIGN:
            if headers or ROWS[rule.endpoint].own_form:
                answers = _sent(world, rule, method, headers, whose)
                wrong += [
                    f"{method} {path} {headers}: {status}" for path, status in answers if headers and status != 403
                ]
        if (now := digest(installation)) != before:
            wrong.append(f"{method} {rule.rule} changed something")
            before = now
    assert wrong == []
    changed = set()
    for rule, method in posted:
        if rule.endpoint in WORKING:
            assert [status for _path, status in _sent(world, rule, method, {}, "own") if status >= 500] == []
            now = digest(installation)
            changed |= {rule.endpoint} if now != before else set()
            before = now
    assert changed == WORKING


def _sent(world: World, rule: Rule, method: str, headers: Mapping[str, str], whose: str) -> Iterator[tuple[str, int]]:
    """Somebody who could do it sends it: where to, and how each is answered."""
    row = ROWS[rule.endpoint]
    login = "adm" if row.who is Right.ADMINISTER else "cora" if rule.endpoint == "referrals.take" else "sue"
    desk, officer = world.desks[login], world.officers[login]
    token = {"own": _token(desk), "another's": _token(world.desks["fay"]), "none": ""}[whose]
    fields = {**FILLED, "csrf_token": token}
    for thing in row.things(world).values():
        for act in (row.acts or ("",)) if thing.seen_by(officer) else ():
            path = _path(rule, thing, act)
            yield path, desk.client.open(path, method=method, data=fields, headers=dict(headers)).status_code
