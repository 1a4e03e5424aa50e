"""How a message is read into words that can be found again in the original."""

from __future__ import annotations

import pytest

from engage.triage.text import breaks, plain, read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Smoke, NOW!", ["smoke", "now"]),
        ("he can't and CAN’T", ["he", "cant", "and", "cant"]),
        ("l'homme d’eau", ["lhomme", "deau"]),
        ("Café façade", ["cafe", "facade"]),
        ("ﬁre ＦＩＲＥ f\u200bire", ["fire", "fire", "fire"]),
        ("сёстры мой", ["сестры", "мой"]),
        ("حَقِيبَة أحمد مدرسة", ["حقيبه", "احمد", "مدرسه"]),
        ("有人fire着火", ["有", "人", "fire", "着", "火"]),
        ("背包無人看管", ["背", "包", "无", "人", "看", "管"]),
        ("gate12-B_7", ["gate12", "b", "7"]),
        ("a\x00b", ["a", "b"]),
        ("kni\ud800fe", ["knife"]),
        ("win at https://a.example/x?y=1, or prize.top/z now", ["win", "at", "https://a.example/x?y=1,", "or",
         "prize.top/z", "now"]),
        ("no water.gate 4", ["no", "water", "gate", "4"]),
        ("🔪🔥 here", ["🔪", "🔥", "here"]),
    ],
)  # fmt: skip
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert [plain(token) for token in read(text).tokens if not breaks(token)] == words


def test_offsets_are_those_of_the_original() -> None:
    text = "  Ｋnífe\u200b at the «café», e\u0301tat ﬁn ß"
    reading = read(text)
    spans = reading.spans(range(len(reading.tokens)))
    assert [text[start:end] for start, end in spans.values()] == [
        "Ｋnífe", "at", "the", "café", ",", "e\u0301tat", "ﬁn", "ß",
    ]  # fmt: skip


def test_marks_that_end_a_clause_or_a_sentence_are_tokens() -> None:
    assert [(token, breaks(token)) for token in read("no, fire?! go").tokens] == [
        ("no", 0),
        (",", 1),
        ("fire", 0),
        ("?!", 2),
        ("go", 0),
    ]


@pytest.mark.parametrize("text", ["Don't stop: two men (b@g) at gate-4. Help!", "two men  at gate 4", "a\nb", "a_b c"])
def test_all_ways_of_reading_agree(text: str) -> None:
    assert read(text).tokens == read(text + " é").tokens[:-1] == read(text + " www.x.y").tokens[:-1]
