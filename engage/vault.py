"""Keys: everything secret is derived here from the one secret key, each purpose with a key of its own."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engage import base32

ACCESS_CHARACTERS = 26
ACCESS_BITS = 5 * ACCESS_CHARACTERS
TAG_CHARACTERS = 4
PASSWORD_CHARACTERS = 16
NONCE_BYTES = 12


class Unsealable(Exception):
    """What was sealed was sealed with another key, or has been changed. Trying again does not help."""


class Vault:
    """Keyed hashes and access codes. Holds nothing but keys; two vaults of one secret key agree."""

    def __init__(self, secret_key: str) -> None:
        self._secret = secret_key.encode()
        self._keys: dict[str, bytes] = {}

    def key_for(self, purpose: str) -> bytes:
        """The 32-byte key of a purpose (HKDF, RFC 5869)."""
        if purpose not in self._keys:
            derivation = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"engage:{purpose}".encode())
            self._keys[purpose] = derivation.derive(self._secret)
        return self._keys[purpose]

    def look_up_hash(self, purpose: str, value: str) -> str:
        """64 hexadecimal digits by which a value is found again without being kept."""
        return self._mac(purpose, value.encode("utf-8", "surrogatepass")).hex()

    def seal(self, purpose: str, content: bytes) -> bytes:
        """Content that only this secret key opens, for this purpose only (AES-256-GCM with a random nonce)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.key_for(f"seal:{purpose}")).encrypt(nonce, content, None)

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """What was sealed for a purpose. Raises `Unsealable`."""
        try:
            return AESGCM(self.key_for(f"seal:{purpose}")).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise Unsealable from None

    def access_code(self, salt: bytes, key: str) -> str:
        """The access code of the report that came with an idempotency key: 26 characters, 130 bits.

        It is computed, not kept: who repeats a report with its key after a lost answer gets the same code again, while
        the database alone gives none away.
        """
        return self._letters("access-code", salt + key.encode("utf-8", "surrogatepass"), ACCESS_CHARACTERS)

    def access_hash(self, access_code: str) -> str:
        """The look-up hash of an access code, written in any letter case and grouped in any way."""
        return self.look_up_hash("access", base32.plain(access_code))

    def poster_tag(self, code: str, version: int) -> str:
        """The 4 characters in a poster's QR code that tell a scan from a typed address. 20 bits: a hint, no proof."""
        return self._letters("poster-tag", f"{code}:{version}".encode(), TAG_CHARACTERS)

    def demo_password(self, login: str) -> str:
        """The password of a member of the demo's staff: the same at every start, another in every installation."""
        letters = self._letters("demo-password", login.encode(), PASSWORD_CHARACTERS)
        return "-".join(letters[at : at + 4] for at in range(0, PASSWORD_CHARACTERS, 4)).lower()

    def _letters(self, purpose: str, value: bytes, characters: int) -> str:
        number = int.from_bytes(self._mac(purpose, value))
        return base32.encode(number >> (256 - 5 * characters), characters)

    def _mac(self, purpose: str, value: bytes) -> bytes:
        return hmac.digest(self.key_for(purpose), value, hashlib.sha256)


def grouped(access_code: str) -> str:
    """An access code in groups of four, for reading: `7K2P-…`."""
    return "-".join(access_code[at : at + 4] for at in range(0, len(access_code), 4))
