"""`engage staff`: add or invite members of staff, list them, and end their access."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Column, Table

from engage import invitations, passwords, staffing
from engage.accounts import hash_password
from engage.cli.opening import Refusal, opened_and_current
from engage.inviting import InvitationRefused
from engage.passwords import PasswordRefused
from engage.staffing import StaffRefused
from engage.taxonomy import Role


@click.group()
def staff() -> None:
    """Who works here: add, invite, list, deactivate."""


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
        passwords.check(password, [login, name, authority])
        hashed = hash_password(password)
        with opened_and_current() as installation, installation.database.transaction() as session:
            staffing.add_member(
                session, login=login, name=name, authority=authority, units=units, role=Role(role), password_hash=hashed
            )
    except (StaffRefused, PasswordRefused) as problem:
        raise Refusal(str(problem)) from None
    click.echo(f"{login} may sign in.")


@staff.command()
@click.argument("login")
@click.option("--name", help="As colleagues know them; without it, LOGIN is there already and sets a new password.")
@click.option("--authority", metavar="SLUG")
@click.option("--unit", "units", multiple=True, metavar="SLUG", help="May be given again.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.OFFICER.value, show_default=True)
@click.option("--new-second-step", is_flag=True, help="The phone is lost: drop app, passkeys and recovery codes.")
def invite(
    login: str, name: str | None, authority: str | None, units: tuple[str, ...], role: str, new_second_step: bool
) -> None:
    """Print the link by which LOGIN sets a password; it opens once, for 72 hours."""
    now = datetime.now(UTC)
    if (name is None) != (authority is None):
        raise Refusal("Somebody new needs --name and --authority; who is there already needs neither.")
    try:
        with opened_and_current() as installation, installation.database.transaction() as session:
            if name is None or authority is None:
                link = invitations.invite_again(session, installation.vault, None, now, login, new_second_step)
            else:
                link = invitations.invite(
                    session,
                    installation.vault,
                    None,
                    now,
                    login=login,
                    name=name,
                    authority=authority,
                    units=units,
                    role=Role(role),
                )
            address = f"{installation.settings.public_url}/desk/invitation#{link}"
    except (StaffRefused, InvitationRefused) as problem:
        raise Refusal(str(problem)) from None
    click.echo(address)


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
