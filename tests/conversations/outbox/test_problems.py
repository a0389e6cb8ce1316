"""The poison queue: problems by cause, what to change, and one click after the change."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from conversations.channels.base import Fault, NotSent
from conversations.consent.services import record_consent
from conversations.models import Message
from conversations.outbox import causes, streams
from conversations.outbox import services as outbox
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.limits.models import Allowance
from tests.conversations.factories import ACTOR, make_conversation, make_lead, make_message, make_sender, make_stream

pytestmark = pytest.mark.django_db


def texts(count: int) -> list[Message]:
    sender, stream = make_sender(channel="sms", settings={"segments_per_minute": 60_000}), make_stream()
    return [
        make_message(
            conversation=make_conversation(make_lead(phone=f"+49151223456{number:02}")), sender=sender, stream=stream
        )
        for number in range(count)
    ]


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def test_problems_are_grouped_by_cause_with_what_to_change(tick, carrier):
    texts(3)
    failed = make_message()
    carrier.answers[failed.address] = NotSent(Fault.MESSAGE, "554", "Looks like spam.")
    tick()
    held, refused = causes.causes()
    assert (held.count, held.code, held.page, held.can_retry) == (3, "consented", "consent:ledger", True)
    assert "Record the consent" in held.change
    assert (refused.count, refused.code) == (1, "554")
    assert "Looks like spam" in refused.sample


def test_one_click_after_the_change_lets_them_go_one_after_the_other(tick, settings):
    rows = texts(3)
    tick()
    for row in rows:
        record_consent(lead=row.lead, channel="sms", basis="express", source="form", actor=ACTOR)
    [cause] = causes.causes()
    assert outbox.retry_cause(key=cause.key, actor=ACTOR) == 3
    times = sorted(Message.objects.values_list("scheduled_at", flat=True))
    assert [later - times[0] for later in times] == [timedelta(seconds=s) for s in (0, 30, 60)]
    assert tick() == 1
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        tick()
    assert states() == ["sent"] * 3


def test_what_trying_again_does_not_mend_is_not_tried_again(tick, carrier):
    message = make_message()
    carrier.answers["*"] = NotSent(Fault.MESSAGE, "30007", "Filtered by the carrier.")
    tick()
    [cause] = causes.causes()
    assert not cause.can_retry
    with pytest.raises(Refused, match="never sent again"):
        outbox.retry_cause(key=cause.key, actor=ACTOR)
    with pytest.raises(Refused, match="never sent again"):
        outbox.retry(message=message, actor=ACTOR)
    assert outbox.cancel_cause(key=cause.key, actor=ACTOR) == 1
    assert states() == ["cancelled"]


@pytest.mark.parametrize("key", ["", "nonsense", "sent::::", "failed:a:b:c:d", "failed:::email:1:2"])
def test_a_key_that_is_no_cause_is_refused(key):
    with pytest.raises(Invalid):
        outbox.retry_cause(key=key, actor=ACTOR)


def test_a_restored_snapshot_bursts_nothing_and_is_released_at_a_pace(tick, carrier):
    sender, stream = make_sender(), make_stream()
    paused = make_stream()
    for _ in range(5):
        make_message(sender=sender, stream=stream, scheduled_at=clock.now() + timedelta(minutes=5))
    in_paused = make_message(sender=sender, stream=paused, scheduled_at=clock.now() + timedelta(minutes=5))
    streams.pause_stream(stream=paused, actor=ACTOR)
    tick()  # the lane is looked after, as the snapshot remembers it
    with time_machine.travel(clock.now() + timedelta(hours=9)):
        tick()
        assert states() == ["skipped"] * 5 + ["scheduled"]
        assert carrier.sent == []
        assert Message.objects.filter(events__kind="skipped").count() == 5
        [cause] = causes.causes()
        assert (cause.code, cause.count) == ("not_overdue", 5)
        assert outbox.retry_cause(key=cause.key, actor=ACTOR) == 5
        assert tick() == 1
    with time_machine.travel(clock.now() + timedelta(hours=9, minutes=3)):
        while tick():
            pass
        assert states() == ["sent"] * 5 + ["scheduled"]
    assert in_paused.pk == Message.objects.get(state="scheduled").pk


def test_a_sender_that_was_paused_for_long_missed_nothing(tick):
    sender = make_sender()
    message = make_message(sender=sender, scheduled_at=clock.now() + timedelta(minutes=1))
    sender.state = "paused"
    sender.save()
    start = clock.now()
    for minutes in range(0, 300, 20):  # the lane goes on
        with time_machine.travel(start + timedelta(minutes=minutes)):
            tick()
    sender.state = "active"
    sender.save()
    with time_machine.travel(start + timedelta(minutes=300)):
        tick()
    message.refresh_from_db()
    assert message.state == "sent"


def test_an_upgrade_holds_nothing_back(tick):
    assert not Allowance.objects.filter(key__startswith="lane:").exists()
    make_message(scheduled_at=clock.now() - timedelta(minutes=30))
    tick()
    assert states() == ["sent"]


def test_the_page_lists_causes_and_acts_on_all_of_them(client, admin_user, tick):
    rows = texts(2)
    tick()
    client.force_login(admin_user)
    page = client.get(reverse("messages:problems")).content.decode()
    assert "No consent for text messages" in page
    assert reverse("consent:ledger") in page
    [cause] = causes.causes()
    assert "Retry after the change" in client.get(reverse("messages:problem", args=[cause.key])).content.decode()
    for row in rows:
        record_consent(lead=row.lead, channel="sms", basis="express", source="form", actor=ACTOR)
    client.post(reverse("messages:problem_action", args=[cause.key, "retry"]))
    assert states() == ["scheduled"] * 2
    assert client.get(reverse("messages:problem", args=["nonsense"])).status_code == 302


def test_the_api_and_the_command_offer_the_same(client, admin_user, tick, capsys):
    texts(2)
    tick()
    client.force_login(admin_user)
    [cause] = client.get("/api/v1/messages/problems/").json()
    assert (cause["count"], cause["can_retry"]) == (2, True)
    capsys.readouterr()
    call_command("message", "problems", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["cause"] == cause["key"]
    answer = client.post("/api/v1/messages/problems/retry/", {"cause": cause["key"]}, content_type="application/json")
    assert answer.json() == {"count": 2}
    tick()
    call_command("message", "cancel-cause", causes.causes()[0].key, "--json")
    assert states() == ["cancelled", "scheduled"]  # the second one's turn has not come
