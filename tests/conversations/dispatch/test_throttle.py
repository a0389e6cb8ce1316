"""Text messages leave by segments: by kind of number, within the day's cap, slower when the carrier says so."""

from datetime import timedelta

import pytest
import time_machine

from conversations.channels.sms.pace import pace_of
from conversations.consent.services import record_consent
from conversations.dispatch import throttle
from conversations.models import Message
from outreach.core import clock
from outreach.core.sms_segments import segment_count
from outreach.limits.models import Allowance
from tests.conversations.factories import ACTOR, make_conversation, make_lead, make_message, make_sender, make_stream


@pytest.mark.parametrize(
    ("address", "given", "per_second"),
    [
        ("+4915112345678", {}, 1),
        ("+18885550100", {}, 3),
        ("12345", {}, 100),
        ("+12125550100", {"number_type": "10dlc"}, 1.25),
        ("+12125550100", {"number_type": "10dlc", "segments_per_minute": 4_500}, 75),
    ],
)
def test_the_pace_follows_from_the_number(address, given, per_second):
    assert pace_of(address, given).per_second == per_second


@pytest.mark.django_db
class TestSending:
    def plan(self, count: int, **settings) -> None:
        sender, stream = make_sender(channel="sms", settings=settings), make_stream()
        for number in range(count):
            lead = make_lead(phone=f"+49151223450{number:02}")
            record_consent(lead=lead, channel="sms", basis="express", source="form", actor=ACTOR)
            make_message(conversation=make_conversation(lead), sender=sender, stream=stream)

    def sent(self) -> int:
        return Message.objects.filter(state="sent").count()

    def test_a_long_code_sends_a_segment_a_second(self, tick):
        with time_machine.travel(clock.now(), tick=False) as travel:
            self.plan(12)
            tick()
            assert self.sent() == 3  # what an idle number may send at once
            for _ in range(20):
                travel.shift(timedelta(seconds=1))
                before = self.sent()
                tick()
                assert self.sent() - before <= 1
            assert self.sent() == 12
            assert set(Message.objects.values_list("state", flat=True)) == {"sent"}

    def test_a_long_text_takes_as_many_as_it_has_segments(self, tick):
        assert segment_count("я" * 71) == 2
        assert segment_count("a" * 160) == 1

    def test_the_carriers_cap_of_the_day_holds(self, tick, settings):
        settings.OUTREACH.delivery.overdue_minutes = 10_080  # the test looks seldom
        with time_machine.travel(clock.now(), tick=False) as travel:
            self.plan(6, segments_per_minute=60_000, segments_per_day=4)
            tick()
            assert self.sent() == 4
            travel.shift(timedelta(hours=12))
            tick()
            assert self.sent() == 4
            travel.shift(timedelta(hours=14))
            tick()
            assert self.sent() == 6

    def test_too_fast_halves_the_pace_and_it_comes_back(self):
        sender = make_sender(channel="sms")
        now = clock.now()
        with time_machine.travel(now, tick=False):
            assert throttle.slow_down(sender.pk) == 0.5
            assert throttle.slow_down(sender.pk) == 0.25
        usage = Allowance.objects.get(key=throttle.key(sender.pk)).usage
        later = [throttle.factor(usage, now + timedelta(hours=h)) for h in range(4)]
        assert later == [0.25, 0.5, 1.0, 1.0]
