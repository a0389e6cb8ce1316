"""Reads over senders: what each may still do today, and why not more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise

from conversations.outbox import quotas
from conversations.senders import assigning, checks, health, policy, warmup, workday
from conversations.senders.deliverability.mail_providers import PROVIDERS
from conversations.senders.health import Health
from conversations.senders.models import Sender
from conversations.senders.policy import Part
from conversations.senders.workday import Workday
from leads.models import Channel
from outreach.core.words import gettext as _
from outreach.limits import throttles, windows
from outreach.limits.models import Allowance


@dataclass(frozen=True)
class Budget:
    """How much of one cap is used."""

    span: str
    used: int
    cap: int


@dataclass(frozen=True)
class ProviderRow:
    """What a sender may write to one mail provider at present; rates an hour."""

    name: str
    is_slowed: bool
    per_hour: float
    full_per_hour: float
    room: int | None
    next_at: datetime | None
    slowed_at: datetime | None


@dataclass(frozen=True)
class RampDay:
    """One used day of the warm-up: `is_done` before today, `is_today` now."""

    number: int
    allowance: int
    is_done: bool
    is_today: bool


@dataclass(frozen=True)
class SenderRow:
    sender: Sender
    budgets: list[Budget]
    allowance: int
    planned: int
    next_at: datetime | None


@dataclass(frozen=True)
class Overview:
    """One sender as its page, the API and the command show it."""

    sender: Sender
    allowance: int
    left: int
    parts: list[Part]
    budgets: list[Budget]
    next_at: datetime | None
    next_reason: str
    planned: int
    health: Health
    providers: list[ProviderRow]
    ramp: list[RampDay]
    warnings: list[str]

    @property
    def deciding(self) -> Part:
        """The part that is the smallest, the first of several."""
        return min(self.parts, key=lambda part: part.number)


def allowance_rows(senders: list[Sender]) -> dict[int, Allowance]:
    """Sender id → its locked row, where there is one."""
    keys = {quotas.sender_key(sender.pk): sender.pk for sender in senders}
    return {keys[row.key]: row for row in Allowance.objects.filter(key__in=keys)}


def sender_rows(now: datetime) -> list[SenderRow]:
    """All senders with what they used of their caps; three queries."""
    senders = list(Sender.objects.all())
    rows, planned = allowance_rows(senders), assigning.planned_counts([sender.pk for sender in senders])
    found = []
    for sender in senders:
        row = rows.get(sender.pk)
        usage = row.usage if row else {}
        found.append(
            SenderRow(
                sender,
                budgets(sender, usage, now),
                policy.daily_allowance(sender, usage, now),
                planned.get(sender.pk, 0),
                next_possible(sender, row, now)[0],
            )
        )
    return found


def budgets(sender: Sender, usage: windows.Usage, now: datetime) -> list[Budget]:
    """What `usage` means against the caps of `sender`."""
    return [
        Budget(span.label, windows.used(usage, span, now), cap)
        for span, cap in policy.limits(sender, usage, now).caps()
    ]


def overview(sender: Sender, now: datetime) -> Overview:
    """Everything that decides what `sender` may do; two queries."""
    row = allowance_rows([sender]).get(sender.pk)
    usage = row.usage if row else {}
    allowance = policy.daily_allowance(sender, usage, now)
    next_at, reason = next_possible(sender, row, now)
    return Overview(
        sender=sender,
        allowance=allowance,
        left=max(0, allowance - windows.used(usage, windows.DAY, now)),
        parts=policy.parts(sender, usage, now),
        budgets=budgets(sender, usage, now),
        next_at=next_at,
        next_reason=reason,
        planned=assigning.planned_counts([sender.pk]).get(sender.pk, 0),
        health=health.judge(sender.channel, health.figures_from_json(sender.health)),
        providers=provider_rows(sender, usage, now),
        ramp=ramp_days(sender, usage, now),
        warnings=checks.warnings(sender, now),
    )


def next_possible(sender: Sender, row: Allowance | None, now: datetime) -> tuple[datetime | None, str]:
    """When the next message may leave `sender` as things stand (None: a person must act), and what holds it until then."""
    usage = row.usage if row else {}
    if not sender.is_sending:
        return None, sender.state_reason or str(sender.get_state_display())
    limits = policy.limits(sender, usage, now)
    free_at = windows.all_free_at(usage, limits, now)
    if free_at is None:
        return None, _("A cap or today's allowance is zero.")
    moment, reason = now, _("Nothing is holding it.")
    if free_at > moment:
        moment, reason = free_at, _("A cap is used up.")
    if row and row.next_at and row.next_at > moment:
        moment, reason = row.next_at, _("The gap after the last message, or a carrier asked to slow down.")
    works_at = policy.next_working(sender, moment)
    if works_at is None:
        return None, _("No working hours within two weeks.")
    if works_at > moment:
        moment, reason = works_at, _("Outside its working hours.")
    return moment, reason


def provider_rows(sender: Sender, usage: windows.Usage, now: datetime) -> list[ProviderRow]:
    """The mail providers and what may go to each; empty for what is not e-mail."""
    if sender.channel != Channel.EMAIL:
        return []
    present = policy.group_throttles(sender, usage, now)
    found = []
    for name in PROVIDERS:
        throttle, full = present.get(name), policy.full_rate(sender, name)
        if throttle is None:
            found.append(ProviderRow(name, False, full, full, None, None, None))
            continue
        found.append(
            ProviderRow(
                name,
                not throttles.is_recovered(throttle, now),
                round(throttles.rate(throttle, now), 1),
                throttle.full_per_hour,
                throttles.room(throttle, now),
                throttles.free_at(throttle, now),
                throttle.slowed_at,
            )
        )
    return found


def ramp_days(sender: Sender, usage: windows.Usage, now: datetime) -> list[RampDay]:
    """The warm-up curve and its current position; empty without one."""
    ramp = policy.ramp(sender)
    if ramp is None:
        return []
    done = warmup.completed(warmup.from_json(usage.get("warmup")), policy.today(sender, now))
    curve = warmup.curve(ramp)
    at = min(done, len(curve) - 1)
    return [RampDay(number + 1, count, number < at, number == at) for number, count in enumerate(curve)]


@dataclass(frozen=True)
class WorkdayView:
    """One day of a sender: the day, its pieces of work and when messages would leave, on the sender's wall clock."""

    day: date
    workday: Workday | None
    sends: list[datetime]
    allowance: int
    is_enforced: bool
    hours: str
    has_hours: bool
    time_zone: str | Promise

    @property
    def times(self) -> list[str]:
        """When messages would leave, as the sender's clock shows it."""
        return [f"{moment:%H:%M:%S}" for moment in self.sends]

    @property
    def by_hour(self) -> list[tuple[int, int]]:
        """(hour, messages) from the first to the last hour of the working hours."""
        if self.workday is None:
            return []
        first, last = self.workday.start // 60, -(-self.workday.end // 60)
        return [(hour, sum(moment.hour == hour for moment in self.sends)) for hour in range(first, last)]


