"""`python -m tests.load [--leads N] [--campaigns N] [--users N] [--webhooks N …] [--seconds N]`: the product under load, by locust.

Two machines, each a `manage.py up` with the web server and two lanes, share one durable Postgres with campaigns and
made-up leads, one in six with a conversation. Programs read lists and objects, people read pages, carriers post signed
text messages from ten thousand people, once what a first start has to do is done. Prints a line for each kind of request,
what the workers did with the messages, and the memory of each kind of process.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("OUTREACH_TESTS_DURABLE", "1")

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.utils.module_loading import import_string
from psycopg.conninfo import make_conninfo

import tests.contract
from campaigns.audience.models import LiveSet
from campaigns.rollups.models import Zone
from campaigns.rollups.services import rebuild
from conversations.channels.sms import callbacks
from conversations.inbound.models import INBOUND, InboundEvent
from conversations.models import Message
from conversations.senders.models import Sender
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.access.services import create_api_key
from outreach.core import clock
from outreach.core.models import Actor
from outreach.jobs.models import QueueItem
from tests.benchmarks import _world, lists
from tests.benchmarks.webhook import TOKEN
from tests.faults.forces import Product
from tests.outreach.access.factories import make_user
from tests.soak import sample

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("/", "/leads/", "/campaigns/", "/inbox/", "/reports/", "/jobs/")
MACHINES = 2
LANES = ("default", "llm")
PARTS = ("web", *LANES)
"""What each machine runs: the web server, and the two lanes in which messages are understood."""
CARRIERS = 20
"""Connections over which webhooks come."""
WRITERS = 10_000
"""People with a number, who write."""
PATIENCE_SECONDS = 1_800
"""How long the workers have to settle at the start, and for what came in meanwhile."""
QUIET_SECONDS = 5
"""The product has settled when nothing has been due for so long."""


def _fill(options: argparse.Namespace) -> None:
    """Leads, a sixth with conversations, campaigns, and numbers of those who write."""
    began = time.monotonic()
    _world.fill(options.leads)
    lists.fill_conversations()
    _world.campaigns(options.campaigns, seed=8)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_identity (lead_id, channel, address, is_primary, status, status_reason, created_at, updated_at)"
            " SELECT lead_id, 'sms', '+120255' || lpad((row_number() OVER () - 1)::text, 5, '0'), true, 'unknown', '', now(), now()"
            " FROM (SELECT lead_id FROM conversations_conversation ORDER BY lead_id LIMIT %s) AS people",
            [WRITERS],
        )
        options.writers = cursor.rowcount
    rebuild()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"filled in {time.monotonic() - began:,.0f} s", flush=True)


def _session(user: User) -> str:
    """The key of a session of a signed-in user."""
    session: SessionBase = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    return str(session.session_key)


def _environment(directory: Path, options: argparse.Namespace) -> dict[str, str]:
    """What the machines and the users are told."""
    user = make_user(Role.ADMINISTRATOR, username="load")
    _row, key = create_api_key(user=user, name="load", actor=Actor.system("load"))
    sender = Sender(name="load", channel="sms", adapter="twilio", address="+12025550100")
    sender.set_credentials({"auth_token": TOKEN})
    sender.save()
    (directory / "outreach.toml").write_text("[api]\nrequests_per_hour = 10000000\n")
    return {
        **os.environ,
        "DATABASE_URL": make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"]),
        "PUBLIC_BASE_URL": settings.PUBLIC_BASE_URL,
        "OUTREACH_CONFIG": str(directory / "outreach.toml"),
        "LOAD_KEY": key,
        "LOAD_SESSION": _session(user),
        "LOAD_WEBHOOK": "/" + callbacks.INBOUND_PATH.format(sender_id=sender.pk),
        "LOAD_SIGNED": callbacks.inbound_url(sender.pk),
        "LOAD_LEADS": str(options.leads),
        "LOAD_WRITERS": str(options.writers),
        "LOAD_PAGES": ",".join(PAGES),
    }


def _run_users(
    environment: dict[str, str], options: argparse.Namespace, webhooks: int, directory: Path
) -> list[dict[str, str]]:
    """Locust's table; prints what failed, and why."""
    carriers = CARRIERS if webhooks else 0
    users = options.users + carriers
    environment = environment | {"LOAD_WEBHOOKS": str(webhooks), "LOAD_CARRIERS": str(carriers)}
    subprocess.run(
        [
            sys.executable, "-m", "locust", "-f", "tests/load_users.py", "--headless", "--only-summary", "--skip-log",
            "-u", str(users), "-r", "10", "-t", f"{options.seconds}s", "--csv", f"{directory}/load",
        ],
        env=environment, cwd=ROOT, check=False, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    with open(f"{directory}/load_failures.csv") as file:
        for row in csv.DictReader(file):
            print(f"failed {row['Occurrences']} times: {row['Name']}: {row['Error']}")
    with open(f"{directory}/load_stats.csv") as file:
        return list(csv.DictReader(file))


def _seconds_until_settled(environment: dict[str, str], hosts: list[str]) -> float:
    """How long the first start has to do: campaigns find their people, and the days of a first reader's zone are counted."""
    began, quiet = time.monotonic(), 0
    for path in PAGES:
        httpx.get(hosts[0] + path, cookies={"sessionid": environment["LOAD_SESSION"]}, timeout=300).raise_for_status()
    while quiet < QUIET_SECONDS and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(1)
        is_busy = QueueItem.objects.filter(lane__in=LANES, is_dead=False, run_at__lte=clock.now()).exists()
        is_busy = (
            is_busy or Zone.objects.filter(built_at=None).exists() or LiveSet.objects.filter(needs_match=True).exists()
        )
        quiet = 0 if is_busy else quiet + 1
    return time.monotonic() - began


def _seconds_until_understood() -> float:
    """How long the workers go on with what came in after the last request."""
    began = time.monotonic()
    while InboundEvent.objects.filter(state=INBOUND.STORED).exists() and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(0.5)
    return time.monotonic() - began


def _print(rows: list[dict[str, str]]) -> None:
    print("| request | requests | failures | a second | p50 | p95 | p99 |\n| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row['Name']} | {row['Request Count']} | {row['Failure Count']} | {float(row['Requests/s']):.1f} |"
              f" {row['50%']} ms | {row['95%']} ms | {row['99%']} ms |")  # fmt: skip


@contextmanager
def _machines(environment: dict[str, str], directory: Path) -> Iterator[Product]:
    product = Product(environment, directory, MACHINES, PARTS)
    try:
        product.start()
        yield product
    finally:
        product.stop()


def _measure(directory: Path, options: argparse.Namespace) -> bool:
    """Whether nothing failed, and nothing was lost."""
    environment = _environment(directory, options)
    with _machines(environment, directory) as product:
        hosts = [f"http://127.0.0.1:{instance.port}" for instance in product.instances]
        print(f"settled in {_seconds_until_settled(environment, hosts):,.0f} s", flush=True)
        environment["LOAD_HOSTS"] = ",".join(hosts)
        passed = [_measure_one(product, environment, options, webhooks, directory) for webhooks in options.webhooks]
    return all(passed)


def _measure_one(
    product: Product, environment: dict[str, str], options: argparse.Namespace, webhooks: int, directory: Path
) -> bool:
    events, texts = InboundEvent.objects.all(), Message.objects.filter(provider_id__startswith="SMload")
    had_events, had_texts = events.count(), texts.count()
    rows = _run_users(environment, options, webhooks, directory)
    load, waiting = os.getloadavg()[0], events.filter(state=INBOUND.STORED).count()
    rest = _seconds_until_understood()
    stored, received = events.count() - had_events, texts.count() - had_texts
    print(f"{options.leads:,} leads, {options.campaigns:,} campaigns, {options.users} users, {webhooks} webhooks a second asked for,"
          f" {MACHINES} machines, {options.seconds} s; load of the machine {load:.1f}")  # fmt: skip
    _print(rows)
    print(f"texts stored {stored:,}, understood {received:,}; {waiting:,} waited at the end, for {rest:.0f} s more")
    for number, instance in enumerate(product.instances, 1):
        used = sample(instance.directory, instance.process.pid) if instance.process else {}
        print(
            f"machine {number}: " + ", ".join(f"{name} {mib:.0f} MiB" for name, mib in sorted(used.items())), flush=True
        )
    return stored == received and not any(int(row["Failure Count"]) for row in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--campaigns", type=int, default=1_000)
    parser.add_argument("--users", type=int, default=50, help="programs and people at once")
    parser.add_argument("--webhooks", type=int, nargs="+", default=[100], help="webhooks a second; several in turn")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with tests.contract.database(), tempfile.TemporaryDirectory(prefix="outreach-load-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        _fill(options)
        return 0 if _measure(directory, options) else 1


if __name__ == "__main__":
    sys.exit(main())
