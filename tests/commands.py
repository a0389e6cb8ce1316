"""`python -m tests.commands [SITUATION …]`: every command of ours when things go wrong around it.

`away`: nothing answers where the database should be. `interrupted`: Ctrl-C while the command waits for a database that
accepts connections and says nothing. `files`: with a database, as a user without rights, each file that a command reads or
writes is missing, a folder, somebody else's, or in a folder of somebody else. Prints how each call ended; a defect is an
exception instead of a sentence, an end without a word, a success that cannot be, or no end within a minute.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
if sys.argv[1:] == ["files"]:
    import tests.environment  # noqa: F401 - starts a server
else:
    os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/away"
    os.environ.setdefault("SECRET_KEY", "tests-only-secret-key-that-protects-nothing")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

import typer
from django.core.management import get_commands, load_command_class
from django.db import connection
from django_typer.management import TyperCommand

import manage

WINGS = frozenset({"outreach", "leads", "conversations", "campaigns"})
SERVING = frozenset({"up"})
SITUATIONS = ("away", "interrupted", "files")
UNTIL_INTERRUPTED = (["network", "site"], ["qcluster"])
"""Commands that serve, and end by Ctrl-C alone."""
INTERRUPTED = 130
SECONDS = 60
SOMEBODY_ELSE = 65534
READABLE = "docs/examples/people.csv"


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


def is_path(parameter: Any) -> bool:
    return "path" in type(parameter.type).__name__.lower() or parameter.name in {"path", "file", "files"}


def arguments(command: Any, paths: dict[str, str]) -> Iterator[str]:
    """What `command` needs, with `paths` by the names of its parameters."""
    for parameter in command.params:
        is_argument = parameter.param_type_name == "argument"
        if parameter.required or parameter.name in paths:
            if not is_argument:
                yield parameter.opts[0]
            yield paths.get(parameter.name) or next(iter(getattr(parameter.type, "choices", ["1"])))


def call(words: list[str], *, has_rights: bool = True, interrupt_after: float = 0) -> tuple[int, str]:
    """The exit code of the command in a process of its own, and what it said; the code is -14 if it never ended."""
    reading, writing = os.pipe()
    connection.close()
    pid = os.fork()
    if not pid:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        if not has_rights:
            _be_like_others()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where this runs in the background
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        _become(words)
    os.close(writing)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, interrupt_after)
    with os.fdopen(reading, errors="replace") as said:
        text = said.read()
    signal.setitimer(signal.ITIMER_REAL, 0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text.strip()


def _become(words: list[str]) -> None:
    """Run the command and end the process."""
    sys.argv = ["manage.py", *words]
    code = 0
    try:
        manage.main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _be_like_others() -> None:
    """Root may no longer read and write what belongs to others (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)."""
    libc = ctypes.CDLL(None)
    header, data = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0)), ctypes.create_string_buffer(24)
    libc.capget(header, data)
    effective, permitted, *rest = struct.unpack("6I", data.raw)
    libc.capset(header, struct.pack("6I", effective & ~0b110, permitted & ~0b110, *rest))


@contextmanager
def unusable() -> Iterator[dict[str, str]]:
    """Paths that no command can read or write without rights, by what is wrong with them."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        (directory / "theirs.csv").write_text("full_name\nAnn Lee\n")
        (directory / "closed").mkdir()
        for path, mode in ((directory / "theirs.csv", 0o600), (directory / "closed", 0o700)):
            path.chmod(mode)
            if not os.getuid():
                os.chown(path, SOMEBODY_ELSE, SOMEBODY_ELSE)
        yield {
            "missing": "/nonexistent/file.csv",
            "a folder": name,
            "somebody else's": str(directory / "theirs.csv"),
            "in a closed folder": str(directory / "closed" / "file.csv"),
        }


def calls(situation: str) -> Iterator[tuple[str, int, str]]:
    """The words, the exit code and what was said, of every call of a situation."""
    for words, command in ours():
        if words in UNTIL_INTERRUPTED and situation != "interrupted":
            continue
        paths = [parameter.name for parameter in command.params if is_path(parameter)]
        readable = dict.fromkeys((p.name for p in command.params if is_path(p) and p.required), READABLE)
        if situation == "files":
            with unusable() as bad:
                for name in paths:
                    for what, path in bad.items():
                        given = [*words, *arguments(command, {**readable, name: path})]
                        yield (f"{' '.join(words)} ({name} {what})", *call(given, has_rights=False))
        else:
            given = [*words, *arguments(command, readable)]
            yield (" ".join(words), *call(given, interrupt_after=1 if situation == "interrupted" else 0))


def is_defect(code: int, said: str) -> bool:
    return "Traceback" in said or code < 0 or (not said and code != INTERRUPTED)


@contextmanager
def database(situation: str) -> Iterator[None]:
    """What the commands find in place of a database."""
    with contextlib.ExitStack() as kept:
        if situation == "files":
            import tests.environment

            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            kept.callback(tests.environment.stop_postgres)
        elif situation == "interrupted":
            silent = kept.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1_000))
            connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": silent.getsockname()[1]}
        yield


def main() -> int:
    if len(sys.argv) != 2:
        chosen = sys.argv[1:] or SITUATIONS
        return max(subprocess.call([sys.executable, "-m", "tests.commands", one]) for one in chosen)
    situation, defects, count = sys.argv[1], 0, 0
    with database(situation):
        for words, code, said in calls(situation):
            count, defects = count + 1, defects + is_defect(code, said)
            print(f"{'!' if is_defect(code, said) else ' '} {words} → {code}: {said[-160:]!r}", flush=True)
    print(f"{situation}: {count} calls, {defects} defects")
    return 1 if defects else 0


if __name__ == "__main__":
    sys.exit(main())
