"""What Twilio writes is believed only if it is whole, signed and for us; what anybody else writes never breaks us."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from engage.config import Settings
from engage.gateways import GatewayDown, OptedOut, Undeliverable
from engage.gateways.twilio import IncomingMedia, IncomingText, NotOurs, StatusReport, TwilioGateway
from engage.gateways.twilio.hosts import Hosts
from engage.gateways.twilio.refusals import code_of, refusal, wait_told
from engage.taxonomy import Carrier, OutgoingStatus
from tests import make

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-of-the-account"
SID = "SM" + "a1" * 16
FILE = "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0"
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
FORM = {
    "AccountSid": ACCOUNT,
    "MessageSid": SID,
    "From": "+447700900123",
    "To": "+441632960100",
    "Body": "Smoke",
    "NumMedia": "0",
}
REPORT = {"AccountSid": ACCOUNT, "MessageSid": SID, "MessageStatus": "delivered"}

Pairs = list[tuple[str, str]]


def settings(**others: str) -> Settings:
    values: dict[str, Any] = {
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_number": "+441632960100,whatsapp:+441632960101",
        "public_url": "https://report.example.org",
        **others,
    }
    return make.settings(**values)


GATEWAY = TwilioGateway(settings(), shared_keys=["a-shared-key"])


def pairs(form: dict[str, str], **changed: str | None) -> Pairs:
    """A form with some fields changed, or left out where None."""
    return [(name, value) for name, value in {**form, **changed}.items() if value is not None]


def test_a_text_is_read() -> None:
    assert GATEWAY.read_incoming(pairs(FORM)) == IncomingText(
        sid=SID,
        carrier=Carrier.SMS,
        sender="+447700900123",
        our_number="+441632960100",
        answerable=True,
        text="Smoke",
    )


def test_a_whatsapp_message_is_read() -> None:
    came = GATEWAY.read_incoming(
        pairs(FORM, From="whatsapp:+447700900123", To="whatsapp:+441632960101", OptOutType="STOP")
    )
    assert (came.carrier, came.sender, came.our_number) == (Carrier.WHATSAPP, "+447700900123", "+441632960101")
    assert came.opt_out == "STOP"


@pytest.mark.parametrize("number", ["+441632960100", "441632960100", " +44 1632 960100", "+44-1632-960-100"])
def test_our_number_is_known_however_it_is_written(number: str) -> None:
    assert GATEWAY.read_incoming(pairs(FORM, To=number)).our_number == "+441632960100"


@pytest.mark.parametrize(
    ("sender", "answerable"),
    [
        ("+447700900123", True),
        ("62622", False),
        ("VERIFY", False),
        ("", False),
        ("+441632960100", False),
        ("+441632960101", False),
        ("+12", False),
    ],
)
def test_only_a_phone_that_is_not_ours_is_answered(sender: str, answerable: bool) -> None:
    assert GATEWAY.read_incoming(pairs(FORM, From=sender)).answerable is answerable


@pytest.mark.parametrize(
    "changed",
    [
        *({name: None} for name in FORM),
        {"AccountSid": "AC" + "1" * 32},
        {"AccountSid": ""},
        {"To": "+441632960999"},
        {"To": ""},
        {"To": "+441632960101"},  # ours on WhatsApp, not for texts
        {"To": "whatsapp:+441632960101"},  # but the sender is no WhatsApp address
        {"From": "whatsapp:+447700900123"},
        {"MessageSid": "SM" + "a" * 31},
        {"MessageSid": "XX" + "a" * 32},
        {"MessageSid": SID + "\n"},
        {"NumMedia": "many"},
        {"NumMedia": "-1"},
        {"NumMedia": "²"},
        {"NumMedia": "9" * 5000},
    ],
)
def test_what_is_not_ours_is_refused(changed: dict[str, str | None]) -> None:
    with pytest.raises(NotOurs) as refused:
        GATEWAY.read_incoming(pairs(FORM, **changed))
    assert "+44" not in str(refused.value)


@pytest.mark.parametrize("name", FORM)
def test_no_field_that_counts_may_come_twice(name: str) -> None:
    with pytest.raises(NotOurs):
        GATEWAY.read_incoming([*pairs(FORM), (name, FORM[name])])


def test_an_installation_without_the_provider_has_nothing_from_it() -> None:
    bare = TwilioGateway(settings(twilio_account_sid="", twilio_auth_token="", twilio_number=""))
    with pytest.raises(NotOurs):
        bare.read_incoming(pairs(FORM, AccountSid=""))
    unsigned = RequestValidator("").compute_signature("https://report.example.org/x", {})
    assert not bare.is_genuine("/x", [], unsigned)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (FILE, True),
        ("https://media.twilio.com/x", True),
        ("http://api.twilio.com/x", False),
        ("https://api.twilio.com:8443/x", False),
        ("https://api.twilio.com.evil.example/x", False),
        ("https://eviltwilio.com/x", False),
        ("https://evil.example\\@api.twilio.com/x", False),
        ("https://api.twilio.com@evil.example/x", False),
        ("https://me:secret@api.twilio.com/x", False),
        ("https://bucket.s3.amazonaws.com/x", False),
        ("http://127.0.0.1/x", False),
        ("https://api.twilio.com:port/x", False),
        ("https://[::1", False),
        ("//api.twilio.com/x", False),
        ("https://api.twilio.com/a b", False),
        ("https://api.twilio.com/\u00e4", False),
        ("", False),
    ],
)
def test_only_files_at_the_provider_are_kept(url: str, kept: bool) -> None:
    came = GATEWAY.read_incoming(pairs(FORM, NumMedia="1", MediaUrl0=url, MediaContentType0="image/jpeg"))
    assert came.media == ((IncomingMedia(url, "image/jpeg"),) if kept else ())


def test_at_most_ten_files_are_kept_and_none_that_is_told_twice() -> None:
    form = pairs(FORM, NumMedia="12") + [(f"MediaUrl{at}", f"{FILE}{at}") for at in range(12)]
    assert len(GATEWAY.read_incoming(form).media) == 10
    assert len(GATEWAY.read_incoming([*form, ("MediaUrl3", FILE)]).media) == 9


@pytest.mark.parametrize(
    ("api_url", "url", "theirs", "sent_on"),
    [
        ("https://api.twilio.com", "https://media.twiliocdn.com/x", False, True),
        ("https://api.twilio.com", "https://s3.amazonaws.com/x", False, True),
        ("https://api.twilio.com", "http://s3.amazonaws.com/x", False, False),
        ("https://api.twilio.com", "https://twiliocdn.com.evil.example/x", False, False),
        ("https://api.twilio.com", "https://api.twilio.com/x", True, True),
        ("https://texts.example", "https://texts.example/x", True, True),
        ("http://texts.example", "http://texts.example/x", False, False),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000/x", True, True),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4001/x", False, False),
        ("http://127.0.0.1:4000", "https://s3.amazonaws.com/x", False, False),
    ],
)
def test_who_gets_our_password_and_who_is_only_asked(api_url: str, url: str, theirs: bool, sent_on: bool) -> None:
    hosts = Hosts(api_url)
    assert (hosts.are_theirs(url), hosts.may_send_on(url)) == (theirs, sent_on)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        *((word, OutgoingStatus.ACCEPTED) for word in ("queued", "accepted", "scheduled", "sending")),
        ("sent", OutgoingStatus.SENT),
        ("delivered", OutgoingStatus.DELIVERED),
        ("read", OutgoingStatus.DELIVERED),
        ("undelivered", OutgoingStatus.UNDELIVERED),
        ("failed", OutgoingStatus.FAILED),
        ("canceled", OutgoingStatus.FAILED),
    ],
)
def test_every_status_of_theirs_is_one_of_ours(said: str, status: OutgoingStatus) -> None:
    expected = StatusReport(SID, status, None)
    assert GATEWAY.read_status(pairs(REPORT, MessageStatus=said)) == expected
    old_names = {"AccountSid": ACCOUNT, "SmsSid": SID, "SmsStatus": said}
    assert GATEWAY.read_status(pairs(old_names)) == expected


@pytest.mark.parametrize(
    ("code", "read"), [("30003", 30003), ("", None), ("none", None), ("9" * 5000, None), ("²", None), (None, None)]
)
def test_a_code_is_a_number_or_none(code: str | None, read: int | None) -> None:
    assert GATEWAY.read_status(pairs(REPORT, ErrorCode=code)).error_code == read


@pytest.mark.parametrize(
    "form",
    [
        *([pair for pair in pairs(REPORT) if pair[0] != name] for name in REPORT),
        *([*pairs(REPORT), (name, REPORT[name])] for name in REPORT),
        pairs(REPORT, MessageStatus="receiving"),
        pairs(REPORT, AccountSid="AC" + "1" * 32),
        pairs(REPORT, MessageSid="7"),
        [],
    ],
)
def test_a_report_that_is_not_ours_is_refused(form: Pairs) -> None:
    with pytest.raises(NotOurs):
        GATEWAY.read_status(form)


def signed(form: dict[str, str], token: str = TOKEN, url: str = "https://report.example.org/x?a=b") -> str:
    return str(RequestValidator(token).compute_signature(url, form))


@pytest.mark.parametrize(
    ("url", "signature", "genuine"),
    [
        ("/x?a=b", signed(FORM), True),
        ("https://elsewhere.example/x?a=b", signed(FORM), True),
        ("/x?a=b", signed(FORM, url="https://report.example.org:443/x?a=b"), True),
        ("/x?a=b", signed(FORM, url="http://report.example.org/x?a=b"), False),
        ("/x?a=b", signed(FORM, token="another"), False),
        ("/x?a=c", signed(FORM), False),
        ("/x", signed(FORM), False),
        ("/x?a=b", signed({**FORM, "Body": "Fire"}), False),
        ("/x?a=b", signed(FORM)[:-1], False),
        ("/x?a=b", "", False),
        ("/x?a=b", "ä\ud800", False),
    ],
)
def test_a_signature_stands_over_the_public_address_and_every_field(url: str, signature: str, genuine: bool) -> None:
    assert GATEWAY.is_genuine(url, pairs(FORM), signature) is genuine


@pytest.mark.parametrize(
    ("header", "secret", "algorithm", "genuine"),
    [
        ("key=k1,algorithm=HMAC_SHA256", "a-shared-key", "HMAC_SHA256", True),
        ("key=k1,algorithm=HMAC_SHA1", "a-shared-key", "HMAC_SHA1", True),
        ("key=k1,algorithm=HMAC_SHA256", "a-shared-key", "HMAC_SHA1", False),
        ("key=k1,algorithm=HMAC_SHA256", TOKEN, "HMAC_SHA256", False),
        ("key=k1,algorithm=HMAC_MD5", "a-shared-key", "HMAC_SHA256", False),
        (None, "a-shared-key", "HMAC_SHA1", False),
        (None, TOKEN, "HMAC_SHA256", False),
    ],
)
def test_a_shared_key_signs_where_the_header_says_so(
    header: str | None, secret: str, algorithm: str, genuine: bool
) -> None:
    signature = RequestValidator(secret).compute_signature("https://report.example.org/x", FORM, algorithm)
    assert GATEWAY.is_genuine("/x", pairs(FORM), signature, header) is genuine


@pytest.mark.parametrize(
    ("status", "body", "failure", "code"),
    [
        (429, "", GatewayDown, None),
        (500, '{"code": 21211}', GatewayDown, None),
        (401, '{"code": 20003}', GatewayDown, None),
        (403, '{"code": 21211}', GatewayDown, None),
        (404, "<html>", GatewayDown, None),
        (302, '{"code": 21211}', GatewayDown, None),
        (400, '{"code": 20404}', GatewayDown, None),
        (400, '{"code": 21610}', OptedOut, 21610),
        (400, '{"code": 21211}', Undeliverable, 21211),
        (400, '{"code": 63016}', Undeliverable, 63016),
        (400, '{"code": 29999}', Undeliverable, 29999),
    ],
)
def test_an_answer_says_whether_trying_again_helps(
    status: int, body: str, failure: type[Exception], code: int | None
) -> None:
    problem = refusal(status, body, None, NOON)
    assert type(problem) is failure
    assert getattr(problem, "code", None) == code


@pytest.mark.parametrize("body", ["", "[]", "{}", "null", '{"code": "21211"}', '{"code": true}', "[" * 100_000])
def test_an_answer_without_a_code_has_none(body: str) -> None:
    assert code_of(body) is None


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("99999999999999999999", 3600),
        ("Sat, 14 Mar 2026 12:01:00 GMT", 60),
        ("Sat, 14 Mar 2026 12:01:00", 60),
        ("Sat, 14 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 14 Mar 2027 11:00:00 GMT", 3600),
        ("soon", None),
        ("", None),
        (None, None),
        ("²", None),
    ],
)
def test_a_wait_is_seconds_or_a_date(said: str | None, seconds: int | None) -> None:
    assert wait_told(said, NOON) == (None if seconds is None else timedelta(seconds=seconds))


NAMES = st.sampled_from([*FORM, *REPORT, "ErrorCode", "SmsSid", "SmsStatus", "OptOutType", "MediaUrl0", "MediaUrl1"])
VALUES = st.one_of(
    st.text(st.characters()),
    st.sampled_from([*FORM.values(), *REPORT.values(), FILE, "whatsapp:+441632960101", "2"]),
)
ANY_PAIRS = st.lists(st.tuples(st.one_of(NAMES, st.text()), VALUES), max_size=12)


@given(
    st.one_of(st.text(st.characters()), st.just("/x?a=b")), ANY_PAIRS, st.text(st.characters()), st.none() | st.text()
)
def test_nobody_guesses_a_signature_and_nothing_breaks_the_check(
    url: str, form: Pairs, signature: str, header: str | None
) -> None:
    assert GATEWAY.is_genuine(url, form, signature, header) is False


@given(ANY_PAIRS)
def test_no_form_breaks_the_reading(form: Pairs) -> None:
    for read, base in itertools.product((GATEWAY.read_incoming, GATEWAY.read_status), (FORM, REPORT, {})):
        names = {name for name, _ in form}
        whole = form + [pair for pair in base.items() if pair[0] not in names]
        try:
            read(whole)
        except NotOurs:
            continue


@given(st.text(st.characters()))
def test_no_wait_breaks_us(said: str) -> None:
    wait = wait_told(said, NOON)
    assert wait is None or timedelta(0) <= wait <= timedelta(hours=1)


@given(st.text(st.characters()))
def test_no_address_breaks_us(url: str) -> None:
    assert not Hosts("https://api.twilio.com").are_theirs(f"https://{url}@evil.example/")
    Hosts("https://api.twilio.com").may_send_on(f"https://{url}.amazonaws.com")
