"""Whoever keeps the live sets may be killed at any moment, or meet another who does: nothing is lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection, connections, transaction

from campaigns.audience import live
from campaigns.audience.models import LiveMatch, LiveSet
from leads import changes
from leads.models import Lead, LeadChange
from tests.campaigns.factories import make_lead

pytestmark = pytest.mark.django_db(transaction=True)
HEADS = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["head"]}]}
CLERKS = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["clerk"]}]}
DRAIN = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "outreach.settings"
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = {name!r}
from campaigns.audience import live
live.drain()
"""


@pytest.fixture
def sets(make_live):
    """A set of heads with all forty in it, an empty one of clerks, and a change of half of them in the feed."""
    people = [make_lead(title="Head", title_key="head") for _n in range(40)]
    heads, clerks = make_live(HEADS), make_live(CLERKS)
    live.tick()
    moved = [person.pk for person in people[:20]]
    Lead.objects.filter(pk__in=moved).update(title="Clerk", title_key="clerk")
    changes.record(moved)
    return heads, clerks, people


def members(campaign):
    return set(LiveMatch.objects.filter(campaign_id=campaign.pk).values_list("lead_id", flat=True))


def assert_exact(heads, clerks, people):
    assert members(clerks) == {p.pk for p in people[:20]}
    assert members(heads) == {p.pk for p in people[20:]}
    sizes = dict(LiveSet.objects.values_list("campaign_id", "size"))
    assert sizes == {heads.pk: 20, clerks.pk: 20}
    assert not LeadChange.objects.exists()


def wait_until(holds, seconds=60):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)


def is_waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            " AND query LIKE '%audience_livematch%' AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 1


def test_a_drain_killed_in_the_middle_of_a_batch_loses_nothing(sets):
    heads, clerks, people = sets
    command = [sys.executable, "-c", DRAIN.format(name=connection.settings_dict["NAME"])]
    with transaction.atomic():
        list(LiveSet.objects.select_for_update())  # the batch is written but for the sizes, which wait for this
        drainer = subprocess.Popen(command, env=os.environ.copy(), stderr=subprocess.DEVNULL)
        try:
            wait_until(is_waiting)
        finally:
            os.kill(drainer.pid, signal.SIGKILL)
            drainer.wait()
    assert drainer.returncode == -signal.SIGKILL
    live.drain()
    assert_exact(heads, clerks, people)


def test_two_who_drain_at_once_do_the_work_once(sets):
    heads, clerks, people = sets
    start, done, broken = threading.Barrier(2), [], []

    def work():
        try:
            start.wait()
            done.append(live.drain())
        except Exception as error:
            broken.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not broken
    assert sum(one.leads for one in done) == 20
    assert (sum(one.entered for one in done), sum(one.left for one in done)) == (20, 20)
    assert_exact(heads, clerks, people)
