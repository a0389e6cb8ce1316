"""The processes behind `manage.py up`: forked from one loaded Django, each in its own session, watched and restarted.

Forking shares the memory of the loaded code. The supervisor itself stays single-threaded and holds no database
connection across a fork. Stopping goes web → clock → lanes → Postgres; what is left in a session after that is killed.
"""

from __future__ import annotations

import contextlib
import contextvars
import gc
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import FrameType

import psutil
import structlog
from django.conf import settings
from django.db import DatabaseError, connections
from django.urls import get_resolver
from django.utils.module_loading import import_string

from outreach import database
from outreach.core.availability import POOL_WAIT_SECONDS
from outreach.core.errors import Permanent
from outreach.core.registry import registry_of
from outreach.core.secrets import require_own_database
from outreach.events.feed import FEED
from outreach.events.services import subscriptions
from outreach.jobs import cluster, heartbeats
from outreach.jobs.periodic import schedules
from outreach.jobs.ticker import Ticker
from outreach.ops.listening import answers
from outreach.ops.postgres import EmbeddedPostgres
from outreach.ops.selection import Selection, identity

logger = structlog.get_logger(__name__)

WATCH_SECONDS = 0.25
WATCHDOG_SECONDS = 10
GRACE_SECONDS = {"web": 10.0, "clock": 5.0}
LANE_GRACE_SECONDS = 30.0
LANE_NICENESS = 10
KEEP_ALIVE_SECONDS = 130
"""How long an idle connection stays: longer than proxies keep theirs (Caddy 120 s, others 60), which would otherwise
send a request into one that is just being closed."""
LOG_LIMIT_BYTES = 20_000_000
POOL = {"min_size": 1, "max_size": 20, "timeout": POOL_WAIT_SECONDS, "reconnect_timeout": 4}
"""A request does not wait long for a database that is away, and the first one after its return finds it."""
WORKER_GROWTH_KIB = 20 * 1024
"""A worker of the models' lane that grew by more (numpy, an embedder's weights) ends after its task, and a small one
takes its place. The other lanes keep on purpose what they have: the index of live sets, connections to mail servers."""


@dataclass
class Child:
    """One forked process with its own session and log; `run` never returns to the caller."""

    name: str
    run: Callable[[], None]
    log_dir: Path
    pid: int = 0
    restarts: int = 0
    start_not_before: float = 0.0
    started_at: float = field(default=0.0)

    def start(self) -> None:
        connections.close_all()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self.pid, self.started_at = pid, time.monotonic()
            return
        status = 1
        try:
            os.setsid()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            self._redirect()
            self.run()
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
            if isinstance(error.code, str):
                logger.error(error.code, name=self.name)
        except BaseException:
            logger.exception("process failed", name=self.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _redirect(self) -> None:
        path = self.log_dir / f"{self.name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)

    def has_exited(self) -> bool:
        """Reap the process if it is gone."""
        if not self.pid:
            return True
        try:
            pid, _ = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            pid = self.pid
        if pid:
            self.kill_session()
            self.pid = 0
        return not self.pid

    def terminate(self) -> None:
        """Ask the leader alone: a signal to the whole group would cut running tasks."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def kill_session(self) -> None:
        """End everything that is left in this child's session."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def stop(self, grace_seconds: float) -> None:
        """Terminate, wait, kill."""
        self.terminate()
        deadline = time.monotonic() + grace_seconds
        while not self.has_exited() and time.monotonic() < deadline:
            time.sleep(0.05)
        if self.pid:
            self.kill_session()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self.pid = 0


def run_web(listener: socket.socket) -> None:
    """The ASGI server. Requests run on threads that come and go, so connections live in a pool.

    It begins with an empty context: whatever was set while the URLs were loaded would be copied to each thread and back.
    """
    import uvicorn

    class Server(uvicorn.Server):
        """Ends the open streams first, which would otherwise hold up a stop until its time is over."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            FEED.close()
            await super().shutdown(sockets)

    allow_many_connections()
    connections.settings["default"].update(database.pooler())
    for server in connections.settings.values():
        server["CONN_MAX_AGE"] = 0
        server["CONN_HEALTH_CHECKS"] = True
        server["OPTIONS"] = {**server["OPTIONS"], "tcp_user_timeout": "2000", "pool": POOL}
    config = uvicorn.Config(
        "outreach.asgi:application",
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=True,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    server = Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        contextvars.Context().run(server.run, sockets=[listener])
    if not server.started:
        raise SystemExit(3)


def allow_many_connections() -> None:
    """Each open page is a file to the system, whose usual limit of a process is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 16_384), hard), hard))


def run_lane(lane: str) -> None:
    """One lane: this process guards its workers. Whoever waits for a page goes before them."""
    os.nice(LANE_NICENESS)
    most_kib = psutil.Process().memory_info().rss // 1024 + WORKER_GROWTH_KIB if lane == "llm" else None
    cluster.serve(lane, most_kib=most_kib)


def run_clock() -> None:
    """The ticker of the schedule tables."""
    ticker = Ticker()
    signal.signal(signal.SIGTERM, lambda *_: ticker.stop())
    ticker.start()
    ticker.join()
    with contextlib.suppress(DatabaseError):
        heartbeats.forget("clock")


def preload() -> None:
    """Load before forking what every process needs: URLs with their views, tasks, subscribers."""
    names = {name for functions in subscriptions().values() for name in functions}
    names |= {schedule.task for schedule in schedules().values()}
    for module in sorted({name.rpartition(".")[0] for name in names}):
        import_module(module)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # what forks has one thread
    for module in ("outreach.asgi", "numpy"):
        import_module(module)
    for wing in settings.WINGS:
        registry_of(wing)
    get_resolver().reverse_dict  # noqa: B018 - a property that loads and indexes them
    _warm_up()


