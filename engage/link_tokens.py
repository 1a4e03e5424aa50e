"""The tokens of links for receivers without an account: signed, and kept as a keyed hash only.

A token has 160 random bits and 80 bits of signature. One that we never signed is refused without asking the database;
one that we did opens a referral only as long as that lets it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Final

from engage import base32
from engage.vault import Vault

_SECRET: Final = 32  # characters of five bits
_SIGNATURE: Final = 16
LENGTH: Final = _SECRET + _SIGNATURE
_FORM: Final = re.compile(rf"[0-9A-Z]{{{LENGTH}}}", re.ASCII)


def new(vault: Vault) -> str:
    """A fresh token, in letters and digits that nobody mistakes for each other."""
    secret = base32.encode(secrets.randbits(5 * _SECRET), _SECRET)
    return secret + _signature(vault, secret)


def is_ours(vault: Vault, token: str) -> bool:
    """Whether we made this token, however it is grouped or in which letter case."""
    plain = base32.plain(token)
    if not _FORM.fullmatch(plain):
        return False
    return hmac.compare_digest(_signature(vault, plain[:_SECRET]).encode(), plain[_SECRET:].encode())


def hash_of(vault: Vault, token: str) -> str:
    """The keyed hash by which a token's referral is found."""
    return vault.look_up_hash("referral-token", base32.plain(token))


def _signature(vault: Vault, secret: str) -> str:
    digits = vault.look_up_hash("referral-signature", secret)
    return base32.encode(int(digits[: 5 * _SIGNATURE // 4], 16), _SIGNATURE)
