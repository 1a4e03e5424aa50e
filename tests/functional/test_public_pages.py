"""The public pages: light, quiet, safe from programs, and calm about whatever text comes."""

from __future__ import annotations

import gzip
import html
import re
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from engage import create_app
from engage.arrivals import EmptyText, LongText, accepted_text
from engage.installation import Installation
from engage.languages import LANGUAGES
from engage.models import Message, Poster, Report
from engage.posters import register
from engage.vault import Vault
from engage.web import form_tokens
from engage.web.form_tokens import Standing
from engage.web.frame import new_key
from engage.web.pace import Pace
from tests import make
from tests.bad_texts import bodies, texts
from tests.durability.stranger import form as multipart
from tests.form_client import with_token
from tests.visitor import FORM, Visitor

PAGE = "/p/B7K4X"
ONLY_LOOKS = "رجل ملتحي يلبس عمامة عند البوابة"
SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
SQUEEZED = {"Accept-Encoding": "gzip, deflate, br"}


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    return html.unescape(re.findall(rf'name="{name}" value="([^"]*)"', page)[0])


@SQLITE
def test_the_first_view_is_light_in_every_language_and_only_what_is_no_secret_is_compressed(
    client: FlaskClient, installation: Installation
) -> None:
    style = re.findall(r'href="(/static/[^"]+)"', client.get(PAGE).text)[0]
    packed_style = client.get(style, headers=SQUEEZED)
    with client.get(style) as plain:
        assert gzip.decompress(packed_style.data) == plain.data
    with client.get(style, headers={**SQUEEZED, "If-None-Match": packed_style.headers["ETag"]}) as known:
        assert known.status_code == 304
    for language in LANGUAGES:
        packed = client.get(f"{PAGE}?lang={language}", headers=SQUEEZED)
        page = gzip.decompress(packed.data).decode()
        scripts = sum(len(client.get(one, headers=SQUEEZED).data) for one in re.findall(r'src="([^"]+)"', page))
        assert len(packed.data) + len(packed_style.data) < 5_000, language
        assert len(packed.data) + len(packed_style.data) + scripts < 11_000, language
        assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Content-Encoding" not in client.get(PAGE, headers={"Accept-Encoding": "gzip;q=0, br"}).headers
    sent = client.post(PAGE, data={"text": make.GUN}, headers=SQUEEZED)
    for answer in (sent, client.get("/thread", headers=SQUEEZED), client.get(PAGE, headers=SQUEEZED)):
        assert "Content-Encoding" not in answer.headers  # from now on there is a cookie


def test_a_token_is_good_for_one_key_and_a_day_and_waits_only_while_very_many_come() -> None:
    vault, then = Vault(make.SECRET), make.NOON
    token = form_tokens.new(vault, "key", then)
    day, second = timedelta(hours=form_tokens.LASTS_HOURS), timedelta(seconds=1)
    table = [
        ("key", token, timedelta(), False, Standing.GOOD),
        ("key", token, day, False, Standing.GOOD),
        ("key", token, day + second, False, Standing.ASK),
        ("key", token, -second, False, Standing.ASK),
        ("other", token, second, False, Standing.ASK),
        ("key", "", second, False, Standing.ASK),
        ("key", token[:-1], second, False, Standing.ASK),
        ("key", "é\0" * 9, second, False, Standing.ASK),
        ("key", token, 9 * second, True, Standing.WAIT),
        ("key", token, 10 * second, True, Standing.GOOD),
    ]
    for key, given, age, many, stands in table:
        assert form_tokens.standing(vault, key, given, then + age, many=many) is stands, (key, given, age)
    pace = Pace(2)
    assert [pace.is_many("203.0.113.7", then) for _ in range(3)] == [False, False, True]
    assert not pace.is_many("203.0.113.8", then)
    assert not pace.is_many("203.0.113.7", then + timedelta(minutes=1))


@SQLITE
def test_a_form_without_a_token_is_asked_for_once_more_and_keeps_what_was_written(
    client: FlaskClient, installation: Installation
) -> None:
    for path in (PAGE, f"{PAGE}/chat", "/p/QQQQQ"):
        before = len(make.rows(installation, Report))
        typed = {"text": f"{make.GUN} <b> {path}", "key": new_key(), "form": "old"}
        asked = client.post(path, data=typed)
        assert (asked.status_code, len(make.rows(installation, Report))) == (422, before)
        assert html.escape(typed["text"]) in asked.text
        assert asked.text.count("press “Send” once more") == 2  # at the top and at the field
        assert hidden(asked.text, "key") == typed["key"]
        again = client.post(path, data={**typed, "form": hidden(asked.text, "form")})
        assert again.status_code in (200, 303)
        assert len(make.rows(installation, Report)) == before + 1
        client.delete_cookie("engage_chat")
    asked = client.post(PAGE, data={"text": make.GUN, "key": "k" * 20, "form": ""})
    assert (
        client.post(PAGE, data={"text": make.GUN, "key": "k" * 20, "form": asked.headers["Engage-Form"]}).status_code
        == 200
    )


