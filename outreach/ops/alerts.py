"""What wakes somebody up: few rules, each told once when it begins and once when it is over, by mail and by webhook.

A rule that keeps failing is repeated once a day and never more often, so that nothing storms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q

from outreach.backups import services as backups
from outreach.backups.models import Restore
from outreach.core import clock
from outreach.core.registry import Point
from outreach.core.words import gettext as _
from outreach.jobs import heartbeats
from outreach.jobs.models import QueueItem
from outreach.jobs.policy import LANES
from outreach.ops import machine
from outreach.ops.models import Alert

logger = structlog.get_logger(__name__)

REPEATED = timedelta(days=1)
SETTLING = timedelta(minutes=2)
"""So long a rule must fail before it is told: a restart is no news."""
HTTP_SECONDS = 10


@dataclass(frozen=True)
class Rule:
    """`check` answers with a sentence while something is wrong, else with nothing."""

    name: str
    check: Callable[[], str]


RULES: Point[Rule] = Point("alert rules")
"""What each wing watches."""


def lanes_served() -> str:
    alive = {beat.name for beat in heartbeats.beats() if beat.is_well}
    missing = [lane for lane in LANES if f"lane:{lane}" not in alive]
    return _("No process serves %(lanes)s.") % {"lanes": ", ".join(missing)} if missing else ""


def machines_alive() -> str:
    silent = sorted({f"{beat.name} ({beat.host})" for beat in heartbeats.beats() if not beat.is_well})
    return _("Silent for more than two minutes: %(names)s.") % {"names": ", ".join(silent)} if silent else ""


def queue_healthy() -> str:
    count = QueueItem.objects.filter(is_dead=True).count()
    return _("%(count)s queue items ran out of attempts.") % {"count": count} if count else ""


def backups_made() -> str:
    hours = settings.OUTREACH.backups.every_hours
    age = backups.newest_age_seconds()
    if not hours or not backups.has_key() or (age is not None and age < 2 * hours * 3600):
        return ""
    return _("The last backup is older than planned, or there is none.")


def restore_confirmed() -> str:
    return _("A restore waits to be confirmed, and nothing is sent.") if Restore.objects.open().exists() else ""


def disk_has_room() -> str:
    here = machine.look()
    return _("Less than a tenth of the disk is free.") if here.is_disk_low else ""


FLOOR = [
    Rule("lanes", lanes_served),
    Rule("machines", machines_alive),
    Rule("queue", queue_healthy),
    Rule("backups", backups_made),
    Rule("restore", restore_confirmed),
    Rule("disk", disk_has_room),
]


def watch() -> str:
    """Look at every rule; tell what began and what is over."""
    told = 0
    for rule in RULES.entries():
        sentence = rule.check()
        told += _failing(rule, sentence) if sentence else _over(rule)
    return _("%(count)s told") % {"count": told}


def _failing(rule: Rule, sentence: str) -> bool:
    Alert.objects.get_or_create(rule=rule.name, defaults={"sentence": sentence})
    now = clock.now()
    with transaction.atomic():
        due = Q(told_at=None) | Q(told_at__lt=now - REPEATED)
        alert = Alert.objects.select_for_update().filter(due, rule=rule.name, began_at__lte=now - SETTLING).first()
        Alert.objects.filter(rule=rule.name).exclude(sentence=sentence).update(sentence=sentence)
        if alert is None:
            return False
        Alert.objects.filter(pk=alert.pk).update(told_at=now, told_count=F("told_count") + 1)
    return _tell(rule.name, sentence, is_over=False)


def _over(rule: Rule) -> bool:
    alert = Alert.objects.filter(rule=rule.name).first()
    if alert is None or not Alert.objects.filter(pk=alert.pk).delete()[0]:
        return False
    return alert.told_at is not None and _tell(rule.name, alert.sentence, is_over=True)


def _tell(name: str, sentence: str, *, is_over: bool) -> bool:
    """By every way that is set up. One that fails is logged: the next repeats or the page shows it."""
    policy = settings.OUTREACH.alerts
    subject = _("Solved: %(what)s") % {"what": sentence} if is_over else sentence
    if policy.mail_to and settings.CAN_MAIL_USERS:
        body = f"{subject}\n\n{settings.PUBLIC_BASE_URL}/operations/\n"
        try:
            EmailMessage(f"[Outreach] {subject}", body, settings.DEFAULT_FROM_EMAIL, list(policy.mail_to)).send()
        except OSError as error:
            logger.warning("alert not mailed", rule=name, error=str(error))
    if policy.webhook_url:
        content = {"rule": name, "text": subject, "is_over": is_over, "url": f"{settings.PUBLIC_BASE_URL}/operations/"}
        try:
            httpx.post(policy.webhook_url, json=content, timeout=HTTP_SECONDS).raise_for_status()
        except httpx.HTTPError as error:
            logger.warning("alert not posted", rule=name, error=str(error))
    logger.error("alert", rule=name, sentence=sentence, is_over=is_over)
    return True
