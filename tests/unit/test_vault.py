"""Keys, hashes and access codes: repeatable from the secret key, and from nothing else."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.base32 import is_written
from engage.vault import ACCESS_BITS, Vault, grouped
from tests.make import SECRET

OTHER_SECRET = SECRET[::-1]


def test_a_purpose_has_the_key_of_rfc_5869() -> None:
    first = hmac.digest(b"\0" * 32, SECRET.encode(), hashlib.sha256)
    assert Vault(SECRET).key_for("access") == hmac.digest(first, b"engage:access\x01", hashlib.sha256)


def test_vaults_of_one_secret_agree_and_of_another_do_not() -> None:
    for say in (
        lambda vault: vault.look_up_hash("arrival", "k"),
        lambda vault: vault.access_code(b"salt", "k"),
        lambda vault: vault.poster_tag("B7K4X", 1),
        lambda vault: vault.demo_password("ana"),
    ):
        assert say(Vault(SECRET)) == say(Vault(SECRET))
        assert say(Vault(SECRET)) != say(Vault(OTHER_SECRET))


def test_each_purpose_has_a_hash_of_its_own() -> None:
    vault = Vault(SECRET)
    assert len({vault.look_up_hash(purpose, "x") for purpose in ("access", "arrival", "staff-session")}) == 3


def test_what_hangs_on_walls_stays_readable_for_ever() -> None:
    """A change of these values would make printed tags and kept access codes worthless."""
    vault = Vault(SECRET)
    assert vault.poster_tag("B7K4X", 1) == "C65C"
    assert vault.access_code(b"0123456789abcdef", "key") == "EVBF7E2TGM1ASJK56KQAGDWA72"


def test_another_version_of_a_poster_has_another_tag() -> None:
    vault = Vault(SECRET)
    assert len({vault.poster_tag("B7K4X", version) for version in range(1, 6)}) == 5


def test_an_access_code_has_at_least_128_bits() -> None:
    code = Vault(SECRET).access_code(b"salt", "key")
    assert ACCESS_BITS >= 128
    assert len(code) * 5 == ACCESS_BITS
    assert is_written(code)


@pytest.mark.parametrize(("salt", "key"), [(b"other", "key"), (b"salt", "other"), (b"sal", "tkez")])
def test_another_salt_or_key_gives_another_access_code(salt: bytes, key: str) -> None:
    assert Vault(SECRET).access_code(b"salt", "key") != Vault(SECRET).access_code(salt, key)


@given(st.binary(min_size=16, max_size=16), st.text())
def test_an_access_code_is_known_however_it_is_written(salt: bytes, key: str) -> None:
    vault = Vault(SECRET)
    code = vault.access_code(salt, key)
    assert grouped(code).replace("-", "") == code
    for written in (code.lower(), grouped(code), f"  {grouped(code).lower()}\n", code.replace("0", "o")):
        assert vault.access_hash(written) == vault.access_hash(code)


@given(st.text(st.characters()))
def test_any_text_can_be_looked_up(value: str) -> None:
    assert len(Vault(SECRET).look_up_hash("arrival", value)) == 64
    assert len(Vault(SECRET).access_hash(value)) == 64


def test_half_a_character_can_be_looked_up() -> None:
    assert len(Vault(SECRET).look_up_hash("arrival", "\ud83d")) == 64


def test_a_vault_does_not_show_its_secret() -> None:
    assert SECRET not in repr(Vault(SECRET))


def test_passwords_of_the_demo_differ_from_login_to_login() -> None:
    vault = Vault(SECRET)
    assert len({vault.demo_password(login) for login in ("ana", "ben", "sue")}) == 3
