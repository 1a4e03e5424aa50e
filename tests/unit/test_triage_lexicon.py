"""The word lists: the shipped ones are whole, and a mistake in one is named with its file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from engage.taxonomy import Category
from engage.triage import LexiconError, load_lexicon, shipped_folder, shipped_lexicon, triage
from engage.triage.checking import problems_of
from engage.triage.matcher import find_hits
from engage.triage.text import read

LANGUAGES = ("ar", "en", "es", "fil", "fr", "pt", "ru", "zh")
RULES = (
    "precedence: [{all}]\nstart: {{{each_zero}}}\nusual: {{{each_low}}}\nalone:\n  FIRE: fire_hazmat 2, critical 1\n"
)
PARTS = {
    "all": ", ".join(Category),
    "each_zero": ", ".join(f"{category}: 0" for category in Category),
    "each_low": ", ".join(f"{category}: low 0" for category in Category),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few words, which loads at once."""
    folder = tmp_path_factory.mktemp("lexicon")
    rules = RULES.format(**PARTS) + "  KNIFE: weapon_attack 2\n  NEUTRAL: low 1\ntogether:\n"
    rules += "  - {when: FIRE KNIFE, within: 3, says: 'disorder 1'}\n"
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    (folder / "en.yaml").write_text(
        "language: en\nskip: the a an\nnumbers: two three\nspellings: |\n  nife > knife\ncommon: is are his not\n"
        "concepts:\n  FIRE: |\n    fire, flames, burning smell\n    took .. matches, =lit\n"
        "  KNIFE: |\n    knife, machete\n    # blades, grab your coat\n"
        "  NEUTRAL: fire exit\n  NEGATION: =not\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def folder(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "lexicon"))


def terms(text: str, folder: Path) -> list[str]:
    return [hit.entry.term for hit in find_hits(read(text), load_lexicon(folder)).hits]


def test_every_category_has_a_say_and_every_language_words() -> None:
    lexicon = shipped_lexicon()
    assert {word for rule in lexicon.book.rules for word in rule.says if isinstance(word, Category)} == set(Category)
    assert lexicon.languages == LANGUAGES
    assert {entry.language for entry in lexicon.entries} == set(LANGUAGES)


def test_every_concept_is_explained_and_used_and_has_words_in_every_language() -> None:
    explained = yaml.safe_load((shipped_folder() / "concepts.yaml").read_text(encoding="utf-8"))
    names = [name for area in explained.values() for name in area]
    assert len(names) == len(set(names))
    assert set(names) == shipped_lexicon().book.concepts
    found = {(entry.language, entry.concept) for entry in shipped_lexicon().entries}
    assert {(language, name) for language in LANGUAGES for name in names} <= found


def test_the_shipped_words_have_nothing_to_mend() -> None:
    assert [problem for problem in problems_of(shipped_folder()) if problem.kind in ("dead", "missing")] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FLAMES!", ["flames"]),
        ("a fier there", ["fire"]),
        ("fiiire", ["fire"]),
        ("f1re", ["fire"]),
        ("the fire exit", ["fire exit"]),
        ("the burning smells", ["burning smell"]),
        ("burning, smell", []),
        ("he took all of the matches", ["took .. matches"]),
        ("he took it. my matches", []),
        ("he took one two three four matches", []),
        ("it was lit", ["lit"]),
        ("lits", []),
        ("his nife", ["knife"]),
        ("knives", []),
        ("two knifes", ["knife"]),
        ("two blades and 17 blades", ["# blades", "# blades"]),
        ("the tow blades", []),
        ("wire", []),
        ("grb your coat", ["grab your coat"]),
        ("grab yur coat", ["grab your coat"]),
        ("grab your cot", ["grab your coat"]),
        ("grb your cot", []),
        ("grb your", []),
        ("", []),
    ],
)
def test_entries_are_found_as_they_are_written(small: Path, text: str, found: list[str]) -> None:
    assert terms(text, small) == found


