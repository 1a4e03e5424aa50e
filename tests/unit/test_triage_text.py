"""How a message is read into words that remember where they stood."""

from __future__ import annotations

import pytest

from engage.triage.text import read, unstretched


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Smoke, NOW!", ["smoke", "now"]),
        ("he can't and CAN’T", ["he", "cant", "and", "cant"]),
        ("l'homme d’eau", ["l", "homme", "d", "eau"]),
        ("Café façade", ["cafe", "facade"]),
        ("ﬁre ＦＩＲＥ f\u200bire", ["fire", "fire", "fire"]),
        ("сёстры мой", ["сестры", "мой"]),
        ("حَقِيبَة أحمد مدرسة", ["حقيبه", "احمد", "مدرسه"]),
        ("有人fire着火", ["有", "人", "fire", "着", "火"]),
        ("gate12-B_7", ["gate12", "b", "7"]),
        ("a\x00b", ["a", "b"]),
        ("kni\ud800fe", ["knife"]),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert [token.word for token in read(text)] == words


def test_offsets_are_those_of_the_original() -> None:
    text = "  Ｋnífe\u200b at the «café»"
    assert [text[token.start : token.end] for token in read(text)] == ["Ｋnífe", "at", "the", "café"]


def test_clauses_and_sentences_are_counted() -> None:
    assert [(t.word, t.clause, t.sentence) for t in read("no, fire. go")] == [
        ("no", 0, 0),
        ("fire", 1, 0),
        ("go", 2, 1),
    ]


def test_two_chinese_characters_take_the_place_of_one_word() -> None:
    assert [token.place for token in read("着火 now here")] == [0.0, 0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("word", "readings"), [("help", ()), ("heeelp", ("heelp", "help")), ("coool", ("cool", "col")), ("1000", ())]
)
def test_held_letters_are_let_go(word: str, readings: tuple[str, ...]) -> None:
    assert unstretched(word) == readings
