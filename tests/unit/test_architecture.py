"""The house: imports run downhill only, files and functions stay small, and every file says what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 500
LONGEST_FUNCTION = 50

#: From the ground up. A part may import its own floor and the floors below it; words stand on nothing of ours.
FLOORS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "words",
        frozenset({"config", "taxonomy", "languages", "catalogues", "base32", "wording", "labels"})
        | {"referral_words", "poster_words"},
    ),
    (
        "rules",
        frozenset({"triage", "dialogue", "routing", "promises", "search_words", "sameness", "guides"})
        | {"referring"}
        | {"duty_table", "tallies", "charts", "spreadsheets", "passwords", "permissions", "chain", "heads"},
    ),
    (
        "parts",
        frozenset({"models", "db", "migrations", "vault", "gateways", "prepared", "texting", "logs", "pictures"}),
    ),
    (
        "hands",
        frozenset({"installation", "compiled_lexicon", "live_lexicon", "own_words"})
        | {"accounts", "staffing", "posters", "outbox", "audit"}
        | {"proving", "publishing", "passkeys", "second_steps", "vouching", "inviting", "invitations"}
        | {"readiness", "health", "text_health", "watch_health", "seal_health"},
    ),
    (
        "the work",
        frozenset(
            {
                "cases",
                "arrivals",
                "reports",
                "contacts",
                "conversations",
                "opening",
                "further",
                "speaking",
                "facts",
                "listening",
                "doing",
                "practice",
                "reach",
                "undelivered",
                "moving",
                "targets",
                "alarms",
                "ringing",
                "watches",
                "handovers",
                "watch_board",
                "numbers",
                "outlook",
            }
        )
        | {"chats", "sites", "queues", "case_file", "delivery", "postroom", "attachments", "fetching"}
        | {"files", "uploads", "plans"}
        | {"duty_rows", "rehearsal", "search", "listing", "case_rows", "views", "found"}
        | {"account_acts"}
        | {"relays", "shared_copies", "referrals", "passing", "offers", "announcing", "link_tokens"}
        | {"trail", "guidance", "quizzes"}
        | {"proposals", "lookalikes", "report_file", "merging", "looks", "corrections", "ready", "sealing"},
    ),
    (
        "sides",
        frozenset({"intake", "hearing", "incoming", "continuing", "counter", "offering", "by_link"})
        | {"administration"}
        | {"desk", "acting", "ending", "demo", "demo_shift", "demo_walls", "assigning", "same_event", "raising"}
        | {"quiet", "identities", "contact_view", "evidence", "demo_plans"},
    ),
    ("duties", frozenset({"duties"})),
    ("doors", frozenset({"web", "cli"})),
    ("wiring", frozenset({"engage"})),
)
FLOOR = {part: height for height, (_, parts) in enumerate(FLOORS) for part in parts}
DOORS = FLOORS[-2][1]
#: Only doors and the wiring may know how a request travels or a command is typed.
KNOWN_TO_DOORS_ONLY = {"flask", "flask_login", "flask_wtf", "flask_limiter", "werkzeug", "click", "rich", "granian"}
#: What no site needs is imported by these files only, and they are imported only when their command is used.
FOR_SETTING_WEIGHTS = {"numpy", "scipy"}
SETS_WEIGHTS = [ROOT / "engage" / "triage" / name for name in ("fitting.py", "leaning_fitting.py")]

CODE = sorted((ROOT / "engage").rglob("*.py"))
EVERY_FILE = sorted([*CODE, *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py"), *ROOT.glob("*.py")])
PAGES = sorted(
    path
    for folder, ending in (("engage/static", "*.js"), ("engage/static", "*.css"), ("templates", "*.html"))
    for path in (ROOT / folder).rglob(ending)
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def part_of(path: Path) -> str:
    """The part of the house a file belongs to: `engage/posters/codes.py` is of `posters`."""
    first = path.relative_to(ROOT / "engage").parts[0].removesuffix(".py")
    return "engage" if first == "__init__" else first


def exists(part: str) -> bool:
    return (ROOT / "engage" / part).is_dir() or (ROOT / "engage" / f"{part}.py").is_file()


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the part of every import of ours in a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "engage":
            modules = [f"engage.{alias.name}" if exists(alias.name) else "engage" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        for module in modules:
            if module == "engage" or module.startswith("engage."):
                yield node.lineno, [*module.split("."), "engage"][1]


def outside(path: Path) -> set[str]:
    """The packages of others that a file imports."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def modules(path: Path) -> set[str]:
    """The modules that a file imports, and what it imports from them, by their whole names."""
    whole = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Import))
    parts = (node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom))
    found = {alias.name for node in whole for alias in node.names}
    return found | {
        name for node in parts for alias in node.names for name in (node.module, f"{node.module}.{alias.name}")
    }


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", CODE, ids=name)
def test_every_file_stands_on_a_floor(path: Path) -> None:
    assert part_of(path) in FLOOR


