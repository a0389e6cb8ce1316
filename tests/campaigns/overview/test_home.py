"""The home page says what to do next: by urgency, with the sentence and the way there."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from campaigns import counts
from campaigns.journey.advancing import hand_over
from campaigns.models import Outcome
from conversations.models import Conversation, Message
from conversations.outbox.models import Stream
from conversations.replies.models import Intent, Reading
from conversations.senders.models import Sender
from conversations.senders.services import pause_sender
from leads.imports.models import Batch
from outreach.core import clock
from outreach.core.models import Actor
from outreach.llm.models import Interaction, Trace
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_sender, make_user
from tests.campaigns.texts import make_draft, mark_sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(client):
    client.force_login(make_user("operator"))
    return lambda: client.get(reverse("home"))


def panels(response) -> dict[str, dict]:
    return {panel.title: panel.context for panel in (*response.context["main"], *response.context["side"])}


def make_waiting(*, name: str, intent: str, hours: int, words: str = "Tell me more") -> Conversation:
    at = clock.now() - timedelta(hours=hours)
    lead = make_lead(full_name=name)
    row = Conversation.objects.create(lead=lead, state="engaged", waiting_since=at)
    message = Message.objects.create(
        conversation=row, lead=lead, direction="in", channel="email", state="received", body=words, received_at=at
    )
    Reading.objects.create(message=message, intent=intent, source="rules")
    return row


def stop(sender: Sender, reason: str = "") -> None:
    pause_sender(sender=sender, actor=Actor.system("test"), reason=reason or "Asked to.")


def test_replies_stand_first_the_hot_ones_on_top_with_their_first_words(home):
    make_waiting(name="Slow Question", intent=Intent.QUESTION, hours=30)
    make_waiting(name="Not Now", intent=Intent.NOT_NOW, hours=90)
    hot = make_waiting(name="Hot Lead", intent=Intent.BOOKING, hours=1, words="Call me on Thursday")
    response = home()
    assert response.context["main"][0].title == "Replies waiting"
    rows = panels(response)["Replies waiting"]["rows"]
    assert [str(row["conversation"]) for row in rows] == ["Hot Lead", "Slow Question", "Not Now"]
    assert rows[0]["url"] == reverse("inbox:conversation", args=[hot.pk])
    assert "Call me on Thursday" in response.content.decode()
    assert response.context["first"].url == reverse("inbox:list")


def test_a_calm_house_says_so_and_shows_no_zeros(home):
    response = home()
    assert response.context["tiles"] == []
    assert "Nothing needs your attention" in response.content.decode()


class TestToday:
    @pytest.fixture(autouse=True)
    def noon(self):
        with time_machine.travel(datetime(2026, 3, 4, 12, 30, tzinfo=ZoneInfo("UTC")), tick=False):
            yield

    def plan(self, *hours: int) -> None:
        campaign = make_campaign(state="sending")
        for hour in hours:
            message = hand_over(make_draft(make_candidate(campaign, stage="approved")))
            Message.objects.filter(pk=message.pk).update(scheduled_at=clock.now() + timedelta(hours=hour))

    def test_it_says_how_many_leave_when_and_what_left(self, home):
        self.plan(-3, 1, 1, 30)
        mark_sent(hand_over(make_draft(make_candidate(make_campaign(state="sending"), stage="approved"))))
        shown = panels(home())["Leaving today"]
        assert shown["hours"] == [("12:00", 1), ("13:00", 2)]
        assert (shown["sent"], shown["planned"]) == (1, 3)

    def test_without_any_it_says_when_the_next_one_leaves(self, home):
        self.plan(30)
        shown = panels(home())["Leaving today"]
        assert shown["planned"] == 0
        assert shown["following"] == clock.now() + timedelta(hours=30)

    def test_nothing_planned_shows_no_box(self, home):
        assert "Leaving today" not in panels(home())

    def test_the_weeks_are_an_axis_of_time(self, home):
        sent = mark_sent(hand_over(make_draft(make_candidate(make_campaign(state="sending"), stage="approved"))))
        early = mark_sent(
            hand_over(make_draft(make_candidate(make_campaign(state="sending"), stage="approved"))),
            at=clock.now() - timedelta(weeks=5),
        )
        for message, kind in ((sent, "replied"), (sent, "positive"), (early, "replied")):
            Outcome.objects.create(
                candidate=message.draft.candidate, kind=kind, message=message, occurred_at=clock.now()
            )
        weeks = counts.weekly(8, now=clock.now())
        assert [week.sent for week in weeks] == [0, 0, 1, 0, 0, 0, 0, 1]
        assert (weeks[-1].replied, weeks[-1].positive) == (2, 1)
        mondays = [week.monday for week in weeks]
        assert {(b - a).days for a, b in itertools.pairwise(mondays)} == {7}
        chart = json.loads(panels(home())["The last weeks"]["chart"])
        assert chart[0]["data"][-1] == ["2026-03-02", 1]


def test_senders_that_do_not_send_are_named_with_the_reason(home):
    make_sender(name="Fine")
    stop(make_sender(name="Stopped"), "The password was refused.")
    bad = {"sent": 200, "bounced": 8}
    make_sender(name="Bouncing", health=bad)
    rows = panels(home())["Senders that need you"]["rows"]
    assert [(row["sender"].name, bool(row["why"])) for row in rows] == [("Bouncing", True), ("Stopped", True)]


def test_models_are_counted_in_money_and_the_built_in_rules_are_not(home):
    trace = Trace.objects.create(name="draft")
    call = {"trace": trace, "step": "draft", "route": "draft", "model": "m", "input_hash": "h"}
    Interaction.objects.create(provider="builtin", **call)
    assert "Language models" not in panels(home())
    Interaction.objects.create(provider="openai", cost_usd="1.25", input_tokens=900, output_tokens=100, **call)
    lines = panels(home())["Language models"]["lines"]
    assert [(calls, tokens, str(cost)) for _name, calls, tokens, cost in lines] == [(1, 1000, "1.25")] * 2


def test_campaigns_say_what_they_wait_for_the_stuck_ones_first(home, client):
    paused = make_campaign(name="Paused on Friday", state="paused", audience_frozen_at=clock.now())
    make_candidate(paused, stage="contacted")
    make_campaign(name="New one")
    assert "hx-get" in home().content.decode()
    part = client.get(reverse("campaigns:situations")).content.decode()
    assert "<html" not in part
    assert part.index("Paused on Friday") < part.index("New one")
    assert reverse("campaigns:resume", args=[paused.pk]) in part


class TestFirstSteps:
    def steps(self, response):
        return {step.title: step.is_done for step in panels(response)["First steps"]["steps"]}

    def test_they_tick_off_from_what_is_there(self, home):
        assert set(self.steps(home()).values()) == {False}
        added = make_sender()
        Sender.objects.filter(pk=added.pk).update(state="unverified")
        current = panels(home())["First steps"]["current"]
        assert (current.action, current.url) == ("Verify", reverse("senders:detail", args=[added.pk]))
        make_sender()
        Batch.objects.create(
            kind="people", file_name="a.csv", file="x", file_hash="x", state="done", counts={"created": 3}
        )
        found = self.steps(home())
        assert (found["Connect a sender"], found["Import a list"], found["Start a campaign"]) == (True, True, False)
        shown = panels(home())["First steps"]
        assert shown["current"].url.startswith(reverse("campaigns:quick_start") + "?import=")
        candidate = make_candidate(make_campaign(), stage="approved")
        make_draft(candidate)
        assert set(self.steps(home()).values()) == {True}

    def test_they_go_when_something_was_sent(self, home):
        mark_sent(hand_over(make_draft(make_candidate(make_campaign(state="sending"), stage="approved"))))
        assert "First steps" not in panels(home())

    def test_viewers_never_see_them(self, client):
        client.force_login(make_user("viewer"))
        assert "First steps" not in panels(client.get(reverse("home")))


def test_a_full_house_costs_few_queries(home, django_assert_max_num_queries):
    for number in range(8):
        make_waiting(name=f"Person {number}", intent=Intent.POSITIVE, hours=number + 1)
        campaign = make_campaign(state="sending")
        Stream.objects.filter(pk=campaign.stream_id).update(state="active")
        candidate = make_candidate(campaign, stage="drafted")
        make_draft(candidate, state="pending_review")
        mark_sent(hand_over(make_draft(make_candidate(campaign, stage="approved"))))
        stop(make_sender(name=f"Paused {number}"))
    home()
    with django_assert_max_num_queries(21):  # the last says whether a restored backup holds all sending
        home()
