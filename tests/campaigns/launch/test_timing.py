"""Outside a campaign's hours: send now for today, widen the hours, and what still holds a message."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command

from campaigns.journey.advancing import advance
from campaigns.launch import services, timing
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import edit_campaign
from campaigns.models import Campaign, Candidate
from campaigns.steps.plan import StepPlan
from conversations.dispatch import sending
from conversations.models import Message
from outreach.core.audit import trail
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
OFFICE = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}
SUNDAY = datetime(2027, 5, 2, 10, 0, tzinfo=UTC)
MONDAY_NINE_IN_NEW_YORK = datetime(2027, 5, 3, 13, 0, tzinfo=UTC)


@pytest.fixture
def sunday():
    with time_machine.travel(SUNDAY, tick=False):
        yield SUNDAY


def make_person(campaign: Campaign) -> Candidate:
    """Somebody in New York whose simulated mailbox takes everything and never answers."""
    candidate = make_candidate(campaign, stage="approved", time_zone="America/New_York")
    candidate.lead.identities.filter(channel="email").update(address=f"joe{candidate.pk}+ignores@fabrikam.example")
    return candidate


def start(*, people: int = 1, steps: tuple[str, ...] = ("first-contact-email",), phone: str = "") -> Campaign:
    campaign = make_campaign(audience_frozen_at=SUNDAY, steps=steps)
    campaign.stream.window = OFFICE
    campaign.stream.save()
    for _number in range(people):
        candidate = make_person(campaign)
        if phone:
            candidate.lead.identities.filter(channel="sms").update(address=phone)
        for step in campaign.steps.all():
            make_draft(candidate, step=step.number)
    services.start(campaign=campaign, actor=ACTOR)
    drain("default")
    return campaign


def test_a_first_message_waits_for_the_hours_of_its_campaign(sunday):
    start()
    assert Message.objects.get().scheduled_at == MONDAY_NINE_IN_NEW_YORK


def test_send_now_lets_it_leave_at_once_with_an_audit_row(sunday):
    campaign = start(people=2)
    found = timing.send_now(campaign=campaign, actor=ACTOR)
    assert (found.total, found.due, found.next_at) == (2, 2, None)
    assert sending.send_due() == 2
    assert trail(campaign)[0].action == "campaign.sent_now"
    assert trail(campaign)[0].data == {"total": 2, "due": 2}


def test_send_now_ends_after_twelve_hours(sunday):
    campaign = start()
    timing.send_now(campaign=campaign, actor=ACTOR)
    with time_machine.travel(SUNDAY + timedelta(hours=13), tick=False):
        Message.objects.update(scheduled_at=SUNDAY + timedelta(hours=13))
        sending.send_due()
        assert Message.objects.get().sent_at is None
        assert Message.objects.get().scheduled_at == MONDAY_NINE_IN_NEW_YORK


def test_quiet_hours_of_the_recipient_still_hold_a_text_message(sunday, settings):
    settings.OUTREACH.delivery.quiet_hours.is_enforced = True
    campaign = start(steps=("first-contact-sms",), phone="+12025550123")  # six in the morning in Washington
    found = timing.send_now(campaign=campaign, actor=ACTOR)
    assert found.due == 0 and found.next_at is not None and "quiet hours" in found.closed
    assert "wait" in timing.in_words(found)


def test_the_senders_own_hours_still_hold(sunday):
    campaign = start()
    sender = campaign.steps.get().sender
    sender.working_hours = OFFICE
    sender.save()
    found = timing.send_now(campaign=campaign, actor=ACTOR)
    assert (found.due, found.next_at) == (0, datetime(2027, 5, 3, 9, 0, tzinfo=UTC))
    assert sender.name in timing.in_words(found)


def contact_first(campaign: Campaign) -> Message:
    """Write to whoever is in the campaign; the follow-up that is planned then."""
    timing.send_now(campaign=campaign, actor=ACTOR)
    sending.send_due()
    drain("default")
    return Message.objects.get(draft__step__number=2)


def add_person(campaign: Campaign) -> Message:
    candidate = make_person(campaign)
    make_draft(candidate)
    advance(candidate.pk)
    return Message.objects.get(lead=candidate.lead)


def test_send_now_leaves_follow_ups_where_they_are(sunday):
    campaign = start(steps=("first-contact-email", "follow-up-email"))
    follow_up = contact_first(campaign)
    add_person(campaign)
    timing.send_now(campaign=campaign, actor=ACTOR)
    assert Message.objects.get(pk=follow_up.pk).scheduled_at == follow_up.scheduled_at


def test_where_nothing_waits_it_says_so(sunday):
    with pytest.raises(Refused, match="isn't running"):
        timing.send_now(campaign=make_campaign(), actor=ACTOR)
    campaign = start(steps=("first-contact-email", "follow-up-email"))
    contact_first(campaign)
    with pytest.raises(Refused, match="nothing to send"):
        timing.send_now(campaign=campaign, actor=ACTOR)


def test_widening_the_hours_plans_the_messages_again(sunday):
    campaign = start()
    found = timing.widen_hours(campaign=campaign, actor=ACTOR)
    message = Message.objects.get()
    assert message.scheduled_at == datetime(2027, 5, 2, 12, 0, tzinfo=UTC), "eight in the morning in New York"
    assert (found.due, found.next_at) == (0, message.scheduled_at)
    campaign.stream.refresh_from_db()
    assert campaign.stream.window == timing.WIDER
    timing.widen_hours(campaign=campaign, actor=ACTOR)
    campaign.stream.refresh_from_db()
    assert not campaign.stream.window
    assert Message.objects.get().scheduled_at == SUNDAY
    with pytest.raises(Refused):
        timing.widen_hours(campaign=campaign, actor=ACTOR)


@pytest.mark.parametrize(("applies_to", "is_moved"), [("in_flight", True), ("new", False)])
def test_changed_hours_of_a_running_plan_are_followed_as_chosen(sunday, applies_to, is_moved):
    campaign = start(steps=("first-contact-email", "follow-up-email"))
    follow_up, new = contact_first(campaign), add_person(campaign)
    at = follow_up.scheduled_at
    change_hours(campaign, {"days": [0, 1, 2, 3, 4, 5, 6], "start": "06:00", "end": "07:00"}, applies_to)
    new.refresh_from_db()
    follow_up.refresh_from_db()
    assert new.scheduled_at == SUNDAY, "six in the morning in New York"
    assert (follow_up.scheduled_at != at) == is_moved


def change_hours(campaign: Campaign, window: dict, applies_to: str) -> None:
    campaign.refresh_from_db()
    steps = [
        StepPlan(s.channel, s.sender, s.pack_version, delay_days=s.delay_days, is_in_thread=s.is_in_thread)
        for s in campaign.steps.select_related("sender", "pack_version").order_by("number")
    ]
    plan = CampaignPlan(
        name=campaign.name,
        segment_version=campaign.segment_version,
        steps=steps,
        goal=campaign.goal,
        offer=campaign.offer,
        offer_translations=campaign.offer_translations,
        booking_url=campaign.booking_url,
        window=window,
    )
    edit_campaign(campaign, plan, actor=Actor.of(make_user("operator")), applies_to=applies_to)


def test_a_message_that_may_leave_already_keeps_its_place(sunday):
    campaign = start()
    timing.widen_hours(campaign=campaign, actor=ACTOR)
    timing.widen_hours(campaign=campaign, actor=ACTOR)
    Message.objects.update(scheduled_at=SUNDAY - timedelta(minutes=5))
    timing.follow_hours(campaign, applies_to="in_flight", actor=ACTOR)
    assert Message.objects.get().scheduled_at == SUNDAY - timedelta(minutes=5)


def test_very_many_messages_are_moved_by_a_job(sunday, monkeypatch):
    monkeypatch.setattr(timing, "AT_ONCE", 1)
    campaign = start(people=3)
    timing.send_now(campaign=campaign, actor=ACTOR)
    assert set(Message.objects.values_list("scheduled_at", flat=True)) == {MONDAY_NINE_IN_NEW_YORK}
    drain("default")
    assert set(Message.objects.values_list("scheduled_at", flat=True)) == {SUNDAY}


def test_nobody_is_moved_twice_or_out_of_another_campaign(sunday):
    campaign, other = start(), start()
    timing.send_now(campaign=campaign, actor=ACTOR)
    assert Message.objects.get(stream=other.stream).scheduled_at == MONDAY_NINE_IN_NEW_YORK


@pytest.mark.parametrize(("address", "command"), [("send-now", "send-now"), ("widen-hours", "widen-hours")])
def test_over_the_api_and_by_command_as_on_the_page(address, command, sunday, client, capsys):
    """Sunday ten o'clock UTC is too early in New York for wider hours, but not for “Send now”."""
    due = 1 if address == "send-now" else 0
    client.force_login(make_user("operator"))
    url = f"/api/v1/campaigns/{start().pk}/{address}"
    told = client.post(url).json()
    assert (told["total"], told["due"]) == (1, due) and told["text"]
    assert ("08:00" in told["hours"]) is (address == "widen-hours")
    second = start()
    capsys.readouterr()
    call_command("campaign", command, str(second.pk), "--json")
    line = json.loads(capsys.readouterr().out)
    assert (line["total"], line["due"]) == (1, due)


def test_the_api_says_why_nothing_can_leave_now(client):
    client.force_login(make_user("operator"))
    url = f"/api/v1/campaigns/{make_campaign().pk}"
    assert client.post(f"{url}/send-now").json()["code"] == "not_running"
    assert client.post(f"{url}/widen-hours").json()["code"] == "always_open"
    client.force_login(make_user("viewer"))
    assert client.post(f"{url}/send-now").status_code == client.post(f"{url}/widen-hours").status_code == 403
