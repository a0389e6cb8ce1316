"""A world to break: a durable Postgres, an SMTP sink, a fake Twilio and workers, each a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
MAILBOXES = 4
SETTINGS = """
[delivery]
lease_seconds = 10
batch_size = 20
"""
OPEN = ("scheduled", "deferred", "claimed", "sending")


@dataclass
class Result:
    """What came of one fault's messages; `doubled`, `lost` and `unexplained` must be zero."""

    fault: str
    planned: int
    delivered: int = 0
    doubled: int = 0
    lost: int = 0
    unknown: int = 0
    unexplained: int = 0
    seconds: float = 0.0
    notes: dict[str, int] = field(default_factory=dict)

    def note(self, what: str) -> None:
        self.notes[what] = self.notes.get(what, 0) + 1


class World:
    """Use as a context manager, before Django is set up in this process: the database's address comes from here."""

    def __init__(self, *, seed: int = 1, worker_count: int = 3) -> None:
        self.random = random.Random(seed)
        self.worker_count = worker_count
        self.directory = Path(tempfile.mkdtemp(prefix="outreach-faults-"))
        self.directory.chmod(0o755)
        self.workers: list[int] = []
        self.nursery: subprocess.Popen[str] | None = None
        self.servers: list[subprocess.Popen[bytes]] = []
        self.environment: dict[str, str] = {}
        self.kills = 0
        self.kill_budget = 0
        """Bounded, so that a slow machine still gets through: every kill holds a batch back for a lease."""
        self._phones = 0

    def __enter__(self) -> World:
        from outreach.ops.postgres import EmbeddedPostgres

        self.postgres = EmbeddedPostgres(data_dir=self.directory, is_durable=True)
        self.postgres.start()
        configuration = self.directory / "outreach.toml"
        configuration.write_text(SETTINGS)
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.postgres.url,
            "OUTREACH_DATA_DIR": str(self.directory),
            "OUTREACH_CONFIG": str(configuration),
            "SECRET_KEY": "faults-only-secret-key-that-protects-nothing",
            "DJANGO_SETTINGS_MODULE": "outreach.settings",
            "PYTHONPATH": str(ROOT),
            "LOG_LEVEL": "ERROR",
        }
        self.environment.pop("OUTREACH_PROCESS_CLOCK", None)
        self.smtp = self._server(
            "smtp_sink", "--port", "0", "--control-port", "0", "--journal", self.path("smtp.jsonl")
        )
        self.twilio = self._server(
            "fake_twilio", "--port", "0", "--journal", self.path("twilio.jsonl"),
            "--options", json.dumps({"sends_callbacks": False}),
        )  # fmt: skip
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop_workers()
        for server in self.servers:
            server.kill()
            server.wait()
        self.postgres.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name: str) -> str:
        return str(self.directory / name)

    def _server(self, module: str, *arguments: str) -> dict[str, Any]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.servers.{module}", *arguments],
            stdout=subprocess.PIPE,
            env=self.environment,
            cwd=ROOT,
        )
        self.servers.append(process)
        assert process.stdout is not None
        ports: dict[str, Any] = json.loads(process.stdout.readline())
        return ports

    # preparing

    def prepare(self) -> None:
        """Migrate, and make the senders."""
        os.environ.update(self.environment)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        from conversations.senders.services import create_sender, verify_sender
        from outreach.core.models import Actor
        from tests.servers.fake_twilio import ACCOUNT_SID, AUTH_TOKEN

        actor = Actor.system("faults")
        caps = {"hourly_cap": 100_000, "daily_cap": 100_000, "weekly_cap": 100_000}
        self.senders = [
            create_sender(
                name=f"Mailbox {number}",
                channel="email",
                adapter="smtp",
                address=f"mailbox{number}@ourfirm.de",
                actor=actor,
                settings={
                    "host": "127.0.0.1",
                    "port": self.smtp["port"],
                    "security": "plain",
                    "timeout_seconds": 5,
                },
                **caps,
            )
            for number in range(MAILBOXES)
        ]
        self.senders.append(
            create_sender(
                name="Number",
                channel="sms",
                adapter="twilio",
                address="+4915112345678",
                actor=actor,
                settings={
                    "account_sid": ACCOUNT_SID,
                    "base_url": self.twilio["url"],
                    "timeout_seconds": 2,
                    "settle_seconds": 5,
                },
                credentials={"auth_token": AUTH_TOKEN},
                **caps,
            )
        )
        for sender in self.senders:
            verify_sender(sender=sender, actor=actor)

    def plan(self, count: int, *, name: str, sms_share: float = 0.15) -> Any:
        """A paused stream with `count` approved messages that are due; returns the stream."""
        from conversations.delivery.services import create_stream, plan_message
        from conversations.services import conversation_for
        from leads.models import Lead
        from outreach.core import clock

        stream = create_stream(name=name)
        for number in range(count):
            lead = Lead.objects.create(full_name=f"{name} {number}")
            is_sms = self.random.random() < sms_share
            sender = self.senders[-1] if is_sms else self.senders[number % MAILBOXES]
            self._phones += 1
            plan_message(
                conversation=conversation_for(lead=lead),
                sender=sender,
                channel=sender.channel,
                address=f"+4915{20000000 + self._phones}0" if is_sms else f"p{self._phones}@firm{self._phones % 97}.de",
                subject="" if is_sms else f"Hello {number}",
                body=f"A text for {lead.full_name}.",
                stream=stream,
                scheduled_at=clock.now() - timedelta(seconds=1),
                approval_rule="faults",
            )
        return stream

    # breaking

    def start_workers(self) -> None:
        if self.nursery is None:
            self.nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.worker"],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        while len(self.workers) < self.worker_count:
            self.workers.append(self._worker())

    def _worker(self) -> int:
        assert self.nursery is not None and self.nursery.stdin is not None and self.nursery.stdout is not None
        self.nursery.stdin.write("fork\n")
        self.nursery.stdin.flush()
        return int(self.nursery.stdout.readline())

    def kill_one(self) -> None:
        """kill -9 a random worker and fork another one in its place, up to the budget of kills."""
        if self.kills >= self.kill_budget:
            return
        victim = self.random.randrange(len(self.workers))
        os.kill(self.workers[victim], signal.SIGKILL)
        self.workers[victim] = self._worker()
        self.kills += 1

    def stop_workers(self) -> None:
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self.workers.clear()
        if self.nursery is not None:
            self.nursery.kill()
            self.nursery.wait()
            self.nursery = None

    def restart_postgres(self, *, number: int = signal.SIGINT) -> None:
        """Stop the server (fast, or as a crash with SIGQUIT) and start it again at the same address."""
        process = self.postgres.process
        assert process is not None
        process.send_signal(number)
        process.wait(30)
        time.sleep(0.5)
        owner = self.postgres._owner()
        with (self.directory / "postgres.log").open("ab") as log:
            self.postgres.process = subprocess.Popen(
                process.args, stdout=log, stderr=log, cwd="/", start_new_session=True, **self.postgres._as_user(owner)
            )
        self.postgres._wait_until_ready()
        from django.db import connection

        connection.close()

    def sink(self, **options: Any) -> None:
        self._post(f"http://127.0.0.1:{self.smtp['control_port']}/options", options)

    def carrier(self, **options: Any) -> None:
        self._post(f"{self.twilio['url']}/_control/options", options)

    @staticmethod
    def _post(url: str, values: dict[str, Any]) -> None:
        request = Request(url, json.dumps(values).encode(), {"Content-Type": "application/json"})
        urlopen(request, timeout=10).read()

    # counting

    def arrived(self) -> Counter[str]:
        """How often each message arrived at a carrier: by Message-ID, and by number for text messages."""
        from tests.servers.journal import read

        found = Counter(row["message_id"] for row in read(self.directory / "smtp.jsonl"))
        found.update(row["to"] for row in read(self.directory / "twilio.jsonl"))
        return found

    def states(self, stream: Any) -> Counter[str]:
        from django.db.models import Count

        return Counter(
            dict(stream.messages.values_list("state").annotate(Count("id")).values_list("state", "id__count"))
        )

    def fast_forward(self, stream: Any) -> None:
        """Let the back-off of deferred messages and senders pass."""
        from django.db.models.functions import Now

        from conversations.senders.models import Sender
        from outreach.limits.models import Allowance

        stream.messages.filter(state="deferred").update(scheduled_at=Now())
        Allowance.objects.exclude(next_at=None).update(next_at=None)
        Sender.objects.filter(state="paused").update(state="active")

    def run(self, fault: str, count: int, disturb: Callable[[], None], *, timeout: float = 240.0) -> Result:
        """Send `count` messages under `disturb` (called again and again while work is left), heal, count."""
        from conversations.delivery.services import activate_stream
        from outreach.core.models import Actor

        result = Result(fault, count)
        self.kill_budget = self.kills + max(10, count // 20)
        stream = self.plan(count, name=fault)
        began = time.monotonic()
        activate_stream(stream=stream, actor=Actor.system("faults"))
        self.start_workers()
        while self._left(stream) and time.monotonic() - began < timeout:
            disturb()
            self.fast_forward(stream)
        self.sink(cut_probability=0.0, refusals=[], delay_seconds=0.0)
        self.carrier(hang_probability=0.0, cut_probability=0.0, refuse_probability=0.0, failures=[])
        self._calm(stream, timeout)
        self._settle_by_evidence(stream, result)
        self._calm(stream, timeout)
        self._count(stream, result)
        result.seconds = round(time.monotonic() - began, 1)
        return result

    def _left(self, stream: Any) -> int:
        counts = self.states(stream)
        return sum(counts[state] for state in ("scheduled", "deferred", "claimed"))

    def _calm(self, stream: Any, timeout: float) -> None:
        """Wait until nothing is open any more."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            counts = self.states(stream)
            if not any(counts[state] for state in OPEN):
                return
            self.fast_forward(stream)
            time.sleep(0.2)

    def _settle_by_evidence(self, stream: Any, result: Result) -> None:
        """Do as a person does: look at the carrier's own list and say what became of what is unknown."""
        from conversations.delivery.services import settle
        from outreach.core.models import Actor

        arrived = self.arrived()
        for message in stream.messages.filter(state="unknown"):
            result.unknown += 1
            result.note(message.error_code)
            if not message.error:
                result.unexplained += 1
            is_there = bool(arrived[message.rfc_message_id or message.address])
            settle(
                message=message,
                outcome="sent" if is_there else "not_sent",
                actor=Actor.system("faults"),
                reason="The carrier's own journal.",
            )

    def _count(self, stream: Any, result: Result) -> None:
        arrived = self.arrived()
        for message in stream.messages.all():
            times = arrived[message.rfc_message_id or message.address]
            result.delivered += bool(times)
            result.doubled += max(0, times - 1)
            result.lost += not times
            if (message.state == "sent") != bool(times):
                result.unexplained += 1
                result.note(f"{message.state} but arrived {times}")