def _warm_up() -> None:
    """Do once what every process begins with: libraries that set themselves up at first use (OpenSSL alone takes
    6 MiB) would do so in each of them."""
    try:
        require_own_database()
        heartbeats.beats()
    finally:
        connections.close_all()


@dataclass
class Supervisor:
    """Starts, watches and stops the processes; returns from `run` after SIGINT or SIGTERM."""

    data_dir: Path
    listener: socket.socket | None
    """Where the web server takes requests; None: this machine has none."""
    postgres: EmbeddedPostgres | None
    announce: Callable[[], None]
    selection: Selection = field(default_factory=Selection)
    children: dict[str, Child] = field(default_factory=dict)
    stop_count: int = 0

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        log_dir = self.data_dir / "logs"
        log_dir.mkdir(parents=True, exist_ok=True)
        if listener := self.listener:
            self._add("web", lambda: run_web(listener), log_dir)
        if self.selection.lanes:
            self._add("clock", run_clock, log_dir)
        for lane in self.selection.lanes:
            self._add(f"lane-{lane}", lambda lane=lane: run_lane(lane), log_dir)  # type: ignore[misc]
        if not self.selection.parts:
            for name, function in settings.PROCESSES.items():
                self._add(name, import_string(function), log_dir)
        preload()
        gc.collect()
        gc.freeze()
        try:
            self._note_children()
            for child in self.children.values():
                child.start()
            self._note_children()
            if not self.listener or self._wait_for_web(self.listener):
                self.announce()
            self._watch()
        finally:
            self.stop()

    def _add(self, name: str, run: Callable[[], None], log_dir: Path) -> None:
        def run_alone() -> None:
            with self._noted.open("a") as file:
                file.write(identity(os.getpid()))
            if self.listener and name != "web":
                self.listener.close()
            run()

        self.children[name] = Child(name, run_alone, log_dir)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_count += 1
        if self.stop_count > 1:
            for child in self.children.values():
                if child.pid:
                    child.kill_session()

    def _wait_for_web(self, listener: socket.socket) -> bool:
        deadline = time.monotonic() + 60
        while not self.stop_count and time.monotonic() < deadline:
            if answers(listener):
                return True
            if self.children["web"].has_exited():
                raise Permanent(f"The web server did not start; see {self.data_dir / 'logs' / 'web.log'}.")
            time.sleep(0.1)
        return False

    def _watch(self) -> None:
        watchdog_due = time.monotonic() + WATCHDOG_SECONDS
        while not self.stop_count:
            time.sleep(WATCH_SECONDS)
            if self.postgres and self.postgres.restart_if_dead():
                logger.error("Postgres had died and was started again")
            for child in self.children.values():
                if not self.stop_count and child.has_exited():
                    self._revive(child)
            if time.monotonic() >= watchdog_due:
                watchdog_due = time.monotonic() + WATCHDOG_SECONDS
                self._look_after_beats()

    def _revive(self, child: Child) -> None:
        now = time.monotonic()
        if child.started_at:
            child.restarts = 0 if now - child.started_at > 60 else child.restarts + 1
            child.start_not_before = now + min(0.5 * 2**child.restarts, 30)
            child.started_at = 0.0
            log = str(child.log_dir / f"{child.name}.log")
            logger.error("process died, starting it again", name=child.name, restarts=child.restarts, log=log)
        if now >= child.start_not_before:
            child.start()
            self._note_children()

    def _look_after_beats(self) -> None:
        clusters = {name[5:]: child.pid for name, child in self.children.items() if name[:5] == "lane-" and child.pid}
        stalled: list[str] = []
        try:
            self._beat_web()
            heartbeats.forget_ended()
            stalled = heartbeats.stalled_lanes(clusters)
        except DatabaseError:
            logger.warning("no database, heartbeats are not checked")
        finally:
            connections.close_all()
        for lane in stalled:
            child = self.children[f"lane-{lane}"]
            if child.pid and time.monotonic() - child.started_at > WATCHDOG_SECONDS * 6:
                logger.error("lane stalls, starting it again", lane=lane)
                child.stop(grace_seconds=5)

    def _beat_web(self) -> None:
        web = self.children.get("web")
        if web and web.pid and self.listener and answers(self.listener):
            heartbeats.beat("web", web.pid)

    def _forget_web(self) -> None:
        if web := self.children.get("web"):
            with contextlib.suppress(DatabaseError):
                heartbeats.forget("web", web.pid)
            connections.close_all()

    def stop(self) -> None:
        """Stop everything in order and sweep what is left."""
        self._forget_web()
        lanes = [child for name, child in self.children.items() if name.startswith("lane-")]
        for name in ("web", "clock", *settings.PROCESSES):
            if name in self.children:
                self.children[name].stop(GRACE_SECONDS.get(name, 5.0))
        for child in lanes:
            child.terminate()
        for child in lanes:
            child.stop(LANE_GRACE_SECONDS)
        if self.postgres:
            self.postgres.stop()
        self._noted.unlink(missing_ok=True)

    @property
    def _noted(self) -> Path:
        return self.data_dir / self.selection.name

    def _note_children(self) -> None:
        """Remember us and our sessions, so that the next start can end what a killed supervisor left behind. A child adds
        itself as well, in case we are killed just after it was started."""
        pids = (os.getpid(), *(child.pid for child in self.children.values() if child.pid))
        whole = self._noted.with_suffix(".new")
        whole.write_text("".join(map(identity, pids)))
        whole.replace(self._noted)  # at every moment the file begins with us
