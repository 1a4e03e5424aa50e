"""The page behind a poster's code: where you are, whom to call, one field, send."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from engage import arrivals, guidance, intake, reports
from engage.dialogue import playbook
from engage.guides import number_of
from engage.intake import MessageArrival, ReportArrival
from engage.languages import say_number
from engage.permissions import Right
from engage.posters import owners, register, scans
from engage.posters.register import Whereabouts
from engage.taxonomy import Condition, Severity
from engage.texting import link_to_text
from engage.web import asking, form_tokens, forms, outlook_words, sent_files, thread_cookie
from engage.web.form_tokens import Standing
from engage.web.frame import installation, language, new_key, now, say, speak
from engage.web.staff import may, signed_in

door = Blueprint("poster", __name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a text was not taken, and whether it can be sent another way, or once more after so many seconds."""

    sentence: str
    status: int
    both_ways: bool = False
    wait: int | None = None


@door.get("/P/<code>/<tag>")
@door.get("/P/<code>")
@door.get("/p/<code>/<tag>")
@door.get("/p/<code>")
def show(code: str, tag: str | None = None) -> ResponseReturnValue:
    """The empty form, which goes back to the same address, tag and all; counted, but for the staff."""
    looked = _look(code)
    where = looked.where
    if where and where.poster_id and request.method == "GET" and signed_in() is None:
        opened = installation()
        opened.openings.count(where.poster_id, scans.opening_by(opened.vault, where, tag), now())
    return _page(code, looked, key=new_key())


@door.post("/P/<code>/<tag>")
@door.post("/P/<code>")
@door.post("/p/<code>/<tag>")
@door.post("/p/<code>")
def send(code: str, tag: str | None = None) -> ResponseReturnValue:
    """Take a report, then its files, or give the form back with what was typed and a sentence."""
    sent_files.allow()
    form = forms.sent()
    speak(form.get("lang"))
    text, key = form.get("text", ""), form.get("key") or new_key()
    if "show_in" in form:
        speak(form["show_in"])
        return _page(code, _look(code), key=key, text=text)
    if form.get("elsewhere") == "say":
        return _page(code, _stands_elsewhere(code), key=key, text=text)
    once_more = _once_more(form_tokens.of_request(key))
    if once_more is not None:
        return _page(code, _look(code), key=key, text=text, trouble=once_more)
    try:
        added = _add(form.get("earlier_key", ""), key, text) if form.get("choice") == "add" else None
        if added is not None:
            return added
        arrival = ReportArrival(
            text=text,
            key=key,
            code=code,
            tag=tag,
            site=form.get("site") or None,
            place=form.get("place") or None,
            elsewhere="elsewhere" in form,
            language=language(),
        )
        receipt = intake.take_report(installation(), arrival, now())
    except (arrivals.TextRefused, arrivals.KeyReused) as refused:
        return _page(code, _look(code), key=key, text=text, trouble=_trouble(refused))
    return _sent(receipt, text)


