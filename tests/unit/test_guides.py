"""The guides: whole and short in every language, found by words however they are written, and quizzes made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engage.guides import GUIDED, GuideError, category_of, number_of, read_shelf, search, shelf, words_in
from engage.guides.guide import FOLDER, LONGEST_TIP, MOST_WORDS
from engage.guides.quiz import OPTIONS, QUESTIONS, Asked, questions, right_answers
from engage.languages import LANGUAGES
from engage.taxonomy import Category

#: What nobody needs a guide for: a question to us, and what is no report at all.
UNGUIDED = {Category.QUESTION_FEEDBACK, Category.SPAM}
#: Letters that a language is written in, so that no sentence was left in English.
SCRIPTS = {"ar": ("\u0600", "\u06ff"), "zh": ("\u4e00", "\u9fff"), "ru": ("\u0400", "\u04ff")}


def lines_of(language: str, category: Category) -> list[str]:
    guide = shelf(language).guides[category]
    return [guide.title, *guide.signs, *guide.say, *guide.avoid, guide.call, guide.tip]


def test_every_language_has_its_file_and_no_file_is_of_no_language() -> None:
    assert {file.stem for file in FOLDER.glob("*.yaml")} == set(LANGUAGES)
    assert set(GUIDED) == set(Category) - UNGUIDED
    assert [category_of(number_of(category) or 0) for category in GUIDED] == list(GUIDED)
    assert category_of(0) is None
    assert category_of(len(GUIDED) + 1) is None
    assert number_of(Category.SPAM) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_guide_is_whole_short_and_in_its_language(language: str) -> None:
    assert shelf(language).language == language
    english = shelf("en")
    for category in GUIDED:
        guide = shelf(language).guides[category]
        of = english.guides[category]
        assert guide.length <= MOST_WORDS
        assert len(guide.tip) <= LONGEST_TIP
        assert (len(guide.signs), len(guide.say), len(guide.avoid)) == (len(of.signs), len(of.say), len(of.avoid))
        for line, before in zip(lines_of(language, category), lines_of("en", category), strict=True):
            if language in SCRIPTS:
                low, high = SCRIPTS[language]
                assert any(low <= letter <= high for letter in line), line
            elif language != "en" and len(before) > 12:
                assert line != before
    assert len({guide.title for guide in shelf(language).guides.values()}) == len(GUIDED)
    words = shelf(language).page
    assert all(getattr(words, name) for name in type(words).model_fields)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw["guides"].pop("drone"), "drone"),
        (lambda raw: raw["guides"]["drone"].pop("avoid"), "avoid"),
        (lambda raw: raw["guides"]["drone"].update(signs=[]), "signs"),
        (lambda raw: raw["guides"]["drone"].update(say=["  "]), "is empty"),
        (lambda raw: raw["guides"]["drone"].update(call=" ".join(["word"] * 80)), "words, 145 fit"),
        (lambda raw: raw["guides"]["drone"].update(tip="w" * 141), "tip"),
        (lambda raw: raw["guides"].update(spam=raw["guides"]["drone"]), "spam"),
        (lambda raw: raw["page"].pop("signs"), "signs"),
    ],
)
def test_a_file_that_lacks_something_or_says_too_much_is_refused(tmp_path: Path, change: Any, said: str) -> None:
    raw = yaml.safe_load((FOLDER / "en.yaml").read_text("utf-8"))
    change(raw)
    file = tmp_path / "en.yaml"
    file.write_text(yaml.safe_dump(raw), "utf-8")
    with pytest.raises(GuideError, match=said):
        read_shelf(file)
    with pytest.raises(GuideError, match=r"none\.yaml"):
        read_shelf(tmp_path / "none.yaml")


def test_words_are_counted_in_every_script() -> None:
    assert words_in("Do not touch it.") == 4
    assert words_in("") == 0
    assert words_in("不要触摸它或打开它吧") == 6


@pytest.mark.parametrize(
    ("language", "question", "first"),
    [
        ("en", "trafficking", Category.HUMAN_TRAFFICKING),
        ("en", "the ELEPHANT'S ivory", Category.WILDLIFE_TRAFFICKING),
        ("en", "drones", Category.DRONE),
        ("es", "dron", Category.DRONE),
        ("es", "crias de reptil", Category.WILDLIFE_TRAFFICKING),
        ("fr", "ecailles", Category.WILDLIFE_TRAFFICKING),
        ("fr", "BLESSE", Category.MEDICAL),
        ("pt", "incendio alarme", Category.FIRE_HAZMAT),
        ("ar", "قنبله", Category.WEAPON_ATTACK),
        ("ar", "الحاويه المغلقه", Category.STOWAWAY_SMUGGLING),
        ("zh", "象牙", Category.WILDLIFE_TRAFFICKING),
        ("zh", "無人機", Category.DRONE),
        ("zh", "人口贩运", Category.HUMAN_TRAFFICKING),
        ("ru", "слоновую кость", Category.WILDLIFE_TRAFFICKING),
        ("fil", "sunog", Category.FIRE_HAZMAT),
    ],
)
def test_words_find_the_guide_however_they_are_written(language: str, question: str, first: Category) -> None:
    assert search(shelf(language).guides, language, question)[0] is first


@pytest.mark.parametrize("question", ["", " ", "?!", "zzzz", "\0", "😀", "w" * 100_000, "\u202e" * 300])
def test_what_is_no_word_finds_nothing(question: str) -> None:
    assert search(shelf("en").guides, "en", question) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quiz_asks_five_fair_questions(language: str) -> None:
    guides = shelf(language).guides
    for category in GUIDED:
        for seed in range(5):
            asked = questions(guides, category, seed)
            assert asked == questions(guides, category, seed)
            assert len(asked) == QUESTIONS
            assert {question.asks for question in asked} == set(Asked)
            for question in asked:
                assert len(set(question.options)) == OPTIONS
                own = [option in lines_of(language, category) for option in question.options]
                is_own = question.asks is not Asked.NO_SIGN
                assert [at for at, mine in enumerate(own) if mine is is_own] == [question.right]


def test_what_is_not_answered_is_not_right() -> None:
    asked = questions(shelf("en").guides, Category.DRONE, 1)
    assert right_answers(asked, [question.right for question in asked]) == QUESTIONS
    assert right_answers(asked, [None] * QUESTIONS) == 0
    assert right_answers(asked, [asked[0].right, 99, -1, None, None]) == 1
