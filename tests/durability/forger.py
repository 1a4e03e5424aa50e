"""Requests that pretend to be the provider's: signed wrongly, changed on their way, doubled, cut short, odd or huge."""

from __future__ import annotations

import base64
import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from engage.config import Settings
from engage.installation import Installation
from engage.models import Outgoing
from engage.outbox import callback_key
from tests import make
from tests.visitor import FORM, Visitor

Pairs = list[tuple[str, str]]
MESSAGE, STATUS = "/webhooks/twilio/message", "/webhooks/twilio/status"
#: One in so many forgeries is larger than anything we take, and one in so many has more fields than that.
HUGE_ONE_IN = 500
HUGE = 2_100_000
REQUIRED = ("MessageSid", "AccountSid", "From", "To", "Body", "NumMedia")
ODD_SIGNATURES = ("", " ", "=", "é\xff\x80", "\x7f" * 40, "A" * 100_000, "a,b", "0", "None", "sha256=" + "0" * 64)


@dataclass(frozen=True, slots=True)
class Made:
    """A request: path, method, query and form as bytes, and its headers by their WSGI names."""

    request: tuple[str, str, bytes, bytes]
    headers: dict[str, str]

    def sent_by(self, visitor: Visitor) -> int:
        """The status of the answer."""
        path, method, query, body = self.request
        return visitor.asks(path, method, query, body, FORM, **self.headers).status


