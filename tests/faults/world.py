"""A world to break: a durable Postgres, an SMTP sink and a fake Twilio, each a process of its own, and the counting."""

from __future__ import annotations

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
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.request import Request, urlopen

from tests.faults.forces import ROOT, Force, Product, Workers

MAILBOXES = 4
SETTINGS = """
[fetching]
allowed_networks = ["127.0.0.0/8"]

[delivery]
lease_seconds = 10
batch_size = 20

[delivery.quiet_hours]
is_enforced = false
"""
OPEN = ("scheduled", "deferred", "claimed", "sending")
PLANNED_AT_ONCE = 200
ACTOR_NAME = "faults"


@dataclass
class Result:
    """What came of one fault's messages; `doubled`, `lost` and `unexplained` must be zero.

    `stopped` were held back for a reason that somebody gave meanwhile: an opt-out, a reply. `unknown` could only be
    settled by looking at the carrier's own journal, as a person would. `unexplained` counts rows that say something
    else than what happened, rows without a reason, and every promise that was seen broken.
    """

    fault: str
    planned: int
    delivered: int = 0
    stopped: int = 0
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

    def __init__(self, *, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.directory = Path(tempfile.mkdtemp(prefix="outreach-faults-"))
        self.directory.chmod(0o755)
        self.servers: list[subprocess.Popen[bytes]] = []
        self.environment: dict[str, str] = {}
        self.kills = 0
        self.kill_budget = 0
        """Bounded, so that a slow machine still gets through: every kill holds a batch back for a lease."""
        self.broken: list[str] = []
        """Promises that a scenario saw broken."""
        self.stops: dict[int, datetime] = {}
        """Messages that somebody stopped, with the moment after which they must not leave any more."""
        self._number = 0

    def database(self) -> Any:
        """The server or servers, not yet started; with `url`, `start` and `stop`."""
        from outreach.ops.postgres import EmbeddedPostgres

        return EmbeddedPostgres(data_dir=self.directory, is_durable=True)

    def __enter__(self) -> Self:
        self.postgres = self.database()
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
            "OUTREACH_DNS_RESOLVER": "tests.faults.names.EverybodyTakesMail",
        }
        self.smtp_process, self.smtp = self._serve_mail(0, 0)
        _process, self.twilio = self._server(
            "fake_twilio", "--port", "0", "--journal", self.path("twilio.jsonl"),
            "--options", json.dumps({"sends_callbacks": False}),
        )  # fmt: skip
        return self

    def __exit__(self, *_error: object) -> None:
        for server in self.servers:
            server.kill()
            server.wait()
        self.postgres.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name: str) -> str:
        return str(self.directory / name)

    def workers(self, **options: Any) -> Workers:
        """Workers of the sending lanes, not yet started; `secret_key` gives them another one."""
        secret_key = options.pop("secret_key", "")
        return Workers({**self.environment, **({"SECRET_KEY": secret_key} if secret_key else {})}, **options)

    def product(self, count: int = 1, **environment: str) -> Product:
        """The whole product, not yet started."""
        return Product({**self.environment, "PUBLIC_BASE_URL": "", **environment}, self.directory, count)

    def may_kill(self) -> bool:
        """Whether one more kill is within the budget; counts it."""
        if self.kills >= self.kill_budget:
            return False
        self.kills += 1
        return True

    def _serve_mail(self, port: int, control_port: int) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
        return self._server(
            "smtp_sink", "--port", str(port), "--control-port", str(control_port), "--journal", self.path("smtp.jsonl")
        )

    def _server(self, module: str, *arguments: str) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.servers.{module}", *arguments],
            stdout=subprocess.PIPE,
            env=self.environment,
            cwd=ROOT,
        )
        self.servers.append(process)
        assert process.stdout is not None
        ports: dict[str, Any] = json.loads(process.stdout.readline())
        return process, ports

    # preparing

    def prepare(self) -> None:
        """Migrate, and make the senders."""
        os.environ.update(self.environment)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        from conversations.senders.services import SenderConfig, create_sender, verify_sender
        from outreach.core.models import Actor
        from tests.servers.fake_twilio import ACCOUNT_SID, AUTH_TOKEN

        actor = Actor.system(ACTOR_NAME)
        caps = {"hourly_cap": 100_000, "daily_cap": 100_000, "weekly_cap": 100_000}
        self.senders = [
            create_sender(
                SenderConfig(
                    name=f"Mailbox {number}",
                    channel="email",
                    adapter="smtp",
                    address=f"mailbox{number}@ourfirm.de",
                    settings={
                        "host": "127.0.0.1",
                        "port": self.smtp["port"],
                        "security": "plain",
                        "timeout_seconds": 5,
                    },
                    **caps,
                ),
                actor=actor,
            )
            for number in range(MAILBOXES)
        ]
        self.senders.append(
            create_sender(
                SenderConfig(
                    name="Number",
                    channel="sms",
                    adapter="twilio",
                    address="+4915112345678",
                    settings={
                        "account_sid": ACCOUNT_SID,
                        "base_url": self.twilio["url"],
                        "timeout_seconds": 2,
                        "settle_seconds": 5,
                        "segments_per_minute": 60_000,
                    },
                    credentials={"auth_token": AUTH_TOKEN},
                    **caps,
                ),
                actor=actor,
            )
        )
        for sender in self.senders:
            verify_sender(sender=sender, actor=actor)

    def plan(self, count: int, *, name: str, sms_share: float = 0.15) -> Any:
        """A paused stream with `count` approved messages that are due; returns the stream."""
        from django.db import transaction

        from conversations.outbox.streams import create_stream

        stream = create_stream(name=name)
        for first in range(0, count, PLANNED_AT_ONCE):
            with transaction.atomic():
                for number in range(first, min(count, first + PLANNED_AT_ONCE)):
                    self._plan_one(stream, number, is_sms=self.random.random() < sms_share)
        return stream

    def _plan_one(self, stream: Any, number: int, *, is_sms: bool) -> None:
        from conversations.consent.services import record_consent
        from conversations.planning.plans import MessagePlan
        from conversations.planning.services import plan_message
        from conversations.services import conversation_for
        from leads.models import Identity, Lead
        from outreach.core import clock
        from outreach.core.models import Actor

        self._number += 1
        address = f"+4915{20000000 + self._number}0" if is_sms else f"p{self._number}@firm{self._number % 97}.de"
        sender = self.senders[-1] if is_sms else self.senders[number % MAILBOXES]
        lead = Lead.objects.create(full_name=f"{stream.name} {number}", country="DE", time_zone="Europe/Berlin")
        Identity.objects.create(lead=lead, channel=sender.channel, address=address)
        if is_sms:
            record_consent(
                lead=lead,
                channel="sms",
                basis="express",
                source="form",
                text_shown="Yes",
                actor=Actor.system(ACTOR_NAME),
            )
        plan_message(
            MessagePlan(
                conversation=conversation_for(lead=lead),
                sender=sender,
                channel=sender.channel,
                address=address,
                subject="" if is_sms else f"Hello {number}",
                body=f"A text for {lead.full_name}. Reply STOP to end." if is_sms else f"A text for {lead.full_name}.",
                stream=stream,
                scheduled_at=clock.now() - timedelta(seconds=1),
                approval_rule="faults",
            )
        )

    # breaking

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

    def restart_mailbox(self, *, seconds: float) -> None:
        """Kill the mail server, leave the port closed for a while, start it again on the same port."""
        server = self.smtp_process
        server.kill()
        server.wait()
        time.sleep(seconds)
        self.smtp_process, self.smtp = self._serve_mail(self.smtp["port"], self.smtp["control_port"])

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

    def run(
        self,
        fault: str,
        count: int,
        *,
        force: Force,
        disturb: Callable[[Any], None],
        verify: Callable[[Any], None] | None = None,
        sms_share: float = 0.15,
        timeout: float = 300.0,
    ) -> Result:
        """Send `count` messages by `force` under `disturb` (again and again while work is left), heal, count."""
        from conversations.outbox.streams import activate_stream
        from outreach.core.models import Actor

        result = Result(fault, count)
        self.broken, self.stops = [], {}
        self.kill_budget = self.kills + max(10, count // 20)
        stream = self.plan(count, name=fault, sms_share=sms_share)
        began = time.monotonic()
        force.start()
        try:
            activate_stream(stream=stream, actor=Actor.system(ACTOR_NAME))
            while self._left(stream) and time.monotonic() - began < timeout:
                disturb(stream)
                self.fast_forward(stream)
            self.heal()
            self._calm(stream, timeout)
            self._settle_by_evidence(stream, result)
            self._calm(stream, timeout)
            if verify is not None:
                verify(stream)
        finally:
            force.stop()
        self._count(stream, result)
        for promise in self.broken:
            result.unexplained += 1
            result.note(promise)
        result.seconds = round(time.monotonic() - began, 1)
        return result

    def heal(self) -> None:
        """All carriers well again."""
        self.sink(cut_probability=0.0, refusals=[], delay_seconds=0.0)
        self.carrier(hang_probability=0.0, cut_probability=0.0, refuse_probability=0.0, failures=[])

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
        from conversations.outbox.services import settle
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
                actor=Actor.system(ACTOR_NAME),
                reason="The carrier's own journal.",
            )

    def _count(self, stream: Any, result: Result) -> None:
        from conversations.models import MESSAGE

        arrived = self.arrived()
        for message in stream.messages.filter(direction="out"):
            times = arrived[message.rfc_message_id or message.address]
            stopped_at = self.stops.get(message.pk)
            result.delivered += bool(times)
            result.doubled += max(0, times - 1)
            if not times and stopped_at is not None:
                result.stopped += 1
                is_explained = message.state in ("cancelled", "skipped") and bool(message.refused_by or message.error)
                if not is_explained:
                    result.unexplained += 1
                    result.note(f"stopped, but {message.state} without a reason")
                continue
            if not times:
                result.lost += 1
                result.note(f"lost: {message.state} {message.refused_by} {message.error}")
            if (message.state in MESSAGE.left) != bool(times):
                result.unexplained += 1
                result.note(f"{message.state} but arrived {times}")
            if times and stopped_at is not None and message.sending_at > stopped_at:
                result.unexplained += 1
                result.note("left after it was stopped")
