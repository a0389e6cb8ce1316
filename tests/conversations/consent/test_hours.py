"""Quiet hours by state, public holidays, zones that are not certain, and clocks that change: planned and at the gate."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from conversations.consent import regions
from conversations.consent.holidays import closed_days
from conversations.consent.quiet import rule_for
from conversations.consent.services import record_consent
from conversations.models import Message
from conversations.outbox import streams
from outreach.core.errors import Invalid
from outreach.limits.openings import Timetable, common_hours, next_common, parse_hours
from outreach.sending import QuietHours
from tests.conversations.factories import (
    ACTOR,
    make_conversation,
    make_lead,
    make_message,
    make_reply,
    make_sender,
    make_stream,
)

POLICY = QuietHours()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def hours(**where: str) -> list[str]:
    rule = rule_for(default=POLICY.default, rules=POLICY.rules, **where)
    return [str(window).split(" ")[-1] for window in sorted(rule.hours, key=lambda w: -len(w.days))]


class TestRules:
    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ({"country": "DE"}, ["09:00–20:00", "12:00–20:00"]),
            ({"country": "US", "region": "California"}, ["09:00–20:00", "12:00–20:00"]),
            ({"country": "US", "region": "RI"}, ["09:00–18:00", "12:00–18:00"]),
            (
                {"country": "US", "region": "Texas", "phone": "+14015550100", "phone_country": "US"},
                ["09:00–18:00", "12:00–18:00"],
            ),
            ({"country": "US", "phone": "+18005550100", "phone_country": "US"}, ["09:00–18:00", "12:00–18:00"]),
        ],
    )
    def test_the_narrowest_rule_that_may_apply_holds(self, where, expected):
        assert hours(**where) == expected

    def test_a_wider_default_leaves_the_states_their_own_hours(self):
        wide = {"default": "00:00-24:00", "rules": POLICY.rules}
        of = lambda region: [str(w) for w in rule_for(country="US", region=region, **wide).hours]  # noqa: E731
        assert of("Florida") == ["every day 08:00–20:00"]
        assert of("CA") == ["every day 08:00–21:00"]
        assert sorted(of("TX")) == ["Mon, Tue, Wed, Thu, Fri, Sat 09:00–21:00", "Sun 12:00–21:00"]

    @pytest.mark.parametrize("text", ["", "9 to 5", "20:00-09:00", "mon closed", "09:00-17:00, xyz 10:00-11:00"])
    def test_hours_that_cannot_be_or_never_open_are_refused_at_start(self, text):
        with pytest.raises(ValueError):
            QuietHours(default=text)

    def test_rules_that_leave_no_hour_never_open(self):
        assert common_hours([parse_hours("09:00-12:00"), parse_hours("13:00-15:00")]) == ()

    def test_area_codes_belong_to_one_state(self):
        codes = [code for code in regions._AREA_CODES.replace("|", " ").split() if code.isdecimal()]
        assert len(codes) == len(set(codes)) > 320
        assert set(regions.AREA_CODES.values()) == set(regions.STATES) == set(regions.STATE_ZONES)


class TestOpenings:
    def test_the_clock_jumps_forward_and_back(self):
        table = Timetable("x", parse_hours("02:30-04:00"), ZoneInfo("Europe/Berlin"))
        assert next_common([table], utc("2026-03-28T12:00"))[0] == utc("2026-03-29T01:00")  # 2:30 is not there
        autumn = Timetable("x", parse_hours("01:00-03:00"), ZoneInfo("Europe/Berlin"))
        assert next_common([autumn], utc("2026-10-24T12:00")) == (utc("2026-10-24T23:00"), utc("2026-10-25T02:00"))

    def test_two_coasts_are_open_together_only_in_between(self):
        tables = [
            Timetable(z, parse_hours("09:00-20:00"), ZoneInfo(z)) for z in ("America/New_York", "America/Los_Angeles")
        ]
        assert next_common(tables, utc("2026-07-01T05:00")) == (utc("2026-07-01T16:00"), utc("2026-07-02T00:00"))

    def test_a_holiday_is_closed_whole(self):
        name, closed = closed_days("DE", "Bayern")
        assert name == "DE-BY"
        assert closed(utc("2026-11-01T00:00").date())  # All Saints', not in Berlin
        assert not closed_days("DE", "Berlin")[1](utc("2026-11-01T00:00").date())
        table = Timetable("x", parse_hours("09:00-17:00"), ZoneInfo("Europe/Berlin"), closed)
        assert next_common([table], utc("2026-12-24T20:00"))[0] == utc("2026-12-27T08:00")


@pytest.fixture
def quiet(settings):
    settings.OUTREACH.delivery.quiet_hours.is_enforced = True


@pytest.mark.django_db
class TestMessages:
    def text(self, phone="+12125550100", agreed=True, **fields) -> Message:
        lead = make_lead(phone=phone, **fields)
        if agreed:
            record_consent(lead=lead, channel="sms", basis="express", source="form", actor=ACTOR)
        return make_message(conversation=make_conversation(lead), sender=make_sender(channel="sms", adapter="sandbox"))

    def test_a_text_waits_for_the_morning_of_the_recipient_and_says_why(self, quiet, tick, carrier):
        with time_machine.travel("2026-03-03T02:00:00Z", tick=False):  # 21:00 in New York
            message = self.text()
            assert message.scheduled_at == utc("2026-03-03T14:00")
            assert message.timing["quiet"] == "default + US"
            Message.objects.filter(pk=message.pk).update(scheduled_at="2026-03-03T01:59:00Z")
            tick()
            message.refresh_from_db()
            assert (message.state, message.refused_by) == ("deferred", "window_open")
            assert "quiet hours" in message.error
            assert message.scheduled_at == utc("2026-03-03T14:00")
        with time_machine.travel("2026-03-03T14:00:01Z", tick=False):
            tick()
            message.refresh_from_db()
            assert (message.state, message.timing["when"]) == ("sent", "gate")

    def test_an_answer_to_a_text_of_a_moment_ago_may_come_at_night(self, quiet, tick):
        with time_machine.travel("2026-03-03T04:00:00Z", tick=False):
            lead = make_lead(phone="+12125550100")
            conversation = make_conversation(lead)
            make_reply(conversation, channel="sms", body="Who is this?")
            answer = make_message(
                conversation=conversation,
                sender=make_sender(channel="sms", adapter="sandbox"),
                is_stopped_by_reply=False,
                attributes={"answers": 1},
            )
            tick()
            answer.refresh_from_db()
            assert answer.state == "sent"

    def test_nothing_leaves_on_a_public_holiday_of_the_recipient(self, tick):
        with time_machine.travel("2026-12-24T23:30:00Z", tick=False):
            stream = make_stream(skips_holidays=True)
            lead = make_lead(country="DE")
            message = make_message(conversation=make_conversation(lead), stream=stream)
            assert message.scheduled_at == utc("2026-12-26T23:00")
            assert message.timing["holidays"] == "DE"
            streams.set_holidays(stream=stream, skips_holidays=False, actor=ACTOR)
            Message.objects.filter(pk=message.pk).update(scheduled_at="2026-12-24T23:00:00Z")
            tick()
            message.refresh_from_db()
            assert message.state == "sent"

    def test_hours_that_no_quiet_hours_allow_are_said_when_planning(self, quiet):
        lead = make_lead(phone="+12125550100")
        with pytest.raises(Invalid, match="never overlap"):
            make_message(
                conversation=make_conversation(lead),
                sender=make_sender(channel="sms", adapter="sandbox"),
                stream=make_stream(window={"start": "21:00", "end": "23:00"}),
            )
