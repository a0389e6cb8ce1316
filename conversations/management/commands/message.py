"""`manage.py message`: the outbox from the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from conversations.dispatch import reconciling, sending
from conversations.dispatch.explain import explain
from conversations.models import MESSAGE, Message
from conversations.outbox import causes, selectors
from conversations.outbox import services as outbox
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors, found

ACTOR = Actor.system("command line")


class Command(TyperCommand):
    help = "Look into the outbox and settle what needs a person"

    @command("list")
    def list_messages(
        self,
        state: Annotated[str, typer.Option(help="A state, or problems, waiting, in_flight, sent, ended")] = "problems",
        limit: int = 50,
        as_json: AsJson = False,
    ) -> None:
        """The newest outgoing messages in a state."""
        with explained_errors(as_json=as_json):
            states = selectors.TABS.get(state) or ((state,) if state in MESSAGE.states else None)
            if states is None:
                raise Invalid("state", f"There is no state “{state}”.", code="wrong_choice")
            emit((describe(row) for row in selectors.outbox(states=states)[:limit]), as_json=as_json)

    @command("explain")
    def explain_message(self, number: int, as_json: AsJson = False) -> None:
        """Why is this message not sent?"""
        with explained_errors(as_json=as_json):
            explanation = explain(_message(number))
            if as_json:
                emit(
                    [
                        asdict(explanation)
                        | {"checks": [asdict(c) | {"label": str(c.label)} for c in explanation.checks]}
                    ],
                    as_json=True,
                )
                return
            typer.echo(explanation.summary)
            for evidence in explanation.evidence:
                typer.echo(f"{evidence.at:%Y-%m-%d %H:%M}  {evidence.sentence}")
            rows = (
                {
                    "check": str(c.label),
                    "verdict": "passes" if c.passed else "holds it",
                    "why": c.sentence,
                    "next": c.next_at,
                }
                for c in explanation.checks
            )
            emit(rows, as_json=False)

    @command()
    def settle(
        self,
        number: int,
        outcome: Annotated[str, typer.Argument(help="sent or not_sent")],
        reason: Annotated[str, typer.Option(help="Evidence")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Settle a message with an unknown outcome by evidence."""
        with explained_errors(as_json=as_json):
            row = outbox.settle(message=_message(number), outcome=outcome, actor=ACTOR, reason=reason)
            emit([describe(row)], as_json=as_json)

    @command()
    def retry(self, number: int, reason: str = "", as_json: AsJson = False) -> None:
        """Send a failed or held message now."""
        with explained_errors(as_json=as_json):
            emit([describe(outbox.retry(message=_message(number), actor=ACTOR, reason=reason))], as_json=as_json)

    @command()
    def cancel(self, number: int, reason: str = "", as_json: AsJson = False) -> None:
        """Cancel a message that has not left."""
        with explained_errors(as_json=as_json):
            emit([describe(outbox.cancel(message=_message(number), actor=ACTOR, reason=reason))], as_json=as_json)

    @command()
    def problems(self, as_json: AsJson = False) -> None:
        """The poison queue: what failed or is held, by cause, with what to change."""
        with explained_errors(as_json=as_json):
            rows = (
                {
                    "cause": cause.key,
                    "count": cause.count,
                    "what": cause.title,
                    "change": cause.change,
                    "sample": cause.sample,
                    "can_retry": cause.can_retry,
                }
                for cause in causes.causes()
            )
            emit(rows, as_json=as_json)

    @command()
    def retry_cause(self, cause: str, reason: str = "", as_json: AsJson = False) -> None:
        """Retry all messages of one cause after the change, one at a time."""
        with explained_errors(as_json=as_json):
            emit([{"retried": outbox.retry_cause(key=cause, actor=ACTOR, reason=reason)}], as_json=as_json)

    @command()
    def cancel_cause(self, cause: str, reason: str = "", as_json: AsJson = False) -> None:
        """Cancel all messages of one cause."""
        with explained_errors(as_json=as_json):
            emit([{"cancelled": outbox.cancel_cause(key=cause, actor=ACTOR, reason=reason)}], as_json=as_json)

    @command()
    def look(self, number: int, as_json: AsJson = False) -> None:
        """Ask the carrier about a message whose outcome is unknown."""
        with explained_errors(as_json=as_json):
            row = _message(number)
            is_settled = row.is_unknown and reconciling.look(row)
            row.refresh_from_db()
            emit([describe(row) | {"is_settled": is_settled}], as_json=as_json)

    @command()
    def send(self, as_json: AsJson = False) -> None:
        """Send what is due now, in this process."""
        with explained_errors(as_json=as_json):
            emit([{"handled": sending.send_due(), "put_right": reconciling.reconcile()}], as_json=as_json)


def _message(number: int) -> Message:
    return found(Message.objects.outgoing(), number, "outgoing message", field="number")


def describe(row: Message) -> dict[str, Any]:
    """One message as a line."""
    return {
        "id": row.pk,
        "state": row.state,
        "channel": row.channel,
        "address": row.address,
        "subject": row.subject,
        "scheduled_at": row.scheduled_at,
        "sent_at": row.sent_at,
        "attempts": row.attempts,
        "refused_by": row.refused_by,
        "error": row.error,
    }
