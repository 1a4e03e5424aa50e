"""The posters of an authority's sites: the register, each poster, what is warned of, and replacing one."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col

from engage import charts, poster_words
from engage.charts import Titled
from engage.languages import say_time
from engage.models import Place, Poster
from engage.posters import inspections, listing, owners, replacing, telling
from engage.posters.listing import STATES, Asked, Listed
from engage.posters.telling import Standing
from engage.web import desk_words, staff
from engage.web.admin_page import OLD_FORM
from engage.web.frame import installation, language, now, say

door = Blueprint("posters", __name__)
desk_words.teach(door)

#: So many days of scans are drawn.
DAYS = 35


def _(sentence: str) -> str:
    return sentence


STATE_WORDS: dict[str, str] = {
    listing.WARNED: _("With a warning"),
    listing.NEVER: _("Never inspected"),
    listing.RETIRED: _("Retired"),
    **{condition.value: words for condition, words in poster_words.CONDITIONS.items()},
}
ALREADY = _("This poster is retired already.")
CLOSED = _("Its place is closed, so nothing is hung there.")


@door.get("/desk/posters")
def show() -> ResponseReturnValue:
    """The register, fifty at a time."""
    given = {name: request.args.get(name, "").strip()[:200] for name in ("site", "state", "design", "q")}
    asked = Asked(given["site"], given["state"], given["design"], given["q"])
    authority_id = staff.officer().authority_id
    with installation().database.reading() as session:
        found, after = listing.page(session, authority_id, asked, request.args.get("after", ""))
        sites = [(site.slug, site.name) for site in owners.named_sites(session, authority_id)]
        designs = listing.designs(session)
        warned = len(_standing(session, authority_id))
    return render_template(
        "desk/posters.html",
        found=found,
        after=after,
        given={name: value for name, value in given.items() if value},
        sites=sites,
        designs=designs,
        states=[(state, say(STATE_WORDS[state])) for state in STATES],
        warned=warned,
    )


@door.get("/desk/posters/health")
def health() -> ResponseReturnValue:
    """What is warned of, the gravest first."""
    with installation().database.reading() as session:
        found = _standing(session, staff.officer().authority_id)
    return render_template("desk/poster_health.html", found=found, reason=reason)


@door.get("/desk/posters/<code>")
def one(code: str) -> ResponseReturnValue:
    """One poster with all that is known of it."""
    return _one(code)


@door.post("/desk/posters/<code>/replace")
def replace(code: str) -> ResponseReturnValue:
    """Retire a poster and make one in its stead."""
    if not staff.is_own_form():
        return _one(code, say(OLD_FORM), 403)
    try:
        with installation().database.transaction() as session:
            fresh = replacing.replace(session, staff.officer(), code, now())
    except owners.PosterMissing:
        abort(404)
    except replacing.AlreadyRetired:
        return _one(code, say(ALREADY), 409)
    except replacing.PlaceClosed:
        return _one(code, say(CLOSED), 422)
    return redirect(url_for("posters.one", code=fresh), 303)


def _one(code: str, trouble: str = "", status: int = 200) -> ResponseReturnValue:
    authority_id, moment = staff.officer().authority_id, now()
    try:
        with installation().database.reading() as session:
            poster = listing.one(session, authority_id, code)
            seen = inspections.of_poster(session, poster.id)
            warnings = telling.standing(session, col(Poster.id) == poster.id)
            successor = replacing.successor_of(session, poster.id)
            predecessor = replacing.predecessor_of(session, poster.id)
            hours = listing.hourly_scans(session, poster.id, moment - timedelta(days=DAYS))
    except owners.PosterMissing:
        abort(404)
    page = render_template(
        "desk/poster.html",
        poster=poster,
        seen=seen,
        warnings=warnings,
        reason=reason,
        successor=successor,
        predecessor=predecessor,
        chart=_chart(poster, hours, moment),
        trouble=trouble,
    )
    return page, status


def reason(warning: Standing) -> str:
    """Why there is a warning, in the language of the page."""
    return say(
        warning.reason(),
        since=say_time(language(), warning.since, warning.timezone),
        counted=warning.counted,
        against=round(warning.against),
    )


def _standing(session: Any, authority_id: int) -> list[Standing]:
    return telling.standing(session, col(Place.site_id).in_(owners.sites_of(authority_id)))


def _chart(poster: Listed, hours: list[tuple[datetime, int]], moment: datetime) -> charts.Svg:
    """The scans of each day, by the clock of its site."""
    zone = ZoneInfo(poster.timezone)
    counted: Counter[Any] = Counter()
    for hour, scans in hours:
        counted[hour.astimezone(zone).date()] += scans
    today = moment.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    title = say("Scans")
    described = say("%(count)s scans in %(days)s days.", count=sum(counted.values()), days=DAYS)
    shown = [(format_date(day, "d MMM", locale=language()), counted[day]) for day in days]
    return charts.line(Titled("scans", title, described), shown)
