"""Finding guides by words: without accents, whatever the script's spelling, in any inflection, the fittest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engage.guides.guide import GUIDED, Guide
from engage.labels import word_for
from engage.languages import say
from engage.taxonomy import Category
from engage.triage.stems import stem
from engage.triage.text import script_of, words_of

#: How much a word weighs by where it stands; what a guide is about comes first.
_TITLE, _SIGNS, _OTHER = 5, 2, 1
MOST_WORDS = 12
LONGEST_QUESTION = 200  # characters
_SHORTEST_BEGINNING = 3
#: A word that stands in more than this share of all guides tells none from another.
_EVERYWHERE = 0.5


def search(guides: Mapping[Category, Guide], language: str, question: str) -> tuple[Category, ...]:
    """The categories whose guides have words of a question, those with most of them first; empty without any."""
    index = {category: _index(language, category, guides[category]) for category in GUIDED if category in guides}
    asked = list(dict.fromkeys(_terms(language, question[:LONGEST_QUESTION])))[:MOST_WORDS]
    weighed = [{category: _weight(term, words) for category, words in index.items()} for term in asked]
    found = [some for weights in weighed if (some := {one: weight for one, weight in weights.items() if weight})]
    telling = [some for some in found if len(some) <= _EVERYWHERE * len(index)] or found
    scores = {
        category: (sum(category in some for some in telling), sum(some.get(category, 0) for some in telling))
        for category in index
    }
    return tuple(sorted((one for one in index if scores[one][0]), key=lambda one: scores[one], reverse=True))


def _index(language: str, category: Category, guide: Guide) -> dict[str, int]:
    """The terms of a guide with the weight of the best place where each stands."""
    known = say(language, word_for(category))  # what staff call it is what many look for
    parts = ((_OTHER, (*guide.say, *guide.avoid, guide.call, guide.tip)), (_SIGNS, guide.signs))
    index: dict[str, int] = {}
    for weight, lines in (*parts, (_TITLE, (guide.title, known))):
        index |= {term: weight for line in lines for term in _terms(language, line)}
    return index


def _terms(language: str, text: str) -> Iterator[str]:
    """Stems of words; of Chinese, which has no spaces, every character with the next one, or a lone one."""
    words = words_of(text)
    for at, word in enumerate(words):
        if script_of(word[0]) != "han":
            yield stem(language, word)
            continue
        after = words[at + 1] if at + 1 < len(words) else ""
        before = words[at - 1] if at else ""
        if after and script_of(after[0]) == "han":
            yield word + after
        elif not (before and script_of(before[0]) == "han"):
            yield word


def _weight(term: str, words: Mapping[str, int]) -> int:
    """How well a term fits: the weight of the same term, or of words that begin with it."""
    if term in words:
        return words[term] * 2
    if len(term) >= _SHORTEST_BEGINNING or script_of(term[0]) == "han":
        return max((weight for word, weight in words.items() if word.startswith(term)), default=0)
    return 0
