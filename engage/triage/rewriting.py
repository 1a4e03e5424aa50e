"""Writing other weights into `rules.yaml`: only the numbers change, and the whole file is replaced or none of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from engage.taxonomy import Category, Severity
from engage.triage.nodes import Item, LexiconError, open_yaml
from engage.triage.rules import RuleBook, load_rules
from engage.triage.weights import PLACES, changes


class RewriteError(ValueError):
    """The file cannot take these weights and stays as it is; says why. Trying again is no use."""


class _Edit(NamedTuple):
    """A stretch of the file, and what is to stand there."""

    at: int
    end: int
    text: str


def rewrite(path: Path, before: RuleBook, after: RuleBook) -> None:
    """Put the weights of `after` where those of `before` stand; comments, order and every other line stay.

    Raises LexiconError when the file is broken, RewriteError when it no longer holds the rules that were read or does
    not say what it should afterwards, and OSError; the old file is whole then.
    """
    path = path.resolve()  # a link stays a link
    if load_rules(path) != before:
        raise RewriteError(f"{path.name} was changed meanwhile")
    text = path.read_text(encoding="utf-8")
    for edit in sorted(_edits(open_yaml(path), before, after), reverse=True):
        text = text[: edit.at] + edit.text + text[edit.end :]
    _replace(path, text, after)


def _edits(top: Item, before: RuleBook, after: RuleBook) -> Iterator[_Edit]:
    """What must change in the file, in no order; weights that stay are left as they are written."""
    fields = {key.text(): value for key, value in top.pairs()}
    for key, value in fields["start"].pairs():
        category = Category(key.text())
        if before.start[category] != after.start[category]:
            yield _edit(value, fields["start"], _number(after.start[category]))
    for key, value in fields["usual"].pairs():
        category = Category(key.text())
        if before.usual[category] != after.usual[category]:
            yield _edit(value, fields["usual"], _terms(after.usual[category]))
    rules = iter(zip(before.rules, after.rules, strict=True))
    places = [(value, fields["alone"]) for _, value in fields["alone"].pairs()]
    places += [(value, line) for line in fields["together"].items() for key, value in line.pairs() if _is_says(key)]
    for (value, inside), (old, new) in zip(places, rules, strict=True):
        if old.says != new.says:
            yield _edit(value, inside, _terms(new.says))


def _is_says(key: Item) -> bool:
    return key.text() == "says"


def _edit(value: Item, inside: Item, text: str) -> _Edit:
    """Write the text where the value stands, quoted as that was, or where a comma would end it."""
    at, end = value.node.start_mark.index, value.node.end_mark.index
    style = getattr(value.node, "style", None)
    if style in ("|", ">"):
        return _Edit(at, end, f"{text}\n")
    needs_quotes = isinstance(inside.node, yaml.MappingNode) and inside.node.flow_style and "," in text
    quote = style if style in ("'", '"') else '"' if needs_quotes else ""
    return _Edit(at, end, f"{quote}{text}{quote}")


def _terms(said: Mapping[Category, float] | Mapping[Severity, float] | Mapping[Category | Severity, float]) -> str:
    return ", ".join(f"{word} {_number(weight)}" for word, weight in said.items())


def _number(weight: float) -> str:
    return f"{weight:.{PLACES}f}"


def _replace(path: Path, text: str, wanted: RuleBook) -> None:
    """Write beside the file, read that again, and only then put it in the file's place."""
    # A file kept with Windows line ends keeps them. The half does not end in .yaml, lest it be read as a language.
    newline = "\r\n" if b"\r\n" in path.read_bytes() else "\n"
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".half", dir=path.parent)
    half = Path(name)
    try:
        with open(descriptor, "w", encoding="utf-8", newline=newline) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _check(half, wanted)
        shutil.copymode(path, half)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


def _check(half: Path, wanted: RuleBook) -> None:
    try:
        written = load_rules(half)
    except LexiconError as error:
        raise RewriteError(f"the new file could not be read again: {error}") from error
    wrong = changes(written, wanted) if len(written.rules) == len(wanted.rules) else []
    if written != wanted:
        raise RewriteError(f"the new file would not say what it should, first {wrong[0].where if wrong else 'a rule'}")
