"""What a sender may do now, as the claim sees it: allowance, workday, mail providers, draining, a cap of zero."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from conversations.channels.base import Fault, NotSent
from conversations.dispatch import claiming
from conversations.dispatch.explain import explain
from conversations.dispatch.sending import send_due
from conversations.models import Message
from conversations.senders import checks, guarding, policy, services, workday
from conversations.senders.deliverability.models import MailDomain
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.limits import throttles
from outreach.limits.models import Allowance
from tests.conversations.factories import ACTOR, make_conversation, make_lead, make_message, make_sender, make_stream
from tests.conversations.stub import StubAdapter

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WEEK = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}


def usage_of(sender):
    return Allowance.objects.get(key=f"sender:{sender.pk}").usage


def plan(sender, count, **fields):
    return [make_message(sender=sender, **fields) for _ in range(count)]


def claim_all(sender):
    found = []
    while rows := claiming.claim(sender, 50):
        found += rows
    return found


def check(message, name):
    return next((result for result in explain(message).checks if result.name == name), None)


class TestAllowance:
    def test_the_warm_up_holds_the_first_day_down_and_climbs_after_it(self):
        sender = make_sender(warmup_start=5, warmup_step=3, warmup_ceiling=30)
        with time_machine.travel(MONDAY, tick=False):
            plan(sender, 40)
            assert len(claim_all(sender)) == 5
        with time_machine.travel(MONDAY + timedelta(hours=3), tick=False):
            assert claim_all(sender) == []
        with time_machine.travel(MONDAY + timedelta(hours=26), tick=False):
            assert len(claim_all(sender)) == 8
        assert usage_of(sender)["warmup"] == {"level": 2, "day": "2026-03-03"}

    def test_another_first_day_starts_the_ramp_anew(self):
        sender = make_sender(warmup_start=5, warmup_step=3)
        Allowance.objects.create(
            key=f"sender:{sender.pk}", usage={"warmup": {"level": 9, "day": "2026-03-01"}, "hours": {}}
        )
        services.update_sender(sender=sender, actor=ACTOR, warmup_step=4)
        assert usage_of(sender)["warmup"]["level"] == 9
        services.update_sender(sender=sender, actor=ACTOR, warmup_start=6)
        assert policy.daily_allowance(sender, usage_of(sender), MONDAY) == 6

    def test_poor_health_lowers_what_is_left_of_the_other_parts(self):
        sender = make_sender(daily_cap=40, warmup_start=10, health={"factor": 0.5, "sentence": "Bounces: 3.75%."})
        parts = {part.name: part for part in policy.parts(sender, {}, MONDAY)}
        assert {name: part.number for name, part in parts.items()} == {"cap": 40, "warmup": 10, "health": 5}
        assert "50%" in parts["health"].note
        assert policy.daily_allowance(sender, {}, MONDAY) == 5

    def test_a_cap_of_zero_is_valid_sends_nothing_and_says_so(self):
        sender = services.create_sender(services.SenderConfig(name="Zero", channel="email", adapter="smtp", address="zero@ourfirm.de", daily_cap=0,
            settings={"host": "127.0.0.1"},), actor=ACTOR)  # fmt: skip
        assert "cannot send" in checks.warnings(sender, clock.now())[0]
        type(sender).objects.filter(pk=sender.pk).update(state="active")
        sender.refresh_from_db()
        [message] = plan(sender, 1)
        assert claim_all(sender) == []
        explanation = explain(message)
        assert explanation.next_at is None
        assert "allowance is zero" in check(message, "sender_allowance").sentence

    def test_explain_names_every_part_with_its_number(self):
        sender = make_sender(daily_cap=40, warmup_start=10, health={"factor": 0.5, "sentence": "Bounces: 3.75%."})
        [message] = plan(sender, 1)
        assert check(message, "sender_allowance").sentence == "5 in 24 hours (24-hour cap: 40; Warm-up: 10; Health: 5)."


class TestWorkday:
    def test_nothing_leaves_before_the_start_at_lunch_and_after_the_end(self):
        sender = make_sender(
            has_workday=True, working_hours=WEEK, time_zone="Europe/Berlin", hourly_cap=20, daily_cap=40
        )
        mailbox = policy.mailbox(sender, sender.daily_cap)
        zone = policy.hours(sender)[1]
        (opens, lunch), (back, closes) = workday.openings(mailbox, zone, MONDAY.date())
        with time_machine.travel(opens - timedelta(hours=5), tick=False):
            [message, *_rest] = plan(sender, 60)
        for moment, count in ((opens - timedelta(minutes=1), 0), (lunch, 0), (closes, 0), (opens, 1), (back, 1)):
            with time_machine.travel(moment, tick=False):
                assert len(claiming.claim(sender, 50)) == count, moment
        with time_machine.travel(lunch, tick=False):
            Message.objects.filter(state="claimed").update(state="scheduled", claim_token=None)
            result = check(message, "working_hours")
            assert result.next_at == back
            assert "Lunch" in result.sentence

    def test_a_day_of_ticks_keeps_the_gaps_and_stays_within_what_the_day_shows(self):
        sender = make_sender(
            has_workday=True, working_hours=WEEK, time_zone="UTC", hourly_cap=6, daily_cap=30, gap_seconds=120
        )
        with time_machine.travel(MONDAY, tick=False):
            plan(sender, 60)
        sent, moment = [], MONDAY
        while moment < MONDAY + timedelta(hours=12):
            with time_machine.travel(moment, tick=False):
                sent += [moment] * len(claiming.claim(sender, 50))
            moment += timedelta(minutes=1)
        assert 10 < len(sent) <= 30
        assert all(later - before >= timedelta(seconds=120) for before, later in itertools.pairwise(sent))


class TestMailProviders:
    def message_to(self, domain, sender, stream):
        return make_message(
            sender=sender, stream=stream, conversation=make_conversation(make_lead(email=f"{clock.now():%f}{id(object())}@{domain}"))
        )  # fmt: skip

    def test_a_provider_that_asks_for_patience_is_slowed_down_and_others_go_on(self):
        sender, stream = make_sender(hourly_cap=40), make_stream()
        MailDomain.objects.create(domain="firm.de", provider="google", status="found")
        MailDomain.objects.create(domain="house.de", provider="microsoft", status="found")
        to_google = [self.message_to("firm.de", sender, stream) for _ in range(5)]
        to_microsoft = [self.message_to("house.de", sender, stream) for _ in range(3)]
        unknown = self.message_to("elsewhere.de", sender, stream)
        guarding.slow_down(sender=sender, provider="google", now=clock.now())
        claimed = {row.pk for row in claim_all(sender)}
        assert claimed == {row.pk for row in [*to_microsoft, unknown]}
        result = check(to_google[0], "mail_provider")
        assert "20.0 an hour to google" in result.sentence
        assert result.next_at is not None
        with time_machine.travel(clock.now() + timedelta(minutes=4), tick=False):
            assert len(claim_all(sender)) == 1
        with time_machine.travel(clock.now() + timedelta(hours=6), tick=False):
            assert len(claim_all(sender)) == 4
            assert usage_of(sender)["groups"] == {}

    def test_nobody_waits_behind_the_queue_of_a_slowed_provider(self, monkeypatch):
        sender, stream = make_sender(group_limits={"google": 4}), make_stream()
        MailDomain.objects.create(domain="firm.de", provider="google", status="found")
        to_google = [self.message_to("firm.de", sender, stream) for _ in range(12)]
        last = self.message_to("house.de", sender, stream)
        monkeypatch.setattr(claiming, "_PICK_BY_PROVIDER", claiming._PICK_BY_PROVIDER.replace("LIMIT 200", "LIMIT 3"))
        claimed = [row.pk for row in claim_all(sender)]
        assert last.pk in claimed
        assert len(claimed) == 2
        assert to_google[0].pk in claimed

    def test_a_standing_limit_holds_from_the_first_message_on(self):
        sender, stream = make_sender(group_limits={"google": 8}), make_stream()
        MailDomain.objects.create(domain="firm.de", provider="google", status="found")
        for _ in range(6):
            self.message_to("firm.de", sender, stream)
        assert len(claim_all(sender)) == 2
        with time_machine.travel(clock.now() + timedelta(minutes=8), tick=False):
            assert len(claim_all(sender)) == 1

    @pytest.mark.parametrize(
        ("code", "is_slowed"), [("421", True), ("451", True), ("4.7.28", True), ("4.2.2", False), ("4.1.1", False), ("no_connection", False), ("429", False)]
    )  # fmt: skip
    def test_a_4xx_at_the_handover_slows_the_provider_down_unless_it_is_about_the_mailbox(self, code, is_slowed):
        sender, stream = make_sender(hourly_cap=40), make_stream()
        message = self.message_to("gmail.com", sender, stream)
        carrier = StubAdapter()
        carrier.send = lambda _account, _outgoing: (_ for _ in ()).throw(NotSent(Fault.PASSING, code, "Later"))
        send_due(adapter_for=lambda _name: carrier)
        message.refresh_from_db()
        assert message.state == "deferred"
        slowed = policy.group_throttles(sender, usage_of(sender), clock.now())
        assert ("google" in slowed) is is_slowed
        if is_slowed:
            assert throttles.rate(slowed["google"], clock.now()) == pytest.approx(20, abs=0.1)


class TestDraining:
    def test_a_draining_sender_finishes_what_is_planned_takes_no_new_lead_and_then_stops(self):
        sender = make_sender()
        known = make_lead()
        make_message(sender=sender, conversation=make_conversation(known))
        services.drain_sender(sender=sender, actor=ACTOR, reason="Moving away")
        with pytest.raises(Refused) as error:
            make_message(sender=sender)
        assert error.value.code == "sender_draining"
        make_message(sender=sender, conversation=make_conversation(known))
        assert not guarding.finish_draining(sender=sender)
        carrier = StubAdapter()
        while send_due(adapter_for=lambda _name: carrier):
            pass
        assert len(carrier.sent) == 2
        guarding.judge_sending()
        sender.refresh_from_db()
        assert sender.state == "stopped"
        assert "all planned messages have been sent" in sender.state_reason


class TestGuardrails:
    def sent(self, sender, count, **fields):
        conversation, stream = make_conversation(), make_stream()
        Message.objects.bulk_create(
            Message(
                sender=sender, stream=stream, conversation=conversation, channel=sender.channel,
                **{"state": "sent", "sent_at": clock.now() - timedelta(hours=1), **fields},
            )
            for _ in range(count)
        )  # fmt: skip

    def test_bounces_above_the_limit_pause_the_sender_with_the_numbers(self):
        sender = make_sender()
        self.sent(sender, 57)
        self.sent(sender, 3, state="bounced")
        guarding.judge(senders=[sender])
        sender.refresh_from_db()
        assert sender.state == "paused"
        assert "5.00%" in sender.state_reason
        assert "3 of 60" in sender.state_reason
        assert sender.health["factor"] == 0

    def test_activated_again_by_a_person_it_is_judged_from_then_on(self):
        sender = make_sender(verified_at=clock.now())
        self.sent(sender, 50, state="bounced")
        guarding.judge(senders=[sender])
        sender.refresh_from_db()
        services.resume_sender(sender=sender, actor=ACTOR)
        guarding.judge_sending()
        sender.refresh_from_db()
        assert sender.state == "active"
        assert policy.health_factor(sender) == 1

    def test_filtered_texts_pause_a_number(self):
        sender = make_sender(channel="sms")
        self.sent(sender, 97)
        self.sent(sender, 3, state="failed", error_code="30007")
        guarding.judge(senders=[sender])
        sender.refresh_from_db()
        assert sender.state == "paused"
        assert "30007" in sender.state_reason

    def test_older_messages_do_not_count(self):
        sender = make_sender()
        self.sent(sender, 60, state="bounced", sent_at=clock.now() - timedelta(days=8))
        assert guarding.judge(senders=[sender])[sender.pk].figures.sent == 0

    def test_a_complaint_is_judged_at_once_by_its_event(self):
        from conversations.outbox.events import record_event
        from outreach.jobs.draining import drain

        sender = make_sender()
        self.sent(sender, 99)
        message = make_message(sender=sender)
        Message.objects.filter(pk=message.pk).update(state="sent", sent_at=clock.now())
        record_event(message=message, kind="complained", occurred_at=clock.now())
        drain()
        sender.refresh_from_db()
        assert sender.state == "paused"
        assert "Complaints: 1.00% (1 of 100" in sender.state_reason

    def test_many_senders_are_judged_in_a_few_queries(self, django_assert_max_num_queries):
        for _ in range(10):
            self.sent(make_sender(), 5)
        guarding.judge_sending()
        with django_assert_max_num_queries(3):
            guarding.judge_sending()
