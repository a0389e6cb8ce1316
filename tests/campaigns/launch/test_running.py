"""A campaign that runs: pause and resume to the message, completion, and plans that change under way."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from campaigns.journey import turns
from campaigns.journey.advancing import hand_over
from campaigns.journey.models import Turn
from campaigns.launch import checks as preflight
from campaigns.launch import services
from campaigns.models import Campaign
from campaigns.reactions.subscribers import on_message_sent
from campaigns.steps.models import Step
from campaigns.steps.plan import StepPlan
from conversations.dispatch import claiming, gate
from conversations.dispatch.sending import send_due
from conversations.models import Message
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.events.models import Event
from outreach.jobs.draining import drain
from outreach.prompts.services import current
from tests.campaigns.factories import (
    change_plan,
    make_campaign,
    make_candidate,
    make_segment_version,
    make_sender,
    plan_campaign,
)
from tests.campaigns.texts import make_draft, mark_sent

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def campaign():
    return make_campaign(steps=("first-contact-email", "first-contact-email"), audience_frozen_at="2026-01-01T00:00Z")


def start(campaign):
    services.start(campaign=campaign, actor=ACTOR)
    drain("default")
    campaign.refresh_from_db()


def email_plan(campaign, *, delay_days=3, steps=2, **fields):
    """The plan of `campaign` as it stands, with another delay of its follow-ups."""
    rows = list(campaign.steps.order_by("number"))
    pack = current("first-contact-email")
    plans = [
        StepPlan("email", row.sender, pack, delay_days if row.number > 1 else 0, **fields if row.number > 1 else {})
        for row in rows
    ]
    plans += [StepPlan("email", rows[0].sender, pack, delay_days)] * (steps - len(plans))
    return {
        "campaign": campaign,
        "actor": ACTOR,
        "name": campaign.name,
        "segment_version": campaign.segment_version,
        "steps": plans,
        "goal": campaign.goal,
        "offer": campaign.offer,
        "offer_translations": campaign.offer_translations,
    }


class TestPauseAndResume:
    @pytest.mark.django_db(transaction=True)
    def test_a_pause_in_the_middle_of_a_batch_loses_and_doubles_nothing(self, campaign):
        for _n in range(6):
            make_draft(make_candidate(campaign, stage="approved"))
        start(campaign)
        sender = campaign.steps.get(number=1).sender
        claimed = claiming.claim(sender, 6)
        assert len(claimed) == 6
        for message in claimed[:2]:
            assert gate.pass_gate(message)
        services.pause(campaign=campaign, actor=ACTOR)
        for message in claimed[2:]:
            assert not gate.pass_gate(message)
            verdict = gate.examine(message)
            assert verdict.refused_by.name == "stream_active"
            gate.refuse(message, verdict, verdict.refused_by)
        states = sorted(Message.objects.values_list("state", flat=True))
        assert states == ["scheduled"] * 4 + ["sending"] * 2
        Message.objects.filter(state="sending").update(state="sent", sent_at=clock.now(), claim_token=None)
        send_due(channels=("email",))
        assert Message.objects.filter(state="sent").count() == 2
        services.resume(campaign=campaign, actor=ACTOR)
        drain("default")
        Message.objects.filter(state="scheduled").update(scheduled_at=clock.now() - timedelta(seconds=1))
        send_due(channels=("email",))
        assert Message.objects.count() == 6
        assert not Message.objects.exclude(attempts=1).exists()
        assert not Message.objects.filter(state__in=("scheduled", "claimed", "sending")).exists()

    def test_what_became_due_leaves_in_its_old_order_from_now_on(self, campaign):
        with time_machine.travel(MONDAY, tick=False):
            for _n in range(3):
                make_draft(make_candidate(campaign, stage="approved"))
            start(campaign)
            ids = list(Message.objects.order_by("pk").values_list("pk", flat=True))
            Message.objects.filter(pk=ids[2]).update(scheduled_at=MONDAY - timedelta(hours=1))
            services.pause(campaign=campaign, actor=ACTOR)
        with time_machine.travel(MONDAY + timedelta(days=5), tick=False):
            services.resume(campaign=campaign, actor=ACTOR)
            rows = list(Message.objects.order_by("scheduled_at").values_list("pk", "scheduled_at"))
            now = clock.now()
        assert [pk for pk, _at in rows] == [ids[2], ids[0], ids[1]]
        assert [at for _pk, at in rows] == [now + timedelta(seconds=n) for n in range(3)]

    def test_what_is_due_later_keeps_its_time(self, campaign):
        make_draft(make_candidate(campaign, stage="approved"))
        campaign.start_at = clock.now() + timedelta(days=4)
        campaign.save()
        start(campaign)
        services.pause(campaign=campaign, actor=ACTOR)
        services.resume(campaign=campaign, actor=ACTOR)
        assert Message.objects.get().scheduled_at == campaign.start_at

    def test_a_condition_waits_for_the_resume(self, campaign):
        campaign.steps.filter(number=2).update(condition="not_opened")
        candidate = make_candidate(campaign, stage="approved", time_zone="UTC")
        make_draft(candidate), make_draft(candidate, step=2)
        with time_machine.travel(MONDAY, tick=False):
            start(campaign)
            sent(Message.objects.get())
            services.pause(campaign=campaign, actor=ACTOR)
        with time_machine.travel(MONDAY + timedelta(days=9), tick=False):
            assert turns.look_at_due() == 0
            services.resume(campaign=campaign, actor=ACTOR)
            assert turns.look_at_due() == 1
        assert Message.objects.count() == 2


def sent(message):
    mark_sent(message)
    on_message_sent(Event(kind="message.sent", payload={"message_id": message.pk}, at=clock.now()))
    return message


class TestCompletion:
    @pytest.fixture
    def running(self, campaign):
        candidate = make_candidate(campaign, stage="approved", time_zone="UTC")
        make_draft(candidate)
        make_draft(candidate, step=2)
        start(campaign)
        return campaign

    def test_not_before_the_follow_up_was_sent(self, running):
        sent(Message.objects.get())
        assert services.complete_finished() == 0
        sent(Message.objects.get(draft__step__number=2))
        assert services.complete_finished() == 1

    @pytest.mark.parametrize("state", ["skipped", "unknown", "deferred", "claimed"])
    def test_not_while_a_message_waits_for_anything(self, running, state):
        sent(Message.objects.get())
        Message.objects.filter(draft__step__number=2).update(state=state)
        assert services.complete_finished() == 0

    def test_not_while_a_condition_or_task_waits(self, running):
        running.steps.filter(number=2).update(condition="not_opened")
        sent(Message.objects.get())
        assert services.complete_finished() == 0
        Turn.objects.update(state="open")
        assert services.complete_finished() == 0

    def test_not_while_a_job_is_at_it(self, running):
        from outreach.jobs.services import start_job

        sent(Message.objects.get())
        sent(Message.objects.get(draft__step__number=2))
        job = start_job(kind="campaign.generate_drafts", task="campaigns.review.tasks.generate", subject=running)
        assert services.complete_finished() == 0
        job.delete()
        assert services.complete_finished() == 1

    def test_a_daily_campaign_never_ends_by_itself(self, running):
        sent(Message.objects.get())
        sent(Message.objects.get(draft__step__number=2))
        Campaign.objects.update(mode="daily")
        assert services.complete_finished() == 0


def test_a_segment_with_nobody_in_it_is_said_in_words():
    campaign = make_campaign(audience_frozen_at="2026-01-01T00:00Z")
    with pytest.raises(Refused) as error:
        services.start(campaign=campaign, actor=ACTOR)
    assert "The segment has no matches" in error.value.reason
    make_candidate(campaign, stage="excluded")
    with pytest.raises(Refused) as error:
        services.start(campaign=campaign, actor=ACTOR)
    assert "The audience is empty" in error.value.reason


class TestEditsUnderWay:
    @pytest.fixture
    def running(self, campaign):
        """One lead in flight (a follow-up in three days) and one to whom nothing was sent."""
        with time_machine.travel(MONDAY, tick=False):
            self.flying = make_candidate(campaign, stage="approved", time_zone="UTC")
            for step in (1, 2):
                make_draft(self.flying, step=step)
            start(campaign)
            sent(Message.objects.get())
            self.new = make_candidate(campaign, stage="approved", time_zone="UTC")
            self.drafts = [make_draft(self.new, step=step) for step in (1, 2)]
        return campaign

    def edit(self, running, **fields):
        with time_machine.travel(MONDAY + timedelta(hours=1), tick=False):
            change_plan(**fields)
            drain("default")
        running.refresh_from_db()

    def follow_up_of_new(self):
        with time_machine.travel(MONDAY, tick=False):
            sent(hand_over(self.drafts[0]))
        return Message.objects.get(lead=self.new.lead, draft__step__number=2, state="scheduled")

    def test_it_must_be_said_whom_a_change_is_for(self, running):
        with pytest.raises(Invalid) as error:
            change_plan(**email_plan(running, delay_days=7))
        assert error.value.field == "applies_to"

    def test_for_new_leads_only(self, running):
        before = Message.objects.get(draft__step__number=2)
        self.edit(running, **email_plan(running, delay_days=7), applies_to="new")
        after = Message.objects.get(draft__step__number=2)
        assert (after.pk, after.state, after.scheduled_at) == (before.pk, "scheduled", before.scheduled_at)
        days = (self.follow_up_of_new().scheduled_at - MONDAY).days
        assert days == 9  # seven working days
        self.flying.refresh_from_db()
        assert (self.flying.plan_number, running.plan_number) == (1, 2)

    def test_for_leads_in_flight_too(self, running):
        old = Message.objects.get(draft__step__number=2)
        self.edit(running, **email_plan(running, delay_days=7), applies_to="in_flight")
        old.refresh_from_db()
        new = Message.objects.get(draft__step__number=2)
        assert (old.state, new.lead_id) == ("cancelled", self.flying.lead_id)
        assert (new.scheduled_at - MONDAY).days == 9
        assert new.planned_at == MONDAY
        assert (self.follow_up_of_new().scheduled_at - MONDAY).days == 9

    def test_a_condition_for_leads_in_flight_unplans_what_was_planned(self, running):
        planned = Message.objects.get(draft__step__number=2)
        self.edit(running, **email_plan(running, condition="opened"), applies_to="in_flight")
        planned.refresh_from_db()
        assert planned.state == "cancelled"
        assert Turn.objects.get().state == "waiting"

    def test_what_was_sent_is_never_planned_again(self, running):
        sent(Message.objects.get(draft__step__number=2))
        self.edit(running, **email_plan(running, delay_days=7), applies_to="in_flight")
        assert Message.objects.count() == 2

    def test_a_new_step_for_new_leads_only_is_none_for_those_in_flight(self, running):
        self.edit(running, **email_plan(running, steps=3), applies_to="new")
        third = Step.objects.get(campaign=running, number=3)
        self.flying.refresh_from_db()
        assert third.as_of(self.flying.plan_number) is None
        assert third.as_of(None) == third

    def test_a_frozen_audience_keeps_its_segment(self, running):
        fields = email_plan(running) | {"segment_version": make_segment_version()}
        with pytest.raises(Invalid) as error:
            change_plan(**fields, applies_to="new")
        assert error.value.field == "segment"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone", "time zone"),
        ({"daily_cap": 0}, "daily_cap", "zero"),
        ({"daily_limit": 0}, "daily_limit", "zero"),
        ({"mode": "hourly"}, "mode", "mode"),
        ({"window": {"days": [0], "start": "17:00", "end": "09:00"}}, "window", "never opens"),
        ({"offer_translations": {"ru": "An English offer"}}, "offer_translations", "not written in that language"),
        ({"sources": [{"adapter": "nowhere"}]}, "sources", "Source 1"),
        ({"step": {"delay_days": -1}}, "steps", "-1"),
        ({"step": {"condition": "opened", "condition_step": 7}}, "steps", "doesn't exist"),
        ({"step": {"condition": "opened", "condition_step": 2}}, "steps", "comes later"),
        ({"step": {"condition": "connected"}}, "steps", "connection"),
        ({"step": {"condition": "yawned"}}, "steps", "unknown condition"),
        ({"step": {"pool": "nobody"}}, "steps", "nobody"),
        ({"step": {"action": "task"}}, "steps", "what the person should do"),
        ({"first": {"condition": "opened"}}, "steps", "no step comes before it"),
    ],
)
def test_bad_plans_are_refused_in_words_when_they_are_saved(fields, field, words):
    pack = current("first-contact-email")
    first, second = fields.pop("first", {}), fields.pop("step", {})
    steps = [StepPlan("email", make_sender(), pack, **first), StepPlan("email", make_sender(), pack, **second)]
    with pytest.raises(Invalid) as error:
        plan_campaign(name="Spring", segment_version=make_segment_version(), steps=steps, **fields)
    assert error.value.field == field
    assert words in error.value.reason
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("channel", "hours", "window", "opens"),
    [
        (
            "email",
            {"days": [0, 1, 2, 3, 4]},
            {"days": [6], "start": "13:00"},
            True,
        ),  # Monday in the east is Sunday here
        ("email", {"days": [0, 1, 2]}, {"days": [4, 5]}, False),
        ("email", {"days": [0], "start": "09:00", "end": "17:00"}, {"days": [0], "start": "22:00"}, True),
        ("sms", {}, {"start": "21:00", "end": "23:00"}, False),  # quiet hours
        ("sms", {}, {"start": "19:00", "end": "23:00"}, True),
        ("email", {}, {"start": "21:00", "end": "23:00"}, True),
    ],
)
def test_a_window_that_never_meets_a_senders_hours_is_said_when_it_is_saved(channel, hours, window, opens, settings):
    settings.OUTREACH.delivery.quiet_hours.is_enforced = True
    sender = make_sender(channel, name="Ann", working_hours=hours)
    steps = [StepPlan(channel, sender, current(f"first-contact-{channel}"))]
    plan = {"name": "Spring", "segment_version": make_segment_version(), "steps": steps}
    campaign = plan_campaign(**plan) if not opens else plan_campaign(**plan, window=window)
    if opens:
        return
    with pytest.raises(Invalid) as error:
        change_plan(campaign=campaign, actor=ACTOR, **plan, window=window)
    assert (error.value.field, error.value.code) == ("window", "window_never_opens")
    assert "“Ann” works" in error.value.reason
    campaign.stream.window = window  # as when the sender's hours changed later
    campaign.stream.save()
    assert any(p.place == "window" and p.is_blocking for p in preflight.check(campaign))
