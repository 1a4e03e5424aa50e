"""An officer's form for someone who calls or walks in, and the reference and access code to read out or print."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engage import arrivals, continuing, counter, queues
from engage.counter import PlaceMissing, Told
from engage.dialogue import playbook
from engage.languages import LANGUAGES, say_number
from engage.languages import say as say_in
from engage.posters import register
from engage.taxonomy import Channel, ReporterKind, Severity
from engage.web import desk_words, forms, staff
from engage.web.case_acts import Fields
from engage.web.frame import installation, new_key, now, say

door = Blueprint("counter", __name__)
desk_words.teach(door)


def _(sentence: str) -> str:
    return sentence


OLD_FORM = _("This form was too old or came from another site, so nothing was stored. Look at it and send it again.")
EMPTY = _("There is nothing in it yet. Write down what you were told.")
LONG = _("This text has %(count)s characters; %(most)s fit. Shorten it, and send the rest as a further report.")
SENT_BEFORE = _("This form has stored a report already, with other words. Send again to store this one too.")
NO_PLACE = _("Choose where it is, or type the code of a poster.")
NO_CODE = _("No poster has this code. Look at its five characters again, or choose a place.")
NO_ADDRESS = _("An answer cannot be announced there. Give a mail address, or a phone number with its country code.")
NO_MAIL = _("That is no mail address. No texts are sent here, so a phone number does not help.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing was stored: the sentence, its HTTP status, and the field that it is about."""

    sentence: str
    status: int
    about: str = ""
    likely: tuple[register.Whereabouts, ...] = ()


@door.get("/desk/new-report")
def ask() -> ResponseReturnValue:
    """The empty form."""
    return _page({"channel": Channel.PHONE, "key": new_key()})


@door.post("/desk/new-report")
def enter() -> ResponseReturnValue:
    """Store the report, or give the form back with what was typed and a sentence."""
    typed = forms.sent()
    if not staff.is_own_form():
        return _page(typed, Trouble(say(OLD_FORM), 403))
    told = _told(typed)
    try:
        entered = counter.enter(installation(), staff.officer(), told, now())
    except arrivals.KeyReused:
        return _page({**typed, "key": new_key()}, Trouble(say(SENT_BEFORE), 422))
    except (arrivals.TextRefused, PlaceMissing, continuing.AddressRefused) as refused:
        return _page(typed, _trouble(refused, bool(told.code)))
    receipt = entered.receipt
    return render_template(
        "desk/entered.html",
        receipt=receipt,
        queue=entered.queue,
        # Said to the reporter, so in their language as well.
        advice=say(playbook(receipt.category).advice),
        told_in=told.language,
        told=say_in(told.language, playbook(receipt.category).advice),
        critical=receipt.severity is Severity.CRITICAL,
        address=f"{installation().settings.public_url}/return",
    )


def _told(typed: Fields) -> Told:
    site, _slash, place = typed.get("place", "").partition("/")
    channel, reporter, language = (typed.get(name, "") for name in ("channel", "reporter", "language"))
    return Told(
        text=typed.get("text", ""),
        key=typed.get("key") or new_key(),
        channel=Channel(channel) if channel in counter.CHANNELS else Channel.PHONE,
        language=language if language in LANGUAGES else "en",
        code=typed.get("code", "").strip()[:64],
        site=site,
        place=place,
        reporter=ReporterKind(reporter) if reporter in list(ReporterKind) else None,
        call_back=typed.get("call_back", ""),
    )


def _page(typed: Fields, trouble: Trouble | None = None) -> tuple[str, int]:
    with installation().database.reading() as session:
        spots = queues.spots(session)
        sites = register.all_sites(session)
    page = render_template(
        "desk/new_report.html",
        typed=typed,
        trouble=trouble,
        spots=spots,
        sites=sites,
        channels=counter.CHANNELS,
        reporters=list(ReporterKind),
        number=installation().settings.sms_number,
        most=arrivals.LONGEST_TEXT,
    )
    return page, trouble.status if trouble else 200


def _trouble(refused: Exception, by_code: bool) -> Trouble:
    if isinstance(refused, arrivals.LongText):
        count, most = (say_number("en", number) for number in (refused.characters, arrivals.LONGEST_TEXT))
        return Trouble(say(LONG, count=count, most=most), 422, "text")
    if isinstance(refused, arrivals.TextRefused):
        return Trouble(say(EMPTY), 422, "text")
    if isinstance(refused, PlaceMissing):
        about, sentence = ("code", NO_CODE) if by_code else ("place", NO_PLACE)
        return Trouble(say(sentence), 422, about, refused.likely)
    return Trouble(say(NO_ADDRESS if installation().settings.sms_number else NO_MAIL), 422, "call_back")
