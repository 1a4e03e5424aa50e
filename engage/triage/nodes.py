"""Reading YAML with the line of every value, so that a mistake in a word list can be pointed at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import yaml

_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FASTEST):  # type: ignore[misc]
    """A loader that takes every value as it is written: 'no' and 'on' are words here, and it is faster."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


class LexiconError(ValueError):
    """A word list or rule file is wrong; says the file, the line and what is wrong. Trying again is no use."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file}, line {line}: {problem}")
        self.file, self.line, self.problem = file, line, problem


class Item:
    """One YAML value that knows its file and line."""

    def __init__(self, file: str, node: yaml.Node) -> None:
        self.file = file
        self.node = node

    def wrong(self, problem: str, line: int = 0) -> LexiconError:
        """The error to raise about this value, or about one of its lines."""
        return LexiconError(self.file, line or self.line, problem)

    @property
    def line(self) -> int:
        """The line it begins in, counted from 1."""
        return int(self.node.start_mark.line) + 1

    def text(self, *, strip: bool = True) -> str:
        """The value as written; raises LexiconError unless it is a single, non-empty value."""
        if not isinstance(self.node, yaml.ScalarNode) or not str(self.node.value).strip():
            raise self.wrong("expected a word or phrase")
        return str(self.node.value).strip() if strip else str(self.node.value)

    def number(self) -> float:
        """The value as a number; raises LexiconError when it is none."""
        try:
            return float(self.text())
        except ValueError:
            raise self.wrong(f"expected a number, found {self.text()!r}") from None

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines of a block of text that hold something, each with its number in the file."""
        first = self.line + (getattr(self.node, "style", None) in ("|", ">"))
        for at, line in enumerate(self.text(strip=False).split("\n")):
            if line.strip():
                yield first + at, line.strip()

    def terms(self) -> Iterator[tuple[int, str]]:
        """The entries of a block of text, divided by commas and line ends, each with its line in the file."""
        for number, line in self.lines():
            for term in line.replace("，", ",").replace("、", ",").replace("،", ",").split(","):
                if term.strip():
                    yield number, term.strip()

    def items(self) -> Iterator[Item]:
        """The members of a list; raises LexiconError when it is none."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong("expected a list")
        return (Item(self.file, node) for node in self.node.value)

    def pairs(self) -> Iterator[tuple[Item, Item]]:
        """Keys and values of a mapping; raises LexiconError when it is none or a key comes twice."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong("expected names with values")
        seen: set[str] = set()
        for key_node, value_node in self.node.value:
            key = Item(self.file, key_node)
            if key.text() in seen:
                raise key.wrong(f"{key.text()} comes twice")
            seen.add(key.text())
            yield key, Item(self.file, value_node)

    def fields(self, *allowed: str) -> dict[str, Item]:
        """A mapping by name; raises LexiconError for a name that is not allowed."""
        found: dict[str, Item] = {}
        for key, value in self.pairs():
            if key.text() not in allowed:
                raise key.wrong(f"unknown name {key.text()!r}; allowed here: {', '.join(allowed)}")
            found[key.text()] = value
        return found


def open_yaml(path: Path) -> Item:
    """The one document of a YAML file; raises LexiconError when it cannot be read or is empty."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(path.name, 1, f"cannot be read: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "is not YAML"
        raise LexiconError(path.name, mark.line + 1 if mark else 1, str(problem)) from error
    if node is None:
        raise LexiconError(path.name, 1, "is empty")
    return Item(path.name, node)
