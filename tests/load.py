"""`python -m tests.load [--leads N] [--campaigns N] [--users N] [--webhooks N] [--seconds N]`: the server under load, by locust.

Two servers in processes of their own, as on two machines, on one database with made-up leads and campaigns; programs read
lists and objects, people read pages, a carrier posts signed webhooks. Prints a line for each kind of request, and how
much memory the servers took.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.utils.module_loading import import_string
from psycopg.conninfo import make_conninfo

import tests.contract
from conversations.channels.sms import callbacks
from conversations.senders.models import Sender
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.access.services import create_api_key
from outreach.core.models import Actor
from tests.benchmarks import _world
from tests.benchmarks.events import await_server
from tests.benchmarks.idle import free_port
from tests.benchmarks.webhook import TOKEN
from tests.outreach.access.factories import make_user

ROOT = Path(__file__).resolve().parents[1]
SERVERS = 2
CARRIERS = 20
"""Connections over which webhooks come."""


def _session(user: User) -> str:
    """The key of a session of a signed-in user."""
    session: SessionBase = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    return str(session.session_key)


def _environment(database: str) -> dict[str, str]:
    """What the servers and the users are told."""
    user = make_user(Role.ADMINISTRATOR, username="load")
    _row, key = create_api_key(user=user, name="load", actor=Actor.system("load"))
    sender = Sender(name="load", channel="sms", adapter="twilio", address="+12025550100")
    sender.set_credentials({"auth_token": TOKEN})
    sender.save()
    policy = Path(tempfile.mkdtemp(prefix="outreach-load-")) / "outreach.toml"
    policy.write_text("[api]\nrequests_per_hour = 10000000\n")
    return {
        **os.environ,
        "DATABASE_URL": database,
        "OUTREACH_CONFIG": str(policy),
        "LOAD_KEY": key,
        "LOAD_SESSION": _session(user),
        "LOAD_WEBHOOK": "/" + callbacks.INBOUND_PATH.format(sender_id=sender.pk),
        "LOAD_SIGNED": callbacks.inbound_url(sender.pk),
    }


def _measure(environment: dict[str, str], options: argparse.Namespace) -> tuple[list[dict[str, str]], list[float]]:
    ports = [free_port() for _number in range(SERVERS)]
    command = [sys.executable, "-m", "uvicorn", "outreach.asgi:application", "--log-level", "critical", "--port"]
    servers = [subprocess.Popen([*command, str(port)], env=environment, cwd=ROOT) for port in ports]
    hosts = ",".join(f"http://127.0.0.1:{port}" for port in ports)
    with tempfile.TemporaryDirectory() as directory:
        try:
            for port in ports:
                await_server(port)
            subprocess.run(
                [
                    sys.executable, "-m", "locust", "-f", "tests/load_users.py", "--headless", "--only-summary", "--skip-log",
                    "-u", str(options.users + CARRIERS), "-r", "10", "-t", f"{options.seconds}s", "--csv", f"{directory}/load",
                ],
                env={**environment, "LOAD_HOSTS": hosts, "LOAD_WEBHOOKS": str(options.webhooks), "LOAD_CARRIERS": str(CARRIERS)}, cwd=ROOT, check=False,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
            memory = [psutil.Process(server.pid).memory_full_info().pss / 2**20 for server in servers]
            with open(f"{directory}/load_stats.csv") as file:
                return list(csv.DictReader(file)), memory
        finally:
            for server in servers:
                server.terminate()
                server.wait(20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--campaigns", type=int, default=1_000)
    parser.add_argument("--users", type=int, default=20, help="programs and people at once")
    parser.add_argument("--webhooks", type=int, default=20, help="webhooks a second")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with tests.contract.database():
        _world.fill(options.leads)
        _world.campaigns(options.campaigns)
        database = make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
        rows, memory = _measure(_environment(database), options)
    print(f"{options.leads:,} leads, {options.campaigns:,} campaigns, {options.users} users, {SERVERS} servers, {options.seconds} s;"
          f" load of the machine {os.getloadavg()[0]:.1f}")  # fmt: skip
    print("| request | requests | failures | a second | p50 | p95 | p99 |\n| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row['Name']} | {row['Request Count']} | {row['Failure Count']} | {float(row['Requests/s']):.1f} |"
              f" {row['50%']} ms | {row['95%']} ms | {row['99%']} ms |")  # fmt: skip
    print(f"memory of the servers: {', '.join(f'{used:.0f} MiB' for used in memory)}")
    return 1 if any(int(row["Failure Count"]) for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
