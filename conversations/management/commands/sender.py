"""`manage.py sender`: sending accounts from the command line."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from conversations.senders import services
from conversations.senders.models import Sender
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors

ACTOR = Actor.system("command line")


class Command(TyperCommand):
    help = "Make, verify and steer sending accounts"

    @command("list")
    def list_senders(self, as_json: AsJson = False) -> None:
        """All senders."""
        emit((describe(sender) for sender in Sender.objects.all()), as_json=as_json)

    @command()
    def create(
        self,
        name: str,
        adapter: Annotated[str, typer.Option(help="smtp, twilio or sandbox")],
        channel: str = "email",
        address: str = "",
        display_name: Annotated[str, typer.Option(help="Who signs: “Rita Vogel”")] = "",
        setting: Annotated[list[str] | None, typer.Option(help="KEY=VALUE, several times")] = None,
        credential: Annotated[list[str] | None, typer.Option(help="KEY=VALUE; KEY=@FILE reads it from a file")] = None,
        hourly_cap: int = 20,
        daily_cap: int = 50,
        weekly_cap: int = 250,
        gap_seconds: int = 0,
        time_zone: str = "UTC",
        as_json: AsJson = False,
    ) -> None:
        """A sender that is not verified yet."""
        with explained_errors(as_json=as_json):
            sender = services.create_sender(
                name=name,
                channel=channel,
                adapter=adapter,
                address=address,
                display_name=display_name,
                actor=ACTOR,
                settings=_pairs(setting or []),
                credentials=_pairs(credential or []),
                hourly_cap=hourly_cap,
                daily_cap=daily_cap,
                weekly_cap=weekly_cap,
                gap_seconds=gap_seconds,
                time_zone=time_zone,
            )
            emit([describe(sender)], as_json=as_json)

    @command()
    def verify(self, name: str, as_json: AsJson = False) -> None:
        """Sign in for real; the sender is active afterwards."""
        with explained_errors(as_json=as_json):
            sender = _sender(name)
            found = services.verify_sender(sender=sender, actor=ACTOR)
            emit([describe(sender) | {"found": found}], as_json=as_json)

    @command()
    def pause(self, name: str, reason: str = "Paused on the command line.", as_json: AsJson = False) -> None:
        """Stop sending from it at once."""
        with explained_errors(as_json=as_json):
            emit([describe(services.pause_sender(sender=_sender(name), actor=ACTOR, reason=reason))], as_json=as_json)

    @command()
    def activate(self, name: str, as_json: AsJson = False) -> None:
        """Send from it again."""
        with explained_errors(as_json=as_json):
            emit([describe(services.resume_sender(sender=_sender(name), actor=ACTOR))], as_json=as_json)


def _pairs(texts: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise Invalid(key, f"Write it as KEY=VALUE, not “{text}”.", code="malformed")
        if value.startswith("@"):
            from pathlib import Path

            values[key] = Path(value[1:]).read_text(encoding="utf-8").strip()
            continue
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = value
        values[key] = parsed if isinstance(parsed, bool | int) else value
    return values


def _sender(name: str) -> Sender:
    sender = Sender.objects.filter(name=name).first()
    if sender is None and name.isdecimal():
        sender = Sender.objects.filter(pk=int(name)).first()
    if sender is None:
        raise Invalid("name", f"There is no sender “{name}”.", code="not_found")
    return sender


def describe(sender: Sender) -> dict[str, Any]:
    """One sender as a line; never its secrets."""
    return {
        "id": sender.pk,
        "name": sender.name,
        "channel": sender.channel,
        "adapter": sender.adapter,
        "address": sender.address,
        "state": sender.state,
        "reason": sender.state_reason,
        "verified_at": sender.verified_at,
        "last_polled_at": sender.last_polled_at,
    }
