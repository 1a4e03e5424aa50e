"""`engage triage`: explain one message on the screen, or judge a stream of them for a machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engage.taxonomy import Channel
from engage.triage import Finding, Lexicon, shipped_lexicon
from engage.triage import triage as find

_LONGEST_LINE = 4_000_000  # bytes; a longer line is refused without being kept in memory
COLOURS = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "green"}


class BadLine(ValueError):
    """An input line that cannot be judged; the message says what is wrong. Trying again is no use."""


@click.command("triage")
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help="Read JSON lines with id and text on standard input.")
@click.pass_context
def triage(context: click.Context, text: str | None, jsonl: bool) -> None:
    """Say what kind of matter TEXT is, how urgent, who acts first, and which words decided."""
    if jsonl == (text is not None):
        raise click.UsageError("Give either a TEXT or --jsonl.")
    if text is None:
        bad = judge_lines(sys.stdin.buffer, shipped_lexicon())
        context.exit(2 if bad else 0)
    printable = text.encode("utf-8", "replace").decode()
    explain(printable, find(printable, shipped_lexicon()), Console())


def judge_lines(stream: BinaryIO, lexicon: Lexicon) -> int:
    """Answer every good line at once and complain of every bad one on standard error; returns how many were bad."""
    bad = 0
    for number, line in _lines(stream):
        try:
            message = _message(line)
        except BadLine as error:
            bad += 1
            click.echo(f"line {number}: {error}", err=True)
            continue
        answer = as_json(message["id"], find(message["text"], lexicon))
        click.echo(json.dumps(answer, separators=(",", ":")))  # click.echo flushes
    return bad


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines that are not blank, from 1; None for one that is too long."""
    number = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = stream.readline(_LONGEST_LINE)
            yield number, None
        elif line.strip():
            yield number, line


def _message(line: bytes | None) -> dict[str, Any]:
    if line is None:
        raise BadLine(f"longer than {_LONGEST_LINE:,} bytes")
    try:
        message = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadLine(f"not UTF-8 at byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise BadLine('not an object with "id" and "text"')
    if not isinstance(message.get("id"), str | int) or isinstance(message["id"], bool):
        raise BadLine('"id" is missing, or neither text nor a whole number')
    if not isinstance(message.get("text"), str):
        raise BadLine('"text" is missing or not text')
    if message.get("channel") is not None and message["channel"] not in list(Channel):
        raise BadLine(f'"channel" is none of {", ".join(Channel)}')
    return message


def as_json(identity: str | int, finding: Finding) -> dict[str, Any]:
    """A finding as the machine line: offsets are characters of the original text, queue is the first responder."""
    return {
        "id": identity,
        "category": finding.category,
        "severity": finding.severity,
        "queue": finding.responder,
        "language": finding.language,
        "confidence": finding.confidence,
        "evidence": [
            {
                "term": one.term,
                "matched": one.matched,
                "start": one.start,
                "end": one.end,
                "rule": one.rule,
                "weight": one.weight,
            }
            for one in finding.evidence
        ],
    }


def explain(text: str, finding: Finding, console: Console) -> None:
    """Print the message with its words marked, the finding, the evidence for and against, and the reason."""
    marked = Text(text)
    for one in finding.evidence:
        marked.stylize("bold underline" if one.weight > 0 else "strike dim", one.start, one.end)
    console.print(marked)
    console.print()
    severity = finding.severity.value
    verdict = Text.assemble(
        (f" {severity} ", COLOURS[severity]),
        f" {finding.category.value} → {finding.responder.value}",
        f"   language {finding.language}   confidence {finding.confidence:.2f}",
        f"   next best {finding.second.value}" if finding.second else "",
    )
    console.print(verdict)
    if finding.evidence:
        console.print(_evidence_table(finding))
    console.print(Text(finding.reason))


def _evidence_table(finding: Finding) -> Table:
    table = Table("", "words", "lexicon entry", "rule", "weight")
    for one in finding.evidence:
        speaks = ("for", "green") if one.weight > 0 else ("against", "red")
        table.add_row(Text(*speaks), Text(one.matched), Text(one.term), Text(one.rule), f"{one.weight:+.2f}")
    return table
