"""Twilio's signature on what it sends us, in both forms that twilio-python knows.

Without `X-Twilio-Webhooks-Signature-Settings` it is HMAC-SHA1 under the account's token. With that header it is made
with a shared key of the account's webhook settings, mostly HMAC-SHA256. Both stand in `X-Twilio-Signature`.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Collection, Iterator
from typing import Final
from urllib.parse import urlparse, urlsplit

from twilio import request_validator  # type: ignore[import-untyped]

from engage.gateways.twilio.reading import Pairs

SIGNATURE_HEADER: Final[str] = request_validator.SIGNATURE_HEADER
SETTINGS_HEADER: Final[str] = request_validator.SIGNATURE_SETTINGS_HEADER

log = logging.getLogger(__name__)


class Signatures:
    """Tells what the provider signed from what anybody wrote."""

    def __init__(self, public_url: str, tokens: Collection[str], shared_keys: Collection[str]) -> None:
        """Empty tokens and keys sign nothing."""
        self._public_url = public_url
        self._tokens = [token for token in tokens if token]
        self._shared_keys = [key for key in shared_keys if key]

    def is_genuine(self, url: str, pairs: Pairs, signature: str, settings_header: str | None) -> bool:
        """Whether the provider signed a form that was sent to an address of ours. Never raises."""
        try:
            return self._is_genuine(url, pairs, signature, settings_header)
        except Exception as problem:  # twilio-python raises on odd headers, and odd headers are never genuine
            log.debug("A signature could not be checked: %s", type(problem).__name__)
            return False

    def _is_genuine(self, url: str, pairs: Pairs, signature: str, settings_header: str | None) -> bool:
        algorithm = request_validator.get_signature_algorithm(settings_header)
        secrets = self._shared_keys if settings_header else self._tokens
        given, form = signature.encode(), _Fields(pairs)
        right = [
            hmac.compare_digest(
                request_validator.RequestValidator(secret).compute_signature(address, form, algorithm).encode(), given
            )
            for secret in secrets
            for address in self._addresses(url)
        ]
        return any(right)

    def _addresses(self, url: str) -> tuple[str, str]:
        """The address with and without its port: the provider signs now this, now that.

        Only path and query of `url` count. Its host is what the sender of the request says, and nobody believes that.
        """
        asked = urlsplit(url)
        public = urlparse(self._public_url)._replace(path=asked.path, query=asked.query)
        return request_validator.add_port(public), request_validator.remove_port(public)


class _Fields:
    """A form as twilio-python reads those of web frameworks."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._pairs])

    def __len__(self) -> int:
        return len(self._pairs)

    def getlist(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for other, value in self._pairs if other == name]
