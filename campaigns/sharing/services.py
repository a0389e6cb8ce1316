"""Save reports, share them by link, and send them."""

from __future__ import annotations

import hashlib
import json
import secrets as randomness
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation

from campaigns.reports import selectors
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.forms import ReportForm
from campaigns.reports.lines import Row
from campaigns.sharing.models import ReportLink, ReportSchedule, SavedReport
from campaigns.sharing.timing import next_due
from outreach.access import mail
from outreach.access.models import User
from outreach.core import audit, clock, secrets
from outreach.core.errors import Invalid, OutreachError, Refused, Retryable
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.web.addresses import locate
from outreach.web.services import caller

logger = structlog.get_logger(__name__)

PARAMETERS = ("by", "campaign", "since", "until", "last", "intervals")
LONGEST = timedelta(days=365)
MOST_RECIPIENTS = 20
SLACK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
SHOWN_LINES = 10
RETRY = timedelta(minutes=15)


@dataclass(frozen=True)
class Report:
    """A report of now: its lines as everyone may see them."""

    by: str
    rows: list[Row]
    total: Row


def save(*, user: User, name: str, query: str, is_for_everyone: bool = False) -> SavedReport:
    """Keep a report's parameters; those of something else are left out. Raises `Invalid` for a name that is taken."""
    if not name.strip():
        raise Invalid("name", _("Enter a name."))
    given = QueryDict(query, mutable=True)
    for other in set(given) - set(PARAMETERS):
        given.pop(other)
    try:
        with transaction.atomic():
            return SavedReport.objects.create(
                owner=user, name=name.strip(), query=given.urlencode(), is_for_everyone=is_for_everyone,
                time_zone=user.time_zone or "UTC",
            )  # fmt: skip
    except IntegrityError as error:
        raise Invalid("name", _("You already have a saved report with this name.")) from error


def share(*, report: SavedReport, days: int, user: User) -> tuple[ReportLink, str]:
    """A link that anyone may open for `days`, and its address: told once, only its digest is kept."""
    length = timedelta(days=days)
    if not timedelta() < length <= LONGEST:
        raise Invalid("days", _("A link lasts from 1 to 365 days."))
    token = randomness.token_urlsafe(32)
    with transaction.atomic():
        link = ReportLink.objects.create(
            report=report, digest=_digest(token), created_by=user, expires_at=clock.now() + length
        )
        audit.record("report.shared", subject=report, actor=Actor.of(user), data={"link": link.pk, "days": days})
    return link, f"{settings.PUBLIC_BASE_URL}{reverse('shared_report', args=[token])}"


def revoke(*, link: ReportLink, user: User) -> None:
    """Close a link at once; closing it again changes nothing."""
    with transaction.atomic():
        if ReportLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=clock.now()):
            audit.record("report.link_revoked", subject=link.report, actor=Actor.of(user), data={"link": link.pk})


def opened(token: str) -> SavedReport | None:
    """The report behind a link, if it may still be read; counts the visit."""
    rows = ReportLink.objects.open(clock.now()).filter(digest=_digest(token))
    link = rows.select_related("report__owner").first()
    if link is None:
        return None
    rows.update(opened_at=clock.now(), opened_count=F("opened_count") + 1)
    return link.report


def read(report: SavedReport) -> Report:
    """The report's numbers of now, in its owner's days. Names of people who work here are replaced by numbers."""
    with timezone.override(ZoneInfo(report.time_zone)):
        form = ReportForm(QueryDict(report.query))
        asked, by = form.asked(), form.dimension
        rows = selectors.rows(asked, by=by)[: selectors.SHOWN]
        if DIMENSIONS[by].is_personal:
            for number, row in enumerate(rows, 1):
                row.name = f"{DIMENSIONS[by].label} {number}"
        return Report(by, rows, selectors.total(asked))


@dataclass(frozen=True)
class Plan:
    """When a report is sent, and where to."""

    frequency: str
    hour: int
    recipients: Sequence[str] = ()
    slack_url: str = ""


