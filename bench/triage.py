"""What triage costs beside plain ways of doing it, on one core, as ratios within one run: `python -m bench.triage`.

Sides that are compared take turns, and the median of the rounds counts, so a machine that slows down slows both.
"""

from __future__ import annotations

import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import ahocorasick
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.progress import track
from rich.table import Table

from engage.taxonomy import Category, Severity
from engage.triage import Lexicon, load_lexicon, shipped_folder, triage
from engage.triage.entries import Entry
from engage.triage.kept import content, keep, opened
from engage.triage.lexicon import Parts, compiled, read_words
from engage.triage.matcher import find_hits
from engage.triage.rules import Rule, RuleBook, load_rules
from engage.triage.scoring import read_cases
from engage.triage.text import fold, read

CASES = Path(__file__).parents[1] / "tests" / "data" / "triage"
ROUNDS = 5
WORDS, TYPOS = 60, 0.1
CUTOFF = 80  # of the plain scan: below it a pair is no match
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONG = 10_000  # characters of the worst inputs


@dataclass(frozen=True)
class Message:
    """A made message, and which of its words are keywords with a slip in them: place -> keyword."""

    words: list[str]
    misspelt: dict[int, str]

    @property
    def text(self) -> str:
        """As it is sent."""
        return " ".join(self.words)


def vocabulary() -> list[str]:
    """Words of four letters or more that our own English lexicon holds, in a fixed order."""
    book = load_rules(shipped_folder() / "rules.yaml")
    words: set[str] = set()
    for name, own in read_words(shipped_folder(), book).items():
        if name == "en":
            for entry, _, _, _ in own.entries:
                words.update(word for word in fold(entry.term).split() if word.isascii() and word.isalpha())
            words.update(own.common, own.known)
    return sorted(word for word in words if 4 <= len(word) <= 14 and word.isascii())


def lexicon_of(keywords: Sequence[str], phrases: Sequence[tuple[str, str, str]], known: Sequence[str]) -> Lexicon:
    """A lexicon of just these keywords and phrases, each for one of a few concepts, and the words that are known."""
    categories = list(Category)
    rules = tuple(
        Rule(f"r{at}", (frozenset({f"C{at}"}),), 12.0, frozenset(), {category: 1.0, Severity.HIGH: 0.1})
        for at, category in enumerate(categories)
    )
    book = RuleBook(
        rules,
        start=dict.fromkeys(categories, 0.0),
        usual={category: {} for category in categories},
        precedence={category: at for at, category in enumerate(categories)},
        concepts=frozenset(f"C{at}" for at in range(len(categories))),
        by_concept={},
    )
    own = Parts("xx", known=set(known))
    terms = [*keywords, *(" ".join(phrase) for phrase in phrases)]
    for at, term in enumerate(terms):
        own.entries.append((Entry(term, f"C{at % len(categories)}", "xx", 1.0), term, None, at))  # type: ignore[arg-type]
    return compiled(book, [own])


def slip(word: str, chance: random.Random) -> str:
    """The word with one letter left out, added, changed, or exchanged with its neighbour."""
    at = chance.randrange(1, len(word))
    kind = chance.randrange(4)
    letter = chance.choice(LETTERS)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + letter + word[at:]
    if kind == 2:
        return word[:at] + letter + word[at + 1 :]
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def messages(
    count: int,
    keywords: Sequence[str],
    phrases: Sequence[tuple[str, str, str]],
    filler: Sequence[str],
    chance: random.Random,
    words: int,
) -> list[Message]:
    """Made messages: mostly filler, six keywords and one phrase each, every tenth word with a slip."""
    made = []
    for _ in range(count):
        chosen = [chance.choice(filler) for _ in range(words - 9)] + [chance.choice(keywords) for _ in range(6)]
        chance.shuffle(chosen)
        place = chance.randrange(len(chosen))
        meant = [*chosen[:place], *chance.choice(phrases), *chosen[place:]]
        wanted = set(keywords)
        inside = range(place, place + 3)
        said, misspelt = [], {}
        for at, word in enumerate(meant):
            wrong = chance.random() < TYPOS
            said.append(slip(word, chance) if wrong else word)
            if wrong and said[-1] != word and (word in wanted or at in inside):
                misspelt[at] = word
        made.append(Message(said, misspelt))
    return made


def scan(words: Sequence[str], keywords: Sequence[str]) -> list[tuple[int, str]]:
    """The plain way: every word against every keyword."""
    found = []
    for at, word in enumerate(words):
        best = process.extractOne(word, keywords, scorer=fuzz.ratio, score_cutoff=CUTOFF)
        if best:
            found.append((at, best[0]))
    return found


@dataclass(frozen=True)
class Side:
    """One way of doing the work: where the messages of a round come from (not timed), and what is done to each."""

    supply: Callable[[], Sequence[str]]
    work: Callable[[str], object]


