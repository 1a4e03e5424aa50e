"""The dialogue: one table of what is heard and what follows, and what must never be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.dialogue import (
    Act,
    Current,
    Heard,
    Pending,
    Spot,
    State,
    Step,
    command_in,
    details_in,
    playbook,
    sentences,
    step,
)
from engage.dialogue.stepping import FLOOD
from engage.taxonomy import CaseStatus, Category, Severity
from tests.make import NOON

GATE = Spot(1, "Gate B12", "112", "B7K4X")
PIER = Spot(2, "Pier 4", "112")


def heard(text: str = "black bag alone under a seat", **others: object) -> Heard:
    values: dict[str, object] = {
        "language": "en",
        "category": Category.UNATTENDED_ITEM,
        "severity": Severity.MEDIUM,
        "sure": True,
        "since": NOON - timedelta(minutes=5),
    }
    return Heard(text=text, **{**values, **others})  # type: ignore[arg-type]


def small_talk(text: str, concept: str, **others: object) -> Heard:
    found = frozenset({concept})
    return heard(text, category=Category.QUESTION_FEEDBACK, severity=Severity.LOW, details=found, **others)


def current(**others: object) -> Current:
    values: dict[str, object] = {
        "reference": "EN-7K2P-4",
        "place_id": 1,
        "category": Category.UNATTENDED_ITEM,
        "severity": Severity.MEDIUM,
        "status": CaseStatus.TRIAGED,
        "staffed": False,
        "standing": "In the queue.",
    }
    return Current(**{**values, **others})  # type: ignore[arg-type]


def said(taken: Step) -> list[str]:
    return [one.sentence for one in taken.says]


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("STOP", "stop"),
        ("stop.", "stop"),
        ("Arrêt", "stop"),
        ("ARRET!", "stop"),
        ("СТОП", "stop"),
        ("قف", "stop"),
        ("停止", "stop"),
        ("tigil", "stop"),
        ("pare", "stop"),
        ("baja", "stop"),
        ("Start", "start"),
        ("HELP", "help"),
        ("help!!!", "help"),
        ("ayuda", "help"),
        ("au secours", "help"),
        ("救命", "help"),
        ("النجدة", "help"),
        ("помогите", "help"),
        ("tulong", "help"),
        ("socorro", "help"),
        ("status", "status"),
        ("Código", "code"),
        ("LANGUAGE", "language"),
        ("язык", "language"),
        ("human please", "human"),
        ("sí", "yes"),
        ("нет", "no"),
        ("-", "skip"),
        ("no sé", "skip"),
        ("stop, fire at gate 12", None),
        ("please stop him", None),
        ("help there is a fire", None),
        ("no way", None),
        ("", None),
        ("🔥", None),
    ],
)
def test_a_word_means_something_only_by_itself(text: str, command: str | None) -> None:
    assert command_in(text) == command


@pytest.mark.parametrize(
    ("text", "acts", "says"),
    [
        ("STOP", [Act.OPT_OUT], sentences.STOPPED),
        ("START", [Act.OPT_IN], sentences.STARTED),
        ("STATUS", [], sentences.STATUS),
        ("CODE", [], sentences.CODE),
        ("HUMAN", [Act.WANT_PERSON], sentences.PERSON),
        ("HELP", [Act.ADD_TO_REPORT], sentences.HELP),
        ("LANGUAGE", [], sentences.WHICH_LANGUAGE),
    ],
)
def test_commands_with_a_report(text: str, acts: list[Act], says: str) -> None:
    taken = step(State(), heard(text), current(), NOON)
    assert (list(taken.does), said(taken)) == (acts, [says])


@pytest.mark.parametrize(
    ("text", "acts", "says"),
    [
        ("STATUS", [], sentences.NO_REPORT),
        ("CODE", [], sentences.NO_REPORT),
        ("HUMAN", [Act.OPEN_REPORT, Act.WANT_PERSON], sentences.PERSON),
        ("HELP", [Act.OPEN_REPORT], sentences.HELP),
    ],
)
def test_commands_without_a_report(text: str, acts: list[Act], says: str) -> None:
    taken = step(State(), heard(text), None, NOON)
    assert (list(taken.does), said(taken)) == (acts, [says])


@pytest.mark.parametrize("text", ["3", "français", "FR", "French"])
def test_a_language_is_chosen_by_number_name_or_code(text: str) -> None:
    asked = step(State(), heard("LANGUAGE"), current(), NOON).state
    chosen = step(asked, heard(text), current(), NOON)
    assert (chosen.state.language, said(chosen)) == ("fr", [sentences.SPEAKING])
    later = step(chosen.state, heard("there is a bag here all alone"), current(), NOON)
    assert later.state.language == "fr"


def test_a_language_may_be_named_at_once() -> None:
    assert step(State(), heard("idioma español"), current(), NOON).state.language == "es"


@pytest.mark.parametrize(
    ("text", "written_in", "spoken"),
    [
        ("ok", "en", "es"),
        ("Está empeorando, la gente tose", "pt", "es"),
        ("there is a black bag alone under the second bench", "en", "en"),
        ("есть ещё один", "ru", "ru"),
        ("还有一个人", "zh", "zh"),
        ("什么意思", None, "es"),
    ],
)
def test_the_language_follows_the_writer(text: str, written_in: str | None, spoken: str) -> None:
    first = step(State(), heard("hay una bolsa sola aquí", language="es"), None, NOON)
    assert first.state.language == "es"
    assert step(first.state, heard(text, language=written_in), current(), NOON).state.language == spoken


# ── new reports ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_danger_is_spoken_of_first() -> None:
    knife = heard("knife!", category=Category.WEAPON_ATTACK, severity=Severity.CRITICAL, spot=GATE)
    taken = step(State(), knife, None, NOON)
    book = playbook(Category.WEAPON_ATTACK)
    assert said(taken)[:3] == [sentences.CALL_NOW, book.advice, sentences.WITH_US_FROM]


def test_a_report_is_stored_before_anything_is_asked() -> None:
    taken = step(State(), heard(), None, NOON)
    assert taken.does == (Act.OPEN_REPORT,)
    assert said(taken)[-1] == sentences.WHERE
    assert taken.state.pending is Pending.PLACE


def test_places_it_may_mean_are_offered_and_chosen_by_number() -> None:
    asked = step(State(), heard(likely=(GATE, PIER)), None, NOON)
    assert asked.says[-1].sentence == sentences.WHICH_PLACE
    assert asked.says[-1].values["choices"] == "1 Gate B12\n2 Pier 4"
    taken = step(asked.state, heard("2", details=frozenset()), current(place_id=None), NOON)
    assert (taken.does, taken.place_id) == ((Act.PLACE_REPORT, Act.ADD_TO_REPORT), 2)


def test_where_it_is_is_asked_once() -> None:
    asked = step(State(), heard(), None, NOON)
    next_one = step(asked.state, heard("by the big screen"), current(place_id=None), NOON)
    assert next_one.does == (Act.ADD_TO_REPORT,)
    assert sentences.WHERE not in said(next_one)
    assert sentences.WHERE not in said(step(next_one.state, heard("red"), current(place_id=None), NOON))


def test_what_was_told_is_not_asked() -> None:
    details = frozenset({"colour", "time"})
    taken = step(State(), heard(spot=GATE, details=details), None, NOON)
    asked = [question.ask for question in playbook(Category.UNATTENDED_ITEM).questions]
    assert said(taken)[-1] == asked[2]


def test_at_most_three_questions_and_then_thanks() -> None:
    state, says = State(), []
    place = {"spot": GATE, "details": frozenset()}
    taken = step(state, heard(**place), None, NOON)
    for words in ("well it stands there", "skip", "nothing special about it", "more words to come"):
        says.append(said(taken)[-1])
        taken = step(taken.state, heard(words, details=frozenset()), current(), NOON)
    assert says[:3] == [question.ask for question in playbook(Category.UNATTENDED_ITEM).questions]
    assert says[3] == sentences.ENOUGH
    assert said(taken) == [sentences.NOTED]


def test_only_looks_asks_for_a_deed() -> None:
    looks = heard(
        "a man in a black hoodie", category=Category.SUSPICIOUS_BEHAVIOUR, details=frozenset({"looks"}), spot=GATE
    )
    assert said(step(State(), looks, None, NOON))[-1] == sentences.DID_WHAT


@pytest.mark.parametrize("category", [category for category in Category if playbook(category).quiet])
def test_quiet_matters_say_nothing_that_endangers(category: Category) -> None:
    taken = step(State(), heard("she may not speak", category=category, severity=Severity.HIGH, spot=GATE), None, NOON)
    assert said(taken) == [sentences.QUIET_WITH_US, sentences.IS_SAFE]


@pytest.mark.parametrize(
    ("category", "concept"),
    [(Category.ASSAULT_HARASSMENT, "PARTNER"), (Category.THEFT_FRAUD, "AFRAID_TO_TALK")],
)
def test_some_words_make_any_matter_quiet(category: Category, concept: str) -> None:
    words = heard("he is here", category=category, severity=Severity.HIGH, spot=GATE, details=frozenset({concept}))
    assert said(step(State(), words, None, NOON)) == [sentences.QUIET_WITH_US, sentences.IS_SAFE]


def test_where_it_is_not_safe_nothing_more_is_said() -> None:
    asked = step(State(), heard(category=Category.HUMAN_TRAFFICKING, spot=GATE), None, NOON)
    about = current(category=Category.HUMAN_TRAFFICKING)
    unsafe = step(asked.state, heard("no"), about, NOON)
    assert (said(unsafe), unsafe.state.safe) == ([sentences.NOT_SAFE], False)
    assert said(step(unsafe.state, heard("they leave by bus 4"), about, NOON)) == []


def test_a_question_is_answered_from_what_the_site_knows() -> None:
    asks = heard(
        "where is lost property?", category=Category.QUESTION_FEEDBACK, severity=Severity.LOW, fact="At desk 3."
    )
    assert said(step(State(), asks, None, NOON))[-2:] == ["At desk 3.", sentences.FACT_ASIDE]


def test_a_question_that_nobody_knows_is_a_persons() -> None:
    asks = heard(
        "can I bring cheese?",
        category=Category.QUESTION_FEEDBACK,
        severity=Severity.LOW,
        details=frozenset({"QUESTION"}),
    )
    assert said(step(State(), asks, None, NOON))[-1] == sentences.ASKED


def test_a_greeting_is_greeted_and_what_follows_is_the_report() -> None:
    hello = small_talk("hi", "GREETING")
    greeted = step(State(), hello, None, NOON)
    assert said(greeted) == [sentences.HELLO]
    assert greeted.says[0].courtesy
    report = step(greeted.state, heard(spot=GATE), current(place_id=None), NOON)
    assert report.does == (Act.PLACE_REPORT, Act.ADD_TO_REPORT)
    assert sentences.WITH_US_FROM in said(report)


# ── the same report or a new one ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "what", "about", "same"),
    [
        (State(), heard(), None, False),
        (State(), heard(), current(), True),
        (State(), heard(spot=GATE, by_code=True), current(), True),
        (State(), heard(spot=PIER, by_code=True), current(), False),
        (State(pending=Pending.QUESTION), heard(spot=PIER, by_code=True), current(), False),
        (State(), heard(spot=PIER), current(), True),  # a name: he went there
        (State(), heard(here=PIER), current(), False),
        (State(), heard(spot=GATE, by_code=True, since=NOON - timedelta(hours=3)), current(), False),
        (State(), heard(since=NOON - timedelta(hours=5)), current(), False),
        (State(pending=Pending.QUESTION), heard(since=NOON - timedelta(hours=5)), current(), True),
        (State(pending=Pending.QUESTION), heard(since=NOON - timedelta(hours=25)), current(), False),
        (State(pending=Pending.OFFICER), heard(since=NOON - timedelta(days=5)), current(), True),
        (State(), heard(urgent_elsewhere=True), current(), False),
        (State(pending=Pending.QUESTION), heard(urgent_elsewhere=True), current(), True),
        (State(), heard(since=NOON - timedelta(minutes=30)), current(status=CaseStatus.CLOSED), True),
        (State(), heard(since=NOON - timedelta(hours=2)), current(status=CaseStatus.CLOSED), False),
    ],
)
def test_the_code_decides_then_our_question_then_time(
    state: State, what: Heard, about: Current | None, same: bool
) -> None:
    assert (Act.OPEN_REPORT not in step(state, what, about, NOON).does) == same


def test_thanks_do_not_open_a_case_again() -> None:
    thanks = heard(
        "thank you so much", category=Category.QUESTION_FEEDBACK, severity=Severity.LOW, details=frozenset({"PRAISE"})
    )
    assert step(State(), thanks, current(status=CaseStatus.CLOSED), NOON).does == (Act.ADD_QUIETLY,)


@pytest.mark.parametrize(
    ("text", "act", "says"),
    [("yes", Act.CALL_HELPED, sentences.GLAD), ("no", Act.CALL_NOT_HELPED, sentences.OPEN_AGAIN)],
)
def test_whether_it_helped(text: str, act: Act, says: str) -> None:
    taken = step(State(pending=Pending.HELPED), heard(text), current(status=CaseStatus.CLOSED), NOON)
    assert (taken.does, said(taken)) == ((act,), [says])


def test_while_an_officer_talks_we_do_not() -> None:
    assert said(step(State(pending=Pending.QUESTION), heard(), current(staffed=True), NOON)) == []


def test_danger_that_grows_is_spoken_of_even_then() -> None:
    worse = heard("he has a knife now", category=Category.WEAPON_ATTACK, severity=Severity.CRITICAL)
    assert said(step(State(), worse, current(staffed=True), NOON))[0] == sentences.CALL_NOW


def test_a_flood_is_stored_and_not_answered() -> None:
    state, about = State(), current()
    for second in range(FLOOD):
        state = step(state, heard(), about, NOON + timedelta(seconds=second)).state
    flood = step(state, heard(), about, NOON + timedelta(minutes=1))
    assert (flood.does, flood.says) == ((Act.ADD_TO_REPORT,), ())
    assert step(flood.state, heard(), about, NOON + timedelta(hours=1)).says


def test_a_one_time_word_ties_a_phone_and_a_spent_one_says_so() -> None:
    assert step(State(), heard(linked="EN-AAAA-A"), None, NOON).does == (Act.LINK,)
    assert said(step(State(), heard(linked=""), None, NOON)) == [sentences.LINK_SPENT]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a man wearing a red jacket", {"looks", "colour"}),
        ("lleva una mochila negra", {"looks", "colour"}),
        ("穿着黑色外套", {"looks", "colour"}),
        ("он побежал к выходу", {"way"}),
        ("منذ ساعة", {"time"}),
        ("3 of them", {"count"}),
        ("kanina pa po", {"time"}),
        ("number plate unknown", {"plate"}),
        ("nothing of the kind", set()),
    ],
)
def test_details_are_found_in_every_language(text: str, kinds: set[str]) -> None:
    assert details_in(text) == kinds


# ── always ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(
    text=st.text(max_size=60),
    category=st.sampled_from(Category),
    severity=st.sampled_from(Severity),
    sure=st.booleans(),
    pending=st.sampled_from(Pending),
    known=st.booleans(),
    staffed=st.booleans(),
    safe=st.sampled_from([None, True, False]),
    hours=st.integers(0, 400),
)
def test_every_word_is_kept_and_at_most_one_thing_is_asked(
    text: str,
    category: Category,
    severity: Severity,
    sure: bool,
    pending: Pending,
    known: bool,
    staffed: bool,
    safe: bool | None,
    hours: int,
) -> None:
    state = State(pending=pending, safe=safe, quiet=safe is False)
    what = heard(text, category=category, severity=severity, sure=sure, since=NOON - timedelta(hours=hours))
    taken = step(state, what, current(staffed=staffed) if known else None, NOON)
    if command_in(text) is None and pending is not Pending.LANGUAGE:
        assert {Act.OPEN_REPORT, Act.ADD_TO_REPORT, Act.ADD_QUIETLY} & set(taken.does)
    asked = [sentence for sentence in said(taken) if "?" in sentence]
    assert len(asked) <= 1
    assert State.of(taken.state.kept()) == taken.state


def test_a_state_of_an_older_version_is_read() -> None:
    assert State.of({}) == State()
    assert State.of({"language": "ru", "unknown": 1}) == replace(State(), language="ru")


def test_moments_survive_keeping() -> None:
    state = State(burst_from=NOON, burst=3)
    assert State.of(state.kept()).burst_from == datetime.fromisoformat(NOON.isoformat())
