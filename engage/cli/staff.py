"""`engage staff`: add members of staff, list them, and end their access."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Column, Table

from engage import staffing
from engage.accounts import hash_password
from engage.cli.opening import Refusal, opened_and_current
from engage.staffing import StaffRefused
from engage.taxonomy import Role


@click.group()
def staff() -> None:
    """Who works here: add, list, deactivate."""


@staff.command()
@click.argument("login")
@click.option("--name", required=True, help="As colleagues know them.")
@click.option("--authority", required=True, metavar="SLUG")
@click.option("--unit", "units", multiple=True, metavar="SLUG", help="May be given again.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.OFFICER.value, show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def add(login: str, name: str, authority: str, units: tuple[str, ...], role: str, password_stdin: bool) -> None:
    """Add a member of staff. Asks for their password."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked()
    try:
        staffing.check_new_password(password)
        hashed = hash_password(password)
        with opened_and_current() as installation, installation.database.transaction() as session:
            staffing.add_member(
                session, login=login, name=name, authority=authority, units=units, role=Role(role), password_hash=hashed
            )
    except StaffRefused as problem:
        raise Refusal(str(problem)) from None
    click.echo(f"{login} may sign in.")


@staff.command("list")
def list_members() -> None:
    """List all staff, with their authority and units."""
    with opened_and_current() as installation, installation.database.reading() as session:
        found = staffing.members(session)
    heads = ("login", "name", "authority", "role", "units", "may sign in")
    table = Table(*(Column(head, overflow="fold") for head in heads), box=None, pad_edge=False)
    for member in found:
        row = (member.login, member.name, member.authority, member.role.value, " ".join(member.units))
        table.add_row(*row, "yes" if member.active else "no")
    Console().print(table if found else "There is no staff yet. Add someone: engage staff add --help")


@staff.command()
@click.argument("login")
def deactivate(login: str) -> None:
    """Sign LOGIN out everywhere and let them sign in no more."""
    try:
        with opened_and_current() as installation, installation.database.transaction() as session:
            staffing.deactivate(session, login, datetime.now(UTC))
    except StaffRefused as problem:
        raise Refusal(str(problem)) from None
    click.echo(f"{login} may sign in no more.")


def _asked() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