def taking_turns(sides: dict[str, Side], rounds: int = ROUNDS) -> dict[str, float]:
    """The median speed of every side, in messages a second of processor time."""
    speeds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            texts = side.supply()
            start = time.process_time()
            for text in texts:
                side.work(text)
            speeds[name].append(len(texts) / (time.process_time() - start))
    return {name: median(all_of_them) for name, all_of_them in speeds.items()}


def claims_of_triage(message: Message, lexicon: Lexicon) -> set[tuple[int, str]]:
    """Which words of the message the matcher takes for a misspelt keyword, and for which."""
    claimed = set()
    for hit in find_hits(read(message.text), lexicon).hits:
        for at, word in enumerate(hit.entry.term.split(), hit.first):
            if message.words[at] != word:
                claimed.add((at, word))
    return claimed


def claims_of_scan(message: Message, keywords: Sequence[str]) -> set[tuple[int, str]]:
    """The same of the plain scan."""
    return {(at, keyword) for at, keyword in scan(message.words, keywords) if message.words[at] != keyword}


def recall_and_precision(
    made: Sequence[Message], claims: Callable[[Message], set[tuple[int, str]]]
) -> tuple[float, float]:
    """Of the misspelt keywords how many were found for what they are, and how many of the claims were true."""
    right = meant = claimed = 0
    for message in made:
        said = claims(message)
        true = set(message.misspelt.items())
        right, meant, claimed = right + len(said & true), meant + len(true), claimed + len(said)
    return right / meant, right / claimed if claimed else 1.0


@dataclass(frozen=True)
class Arena:
    """Made keywords, phrases and filler, the lexicon of them, and a supply of messages."""

    keywords: list[str]
    alone: list[str]
    phrases: list[tuple[str, str, str]]
    filler: list[str]
    lexicon: Lexicon
    chance: random.Random
    words: int

    def messages(self, count: int) -> list[Message]:
        """New messages, with new slips: only words that are written right can have been met before."""
        return messages(count, self.alone, self.phrases, self.filler, self.chance, self.words)

    def texts(self, count: int) -> Callable[[], list[str]]:
        """A supply of new messages for every round."""
        return lambda: [message.text for message in self.messages(count)]


