"""A quiz about a guide for staff: five questions, the answers at once, and what is kept of them said beforehand."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from engage import guidance, quizzes
from engage.guides import category_of, number_of
from engage.guides.quiz import QUESTIONS, Asked, Question, questions, right_answers
from engage.taxonomy import Category
from engage.web import desk_words, forms, staff
from engage.web.admin_page import CHANGED, OLD_FORM
from engage.web.case_acts import whole_number
from engage.web.frame import installation, language, new_key, now, say

door = Blueprint("quiz", __name__)
desk_words.teach(door)


def _(sentence: str) -> str:
    return sentence


ASKS = {
    Asked.SIGN: _("Which of these is a sign of it?"),
    Asked.NO_SIGN: _("Which of these is no sign of it?"),
    Asked.AVOID: _("Which warning belongs to it?"),
    Asked.TIP: _("What helps most in a report about it?"),
    Asked.CALL: _("What is the right thing to do?"),
}
#: So many different quizzes there are about a guide.
SEEDS = 1_000_000


@door.get("/desk/quiz")
def show() -> ResponseReturnValue:
    """What a quiz can be about; for supervisors, how their units did."""
    officer, moment, counts = staff.officer(), now(), staff.may("count")
    with installation().database.reading() as session:
        guides = guidance.guides(session, language())
        units = quizzes.by_unit(session, officer, moment) if counts else []
        named = quizzes.named(session, officer, moment) if counts else []
    return render_template(
        "desk/quizzes.html",
        guides=[(number_of(category), guide.title) for category, guide in guides.items()],
        units=units,
        named=named,
        fewest=quizzes.FEWEST_TOLD,
        asked=QUESTIONS,
        counts=counts,
    )


@door.get("/desk/quiz/<int:number>")
def ask(number: int) -> ResponseReturnValue:
    """Five questions."""
    return _quiz(_category(number), secrets.randbelow(SEEDS), new_key())


@door.post("/desk/quiz/<int:number>")
def answer(number: int) -> ResponseReturnValue:
    """Which answers were right; what is kept of them is kept once."""
    category, form = _category(number), forms.sent()
    seed, key = whole_number(form.get("seed")) or 0, form.get("key", "")[:64] or new_key()
    answers = [_option(form.get(f"answer-{at}", "")) for at in range(QUESTIONS)]
    if not staff.is_own_form():
        return _quiz(category, seed, key, answers=answers, trouble=say(OLD_FORM), status=403)
    asked = _questions(category, seed)
    if form.get("seen") != _mark(asked):  # the guide was edited in between
        return _quiz(category, seed, key, trouble=say(CHANGED), status=409)
    right, unit_id, officer = right_answers(asked, answers), whole_number(form.get("unit")), staff.officer()
    kept = False
    if unit_id is not None:
        with installation().database.transaction() as session:
            kept = quizzes.keep(
                session,
                officer,
                now(),
                form_key=key,
                unit_id=unit_id,
                category=category,
                right_answers=right,
                with_name="named" in form,
            )
    return _quiz(category, seed, key, answers=answers, right=right, kept=kept)


def _category(number: int) -> Category:
    found = category_of(number)
    if found is None:
        abort(404)
    return found


def _option(sent: str) -> int | None:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) == 1 else None


def _questions(category: Category, seed: int) -> tuple[Question, ...]:
    with installation().database.reading() as session:
        return questions(guidance.guides(session, language()), category, seed)


def _mark(asked: Sequence[Question]) -> str:
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


def _quiz(
    category: Category,
    seed: int,
    key: str,
    *,
    answers: Sequence[int | None] = (None,) * QUESTIONS,
    right: int | None = None,
    kept: bool = False,
    trouble: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    with installation().database.reading() as session:
        guides = guidance.guides(session, language())
        units = quizzes.units_of(session, staff.officer())
    asked = questions(guides, category, seed)
    page = render_template(
        "desk/quiz.html",
        title=guides[category].title,
        number=number_of(category),
        asked=[(say(ASKS[one.asks]), one, given) for one, given in zip(asked, answers, strict=True)],
        units=units,
        seed=seed,
        seen=_mark(asked),
        key=key,
        right=right,
        kept=kept,
        trouble=trouble,
    )
    return page, status
