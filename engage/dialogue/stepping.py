"""One step of a conversation: where it stood and what was heard, to where it stands, what to do and what to say.

The order in which a message is understood: a word that stands alone and means something (STOP, HELP …); a one-time
word that ties a phone to a report; an answer to our question; and everything else is a report, or belongs to the one
that is under way. A report is never held back for a question: it is stored first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from engage.dialogue import sentences as say
from engage.dialogue.belonging import is_same_report
from engage.dialogue.following import after_report, ask_next, book_of, enough, first_words, where_or_next
from engage.dialogue.values import Act, Current, Heard, Pending, Saying, State, Step
from engage.dialogue.words import choice_in, command_in, language_in, plain
from engage.languages import LANGUAGES
from engage.taxonomy import Category, Severity

#: So many messages within this time are a flood: all are stored with the report under way, and none is answered.
FLOOD, FLOOD_WITHIN = 15, timedelta(minutes=10)
#: Fewer characters do not change the language we speak: "ok" is everybody's, and Spanish and Portuguese share many
#: words. What is written in another script is plain sooner.
_ENOUGH_TO_TELL, _ENOUGH_IN_ANOTHER_SCRIPT = 40, 4
_LATIN = frozenset({"en", "es", "fr", "pt", "fil"})


def step(state: State, heard: Heard, current: Current | None, now: datetime) -> Step:
    """What follows from one message. `current` is the report that this conversation is about, if there is one."""
    state = replace(_count_burst(state, now), language=language_after(state, heard.text, heard.language))
    if state.burst > FLOOD and current is not None:
        return Step(state, (Act.ADD_TO_REPORT,), (), "one of many messages sent fast")
    command = command_in(heard.text)
    if command in _COMMANDS:
        return _COMMANDS[command](state, current)
    if heard.linked is not None:
        return _link(state, heard)
    chosen = _language_chosen(state, heard.text)
    if chosen:
        return _speak(state, chosen)
    if state.pending in _ANSWERS and current is not None:
        answered = _ANSWERS[state.pending](state, heard, current)
        if answered is not None:
            return answered
    same, why = is_same_report(state, heard, current, now)
    return _go_on(state, heard, current, why) if same and current is not None else _open(state, heard, why)


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _stop(state: State, _current: Current | None) -> Step:
    return Step(replace(state, pending=Pending.NOTHING), (Act.OPT_OUT,), (Saying(say.STOPPED),), "asked us to stop")


def _start(state: State, _current: Current | None) -> Step:
    return Step(replace(state, quiet=False), (Act.OPT_IN,), (Saying(say.STARTED),), "wants to hear from us again")


def _help(state: State, current: Current | None) -> Step:
    """Somebody who can write only this one word may need it most, so staff see it as well."""
    act = Act.ADD_TO_REPORT if current is not None else Act.OPEN_REPORT
    return Step(replace(state, pending=Pending.WHAT), (act,), (Saying(say.HELP),), "asked for help")


def _status(state: State, current: Current | None) -> Step:
    said = Saying(say.STATUS, {"standing": current.standing}) if current else Saying(say.NO_REPORT)
    return Step(state, (), (said,), "asked how it stands")


def _human(state: State, current: Current | None) -> Step:
    acts = (Act.WANT_PERSON,) if current is not None else (Act.OPEN_REPORT, Act.WANT_PERSON)
    state = replace(state, with_person=True, pending=Pending.NOTHING)
    return Step(state, acts, (Saying(say.PERSON),), "asked for a person")


def _code(state: State, current: Current | None) -> Step:
    return Step(state, (), (Saying(say.CODE if current else say.NO_REPORT),), "asked for the access code")


def _language(state: State, _current: Current | None) -> Step:
    names = [f"{number} {language.name}" for number, language in enumerate(LANGUAGES.values(), start=1)]
    said = Saying(say.WHICH_LANGUAGE, {"choices": "\n".join(names)})
    return Step(replace(state, pending=Pending.LANGUAGE), (), (said,), "asked for another language")


_COMMANDS: dict[str | None, Callable[[State, Current | None], Step]] = {
    "stop": _stop,
    "start": _start,
    "help": _help,
    "status": _status,
    "human": _human,
    "code": _code,
    "language": _language,
}


def _link(state: State, heard: Heard) -> Step:
    if not heard.linked:
        return Step(state, (), (Saying(say.LINK_SPENT),), "sent a one-time word that is spent")
    state = replace(state, pending=Pending.NOTHING, asked=(), quiet=False)
    return Step(state, (Act.LINK,), (Saying(say.LINKED, {"reference": heard.linked}),), "sent a one-time word")


def _language_chosen(state: State, text: str) -> str | None:
    words = plain(text).split()
    if state.pending is Pending.LANGUAGE or (len(words) == 2 and command_in(words[0]) == "language"):
        return language_in(text)
    return None


def _speak(state: State, language: str) -> Step:
    state = replace(state, language=language, language_chosen=True, pending=Pending.NOTHING)
    return Step(state, (), (Saying(say.SPEAKING),), "chose a language")


# ── answers to our questions ─────────────────────────────────────────────────────────────────────────────────────────


def _answer_safe(state: State, heard: Heard, _current: Current) -> Step | None:
    said = command_in(heard.text)
    if said == "no":
        state = replace(state, safe=False, quiet=True, pending=Pending.NOTHING)
        return Step(state, (Act.ADD_TO_REPORT,), (Saying(say.NOT_SAFE),), "answered that it is not safe to write")
    if said == "yes":
        advice = Saying(book_of(state).advice)
        state, asked = where_or_next(replace(state, safe=True, pending=Pending.NOTHING), heard)
        says = (Saying(say.SAFE), advice, *asked)
        return Step(state, (Act.ADD_TO_REPORT,), says, "answered that it is safe to write")
    return None


def _answer_helped(state: State, heard: Heard, _current: Current) -> Step | None:
    said = command_in(heard.text)
    settled = replace(state, pending=Pending.NOTHING)
    if said == "yes":
        return Step(settled, (Act.CALL_HELPED,), (Saying(say.GLAD),), "answered that it helped")
    if said == "no":
        return Step(settled, (Act.CALL_NOT_HELPED,), (Saying(say.OPEN_AGAIN),), "answered that it did not help")
    return None


def _answer_place(state: State, heard: Heard, current: Current) -> Step | None:
    """A number of our list or a place for certain settles it; anything else is kept as words, and not asked again."""
    choice = choice_in(heard.text, len(state.options))
    place_id = state.options[choice - 1] if choice else heard.spot.place_id if heard.spot else None
    if place_id is None or current.place_id is not None:
        return None
    state, asked = ask_next(replace(state, pending=Pending.NOTHING, options=()), heard)
    acts = (Act.PLACE_REPORT, Act.ADD_TO_REPORT)
    return Step(state, acts, (Saying(say.PLACED), *asked), "answered where it is", place_id)


_ANSWERS: dict[Pending, Callable[[State, Heard, Current], Step | None]] = {
    Pending.SAFE: _answer_safe,
    Pending.HELPED: _answer_helped,
    Pending.PLACE: _answer_place,
}


# ── reports ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _open(state: State, heard: Heard, why: str) -> Step:
    """Store a new report, say the most important thing first, and ask at most one question."""
    fresh = State(state.language, state.language_chosen, burst_from=state.burst_from, burst=state.burst)
    state, says = after_report(fresh, heard)
    place_id = heard.place.place_id if heard.place else None
    return Step(state, (Act.OPEN_REPORT,), (*says, *_pictures(heard)), why, place_id)


def _go_on(state: State, heard: Heard, current: Current, why: str) -> Step:
    """Add to the report under way; say only what is new to say."""
    acts = [_addition(heard, current)]
    place_id = None
    if heard.spot is not None and current.place_id is None:
        acts.insert(0, Act.PLACE_REPORT)
        place_id = heard.spot.place_id
    state, said = _further(replace(state, pending=Pending.NOTHING, options=()), heard, current, state.pending)
    return Step(state, tuple(acts), (*said, *_pictures(heard)), why, place_id)


def _further(state: State, heard: Heard, current: Current, was_asked: Pending) -> tuple[State, tuple[Saying, ...]]:
    """The next question, a word of thanks after the last one, or nothing while a person talks."""
    if was_asked is Pending.WHAT:  # what follows a bare code, a greeting or a cry for help is the report itself
        return after_report(state, heard, stored_before=True, placed=current.place_id is not None)
    if heard.fact is not None:
        return state, (Saying(heard.fact, translated=True), Saying(say.FACT_ASIDE))
    grown = first_words(heard) if heard.sure and current.severity is not Severity.CRITICAL else ()
    if current.staffed or state.with_person or state.quiet or was_asked is Pending.OFFICER:
        return state, grown
    if heard.sure and state.topic is None:
        state = replace(state, topic=heard.category)
    state, asked = ask_next(state, heard)
    return state, (*grown, *(asked or enough(heard, was_asked)))


def _addition(heard: Heard, current: Current) -> Act:
    """Thanks for a closed case do not open it again."""
    chatter = heard.category is Category.QUESTION_FEEDBACK and heard.severity is Severity.LOW and heard.sure
    is_ended = not current.status.is_open
    thanks = "PRAISE" in heard.details or "GREETING" in heard.details
    return Act.ADD_QUIETLY if is_ended and chatter and thanks and heard.fact is None else Act.ADD_TO_REPORT


def _pictures(heard: Heard) -> tuple[Saying, ...]:
    return (Saying(say.PICTURES),) if heard.pictures else ()


# ── state ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def language_after(state: State, text: str, written_in: str | None) -> str | None:
    """We speak as the reporter writes, unless they have chosen a language; a word or two does not change it."""
    same_script = {state.language, written_in} <= _LATIN
    enough = _ENOUGH_TO_TELL if same_script else _ENOUGH_IN_ANOTHER_SCRIPT
    few = len(plain(text)) < enough and state.language is not None
    return state.language if state.language_chosen or written_in not in LANGUAGES or few else written_in


def _count_burst(state: State, now: datetime) -> State:
    if state.burst_from is None or not timedelta() <= now - state.burst_from < FLOOD_WITHIN:
        return replace(state, burst_from=now, burst=1)
    return replace(state, burst=state.burst + 1)
