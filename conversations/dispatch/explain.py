"""“Why is this not sent?”, answered from the gate's own predicates and the claim's own budgets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from conversations.dispatch import gate
from conversations.dispatch.checks import CHECKS, Refusal, Text, moment_text
from conversations.models import MESSAGE, Message
from conversations.outbox import quotas
from conversations.senders import policy
from conversations.senders.deliverability.selectors import provider_of_address
from conversations.senders.models import Sender
from outreach.core.words import gettext as _
from outreach.limits import throttles, windows
from outreach.limits.calendars import in_words
from outreach.limits.models import Allowance
from outreach.limits.windows import Limits


@dataclass(frozen=True)
class CheckResult:
    """One check: whether it lets the message pass, and a sentence with its numbers."""

    name: str
    label: Text
    passed: bool
    sentence: str
    next_at: datetime | None = None
    """When a check that refuses now will let it pass, if time alone does it."""


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence that settled whether the message left."""

    at: datetime
    sentence: str


@dataclass(frozen=True)
class Explanation:
    message_id: int
    state: str
    summary: str
    is_sendable_now: bool
    next_at: datetime | None
    """The next moment at which it may leave as things stand; None: it needs a person, or it never will."""
    checks: list[CheckResult]
    evidence: list[Evidence] = field(default_factory=list)
    """What settled a doubt about it, oldest first."""
    timing: dict[str, Any] | None = None
    """The decision about its hours, as it was made when planned or at the gate."""

    @property
    def holding(self) -> list[CheckResult]:
        """The checks that hold it now."""
        return [check for check in self.checks if not check.passed]

    @property
    def passing(self) -> list[CheckResult]:
        return [check for check in self.checks if check.passed]


def explain(message: Message) -> Explanation:
    """Every check with verdict and sentence, for a message in any state. `message` is read again with its relations."""
    row = Message.objects.select_related("stream", "sender", "lead").get(pk=message.pk)
    if row.direction != Message.Direction.OUT or row.sender is None or row.stream is None:
        return Explanation(row.pk, row.state, _("This message was not planned here."), False, None, [])
    verdict = gate.examine(row)
    moment = verdict.now
    results = [_due(row, moment), *_budgets(row, moment)]
    for check in CHECKS:
        passed = verdict.passed[check.name]
        is_timed = not passed and check.refusal is Refusal.DEFER
        results.append(
            CheckResult(
                name=check.name,
                label=check.label,
                passed=passed,
                sentence=(check.passed if passed else check.refused)(verdict.facts),
                next_at=gate.next_time(verdict, check) if is_timed else None,
            )
        )
    refused = [result for result in results if not result.passed]
    is_waiting = row.is_waiting
    next_at = None
    if is_waiting and all(result.next_at for result in refused):
        next_at = max((result.next_at for result in refused if result.next_at), default=moment)
    return Explanation(
        message_id=row.pk,
        state=row.state,
        summary=_summary(row, refused, next_at),
        is_sendable_now=is_waiting and not refused,
        next_at=next_at,
        checks=results,
        evidence=settlements(row),
        timing=_readable(row.timing),
    )


def _readable(timing: dict[str, Any] | None) -> dict[str, Any]:
    """The hours as decided, with their windows in the reader's language."""
    if not timing:
        return {}
    quiet = [in_words(hours) for hours in timing.get("quiet_hours", ())]
    return {**timing, "window": in_words(timing.get("window", "")), "quiet_hours": quiet}


def settlements(row: Message) -> list[Evidence]:
    """What settled that the message left or did not, each with its proof."""
    rows = row.events.filter(Q(data__has_key="settles") | Q(data__has_key="found")).order_by("id")[:20]
    return [Evidence(event.occurred_at, _proof(event.kind, event.data)) for event in rows]


def _proof(kind: str, data: dict[str, Any]) -> str:
    if "settled_by" in data:
        return _("%(who)s says: %(reason)s") % {"who": data["settled_by"], "reason": data.get("reason", "")}
    if "found" in data:
        return _("Found at the carrier: %(detail)s") % {"detail": data["found"]}
    if "not_found" in data:
        return _("The carrier does not have it: %(detail)s") % {"detail": data["not_found"]}
    if data.get("source") == "twilio":
        return _("Twilio reported it as “%(status)s”.") % {"status": data.get("status", kind)}
    if kind == "bounced":
        return _("A bounce refers to it: %(reason)s") % {"reason": data.get("reason") or data.get("code") or "–"}
    if kind == "replied":
        return _("The person replied to it.")
    return _("Reported as “%(kind)s”.") % {"kind": MESSAGE.states[kind].label if kind in MESSAGE.states else kind}


def _due(row: Message, now: datetime) -> CheckResult:
    at = row.scheduled_at
    passed = at is not None and at <= now
    sentence = _("It was due on %(at)s.") if passed else _("It is planned for %(at)s.")
    return CheckResult("due", _("Due"), passed, sentence % {"at": moment_text(at)}, None if passed else at)


