"""The demo's loop can be tried at any hour of any weekday: nothing but their caps holds sandbox senders back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from campaigns.demo import team
from campaigns.demo.sandbox import persona
from campaigns.launch import quick
from conversations.consent import hours
from conversations.models import Message
from conversations.outbox.models import Stream
from conversations.senders import policy
from outreach import settings as project
from outreach.core.models import Actor

pytestmark = pytest.mark.django_db
WEEK = [datetime(2027, 5, 3, tzinfo=UTC) + timedelta(hours=number) for number in range(7 * 24)]
LATEST_REPLY_MINUTES = 600 + 1500
"""Of a first message, in simulated time: see `persona._answer`."""


def test_sandbox_senders_of_the_demo_are_open_in_every_hour_of_the_week():
    for sender in team.create_senders(Actor.system("test")):
        window = quick.HOURS[quick.usual_hours(sender)]
        message = Message(sender=sender, stream=Stream(window=window or {}), channel="email", attributes={})
        for moment in WEEK:
            with time_machine.travel(moment, tick=False):
                assert policy.next_working(sender, moment) == moment, (sender.name, moment)
                assert hours.bounds(message, moment).opens_at == moment


def test_answers_come_within_two_minutes():
    latest = 0.0
    for number in range(3_000):
        reactions = persona.reactions(f"p{number}@kettle.example", seed="outreach", channel="email", language="en")
        latest = max([latest, *(r.after_minutes for r in reactions if r.kind == "reply")])
    assert 0 < latest <= LATEST_REPLY_MINUTES
    assert LATEST_REPLY_MINUTES * 60 / project.SANDBOX_SPEED <= 120
