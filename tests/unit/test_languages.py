"""The languages: which one is spoken, and that each can say every sentence that people read, at a poster or a desk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po

from engage import labels, languages
from engage.dialogue import extraction, playbooks
from engage.languages import CATALOGUES, LANGUAGES

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CODE = sorted((ROOT / "engage").rglob("*.py"))
PLAYBOOKS = sorted((ROOT / "engage" / "dialogue" / "playbooks").glob("*.yaml"))
KEYWORDS = {**DEFAULT_KEYWORDS, "say": None}
OTHERS = sorted(set(LANGUAGES) - {"en"})
PLACEHOLDER = re.compile(r"%(?:\(\w+\)\w)?")
NEW_YEAR = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)

#: A sentence, or its singular and plural.
Sentence = str | tuple[str, ...]


@cache
def sentences() -> frozenset[Sentence]:
    """What all pages say, in English."""
    return frozenset(
        sentence
        for method, files in (("jinja2", TEMPLATES), ("python", CODE), (extraction.extract, PLAYBOOKS))
        for file in files
        for _, sentence, _, _ in extract_from_file(method, file, keywords=KEYWORDS, options={"trimmed": "true"})
    )


@cache
def read(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def forms(said: Sentence) -> tuple[str, ...]:
    return said if isinstance(said, tuple) else (said,)


def test_sentences_are_found_in_every_kind_of_source() -> None:
    public = {"What did you see?", "An officer is working on it.", "There is nothing to send yet."}
    desk = {"Held by", "Unattended item", "Choose a queue.", "You do not hold this case."}
    assert public | desk | {("%(num)s report", "%(num)s reports")} <= sentences()
    assert any("emergency number" in forms(sentence)[0] for sentence in sentences())


def test_every_sentence_of_the_playbooks_is_found() -> None:
    assert playbooks.sentences() <= sentences()


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_there(language: str) -> None:
    known = read(language)
    absent = [sentence for sentence in sentences() if sentence not in known]
    assert absent == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_empty_or_in_doubt(language: str) -> None:
    messages = [read(language).get(sentence) for sentence in sentences()]
    wrong = [
        message.id
        for message in messages
        if message is not None and (message.fuzzy or not all(form.strip() for form in forms(message.string)))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("words", [labels.CATEGORIES, labels.SEVERITIES, labels.STATUSES, labels.DISPOSITIONS])
def test_no_two_words_that_staff_choose_from_are_said_alike(language: str, words: Mapping[StrEnum, str]) -> None:
    assert len({languages.say(language, word) for word in words.values()}) == len(words)


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_has_all_its_plural_forms(language: str) -> None:
    catalogue = read(language)
    for message in catalogue:
        if message.pluralizable and any(message.string):
            assert len(message.string) == catalogue.num_plurals, message.id
            assert all(message.string), message.id


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_has_the_placeholders_of_its_sentence(language: str) -> None:
    for message in read(language):
        if not message.id:
            continue
        wanted = sorted(PLACEHOLDER.findall(forms(message.id)[-1]))
        for form in filter(None, forms(message.string)):
            assert sorted(PLACEHOLDER.findall(form)) == wanted, message.id


@pytest.mark.parametrize("language", OTHERS)
def test_a_header_says_the_language_and_names_nobody(language: str) -> None:
    written = (CATALOGUES / f"{language}.po").read_text(encoding="utf-8")
    header = written.split("\n\n")[0]
    assert f'"Language: {language}\\n"' in header
    assert '"Content-Type: text/plain; charset=utf-8\\n"' in header
    assert '"Plural-Forms: nplurals=' in header
    assert "@" not in header
    assert "fuzzy" not in header


def test_there_is_a_file_for_every_language_and_no_other() -> None:
    assert sorted(file.stem for file in CATALOGUES.glob("*.po")) == OTHERS


@pytest.mark.parametrize(
    ("asked", "accepted", "spoken"),
    [
        ("fr", ["es", "en"], "fr"),
        ("en", ["es"], "en"),
        ("xx", ["es"], "es"),
        ("", ["es"], "es"),
        ("../fr", ["ru"], "ru"),
        ("xx", [], "en"),
        (None, [], "en"),
        (None, ["pt-BR", "en"], "pt"),
        (None, ["PT-BR"], "pt"),
        (None, ["ES"], "es"),
        (None, ["pt-PT"], "pt"),
        (None, ["es-419"], "es"),
        (None, ["ar-EG", "fr"], "ar"),
        (None, ["zh-Hant-TW"], "zh"),
        (None, ["zh-Hans-CN"], "zh"),
        (None, ["zh-TW"], "zh"),
        (None, ["tl"], "fil"),
        (None, ["TL-PH"], "fil"),
        (None, ["fil-PH"], "fil"),
        (None, ["en-GB", "fr"], "en"),
        (None, ["de-DE", "nl", "ru-RU", "fr"], "ru"),
        (None, ["de", "ja"], "en"),
        (None, ["*"], "en"),
        (None, ["", "-", "_", "--fr", "\0", "é", "a" * 10_000], "en"),
        (None, ["junk;;", "fr"], "fr"),
        (None, ["de"] * 100, "en"),
        (None, ["de"] * 19 + ["fr"], "fr"),
        (None, ["de"] * 100 + ["fr"], "en"),
    ],
)
def test_the_language_asked_for_comes_first_then_the_browsers_then_english(
    asked: str | None, accepted: list[str], spoken: str
) -> None:
    assert languages.choose(asked, accepted) == spoken


def test_a_sentence_is_said_in_its_language() -> None:
    assert languages.say("fr", "Send") == "Envoyer"
    assert languages.say("es", "Held by") == "A cargo de"
    assert languages.say("ru", "We do not know the code “%(code)s”", code="B7K4X") == "Код «B7K4X» нам неизвестен"


@pytest.mark.parametrize("language", [*LANGUAGES, "xx", "../fr"])
def test_what_a_language_cannot_say_is_said_in_english(language: str) -> None:
    assert languages.say(language, "Nobody translated this.") == "Nobody translated this."
    assert languages.say(language, "Nor these %(count)s.", count=2) == "Nor these 2."


def test_a_sentence_without_values_keeps_its_percent_sign() -> None:
    assert languages.say("en", "100 % sure") == "100 % sure"


@pytest.mark.parametrize(
    ("timezone", "said"),
    [
        ("UTC", "31 Dec 2026, 22:30"),
        ("Asia/Manila", "1 Jan 2027, 06:30"),
        ("America/New_York", "31 Dec 2026, 17:30"),
        ("Asia/Kathmandu", "1 Jan 2027, 04:15"),
    ],
)
def test_a_moment_is_said_on_the_clocks_of_a_place(timezone: str, said: str) -> None:
    assert languages.say_time("en", NEW_YEAR, timezone) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_hour_and_the_year(language: str) -> None:
    said = languages.say_time(language, NEW_YEAR, "Asia/Manila")
    assert "6:30" in said
    assert "2027" in said
