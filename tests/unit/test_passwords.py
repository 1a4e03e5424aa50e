"""New passwords: how many guesses one takes, and which sentence tells why it is too few."""

from __future__ import annotations

import time

import pytest

from engage import passwords
from engage.passwords import ENOUGH_BITS, PasswordRefused, Weakness

ABOUT = ("ana.reyes", "Ana Reyes", "Port Police", "port-police", "Meridian Harbour")

GOOD = (
    "green-harbour-lamp",
    "correct horse battery staple",
    "kqzvjxwpfhtm",
    "x9$Kq2mW!zP4",
    "blue tango wine",
    "wörterbuchtür",
    "мойкотбарсик",
    "قهوة الصباح على السطح",
    "山川の静かな夜に鳥が鳴く",
    "xq7-mv2-kd9-rt4",
    "my 2 cats eat tuna at 9",
    "lamp " * 30 + "violet anchor",
    "🦊🌂🧭🪁🦔🌵🍋🪐🧊🔔🪜🛶",
)

EASY = (
    ("", Weakness.SHORT, None),
    ("elevensigns", Weakness.SHORT, None),
    ("x" * 1025, Weakness.LONG, None),
    ("x" * 1024, Weakness.REPEATED, "x" * 24),
    ("\0" * 12, Weakness.REPEATED, "\0" * 12),
    ("abc1abc1abc1", Weakness.REPEATED, "abc1abc1abc1"),
    ("密码密码密码密码密码密码", Weakness.REPEATED, "密码密码密码密码密码密码"),
    ("abcdefghijklmnop", Weakness.SEQUENCE, "abcdefghijklmnop"),
    ("987654321098", Weakness.SEQUENCE, "987654321098"),
    ("ابتثجحخدذرزس", Weakness.SEQUENCE, "ابتثجحخدذرزس"),
    ("абвгдеёжзийк", Weakness.SEQUENCE, "абвгдеёжзийк"),
    ("qwertyuiop[]", Weakness.KEYBOARD, "qwertyuiop"),
    ("LKJHGFDSAmnbvcxz", Weakness.KEYBOARD, "LKJHGFDSA"),
    ("1qaz2wsx3edc", Weakness.KEYBOARD, "1qaz2wsx3edc"),
    ("йцукенгшщзхъ", Weakness.KEYBOARD, "йцукенгшщзхъ"),
    ("password1234", Weakness.COMMON, "password"),
    ("P@ssw0rd!2024", Weakness.COMMON, "P@ssw0rd"),
    ("drowssapdrow", Weakness.COMMON, "drowssap"),
    ("Summer2024!!", Weakness.COMMON, "Summer"),
    ("Welcome-Admin", Weakness.COMMON, "Welcome"),
    ("ana.reyes2026", Weakness.KNOWN, "reyes"),
    ("seyer-ana-99", Weakness.KNOWN, "seyer"),
    ("portpolice-port-police", Weakness.KNOWN, "portpolice"),
    ("MERIDIAN harbour", Weakness.KNOWN, "MERIDIAN"),
    ("14.03.1988ab", Weakness.DATE, "14.03.1988"),
    ("oslo1958rome", Weakness.DATE, "1958"),
    ("8302946175", Weakness.SHORT, None),
    ("830294617583", Weakness.SIMPLE, None),
)


@pytest.mark.parametrize("password", GOOD)
def test_what_nobody_guesses_is_taken(password: str) -> None:
    assert passwords.judge(password, ABOUT).weakness is None
    passwords.check(password, ABOUT)


@pytest.mark.parametrize(("password", "weakness", "part"), EASY, ids=lambda value: str(value)[:16])
def test_what_is_guessed_soon_is_refused_and_says_why(password: str, weakness: Weakness, part: str | None) -> None:
    judgement = passwords.judge(password, ABOUT)
    assert (judgement.weakness, judgement.values.get("part")) == (weakness, part)
    assert judgement.bits < ENOUGH_BITS
    with pytest.raises(PasswordRefused) as refused:
        passwords.check(password, ABOUT)
    assert part is None or f"“{part}”" in str(refused.value)


def test_what_is_known_of_somebody_else_is_no_reason() -> None:
    password = "reyes tunes ukulele"
    assert passwords.judge(password).bits > passwords.judge(password, ABOUT).bits


def test_names_of_every_script_and_of_nothing_are_looked_for() -> None:
    for name in ("李小龙", "محمد", "Ольга", "", " ", "\0", "a" * 10_000, "%s ((("):
        passwords.check("lamp violet anchor tuna", [name])


@pytest.mark.parametrize(
    "password", ["a" * 1024, "ab" * 512, "qwerty" * 170, "1988" * 256, "é" * 1024, "\U0010ffff" * 900]
)
def test_the_longest_is_judged_at_once(password: str) -> None:
    began = time.perf_counter()
    passwords.judge(password, ["a" * 200] * 20)
    assert time.perf_counter() - began < 1
