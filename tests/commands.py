"""`python -m tests.commands`: every command of ours while the database is away, and with files that can't be read.

Prints how each ended. A defect is an exception instead of a sentence, and an end without any word.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any

os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/away"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
os.environ.setdefault("SECRET_KEY", "tests-only-secret-key-that-protects-nothing")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

import typer
from django.core.management import get_commands, load_command_class
from django_typer.management import TyperCommand

import manage

WINGS = frozenset({"outreach", "leads", "conversations", "campaigns"})
SERVING = frozenset({"up"})
UNREADABLE = ("/nonexistent/file.json", "/")


def ours() -> Iterator[tuple[list[str], Any]]:
    """The words that call a command, and the command."""
    for name, app in sorted(get_commands().items()):
        if str(app).partition(".")[0] in WINGS - SERVING and name not in SERVING:
            command = load_command_class(str(app), name)
            if isinstance(command, TyperCommand):
                yield from _below(typer.main.get_command(command.typer_app), [name])


def _below(command: Any, words: list[str]) -> Iterator[tuple[list[str], Any]]:
    groups = getattr(command, "commands", {})
    if not groups:
        yield words, command
    for name, inner in groups.items():
        yield from _below(inner, [*words, name])


def _is_path(parameter: Any) -> bool:
    return "path" in type(parameter.type).__name__.lower() or parameter.name in {"path", "file", "files"}


def _arguments(command: Any, path: str) -> Iterator[str]:
    for parameter in command.params:
        is_argument = parameter.param_type_name == "argument"
        if parameter.required or (is_argument and _is_path(parameter)):
            if not is_argument:
                yield parameter.opts[0]
            yield path if _is_path(parameter) else next(iter(getattr(parameter.type, "choices", ["1"])))


def outcome(words: list[str]) -> tuple[str, str]:
    """How it ended, and what was said."""
    said, ended = io.StringIO(), "0"
    sys.argv = ["manage.py", *words]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            manage.main()
        except SystemExit as error:
            ended = str(error.code) if isinstance(error.code, int) else "1"
            said.write(error.code if isinstance(error.code, str) else "")
        except Exception as error:
            ended = f"raised {type(error).__name__}"
    return ended, said.getvalue().strip()


def main() -> int:
    defects = count = 0
    for words, command in ours():
        for path in UNREADABLE if any(map(_is_path, command.params)) else UNREADABLE[:1]:
            ended, said = outcome([*words, *_arguments(command, path)])
            is_defect = ended.startswith("raised") or not said or "Traceback" in said
            count, defects = count + 1, defects + is_defect
            print(f"{'!' if is_defect else ' '} {' '.join(words)} ({path}) → {ended}: {said[-160:]!r}", flush=True)
    print(f"{count} calls, {defects} defects")
    return 1 if defects else 0


if __name__ == "__main__":
    sys.exit(main())
