"""The doors of the engine: freezing a big segment, one-click daily campaigns, whole edits, commands, tasks in the admin."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.audience import services as candidates
from campaigns.journey import turns
from campaigns.journey.advancing import hand_over
from campaigns.journey.models import Turn
from campaigns.models import Campaign, Candidate
from campaigns.reactions.subscribers import on_message_sent
from conversations.models import Message
from conversations.network import relations
from conversations.network.models import Relation
from leads.segments.services import save_segment
from outreach.core import clock
from outreach.core.models import Actor
from outreach.events.models import Event
from outreach.jobs.draining import drain
from outreach.jobs.models import Job
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_sender, make_user
from tests.campaigns.texts import make_draft, mark_sent

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
AMERICANS = {"all": [{"field": "lead.country", "operator": "equals", "value": "US"}]}
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(make_user("operator"))
    return client


@pytest.fixture
def run(capsys):
    def call(*arguments):
        call_command("campaign", *arguments, "--json")
        return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]

    return call


@pytest.fixture
def segment():
    make_lead()
    return save_segment(name="Americans", criteria=AMERICANS, created_by=None).segment


@pytest.fixture
def sending():
    """A campaign of three steps whose first message was sent on Monday."""
    campaign = make_campaign(steps=("first-contact-email",) * 3, state="sending")
    campaign.stream.state = "active"
    campaign.stream.save()
    return campaign


def send_first(campaign):
    candidate = make_candidate(campaign, stage="approved", time_zone="UTC")
    drafts = [make_draft(candidate, step=number) for number in (1, 2, 3)]
    with time_machine.travel(MONDAY, tick=False):
        message = mark_sent(hand_over(drafts[0]))
        on_message_sent(Event(kind="message.sent", payload={"message_id": message.pk}, at=clock.now()))
    return message


@pytest.fixture
def task(sending):
    sending.steps.filter(number=2).update(
        action="task", channel="", sender=None, pack_version=None, instructions="Call them"
    )
    send_first(sending)
    with time_machine.travel(MONDAY + timedelta(days=4), tick=False):
        turns.look_at_due()
    return Turn.objects.get()


class TestFreezing:
    @pytest.fixture
    def campaign(self):
        version = save_segment(name="All", criteria=AMERICANS, created_by=None)
        for _n in range(3):
            make_lead()
        return make_campaign(segment_version=version)

    def test_a_small_segment_is_frozen_at_once(self, campaign):
        assert candidates.freeze_or_start(campaign=campaign, actor=ACTOR).added == 3

    def test_a_big_one_becomes_a_job_that_everybody_can_watch(self, campaign, monkeypatch):
        monkeypatch.setattr(candidates, "AT_ONCE", 2)
        job = candidates.freeze_or_start(campaign=campaign, actor=ACTOR)
        assert (job.kind, job.state, Candidate.objects.count()) == ("campaign.freeze", "queued", 0)
        assert candidates.freeze_or_start(campaign=campaign, actor=ACTOR).pk == job.pk  # one at a time
        drain("default")
        job.refresh_from_db()
        assert (job.state, Candidate.objects.count()) == ("done", 3)
        assert job.done_count == job.total_count == 3
        assert "3 added" in job.outcome

    def test_both_opt_outs_of_people_and_of_their_addresses_hold(self, campaign):
        from conversations.consent.services import Target, suppress

        first, second, _third = Candidate._meta.get_field("lead").related_model.objects.order_by("pk")
        suppress(Target(lead=first), reason="opt_out", actor=ACTOR)
        suppress(Target(address=second.address("email")), reason="opt_out", actor=ACTOR)
        found = candidates.freeze_audience(campaign=campaign, actor=ACTOR)
        assert (found.matching, found.added, found.suppressed) == (3, 1, 2)


class TestOneClick:
    def test_by_api_it_is_made_and_runs(self, api, segment):
        created = api.post(
            "/api/v1/campaigns/daily",
            {"name": "Every day", "segment": segment.pk, "sender": make_sender().pk, "offer": "a review in one day"},
        )
        assert created.status_code == 201, created.data
        campaign = Campaign.objects.get(pk=created.data["id"])
        assert (campaign.mode, campaign.state, campaign.steps.count()) == ("daily", "sending", 2)

    def test_by_page(self, client, segment):
        client.force_login(make_user("operator"))
        url = reverse("campaigns:create_daily")
        assert client.get(url).status_code == 200
        fields = {
            "name": "Every day", "segment": segment.pk, "sender": make_sender().pk, "offer": "a review in one day",
            "time_zone": "Europe/Berlin",
        }  # fmt: skip
        assert client.post(url, {**fields, "offer": ""}).status_code == 422
        answer = client.post(url, fields)
        assert answer.status_code == 302, answer.content
        assert Campaign.objects.get().time_zone == "Europe/Berlin"

    def test_by_command_and_its_day(self, run, segment):
        sender, user = make_sender(), make_user("operator")
        arguments = ("Every day", "--segment", "Americans", "--sender", sender.name, "--offer", "a review in one day")
        made = run("daily", *arguments, "--user", user.username)
        assert made[0]["state"] == "sending"
        assert run("run-day", "Every day", "--wait")[0]["state"] == "done"

    def test_without_a_sender_that_has_packs_nothing_is_made(self, run, segment):
        sender = make_sender("network", address="https://network.example/in/ann")
        with pytest.raises(CommandError):
            run("daily", "D", "--segment", "Americans", "--sender", sender.name, "--offer", "x", "--user", "nobody")
        assert not Campaign.objects.exists()


class TestWholeEdits:
    def plan(self, campaign, **fields):
        step = {"sender": campaign.steps.first().sender_id, "pack": "first-contact-email"}
        return {"name": "Renamed", "offer": "b", "steps": [step, {**step, "delay_days": 5}], **fields}

    def test_a_draft_campaign_is_planned_anew(self, api):
        campaign = make_campaign()
        changed = api.put(f"/api/v1/campaigns/{campaign.pk}", self.plan(campaign), format="json")
        assert changed.status_code == 200, changed.data
        campaign.refresh_from_db()
        assert (campaign.name, [s.delay_days for s in campaign.steps.order_by("number")]) == ("Renamed", [0, 5])

    def test_a_running_one_must_say_for_whom(self, api, sending):
        step = {"pack": "first-contact-email"}
        steps = [{**step, "sender": s.sender_id, "delay_days": s.delay_days} for s in sending.steps.order_by("number")]
        steps[1]["delay_days"] = 9
        plan = {"name": sending.name, "offer": sending.offer, "steps": steps}
        url = f"/api/v1/campaigns/{sending.pk}"
        refused = api.put(url, plan, format="json")
        assert refused.status_code == 400
        assert "applies_to" in str(refused.data)
        assert api.put(url, {**plan, "applies_to": "new"}, format="json").status_code == 200
        assert sending.steps.get(number=2).delay_days == 9

    def test_one_that_is_over_is_refused(self, api):
        campaign = make_campaign(state="completed")
        assert api.put(f"/api/v1/campaigns/{campaign.pk}", self.plan(campaign), format="json").status_code == 409


class TestCommands:
    def test_timeline_and_tomorrow(self, run, sending):
        candidate = make_candidate(sending, stage="approved", time_zone="UTC")
        hand_over(make_draft(candidate))
        lines = run("timeline", sending.name)
        assert [(row["step"], row["state"]) for row in lines][:1] == [(1, "planned")]
        assert run("timeline", sending.name, "--step", "2") == []
        (day,) = run("tomorrow", "--day", "2030-01-31")
        assert day["day"] == "2030-01-31"

    def test_tasks_are_listed_and_settled_by_a_person(self, run, task):
        (row,) = run("tasks")
        assert (row["task"], row["do"]) == (task.pk, "Call them")
        assert run("task", str(task.pk), "--user", make_user().username, "--note", "Done")[0]["state"] == "done"
        assert run("tasks") == []

    def test_discover_names_what_is_missing(self, run, sending, capsys):
        with pytest.raises(CommandError):
            run("discover", sending.name)
        assert "has no sources" in capsys.readouterr().err


class TestTasksInTheAdmin:
    @pytest.mark.parametrize(("action", "state"), [("mark_done", "done"), ("mark_skipped", "skipped")])
    def test_done_or_skipped_through_the_service(self, client, task, action, state):
        person = make_user("administrator", is_staff=True, is_superuser=True)
        client.force_login(person)
        url = reverse("admin:journey_turn_changelist")
        answer = client.post(url, {"action": action, "_selected_action": [task.pk]}, follow=True)
        assert answer.status_code == 200
        task.refresh_from_db()
        assert (task.state, task.settled_by) == (state, person)


def test_a_step_for_contacts_goes_when_the_network_says_so(sending):
    """Through the real services: the invitation leaves, is taken, and the news of it wakes the condition."""
    sending.steps.filter(number=2).update(condition="connected", delay_days=0)
    invitation = send_first(sending)
    sender = make_sender("network", address="https://network.example/in/ann")
    Message.objects.filter(pk=invitation.pk).update(
        channel="network", sender=sender, address="https://network.example/in/joe"
    )
    invitation.refresh_from_db()
    with time_machine.travel(MONDAY + timedelta(hours=1), tick=False):
        relations.note_invitation(message=invitation, at=clock.now())
        turns.look_at_due()
        assert Turn.objects.get(step__number=2).state == "waiting"
        assert not Message.objects.filter(draft__step__number=2).exists()
        assert relations.note_connected(Relation.objects.get(), at=clock.now())
        assert Event.objects.filter(kind="network.connected").exists()
        assert Turn.objects.get(step__number=2).due_at > clock.now()  # the next look would be later
        drain()
        assert Turn.objects.get(step__number=2).due_at == clock.now()
        turns.look_at_due()
        assert Turn.objects.get(step__number=2).state == "done"
        assert Message.objects.filter(draft__step__number=2).exists()
        assert not Job.objects.filter(state="failed").exists()


def test_a_connection_that_they_asked_for_wakes_it_too(sending):
    """No invitation of ours was taken, so that no message tells of it: the relation itself does."""
    sending.steps.filter(number=2).update(condition="connected", delay_days=0)
    first = send_first(sending)
    sender = make_sender("network", address="https://network.example/in/ann")
    row = relations.relation_for(lead=first.lead, sender=sender)
    with time_machine.travel(MONDAY + timedelta(hours=1), tick=False):
        turns.look_at_due()
        assert Turn.objects.get(step__number=2).due_at > clock.now()
        assert relations.note_connected(row, at=clock.now())
        drain()
        turns.look_at_due()
        assert Message.objects.filter(draft__step__number=2).exists()