@SQLITE
def test_a_flood_is_slowed_and_nobody_is_turned_away(installation: Installation, port: make.Port) -> None:
    app = create_app(installation.settings.model_copy(update={"reports_a_minute": 2}))
    with time_machine.travel(make.NOON, tick=False) as clock:
        pages = [(new_key(), app.test_client()) for _ in range(4)]
        forms = {key: form_tokens.new(installation.vault, key, make.NOON) for key, _client in pages}
        sent = [
            one.post(PAGE, data={"text": f"{make.GUN} {key}", "key": key, "form": forms[key]}) for key, one in pages
        ]
        assert [answer.status_code for answer in sent] == [200, 200, 422, 422]
        assert sent[3].headers["Retry-After"] == "10"
        clock.shift(10)
        for key, one in pages[2:]:
            assert one.post(PAGE, data={"text": f"{make.GUN} {key}", "key": key, "form": forms[key]}).status_code == 200
    assert len(make.rows(installation, Report)) == 4
    app.extensions["engage"].database.dispose()


@SQLITE
def test_who_tells_only_looks_is_asked_in_their_language_and_the_answer_joins_the_report(
    client: FlaskClient, installation: Installation
) -> None:
    sent = client.post(f"{PAGE}?lang=en", data={"text": ONLY_LOOKS})
    asking = sent.text.split('class="asking"')[1].split("</form>")[0]
    assert 'lang="ar" dir="rtl"' in asking
    told = {"token": hidden(asking, "token"), "key": hidden(asking, "key"), "text": "ترك حقيبة وهرب"}
    assert client.post("/thread", data=told).status_code == 303
    assert [message.text for message in make.rows(installation, Message)] == [told["text"]]
    assert 'class="asking"' not in client.post(PAGE, data={"text": make.GUN}).text


@SQLITE
def test_a_discreet_poster_opens_quietly_and_every_page_can_be_left(
    app: Flask, client: FlaskClient, installation: Installation
) -> None:
    assert "class=quiet" not in client.get(PAGE).text
    with installation.database.transaction() as session:
        where = register.find_poster(session, "B7K4X")
        assert where is not None
        session.get_one(Poster, where.poster_id).design = "human_trafficking"
    sent = client.post(PAGE, data={"text": make.GUN})
    assert 'download="' not in sent.text
    for page in (sent, *(client.get(path) for path in (PAGE, f"{PAGE}/chat", "/privacy?at=B7K4X"))):
        assert "class=quiet" in page.text
    pages = ("/thread", "/return", "/learn", "/learn/3", "/p/QQQQQ", "/nothing")
    for page in (sent, client.get(PAGE), *map(client.get, pages)):
        title = re.findall("<title>(.*?)</title>", page.text)[0]
        assert not re.search("report|police|traffick|weapon|danger|see", title, re.IGNORECASE), title
        assert 'href="/away" id="leave"' in page.text
    away = client.get("/away", headers={"Sec-Fetch-Site": "cross-site"})
    assert away.headers.getlist("Set-Cookie") == []
    away = client.get("/away", headers={"Sec-Fetch-Site": "same-origin"})
    assert (away.status_code, away.location) == (303, installation.settings.neutral_url)
    assert client.get("/thread").status_code == 303


def test_no_cookie_comes_before_sending_and_over_https_it_is_tied_to_the_host(
    installation: Installation, port: make.Port
) -> None:
    app = create_app(installation.settings.model_copy(update={"public_url": "https://report.example.org"}))
    visitor = Visitor(app)
    for path in (PAGE, f"{PAGE}/chat", "/learn", "/privacy", "/return", "/p/QQQQQ", "/away"):
        visitor.asks(path)
        visitor.sends(PAGE, text="", show_in="ar")
    assert visitor.cookies.keys() <= {"__Host-engage_thread", "__Host-engage_chat"}  # /away only forgets
    assert not any(visitor.cookies.values())
    given = visitor.sends(PAGE, text=make.GUN).headers["Set-Cookie"]
    for part in ("__Host-engage_thread=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in given
    app.extensions["engage"].database.dispose()


def _keeps(text: str) -> str | None:
    """What is kept of a text; None where it is refused."""
    try:
        return accepted_text(text)
    except (EmptyText, LongText):
        return None


def test_any_text_is_kept_or_refused_with_a_sentence_and_shown_safely(app: Flask, installation: Installation) -> None:
    visitor, wrong, wanted = Visitor(app), [], []
    for at, text in enumerate(texts()):
        fields = with_token(installation, {"text": text, "key": f"key number {at}"})
        plain = (urlencode(fields).encode(), FORM)
        body, kind = multipart(fields, []) if at % 2 and not text.startswith("-----BEGIN") else plain
        began = time.process_time()
        answer = visitor.asks(PAGE, "POST", body=body, kind=kind)
        name = f"{at} {text[:30]!a} of {len(text)}"
        wrong += [f"{name} took too long"] if time.process_time() - began > 2 else []
        kept = _keeps(text)
        wanted += [kept] if kept is not None else []
        stands = (200,) if kept is not None else (422, 413)
        wrong += [f"{name}: {answer.status}"] if answer.status not in stands else []
        if answer.status == 422 and html.escape(text, quote=False).replace("'", "&#39;") not in answer.body:
            wrong.append(f"{name} is gone")
        if kept is not None and "<" in text and kept not in html.unescape(visitor.asks("/thread").body):
            wrong.append(f"{name} is not shown")
        if "<" in text and text in visitor.asks("/thread").body:
            wrong.append(f"{name} is shown as it came")
    assert wrong == []
    assert len(wanted) >= 300
    assert {visitor.asks(PAGE, "POST", body=body).status for body in bodies()} <= {400, 413, 422}
    assert [report.text for report in make.rows(installation, Report)] == wanted
