"""What loading the lexicon costs, from its files and in its compiled form: `python -m bench.lexicon`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import yaml
from rich.console import Console
from rich.table import Table

import engage.triage
from engage.triage import load_lexicon, triage
from engage.triage.kept import content, keep, opened

FOLDER = Path(engage.triage.__file__).parent / "lexicon"
ROUNDS = 5


def compose_only() -> None:
    """Read every file into YAML's own nodes, and throw them away."""
    for path in FOLDER.glob("*.yaml"):
        yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def open_compiled(file: Path) -> None:
    """Open the compiled form and triage a first message."""
    lexicon = opened(file, content())
    assert lexicon is not None
    triage("a black bag stands alone at the gate", lexicon)


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of one run, in ms."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def main() -> None:
    """Let the three take turns, and print their medians and ratios."""
    file = Path(tempfile.mkdtemp()) / "lexicon.compiled"
    keep(file, content(), load_lexicon())
    sides: dict[str, Callable[[], object]] = {
        "YAML alone": compose_only,
        "load_lexicon": load_lexicon,
        "compiled, and a first message": lambda: open_compiled(file),
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, work in sides.items():
            taken[name].append(milliseconds(work))
    table = Table("side", "ms of processor", "ratio", title=f"Loading the lexicon: medians of {ROUNDS} rounds in turn")
    least = median(taken["YAML alone"])
    for name, all_taken in taken.items():
        table.add_row(name, f"{median(all_taken):.0f}", f"{median(all_taken) / least:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
