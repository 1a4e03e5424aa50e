"""What every page stands in: the installation, the language, the clock, safe headers, and a log without addresses."""

from __future__ import annotations

import hashlib
import io
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import structlog
from flask import Flask, Request, Response, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engage import languages
from engage.installation import Installation
from engage.taxonomy import FIRST_RESPONDER
from engage.vault import grouped
from engage.web.multipart import FormParser

#: A text of 10,000 characters is at most 120 kB on its way; a far longer one must still come back with its length.
LARGEST_BODY = 2_000_000
#: `default-src 'self'` and nothing inline: a script or style that slips into a page does nothing.
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self' data:"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ONE_YEAR = 31_536_000

log = structlog.get_logger()


class ReadableRequest(Request):
    """A request whose address may hold anything: bytes in its query that are no UTF-8 are read as �, as in its path.

    Files that are sent stay in memory: nothing of them is written where it would not be sealed.
    """

    form_data_parser_class = FormParser

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.query_string = self.query_string.decode("utf-8", "replace").encode()

    def _get_file_stream(self, *_about: object, **_named: object) -> io.BytesIO:
        return io.BytesIO()


def prepare(app: Flask, opened: Installation) -> None:
    """Give an application its installation and what all its pages share."""
    settings = opened.settings
    app.request_class = ReadableRequest
    app.extensions["engage"] = opened
    app.config.update(
        SECRET_KEY=opened.vault.key_for("flask-session"),
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=100,
        SESSION_COOKIE_NAME=cookie_name(opened, "engage_desk"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.sends_cookies_over_https_only,
        SEND_FILE_MAX_AGE_DEFAULT=ONE_YEAR,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    _prepare_templates(app)
    app.before_request(_begin)
    app.after_request(_add_headers)
    app.after_request(_write_log)


def installation() -> Installation:
    """The installation of the running application."""
    return cast(Installation, current_app.extensions["engage"])


def now() -> datetime:
    """The present moment, in UTC: the only clock of the web door."""
    return datetime.now(UTC)


def language() -> str:
    """The language of this page: the one asked for in the form or the link, else the browser's."""
    if "language" not in g:
        g.language = languages.choose(request.args.get("lang"), [tag for tag, _ in request.accept_languages])
    return str(g.language)


def speak(code: str | None) -> None:
    """Go on in this language, where it is one of ours."""
    if code in languages.LANGUAGES:
        g.language = code


def say(sentence: str, **values: object) -> str:
    """A sentence in the language of this page."""
    return languages.say(language(), sentence, **values)


def new_key() -> str:
    """A fresh idempotency key for a form."""
    return secrets.token_urlsafe(24)


def cookie_name(opened: Installation, name: str) -> str:
    """A cookie's name; over https with the prefix that ties it to this host (RFC 6265bis, section 4.1.3)."""
    return f"__Host-{name}" if opened.settings.sends_cookies_over_https_only else name


def _prepare_templates(app: Flask) -> None:
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda sentence: languages.catalogue(language()).gettext(sentence),
        lambda one, many, count: languages.catalogue(language()).ngettext(one, many, count),
        newstyle=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters["grouped"] = grouped
    environment.filters["ltr"] = _ltr
    environment.globals.update(
        LANGUAGES=languages.LANGUAGES,
        FIRST_RESPONDER=FIRST_RESPONDER,
        language=language,
        new_key=new_key,
        asset=_asset,
        say_time=lambda moment, timezone: languages.say_time(language(), moment, timezone),
        say_clock=lambda moment, timezone: languages.say_clock(language(), moment, timezone),
    )


def _ltr(written: str) -> Markup:
    """What runs from left to right in any sentence, such as a phone number: its plus stays before it."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(written)


def _asset(name: str) -> str:
    """The address of a static file, with its version, so that browsers may keep it for a year."""
    addresses: dict[str, str] = current_app.extensions.setdefault("engage_assets", {})
    if name not in addresses or current_app.debug:
        content = (Path(current_app.static_folder or "") / name).read_bytes()
        addresses[name] = url_for("static", filename=name, v=hashlib.sha256(content).hexdigest()[:8])
    return addresses[name]


def _begin() -> ResponseReturnValue | None:
    g.began = time.perf_counter()
    return None


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if installation().settings.sends_cookies_over_https_only:
        response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _write_log(response: Response) -> Response:
    # The rule, not the path: no code, no address, no user agent of a reporter ever reaches the log.
    rule = request.url_rule.rule if request.url_rule else None
    took = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
    log.info("request", method=_known_method(request.method), route=rule, status=response.status_code, ms=took)
    return response


def _known_method(method: str) -> str:
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "OTHER"
