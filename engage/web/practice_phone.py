"""The demo's phone on the screen: its texts come in by the same signed webhook as a provider's, and no network."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.test import Client

from engage.config import Settings
from engage.gateways.twilio import SIGNATURE_HEADER
from engage.languages import say_number
from engage.practice import FIRST_NUMBER, Delivery, PracticePhone
from engage.taxonomy import Carrier
from engage.texting import read_number, segments
from engage.web import forms
from engage.web.frame import installation, language, now, say, speak
from engage.web.provider import practice_settings

door = Blueprint("practice", __name__)
CARRIERS = (Carrier.SMS, Carrier.WHATSAPP)
WHATSAPP = "whatsapp:"
#: What a provider takes and gives as one message.
LONGEST_TEXT = 1600


@door.get("/practice/phone")
def show() -> ResponseReturnValue:
    """The phone of a number as it is now; what was typed stays."""
    number = read_number(request.args.get("number", FIRST_NUMBER), FIRST_NUMBER)
    if number is None:
        return _page(None, trouble=say("That is no phone number. Write it with its country, like +44 7700 900123."))
    phone = PracticePhone(installation().settings.data_dir, number)
    for delivery in phone.new_deliveries():
        _tell_delivered(phone, delivery)
    return _page(phone, text=request.args.get("text", ""))


@door.post("/practice/phone")
def write() -> ResponseReturnValue:
    """Send a text as the provider would bring it, and show the phone again."""
    form = forms.sent()
    speak(form.get("lang"))
    number, text, picture = read_number(form.get("number", ""), FIRST_NUMBER), form.get("text", ""), "picture" in form
    if number is None:
        wrong = say("That is no phone number. Write it with its country, like +44 7700 900123.")
        return _page(None, text=text, trouble=wrong)
    phone = PracticePhone(installation().settings.data_dir, number)
    if not text.strip() and not picture:
        return _page(phone, text=text, trouble=say("There is nothing to send yet."))
    if len(text) > LONGEST_TEXT:
        most = say_number(language(), LONGEST_TEXT)
        return _page(phone, text=text, trouble=say("A text holds at most %(most)s characters.", most=most))
    carrier, moment = _carrier(), now()
    if _post("/webhooks/twilio/message", _message(number, carrier, text, picture)) != 200:
        return _page(phone, text=text, trouble=say("The text did not arrive. Look at the log, then send it again."))
    phone.keep_sent(text, carrier, picture, moment)
    address = url_for("practice.show", number=number, carrier=carrier, lang=form.get("lang"), _anchor="last")
    return redirect(address, 303)


def _page(phone: PracticePhone | None, *, text: str = "", trouble: str | None = None) -> ResponseReturnValue:
    page = render_template(
        "public/practice.html",
        number=phone.number if phone else request.values.get("number", ""),
        carrier=_carrier(),
        carriers=CARRIERS,
        ours=_settings().our_numbers[0],
        bubbles=phone.bubbles() if phone else (),
        text=text,
        picture="picture" in request.values,
        longest=LONGEST_TEXT,
        trouble=trouble,
        unknown_number=phone is None,
    )
    return page, 422 if trouble else 200


def _carrier() -> Carrier:
    chosen = request.values.get("carrier")
    return next((carrier for carrier in CARRIERS if carrier == chosen), Carrier.SMS)


def _settings() -> Settings:
    """The account that nobody has, with whose token everything here is signed."""
    opened = installation()
    return practice_settings(opened.settings, opened.vault)


def _message(number: str, carrier: Carrier, text: str, picture: bool) -> dict[str, str]:
    """A message in the fields of Twilio's webhook (https://www.twilio.com/docs/messaging/guides/webhook-request)."""
    settings, sid = _settings(), f"SM{secrets.token_hex(16)}"
    form = {
        "AccountSid": settings.twilio_account_sid,
        "ApiVersion": "2010-04-01",
        "Body": text,
        "From": _address(carrier, number),
        "MessageSid": sid,
        "NumMedia": "1" if picture else "0",
        "NumSegments": str(max(1, segments(text))),
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": _our_address(carrier),
    }
    if carrier is Carrier.WHATSAPP:
        form |= {"WaId": number.removeprefix("+"), "ProfileName": "Practice"}
    if picture:
        folder = f"{settings.twilio_api_url}/2010-04-01/Accounts/{settings.twilio_account_sid}/Messages/{sid}/Media"
        form |= {"MediaUrl0": f"{folder}/ME{secrets.token_hex(16)}", "MediaContentType0": "image/jpeg"}
    return form


def _tell_delivered(phone: PracticePhone, delivery: Delivery) -> None:
    """Report on a text that the phone shows for the first time; the desk then calls it delivered."""
    form = {
        "AccountSid": _settings().twilio_account_sid,
        "ApiVersion": "2010-04-01",
        "From": delivery.sender or _our_address(delivery.carrier),
        "MessageSid": delivery.sid,
        "MessageStatus": "delivered",
        "SmsSid": delivery.sid,
        "SmsStatus": "delivered",
        "To": _address(delivery.carrier, phone.number),
    }
    query = urlencode({"row": delivery.row_id, "key": delivery.callback_key})
    if _post(f"/webhooks/twilio/status?{query}", form) == 200:
        phone.keep_delivered(delivery, now())


def _address(carrier: Carrier, number: str) -> str:
    return f"{WHATSAPP}{number}" if carrier is Carrier.WHATSAPP else number


def _our_address(carrier: Carrier) -> str:
    """The number of ours that this carrier brings texts to."""
    whatsapp = carrier is Carrier.WHATSAPP
    return next(number for number in _settings().our_numbers if number.startswith(WHATSAPP) is whatsapp)


def _post(path: str, form: dict[str, str]) -> int:
    """Send a signed form to this very application, as a request of its own, and give the status of its answer."""
    settings = _settings()
    signature = RequestValidator(settings.twilio_auth_token).compute_signature(f"{settings.public_url}{path}", form)
    with current_app.app_context():  # so that it shares neither language nor visitor with the page that sends it
        client = Client(current_app.wsgi_app)
        answer = client.post(path, base_url=settings.public_url, data=form, headers={SIGNATURE_HEADER: signature})
        return answer.status_code
