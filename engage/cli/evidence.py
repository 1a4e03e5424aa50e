"""`engage evidence`: make the package of a case, and check one on any machine."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from engage.acting import Refused
from engage.cli.opening import Refusal, opened_and_current
from engage.evidence import checking, packing
from engage.evidence.checking import PackageRefused
from engage.posters.codes import normalise_reference


@click.group()
def evidence() -> None:
    """Evidence packages: make one, check one."""


@evidence.command()
@click.argument("reference")
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The zip file.")
@click.option("--reason", required=True, help="Why it is needed; this is kept in the trail.")
def pack(reference: str, file: Path, reason: str) -> None:
    """Write all of the case REFERENCE into one zip file."""
    unfinished = file.with_name(f".{file.name}.part")
    with opened_and_current() as installation:
        try:
            descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w+b") as out:
                moment, wanted = datetime.now(UTC), normalise_reference(reference)
                packed = packing.pack(installation, None, wanted, out, moment, reason=reason)
            unfinished.replace(file)
        except Refused as problem:
            raise Refusal(str(problem)) from None
        finally:
            unfinished.unlink(missing_ok=True)
    click.echo(f"{file} is written. The sum of its manifest, which the trail keeps: {packed.manifest}")


@evidence.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default="", help="The key that heads of that installation are signed with, where you know it.")
@click.pass_context
def verify(context: click.Context, file: Path, key: str) -> None:
    """Check a package. It needs neither settings nor a database. Exit code 1 when something in it is wrong."""
    try:
        found = checking.check(file, key.strip().lower())
    except PackageRefused as problem:
        raise Refusal(f"{file} is no evidence package: {problem}.") from None
    for fault in found.faults:
        click.echo(fault, err=True)
    if found.faults or found.head is None:
        context.exit(1)
    click.echo(f"{found.files} files: all as they were packed, and the reports as they arrived.")
    click.echo(f"The trail had {found.head.entries:,} entries then; its head is signed with the key {found.head.key}.")
    click.echo(f"The sum of the manifest: {found.manifest}")
