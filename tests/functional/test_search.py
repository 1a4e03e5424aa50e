"""Search finds cases by their words, the same ones on both databases, and nothing that an officer may not see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage import desk, intake, search
from engage.cli import main
from engage.installation import Installation, open_installation
from engage.intake import MessageArrival
from engage.models import Case
from engage.search_words import asked, spans, words_of
from tests import make
from tests.servers import Servers


def found(installation: Installation, port: make.Port, question: str, login: str = "sue") -> list[str]:
    """The references of the cases that an officer finds, the newest first."""
    terms = asked(question)
    with installation.database.reading() as session:
        if not terms:
            return []
        ids = search.matching(session, port.officer(session, login), terms)
        return [session.get_one(Case, case_id).reference for case_id in ids]


SAID = {
    "english": "Smoke from the toilet near the Café Zoë, don't wait",
    "arabic": "هناك حَرِيق كبير في المَطار",
    "chinese": "二號航站樓的洗手間發生火災",
    "russian": "В зале ожидания пожар, много дыма",
    "mixed": "Feuer im Terminal 航站 Пожар حريق",
}


@pytest.fixture
def cases(installation: Installation, port: make.Port) -> dict[str, str]:
    """One case for each text, by its name."""
    return {name: make.report(installation, text).reference for name, text in SAID.items()}


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("smoke toilet", ["english"]),
        ("TOILET smo", ["english"]),
        ("smo toilet", []),  # only the last word may be a beginning
        ("cafe zoe", ["english"]),
        ("Café", ["english"]),
        ("dont", ["english"]),
        ("don’t wait", ["english"]),
        ("حريق", ["mixed", "arabic"]),
        ("مطار", ["arabic"]),
        ("المطار", ["arabic"]),
        ("火灾", ["chinese"]),
        ("火災", ["chinese"]),
        ("航站", ["mixed", "chinese"]),
        ("灾火", []),
        ("пожар", ["mixed", "russian"]),
        ("ПОЖАР дым", ["russian"]),
        ("feuer حريق пожар 航", ["mixed"]),
        ("gate", ["mixed", "russian", "chinese", "arabic", "english"]),
        ("le port", ["mixed", "russian", "chinese", "arabic", "english"]),
        ("b7k4x smoke", ["english"]),
        ("nothing like that", []),
    ],
)
def test_a_question_finds_the_cases_that_have_all_of_its_words(
    installation: Installation, port: make.Port, cases: dict[str, str], question: str, names: list[str]
) -> None:
    assert found(installation, port, question) == [cases[name] for name in names]


def test_a_word_that_many_have_is_found_like_one_that_few_have(
    installation: Installation, port: make.Port, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = found(installation, port, "gate")
    monkeypatch.setattr(search, "MOST_RARE", 2)
    assert found(installation, port, "gate") == few
    assert len(few) == len(cases)


def test_a_reference_is_found_however_it_is_typed(
    installation: Installation, port: make.Port, cases: dict[str, str]
) -> None:
    reference = cases["russian"]
    _, middle, last = reference.split("-")
    for typed in (reference, reference.lower(), reference.replace("-", ""), f" {reference} ", middle, middle + last):
        assert cases["russian"] in found(installation, port, typed), typed


def test_what_is_said_later_is_found_and_what_engage_says_is_not(installation: Installation, port: make.Port) -> None:
    receipt = make.report(installation)
    with installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        desk.answer(session, ana, receipt.reference, make.NOON, text="A patrol with lanterns is on its way.")
        desk.note(session, ana, receipt.reference, make.NOON, text="Sergeant Quill knows him.")
    own = installation.vault.access_hash(receipt.access_code)
    arrival = MessageArrival(text="He wears a turquoise scarf", key="k", access_hash=own)
    intake.take_message(installation, arrival, make.NOON)
    for question in ("lanterns", "quill", "turquoise", "gun lanterns quill turquoise"):
        assert found(installation, port, question) == [receipt.reference], question
    with installation.database.transaction() as session:
        search.refresh(session, [1, 99])
    for question in ("lanterns", "quill", "turquoise", "gun lanterns quill turquoise"):
        assert found(installation, port, question) == [receipt.reference], question


def test_a_case_from_before_there_was_a_search_is_found_from_its_next_word_on(
    installation: Installation, port: make.Port
) -> None:
    receipt = make.report(installation)
    with installation.database.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM search_documents")
    assert found(installation, port, "gun") == []
    with installation.database.transaction() as session:
        desk.note(session, port.officer(session, "ana"), receipt.reference, make.NOON, text="Sergeant Quill")
    assert found(installation, port, "gun quill") == [receipt.reference]


@pytest.mark.parametrize(("login", "sees"), [("ana", False), ("sue", False), ("carl", False), ("ida", True)])
def test_nobody_finds_what_they_may_not_see(
    installation: Installation, port: make.Port, login: str, sees: bool
) -> None:
    sealed = make.report(installation, make.BRIBE).reference
    for question in ("bribes", sealed, "gate b12"):
        assert found(installation, port, question, login) == ([sealed] if sees else []), question


HOSTILE = (
    *("", " ", '"', "''", "'; DROP TABLE cases; --", "\0", "a\0b", "AND OR NOT", "NEAR(a b)", "a* b*", "words:x", "-"),
    *("^gate", "{words}", "(((", '" OR ""', "a & b | !c <-> d", ":*", "\\", "\ud800", "\U0010ffff", "٪؟،", "🔥", "ﷺ"),
    *("x" * 10_000, "ab " * 5_000, "火" * 10_000, "'" * 10_000, "en-" * 3_000, "é́" * 3_000, "%_%", "İıſß"),
)


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_no_question_fails(installation: Installation, port: make.Port, question: str) -> None:
    make.report(installation, make.GUN)
    assert isinstance(found(installation, port, question), list)


@dataclass
class Both:
    """The same port in both databases."""

    installations: tuple[Installation, Installation]
    port: make.Port

    def hold(self, texts: list[str]) -> None:
        """Cases 1, 2 … of these texts and no others, in both."""
        for one in self.installations:
            with one.database.transaction() as session:
                session.connection().exec_driver_sql("DELETE FROM search_documents")
                for at, text in enumerate(texts, 1):
                    search.start(session, at, [text])

    def find(self, question: str) -> list[list[str]]:
        return [found(one, self.port, question) for one in self.installations]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, postgresql: Servers) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("both")
    shutil.copy(sqlite_template, folder / "engage.sqlite3")
    address = postgresql.new_database()
    chosen = (make.settings(data_dir=folder), make.settings(data_dir=folder, database_url=address))
    port = make.with_port(chosen[0])
    make.with_port(chosen[1])
    opened = (open_installation(chosen[0]), open_installation(chosen[1]))
    for one in opened:
        for at in range(5):
            make.report(one, key=f"key {at}")
    with opened[0].database.reading() as session:
        references = [session.get_one(Case, at).reference for at in range(1, 6)]
    with opened[1].database.transaction() as session:  # the same references, so that answers can be compared
        for at, reference in enumerate(references, 1):
            session.get_one(Case, at).reference = reference
    yield Both(opened, port)
    for one in opened:
        one.database.dispose()
    postgresql.drop_database(address)


PIECES = (
    *("smoke", "Smokey", "toilet", "Café", "cafe\u0301", "naïve", "don't", "ΣΑΣ", "straße", "EN-7K2P-4", "b7k4x"),
    *("حريق", "الحريق", "حَرِيق", "في", "火灾", "火災", "火", "機場火災", "Пожар", "пожара", "ёлка", "елка", "й", "थाना"),
    *(
        "กรุงเทพ",
        "한국",
        "かな",
        "ﬁre",
        "①",
        "x" * 60,
        "'",
        '"',
        "*",
        "\0",
        "-",
        ".",
        "http://a.b/c?d=e",
        "a_b",
        "٣",
        "1e5",
    ),
)
WRITTEN = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=8).map(" ".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WRITTEN, min_size=1, max_size=5), st.lists(WRITTEN, min_size=1, max_size=4))
def test_both_databases_find_the_same_and_what_the_words_say(
    both: Both, texts: list[str], questions: list[str]
) -> None:
    both.hold(texts)
    for question in [*questions, *texts]:
        one, other = both.find(question)
        assert one == other
        terms = asked(question)
        fitting = [
            at
            for at, text in enumerate(texts, 1)
            if terms and all(any(term.fits(word) for word in words_of(text)) for term in terms)
        ]
        assert len(one) == len(fitting)


@settings(max_examples=200, deadline=None)
@given(WRITTEN)
def test_a_text_is_found_by_itself_and_marked_where_its_words_stand(text: str) -> None:
    terms = asked(text)
    words = words_of(text)
    assert all(any(term.fits(word) for word in words) for term in terms)
    places = spans(text, terms)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(one[1] < other[0] for one, other in pairwise(places))


def test_the_words_of_a_question_are_marked() -> None:
    text = "Fuego: SMOKE in the Café, 機場火災, EN-7K2P-4, الحَريق"
    marked = [text[start:end] for start, end in spans(text, asked("smoke cafe 火灾 EN-7K2P-4 حريق"))]
    assert marked == ["SMOKE", "Café", "火災", "EN", "7K2P", "4", "الحَريق"]


def test_the_words_of_an_older_database_are_written_by_a_command(
    installation: Installation, port: make.Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = [make.report(installation).reference for _ in range(3)]
    with installation.database.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM search_documents")
    for name, value in make.environment(installation.settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("engage.cli.search.AT_ONCE", 2)
    for _ in range(2):
        done = CliRunner().invoke(main, ["search", "rebuild"])
        assert (done.exit_code, done.output) == (0, "3 cases can be found by their words.\n")
        assert found(installation, port, "gun shoot") == references[::-1]
