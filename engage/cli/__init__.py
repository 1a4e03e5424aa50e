"""The commands. Each lives in a file of its own, which is read only when its command is used."""

from __future__ import annotations

import gc
from importlib import import_module

import click

#: The commands, in the order of the help, and where each is.
COMMANDS = {
    "demo": "engage.cli.demo:demo",
    "serve": "engage.cli.serve:serve",
    "worker": "engage.cli.worker:worker",
    "migrate": "engage.cli.migrate:migrate",
    "doctor": "engage.cli.doctor:doctor",
    "site": "engage.cli.site:site",
    "posters": "engage.cli.posters:posters",
    "staff": "engage.cli.staff:staff",
    "search": "engage.cli.search:search_words",
    "audit": "engage.cli.audit:audit",
    "evidence": "engage.cli.evidence:evidence",
    "triage": "engage.cli.triage:triage",
    "lexicon": "engage.cli.lexicon:lexicon",
}


class LazyGroup(click.Group):
    """A group that imports a command when it is used.

    The one place where an import does not stand at the top of a file: `engage triage` starts in a pipe many times over
    and must not wait for the database, the web server and everything else that other commands need.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        # What is imported stays; looking for garbage meanwhile took a fifth of the time until the first answer.
        gc.disable()
        command = getattr(import_module(module), attribute)
        gc.freeze()
        gc.enable()
        assert isinstance(command, click.Command)  # noqa: S101 - the table above names commands only
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="engage")
def main() -> None:
    """Engage: two-way reporting for airports, seaports, stations and border crossings."""
