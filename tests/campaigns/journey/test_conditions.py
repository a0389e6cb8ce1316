"""Conditions, tasks, snoozes and the stop for a whole company, as they act on real rows."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from campaigns.drafts.models import Draft
from campaigns.journey import conditions, turns
from campaigns.journey.advancing import advance, hand_over
from campaigns.journey.conditions import Facts
from campaigns.journey.leaving import exclude
from campaigns.journey.models import Turn
from campaigns.reactions.subscribers import on_message_event, on_message_sent, on_reply_read
from conversations.models import Conversation, Message
from conversations.replies.consequences import snooze_absence
from conversations.services import conversation_for
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.events.models import Event
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_user
from tests.campaigns.texts import make_draft, make_reply, mark_sent

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
ACTOR = Actor.system("test")


@pytest.fixture
def campaign():
    campaign = make_campaign(steps=("first-contact-email", "first-contact-email", "first-contact-email"))
    campaign.state = campaign.stream.state = "sending"
    campaign.save()
    campaign.stream.state = "active"
    campaign.stream.save()
    return campaign


@pytest.fixture
def candidate(campaign):
    return make_candidate(campaign, stage="approved", time_zone="UTC")


def happened(name, /, **payload):
    return Event(kind=name, payload=payload, at=clock.now())


def set_step(campaign, number, **fields):
    campaign.steps.filter(number=number).update(**fields)


def send_first(candidate, at=MONDAY):
    """Drafts for all three steps, the first of which was sent."""
    drafts = [make_draft(candidate, step=number) for number in (1, 2, 3)]
    with time_machine.travel(at, tick=False):
        message = mark_sent(hand_over(drafts[0]))
        on_message_sent(happened("message.sent", message_id=message.pk))
    return message


def later(days, **fields):
    return time_machine.travel(MONDAY + timedelta(days=days, **fields), tick=False)


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        ("opened", Facts("sent"), False),
        ("opened", Facts("opened"), True),
        ("opened", Facts("clicked"), True),
        ("not_opened", Facts("delivered"), True),
        ("not_opened", Facts("bounced"), False),
        ("not_opened", Facts(""), False),
        ("clicked", Facts("sent", is_clicked=True), True),
        ("not_clicked", Facts("opened"), True),
        ("delivered", Facts("sent"), False),
        ("bounced", Facts("bounced"), True),
        ("connected", Facts(is_connected=True), True),
        ("not_connected", Facts(""), True),
    ],
)
def test_what_a_condition_says_of_a_message(condition, facts, expected):
    assert conditions.holds(condition, facts) is expected


def test_a_condition_waits_for_its_day_and_then_holds(campaign, candidate):
    set_step(campaign, 2, condition="not_opened")
    send_first(candidate)
    turn = Turn.objects.get()
    assert (turn.step.number, turn.state, Message.objects.count()) == (2, "waiting", 1)
    assert MONDAY + timedelta(days=3) <= turn.due_at < MONDAY + timedelta(days=3, hours=1)
    with later(2):
        turns.look_at_due()
    assert Message.objects.count() == 1
    with later(3, hours=1):
        turns.look_at_due()
        follow_up = Message.objects.get(draft__step__number=2)
        assert follow_up.scheduled_at == clock.now()
    turn.refresh_from_db()
    assert turn.state == "done"
    assert follow_up.planned_at == MONDAY  # a reply since the first message stops it


def test_a_condition_that_does_not_hold_skips_to_the_next_step(campaign, candidate):
    set_step(campaign, 2, condition="opened")
    send_first(candidate)
    with later(3, hours=1):
        turns.look_at_due()
        third = Message.objects.get(draft__step__number=3)
        # three more working days (Thursday to Tuesday) after the day of the step that was skipped
        assert MONDAY + timedelta(days=8) <= third.scheduled_at < MONDAY + timedelta(days=8, hours=2)
    assert Turn.objects.get().state == "skipped"
    assert Draft.objects.get(step__number=2).state == "superseded"


def test_a_condition_may_ask_about_an_earlier_step(campaign, candidate):
    set_step(campaign, 3, condition="clicked", condition_step=1)
    first = send_first(candidate)
    Message.objects.filter(pk=first.pk).update(state="clicked", clicked_at=MONDAY)
    with later(3):
        second = mark_sent(Message.objects.get(draft__step__number=2))
        on_message_sent(happened("message.sent", message_id=second.pk))
    with later(9):
        turns.look_at_due()
    assert Message.objects.filter(draft__step__number=3).exists()


def test_a_bounce_may_lead_to_another_step_instead_of_ending_it(campaign, candidate):
    set_step(campaign, 2, condition="bounced", delay_days=0)
    first = send_first(candidate)
    third = Message.objects.get(draft__step__number=3)
    Message.objects.filter(pk=first.pk).update(state="bounced")
    with later(0, minutes=5):
        on_message_event(happened("message.event", message_id=first.pk, kind="bounced"))
        turns.look_at_due()
    candidate.refresh_from_db()
    assert candidate.stage == "contacted"
    assert Message.objects.filter(draft__step__number=2, state="scheduled").exists()
    third.refresh_from_db()
    assert third.state == "cancelled"  # it was on its way to the dead address


def test_who_did_not_bounce_passes_such_a_step_by(campaign, candidate):
    set_step(campaign, 2, condition="bounced", delay_days=0)
    send_first(candidate)
    assert set(Message.objects.values_list("draft__step__number", flat=True)) == {1, 3}


def test_without_such_a_step_a_bounce_ends_it(campaign, candidate):
    set_step(campaign, 2, condition="not_opened")
    first = send_first(candidate)
    Message.objects.filter(pk=first.pk).update(state="bounced")
    on_message_event(happened("message.event", message_id=first.pk, kind="bounced"))
    candidate.refresh_from_db()
    assert (candidate.stage, Turn.objects.get().state) == ("lost", "cancelled")


def test_a_reply_ends_what_waits(campaign, candidate):
    set_step(campaign, 2, condition="not_opened")
    first = send_first(candidate)
    reply = make_reply(candidate, answers=first)
    on_reply_read(happened("reply.read", message_id=reply.pk, intent="positive"))
    assert Turn.objects.get().state == "cancelled"
    with later(4):
        assert turns.look_at_due() == 0


def test_a_reply_that_nobody_has_read_stops_a_condition_too(campaign, candidate):
    set_step(campaign, 2, condition="not_opened")
    send_first(candidate)
    candidate.lead.last_replied_at = MONDAY + timedelta(hours=1)
    candidate.lead.save()
    with later(4):
        turns.look_at_due()
    assert (Turn.objects.get().state, Message.objects.count()) == ("cancelled", 1)


@pytest.mark.parametrize("polled_at", [None, MONDAY])
def test_nothing_goes_on_while_the_mailbox_was_not_read(campaign, candidate, polled_at):
    set_step(campaign, 2, condition="not_opened")
    first = send_first(candidate)
    first.sender.settings = {"imap_host": "imap.firm.example"}
    first.sender.last_polled_at = polled_at
    first.sender.save()
    with later(4):
        turns.look_at_due()
        assert (Turn.objects.get().state, Message.objects.count()) == ("waiting", 1)
        first.sender.last_polled_at = clock.now()
        first.sender.save()
    with later(4, minutes=6):
        first.sender.last_polled_at = clock.now()
        first.sender.save()
        turns.look_at_due()
    assert Message.objects.count() == 2


def test_the_gate_also_waits_for_the_mailbox_of_an_earlier_channel(campaign, candidate):
    from conversations.dispatch.gate import examine

    set_step(campaign, 2, is_in_thread=False)
    first = send_first(candidate)
    first.sender.settings = {"imap_host": "imap.firm.example"}
    first.sender.save()
    follow_up = Message.objects.select_related("stream", "sender", "lead").get(draft__step__number=2)
    assert follow_up.follows is None and follow_up.sender_id != first.sender_id
    assert examine(follow_up).passed["mailbox_read"] is False
    first.sender.last_polled_at = clock.now()
    first.sender.save()
    assert examine(follow_up).passed["mailbox_read"] is True


def test_an_absence_moves_what_is_planned_and_what_is_planned_later(campaign, candidate):
    send_first(candidate)
    conversation = Conversation.objects.get(lead=candidate.lead)
    with later(1):
        until = snooze_absence(conversation, returns_on=datetime(2026, 3, 20, tzinfo=UTC).date())
    assert until == datetime(2026, 3, 24, 9, tzinfo=UTC)  # Friday and two working days
    second = Message.objects.get(draft__step__number=2)
    assert second.scheduled_at == until
    other = make_candidate(campaign, stage="approved", time_zone="UTC")
    snooze_absence(conversation_for(lead=other.lead), returns_on=datetime(2036, 3, 20, tzinfo=UTC).date())
    assert hand_over(make_draft(other)).scheduled_at.year == 2036


def test_a_condition_waits_out_an_absence(campaign, candidate):
    set_step(campaign, 2, condition="not_opened")
    send_first(candidate)
    conversation = Conversation.objects.get(lead=candidate.lead)
    with later(1):
        until = snooze_absence(conversation, returns_on=None)
    assert timedelta(days=7) <= until - MONDAY <= timedelta(days=15)
    with later(4):
        turns.look_at_due()
    assert Turn.objects.get().due_at == until


class TestTasks:
    @pytest.fixture
    def task(self, campaign, candidate):
        set_step(
            campaign, 2, action="task", channel="", sender=None, pack_version=None, instructions="Call them",
            condition="always",
        )  # fmt: skip
        make_draft(candidate, step=3)
        first = make_draft(candidate)
        with time_machine.travel(MONDAY, tick=False):
            message = mark_sent(hand_over(first))
            on_message_sent(happened("message.sent", message_id=message.pk))
        with later(4):
            turns.look_at_due()
        return Turn.objects.select_related("step").get()

    def test_a_task_is_open_on_its_day_and_holds_the_sequence(self, task):
        assert task.state == "open"
        assert list(turns.open_tasks()) == [task]
        assert Message.objects.count() == 1

    def test_done_goes_on_from_then(self, task):
        person = make_user()
        with later(7):  # the next Monday
            turns.do_task(turn=task, user=person, note="Not there, left a message")
        third = Message.objects.get(draft__step__number=3)
        assert MONDAY + timedelta(days=10) <= third.scheduled_at < MONDAY + timedelta(days=10, hours=1)
        assert (task.state, task.settled_by, task.note) == ("done", person, "Not there, left a message")
        assert third.planned_at == MONDAY

    def test_skipped_goes_on_without_it(self, task):
        with later(7):
            turns.skip_task(turn=task, user=make_user())
        assert (task.state, Message.objects.filter(draft__step__number=3).count()) == ("skipped", 1)

    def test_it_is_done_once(self, task):
        turns.do_task(turn=task, user=make_user())
        with pytest.raises(Refused):
            turns.skip_task(turn=Turn.objects.get(pk=task.pk), user=make_user())

    def test_who_leaves_the_campaign_leaves_no_task(self, task, candidate):
        candidate.refresh_from_db()
        candidate.stage = "contacted"
        candidate.save()
        exclude(candidate=candidate, actor=ACTOR)
        task.refresh_from_db()
        assert task.state == "cancelled"


class TestCompanies:
    @pytest.fixture
    def colleagues(self, campaign, candidate):
        campaign.is_stopped_by_company = True
        campaign.save()
        first = send_first(candidate)
        candidate.refresh_from_db()
        same = make_candidate(campaign, stage="approved", lead=make_lead(company=candidate.lead.company))
        other = make_candidate(campaign, stage="approved", lead=make_lead())
        other.lead.identities.filter(channel="email").update(address="x@elsewhere.example")
        for one in (same, other):
            hand_over(make_draft(one))
        return first, same, other

    def answer(self, candidate, first):
        reply = make_reply(candidate, answers=first)
        on_reply_read(happened("reply.read", message_id=reply.pk, intent="positive"))

    def test_a_reply_stops_everybody_there_and_nobody_elsewhere(self, campaign, candidate, colleagues):
        first, same, other = colleagues
        self.answer(candidate, first)
        same.refresh_from_db()
        other.refresh_from_db()
        assert (same.stage, other.stage) == ("excluded", "approved")
        assert "company" in same.stage_reason
        states = dict(Message.objects.filter(lead__in=[same.lead, other.lead]).values_list("lead", "state"))
        assert states == {same.lead_id: "cancelled", other.lead_id: "scheduled"}

    def test_who_comes_later_is_stopped_too(self, campaign, candidate, colleagues):
        self.answer(candidate, colleagues[0])
        late = make_candidate(campaign, stage="approved", lead=make_lead(company=candidate.lead.company))
        assert hand_over(make_draft(late)) is None
        late.refresh_from_db()
        assert late.stage == "excluded"

    def test_a_provider_of_free_mailboxes_is_no_company(self, campaign, candidate, colleagues):
        first, same, _other = colleagues
        company = candidate.lead.company
        company.domain = "gmail.com"
        company.save()
        for one in (candidate, same):
            one.lead.identities.filter(channel="email").update(address=f"p{one.pk}@gmail.com")
        self.answer(candidate, first)
        same.refresh_from_db()
        assert same.stage == "approved"

    def test_without_the_option_nobody_else_is_stopped(self, campaign, candidate, colleagues):
        campaign.is_stopped_by_company = False
        campaign.save()
        self.answer(candidate, colleagues[0])
        colleagues[1].refresh_from_db()
        assert colleagues[1].stage == "approved"


def test_advancing_twice_is_once(campaign, candidate):
    send_first(candidate)
    with later(0, minutes=1):
        assert advance(candidate.pk) is None
    assert Message.objects.count() == 2