def _budgets(row: Message, now: datetime) -> list[CheckResult]:
    assert row.sender is not None and row.stream is not None
    rows = {
        allowance.key: allowance
        for allowance in Allowance.objects.filter(
            key__in=[quotas.sender_key(row.sender.pk), quotas.stream_key(row.stream.pk)]
        )
    }
    usage = rows[key].usage if (key := quotas.sender_key(row.sender.pk)) in rows else {}
    results = [
        _allowance(row.sender, usage, now),
        _budget(
            "sender_budget",
            _("Sender's budget"),
            rows.get(quotas.sender_key(row.sender.pk)),
            policy.limits(row.sender, usage, now),
            now,
        ),
    ]
    if row.stream.daily_cap is not None:
        caps = Limits(daily=row.stream.daily_cap)
        results.append(
            _budget("stream_budget", _("Stream's budget"), rows.get(quotas.stream_key(row.stream.pk)), caps, now)
        )
    results += _mail_provider(row, usage, now)
    results += _working_time(row.sender, usage, now)
    return results


def _allowance(sender: Sender, usage: windows.Usage, now: datetime) -> CheckResult:
    """The minimum that makes today's allowance; a cap of zero needs a person."""
    allowance = policy.daily_allowance(sender, usage, now)
    numbers = "; ".join(f"{part.label}: {part.number}" for part in policy.parts(sender, usage, now))
    if allowance:
        sentence = _("%(allowance)s in 24 hours (%(parts)s).") % {"allowance": allowance, "parts": numbers}
    else:
        sentence = _("It cannot send: its allowance is zero (%(parts)s).") % {"parts": numbers}
    return CheckResult("sender_allowance", _("Sender's allowance"), allowance > 0, sentence)


def _mail_provider(row: Message, usage: windows.Usage, now: datetime) -> list[CheckResult]:
    """The bucket of the recipient's mail provider, while it is slowed down."""
    assert row.sender is not None
    slowed = policy.group_throttles(row.sender, usage, now)
    if not slowed:
        return []
    provider = provider_of_address(row.address)
    throttle = slowed.get(provider)
    if throttle is None:
        return [
            CheckResult(
                "mail_provider",
                _("Mail provider"),
                True,
                _("%(provider)s is not slowed down.") % {"provider": provider},
            )
        ]
    has_room = throttles.room(throttle, now) > 0
    return [
        CheckResult(
            "mail_provider",
            _("Mail provider"),
            has_room,
            _("%(rate)s an hour to %(provider)s at the moment, %(full)s at full pace.")
            % {
                "rate": round(throttles.rate(throttle, now), 1),
                "provider": provider,
                "full": round(throttle.full_per_hour),
            },
            None if has_room else throttles.free_at(throttle, now),
        )
    ]


def _working_time(sender: Sender, usage: windows.Usage, now: datetime) -> list[CheckResult]:
    next_at = policy.next_working(sender, now)
    if next_at == now:
        return []
    window, zone = policy.hours(sender)
    sentence = _("%(sender)s works %(hours)s (%(zone)s).") % {
        "sender": sender.name,
        "hours": window,
        "zone": sender.time_zone,
    }
    if sender.has_workday:
        day = policy.workday_of(sender, usage, now.astimezone(zone).date(), now)
        today = " ".join(day.sentences()) if day else _("Not working today.")
        sentence = f"{sentence} {today}"
    return [CheckResult("working_hours", _("Sender's working hours"), False, sentence, next_at)]


def _budget(name: str, label: str, allowance: Allowance | None, caps: Limits, now: datetime) -> CheckResult:
    usage = allowance.usage if allowance else {}
    numbers = "; ".join(
        _("%(used)s of %(cap)s in the last %(span)s")
        % {"used": windows.used(usage, span, now), "cap": cap, "span": span.label}
        for span, cap in caps.caps()
    )
    room = windows.room(usage, caps, now)
    held_until = allowance.next_at if allowance and allowance.next_at and allowance.next_at > now else None
    free_at = windows.all_free_at(usage, caps, now) if room == 0 else None
    if held_until:
        sentence = _("%(numbers)s; the next one after %(at)s.") % {
            "numbers": numbers,
            "at": moment_text(held_until),
        }
    elif room == 0:
        sentence = _("Used up: %(numbers)s. Available again on %(at)s.") % {
            "numbers": numbers,
            "at": moment_text(free_at),
        }
    else:
        sentence = f"{numbers}."
    moments = [at for at in (held_until, free_at) if at]
    return CheckResult(name, label, not held_until and room != 0, sentence, max(moments, default=None))


def _summary(row: Message, refused: list[CheckResult], next_at: datetime | None) -> str:
    label = MESSAGE.states[row.state].label
    if row.has_left:
        return _("It was sent on %(at)s.") % {"at": moment_text(row.sent_at)}
    if row.is_waiting:
        if not refused:
            return _("Nothing is holding it. It will be sent shortly.")
        if next_at:
            return _("Waiting: %(reason)s Earliest time: %(at)s.") % {
                "reason": refused[0].sentence,
                "at": moment_text(next_at),
            }
        blocking = next((result for result in refused if result.next_at is None), refused[0])
        return _("It won't be sent: %(reason)s") % {"reason": blocking.sentence}
    if row.is_unknown:
        return _("Not known whether it was sent: %(reason)s Check the mailbox or the provider, then settle it.") % {
            "reason": row.error or "–"
        }
    return f"{label}: {row.error}" if row.error else str(label)


def why(message: Message, now: datetime) -> str:
    """Why a message is in its state. A hold whose time has passed no longer counts."""
    sender = message.sender
    if message.is_waiting and sender is not None and not sender.is_sending:
        reason = sender.state_reason or str(sender.get_state_display())
        return _("%(sender)s is not active: %(reason)s") % {"sender": sender.name, "reason": reason}
    if message.is_deferred and message.scheduled_at and message.scheduled_at <= now:
        return _("It is due and will be sent as its sender's hours and caps allow.")
    return message.error
