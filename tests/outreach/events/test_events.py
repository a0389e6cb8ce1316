"""Events: written with the change, delivered after commit, at least once, each subscriber on its own."""

from datetime import timedelta

import pytest

from outreach.core import clock
from outreach.events import services
from outreach.events.models import Delivery, Event
from outreach.jobs.draining import drain
from outreach.jobs.models import QueueItem

seen: list[int] = []


def remember(event: Event) -> None:
    seen.append(event.payload["lead_id"])


def fail(event: Event) -> None:
    Event.objects.create(kind="half-done work")
    raise RuntimeError("not today")


@pytest.fixture(autouse=True)
def table(monkeypatch):
    seen.clear()
    here = "tests.outreach.events.test_events"
    monkeypatch.setattr(services, "subscriptions", lambda: {"lead.created": [f"{here}.fail", f"{here}.remember"]})


@pytest.mark.django_db
def test_a_subscriber_is_told_after_commit():
    services.publish("lead.created", lead_id=7)
    assert seen == []
    drain()
    assert seen == [7]


@pytest.mark.django_db
def test_a_failing_subscriber_leaves_nothing_half_done_and_is_tried_again():
    services.publish("lead.created", lead_id=7)
    drain()
    assert not Event.objects.filter(kind="half-done work").exists()
    failed = Delivery.objects.get(done_at=None)
    assert (failed.attempts, failed.error) == (1, "RuntimeError: not today")
    assert seen == [7], "the other subscriber is not held up"


@pytest.mark.django_db
def test_an_event_nobody_listens_to_costs_one_row():
    services.publish("nobody.cares")
    assert not QueueItem.objects.exists()


@pytest.mark.django_db
def test_every_subscription_names_a_function_that_exists():
    from importlib import import_module

    from django.conf import settings

    for wing in settings.WINGS[1:]:
        for functions in import_module(f"{wing}.subscriptions").SUBSCRIPTIONS.values():
            for name in functions:
                assert callable(services._resolve.__wrapped__(name)), name


@pytest.mark.django_db
def test_old_events_go_once_everybody_has_handled_them(settings):
    for kind in ("nobody.cares", "lead.created", "nobody.cares"):
        services.publish(kind, lead_id=7)
    drain()  # one subscriber of the second one fails
    old = Event.objects.order_by("pk").values_list("pk", flat=True)[:2]
    Event.objects.filter(pk__in=list(old)).update(at=clock.now() - timedelta(days=31))
    assert services.prune() == 1
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == ["lead.created", "nobody.cares"]
    Delivery.objects.update(done_at=clock.now())
    assert services.prune() == 1 and not Delivery.objects.exists()
