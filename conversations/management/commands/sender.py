"""`manage.py sender`: sending accounts from the command line."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from conversations.senders import assigning, checks, guarding, policy, selectors, services
from conversations.senders.api import describe_workday
from conversations.senders.domains import examine_sender
from conversations.senders.models import Sender
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors, found, read_file

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
        adapter: Annotated[str, typer.Option(help="smtp, twilio, sandbox, …")],
        channel: str = "email",
        address: str = "",
        display_name: Annotated[str, typer.Option(help="Signature name, such as “Rita Vogel”")] = "",
        setting: Annotated[list[str] | None, typer.Option(help="KEY=VALUE; may be repeated")] = None,
        credential: Annotated[list[str] | None, typer.Option(help="KEY=VALUE; KEY=@FILE reads it from a file")] = None,
        hourly_cap: int = 20,
        daily_cap: int = 50,
        weekly_cap: int = 250,
        gap_seconds: int = 0,
        gap_jitter_percent: int = 50,
        warmup_start: Annotated[
            int | None, typer.Option(help="Messages on the first day (default: no warm-up)")
        ] = None,
        warmup_step: int = 2,
        warmup_ceiling: Annotated[int | None, typer.Option(help="Where the ramp ends (default: the daily cap)")] = None,
        workday: Annotated[bool, typer.Option(help="Human-like start, lunch, end and gaps")] = False,
        hours: Annotated[str, typer.Option(help="0-4 09:00-17:00: days (0 is Monday) and times")] = "",
        limit: Annotated[list[str] | None, typer.Option(help="PROVIDER=MESSAGES AN HOUR, such as google=20")] = None,
        tag: Annotated[list[str] | None, typer.Option(help="Pools it belongs to")] = None,
        time_zone: str = "UTC",
        as_json: AsJson = False,
    ) -> None:
        """A sender that is not verified yet."""
        with explained_errors(as_json=as_json):
            config = services.SenderConfig(
                name=name,
                channel=channel,
                adapter=adapter,
                address=address,
                display_name=display_name,
                settings=_pairs(setting or []),
                credentials=_pairs(credential or []),
                hourly_cap=hourly_cap,
                daily_cap=daily_cap,
                weekly_cap=weekly_cap,
                gap_seconds=gap_seconds,
                gap_jitter_percent=gap_jitter_percent,
                warmup_start=warmup_start,
                warmup_step=warmup_step,
                warmup_ceiling=warmup_ceiling,
                has_workday=workday,
                working_hours=_hours(hours),
                group_limits=_pairs(limit or []),
                tags=tag or [],
                time_zone=time_zone,
            )
            sender = services.create_sender(config, actor=ACTOR)
            emit([_with_warnings(sender)], as_json=as_json)

    @command("set")
    def change(
        self,
        name: str,
        value: Annotated[
            list[str], typer.Argument(help="FIELD=VALUE, such as daily_cap=40 warmup_start=5 tags=sales,de")
        ],
        as_json: AsJson = False,
    ) -> None:
        """Change caps, ramp, gaps, hours, limits or tags of a sender."""
        with explained_errors(as_json=as_json):
            sender = services.update_sender(sender=_sender(name), actor=ACTOR, **_changes(value))
            emit([_with_warnings(sender)], as_json=as_json)

    @command()
    def verify(
        self,
        name: str,
        test_address: Annotated[str, typer.Option(help="Your own address, for a real test message")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Sign in for real and send a test message; the sender is active afterwards."""
        with explained_errors(as_json=as_json):
            sender = _sender(name)
            found = services.verify_sender(sender=sender, actor=ACTOR, test_address=test_address)
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

    @command()
    def domain(self, name: str, as_json: AsJson = False) -> None:
        """Ask the DNS about its domain now: SPF, DKIM, DMARC, MX, blocklists."""
        with explained_errors(as_json=as_json):
            rows = examine_sender(sender=_sender(name))
            emit(
                [
                    {"check": row.check_name, "verdict": row.verdict, "evidence": row.evidence, "advice": row.advice}
                    for row in rows
                ],
                as_json=as_json,
            )

    @command()
    def allowance(self, name: str, as_json: AsJson = False) -> None:
        """Today's allowance, the number of each of its parts, and the next possible time."""
        with explained_errors(as_json=as_json):
            found = selectors.overview(_sender(name), clock.now())
            rows: list[dict[str, Any]] = [
                {"part": part.name, "messages": part.number, "note": part.note} for part in found.parts
            ]
            rows += [
                {"part": f"mail to {row.name}", "messages": f"{row.per_hour:g} an hour", "note": _slowed(row)}
                for row in found.providers
                if row.room is not None
            ]
            rows.append({"part": "allowance", "messages": found.allowance, "note": f"{found.left} left"})
            note = found.next_at.isoformat() if found.next_at else "needs a person"
            rows.append({"part": "next", "messages": found.planned, "note": f"{note}: {found.next_reason}"})
            emit(rows, as_json=as_json)

    @command()
    def health(self, name: Annotated[str, typer.Argument()] = "", as_json: AsJson = False) -> None:
        """Count and judge the last seven days of one sender, or of all that send."""
        with explained_errors(as_json=as_json):
            rows = [_sender(name)] if name else list(Sender.objects.sending())
            verdicts = guarding.judge(senders=rows)
            emit(
                (
                    {
                        "name": sender.name,
                        "state": sender.state,
                        "sent": verdicts[sender.pk].figures.sent,
                        "factor": verdicts[sender.pk].factor,
                        "sentence": verdicts[sender.pk].sentence,
                    }
                    for sender in rows
                ),
                as_json=as_json,
            )

    @command()
    def workday(
        self,
        name: str,
        day: Annotated[str, typer.Option(help="2026-03-02 (default: today)")] = "",
        as_json: AsJson = False,
    ) -> None:
        """When a sender works on one day, and when messages would leave."""
        with explained_errors(as_json=as_json):
            sender, now = _sender(name), clock.now()
            chosen = _day(day) if day else policy.today(sender, now)
            emit([describe_workday(selectors.workday_view(sender, chosen, now))], as_json=as_json)

    @command()
    def drain(self, name: str, reason: str = "Drained on the command line.", as_json: AsJson = False) -> None:
        """Finish planned messages and take no new leads."""
        with explained_errors(as_json=as_json):
            emit([describe(services.drain_sender(sender=_sender(name), actor=ACTOR, reason=reason))], as_json=as_json)

    @command()
    def rehome(
        self,
        name: str,
        pool: Annotated[str, typer.Option(help="Tag of the senders that take over (default: all on the channel)")] = "",
        reason: str = "Moved on the command line.",
        as_json: AsJson = False,
    ) -> None:
        """Give what is planned for people that it never wrote to, to other senders."""
        with explained_errors(as_json=as_json):
            sender = _sender(name)
            moved = assigning.rehome(sender=sender, to=selectors.others(sender, tag=pool), actor=ACTOR, reason=reason)
            row = {
                "moved": moved.moved,
                "to_review": moved.to_review,
                "kept": moved.kept,
                "by_sender": dict(moved.by_sender),
            }
            emit([row], as_json=as_json)

    @command()
    def delete(
        self,
        name: str,
        pool: Annotated[
            str, typer.Option(help="Tag of the senders that take over messages to leads not yet contacted")
        ] = "",
        reason: str = "Deleted on the command line.",
        as_json: AsJson = False,
    ) -> None:
        """Delete a sender."""
        with explained_errors(as_json=as_json):
            sender = _sender(name)
            others = selectors.others(sender, tag=pool) if pool else []
            found = services.delete_sender(sender=sender, actor=ACTOR, reason=reason, to=others)
            emit([{"name": name, "finding": found}], as_json=as_json)


