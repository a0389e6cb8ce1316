"""Mail through the whole outbox (claim, gate, commit, send, record) beside the bare sink on a kept connection."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from tests.benchmarks import Row

ROOT = Path(__file__).resolve().parents[2]
SENDERS = 4


def run(scale: int) -> list[Row]:
    settings.USE_DATABASE_CLOCK = True
    count = max(400, min(3_000, scale // 10))
    sink = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.smtp_sink", "--port", "0"], stdout=subprocess.PIPE, cwd=ROOT
    )
    try:
        assert sink.stdout is not None
        port = json.loads(sink.stdout.readline())["port"]
        bare = _bare(port, count)
        ours = _through_the_outbox(port, count)
    finally:
        sink.kill()
        sink.wait()
    return [
        Row(
            "mails a second, exactly once (beside: bare sink, kept connection)",
            ours, "mails/s", bare, ours / bare, "≥ 300/s and ≥ ½ of the bare sink", ours >= 300 and ours >= bare / 2,
        )
    ]  # fmt: skip


def _bare(port: int, count: int) -> float:
    data = b"From: a@firm.de\r\nTo: b@firm.de\r\nSubject: Hello\r\n\r\nA short text.\r\n"
    client = smtplib.SMTP("127.0.0.1", port)
    began = time.perf_counter()
    for number in range(count):
        client.sendmail("a@firm.de", [f"p{number}@firm.de"], data)
    seconds = time.perf_counter() - began
    client.quit()
    return count / seconds


def _through_the_outbox(port: int, count: int) -> float:
    from conversations.delivery.models import Stream
    from conversations.delivery.services import plan_message, send_due
    from conversations.models import Conversation, Message
    from conversations.senders.models import Sender
    from outreach.core import clock

    Message.objects.all().delete()
    stream = Stream.objects.create(name="bench", state="active")
    senders = [
        Sender.objects.create(
            name=f"bench smtp {number}", channel="email", adapter="smtp", address=f"me{number}@ourfirm.de", state="active",
            settings={"host": "127.0.0.1", "port": port, "security": "plain", "messages_per_connection": 10_000},
            hourly_cap=100_000, daily_cap=100_000, weekly_cap=100_000,
        )
        for number in range(SENDERS)
    ]  # fmt: skip
    for number in range(count):
        plan_message(
            conversation=Conversation.objects.create(contact=f"p{number}@firm.de"),
            sender=senders[number % SENDERS], channel="email", address=f"p{number}@firm.de", subject="Hello",
            body="A short text.", stream=stream, scheduled_at=clock.now(), approval_rule="bench",
        )  # fmt: skip
    began = time.perf_counter()
    send_due(seconds=120)
    seconds = time.perf_counter() - began
    sent = Message.objects.filter(state="sent").count()
    if sent != count:
        raise AssertionError(f"{sent} of {count} were sent")
    return count / seconds