class Forger:
    """Knows everything but the token, and has seen genuine requests whose signatures it uses again."""

    def __init__(self, settings: Settings, chance: random.Random) -> None:
        self._settings, self._chance = settings, chance
        self._validator = RequestValidator(settings.twilio_auth_token)
        self._kinds: tuple[Callable[[], Made], ...] = (
            self._odd_signature,
            self._broken_signature,
            self._signed_by_another,
            self._changed,
            self._added,
            self._doubled,
            self._doubled_and_signed,
            self._missing,
            self._missing_and_signed,
            self._moved_boundary,
            self._of_another_account,
            self._to_another_number,
            self._with_odd_id,
            self._at_another_address,
            self._odd_settings_header,
        )

    def genuine(self) -> Made:
        """A request that the provider might send."""
        pairs = self._pairs()
        return self._made(pairs, self._signed(pairs))

    def report(self, installation: Installation, row_id: int, status: str) -> Made:
        """A genuine report on a row of the outbox."""
        with installation.database.reading() as session:
            row = session.get_one(Outgoing, row_id)
            key = callback_key(installation.vault, row_id, row.written_at)
        query = urlencode({"row": row_id, "key": key})
        sid = f"SM{row_id:032x}"
        pairs = [("AccountSid", self._settings.twilio_account_sid), ("MessageSid", sid), ("MessageStatus", status)]
        signature = self._validator.compute_signature(f"{self._settings.public_url}{STATUS}?{query}", dict(pairs))
        return Made((STATUS, "POST", query.encode(), urlencode(pairs).encode()), {"HTTP_X_TWILIO_SIGNATURE": signature})

    def forgeries(self, number: int) -> Iterator[Made]:
        """So many, of every kind in turn."""
        for at in range(number):
            if at % HUGE_ONE_IN == 0:
                yield self._huge(many_fields=at % (2 * HUGE_ONE_IN) == 0)
            else:
                yield self._kinds[at % len(self._kinds)]()

    def _pairs(self) -> Pairs:
        return [
            ("AccountSid", self._settings.twilio_account_sid),
            ("ApiVersion", "2010-04-01"),
            ("Body", f"{make.GUN} {secrets.token_hex(4)}"),
            ("From", f"+4477009{self._chance.randrange(100_000):05d}"),
            ("MessageSid", "SM" + secrets.token_hex(16)),
            ("NumMedia", "0"),
            ("To", make.OUR_NUMBERS[0]),
        ]

    def _signed(self, pairs: Pairs, validator: RequestValidator | None = None, path: str = MESSAGE) -> str:
        """The signature of a form; of a field that comes twice, both values are in it."""
        form: dict[str, list[str]] = {}
        for name, value in pairs:
            form.setdefault(name, []).append(value)
        signer = validator or self._validator
        return str(signer.compute_signature(self._settings.public_url + path, _Lists(form)))

    def _made(self, pairs: Pairs, signature: str, **headers: str) -> Made:
        body = urlencode(pairs).encode()
        return Made((MESSAGE, "POST", b"", body), {"HTTP_X_TWILIO_SIGNATURE": signature, **headers})

    def _odd_signature(self) -> Made:
        return self._made(self._pairs(), self._chance.choice(ODD_SIGNATURES))

    def _broken_signature(self) -> Made:
        pairs = self._pairs()
        good = bytearray(base64.b64decode(self._signed(pairs)))
        good[self._chance.randrange(len(good))] ^= 1 << self._chance.randrange(8)
        cut = base64.b64encode(good).decode()
        return self._made(pairs, cut[: self._chance.choice([len(cut), len(cut), 10])])

    def _signed_by_another(self) -> Made:
        pairs = self._pairs()
        return self._made(pairs, self._signed(pairs, RequestValidator(secrets.token_hex(16))))

    def _changed(self) -> Made:
        pairs = self._pairs()
        signature, at = self._signed(pairs), self._chance.randrange(len(pairs))
        name, value = pairs[at]
        where = self._chance.randrange(len(value))
        pairs[at] = (name, value[:where] + chr(ord(value[where]) ^ 1) + value[where + 1 :])
        return self._made(pairs, signature)

    def _added(self) -> Made:
        pairs = self._pairs()
        extra = (self._chance.choice(["OptOutType", "MediaUrl0", "Zzz", "\x00", "ÿ"]), "START")
        return self._made([*pairs, extra], self._signed(pairs))

    def _doubled(self) -> Made:
        """The signature of a form holds for it with a value repeated."""
        pairs = self._pairs()
        again = self._chance.choice([pair for pair in pairs if pair[0] in REQUIRED])
        return self._made([*pairs, again], self._signed(pairs))

    def _doubled_and_signed(self) -> Made:
        pairs = self._pairs()
        pairs.insert(0, (self._chance.choice(REQUIRED), "another"))
        return self._made(pairs, self._signed(pairs))

    def _missing(self) -> Made:
        pairs = self._pairs()
        gone = self._chance.choice(REQUIRED)
        return self._made([pair for pair in pairs if pair[0] != gone], self._signed(pairs))

    def _missing_and_signed(self) -> Made:
        gone = self._chance.choice(REQUIRED)
        pairs = [pair for pair in self._pairs() if pair[0] != gone]
        return self._made(pairs, self._signed(pairs))

    def _moved_boundary(self) -> Made:
        """Nothing stands between the fields of what is signed: letters of a value may pass for letters of its name."""
        pairs = self._pairs()
        signature, at = self._signed(pairs), self._chance.randrange(len(pairs))
        name, value = pairs[at]
        if name not in REQUIRED:
            return self._doubled()
        letters = self._chance.randrange(1, len(value) + 1)
        pairs[at] = (name + value[:letters], value[letters:])
        return self._made(pairs, signature)

    def _replaced(self, name: str, value: str) -> Made:
        pairs = [(other, value if other == name else was) for other, was in self._pairs()]
        return self._made(pairs, self._signed(pairs))

    def _of_another_account(self) -> Made:
        return self._replaced("AccountSid", "AC" + secrets.token_hex(16))

    def _to_another_number(self) -> Made:
        return self._replaced("To", self._chance.choice(["+441632960999", "", "whatsapp:", make.OUR_NUMBERS[0] + "0"]))

    def _with_odd_id(self) -> Made:
        odd = ["", "SM", "SM" + "g" * 32, "XX" + "0" * 32, "SM" + "0" * 33, "SM" + "0" * 32 + "\n", "SM\x00"]
        return self._replaced("MessageSid", self._chance.choice(odd))

    def _at_another_address(self) -> Made:
        pairs = self._pairs()
        made = self._made(pairs, self._signed(pairs, path=self._chance.choice([STATUS, "/", MESSAGE + "/", "/x"])))
        return Made(made.request, {**made.headers, "HTTP_X_FORWARDED_HOST": "example.org"})

    def _odd_settings_header(self) -> Made:
        odd = ["é\xff", "algorithm=none", "hmac-sha256", "{}", "A" * 10_000, "version=1,algorithm=HmacSHA256"]
        pairs = self._pairs()
        header = {"HTTP_X_TWILIO_WEBHOOKS_SIGNATURE_SETTINGS": self._chance.choice(odd)}
        return self._made(pairs, "A" * 28, **header)

    def _huge(self, *, many_fields: bool) -> Made:
        pairs = [(f"a{at}", "") for at in range(100_000)] if many_fields else [("Body", "x" * HUGE)]
        return self._made(self._pairs() + pairs, "A" * 28)


class _Lists:
    """A form whose fields may come twice, as the validator reads those of web frameworks."""

    def __init__(self, form: dict[str, list[str]]) -> None:
        self._form = form

    def __iter__(self) -> Iterator[str]:
        return iter(self._form)

    def __len__(self) -> int:
        return len(self._form)

    def getlist(self, name: str) -> list[str]:
        """Every value of a field."""
        return self._form[name]