def _add(earlier_key: str, key: str, text: str) -> str | None:
    """Add to the report that came with an earlier key; None where none did, so that the words become a new report."""
    try:
        arrival = MessageArrival(text=text, key=key, earlier_key=earlier_key)
        reference = intake.take_message(installation(), arrival, now())
    except reports.ThreadMissing:
        return None
    capability, arrived = sent_files.of_report(reference)
    return render_template("public/added.html", reference=reference, capability=capability, arrived=arrived)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a code leads to: its poster, or what may have been meant and the sites to choose from."""

    where: Whereabouts | None
    likely: list[Whereabouts]
    sites: list[Whereabouts]


def _look(code: str) -> Looked:
    with installation().database.reading() as session:
        where = register.find_poster(session, code)
        likely = register.suggest(session, code) if where is None else []
        sites = register.all_sites(session) if where is None else []
    if where is None and not sites:
        raise intake.NoSite
    return Looked(where, likely, sites)


def _stands_elsewhere(code: str) -> Looked:
    """Somebody stands elsewhere than the poster should hang: that is counted, but for the staff."""
    looked = _look(code)
    if looked.where and looked.where.poster_id and signed_in() is None:
        installation().openings.count(looked.where.poster_id, scans.Opening.ELSEWHERE, now())
    return looked


def _places(where: Whereabouts | None) -> list[register.PlaceChoice]:
    """The places to choose from, for who stands elsewhere; none where nobody said so."""
    if where is None or "elsewhere" not in request.values:
        return []
    with installation().database.reading() as session:
        return register.places_of_site(session, where.site_id)


def _inspecting(where: Whereabouts | None) -> bool:
    """Whether an officer looks who may inspect this poster."""
    here = signed_in()
    if where is None or here is None or not may(Right.WORK):
        return False
    with installation().database.reading() as session:
        return owners.has(session, here.officer.authority_id, where.site_id)


def _page(
    code: str, looked: Looked, *, key: str, text: str = "", trouble: Trouble | None = None
) -> ResponseReturnValue:
    where, sites = looked.where, looked.sites
    number = installation().settings.sms_number
    form_key = new_key() if trouble and trouble.both_ways else key
    page = render_template(
        "public/poster.html",
        number=number,
        text_link=link_to_text(number, f"{where.code}%20") if number and where else None,
        code=code,
        where=where,
        outlook=outlook_words.at_place(where) if where else None,
        likely=looked.likely,
        sites=sites,
        emergency_number=(where or sites[0]).emergency_number,
        key=form_key,
        earlier_key=key if form_key != key else None,
        form=form_tokens.kept_in_request(form_key),
        text=text,
        trouble=trouble,
        most=arrivals.LONGEST_TEXT,
        chosen_site=request.values.get("site"),
        elsewhere="elsewhere" in request.values,
        places=_places(where),
        chosen_place=request.values.get("place"),
        inspecting=_inspecting(where),
        inspected="inspected" in request.args,
        unread="unread" in request.args,
        conditions=list(Condition),
        typed={},
    )
    response = make_response(page, trouble.status if trouble else 404 if where is None else 200)
    if trouble and trouble.wait is not None:
        form_tokens.tell_script(response, form_key, trouble.wait)
    return response


def _sent(receipt: intake.Receipt, text: str) -> ResponseReturnValue:
    where: Whereabouts = receipt.where
    capability, arrived = sent_files.of_report(receipt.reference)
    with installation().database.reading() as session:
        tip = guidance.tip(session, language(), receipt.category)
    page = render_template(
        "public/sent.html",
        receipt=receipt,
        where=where,
        capability=capability,
        arrived=arrived,
        outlook=outlook_words.of_queue(receipt.queue_id, where),
        advice=say(playbook(receipt.category).advice),
        critical=receipt.severity is Severity.CRITICAL,
        tip=tip,
        guide_number=number_of(receipt.category),
        asking=asking.about(text, receipt.access_hash),
    )
    response = make_response(page)
    thread_cookie.give(response, receipt.access_hash)
    return response


def _once_more(standing: Standing) -> Trouble | None:
    """Why a form is asked for once more, whatever is in it; None where it is taken."""
    if standing is Standing.GOOD:
        return None
    return Trouble(form_tokens.in_words(standing), 422, wait=form_tokens.seconds_to_wait(standing))


def _trouble(refused: arrivals.TextRefused | arrivals.KeyReused) -> Trouble:
    if isinstance(refused, arrivals.LongText):
        most = say_number(language(), arrivals.LONGEST_TEXT)
        return Trouble(
            say(
                "Your text has %(count)s characters; %(most)s fit into one report. Please shorten it, "
                "or send the first part now and add the rest in your thread.",
                count=say_number(language(), refused.characters),
                most=most,
            ),
            422,
        )
    if isinstance(refused, arrivals.KeyReused):
        return Trouble(
            say("This form has already sent a report, with other words. What shall we do with these?"), 422, True
        )
    return Trouble(say("There is nothing to send yet. Write what you saw, in your own words."), 422)
