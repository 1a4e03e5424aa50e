"""Texts go to a Twilio that fails in every way it knows, and none is lost, sent twice, or told in a log."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engage.config import Settings
from engage.gateways import GatewayDown, OptedOut, Undeliverable
from engage.gateways.twilio import TwilioGateway, line
from engage.outbox import Parcel
from engage.taxonomy import Carrier, OutgoingStatus
from tests import make
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio
from tests.servers import free_port

OURS, OURS_TOO = "+441632960100", "whatsapp:+441632960101"
THEIRS = "+447700900123"
BODY = "Your report has arrived. Ä 日本"
KEY = "k" * 32
TRIAL = "Sent from your Twilio trial account - "


@pytest.fixture(scope="module")
def process() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


@pytest.fixture
def twilio(process: FakeTwilio) -> FakeTwilio:
    """The fake, with nothing in it."""
    process.tell(reset=True, token=TOKEN)
    return process


def settings_for(url: str, **others: Any) -> Settings:
    values = {
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_number": f"{OURS},{OURS_TOO}",
        "twilio_api_url": url,
        **others,
    }
    return make.settings(**values)


@pytest.fixture
def gateway(twilio: FakeTwilio) -> TwilioGateway:
    return TwilioGateway(settings_for(twilio.url))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short, so that a test of them is."""
    monkeypatch.setattr(line, "ANSWER_SECONDS", 0.8)
    monkeypatch.setattr(line, "CALL_SECONDS", 1.0)
    monkeypatch.setattr(line, "FETCH_ANSWER_SECONDS", 0.8)
    monkeypatch.setattr(line, "FETCH_SECONDS", 1.0)


def parcel(**others: Any) -> Parcel:
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "id": 7,
        "recipient": THEIRS,
        "subject": "",
        "body": BODY,
        "attempts": 1,
        "carrier": Carrier.SMS,
        "sender": OURS,
        "first_tried_at": now,
        "leased_until": now + timedelta(seconds=60),
        "callback_key": KEY,
        "case_id": None,
        "contact_id": None,
        **others,
    }
    return Parcel(**values)


def fails(twilio: FakeTwilio, kind: str, on: str = "send", **others: Any) -> None:
    twilio.plan(faults=[{"kind": kind, "on": on, **others}])


