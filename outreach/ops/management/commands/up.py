"""`manage.py up`: the whole product with one command."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from django_typer.management import TyperCommand
from rich.console import Console

from outreach import database
from outreach.access.services import create_setup_link
from outreach.core import availability
from outreach.core.errors import OutreachError, Permanent
from outreach.core.secrets import require_own_database
from outreach.jobs import queue
from outreach.ops.listening import listen
from outreach.ops.postgres import EmbeddedPostgres
from outreach.ops.selection import PARTS, Selection, sweep_leftovers
from outreach.ops.supervisor import Supervisor

MIGRATION_LOCK = 0x6F757472


@contextlib.contextmanager
def reported_errors() -> Iterator[None]:
    """Typed errors, and a database that does not answer, end the process with their reason."""
    try:
        yield
    except OutreachError as error:
        Console(stderr=True).print(error.reason, style="red", highlight=False, markup=False)
        raise typer.Exit(1) from error
    except DatabaseError as error:
        if not availability.is_away(error):
            raise
        Console(stderr=True).print(availability.sentence(error), style="red", highlight=False, markup=False)
        raise typer.Exit(1) from error


def run_in_short_lived_fork(function: Callable[[], None]) -> None:
    """Call `function` in a short-lived fork, so that what it loads does not stay in the memory of every process."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            with reported_errors():
                function()
            status = 0
        except typer.Exit as end:
            status = end.exit_code
        except CommandError as error:
            Console(stderr=True).print(str(error), style="red", highlight=False, markup=False)
        except KeyboardInterrupt:  # Ctrl-C reaches the process that waits for this one, too
            status = 130
        except BaseException:  # noqa: BLE001 - the end of a process
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    if code := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise typer.Exit(abs(code))


@contextlib.contextmanager
def one_machine_at_a_time() -> Iterator[None]:
    """Machines that start together bring the database up to date one after the other."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        yield


class Command(TyperCommand):
    help = "Start Postgres (unless DATABASE_URL is set), the web server and all workers; Ctrl-C stops them"
    requires_system_checks: Any = []

    def handle(
        self,
        port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web server")] = 8000,
        host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
        data_dir: Annotated[Path | None, typer.Option(help="Where database, files and logs live")] = None,
        demo: Annotated[bool, typer.Option("--demo", help="Load the demo world and its sandbox")] = False,
        only: Annotated[
            list[str] | None, typer.Option(help=f"Run only this here, for several machines: {', '.join(PARTS)}")
        ] = None,
    ) -> None:
        console = Console(highlight=False)
        self._enter_environment(port=port, data_dir=data_dir, demo=demo)
        with reported_errors():
            self._run(console, host=host, port=port, selection=Selection(tuple(only or ())))

    def _enter_environment(self, *, port: int, data_dir: Path | None, demo: bool) -> None:
        """The options become environment, which settings and all children read; then this process starts over once."""
        wanted = {"OUTREACH_DATA_DIR": str((data_dir or settings.DATA_DIR).resolve())}
        if demo:
            wanted["OUTREACH_DEMO"] = "1"
        if not os.environ.get("PUBLIC_BASE_URL") and not settings.OUTREACH.web.public_base_url:
            wanted["PUBLIC_BASE_URL"] = f"http://127.0.0.1:{port}"
        if any(os.environ.get(key) != value for key, value in wanted.items()):
            os.environ |= wanted
            os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - ourselves

    def _run(self, console: Console, *, host: str, port: int, selection: Selection) -> None:
        if selection.parts and not os.environ.get("DATABASE_URL"):
            raise Permanent("--only needs DATABASE_URL: several machines share one Postgres server.")
        if swept := sweep_leftovers(settings.DATA_DIR, selection):
            console.print(f"Ended {len(swept)} processes of an earlier run that was killed.")
        listener = listen(host, port) if selection.has_web else None
        postgres: EmbeddedPostgres | None = None
        if not os.environ.get("DATABASE_URL"):
            postgres = EmbeddedPostgres(settings.DATA_DIR)
            console.print("Starting Postgres …")
            postgres.start()
            os.environ["DATABASE_URL"] = postgres.url
            settings.DATABASES["default"].update(database.settings(data_dir=settings.DATA_DIR))
        try:
            run_in_short_lived_fork(lambda: self._prepare(console, swept))
            announce = partial(self._announce, console, host, port, selection)
            Supervisor(settings.DATA_DIR, listener, postgres, announce, selection).run()
        finally:
            if postgres:
                postgres.stop()
        console.print("Stopped.")

    def _prepare(self, console: Console, swept: list[int]) -> None:
        self.check(fail_level=40)
        console.print("Bringing the database up to date …")
        with one_machine_at_a_time():
            call_command("migrate", verbosity=0, interactive=False)
        require_own_database()
        for pid in swept:
            queue.give_up(pid)
        if settings.DEMO:
            console.print("Loading the demo world …")
            with contextlib.redirect_stdout(io.StringIO()):
                call_command("demo", "load")

    def _announce(self, console: Console, host: str, port: int, selection: Selection) -> None:
        if not selection.has_web:
            console.print(f"Working on {', '.join(selection.lanes)}. Logs: {settings.DATA_DIR / 'logs'}.")
            return
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - only compared
        address = f"http://{shown}:{port}"
        console.print(f"\nOutreach is running: [bold]{address}[/bold]")
        if settings.DEMO:
            console.print(
                "Demo login: [bold]demo[/bold] / [bold]demo[/bold]. Everything is sandbox: no real person is contacted."
            )
        else:
            if path := create_setup_link():
                console.print(f"Create the first administrator (once, within a day): [bold]{address}{path}[/bold]")
            connections.close_all()
        console.print(f"Logs: {settings.DATA_DIR / 'logs'}. Ctrl-C stops everything.")
