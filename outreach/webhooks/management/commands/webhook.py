"""`manage.py webhook`: subscriptions to events from the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from django.utils import timezone
from django_typer.management import TyperCommand, command

from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors, found
from outreach.events import kinds
from outreach.webhooks import services
from outreach.webhooks.connectors.registry import CONNECTORS
from outreach.webhooks.models import Delivery, Subscription
from outreach.webhooks.services import SubscriptionData

ACTOR = Actor.system("command line")


class Command(TyperCommand):
    help = "Tell other systems what happens: webhooks, chat and CRMs"

    @command("list")
    def list_webhooks(self, as_json: AsJson = False) -> None:
        """All subscriptions."""
        emit((describe(row) for row in Subscription.objects.order_by("pk")), as_json=as_json, title="Webhooks")

    @command()
    def events(self, as_json: AsJson = False) -> None:
        """The kinds of events; with --json each with an example."""
        rows: list[dict[str, Any]] = [
            {"type": kind.name, "description": str(kind.help)} | ({"example": kinds.example(kind.name)} if as_json else {})
            for kind in kinds.kinds().values()
        ]  # fmt: skip
        emit(rows, as_json=as_json, title="Events")

    @command()
    def add(
        self,
        url: Annotated[str, typer.Argument(help="Where to send; empty for a CRM")] = "",
        event: Annotated[list[str] | None, typer.Option(help="Such as reply.received or lead.*; repeatable")] = None,
        connector: Annotated[str, typer.Option(help=", ".join(CONNECTORS))] = "webhook",
        description: str = "",
        local: Annotated[bool, typer.Option(help="It may be on this machine or in a private network")] = False,
        option: Annotated[list[str] | None, typer.Option(help="name=value of the connector; repeatable")] = None,
        as_json: AsJson = False,
    ) -> None:
        """Subscribe. Prints the signing secret, which is never shown again."""
        with explained_errors(as_json=as_json):
            pairs = [text.partition("=") for text in option or ()]
            wanted = tuple(event or (CONNECTORS[connector].default_kinds if connector in CONNECTORS else ("*",)))
            data = SubscriptionData(
                connector=connector,
                url=url,
                kinds=wanted,
                description=description,
                is_local=local,
                fields={name: value for name, _equals, value in pairs},
            )
            row, secret = services.add(data, actor=ACTOR)
            emit([describe(row) | {"secret": secret}], as_json=as_json)

    @command()
    def test(
        self,
        number: int,
        event: Annotated[str, typer.Option(help="The kind whose example is sent")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Send an example now; exit code 1 when the receiver did not accept it."""
        with explained_errors(as_json=as_json):
            delivery = services.send_test(subscription=_webhook(number), kind=event, actor=ACTOR)
            emit([describe_delivery(delivery)], as_json=as_json)
            if delivery.is_failed:
                raise typer.Exit(1)

    @command()
    def deliveries(self, number: int, limit: int = 20, as_json: AsJson = False) -> None:
        """The newest deliveries of a subscription."""
        with explained_errors(as_json=as_json):
            rows = _webhook(number).deliveries.order_by("-pk")[:limit]
            emit((describe_delivery(row) for row in rows), as_json=as_json)

    @command()
    def replay(
        self,
        number: int,
        since: Annotated[datetime | None, typer.Option(help="Everything that failed since then")] = None,
        delivery: Annotated[int, typer.Option(help="One delivery instead")] = 0,
        as_json: AsJson = False,
    ) -> None:
        """Deliver again: one delivery, or everything that failed since a time."""
        with explained_errors(as_json=as_json):
            row = _webhook(number)
            if delivery:
                deliveries = row.deliveries.select_related("subscription")
                services.replay(delivery=found(deliveries, delivery, "delivery"), actor=ACTOR)
                count = 1
            elif since is None:
                raise Invalid("since", "Give --since TIME or --delivery NUMBER.")
            else:
                at = since if timezone.is_aware(since) else timezone.make_aware(since)
                count = services.replay_failed(subscription=row, since=at, actor=ACTOR)
            emit([{"replayed": count}], as_json=as_json)

    @command()
    def rotate(self, number: int, as_json: AsJson = False) -> None:
        """A new signing secret; for a day requests are signed with both."""
        with explained_errors(as_json=as_json):
            row = _webhook(number)
            secret = services.rotate(subscription=row, actor=ACTOR)
            emit([{"secret": secret, "earlier_valid_until": row.earlier_valid_until}], as_json=as_json)

    @command()
    def switch(self, number: int, on: bool = True, as_json: AsJson = False) -> None:
        """Switch a subscription on, or off with --no-on."""
        with explained_errors(as_json=as_json):
            row = _webhook(number)
            services.switch(subscription=row, is_active=on, actor=ACTOR)
            emit([describe(row)], as_json=as_json)

    @command()
    def remove(self, number: int, as_json: AsJson = False) -> None:
        """Remove a subscription with its deliveries."""
        with explained_errors(as_json=as_json):
            services.remove(subscription=_webhook(number), actor=ACTOR)
            emit([{"removed": number}], as_json=as_json)


def _webhook(number: int) -> Subscription:
    return found(Subscription.objects.all(), number, "webhook")


def describe(row: Subscription) -> dict[str, Any]:
    """One subscription as a row of output."""
    return {
        "id": row.pk,
        "connector": row.connector,
        "description": row.description,
        "url": row.url,
        "events": ", ".join(row.kinds),
        "is_active": row.is_active,
        "off_reason": row.off_reason,
        "failures": row.failures,
        "succeeded_at": row.succeeded_at,
    }


def describe_delivery(row: Delivery) -> dict[str, Any]:
    """One delivery as a row of output."""
    return {
        "id": row.pk,
        "event": row.event_id,
        "type": row.kind,
        "state": row.state,
        "attempts": row.attempts,
        "status": row.status_code,
        "ms": row.duration_ms,
        "error": row.error,
        "response": row.response,
        "next_attempt_at": row.next_attempt_at if row.is_waiting else None,
        "created_at": row.created_at,
    }
