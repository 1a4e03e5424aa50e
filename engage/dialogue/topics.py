"""What a message asks about, so that it can be answered from what its site knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from engage.dialogue.words import contains, phrase, plain, read_words


def topics_in(text: str) -> tuple[str, ...]:
    """The topics that a message asks about, those that the file names first before the others."""
    return tuple(topic for topic, words in _topics().items() if contains(text, words))


def beside(text: str, topic: str) -> str:
    """What a message says beside the phrases by which it asks about a topic."""
    said = f" {plain(text)} "
    for words in sorted(_topics()[topic], key=len, reverse=True):
        said = said.replace(words, " ")
    return said.strip()


def known_topics() -> tuple[str, ...]:
    """Every topic that a site may say something about."""
    return tuple(_topics())


@cache
def _topics() -> Mapping[str, tuple[str, ...]]:
    return {topic: tuple(phrase(word) for word in words) for topic, words in read_words("topics.yaml").items()}