@pytest.mark.parametrize("path", CODE, ids=name)
def test_imports_run_downhill(path: Path) -> None:
    own = part_of(path)
    uphill = [(line, other) for line, other in imported(path) if FLOOR[other] > FLOOR[own]]
    assert not uphill


@pytest.mark.parametrize("path", [path for path in CODE if part_of(path) in DOORS], ids=name)
def test_doors_never_import_each_other(path: Path) -> None:
    assert not [(line, other) for line, other in imported(path) if other in DOORS - {part_of(path)}]


def test_no_two_parts_of_a_floor_import_each_other() -> None:
    pairs = {(part_of(path), other) for path in CODE for _, other in imported(path) if other != part_of(path)}
    assert not {pair for pair in pairs if pair[::-1] in pairs and FLOOR[pair[0]] == FLOOR[pair[1]]}


@pytest.mark.parametrize("path", [path for path in CODE if part_of(path) not in DOORS | {"engage"}], ids=name)
def test_below_the_doors_nobody_knows_of_requests_or_commands(path: Path) -> None:
    assert not outside(path) & KNOWN_TO_DOORS_ONLY


def test_nothing_that_runs_on_a_site_needs_what_sets_weights() -> None:
    assert [path for path in CODE if outside(path) & FOR_SETTING_WEIGHTS] == SETS_WEIGHTS
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in SETS_WEIGHTS}
    assert not [path for path in CODE if names & set(modules(path))]


@pytest.mark.parametrize("path", [path for path in CODE if FLOOR.get(part_of(path), 9) <= 1], ids=name)
def test_words_and_rules_know_no_database_and_no_clock(path: Path) -> None:
    assert not outside(path) & {"sqlalchemy", "sqlmodel", "alembic"}
    assert not [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr == "now"]


@pytest.mark.parametrize("path", EVERY_FILE, ids=name)
def test_no_import_hides_inside_a_function(path: Path) -> None:
    hidden = [
        inner.lineno
        for function in functions(path)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


@pytest.mark.parametrize("path", [*EVERY_FILE, *PAGES], ids=name)
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", EVERY_FILE, ids=name)
def test_no_function_is_long(path: Path) -> None:
    lengths = {function.name: (function.end_lineno or 0) - function.lineno + 1 for function in functions(path)}
    assert not {function: lines for function, lines in lengths.items() if lines > LONGEST_FUNCTION}


@pytest.mark.parametrize("path", EVERY_FILE, ids=name)
def test_every_file_says_what_it_is(path: Path) -> None:
    said = ast.get_docstring(tree(path))
    assert said
    assert said.splitlines()[0].strip()


def test_only_the_duties_know_the_job_runner() -> None:
    assert {part_of(path) for path in CODE if "huey" in outside(path)} == {"duties"}


def test_only_the_settings_read_the_environment() -> None:
    readers = {part_of(path) for path in CODE if {"environ", "getenv"} & _attributes(path)}
    assert readers <= {"config", "cli"}


def test_only_the_database_begins_and_commits() -> None:
    assert {part_of(path) for path in CODE if {"commit", "begin"} & _attributes(path)} <= {"db"}


def _attributes(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
