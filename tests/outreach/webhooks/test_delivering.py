"""From the log to the receiver: at least once, under one id, with patience, and none waits for another."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from outreach.core.errors import Invalid, Refused
from outreach.events.models import Delivery as LogDelivery
from outreach.events.models import Event
from outreach.events.services import publish, publish_all
from outreach.jobs.draining import drain
from outreach.webhooks import delivering, services, signing
from outreach.webhooks.connectors.registry import CONNECTORS
from outreach.webhooks.connectors.webhook import Webhook
from outreach.webhooks.models import Delivery, Subscription
from outreach.webhooks.services import SubscriptionData
from tests.leads.factories import make_lead
from tests.outreach.webhooks.conftest import ACTOR, subscribe
from tests.servers.receiver import Receiver

pytestmark = pytest.mark.django_db


def make_due() -> None:
    """As if the waits were over."""
    Delivery.objects.waiting().update(next_attempt_at=timezone.now())
    Subscription.objects.update(spared_until=None)


def test_an_event_arrives_signed_with_what_its_ids_stand_for(receiver):
    row = subscribe(receiver.url, "lead.created")
    lead = make_lead("Anna Nowak", title="Head of Operations")
    event = publish("lead.created", lead_id=lead.pk)
    drain()
    (received,) = receiver.requests
    assert received.json["type"] == "lead.created"
    assert received.json["data"]["lead"]["name"] == "Anna Nowak"
    assert received.json["id"] == received.headers["webhook-id"] == f"evt_{event.pk}"
    (secret,) = row.signing_secrets()
    stamp = received.headers["webhook-timestamp"]
    signature = signing.sign(secret, number=f"evt_{event.pk}", timestamp=int(stamp), body=received.body)
    assert received.headers["webhook-signature"] == signature
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status_code, delivery.attempts) == ("delivered", 204, 1)


def test_only_what_somebody_follows_is_taken_from_the_log(receiver):
    subscribe(receiver.url, "reply.*")
    publish("lead.created", lead_id=1)
    publish_all("lead.created", [{"lead_id": 2}])
    publish("reply.received", message_id=1)
    publish_all("reply.read", [{"message_id": 1, "intent": "positive"}])
    followed = LogDelivery.objects.filter(subscriber=services.FOLLOWER)
    assert set(followed.values_list("event__kind", flat=True)) == {"reply.received", "reply.read"}


def test_an_event_for_this_house_only_is_not_told(receiver):
    subscribe(receiver.url)
    publish("lead.changed", lead_id=1)
    drain()
    assert receiver.requests == []


def test_an_erased_person_is_not_told_of_any_more(receiver):
    subscribe(receiver.url, "lead.created")
    lead = make_lead("Anna Nowak", erased_at=timezone.now())
    publish("lead.created", lead_id=lead.pk)
    drain()
    (received,) = receiver.requests
    assert received.json["data"] == {"lead_id": lead.pk, "lead": None}


def test_a_failure_is_repeated_under_the_same_id_after_a_pause(receiver):
    receiver.answers.extend([(500, {}, "out of order"), 204])
    subscribe(receiver.url, "lead.created")
    publish("lead.created", lead_id=1)
    drain()
    failed = Delivery.objects.get()
    assert (failed.state, failed.error, failed.response) == ("waiting", "HTTP 500", "out of order")
    assert timedelta(seconds=4) < failed.next_attempt_at - timezone.now() < timedelta(seconds=7)
    assert len(receiver.requests) == 1
    make_due()
    delivering.deliver_due()
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert Delivery.objects.get().state == "delivered"
    assert Subscription.objects.get().failing_since is None


@pytest.mark.parametrize(("asked", "hours"), [("600", 0.15), ("9" * 20, 23.9), ("9" * 5000, 23.9)])
def test_a_receiver_that_asks_for_time_gets_it_within_reason(receiver, asked, hours):
    receiver.answers.append((429, {"Retry-After": asked}, ""))
    subscribe(receiver.url, "lead.created")
    publish("lead.created", lead_id=1)
    drain()
    assert Delivery.objects.get().next_attempt_at - timezone.now() > timedelta(hours=hours)


def test_a_fault_of_ours_in_one_delivery_leaves_the_others_alone(receiver, monkeypatch):
    class Faulty(Webhook):
        def deliver(self, order, exchange):
            raise RuntimeError("a case that we forgot")

    faulty, _sound = subscribe(receiver.url, "lead.created", connector="slack"), subscribe(receiver.url, "lead.created")
    monkeypatch.setitem(CONNECTORS, "slack", Faulty())
    publish("lead.created", lead_id=1)
    drain()
    assert len(receiver.requests) == 1
    states = Delivery.objects.values_list("subscription_id", "state", "attempts")
    assert {row[1:] for row in states if row[0] == faulty.pk} == {("waiting", 1)}
    assert {row[1:] for row in states if row[0] != faulty.pk} == {("delivered", 1)}
    assert "our side" in Delivery.objects.get(subscription=faulty).error


def test_after_ten_attempts_a_delivery_failed_and_can_be_replayed(receiver):
    receiver.answers.extend([500] * 10)
    row = subscribe(receiver.url, "lead.created")
    publish("lead.created", lead_id=1)
    drain()
    for _attempt in range(12):
        make_due()
        delivering.deliver_due()
    assert len(receiver.requests) == 10
    delivery = Delivery.objects.get()
    assert delivery.is_failed
    services.replay(delivery=delivery, actor=ACTOR)
    with pytest.raises(Refused):
        services.replay(delivery=delivery, actor=ACTOR)
    make_due()
    drain()
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert Delivery.objects.get().state == "delivered"
    assert services.replay_failed(subscription=row, since=timezone.now() - timedelta(days=1), actor=ACTOR) == 0


def test_everything_that_failed_since_a_time_is_sent_again(receiver):
    row = subscribe(receiver.url, "lead.created")
    for number in range(3):
        event = publish("lead.created", lead_id=number)
        Delivery.objects.create(
            subscription=row, event=event, kind=event.kind, state="failed", attempts=10,
            created_at=timezone.now() - timedelta(days=number),
        )  # fmt: skip
    since = timezone.now() - timedelta(days=1, hours=12)
    assert services.replay_failed(subscription=row, since=since, actor=ACTOR) == 2


def test_redirects_are_not_followed(receiver):
    receiver.answers.append((302, {"Location": receiver.url + "/elsewhere"}, ""))
    subscribe(receiver.url, "lead.created")
    publish("lead.created", lead_id=1)
    drain()
    assert (len(receiver.requests), Delivery.objects.get().error) == (1, "HTTP 302")


def test_a_private_address_is_refused_unless_it_was_allowed(receiver):
    with pytest.raises(Invalid, match="https"):
        services.add(SubscriptionData(connector="webhook", url=receiver.url), actor=ACTOR)
    row = subscribe(receiver.url, "lead.created")
    Subscription.objects.filter(pk=row.pk).update(is_local=False)
    publish("lead.created", lead_id=1)
    drain()
    assert receiver.requests == []
    assert "not a public address" in Delivery.objects.get().error


def test_the_metadata_service_of_a_cloud_is_never_asked():
    row = subscribe("http://169.254.169.254/latest", "lead.created")
    found = services.send_test(subscription=row, kind="", actor=ACTOR)
    assert "not a public address" in found.error


def test_who_dies_with_a_delivery_is_followed_by_another(receiver):
    subscribe(receiver.url, "lead.created")
    publish("lead.created", lead_id=1)
    drain("default")
    (claimed,) = delivering._claim({})
    assert delivering._claim({}) == []
    assert claimed.attempts == 1 and Delivery.objects.get().is_waiting
    make_due()
    drain()
    assert (len(receiver.requests), Delivery.objects.get().attempts) == (1, 2)


def test_a_receiver_that_does_not_want_any_more_is_switched_off(receiver):
    receiver.answers.append(410)
    subscribe(receiver.url, "lead.created")
    publish("lead.created", lead_id=1)
    drain()
    row = Subscription.objects.get()
    assert not row.is_active and "410" in row.off_reason
    assert Event.objects.filter(kind="webhook.disabled").count() == 1
    publish("lead.created", lead_id=2)
    drain()
    assert len(receiver.requests) == 1


def test_days_of_failures_switch_a_receiver_off_and_what_waits_leaves_when_it_is_on_again(receiver):
    receiver.answers.append(500)
    row = subscribe(receiver.url, "lead.created")
    Subscription.objects.update(failing_since=timezone.now() - timedelta(days=5), failures=2)
    publish("lead.created", lead_id=1)
    drain()
    row.refresh_from_db()
    assert not row.is_active and "5 days" in row.off_reason
    services.switch(subscription=row, is_active=True, actor=ACTOR)
    assert row.failing_since is None
    make_due()
    drain()
    assert Delivery.objects.get().state == "delivered"


def test_after_five_faults_in_a_row_a_receiver_is_spared(receiver):
    receiver.answers.extend([500] * 12)
    subscribe(receiver.url, "lead.created")
    for number in range(12):
        publish("lead.created", lead_id=number)
    drain()
    row = Subscription.objects.get()
    assert row.spared_until > timezone.now()
    assert len(receiver.requests) < 12 and Delivery.objects.filter(attempts=0).exists()


def test_a_slow_receiver_holds_up_nobody_else_and_gets_few_requests_at_a_time(receiver):
    four, quick_is_done, were_freed = threading.Barrier(4), threading.Event(), []

    def wait_for_the_quick_one():
        four.wait(10)
        were_freed.append(quick_is_done.wait(10))

    with Receiver(before_answer=wait_for_the_quick_one) as slow:
        subscribe(slow.url, "lead.created")
        subscribe(receiver.url, "lead.created")
        for number in range(12):
            publish("lead.created", lead_id=number)
        drain("default")
        receiver.before_answer = lambda: quick_is_done.set() if len(receiver.requests) == 12 else None
        delivering.deliver_due()
        assert slow.most_at_once == 4
        assert len(slow.requests) == len(receiver.requests) == 12
        assert were_freed == [True] * 12, (
            "the quick receiver had all of its deliveries before the slow one answered any"
        )


def test_a_rotation_leaves_a_day_in_which_both_secrets_are_right(receiver):
    row = subscribe(receiver.url, "lead.created")
    (before,) = row.signing_secrets()
    after = services.rotate(subscription=row, actor=ACTOR)
    assert row.signing_secrets() == (after, before)
    services.send_test(subscription=row, kind="", actor=ACTOR)
    assert len(receiver.requests[0].headers["webhook-signature"].split()) == 2
    Subscription.objects.update(earlier_valid_until=timezone.now())
    row.refresh_from_db()
    assert row.signing_secrets() == (after,)


def test_secrets_are_not_in_the_database_as_text(receiver):
    row = subscribe(receiver.url)
    (secret,) = row.signing_secrets()
    stored = json.dumps(list(Subscription.objects.values()), default=str)
    assert secret.removeprefix("whsec_") not in stored


def test_a_test_says_what_it_is_and_is_not_repeated(receiver):
    receiver.answers.append((400, {}, "no"))
    row = subscribe(receiver.url, "reply.received")
    found = services.send_test(subscription=row, kind="", actor=ACTOR)
    assert found.is_failed and found.response == "no"
    assert receiver.requests[0].json["test"] is True
    assert receiver.requests[0].headers["webhook-id"] == f"test_{found.pk}"
    with pytest.raises(Refused):
        services.replay(delivery=found, actor=ACTOR)


def test_answers_about_an_erased_person_are_blanked_and_old_deliveries_go(receiver):
    receiver.answers.append((200, {}, "saved Anna Nowak"))
    subscribe(receiver.url, "lead.created")
    publish("lead.created", lead_id=77)
    drain()
    delivering.forget_lead([77])
    assert Delivery.objects.get().response == ""
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert delivering.forget_old() == 1


@pytest.mark.parametrize("kinds", [(), ("no.such",), ("lead.creatd",)])
def test_a_subscription_names_events_that_exist(kinds):
    with pytest.raises(Invalid) as error:
        services.add(SubscriptionData(connector="webhook", url="https://a.example/", kinds=kinds), actor=ACTOR)
    assert error.value.field == "kinds"
