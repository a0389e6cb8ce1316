import pytest

from campaigns.launch import services
from campaigns.models import CAMPAIGN
from campaigns.steps.plan import StepPlan
from conversations.models import Message
from outreach.core.audit import trail
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
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


def plan(**fields):
    pack = current("first-contact-email")
    values = {
        "name": "Spring",
        "segment_version": make_segment_version(),
        "steps": [StepPlan("email", make_sender(), pack), StepPlan("email", make_sender(), pack, delay_days=3)],
        "created_by": None,
    }
    return {**values, **fields}


@pytest.fixture
def ready():
    campaign = make_campaign(audience_frozen_at="2026-01-01T00:00Z")
    candidate = make_candidate(campaign, stage="approved")
    make_draft(candidate)
    return campaign


def test_a_new_campaign_is_drafting_with_its_steps_and_a_paused_stream():
    campaign = plan_campaign(**plan(window={"days": [0, 4], "start": "09:00", "end": "17:00"}, daily_cap=40))
    assert (campaign.state, campaign.stream.state, campaign.stream.daily_cap) == ("drafting", "paused", 40)
    assert campaign.stream.window == {"days": [0, 4], "start": "09:00", "end": "17:00"}
    assert [(s.number, s.delay_days, s.is_in_thread) for s in campaign.steps.all()] == [(1, 0, False), (2, 3, True)]


def test_the_stream_keeps_the_public_holidays_of_its_campaign():
    campaign = plan_campaign(**plan(skips_holidays=True))
    assert campaign.stream.skips_holidays
    fields = plan(skips_holidays=False)
    del fields["created_by"]
    changed = change_plan(campaign=campaign, actor=ACTOR, **fields)
    changed.stream.refresh_from_db()
    assert not changed.stream.skips_holidays


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "  "}, "name"),
        ({"steps": []}, "steps"),
        ({"window": {"days": [0], "start": "17:00", "end": "09:00"}}, "window"),
        ({"window": {"days": [], "start": "09:00", "end": "17:00"}}, "window"),
    ],
)
def test_bad_input_names_its_field(fields, field):
    with pytest.raises(Invalid) as error:
        plan_campaign(**plan(**fields))
    assert error.value.field == field


def test_a_name_is_taken_once():
    plan_campaign(**plan())
    with pytest.raises(Invalid, match="already"):
        plan_campaign(**plan())


def test_a_sender_of_another_channel_is_refused():
    with pytest.raises(Invalid, match="channel"):
        plan_campaign(**plan(steps=[StepPlan("email", make_sender("sms"), current("first-contact-email"))]))


def test_what_is_missing_is_said_in_words():
    campaign = make_campaign()
    campaign.steps.get().sender.__class__.objects.update(state="unverified")
    with pytest.raises(Refused) as error:
        services.start(campaign=campaign, actor=ACTOR)
    assert error.value.code == "not_ready"
    assert "not active" in error.value.reason and "not frozen" in error.value.reason


def test_starting_hands_over_what_is_approved(ready):
    job = services.start(campaign=ready, actor=ACTOR)
    drain("default")
    job.refresh_from_db()
    ready.stream.refresh_from_db()
    assert (ready.state, ready.stream.state, job.state) == ("sending", "active", "done")
    assert Message.objects.filter(stream=ready.stream).count() == 1
    assert [entry.action for entry in trail(ready)] == ["campaign.sending", "campaign.ready"]


def test_pause_and_resume_keep_every_planned_message(ready):
    services.start(campaign=ready, actor=ACTOR)
    drain("default")
    before = list(Message.objects.values_list("pk", "state", "scheduled_at"))
    services.pause(campaign=ready, actor=ACTOR, reason="Holiday")
    ready.stream.refresh_from_db()
    assert (ready.state, ready.stream.state) == ("paused", "paused")
    assert list(Message.objects.values_list("pk", "state", "scheduled_at")) == before
    late = make_candidate(ready, stage="approved")
    make_draft(late)
    services.resume(campaign=ready, actor=ACTOR)
    drain("default")
    ready.stream.refresh_from_db()
    assert (ready.state, ready.stream.state, Message.objects.count()) == ("sending", "active", 2)


def test_completing_cancels_what_is_planned(ready):
    services.start(campaign=ready, actor=ACTOR)
    drain("default")
    services.complete(campaign=ready, actor=ACTOR)
    ready.stream.refresh_from_db()
    assert (ready.state, ready.stream.state, Message.objects.get().state) == ("completed", "paused", "cancelled")


def test_archiving_closes_the_stream(ready):
    services.archive(campaign=ready, actor=ACTOR)
    ready.stream.refresh_from_db()
    assert (ready.state, ready.stream.state) == ("archived", "closed")


def test_a_campaign_completes_by_itself_when_nothing_is_left(ready):
    services.start(campaign=ready, actor=ACTOR)
    drain("default")
    assert services.complete_finished() == 0
    message = Message.objects.get()
    mark_sent(message)
    ready.candidates.update(stage="contacted")
    assert services.complete_finished() == 1
    ready.refresh_from_db()
    assert ready.state == "completed"


def test_what_is_over_cannot_be_edited(ready):
    services.start(campaign=ready, actor=ACTOR)
    services.complete(campaign=ready, actor=ACTOR)
    fields = plan(name="Other")
    fields.pop("created_by")
    with pytest.raises(Refused):
        change_plan(campaign=ready, actor=ACTOR, **fields)


def test_editing_keeps_steps_that_have_drafts(ready):
    fields = plan(name="Other", steps=[StepPlan("sms", make_sender("sms"), current("first-contact-sms"))])
    fields.pop("created_by")
    with pytest.raises(Refused, match="drafts"):
        change_plan(campaign=ready, actor=ACTOR, **fields)


def test_every_state_of_the_machine_is_reached_by_a_service():
    reached = {"drafting", "ready", "sending", "paused", "completed", "archived"}
    assert reached == set(CAMPAIGN.states)