def workday_view(sender: Sender, day: date, now: datetime) -> WorkdayView:
    """The workday of `sender` on `day`, as it is or (for one that has none) as it would be; one query."""
    row = allowance_rows([sender]).get(sender.pk)
    window, zone = policy.hours(sender)
    allowance = policy.daily_allowance(sender, row.usage if row else {}, now)
    mailbox = policy.mailbox(sender, allowance)
    found = None if window.is_always else workday.workday(mailbox, day)
    sends = [] if found is None else workday.expected_sends(mailbox, zone, day)
    return WorkdayView(
        day=day,
        workday=found,
        sends=[moment.astimezone(zone) for moment in sends],
        allowance=allowance,
        is_enforced=sender.has_workday,
        hours=str(window),
        has_hours=not window.is_always,
        time_zone=sender.time_zone,
    )


def others(sender: Sender, *, tag: str) -> list[Sender]:
    """The senders that can take over from `sender`: of the pool `tag`, or all on its channel when `tag` is empty."""
    found = (
        assigning.pool(tag=tag, channel=sender.channel) if tag else list(Sender.objects.filter(channel=sender.channel))
    )
    return [other for other in found if other.pk != sender.pk]


def week_of(day: date) -> list[date]:
    """The seven days from Monday on that hold `day`."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]
