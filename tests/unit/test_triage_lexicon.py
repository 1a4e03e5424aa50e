"""The word lists: the shipped ones are whole, and a mistake in one is named with its file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import engage.triage
from engage.taxonomy import Category
from engage.triage import LexiconError, load_lexicon, shipped_lexicon, triage
from engage.triage.lexicon import deletes, typo_room

SHIPPED = Path(engage.triage.__file__).parent / "lexicon"
LANGUAGES = {"en", "es", "fr", "ar", "zh", "ru", "pt", "fil"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "lexicon"))


def test_every_category_has_rules_and_every_language_words() -> None:
    lexicon = shipped_lexicon()
    assert {rule.category for rule in lexicon.book.rules} == set(Category)
    assert {name for name, tongue in lexicon.tongues.items() if tongue.entries} == LANGUAGES


def test_every_concept_that_a_rule_names_has_english_words() -> None:
    lexicon = shipped_lexicon()
    english = {entry.concept for entry, _ in lexicon.tongues["en"].entries}
    assert lexicon.book.concepts - english <= {"NEGATION"}  # its words are all exact


def test_rule_names_are_unique_within_a_category() -> None:
    names = [(rule.category, rule.slug) for rule in shipped_lexicon().book.rules]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("file", "content", "line", "problem"),
    [
        ("xx.yaml", "", 1, "is empty"),
        ("xx.yaml", "language: xx\n", 1, "language and concepts are needed"),
        ("xx.yaml", "language: xx\nconcepts:\n  BAG: [a\n", 4, "expected"),
        ("xx.yaml", "language: xx\nconcepts:\n  BAGGY: [a]\n", 3, "no rule uses the concept BAGGY"),
        ("xx.yaml", "language: xx\nconcepts:\n  BAG: [tas]\n  BAG: [koffer]\n", 4, "BAG comes twice"),
        ("xx.yaml", "language: xx\nconcepts:\n  BAG:\n    - tas\n    - '?!'\n", 5, "has no word to look for"),
        ("xx.yaml", "language: xx\nconcepts:\n  BAG: tas\n", 3, "expected a list"),
        ("xx.yaml", "language: xx\nwords: {}\nconcepts: {}\n", 2, "unknown name 'words'"),
        ("xx.yaml", "language: xx\nconcepts:\n  BAG: [[tas]]\n", 3, "expected a word or phrase"),
        ("rules.yaml", "precedence: []\n", 1, "categories is missing"),
        ("rules.yaml", "precedence: [fire]\ncategories: {}\n", 1, "'fire' is not a category"),
        ("rules.yaml", "precedence: [drone]\ncategories: {}\n", 1, "weapon_attack is missing"),
        (
            "rules.yaml",
            "precedence: [drone]\ncategories:\n  drone:\n    severity: bad\n    rules: []\n",
            4,
            "'bad' is not a severity",
        ),
        (
            "rules.yaml",
            "precedence: []\ncategories:\n  drone:\n    severity: low\n    rules:\n      - {when: BAG, weight: x}\n",
            6,
            "expected a number, found 'x'",
        ),
        (
            "rules.yaml",
            "precedence: [drone]\ncategories:\n  drone:\n    severity: low\n    rules:\n      - {weight: 1}\n",
            6,
            "a rule needs when and weight",
        ),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(
    folder: Path, file: str, content: str, line: int, problem: str
) -> None:
    (folder / file).write_text(content, encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        load_lexicon(folder)
    assert (caught.value.file, caught.value.line) == (file, line)
    assert problem in str(caught.value)


def test_a_file_that_is_not_utf_8_is_named(folder: Path) -> None:
    (folder / "xx.yaml").write_bytes(b"language: \xff\n")
    with pytest.raises(LexiconError, match=r"xx\.yaml, line 1: cannot be read"):
        load_lexicon(folder)


def test_a_new_language_is_one_file(folder: Path) -> None:
    (folder / "nl.yaml").write_text(
        "language: nl\ncommon: de het een is er\nconcepts:\n  FIRE: [brand]\n", encoding="utf-8"
    )
    finding = triage("er is brand", load_lexicon(folder))
    assert (finding.category, finding.language) == (Category.FIRE_HAZMAT, "nl")


def test_a_site_adds_words_of_its_own(tmp_path: Path) -> None:
    words = tmp_path / "site.yaml"
    words.write_text("language: en\nconcepts:\n  RESTRICTED: [the glasshouse]\n", encoding="utf-8")
    text = "someone is walking in the glasshouse"
    assert triage(text, load_lexicon(site_words=words)).category == Category.TRESPASS_ACCESS
    assert triage(text, load_lexicon()).category != Category.TRESPASS_ACCESS


@pytest.mark.parametrize(("word", "room"), [("gun", 0), ("fire", 0), ("knife", 1), ("suitcase", 1), ("abandoned", 2)])
def test_short_words_are_exact_and_longer_ones_forgive_more(word: str, room: int) -> None:
    assert typo_room(word) == room


def test_a_typo_shares_a_shortened_form_with_what_was_meant() -> None:
    assert deletes("knfie") & deletes("knife")
    assert deletes("unconsicous") & deletes("unconscious")
