"""Maintains the cache of mail domains: new ones from planned messages, looked up outside the sending path."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction

from conversations.senders.deliverability import dns
from conversations.senders.deliverability.answers import Answer, Status
from conversations.senders.deliverability.mail_providers import OTHER, provider_of_domain, provider_of_hosts
from conversations.senders.deliverability.models import MailDomain
from outreach.core import clock
from outreach.core.addresses import EMAIL, is_reserved
from outreach.limits import services as limits

CURSOR = "deliverability:messages"
OVERLAP = 2_000
"""Messages behind the cursor that are read again: rows get their ids before they are committed."""
ROWS_A_RUN = 20_000
LOOKS_A_RUN = 50
FRESH = {
    MailDomain.Status.FOUND: timedelta(days=7),
    MailDomain.Status.NO_MAIL: timedelta(days=1),
    MailDomain.Status.UNKNOWN: timedelta(hours=1),
}
"""How long an answer is kept before the domain is asked for again."""


def note_domains(domains: Iterable[str]) -> int:
    """Add missing domains to the cache; free-mail and reserved ones are known without a lookup.

    The demo world's table may have more to say about a reserved domain: then it is asked.
    """
    moment = clock.now()
    rows = []
    for domain in sorted({domain.strip().lower() for domain in domains if domain.strip()}):
        known = provider_of_domain(domain)
        is_settled = known is not None or (is_reserved(EMAIL, f"x@{domain}") and domain not in settings.DNS_TABLE)
        rows.append(
            MailDomain(
                domain=domain,
                provider=known or OTHER,
                status=MailDomain.Status.FOUND if is_settled else MailDomain.Status.WAITING,
                next_look_at=None if is_settled else moment,
            )
        )
    MailDomain.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    return len(rows)


def note_planned() -> int:
    """Note the domains of e-mails that were planned since the last time, by primary key; how many rows were read."""
    with transaction.atomic():
        row = limits.lock(CURSOR, is_waiting=False)
        if row is None:
            return 0
        after = int(row.usage.get("message_id", 0))
        with connection.cursor() as cursor:
            cursor.execute(
                """
                WITH fresh AS (
                    SELECT m.id, m.channel, m.direction, m.address FROM conversations_message m
                    WHERE m.id > %(after)s ORDER BY m.id LIMIT %(count)s
                )
                SELECT (SELECT max(id) FROM fresh), (SELECT count(*) FROM fresh),
                    ARRAY(SELECT DISTINCT lower(split_part(address, '@', 2)) FROM fresh
                        WHERE channel = 'email' AND direction = 'out' AND address LIKE '%%@%%')
                """,
                {"after": max(0, after - OVERLAP), "count": ROWS_A_RUN},
            )
            last, count, domains = cursor.fetchone()
        if last is None:
            return 0
        if int(last) != after:
            row.usage = {**row.usage, "message_id": int(last)}
            row.save(update_fields=["usage", "updated_at"])
    note_domains(domains)
    return int(count)


def look_up_due(*, limit: int = LOOKS_A_RUN) -> int:
    """Look up the domains that are due; returns how many."""
    now = clock.now()
    rows = list(MailDomain.objects.filter(next_look_at__lte=now).order_by("next_look_at")[:limit])
    for row in rows:
        look_up(row)
    return len(rows)


def look_up(row: MailDomain) -> MailDomain:
    """Look up the mail provider of one domain and store it; without an answer the known provider stays."""
    return keep_answer(row, ask(row)[1])


def ask(row: MailDomain) -> tuple[MailDomain, Answer]:
    """The bare query, safe from any thread: the database is not touched."""
    return row, dns.mail_hosts(row.domain)


def keep_answer(row: MailDomain, answer: Answer) -> MailDomain:
    """Write down what was answered for a domain."""
    now = clock.now()
    if answer.status is Status.FOUND:
        row.status, row.mx = MailDomain.Status.FOUND, list(answer.values)
        row.provider = provider_of_hosts(answer.values)
    elif answer.status is Status.UNKNOWN:
        row.status = MailDomain.Status.UNKNOWN
    else:
        row.status, row.mx, row.provider = MailDomain.Status.NO_MAIL, [], OTHER
    row.detail, row.looked_up_at = answer.detail, now
    row.next_look_at = now + FRESH[MailDomain.Status(row.status)]
    row.save()
    return row
