"""What is said after a report has come, and which question is asked next: the most important first, one at a time."""

from __future__ import annotations

from dataclasses import replace

from engage.dialogue import sentences as say
from engage.dialogue.playbooks import Playbook, playbook
from engage.dialogue.values import Heard, Pending, Saying, State
from engage.dialogue.words import command_in
from engage.taxonomy import Category, Severity

#: The question of the playbook on behaviour that asks for a deed: asked plainly where only looks were told.
_A_DEED = "did"
_LONG_ENOUGH = 8  # characters; "ok" needs no word of thanks


def after_report(
    state: State, heard: Heard, *, stored_before: bool = False, placed: bool = False
) -> tuple[State, tuple[Saying, ...]]:
    """What is said to a new report: danger first, that it has arrived, what the site knows, then one question."""
    if heard.only_code and heard.place is not None:
        return replace(state, pending=Pending.WHAT), (Saying(say.WHAT),)
    if heard.is_small_talk and heard.fact is None:
        return replace(state, pending=Pending.WHAT), (Saying(say.HELLO, courtesy=True),)
    state = replace(state, topic=heard.category if heard.sure else None)
    book = book_of(state)
    nothing_more = replace(state, placed=True)
    if state.topic is Category.SPAM:
        return nothing_more, (Saying(book.acknowledgement, courtesy=True),)
    opening = (*first_words(heard), *_arrival(book, heard, thanked=stored_before, placed=placed))
    if heard.fact is not None:
        return nothing_more, (*opening, Saying(heard.fact, translated=True), Saying(say.FACT_ASIDE))
    if heard.asks:
        return nothing_more, (*opening, Saying(say.ASKED))
    state, question = _first_question(state, heard, placed or heard.place is not None)
    return state, (*opening, *question)


def book_of(state: State) -> Playbook:
    """The playbook that a conversation follows."""
    return playbook(state.topic or Category.QUESTION_FEEDBACK, sure=state.topic is not None)


def first_words(heard: Heard) -> tuple[Saying, ...]:
    """The emergency number and one line of advice, where life is in danger."""
    if heard.severity is not Severity.CRITICAL:
        return ()
    return (Saying(say.CALL_NOW), Saying(playbook(heard.category, heard.sure).advice))


def _arrival(book: Playbook, heard: Heard, *, thanked: bool, placed: bool) -> tuple[Saying, ...]:
    if book.is_quiet(heard.details):
        return (Saying(say.QUIET_WITH_US),)
    arrived = Saying(say.WITH_US_FROM if placed or heard.place is not None else say.WITH_US)
    if heard.severity is Severity.CRITICAL:
        return (arrived,)
    advice = (Saying(book.advice),) if heard.severity in (Severity.HIGH, Severity.MEDIUM) else ()
    return (arrived, *advice) if thanked else (Saying(book.acknowledgement), arrived, *advice)


def _first_question(state: State, heard: Heard, placed: bool) -> tuple[State, tuple[Saying, ...]]:
    """Whether it is safe to write, then where it is, then what the playbook asks."""
    book = book_of(state)
    state = replace(state, placed=placed, asked=book.answered(heard.details))
    if book.is_quiet(heard.details) and state.safe is None:
        return replace(state, pending=Pending.SAFE), (Saying(say.IS_SAFE),)
    if state.topic is None:  # what it is matters more than where, while nobody knows
        return ask_next(state, heard)
    return where_or_next(state, heard)


def where_or_next(state: State, heard: Heard) -> tuple[State, tuple[Saying, ...]]:
    """Where it is, if that is not known; the next question of the playbook otherwise."""
    return _ask_where(state, heard) or ask_next(state, heard)


def _ask_where(state: State, heard: Heard) -> tuple[State, tuple[Saying, ...]] | None:
    """Where it is: asked once, with the places it may mean; None where that is known or was asked."""
    if state.placed:
        return None
    state = replace(state, placed=True, pending=Pending.PLACE, options=tuple(spot.place_id for spot in heard.likely))
    if not heard.likely:
        return state, (Saying(say.WHERE),)
    choices = "\n".join(f"{number} {spot.label}" for number, spot in enumerate(heard.likely, start=1))
    return state, (Saying(say.WHICH_PLACE, {"choices": choices}),)


def ask_next(state: State, heard: Heard) -> tuple[State, tuple[Saying, ...]]:
    """The next question of the playbook that the reporter has not answered by themselves; then where it is."""
    book = book_of(state)
    done = tuple(dict.fromkeys((*state.asked, *book.answered(heard.details))))
    question = book.next_question(frozenset(done))
    if question is None or (state.topic is None and done and not state.placed):
        asked = _ask_where(replace(state, asked=done), heard)
        return asked or (replace(state, asked=done, pending=Pending.NOTHING), ())
    says_looks_only = question.slug == _A_DEED and "looks" in heard.details
    sentence = say.DID_WHAT if says_looks_only else question.ask
    return replace(state, asked=(*done, question.slug), pending=Pending.QUESTION), (Saying(sentence),)


def enough(heard: Heard, was_asked: Pending) -> tuple[Saying, ...]:
    """Thanks after the last question; a plain word that more was noted; nothing after an "ok"."""
    if was_asked in (Pending.QUESTION, Pending.PLACE):
        return (Saying(say.ENOUGH_ANYWAY if command_in(heard.text) == "skip" else say.ENOUGH),)
    return (Saying(say.NOTED),) if len(heard.text.strip()) >= _LONG_ENOUGH and not heard.is_small_talk else ()