def schedule(*, report: SavedReport, plan: Plan, user: User) -> ReportSchedule:
    """Send a report by itself from now on. Raises `Invalid` where it would reach nobody, or something else than Slack."""
    if not plan.recipients and not plan.slack_url:
        raise Invalid("recipients", _("Enter an e-mail address or a Slack webhook."))
    if len(plan.recipients) > MOST_RECIPIENTS:
        raise Invalid("recipients", _("Enter at most %(most)s addresses.") % {"most": MOST_RECIPIENTS})
    if plan.recipients and not mail.can_send():
        raise Refused(_("System mail is not set up, so reports cannot be sent by e-mail."), code="no_mail")
    if plan.slack_url:
        place = locate(plan.slack_url)
        if place.scheme != "https" or place.host not in SLACK_HOSTS:
            raise Invalid("slack_url", _("Enter the address of a Slack incoming webhook: https://hooks.slack.com/…"))
    with transaction.atomic():
        row = ReportSchedule.objects.create(
            report=report, frequency=plan.frequency, hour=plan.hour, recipients=list(plan.recipients),
            slack_token=secrets.encrypt(plan.slack_url) if plan.slack_url else "",
            next_at=next_due(plan.frequency, plan.hour, ZoneInfo(report.time_zone), after=clock.now()),
        )  # fmt: skip
        data = {
            "schedule": row.pk,
            "frequency": plan.frequency,
            "recipients": len(plan.recipients),
            "slack": bool(plan.slack_url),
        }
        audit.record("report.scheduled", subject=report, actor=Actor.of(user), data=data)
    return row


def unschedule(*, row: ReportSchedule, user: User) -> None:
    """Send it no more."""
    with transaction.atomic():
        audit.record("report.unscheduled", subject=row.report, actor=Actor.of(user), data={"schedule": row.pk})
        row.delete()


def send_due() -> int:
    """Send every report whose time has come, each once; how many were sent."""
    sent = 0
    for pk in ReportSchedule.objects.filter(next_at__lte=clock.now()).order_by("next_at").values_list("pk", flat=True):
        sent += _send_one(pk)
    return sent


def _send_one(pk: int) -> bool:
    """Move its next time on before anything leaves: one that breaks is late rather than sent again and again."""
    now = clock.now()
    with transaction.atomic():
        row = (
            ReportSchedule.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("report__owner")
            .filter(pk=pk, next_at__lte=now)
            .first()
        )
        if row is None:
            return False
        row.next_at = next_due(row.frequency, row.hour, ZoneInfo(row.report.time_zone), after=now)
        row.save(update_fields=["next_at", "updated_at"])
    try:
        deliver(row)
    except OutreachError as error:
        logger.warning("report.not_sent", schedule=pk, error=str(error))
        again = {"next_at": min(row.next_at, now + RETRY)} if isinstance(error, Retryable) else {}
        ReportSchedule.objects.filter(pk=pk).update(error=str(error.reason), **again)
        return False
    ReportSchedule.objects.filter(pk=pk).update(sent_at=now, error="")
    return True


def deliver(row: ReportSchedule) -> None:
    """Send a report to everyone on its list. Raises what the mail server or Slack said."""
    owner = row.report.owner
    with translation.override(owner.language or settings.LANGUAGE_CODE):
        report = read(row.report)
        path = f"{reverse('reports:index')}?{row.report.query}"
        lines = told(report)
        for address in row.recipients:
            mail.send(
                "campaigns/sharing/mail/report.txt", to=address, language=owner.language or settings.LANGUAGE_CODE,
                subject=_("Report: %(name)s") % {"name": row.report.name}, path=path, name=row.report.name, lines=lines,
            )  # fmt: skip
        if row.slack_url:
            _to_slack(row.slack_url, row.report.name, lines, f"{settings.PUBLIC_BASE_URL}{path}")


def told(report: Report) -> list[str]:
    """The report in lines of text: everything together, then its largest lines."""
    lines = [_line(_("Total"), report.total)]
    lines += [_line(row.name, row) for row in report.rows[:SHOWN_LINES]]
    if len(report.rows) > SHOWN_LINES:
        lines.append(_("and %(number)s more") % {"number": len(report.rows) - SHOWN_LINES})
    return lines


def _line(name: str, row: Row) -> str:
    return _("%(name)s: %(sent)s contacted, %(replied)s replied, %(positive)s positive, %(booked)s booked") % {
        "name": name, "sent": row.sent, **{kind: row.results.get(kind, 0) for kind in ("replied", "positive", "booked")}
    }  # fmt: skip


def _to_slack(url: str, name: str, lines: Sequence[str], link: str) -> None:
    first, *rest = [_escaped(line) for line in lines]
    text = "\n".join(
        [f"*{_escaped(name)}*", first, *(f"• {line}" for line in rest), f"<{link}|{_('Open the report')}>"]
    )
    body: Mapping[str, str] = {"text": text}
    with caller() as fetcher:
        answer = fetcher.send(
            "POST", url, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
        )
    if answer.status != 200:
        reason = _("Slack answered %(status)s: %(text)s") % {"status": answer.status, "text": answer.text[:200]}
        raise (
            Retryable(reason) if answer.status == 429 or answer.status >= 500 else Refused(reason, code="slack_refused")
        )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
