"""`manage.py consent`: opt-outs and the consent ledger from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from conversations.consent import ledger, selectors, services
from conversations.consent.models import ConsentEntry, Suppression
from leads.models import Channel
from outreach.core.addresses import EMAIL, SMS
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors, found, read_file

ACTOR = Actor.system("command line")


class Command(TyperCommand):
    help = "Record consent, look it up, suppress and lift"

    @command("record")
    def record_one(
        self,
        address: Annotated[str, typer.Argument(help="An address of the lead")],
        basis: Annotated[str, typer.Option(help="express, implied, legitimate_interest or withdrawn")],
        source: Annotated[str, typer.Option(help="Source of the consent")],
        channel: Annotated[str, typer.Option(help="email, sms or network (default: by address)")] = "",
        evidence: str = "",
        text_shown: Annotated[str, typer.Option(help="The exact words the person agreed to")] = "",
        expires: Annotated[str, typer.Option(help="2027-12-31")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Append a line to the consent ledger."""
        with explained_errors(as_json=as_json):
            channel = channel or (EMAIL if "@" in address else SMS)
            entry = services.record_consent(
                lead=ledger.lead_of(channel=channel, address=address),
                channel=channel,
                basis=basis,
                source=source,
                actor=ACTOR,
                evidence=evidence,
                text_shown=text_shown,
                expires_at=ledger.read_moment(expires),
            )
            emit([describe(entry)], as_json=as_json)

    @command("import")
    def import_file(
        self,
        file: Annotated[Path, typer.Argument(help=f"CSV with the columns {', '.join(ledger.COLUMNS)}")],
        source: Annotated[str, typer.Option(help="For rows without one")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Append an entry per row of a file; invalid rows are reported."""
        with explained_errors(as_json=as_json):
            text = read_file(file).decode("utf-8-sig", "replace")
            done = ledger.import_consents(text=text, actor=ACTOR, source=source)
            emit(
                [
                    *({"line": f.line, "address": f.text, "reason": f.reason} for f in done.faults),
                    {"recorded": done.count, "rejected": len(done.faults)},
                ],
                as_json=as_json,
            )

    @command()
    def show(self, address: str, as_json: AsJson = False) -> None:
        """The ledger of the lead with this address, newest first."""
        with explained_errors(as_json=as_json):
            lead = ledger.lead_of(channel=EMAIL if "@" in address else SMS, address=address)
            emit((describe(row) for row in ConsentEntry.objects.filter(lead=lead)), as_json=as_json)

    @command()
    def suppress(
        self,
        target: Annotated[str, typer.Argument(help="An address, a number, or @domain")],
        reason: Annotated[str, typer.Option(help="manual, opt_out or complaint")] = "manual",
        evidence: str = "",
        as_json: AsJson = False,
    ) -> None:
        """Suppress a person; planned messages are cancelled."""
        with explained_errors(as_json=as_json):
            if reason not in Suppression.Reason.values:
                raise Invalid("reason", f"There is no reason “{reason}”.", code="wrong_choice")
            row = services.suppress(services.Target.of_text(target), reason=reason, actor=ACTOR, evidence=evidence)
            emit([describe_suppression(row)], as_json=as_json)

    @command()
    def suppressed(self, target: str, as_json: AsJson = False) -> None:
        """What forbids writing to an address or a domain."""
        with explained_errors(as_json=as_json):
            emit((describe_suppression(row) for row in selectors.search(target)[:100]), as_json=as_json)

    @command()
    def lift(
        self, number: int, reason: Annotated[str, typer.Option(help="Why it may be lifted")], as_json: AsJson = False
    ) -> None:
        """Allow again what one suppression forbade."""
        with explained_errors(as_json=as_json):
            row = found(Suppression.objects.all(), number, "suppression", field="number")
            emit([describe_suppression(services.lift(suppression=row, actor=ACTOR, reason=reason))], as_json=as_json)


def describe(entry: ConsentEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "lead": entry.lead_id,
        "channel": Channel(entry.channel).value,
        "basis": entry.basis,
        "source": entry.source,
        "evidence": entry.evidence,
        "created_at": entry.created_at,
        "expires_at": entry.expires_at,
    }


def describe_suppression(row: Suppression) -> dict[str, Any]:
    return {
        "id": row.pk,
        "reason": row.reason,
        "channel": row.channel,
        "address": row.address,
        "domain": row.domain,
        "since": row.created_at,
        "lifted_at": row.lifted_at,
        "evidence": row.evidence,
    }
