"""The help of the command line tells the product's commands, not Django's."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
import typer
from django.conf import settings
from django.core.management import get_commands, load_command_class

from outreach.core.command_line import FAMILIES, CommandLine
from outreach.ops import keys
from outreach.ops.management.commands.up import run_in_short_lived_fork

pytestmark = pytest.mark.django_db

OURS = sorted(name for name, app in get_commands().items() if str(app).partition(".")[0] in FAMILIES)


def test_help_lists_our_commands_by_family_with_a_line_each():
    text = CommandLine(["manage.py", "help"]).main_help_text()
    lines = text.splitlines()
    assert lines.index("People and companies") < lines.index("Campaigns") < lines.index("This installation")
    for name in OURS:
        line = next(line for line in lines if line.startswith(f"  {name} "))
        assert len(line.split()) > 3
    assert "migrate" in lines[-1] and "  migrate" not in lines


@pytest.mark.parametrize("name", OURS)
def test_a_command_shows_its_own_options_only(name, capsys):
    command = load_command_class(get_commands()[name], name)
    with pytest.raises(SystemExit):
        command.run_from_argv(["manage.py", name, "--help"])
    shown = capsys.readouterr().out
    assert "--help" in shown
    assert "--pythonpath" not in shown and "--show-locals" not in shown


@pytest.mark.parametrize(
    ("name", "subcommands"),
    [
        ("company", {"import", "list", "inspect"}),
        ("employee", {"import", "list", "export"}),
        ("campaign", {"create", "generate-drafts", "status"}),
        ("benchmark", {"run"}),
        ("consent", {"record", "import", "suppress", "lift"}),
    ],
)
def test_the_names_that_were_asked_for_are_there(name, subcommands, capsys):
    command = load_command_class(get_commands()[name], name)
    with pytest.raises(SystemExit):
        command.run_from_argv(["manage.py", name, "--help"])
    shown = {word for line in capsys.readouterr().out.splitlines() for word in line.strip("│ ").split()[:1]}
    assert subcommands <= shown


@pytest.mark.parametrize(
    "words",
    [
        ["compny", "list"],
        ["company", "frobnicate"],
        ["company", "import"],
        ["company", "import", "firms.csv", "--frobnicate"],
        ["campaign", "list", "--limit", "many"],
    ],
)
def test_a_command_that_is_called_wrongly_ends_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        CommandLine(["manage.py", *words]).execute()
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_what_is_refused_ends_with_1(capsys):
    with pytest.raises(SystemExit) as ended:
        CommandLine(["manage.py", "company", "import", "none.csv"]).execute()
    assert ended.value.code == 1
    assert "none.csv" in capsys.readouterr().err


def interrupted(*_arguments):
    raise KeyboardInterrupt


def test_ctrl_c_ends_a_command_with_130_and_names_no_exception(monkeypatch, capfd):
    monkeypatch.setattr(keys, "settings_of", interrupted)
    monkeypatch.setattr(sys, "argv", ["manage.py", "config", "show"])
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # put back after manage.py has set its own
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(Path(settings.BASE_DIR) / "manage.py"), run_name="__main__")
    assert ended.value.code == 130
    with pytest.raises(typer.Exit) as ended_too:
        run_in_short_lived_fork(interrupted)  # as `up` brings the database up to date
    assert ended_too.value.exit_code == 130
    assert capfd.readouterr() == ("", "")
