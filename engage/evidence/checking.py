"""Checking an evidence package: its sums, the entries of the trail in it, its head, and the words of its reports."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from engage import chain, heads
from engage.heads import HeadRefused, SignedHead

MANIFEST: Final = "SHA256SUMS"
CASE, AUDIT, HEAD = "case.json", "audit.tsv", "head.txt"
PIECE: Final = 1 << 20
#: A list in a package that is longer than this was not made by us.
LONGEST_TEXT: Final = 200_000_000


class PackageRefused(Exception):
    """The file is no evidence package; the message says why."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: the files of the package, what is wrong with it, and the head and the manifest's own sum."""

    files: int
    faults: tuple[str, ...]
    head: SignedHead | None
    manifest: str


def check(file: Path, key: str = "") -> Checked:
    """Check a package; with a key, also that its head is signed with that one. Raises `PackageRefused`."""
    try:
        with zipfile.ZipFile(file) as package:
            return _checked(package, key)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as problem:
        raise PackageRefused(f"it cannot be read as a zip file: {problem}") from None


def _checked(package: zipfile.ZipFile, key: str) -> Checked:
    names = [one.filename for one in package.infolist()]
    if MANIFEST not in names:
        raise PackageRefused(f"it has no {MANIFEST}")
    manifest = _read(package, MANIFEST)
    faults = [*_names_that_lead_out(names), *_wrong_sums(package, names, manifest)]
    head, trouble = _head(package, names, key)
    faults += [*trouble, *_wrong_entries(package, names), *_wrong_words(package, names)]
    return Checked(len(set(names)), tuple(faults), head, hashlib.sha256(manifest).hexdigest())


def _names_that_lead_out(names: list[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} is in it twice."
    for name in names:
        if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
            yield f"{name!r} leads out of the folder."


def _wrong_sums(package: zipfile.ZipFile, names: list[str], manifest: bytes) -> Iterator[str]:
    listed: dict[str, str] = {}
    for line in manifest.decode("utf-8", "replace").splitlines():
        own, _, name = line.partition("  ")
        listed[name] = own
    for name in sorted(set(names) - {MANIFEST} - set(listed)):
        yield f"{name} is not in the manifest."
    for name, own in sorted(listed.items()):
        if name not in names:
            yield f"{name} is missing."
        elif _sum(package, name) != own:
            yield f"{name} was changed."


def _sum(package: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    try:
        with package.open(name) as opened:
            for piece in _pieces(opened):
                digest.update(piece)
    except zipfile.BadZipFile:
        return "damaged"
    return digest.hexdigest()


def _pieces(opened: IO[bytes]) -> Iterator[bytes]:
    while piece := opened.read(PIECE):
        yield piece


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as opened:
        return opened.read(LONGEST_TEXT)


def _head(package: zipfile.ZipFile, names: list[str], key: str) -> tuple[SignedHead | None, list[str]]:
    if HEAD not in names:
        return None, [f"{HEAD} is missing."]
    try:
        head = heads.read(_read(package, HEAD).decode("utf-8", "replace"))
    except HeadRefused as problem:
        return None, [f"{HEAD}: {problem}."]
    return head, ["The head is signed with another key."] if key and head.key != key else []


def _entries(package: zipfile.ZipFile, names: list[str]) -> list[str]:
    found = _read(package, AUDIT).decode("utf-8", "surrogateescape") if AUDIT in names else ""
    return [line for line in found.split("\n") if line]


def _wrong_entries(package: zipfile.ZipFile, names: list[str]) -> Iterator[str]:
    for line in _entries(package, names):
        written, _, own = line.rpartition("\t")
        if written.count("\t") != chain.TABS or chain.digest(written) != own:
            yield f"Entry {line.partition(chr(9))[0]} of the trail was changed."


def _wrong_words(package: zipfile.ZipFile, names: list[str]) -> Iterator[str]:
    """Reports whose words are not those that arrived, as the trail holds them."""
    try:
        told: dict[str, Any] = json.loads(_read(package, CASE)) if CASE in names else {"reports": []}
        arrived = dict(_arrivals(_entries(package, names)))
        for report in told["reports"]:
            digest = arrived.get(report["reference"])
            words = bytes.fromhex(report["salt"]) + report["text"].encode("utf-8", "surrogatepass")
            if digest and hashlib.sha256(words).hexdigest() != digest:
                yield f"The words of {report['reference']} are not those that arrived."
    except (ValueError, KeyError, TypeError, AttributeError):
        yield f"{CASE} or {AUDIT} cannot be read."


def _arrivals(entries: list[str]) -> Iterator[tuple[str, str]]:
    for line in entries:
        fields = line.split("\t")
        if fields[2] == "case.received":
            yield fields[5].removeprefix("case:"), json.loads(fields[7]).get("digest", "")
