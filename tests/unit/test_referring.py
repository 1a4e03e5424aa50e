"""Which moves of a referral are legal, by whom, and to whom a case may be offered: as a table, each with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from engage import link_tokens, referral_words, referring
from engage.referring import Side, Wanted
from engage.taxonomy import Category, Handling, Happening, ReferralState, Severity
from engage.vault import Vault
from tests.make import NOON, SECRET

LATER = NOON + timedelta(hours=1)
LEGAL = {
    ("offered", "accepted", "receiver"),
    ("offered", "declined", "receiver"),
    ("offered", "revoked", "sender"),
    ("accepted", "returned", "receiver"),
    ("accepted", "completed", "receiver"),
    ("accepted", "revoked", "sender"),
}


@pytest.mark.parametrize(("state", "to", "by"), list(product(ReferralState, ReferralState, Side)))
def test_only_these_moves_are_legal_before_it_expires(state: ReferralState, to: ReferralState, by: Side) -> None:
    ruling = referring.move(state, to, by, "Because.", expires_at=LATER, now=NOON)
    assert ruling.allowed is ((state, to, by) in LEGAL)
    assert ruling.reason


@pytest.mark.parametrize(("state", "to", "by"), list(product(ReferralState, ReferralState, Side)))
def test_after_its_time_an_offer_only_lapses(state: ReferralState, to: ReferralState, by: Side) -> None:
    ruling = referring.move(state, to, by, "Because.", expires_at=NOON, now=NOON)
    still = (state, to, by) in LEGAL and state is ReferralState.ACCEPTED
    assert ruling.allowed is (still or (state, to, by) == ("offered", "expired", "clock"))


@pytest.mark.parametrize("to", ["declined", "revoked"])
def test_no_without_a_reason(to: str) -> None:
    by = Side.RECEIVER if to == "declined" else Side.SENDER
    ruling = referring.move(ReferralState.OFFERED, ReferralState(to), by, " \n", expires_at=LATER, now=NOON)
    assert (ruling.allowed, ruling.reason) == (False, referring.GIVE_A_REASON)


PLAIN = Wanted(Category.CYBER, sealed=False, own="police", to="customs", takes_sealed=False)
INSIDE = replace(PLAIN, category=Category.INSIDER_CORRUPTION, sealed=True, takes_sealed=True, accused=frozenset())


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (PLAIN, referring.ALLOWED),
        (replace(PLAIN, to=""), referring.ALLOWED),
        (replace(PLAIN, to="police"), referring.OWN),
        (replace(PLAIN, involved=["customs"]), referring.INVOLVED),
        (replace(PLAIN, sealed=True), referring.NO_SEALED),
        (replace(PLAIN, sealed=True, to=""), referring.NO_LINK),
        (replace(PLAIN, identity=True, identity_reason=" "), referring.WHY_IDENTITY),
        (replace(PLAIN, identity=True, identity_reason="They must meet."), referring.ALLOWED),
        (replace(PLAIN, identity=True, identity_reason="x", to=""), referring.NO_IDENTITY_BY_LINK),
        (INSIDE, referring.ALLOWED),
        (replace(INSIDE, sealed=False, takes_sealed=False), referring.NO_SEALED),
        (replace(INSIDE, accused=None), referring.SAY_WHO),
        (replace(INSIDE, accused=frozenset({"customs"})), referring.ACCUSED),
        (replace(INSIDE, accused=frozenset({"customs"}), exception=" "), referring.ACCUSED),
        (replace(INSIDE, accused=frozenset({"customs"}), exception="The director, 3 May."), referring.ALLOWED),
        (replace(INSIDE, accused=frozenset({"police"})), referring.ALLOWED),
    ],
    ids=str,
)
def test_to_whom_a_case_may_be_offered(wanted: Wanted, reason: str) -> None:
    ruling = referring.may_offer(wanted)
    assert (ruling.allowed, ruling.reason) == (reason == referring.ALLOWED, reason)


def test_every_word_has_its_sentence() -> None:
    assert set(referral_words.STATES) == set(ReferralState)
    assert set(referral_words.MARKS) == set(referral_words.ALLOWED) == set(Handling)
    assert set(referral_words.HISTORY) == {one for one in Happening if one.value.startswith("referral_")}
    assert set(referring.USUAL) == set(Severity)
    assert set(referring.USUAL.values()) <= set(referring.LASTS)
    assert set(referring.OVER) == set(ReferralState) - {ReferralState.OFFERED}


def test_a_token_is_ours_however_it_is_typed_and_no_other_is() -> None:
    vault, other = Vault(SECRET), Vault(SECRET[::-1])
    token = link_tokens.new(vault)
    grouped = " - ".join(token[at : at + 6] for at in range(0, len(token), 6)).lower()
    assert link_tokens.is_ours(vault, grouped)
    assert link_tokens.hash_of(vault, grouped) == link_tokens.hash_of(vault, token)
    swapped = token[1] + token[0] + token[2:]
    for wrong in ("", token[:-1], token + "0", "0" * link_tokens.LENGTH, link_tokens.new(other)):
        assert not link_tokens.is_ours(vault, wrong)
    assert swapped == token or not link_tokens.is_ours(vault, swapped)
