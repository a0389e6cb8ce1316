"""Tasks for the tests of the queue."""

from datetime import timedelta

from django.db import connection

from outreach.core.errors import Permanent, Retryable
from outreach.jobs import services

ran: list[tuple] = []


def note(*arguments):
    ran.append(arguments)


def explode(*_arguments):
    raise RuntimeError("boom")


def come_back_later():
    raise Retryable("busy", after=timedelta(hours=2))


def give_up():
    raise Permanent("never")


def count_to_three(job):
    for number in range(1, 4):
        services.advance(job, number, 3)
    return "counted to three"


def cancel_half_way(job):
    services.advance(job, 1, 3)
    from outreach.core.models import Actor
    from outreach.jobs.models import Job

    services.cancel(job=Job.objects.get(pk=job.pk), actor=Actor.system("test"))
    services.advance(job, 2, 3)
    return "not reached"


def sleep_in_the_database(seconds):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


def statements_asleep():
    """How many statements of `sleep_in_the_database` the server runs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' AND datname = current_database()"
        )
        return cursor.fetchone()[0]
