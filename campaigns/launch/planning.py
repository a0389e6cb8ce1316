"""Create a campaign from a plan, and change the plan, also while the campaign runs."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from campaigns.audience.services import rejudge, take_everyone
from campaigns.journey import replanning
from campaigns.launch import timing
from campaigns.launch.plan import OF_STREAM, CampaignPlan
from campaigns.models import CAMPAIGN, Campaign
from campaigns.steps.plan import rewrite_steps, write_steps
from conversations.outbox import streams
from outreach.access.models import User
from outreach.core import audit
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

APPLIES_TO = ("in_flight", "new")
"""Who a change of a running campaign is for: everybody, or only those that nothing was sent to yet."""


def create_campaign(plan: CampaignPlan, *, created_by: User | None = None) -> Campaign:
    """A new campaign in `drafting` with its steps and its own paused stream.

    Raises `Invalid` naming the field that is wrong, also for a name that is taken.
    """
    plan = plan.checked()
    with transaction.atomic():
        stream = streams.create_stream(**plan.of_stream(), is_unsolicited=True)
        try:
            with transaction.atomic():
                campaign = Campaign.objects.create(stream=stream, created_by=created_by, **plan.columns())
        except IntegrityError as error:
            raise _name_taken() from error
        write_steps(campaign, plan.steps)
        actor = Actor.of(created_by) if created_by else Actor.system("campaigns")
        data = {"steps": len(plan.steps), "mode": plan.mode}
        audit.record("campaign.created", subject=campaign, actor=actor, data=data)
    return campaign


def edit_campaign(campaign: Campaign, plan: CampaignPlan, *, actor: Actor, applies_to: str = "") -> Campaign:
    """Change the plan. A step that has drafts keeps its channel and pack, since its texts were written for them.

    Another segment asks for matching again while nothing was sent; another brief judges the audience again, and without
    one everyone in it qualifies. Once the campaign runs, `applies_to` says who new delays, conditions, steps and hours
    are for: `in_flight` (everybody: planned follow-ups are planned again) or `new` (leads in flight keep the plan that
    they began with); the segment then stays.
    Raises `Invalid` naming the field, `Refused` once the campaign is over.
    """
    plan = plan.checked()
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).select_related("stream").get(pk=campaign.pk)
        is_running = locked.state in CAMPAIGN.running
        if locked.state in CAMPAIGN.over:
            raise Refused(_("This campaign has ended and cannot be changed. Create a new one."))
        if is_running:
            _check_running_edit(locked, plan, applies_to)
        if Campaign.objects.filter(name=plan.name).exclude(pk=locked.pk).exists():
            raise _name_taken()
        if locked.segment_version_id != plan.segment_version.pk:
            locked.audience_frozen_at = None
        brief_before, hours_before = locked.brief_id, (locked.stream.window, locked.stream.skips_holidays)
        for name, value in plan.columns().items():
            setattr(locked, name, value)
        locked.save()
        if locked.audience_frozen_at and brief_before != locked.brief_id:
            if locked.brief_id is None:
                take_everyone(campaign=locked, actor=actor)
            else:
                rejudge(campaign=locked, actor=actor)
        for name, value in plan.of_stream().items():
            setattr(locked.stream, name, value)
        locked.stream.save(update_fields=[*OF_STREAM, "updated_at"])
        keep = locked.plan_number if is_running and applies_to == "new" else None
        is_changed = rewrite_steps(locked, plan.steps, keep_for_plan=keep)
        data = {"steps": len(plan.steps), "applies_to": applies_to}
        audit.record("campaign.edited", subject=locked, actor=actor, data=data)
        if locked.is_ready:
            CAMPAIGN.move(locked, "drafting", actor=actor, reason=_("The plan was changed."))
        if is_running and is_changed:
            replanning.apply(locked, applies_to=applies_to)
        if is_running and hours_before != (locked.stream.window, locked.stream.skips_holidays):
            timing.follow_hours(locked, applies_to=applies_to, actor=actor)
    return locked


def _check_running_edit(campaign: Campaign, plan: CampaignPlan, applies_to: str) -> None:
    if applies_to not in APPLIES_TO:
        text = _(
            "The campaign is running. Choose whether the change also applies to leads in progress "
            "(in_flight) or only to new leads (new)."
        )
        raise Invalid("applies_to", text, code="missing")
    if campaign.segment_version_id != plan.segment_version.pk and campaign.mode == Campaign.Mode.ONCE:
        raise Invalid("segment", _("The campaign is running and its audience is frozen, so its segment cannot change."))
    if campaign.mode != plan.mode:
        raise Invalid("mode", _("The mode of a running campaign cannot change."))


def _name_taken() -> Invalid:
    return Invalid("name", _("A campaign with this name already exists."), code="name_taken")