def _slowed(row: selectors.ProviderRow) -> str:
    return f"slowed down, {row.full_per_hour:g} at full pace" if row.is_slowed else "limited by hand"


def _with_warnings(sender: Sender) -> dict[str, Any]:
    return describe(sender) | {"warnings": checks.warnings(sender, clock.now())}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("day", f"“{text}” is not a date. Use the form 2026-03-02.", code="malformed") from error


def _hours(text: str) -> dict[str, Any]:
    """`0-4 09:00-17:00` or `0,2,4 09:00-17:00` as stored; empty: always."""
    if not text.strip():
        return {}
    days, _space, times = text.strip().partition(" ")
    start, dash, end = times.strip().partition("-")
    first, is_range, last = days.partition("-")
    try:
        chosen = list(range(int(first), int(last) + 1)) if is_range else [int(day) for day in days.split(",")]
    except ValueError as error:
        raise Invalid("hours", f"“{text}” is not valid. Write hours as 0-4 09:00-17:00.", code="malformed") from error
    if not dash:
        raise Invalid("hours", f"“{text}” is not valid. Write hours as 0-4 09:00-17:00.", code="malformed")
    return {"days": chosen, "start": start.strip(), "end": end.strip()}


def _changes(texts: list[str]) -> dict[str, Any]:
    """FIELD=VALUE pairs in the service's form: lists with commas, `working_hours` as for `create`, empty for none."""
    values = _pairs(texts)
    for name in ("warmup_start", "warmup_ceiling"):
        if values.get(name) == "":
            values[name] = None
    if "tags" in values:
        values["tags"] = [tag for tag in str(values["tags"]).split(",") if tag.strip()]
    if "working_hours" in values:
        values["working_hours"] = _hours(str(values["working_hours"]))
    if "group_limits" in values:
        values["group_limits"] = _pairs([pair for pair in str(values["group_limits"]).split(",") if pair])
    return values


def _pairs(texts: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise Invalid(key, f"“{text}” is not valid. Use KEY=VALUE.", code="malformed")
        if value.startswith("@"):
            values[key] = read_file(value[1:]).decode("utf-8", "replace").strip()
            continue
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = value
        values[key] = parsed if isinstance(parsed, bool | int) else value
    return values


def _sender(name: str) -> Sender:
    return found(Sender.objects.all(), name, "sender", "name", field="name")


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
