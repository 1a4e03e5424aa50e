"""How the fake Twilio calls us: signed webhooks for incoming texts, signed reports on those we sent."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.fakes.twilio_account import API, FIRST_CODE_OF_CALLBACKS, Account, Media, Text, new_sid

LOOPBACK = ("127.0.0.1", "localhost", "::1")
WEBHOOK_SECONDS = 15.0
MOST_AT_ONCE = 16


class Webhooks:
    """Calls the addresses that it was told, on this machine only, and keeps what they answered."""

    def __init__(self, account: Account, base: str) -> None:
        self._account = account
        self._base = base
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE)

    def report(self, text: Text, *, early: bool) -> None:
        """Report on a text that was just accepted, as the plan says."""
        plan = self._account.plan
        reports = plan.reports
        code = plan.refused.get(text.to, 0)
        late_refusal = code >= FIRST_CODE_OF_CALLBACKS
        statuses = ["undelivered"] if late_refusal else reports.statuses
        error_code = code if late_refusal else reports.error_code
        if reports.when != ("early" if early else "late") or not text.callback:
            return
        statuses = [status for status in statuses for _ in range(max(1, min(reports.times, MOST_AT_ONCE)))]
        if reports.shuffled:
            self._account.chance.shuffle(statuses)
        if early:
            self.tell(text, statuses, error_code)
        else:
            self._pool.submit(self._tell_later, text, statuses, error_code, min(reports.seconds, 30.0))

    def tell(self, text: Text, statuses: list[str], error_code: int | None = None) -> list[int]:
        """Report these statuses of a text, one after the other, and give what was answered."""
        return [self._tell(text, status, error_code) for status in statuses]

    def _tell_later(self, text: Text, statuses: list[str], error_code: int | None, seconds: float) -> None:
        time.sleep(seconds)
        self.tell(text, statuses, error_code)

    def _tell(self, text: Text, status: str, error_code: int | None) -> int:
        with self._account.lock:
            text.status = status
            text.error_code = error_code
            text.sent = text.sent or (datetime.now(UTC) if status != "queued" else None)
        form = {
            "AccountSid": self._account.sid,
            "ApiVersion": "2010-04-01",
            "From": text.sender,
            "MessageSid": text.sid,
            "MessageStatus": status,
            "SmsSid": text.sid,
            "SmsStatus": status,
            "To": text.to,
        }
        if error_code and status in ("undelivered", "failed"):
            form["ErrorCode"] = str(error_code)
        return self._post(text.callback, form)

    def take_in(self, told: dict[str, Any]) -> dict[str, Any]:
        """A text comes in: it stands in the list, and the webhook is called `times` times at once (0: it is lost)."""
        now = datetime.now(UTC)
        text = Text(
            sid=told.get("sid") or new_sid("MM" if told.get("media") else "SM"),
            direction="inbound",
            to=told["to"],
            sender=told["from"],
            body=told.get("body", ""),
            status="received",
            sent=now,
            media=[Media(**media) for media in told.get("media", [])],
        )
        self._account.keep(text)
        form = {**self._incoming_form(text), **told.get("fields", {})}
        times = min(int(told.get("times", 1)), MOST_AT_ONCE) if told.get("webhook") else 0
        answers = list(self._pool.map(lambda _: self._post(told["webhook"], form), range(times)))
        return {"sid": text.sid, "form": form, "answers": answers}

    def _incoming_form(self, text: Text) -> dict[str, str]:
        form = {
            "AccountSid": self._account.sid,
            "ApiVersion": "2010-04-01",
            "Body": text.body,
            "From": text.sender,
            "MessageSid": text.sid,
            "NumMedia": str(len(text.media)),
            "NumSegments": "1",
            "SmsMessageSid": text.sid,
            "SmsSid": text.sid,
            "SmsStatus": "received",
            "To": text.to,
        }
        for at, file in enumerate(text.media):
            form[f"MediaUrl{at}"] = f"{self._base}{API}/{self._account.sid}/Messages/{text.sid}/Media/{file.sid}"
            form[f"MediaContentType{at}"] = file.content_type
        if text.sender.startswith("whatsapp:+"):
            form["WaId"] = text.sender.removeprefix("whatsapp:+")
            form["ProfileName"] = "Somebody"
        return form

    def _post(self, url: str, form: dict[str, str]) -> int:
        """The status of the answer; 0 where there was none."""
        parts = urlsplit(url)
        target = urlsplit(self._account.plan.deliver_to or url)
        signature = RequestValidator(self._account.token).compute_signature(url, form)
        answered = 0
        if target.hostname in LOOPBACK:
            line = http.client.HTTPConnection(target.hostname, target.port or 80, timeout=WEBHOOK_SECONDS)
            headers = {
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                "X-Twilio-Signature": signature,
                "I-Twilio-Idempotency-Token": new_sid(""),
                "User-Agent": "TwilioProxy/1.1",
            }
            try:
                line.request("POST", f"{parts.path}?{parts.query}".rstrip("?"), urlencode(form), headers)
                answered = line.getresponse().status
            except (OSError, http.client.HTTPException):
                answered = 0
            finally:
                line.close()
        with self._account.lock:
            self._account.webhooks.append({"url": url, "form": form, "signature": signature, "answer": answered})
        return answered
