"""Texts to phones: how many a message is paid as, where it may be cut, and which numbers can be answered.

Counting is that of GSM 03.38 and 3GPP TS 23.040: 160 characters of the GSM alphabet or 70 others in a single text, 153
or 67 in each part of a longer one; `smsutil` does it. Cuts fall between graphemes (UAX #29), so that no accent, flag or
family of emoji is torn apart.
"""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
import regex
import smsutil

#: A message of more texts than this is cut, and says where the rest is read: twice as long in the GSM alphabet as in
#: others. The provider takes 1,600 characters.
MOST_SEGMENTS = 8
MOST_CHARACTERS = 1600
#: How much of a cut message is sent before it says where the rest is.
CUT_SEGMENTS = 2
_GRAPHEME = regex.compile(r"\X")
_PLAIN_MARKS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-"}) | {
    0x2026: "...",
    0xA0: " ",
    0x202F: " ",
}
_WHATSAPP = "whatsapp:"
SHORTEST_NUMBER = 7  # digits; what is shorter is a short code, which takes no texts from us


@lru_cache(maxsize=4096)
def segments(text: str) -> int:
    """How many texts a message is paid as; 0 when there is nothing in it."""
    return len(smsutil.split(text).parts) if text else 0


def plain_marks(text: str) -> str:
    """The text with typographic marks as the GSM alphabet has them, where that makes it a cheaper text."""
    plain = text.translate(_PLAIN_MARKS)
    return plain if segments(plain) < segments(text) else text


def fits(text: str) -> bool:
    """Whether a message goes out whole."""
    return segments(text) <= MOST_SEGMENTS and len(text) <= MOST_CHARACTERS


def fitted(text: str, ending: str) -> str:
    """The message, or where it is too long its beginning, cut at a space or between graphemes, and `ending`."""
    if fits(text):
        return text
    kept = ""
    room = CUT_SEGMENTS + segments(ending)
    for grapheme in _GRAPHEME.findall(text):
        if segments(f"{kept}{grapheme}… {ending}") > room:
            break
        kept += grapheme
    whole = kept.rsplit(None, 1)[0] if len(kept.split()) > 1 else kept
    return f"{(whole if len(whole) > len(kept) // 2 else kept).rstrip()}… {ending}"


def bare_number(address: str) -> str | None:
    """The E.164 number of an address such as `+447700900123` or `whatsapp:+44…`, or None for one that is no phone."""
    number = address.strip().removeprefix(_WHATSAPP)
    if not number.startswith("+") or not number[1:].isascii() or not number[1:].isdigit():
        return None
    return number if SHORTEST_NUMBER <= len(number) - 1 <= 15 else None


def read_number(typed: str, region_hint: str | None = None) -> str | None:
    """The E.164 number of a phone number as people write it; `region_hint` is a number of the same country."""
    region = None
    if region_hint:
        region = phonenumbers.region_code_for_country_code(phonenumbers.parse(region_hint, None).country_code or 0)
    try:
        parsed = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def link_to_text(number: str, body: str) -> str:
    """An address that opens a phone's text app with number and words ready (RFC 5724); not for WhatsApp."""
    return f"sms:{number}?body={body}"