def arena(size: int, seed: int, words: int = WORDS) -> Arena:
    """A lexicon of `size` keywords, a fifth of them in phrases of three; half of our vocabulary is known filler."""
    chance = random.Random(seed)
    real = vocabulary()
    chance.shuffle(real)
    made_up = [
        "".join(chance.choices(LETTERS, k=chance.randrange(6, 12))) for _ in range(max(0, size - len(real) // 2))
    ]
    keywords = [*real[: size - len(made_up)], *made_up]
    filler = real[len(real) // 2 :]
    alone, rest = keywords[: size * 4 // 5], keywords[size * 4 // 5 :]
    phrases = list(zip(rest[::3], rest[1::3], rest[2::3], strict=False))
    made = Arena(keywords, alone, phrases, filler, lexicon_of(alone, phrases, filler), chance, words)
    for text in made.texts(2_000)():
        triage(text, made.lexicon)  # a server has met the ordinary words before
    return made


def against_the_scan(console: Console) -> None:
    """2,000 keywords: the matcher and the whole of triage beside the plain scan; recall and precision of both."""
    small = arena(2_000, 7)
    sides = {
        "plain rapidfuzz scan": Side(small.texts(50), lambda text: scan(text.split(), small.keywords)),
        "matcher": Side(small.texts(1_000), lambda text: find_hits(read(text), small.lexicon)),
        "whole of triage": Side(small.texts(1_000), lambda text: triage(text, small.lexicon)),
    }
    speeds = taking_turns(sides)
    plain = speeds["plain rapidfuzz scan"]
    table = Table("side", "messages/s", "ratio", "asked", title=f"2,000 keywords, {WORDS} words, {TYPOS:.0%} typos")
    for name, asked in (("plain rapidfuzz scan", ""), ("matcher", "≥ 80"), ("whole of triage", "≥ 40")):
        table.add_row(name, f"{speeds[name]:,.0f}", f"{speeds[name] / plain:.1f}", asked)
    console.print(table)
    found = Table("side", "recall", "precision", "asked", title="Misspelt keywords")
    made = small.messages(2_000)
    ours = recall_and_precision(made, lambda message: claims_of_triage(message, small.lexicon))
    theirs = recall_and_precision(made[:150], lambda message: claims_of_scan(message, small.keywords))
    found.add_row("matcher", *(f"{figure:.3f}" for figure in ours), "≥ 0.93 at ≥ 0.92")
    found.add_row("plain rapidfuzz scan", *(f"{figure:.3f}" for figure in theirs), "")
    console.print(found)


def with_more_keywords(console: Console) -> None:
    """2,000 beside 20,000 keywords, and messages of 20 to 2,000 words."""
    sizes = {size: arena(size, 8) for size in (2_000, 20_000)}
    lengths = {words: arena(2_000, 9, words) for words in (20, 200, 2_000)}
    sides = {f"{size} keywords": _whole(some, 1_000) for size, some in sizes.items()}
    sides |= {f"{words} words": _whole(some, 40_000 // words) for words, some in lengths.items()}
    speeds = taking_turns(sides)
    table = Table("what", "figure", "asked", title="Growth")
    growth = speeds["2000 keywords"] / speeds["20000 keywords"]
    table.add_row("20,000 keywords take so many times what 2,000 do", f"{growth:.2f}", "≤ 2")
    for words in lengths:
        each = speeds["20 words"] * 20 / (speeds[f"{words} words"] * words)
        table.add_row(f"one word of a message of {words:,}, beside one of 20", f"{each:.2f}", "about 1")
    console.print(table)


def _whole(some: Arena, count: int) -> Side:
    return Side(some.texts(count), lambda text: triage(text, some.lexicon))


def against_exact_matching(console: Console) -> None:
    """The shipped lexicon on real messages of about 20 words, beside pyahocorasick, which finds exact words only."""
    lexicon = load_lexicon()
    automaton = ahocorasick.Automaton()
    for entry in lexicon.entries:
        folded = " ".join(fold(entry.term).replace("..", " ").split())
        if folded:
            automaton.add_word(folded, entry)
    automaton.make_automaton()
    texts = [case.text for path in sorted(CASES.glob("*.jsonl")) for case in read_cases(path)]
    texts = [text for text in texts if 15 <= len(read(text).tokens) <= 30]
    sides = {
        "pyahocorasick": Side(lambda: texts, lambda text: whole_words(automaton, fold(text))),
        "matcher": Side(lambda: texts, lambda text: find_hits(read(text), lexicon)),
        "whole of triage": Side(lambda: texts, lambda text: triage(text, lexicon)),
    }
    speeds = taking_turns(sides)
    table = Table(
        "side", "µs a message", "times", "asked", title=f"{len(lexicon.entries):,} entries of eight languages"
    )
    for name, asked in (("pyahocorasick", ""), ("matcher", "≤ 4"), ("whole of triage", "")):
        table.add_row(name, f"{1e6 / speeds[name]:.0f}", f"{speeds['pyahocorasick'] / speeds[name]:.1f}", asked)
    console.print(table)


def whole_words(automaton: ahocorasick.Automaton, text: str) -> list[tuple[int, Entry]]:
    """The entries that stand in the text as whole words: what exact matching has to give, too."""
    found = []
    for end, entry in automaton.iter(text):
        start = end - len(entry.term) + 1
        after, before = text[end + 1 : end + 2], text[start - 1 : start] if start > 0 else ""
        if entry.language == "zh" or not (after.isalnum() or before.isalnum()):
            found.append((end, entry))
    return found


def loading_and_worst(console: Console) -> None:
    """What loading takes, and how the worst inputs compare with ordinary ones of the same length."""
    file = Path(tempfile.mkdtemp()) / "lexicon.compiled"
    keep(file, content(), load_lexicon())
    start = time.process_time()
    lexicon = opened(file, content())
    took = time.process_time() - start
    assert lexicon is not None
    tracemalloc.start()
    kept = load_lexicon()
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    texts = [case.text for path in sorted(CASES.glob("en*.jsonl")) for case in read_cases(path)]
    ordinary = " ".join(texts)[:LONG]
    worst = {
        "one word again and again": "knife " * (LONG // 6),
        "one letter": "a" * LONG,
        "one character": "着" * LONG,
        "unknown words": "".join(random.Random(1).choices(LETTERS + "   ", k=LONG)),
        "negations": "not " * (LONG // 4),
        "a phrase again and again": ("the bag was left alone with wires. " * LONG)[:LONG],
        "marks": ".,!?" * (LONG // 4),
        "accents": "é" * (LONG // 2),
        "everything at once": "".join(sorted({c for text in texts for c in text}) * LONG)[:LONG],
    }
    inputs = {"ordinary": ordinary, **worst}
    speeds = taking_turns(
        {name: Side(_only(text), lambda text: triage(text, lexicon)) for name, text in inputs.items()}
    )
    table = Table("what", "figure", "asked", title="Loading, and 10,000 characters")
    table.add_row("opening the compiled words", f"{took:.2f} s", "< 0.3 s")
    table.add_row("memory it holds", f"{megabytes:.0f} MB", "< 60 MB")
    table.add_row("an ordinary text", f"{1e3 / speeds['ordinary']:.1f} ms", "")
    for name in worst:
        table.add_row(name, f"{speeds['ordinary'] / speeds[name]:.2f} times", "< 20")
    console.print(table)
    del kept


def _only(text: str) -> Callable[[], Sequence[str]]:
    return lambda: [text]


def main() -> None:
    """Print the four tables."""
    console = Console()
    parts = (against_the_scan, with_more_keywords, against_exact_matching, loading_and_worst)
    for part in track(parts, "measuring", console=Console(stderr=True), transient=True):
        part(console)


if __name__ == "__main__":
    main()
