"""Check our sending domains, record since when something fails, and decide what that blocks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from conversations.senders.deliverability import authentication, dns
from conversations.senders.deliverability.authentication import Finding, Verdict
from conversations.senders.deliverability.models import DomainCheck
from outreach.core import clock
from outreach.core.addresses import EMAIL, is_reserved

GRACE = timedelta(hours=72)
"""A check that used to pass may fail for this long before it forbids a launch: DNS changes take their time."""
FRESH = timedelta(hours=24)


def is_examined(domain: str) -> bool:
    """Whether the domain is real: reserved ones (RFC 2606) have no records to check."""
    return bool(domain) and not is_reserved(EMAIL, f"x@{domain}")


def examine(*, domain: str, selector: str = "", dkim_domain: str = "") -> list[DomainCheck]:
    """Query the DNS now and store the result. Reserved domains are not queried and have no checks."""
    if not is_examined(domain):
        return []
    findings = authentication.examine(
        domain,
        ask=dns.query,
        dkim_selector=selector,
        dkim_domain=dkim_domain,
        blocklists=tuple(settings.OUTREACH.preflight.domain_blocklists),
    )
    now = clock.now()
    with transaction.atomic():
        rows = [_keep(domain, selector, finding, now) for finding in findings]
        DomainCheck.objects.filter(domain=domain, selector=selector).exclude(pk__in=[row.pk for row in rows]).delete()
    return rows


def _keep(domain: str, selector: str, finding: Finding, now: datetime) -> DomainCheck:
    row, _created = DomainCheck.objects.select_for_update().get_or_create(
        domain=domain, selector=selector, check_name=finding.check,
        defaults={"verdict": finding.verdict, "code": finding.code, "checked_at": now},
    )  # fmt: skip
    row.verdict, row.code, row.evidence, row.checked_at = finding.verdict, finding.code, finding.evidence, now
    if finding.verdict == Verdict.FAIL:
        row.failing_since = row.failing_since or now
    elif finding.verdict != Verdict.UNKNOWN:
        row.passed_at, row.failing_since = now, None
    row.save()
    return row


def checks_of(*, domain: str, selector: str = "") -> list[DomainCheck]:
    """What is known of one sending domain, in the order of the checks."""
    return list(DomainCheck.objects.filter(domain=domain, selector=selector))


def forbids_launch(row: DomainCheck, now: datetime) -> bool:
    """Whether a failing check blocks: at once if it never passed, otherwise after `GRACE`."""
    if row.verdict != DomainCheck.Result.FAIL or row.failing_since is None:
        return False
    return row.passed_at is None or now - row.failing_since > GRACE