@pytest.mark.parametrize(
    ("file", "content", "line", "problem"),
    [
        ("xx.yaml", "", 1, "is empty"),
        ("xx.yaml", "language: xx\n", 1, "language and concepts are needed"),
        ("xx.yaml", "language: xx\nconcepts:\n  FIRE: [a\n", 4, "expected"),
        ("xx.yaml", "language: xx\nconcepts:\n  FIRED: a\n", 3, "no rule uses the concept FIRED"),
        ("xx.yaml", "language: xx\nconcepts:\n  FIRE: tas\n  FIRE: koffer\n", 4, "FIRE comes twice"),
        ("xx.yaml", "language: xx\nconcepts:\n  FIRE: |\n    brand\n    vuur, !!\n", 5, "has no word to look for"),
        ("xx.yaml", "language: xx\nconcepts:\n  FIRE: [brand]\n", 3, "expected a word or phrase"),
        ("xx.yaml", "language: xx\nwords: {}\nconcepts: {}\n", 2, "unknown name 'words'"),
        ("xx.yaml", "language: xx\nspellings: |\n  a > b\n  c d\nconcepts: {}\n", 4, "expected 'texted > written'"),
        ("rules.yaml", "precedence: []\n", 1, "start is missing"),
        ("rules.yaml", "precedence: [fire]\nstart: {}\nusual: {}\nalone: {}\ntogether: []\n", 1, "is not a category"),
        ("rules.yaml", "precedence: [drone]\nstart: {}\nusual: {}\nalone: {}\ntogether: []\n", 1, "is missing"),
        (
            "rules.yaml",
            RULES.format(**PARTS) + "  KNIFE: weapon 2\ntogether: []\n",
            6,
            "expected a category or severity",
        ),
        ("rules.yaml", RULES.format(**PARTS) + "  KNIFE: drone x\ntogether: []\n", 6, "found 'drone x'"),
        ("rules.yaml", RULES.format(**PARTS) + "together:\n  - {when: FIRE}\n", 7, "a rule needs when and says"),
        ("rules.yaml", RULES.format(**PARTS) + "together:\n  - {when: FIRE, says: low 1, within: x}\n", 7, "a number"),
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
    (folder / "nl.yaml").write_text("language: nl\ncommon: de het een er\nconcepts:\n  FIRE: brand\n", encoding="utf-8")
    finding = triage("er woedt een brand", load_lexicon(folder))
    assert (finding.category, finding.language) == (Category.FIRE_HAZMAT, "nl")


def test_a_site_adds_words_of_its_own(folder: Path, tmp_path: Path) -> None:
    words = tmp_path / "site.yaml"
    words.write_text("language: en\nconcepts:\n  FIRE: the red beacon\n", encoding="utf-8")
    found = find_hits(read("the red beacon again"), load_lexicon(folder, words)).hits
    assert [hit.entry.term for hit in found] == ["the red beacon"]


@pytest.mark.parametrize(
    ("concepts", "kind", "says"),
    [
        ("  FIRE: burning smell, burning smells\n", "duplicate", "“burning smells” stands in FIRE already"),
        ("  FIRE: fire exit\n  NEUTRAL: fire exit\n", "conflicting", "says nothing as NEUTRAL and something as FIRE"),
        ("  FIRE: the fire\n", "dead", "one word beside those that are skipped"),
        ("  FIRE: fire\n", "missing", "no word for KNIFE"),
    ],
)
def test_the_check_finds_what_is_to_mend(folder: Path, concepts: str, kind: str, says: str) -> None:
    (folder / "en.yaml").write_text(f"language: en\nskip: the\nconcepts:\n{concepts}", encoding="utf-8")
    assert any(says in problem.sentence for problem in problems_of(folder) if problem.kind == kind)


def test_the_check_finds_rules_that_never_speak(folder: Path) -> None:
    (folder / "rules.yaml").write_text(
        RULES.format(**PARTS)
        + "  KNIFE: drone 1\n  NEUTRAL: low 1\ntogether:\n  - {when: FIRE KNIFE, unless: FIRE, says: low 1}\n",
        encoding="utf-8",
    )
    assert [problem.kind for problem in problems_of(folder) if problem.file == "rules.yaml"] == ["unreachable"]
