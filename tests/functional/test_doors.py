"""Every door says who may enter, tells strangers nothing, and answers nonsense with a plain page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule

from engage import DOORS
from engage.installation import Installation
from engage.models import Case, Report
from engage.web import guards
from tests import make
from tests.form_client import with_token
from tests.visitor import Visitor

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "G\x00T", ""]
NONSENSE: tuple[bytes, ...] = (
    b"",
    b"0",
    b"-1",
    b"99999999999999999999999999",
    b"1e309",
    b"NaN",
    b"\0",
    b"B7K4X\0",
    b"\xff\xfe",
    b"\xed\xa0\xbd",
    b"\xf0\x9f\x94\xa5",
    b"%",
    b"%00",
    b"%ff%zz",
    b"..",
    b"../../../../etc/passwd",
    b"a/b/c",
    b"'; DROP TABLE cases; --",
    b"<script>alert(1)</script>",
    b"{{7*7}}${7*7}%s%n",
    b"\r\nSet-Cookie: a=b",
    b"EN-0000-0",
    "\u202e\u200b٣".encode(),
    b"x" * 70_000,
)
#: Enough of it to try on every single field.
WORST: tuple[str, ...] = ("\0", "9" * 30, "🔥\ufffd\u202e", "x" * 70_000)
QUERIES: tuple[bytes, ...] = (
    *(b"after=" + value + b"&status=" + value + b"&site=" + value + b"&lang=" + value for value in NONSENSE),
    *(b"next=" + value + b"&moved=" + value + b"&place=" + value + b"&category=" + value for value in NONSENSE),
    b"after=3.999999999999999999",
    b"after=0.9223372036854775808",
    b"&&&===;;;",
    b"lang=en&lang=ar&lang=%F0%9F",
    b"=" * 5_000,
)
HEADERS: tuple[dict[str, str], ...] = (
    {"HTTP_ACCEPT_LANGUAGE": "\xff;q=nonsense, *;q=-1, x-klingon, en;q=1e999"},
    {"HTTP_ACCEPT_LANGUAGE": "en," * 5_000},
    {"HTTP_COOKIE": "engage_thread=nonsense; engage_desk=nonsense; \xff=\xff; ;;=="},
    {"HTTP_COOKIE": "engage_thread=" + "." * 4_000},
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "\xff:99999999"},
    {"HTTP_HOST": ""},
    {"HTTP_RANGE": "bytes=9-1", "HTTP_IF_MODIFIED_SINCE": "yesterday", "HTTP_IF_NONE_MATCH": '"'},
    {"HTTP_X_FORWARDED_FOR": "<script>", "HTTP_FORWARDED": 'for="', "HTTP_REFERER": "\xff"},
    {"REMOTE_ADDR": ""},
    {"REMOTE_ADDR": "::1"},
    {"CONTENT_LENGTH": "-1"},
    {"CONTENT_LENGTH": "many"},
    {"CONTENT_LENGTH": "99999999999999999999"},
)
BODIES: tuple[tuple[bytes, str], ...] = (
    (b"", "application/x-www-form-urlencoded"),
    (b"text=%FF%FE&key=%ED%A0%BD", "application/x-www-form-urlencoded"),
    (b"text=\xff\xfe\0", "application/x-www-form-urlencoded"),
    (b"&=&=&;%%%", "application/x-www-form-urlencoded; charset=nonsense"),
    (b"text=" + b"x" * 2_100_000, "application/x-www-form-urlencoded"),
    (b"a=b&" * 50_000, "application/x-www-form-urlencoded"),
    (b'{"text": "x"}', "application/json"),
    (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
    (b"--x", "multipart/form-data"),
    (
        b'--x\r\nContent-Disposition: form-data; name="text"; filename="\xff.exe"\r\n\r\nMZ\xff\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
    (b"text=x", "\xff/\xff; \xff"),
    (b"text=x", ""),
)
FIELDS = (
    "text",
    "key",
    "lang",
    "site",
    "choice",
    "earlier_key",
    "show_in",
    "access_code",
    "token",
    "login",
    "password",
)
DESK_FIELDS = ("version", "seen", "key", "reason", "queue", "category", "disposition", "to", "text")


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """Someone who has signed in nowhere."""
    return Visitor(app)


@pytest.fixture
def ana(app: Flask) -> Visitor:
    """An officer of the marine unit, signed in."""
    officer = Visitor(app)
    assert officer.signs_in("ana").status == 303
    return officer


def routes(app: Flask) -> Iterator[Rule]:
    """Every route of ours."""
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")


def address(rule: Rule, value: bytes) -> bytes:
    """The path of a route, with a value in each of its holes."""
    return re.sub(rb"<[^>]+>", lambda _: value, rule.rule.encode())


#: What is sent before anybody is signed in.
SIGNING_IN = ("/desk/sign-in", "/desk/sign-in/passkey", "/desk/sign-in/second-step", "/desk/invitation")
#: Every guard but those that let in whoever comes.
FOR_STAFF = {guard for _door, guard in DOORS} - {guards.everyone, guards.practice_only}


def is_for_staff(app: Flask, rule: Rule) -> bool:
    own = app.before_request_funcs.get(rule.endpoint.split(".")[0], [])
    return bool(FOR_STAFF & set(own))


def test_every_route_lies_behind_a_named_guard(app: Flask) -> None:
    named = {door.name: guard for door, guard in DOORS}
    for rule in routes(app):
        blueprint = rule.endpoint.partition(".")[0]
        assert blueprint in named, rule
        assert named[blueprint] in app.before_request_funcs[blueprint], rule
        assert getattr(guards, named[blueprint].__name__) is named[blueprint]


def test_the_desk_is_for_staff_except_for_signing_in_and_out(app: Flask) -> None:
    open_to_all = {rule.rule for rule in routes(app) if rule.rule.startswith("/desk") and not is_for_staff(app, rule)}
    assert open_to_all == {
        "/desk/sign-in",
        "/desk/sign-in/passkey",
        "/desk/sign-in/second-step",
        "/desk/sign-in/second-step/new",
        "/desk/sign-in/second-step/passkey",
        "/desk/sign-out",
        "/desk/invitation",
    }
    assert [rule for rule in routes(app) if is_for_staff(app, rule)]


def test_a_stranger_at_the_desk_is_sent_to_sign_in_and_learns_nothing(
    app: Flask, installation: Installation, stranger: Visitor
) -> None:
    reference = make.report(installation).reference
    for rule in routes(app):
        if not is_for_staff(app, rule):
            continue
        for method in sorted(rule.methods or set()):
            real, absent = (
                stranger.asks(address(rule, value.encode()), method, kind="") for value in (reference, "EN-0000-0")
            )
            if method == "OPTIONS":
                assert real == absent
                continue
            if "<int:" in rule.rule:  # a reference is no number, so there is no such address for anybody
                assert (real.status, absent.status) == (404, 404), rule
                continue
            assert (real.status, absent.status) == (303, 303), rule
            assert real.headers["Location"].startswith("/desk/sign-in"), rule
            assert real.body.replace(reference, "EN-0000-0") == absent.body, rule


def test_an_officer_cannot_tell_a_foreign_case_from_none(installation: Installation, ana: Visitor) -> None:
    foreign = make.report(installation, make.IVORY).reference
    token = ana.token("/desk/sign-in")
    for reference in (foreign, "EN-0000-0"):
        answers = [ana.asks(f"/desk/cases/{reference}")]
        answers += [ana.sends(f"/desk/cases/{reference}/{act}", csrf_token=token) for act in ("claim", "note", "none")]
        assert [answer.status for answer in answers] == [404] * 4
        assert len({answer.body.replace(reference, "") for answer in answers}) == 1


def test_a_form_of_the_desk_without_its_token_does_nothing(installation: Installation, ana: Visitor) -> None:
    reference = make.report(installation).reference
    for token in ("", "nonsense", "\0"):
        assert ana.sends(f"/desk/cases/{reference}/claim", csrf_token=token).status == 403
    (case,) = make.rows(installation, Case)
    assert case.holder_id is None


def test_no_method_breaks_a_door(app: Flask, stranger: Visitor, ana: Visitor) -> None:
    broken = [
        (rule.rule, method)
        for visitor in (stranger, ana)
        for rule in routes(app)
        for method in METHODS
        if rule.rule != "/desk/sign-out" and visitor.asks(address(rule, b"0"), method).status >= 500
    ]
    assert broken == []


def test_no_path_breaks_a_door(app: Flask, stranger: Visitor, ana: Visitor) -> None:
    broken = [
        (rule.rule, method, value[:40])
        for rule in routes(app)
        for value in (NONSENSE if "<" in rule.rule else ())
        for method in ("GET", "POST")
        if (ana if is_for_staff(app, rule) else stranger).asks(address(rule, value), method).status >= 500
    ]
    assert broken == []


def test_no_query_breaks_a_page(app: Flask, stranger: Visitor, ana: Visitor) -> None:
    pages = {stranger: ("/p/B7K4X", "/p/nonsense", "/desk/sign-in"), ana: ("/desk", "/desk/queues/marine")}
    broken = [
        (page, query[:60])
        for visitor, some in pages.items()
        for page in some
        for query in QUERIES
        if visitor.asks(page, query=query).status >= 500
    ]
    assert broken == []


def test_no_header_breaks_a_page(stranger: Visitor, ana: Visitor) -> None:
    broken = [
        (page, method, header)
        for visitor in (stranger, ana)
        for page in ("/p/B7K4X", "/thread", "/desk/sign-in", "/desk")
        for method in ("GET", "POST")
        for header in HEADERS
        if visitor.asks(page, method, **header).status >= 500
    ]
    assert broken == []


def test_no_body_breaks_a_form(app: Flask, stranger: Visitor) -> None:
    broken = [
        (path, kind, body[:40])
        for path in ("/p/B7K4X", "/p/nonsense/tag", "/return", "/thread", "/thread/leave", *SIGNING_IN, "/healthz")
        for body, kind in BODIES
        if stranger.asks(path, "POST", body=body, kind=kind).status >= 500
    ]
    assert broken == []


def test_no_field_breaks_a_form(stranger: Visitor, installation: Installation) -> None:
    stranger.sends("/p/B7K4X", text=make.LOST_HAT, key="first")
    broken = [
        (path, name, value[:40])
        for path in ("/p/B7K4X", "/p/nonsense", "/return", "/thread", *SIGNING_IN)
        for name in FIELDS
        for value in WORST
        if stranger.sends(path, **{"text": "x", "choice": "", name: value}).status >= 500
    ]
    assert broken == []


def test_no_field_breaks_a_form_of_the_desk(app: Flask, installation: Installation, ana: Visitor) -> None:
    reference = make.report(installation).reference
    token = ana.token(f"/desk/cases/{reference}")
    nonsense = [dict.fromkeys(DESK_FIELDS, value.decode("utf-8", "replace")) for value in NONSENSE]
    nonsense += [{"text": "x", "reason": "x", name: value} for name in DESK_FIELDS for value in ("\0", "9" * 30)]
    broken = [
        (act, {name: value[:40] for name, value in fields.items()})
        for act in ("answer", "reclassify", "transfer", "refer", "resolve")
        for fields in nonsense
        if ana.sends(f"/desk/cases/{reference}/{act}", csrf_token=token, **fields).status >= 500
    ]
    assert broken == []


def test_broken_text_is_refused_and_not_silently_changed(installation: Installation, stranger: Visitor) -> None:
    for body in (b"text=fire%FF", b"text=fire\xff"):
        answer = stranger.asks("/p/B7K4X", "POST", body=body)
        assert answer.status == 400
    assert make.rows(installation, Report) == []


@pytest.mark.parametrize("path", ["/p/B7K4X", "/p/nonsense", "/return", "/nonsense", "/desk/sign-in", "/healthz"])
def test_every_page_has_safe_headers(stranger: Visitor, path: str) -> None:
    headers = stranger.asks(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_report_goes_the_whole_way_through_the_doors(installation: Installation, stranger: Visitor) -> None:
    sent = '  <b>Feuer</b> & дым 🔥 "x"\r\nيا للهول '
    answer = stranger.sends("/p/b7k4x", text=sent, key="once")
    assert answer.status == 200
    (report,) = make.rows(installation, Report)
    assert (report.text, report.reference in answer.body) == (sent, True)
    assert stranger.asks("/thread").status == 200
    assert stranger.sends("/p/B7K4X", text=sent, key="once").status == 200
    assert len(make.rows(installation, Report)) == 1


def test_an_access_code_opens_its_thread_and_no_other_does(installation: Installation, app: Flask) -> None:
    receipt = make.report(installation)
    returning = Visitor(app)
    assert returning.sends("/return", access_code=receipt.access_code.lower()).status == 303
    assert make.GUN in returning.asks("/thread").body
    guessing = Visitor(app)
    wrong = [guessing.sends("/return", access_code=code) for code in ("", "A" * 26, receipt.access_code[:-1], "\0")]
    assert {answer.status for answer in wrong} == {422}
    assert guessing.asks("/thread").status == 303


def test_no_address_and_no_browser_of_a_reporter_is_kept_or_logged(
    installation: Installation, stranger: Visitor, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = stranger.asks(
        "/p/B7K4X",
        "POST",
        body=urlencode(with_token(installation, {"text": make.GUN, "key": "secret-key"})).encode(),
        REMOTE_ADDR="203.0.113.77",
        HTTP_USER_AGENT="Curious/1.0",
    )
    assert answer.status == 200
    logged = "".join(capfd.readouterr())
    stored = "".join(repr(row) for table in (Report, Case) for row in make.rows(installation, table))
    for secret in ("203.0.113.77", "Curious", "secret-key", "B7K4X", "gun"):
        assert secret not in logged
    for secret in ("203.0.113.77", "Curious", "secret-key"):
        assert secret not in stored
