"""`manage.py help`: the product's commands by family with a line each; Django's own are named at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from django.conf import settings
from django.core.management import ManagementUtility, get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy

from outreach.core.words import gettext as _

FAMILIES = {
    "leads": gettext_lazy("People and companies"),
    "campaigns": gettext_lazy("Campaigns"),
    "conversations": gettext_lazy("Messages, senders and consent"),
    "outreach": gettext_lazy("This installation"),
}
OPTIONS_OF_DJANGO = frozenset(
    {
        "settings",
        "pythonpath",
        "traceback",
        "show-locals",
        "hide-locals",
        "no-color",
        "force-color",
        "skip-checks",
        "version",
        "verbosity",
    }
)
"""Of no use with our commands: their help shows their own options only."""

CALLED_WRONGLY = 2
"""Exit code, as programs on the command line have it: an unknown command or option, a missing argument."""


class CommandLine(ManagementUtility):
    """Django's entry point with the product's help."""

    def execute(self) -> None:
        """Run what was asked for. The exit code is Typer's own, of which its bridge to Django makes 1."""
        try:
            super().execute()
        except SystemExit as ended:
            sys.exit(getattr(ended.__context__, "exit_code", ended.code))

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """The command. Ends the program where there is none, after naming those that are near."""
        try:
            return super().fetch_command(subcommand)
        except SystemExit:
            sys.exit(CALLED_WRONGLY)

    def main_help_text(self, commands_only: bool = False) -> str:
        if commands_only or not settings.configured:
            return super().main_help_text(commands_only)
        families: dict[str, dict[str, str]] = {wing: {} for wing in FAMILIES}
        others = []
        for name, app in sorted(get_commands().items()):
            wing = str(app).partition(".")[0]
            if wing in families:
                families[wing][name] = _line(app, name)
            else:
                others.append(name)
        return "\n".join(_text(families, others))


def _line(app: str | BaseCommand, name: str) -> str:
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    return str(command.help).strip().partition("\n")[0]


def _text(families: dict[str, dict[str, str]], others: list[str]) -> Iterator[str]:
    yield _("Use “manage.py COMMAND --help” for what a command can do, and --json for output that programs read.")
    width = max(len(name) for commands in families.values() for name in commands)
    for wing, commands in families.items():
        yield ""
        yield str(FAMILIES[wing])
        yield from (f"  {name.ljust(width)}  {line}" for name, line in commands.items())
    yield ""
    yield _("Django and its libraries") + ": " + " ".join(others)
