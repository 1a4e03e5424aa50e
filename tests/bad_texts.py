"""Texts that strangers may send: more than three hundred, made here, and bodies whose bytes are no text at all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

LONGEST = 10_000
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = "\u00ad\u034f\u115f\u17b4\u180e\u200b\u200c\u200d\u2060\u2061\u2064\u206a\u3164\ufe0f\ufeff\uffa0\U000e0041"
_MARKS = "".join(chr(code) for code in range(0x300, 0x370))
_EMOJI = ("👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇺🇳", "👩🏽‍🚒", "1️⃣", "❤️‍🔥", "🧑🏿‍🤝‍🧑🏻", "☠", "☠️", "🏳️‍🌈", "🫠", "©️", "🇦", "👍🏻🏼🏽", "⛔︎")
_MARKUP = (
    "<script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "<!--",
    "]]>",
    "<![CDATA[x",
    "<style>*{display:none}</style>",
    "<base href=//x>",
    "</main></body></html>",
    "&lt;b&gt; &amp;amp; &#0; &#x202e;",
    "javascript:alert(1)",
    "{{ 7*7 }} {% raw %} ${7*7} #{7*7} <%= 7 %>",
    "%(name)s %s %n %",
    "${jndi:ldap://127.0.0.1/x}",
    "' OR 1=1; DROP TABLE reports; --",
    '\\"; \\u0000 \\x00 \\',
    "$(reboot) `reboot` | reboot ; reboot",
    "../../../../etc/passwd",
    "http://127.0.0.1:1/ https://xn--80ak6aa92e.example/",
    "Content-Type: text/html\r\n\r\n<b>x",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "-----BEGIN PRIVATE KEY-----",
    "EN-7K2P-4 B7K4X STOP",
    '{"text": "x", "key": null}',
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>",
    "data:text/html,<script>1</script>",
)
_SPACES = ("", " ", "\t", "\n", "\r\n", "\u00a0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000")
_SENTENCES = (
    "Есть бомба",
    "有炸弹",
    "قنبلة في البوابة",
    "爆弾があります",
    "폭탄이 있어요",
    "มีระเบิด",
    "बम है",
    "বোমা আছে",
    "வெடிகுண்டு",
    "బాంబు ఉంది",
    "ಬಾಂಬ್",
    "ബോംബ്",
    "ගිනි",
    "ပေါက်ကွဲ",
    "គ្រាប់បែក",
    "ລະເບີດ",
    "ቦምብ አለ",
    "פצצה",
    "ռումբ",
    "ბომბი",
    "βόμβα",
    "བོམ",
    "ᠪᠣᠮᠪᠣ",
    "ꯕꯣꯝ",
    "ⴱⵓⵎⴱ",
    "ᏣᎳᎩ",
    "ᐊᐃᓐᓄᒃ",
    "ߓߏߡ",
    "𐤁𐤌𐤁",
    "𝔟𝔬𝔪𝔟",
    "ⓑⓞⓜⓑ",
    "ｂｏｍｂ",
    "bоmb",
    "b0mb",
    "BÖMBE ſß",
    "İıIi",
)
_TIRING = (
    "a",
    "(",
    "not ",
    "bomb ",
    "gate 12 ",
    "?",
    "9",
    "😀",
    "ﷺ",
    "\u0301",
    "\u202e",
    "ab" * 9 + " ",
    "炸",
    "ا",
    "\n",
    ".-",
    "x\u200d",
)


def texts() -> Iterator[str]:
    """Texts that can be written, each different from the others."""
    for code in (*range(32), *range(127, 160)):
        yield f"gate {chr(code)} B12 control {code}"
    for at, sign in enumerate(_BIDI + _UNSEEN):
        yield f"{sign}gate{sign * at} abc {sign} دخان 12{sign}"
    for at in range(1, 11):
        yield "".join(letter + (_MARKS * at)[: 3 * at * at] for letter in "smoke at gate")
    for emoji in _EMOJI:
        yield emoji
        yield f"{emoji * 9} smoke {emoji}"
    yield from _MARKUP
    yield from _SPACES
    yield from _SENTENCES
    for zero in filter(lambda code: unicodedata.decimal(chr(code), None) == 0, range(0x20000)):
        yield f"gate {''.join(chr(zero + digit) for digit in range(10))}"
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        yield unicodedata.normalize(form, f"ÅÅﬁ①각 각 ǆ {form}")
    for plane in range(17):
        yield f"plane {plane} {chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)} \ufdd0 \ue000"
    for line in ("\r", "\n", "\r\n", "\n\r", "\v", "\f", "\x85", "\u2028", "\u2029"):
        yield f"one{line}two{line * 3}three"
    for piece in _TIRING:
        yield (piece * LONGEST)[:LONGEST]
        yield (piece * LONGEST)[: LONGEST - 1] + "!"
        yield (piece * LONGEST)[: LONGEST + 1]
    for length in (LONGEST * 10, 500_000, 1_500_000, 10_000_000):
        yield "x" * length


def bodies() -> Iterator[bytes]:
    """Fields of a form whose bytes are no UTF-8, or no form."""
    broken: tuple[bytes, ...] = (
        b"\xff",
        b"\xfe\xff\x00g",
        b"\xc3",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf5\x80\x80\x80",
        b"\xe2\x82",
        b"\x80",
    )
    broken += ("Rauch außen".encode("latin-1"), "дым".encode("cp1251"), "炸".encode("gbk"), "煙".encode("shift-jis"))
    for piece in broken:
        yield b"text=" + piece
        yield b"text=smoke+%" + piece.hex("%").upper().encode()
    yield from (b"", b"&", b"=", b"text", b"text=", b"&&&=&text", b"text=%", b"text=%zz", b"text=%u0041", b"\0" * 99)
    yield b"&".join(b"text=%d" % at for at in range(5_000))
