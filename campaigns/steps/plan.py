"""The steps of a campaign as a person plans them: checked in words, written, and changed with care for who is in flight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.models import CAMPAIGN, Campaign
from campaigns.steps.models import TIMING, Step
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.core.errors import Invalid, Refused
from outreach.core.words import gettext as _
from outreach.prompts.models import PackVersion

MAX_DELAY = 365
MAX_STEPS = 20
ASKS_NETWORK = (Step.Condition.CONNECTED, Step.Condition.NOT_CONNECTED)


@dataclass(frozen=True)
class StepPlan:
    """One step of the sequence, as a person plans it. `delay_days` are working days after the previous step.

    A message or connection request has a channel, a sender (and a `pool`: a tag of senders to take turns) and a pack; a
    task has instructions instead. `condition` asks about `condition_step`, or the step before.
    """

    channel: str = ""
    sender: Sender | None = None
    pack_version: PackVersion | None = None
    delay_days: int = 0
    is_in_thread: bool = True
    action: str = Step.Action.MESSAGE
    pool: str = ""
    instructions: str = ""
    condition: str = Step.Condition.ALWAYS
    condition_step: int | None = None

    @property
    def is_task(self) -> bool:
        return self.action == Step.Action.TASK


def check_steps(steps: Sequence[StepPlan]) -> None:
    """Raise `Invalid("steps", …)` naming the step and what is wrong with it."""
    if not steps:
        raise Invalid("steps", _("A campaign needs at least one step."))
    if len(steps) > MAX_STEPS:
        raise Invalid("steps", _("A campaign can have at most %(count)s steps.") % {"count": MAX_STEPS})
    for number, step in enumerate(steps, 1):
        fault = _fault(number, step, steps)
        if fault:
            raise Invalid("steps", _("Step %(number)s: %(fault)s") % {"number": number, "fault": fault})
    if all(step.is_task for step in steps):
        raise Invalid("steps", _("A campaign needs at least one message."))


def _fault(number: int, step: StepPlan, steps: Sequence[StepPlan]) -> str:
    if step.action not in Step.Action.values:
        return _("Unknown step type “%(action)s”. Use message, connect or task.") % {"action": step.action}
    if isinstance(step.delay_days, bool) or not 0 <= step.delay_days <= MAX_DELAY:
        return _("its delay of %(days)s working days must be between 0 and %(most)s.") % {
            "days": step.delay_days,
            "most": MAX_DELAY,
        }
    if fault := _fault_of_condition(number, step, steps):
        return fault
    if step.is_task:
        return "" if step.instructions.strip() else _("enter what the person should do.")
    if step.sender is None:
        return _("choose a sender.")
    if step.pack_version is None:
        return _("choose a prompt pack.")
    if step.sender.channel != step.channel:
        return _("it uses %(channel)s, but “%(sender)s” is a sender for another channel.") % {
            "channel": step.channel,
            "sender": step.sender,
        }
    if step.pack_version.channel != step.channel:
        return _("it uses %(channel)s, but the prompt pack “%(pack)s” is for another channel.") % {
            "channel": step.channel,
            "pack": step.pack_version.name,
        }
    if step.action == Step.Action.CONNECT and step.channel != Channel.NETWORK:
        return _("a connection request needs a professional network, but its sender is for another channel.")
    if step.pool and not Sender.objects.filter(channel=step.channel, tags__contains=[step.pool]).exists():
        return _("no sender for its channel has the tag “%(tag)s”.") % {"tag": step.pool}
    return ""


def _fault_of_condition(number: int, step: StepPlan, steps: Sequence[StepPlan]) -> str:
    if step.condition not in Step.Condition.values:
        return _("unknown condition “%(condition)s”. Use one of: %(known)s.") % {
            "condition": step.condition,
            "known": ", ".join(Step.Condition.values),
        }
    if step.condition == Step.Condition.ALWAYS:
        return ""
    if number == 1:
        return _("the first step cannot have a condition because no step comes before it.")
    asked = step.condition_step or number - 1
    if asked < 1 or asked > len(steps):
        return _("its condition depends on step %(asked)s, which doesn't exist.") % {"asked": asked}
    if asked >= number:
        return _("its condition depends on step %(asked)s, which comes later.") % {"asked": asked}
    if step.condition in ASKS_NETWORK:
        if not any(before.action == Step.Action.CONNECT for before in steps[: number - 1]):
            return _("its condition depends on a connection, but no earlier step requests one.")
    elif steps[asked - 1].is_task:
        return _("its condition depends on step %(asked)s, which is a task, not a message.") % {"asked": asked}
    return ""


def write_steps(campaign: Campaign, steps: Sequence[StepPlan]) -> None:
    """The steps of a new campaign."""
    Step.objects.bulk_create(_filled(Step(campaign=campaign, number=n), plan) for n, plan in enumerate(steps, 1))


def _filled(step: Step, plan: StepPlan) -> Step:
    step.action, step.channel = plan.action, plan.channel if not plan.is_task else ""
    step.sender = None if plan.is_task else plan.sender
    step.pack_version = None if plan.is_task else plan.pack_version
    step.pool = "" if plan.is_task else plan.pool.strip()
    step.instructions = plan.instructions.strip() if plan.is_task else ""
    step.delay_days = 0 if step.number == 1 else plan.delay_days
    step.is_in_thread = step.number > 1 and plan.is_in_thread and not plan.is_task
    step.condition = plan.condition
    step.condition_step = plan.condition_step if plan.condition != Step.Condition.ALWAYS else None
    return step


def rewrite_steps(campaign: Campaign, steps: Sequence[StepPlan], *, keep_for_plan: int | None = None) -> bool:
    """Update steps in place, so that drafts keep theirs; whether anything changed.

    A step with drafts is neither dropped nor re-purposed. With `keep_for_plan` the old values stay for the leads on
    that plan (and on earlier ones), and new steps begin with the next.
    """
    existing: dict[int, Step] = {step.number: step for step in campaign.steps.all()}
    written = set(campaign.steps.filter(drafts__isnull=False).values_list("pk", flat=True).distinct())
    is_changed = False
    for number, plan in enumerate(steps, 1):
        step = existing.pop(number, None)
        before: dict[str, Any] | None = step.timing() if step is not None else None
        if step is None:
            step = Step(campaign=campaign, number=number, since_plan=(keep_for_plan or 0) + 1)
        elif step.pk in written and (step.action, step.channel, step.pack_version_id) != (
            plan.action,
            plan.channel,
            plan.pack_version.pk if plan.pack_version else None,
        ):
            raise Refused(
                _("Step %(number)s already has drafts, so its channel and prompt pack cannot change.")
                % {"number": number}
            )
        _filled(step, plan)
        if before is None:
            is_changed = True
        elif before != step.timing():
            is_changed = True
            if keep_for_plan is not None:
                step.past = [*step.past, {"until": keep_for_plan, **{name: before[name] for name in TIMING}}]
        step.save()
    for step in existing.values():
        if step.pk in written:
            raise Refused(_("Step %(number)s already has drafts and cannot be removed.") % {"number": step.number})
        if keep_for_plan is not None and campaign.state in CAMPAIGN.running:
            raise Refused(
                _("Step %(number)s cannot be removed for new leads only while the campaign is running.")
                % {"number": step.number}
            )
        step.delete()
        is_changed = True
    return is_changed