def test_a_text_arrives_whole(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    sid = gateway.send(parcel())
    (text,) = twilio.accepted
    assert (text["sid"], text["to"], text["sender"], text["body"]) == (sid, THEIRS, OURS, BODY)
    assert text["callback"] == f"http://127.0.0.1:8000/webhooks/twilio/status?row=7&key={KEY}"


@pytest.mark.parametrize(
    ("recipient", "sender"),
    [(THEIRS, "+441632960101"), (f"whatsapp:{THEIRS}", OURS_TOO), (THEIRS, None)],
)
def test_whatsapp_is_written_before_both_numbers_once(
    twilio: FakeTwilio, gateway: TwilioGateway, recipient: str, sender: str | None
) -> None:
    gateway.send(parcel(recipient=recipient, sender=sender, carrier=Carrier.WHATSAPP))
    (text,) = twilio.accepted
    assert (text["to"], text["sender"]) == (f"whatsapp:{THEIRS}", OURS_TOO)


@pytest.mark.parametrize("code", [21211, 21408, 21614, 21617, 21999])
def test_a_text_that_will_never_be_taken_says_why_in_our_words(
    twilio: FakeTwilio, gateway: TwilioGateway, code: int
) -> None:
    twilio.plan(refused={THEIRS: code})
    with pytest.raises(Undeliverable) as refused:
        gateway.send(parcel())
    assert refused.value.code == code
    assert not isinstance(refused.value, OptedOut)
    assert str(refused.value).endswith(".")
    assert "Refused" not in str(refused.value)
    assert not twilio.accepted


def test_a_recipient_who_wants_no_more_is_told_apart(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    twilio.plan(refused={THEIRS: 21610})
    with pytest.raises(OptedOut) as refused:
        gateway.send(parcel())
    assert refused.value.code == 21610


def test_a_code_that_comes_later_is_reported_by_callback(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    twilio.plan(refused={THEIRS: 63016}, reports={"when": "early"}, deliver_to=f"http://127.0.0.1:{free_port()}")
    sid = gateway.send(parcel())
    (call,) = twilio.seen()["webhooks"]
    report = gateway.read_status(list(call["form"].items()))
    assert (report.sid, report.status, report.error_code) == (sid, OutgoingStatus.UNDELIVERED, 63016)
    assert gateway.is_genuine(call["url"], list(call["form"].items()), call["signature"])


@pytest.mark.parametrize("kind", ["401", "403", "404", "500_unsent", "503", "429", "redirect", "reset_unsent"])
def test_what_is_no_fault_of_the_text_is_tried_again(twilio: FakeTwilio, gateway: TwilioGateway, kind: str) -> None:
    fails(twilio, kind, times=1, code=20404 if kind == "404" else 0)
    with pytest.raises(GatewayDown):
        gateway.send(parcel())
    assert not twilio.accepted
    assert gateway.already_has(parcel(attempts=2)) is None
    gateway.send(parcel(attempts=2))
    assert len(twilio.accepted) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["500_sent", "hang_sent", "reset_sent", "cut", "garbage", "drip"])
def test_a_text_that_was_taken_without_a_word_is_found_again(
    twilio: FakeTwilio, gateway: TwilioGateway, kind: str
) -> None:
    fails(twilio, kind, times=1, seconds=2)
    with pytest.raises(GatewayDown) as down:
        gateway.send(parcel())
    assert down.value.wait
    (text,) = twilio.accepted
    assert gateway.already_has(parcel(attempts=2)) == text["sid"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["hang_unsent", "drip"])
def test_no_call_lasts_for_long(twilio: FakeTwilio, gateway: TwilioGateway, kind: str) -> None:
    fails(twilio, kind, seconds=6)
    began = time.monotonic()
    with pytest.raises(GatewayDown):
        gateway.send(parcel())
    assert time.monotonic() - began < 4


def test_a_provider_that_is_away_is_tried_again_soon() -> None:
    with pytest.raises(GatewayDown) as down:
        TwilioGateway(settings_for(f"http://127.0.0.1:{free_port()}")).send(parcel())
    assert down.value.wait is None  # it was surely not sent, so there is nothing to wait for


def test_nothing_is_sent_after_too_long_a_search_for_the_provider(
    twilio: FakeTwilio, gateway: TwilioGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "LOOKING_SECONDS", -1.0)
    with pytest.raises(GatewayDown) as down:
        gateway.send(parcel())
    assert down.value.wait is None
    assert not twilio.accepted


@pytest.mark.parametrize(("retry_after", "seconds"), [("7", 7), ("999999", 3600), ("-3", None), ("soon", None)])
def test_it_waits_as_long_as_it_is_told(
    twilio: FakeTwilio, gateway: TwilioGateway, retry_after: str, seconds: int | None
) -> None:
    fails(twilio, "429", retry_after=retry_after)
    with pytest.raises(GatewayDown) as down:
        gateway.send(parcel())
    assert down.value.wait == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("kind", ["500_unsent", "429", "401", "refuse", "cut", "garbage", "reset_unsent", "redirect"])
def test_a_list_that_cannot_be_read_never_means_no(twilio: FakeTwilio, gateway: TwilioGateway, kind: str) -> None:
    gateway.send(parcel())
    fails(twilio, kind, on="list", code=21211)
    with pytest.raises(GatewayDown):
        gateway.already_has(parcel(attempts=2))


def test_a_text_is_recognised_although_the_provider_changed_its_ends(
    twilio: FakeTwilio, gateway: TwilioGateway
) -> None:
    twilio.plan(prefix=TRIAL)
    sid = gateway.send(parcel(body="Thank you.\r\nWe look into it. \n"))
    assert gateway.already_has(parcel(body="Thank you.\r\nWe look into it. \n", attempts=2)) == sid


@pytest.mark.parametrize(
    "other",
    [
        {"body": f"Please read this: {BODY}"},
        {"body": BODY + " and more"},
        {"to": "+447700900999"},
        {"sender": "+441632960199"},
        {"direction": "outbound-reply"},
        {"direction": "inbound"},
        {"created": "old"},
    ],
)
def test_another_text_is_not_taken_for_ours(twilio: FakeTwilio, gateway: TwilioGateway, other: dict[str, Any]) -> None:
    other = dict(other)
    first_tried = datetime.now(UTC) + (timedelta(minutes=2) if other.pop("created", None) else timedelta(0))
    text = {"sid": "SM" + "a" * 32, "direction": "outbound-api", "to": THEIRS, "sender": OURS, "body": BODY}
    twilio.tell(text={**text, "status": "delivered", **other})
    assert gateway.already_has(parcel(attempts=2, first_tried_at=first_tried)) is None


def test_two_rows_with_the_same_words_are_two_texts(twilio: FakeTwilio) -> None:
    belongs_to_first: set[str] = set()
    gateway = TwilioGateway(settings_for(twilio.url), lambda sids: belongs_to_first & set(sids))
    first_sid = gateway.send(parcel(id=1))
    belongs_to_first.add(first_sid)
    assert gateway.already_has(parcel(id=2, attempts=2)) is None
    second_sid = gateway.send(parcel(id=2, attempts=2))
    assert gateway.already_has(parcel(id=2, attempts=3)) == second_sid != first_sid


def test_a_text_is_found_on_a_later_page(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    sid = gateway.send(parcel())
    for at in range(6):
        gateway.send(parcel(body=f"Another {at}"))
    twilio.plan(page_size=2)
    assert gateway.already_has(parcel(attempts=2)) == sid
    asked = [call for call in twilio.seen()["calls"] if call["method"] == "GET"]
    assert len(asked) == 4


def test_no_list_is_followed_for_ever(
    twilio: FakeTwilio, gateway: TwilioGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engage.gateways.twilio.MOST_PAGES", 2)
    for at in range(5):
        gateway.send(parcel(body=f"Another {at}"))
    twilio.plan(page_size=2)
    with pytest.raises(GatewayDown):
        gateway.already_has(parcel(attempts=2))


def test_the_sweep_lists_what_came_to_our_numbers(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    plain = twilio.incoming(THEIRS, OURS, "Smoke at the gate")
    picture = twilio.incoming(f"whatsapp:{THEIRS}", OURS_TOO, media=[{"content_type": "image/png", "content": "png"}])
    twilio.incoming(THEIRS, "+441632960999", "To somebody else")
    gateway.send(parcel())
    twilio.plan(page_size=1)
    for_us = {text.sid: text for text in gateway.list_incoming(since)}
    assert set(for_us) == {plain["sid"], picture["sid"]}
    (media,) = for_us[picture["sid"]].media
    assert gateway.fetch_media(media.url).content == b"png"
    assert for_us[plain["sid"]] == gateway.read_incoming(list(plain["form"].items()))
    assert for_us[picture["sid"]] == gateway.read_incoming(list(picture["form"].items()))
    asked_for_files = [call for call in twilio.seen()["calls"] if "/Media.json" in call["path"]]
    assert len(asked_for_files) == 1


def test_the_sweep_leaves_out_what_is_older(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    twilio.incoming(THEIRS, OURS, "Long ago")
    assert not list(gateway.list_incoming(datetime.now(UTC) + timedelta(minutes=1)))


def file_of(twilio: FakeTwilio, gateway: TwilioGateway, **media: Any) -> str:
    """The address of a file that came with a text."""
    came = twilio.incoming(THEIRS, OURS, "See here", media=[media])
    (file,) = gateway.read_incoming(list(came["form"].items())).media
    return file.url


def test_a_file_is_fetched_with_our_password(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    fetched = gateway.fetch_media(file_of(twilio, gateway, content_type="text/plain; charset=utf-8", content="hello"))
    assert (fetched.content, fetched.content_type) == (b"hello", "text/plain")


def test_a_file_is_fetched_where_the_provider_sends_us_on(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    assert gateway.fetch_media(file_of(twilio, gateway, content="jpg", location="/_store/{sid}")).content == b"jpg"


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/elsewhere",
        "http://localhost:{port}/elsewhere",
        "https://files.twiliocdn.example/x",
        "https://media.twiliocdn.com/x",
        "file:///etc/passwd",
        "//evil.example/x",
    ],
)
def test_nobody_is_followed_out_of_the_house(twilio: FakeTwilio, gateway: TwilioGateway, location: str) -> None:
    url = file_of(twilio, gateway, location=location.format(port=free_port()))
    with pytest.raises(Undeliverable):
        gateway.fetch_media(url)


def test_nobody_is_followed_in_a_circle(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    url = file_of(twilio, gateway, location="{sid}")
    before = len(twilio.seen()["calls"])
    with pytest.raises(Undeliverable):
        gateway.fetch_media(url)
    assert len(twilio.seen()["calls"]) - before == line.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "https://evil.example/x", "http://api.twilio.com/x", "not an address", ""]
)
def test_a_file_elsewhere_is_not_asked_for(gateway: TwilioGateway, url: str) -> None:
    with pytest.raises(Undeliverable):
        gateway.fetch_media(url)


@pytest.mark.parametrize(
    ("media", "failure"),
    [
        ({"size": line.LARGEST_FILE}, None),
        ({"size": line.LARGEST_FILE + 1}, Undeliverable),
        ({"size": line.LARGEST_FILE + 1, "tells_length": False}, Undeliverable),
        ({"content_type": "text/html", "content": "<p>"}, Undeliverable),
        ({"content_type": "application/octet-stream", "content": "x"}, Undeliverable),
        ({"content_type": "", "content": "x"}, Undeliverable),
        ({"status": 404}, Undeliverable),
        ({"status": 410}, Undeliverable),
        ({"status": 429}, GatewayDown),
        ({"status": 503}, GatewayDown),
        ({"content": "abcdef", "shorter_by": 3}, GatewayDown),
    ],
)
def test_what_a_file_may_be(
    twilio: FakeTwilio, gateway: TwilioGateway, media: dict[str, Any], failure: type[Exception] | None
) -> None:
    url = file_of(twilio, gateway, **media)
    if failure is None:
        assert len(gateway.fetch_media(url).content) == line.LARGEST_FILE
        return
    with pytest.raises(failure):
        gateway.fetch_media(url)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["hang", "drip", "cut", "reset_unsent"])
def test_a_file_that_does_not_come_is_tried_again(twilio: FakeTwilio, gateway: TwilioGateway, kind: str) -> None:
    url = file_of(twilio, gateway, content="abc")
    fails(twilio, kind, on="media", seconds=2)
    with pytest.raises(GatewayDown):
        gateway.fetch_media(url)


def test_webhooks_are_believed_by_their_signature_alone(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    twilio.plan(deliver_to=away)
    webhook = "http://127.0.0.1:8000/webhooks/twilio/message"
    twilio.incoming(THEIRS, OURS, "Ä 日本 & = +", webhook=webhook, times=3)
    calls = twilio.seen()["webhooks"]
    assert len(calls) == 3
    pairs, signature = list(calls[0]["form"].items()), calls[0]["signature"]
    assert gateway.is_genuine("/webhooks/twilio/message", pairs, signature)
    assert gateway.is_genuine("http://whoever.example/webhooks/twilio/message", pairs, signature)
    assert not gateway.is_genuine("/webhooks/twilio/status", pairs, signature)
    assert not gateway.is_genuine("/webhooks/twilio/message?row=1", pairs, signature)
    assert not gateway.is_genuine("/webhooks/twilio/message", [*pairs, ("Body", "more")], signature)
    assert not gateway.is_genuine("/webhooks/twilio/message", pairs[1:], signature)
    elsewhere = TwilioGateway(settings_for(twilio.url, public_url="https://report.example.org"))
    assert not elsewhere.is_genuine("http://127.0.0.1:8000/webhooks/twilio/message", pairs, signature)


def test_the_token_before_the_last_is_believed_while_it_is_set(twilio: FakeTwilio) -> None:
    twilio.plan(deliver_to=f"http://127.0.0.1:{free_port()}")
    webhook = "http://127.0.0.1:8000/webhooks/twilio/message"
    came = twilio.incoming(THEIRS, OURS, "Hello", webhook=webhook)
    (call,) = twilio.seen()["webhooks"]
    pairs = list(came["form"].items())
    changed = settings_for(twilio.url, twilio_auth_token="the-new-token")
    changing = settings_for(twilio.url, twilio_auth_token="the-new-token", twilio_auth_token_old=TOKEN)
    assert not TwilioGateway(changed).is_genuine(webhook, pairs, call["signature"])
    assert TwilioGateway(changing).is_genuine(webhook, pairs, call["signature"])


@pytest.mark.parametrize("shuffled", [False, True])
def test_reports_come_early_doubled_and_out_of_order(
    twilio: FakeTwilio, gateway: TwilioGateway, shuffled: bool
) -> None:
    reports = {"when": "early", "times": 2, "shuffled": shuffled, "statuses": ["sent", "delivered"]}
    twilio.plan(reports=reports, deliver_to=f"http://127.0.0.1:{free_port()}")
    gateway.send(parcel())
    told = [call["form"]["MessageStatus"] for call in twilio.seen()["webhooks"]]
    assert sorted(told) == ["delivered", "delivered", "sent", "sent"]
    assert (told == ["sent", "sent", "delivered", "delivered"]) != shuffled


@pytest.mark.parametrize(("when", "told"), [("late", ["sent", "delivered"]), ("never", [])])
def test_reports_come_late_or_never(twilio: FakeTwilio, gateway: TwilioGateway, when: str, told: list[str]) -> None:
    twilio.plan(reports={"when": when, "seconds": 0.1}, deliver_to=f"http://127.0.0.1:{free_port()}")
    gateway.send(parcel())
    assert not twilio.seen()["webhooks"]
    ends = time.monotonic() + (5 if told else 0.3)
    while time.monotonic() < ends and len(twilio.seen()["webhooks"]) < 2:
        time.sleep(0.02)
    assert [call["form"]["MessageStatus"] for call in twilio.seen()["webhooks"]] == told


def test_a_share_of_the_calls_fails_in_the_same_way_for_the_same_seed(
    twilio: FakeTwilio, gateway: TwilioGateway
) -> None:
    def failed() -> list[int]:
        twilio.plan(faults=[{"kind": "500_unsent", "probability": 0.2}], seed=11)
        return [at for at in range(40) if not sent(gateway)]

    first = failed()
    assert 2 <= len(first) <= 16
    assert failed() == first


def sent(gateway: TwilioGateway) -> bool:
    try:
        return bool(gateway.send(parcel()))
    except GatewayDown:
        return False


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["refuse", "401", "reset_sent", "hang_unsent", "garbage", "429"])
def test_no_log_and_no_error_tells_whom_or_what(
    twilio: FakeTwilio, gateway: TwilioGateway, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    for on, ask in (("send", gateway.send), ("list", gateway.already_has)):
        fails(twilio, kind, on=on, code=21211, seconds=1)
        with pytest.raises((GatewayDown, Undeliverable)) as problem:
            ask(parcel(attempts=2))
        said.append(f"{problem.value!r} {problem.value.__suppress_context__ or problem.value.__context__!r}")
    for secret in (THEIRS[1:], OURS[1:], TOKEN, "report has arrived", KEY):
        assert secret not in caplog.text
        assert secret not in "".join(said)
