"""A quiz of five questions about one guide, made of the guides themselves: whoever edits a guide edits its quiz."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engage.guides.guide import GUIDED, Guide
from engage.taxonomy import Category

QUESTIONS = 5
OPTIONS = 3
#: Kinds of reports whose guides say like things: a wrong answer never comes from the same group, or it might be right.
_GROUPS: tuple[frozenset[Category], ...] = (
    frozenset(
        {
            Category.HUMAN_TRAFFICKING,
            Category.WILDLIFE_TRAFFICKING,
            Category.STOWAWAY_SMUGGLING,
            Category.DRUGS_CONTRABAND,
            Category.CARGO_CRIME,
            Category.INSIDER_CORRUPTION,
        }
    ),
    frozenset(
        {
            Category.WEAPON_ATTACK,
            Category.ASSAULT_HARASSMENT,
            Category.DISORDER,
            Category.SUSPICIOUS_BEHAVIOUR,
            Category.TRESPASS_ACCESS,
            Category.UNATTENDED_ITEM,
            Category.DRONE,
            Category.LOST_PROPERTY,
        }
    ),
    frozenset({Category.MEDICAL, Category.VULNERABLE_PERSON}),
    frozenset({Category.FIRE_HAZMAT, Category.ENVIRONMENT, Category.INFRASTRUCTURE_FAULT}),
    frozenset({Category.THEFT_FRAUD, Category.CYBER, Category.LOST_PROPERTY}),
)


class Asked(StrEnum):
    """What a question is about."""

    SIGN = "sign"  # which of these is a sign of it
    NO_SIGN = "no_sign"  # which of these is none
    AVOID = "avoid"  # what not to do
    TIP = "tip"  # what helps most in a report
    CALL = "call"  # whom to call


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what it asks, what may be answered, and which of these is right."""

    asks: Asked
    options: tuple[str, ...]
    right: int


def questions(guides: Mapping[Category, Guide], category: Category, seed: int) -> tuple[Question, ...]:
    """Five questions about one guide; the same seed and guides give the same questions in the same order."""
    chance = random.Random(seed)  # noqa: S311 - nobody has to be kept from guessing which questions come
    guide = guides[category]
    others = [guides[other] for other in GUIDED if other in guides and not _are_near(category, other)]
    signs = chance.sample(guide.signs, k=min(3, len(guide.signs)))
    made = [
        _mixed(chance, Asked.SIGN, signs[0], [chance.choice(other.signs) for other in _two(chance, others)]),
        _mixed(chance, Asked.NO_SIGN, chance.choice(_two(chance, others)[0].signs), signs[-2:]),
        _mixed(
            chance,
            Asked.AVOID,
            chance.choice(guide.avoid),
            [chance.choice(other.avoid) for other in _two(chance, others)],
        ),
        _mixed(chance, Asked.TIP, guide.tip, [other.tip for other in _two(chance, others)]),
        _mixed(chance, Asked.CALL, guide.call, [other.call for other in _two(chance, others)]),
    ]
    chance.shuffle(made)
    return tuple(made)


def right_answers(asked: Sequence[Question], answers: Sequence[int | None]) -> int:
    """How many questions were answered right; what was not answered was not."""
    return sum(question.right == answer for question, answer in zip(asked, answers, strict=True))


def _are_near(one: Category, other: Category) -> bool:
    return one is other or any({one, other} <= group for group in _GROUPS)


def _two(chance: random.Random, others: Sequence[Guide]) -> list[Guide]:
    return chance.sample(list(others), k=OPTIONS - 1)


def _mixed(chance: random.Random, asks: Asked, right: str, wrong: Sequence[str]) -> Question:
    options = list(dict.fromkeys([right, *wrong]))
    chance.shuffle(options)
    return Question(asks, tuple(options), options.index(right))
