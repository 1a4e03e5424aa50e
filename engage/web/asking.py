"""The one question after a report that tells only how somebody looks, in the language that its reporter wrote in."""

from __future__ import annotations

from dataclasses import dataclass

from engage import guidance, languages
from engage.languages import LANGUAGES
from engage.web import thread_cookie
from engage.web.frame import installation, language


def _(sentence: str) -> str:
    return sentence


QUESTION = _("What did the person do?")
WHY = _("How somebody looks does not tell us what happened. If you saw them do something, tell us; if not, leave it.")


@dataclass(frozen=True, slots=True)
class Asking:
    """The question, why it is asked, their language, and the token of the thread that the answer goes to."""

    question: str
    why: str
    language: str
    token: str


def about(text: str, access_hash: str) -> Asking | None:
    """What to ask about a text that is stored; mostly nothing."""
    written = guidance.language_to_ask_in(installation(), text)
    if written is None:
        return None
    spoken = written if written in LANGUAGES else language()
    return Asking(
        languages.say(spoken, QUESTION), languages.say(spoken, WHY), spoken, thread_cookie.form_token(access_hash)
    )
