"""`manage.py network`: accounts on professional networks."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from leads.sources.network import selectors, services
from leads.sources.network.adapter import account_of
from leads.sources.network.models import NetworkAccount, NetworkProfile
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors

Name = Annotated[str, typer.Argument(help="Name or number of the account")]
ACTOR = Actor.system("command line")


class Command(TyperCommand):
    help = "Work with accounts of professional networks"

    @command()
    def accounts(self, as_json: AsJson = False) -> None:
        """All accounts with their state."""
        emit((_account(account) for account in NetworkAccount.objects.all()), as_json=as_json, title="Network accounts")

    @command()
    def add(
        self,
        name: str,
        base_url: Annotated[str, typer.Option(help="https:// and a host")],
        username: Annotated[str, typer.Option(help="Sign-in name")],
        accept_terms: Annotated[
            bool, typer.Option("--accept-terms", help="I have read the terms and know the risks")
        ] = False,
        gap_seconds: Annotated[int, typer.Option(help="Seconds between two actions")] = 45,
        as_json: AsJson = False,
    ) -> None:
        """Add an account. Secrets come from NETWORK_PASSWORD and NETWORK_TOTP_SECRET or a prompt."""
        with explained_errors(as_json=as_json):
            password = os.environ.get("NETWORK_PASSWORD") or typer.prompt("Password", hide_input=True)
            account = services.add_account(
                name=name, base_url=base_url, username=username, password=password, accepts_terms=accept_terms, actor=ACTOR,
                totp_secret=os.environ.get("NETWORK_TOTP_SECRET", ""), gap_seconds=gap_seconds,
            )  # fmt: skip
            emit([_account(account)], as_json=as_json)

    @command("sign-in")
    def sign_in(self, name: Name, code: str = "", as_json: AsJson = False) -> None:
        """Sign in with a browser in this process; --code submits the code that the site asked for."""
        with explained_errors(as_json=as_json):
            account = account_of({"account": name})
            if code:
                services.enter_code(account=account, code=code, actor=ACTOR)
            found = services.sign_in(account=account)
            emit([{"account": account.name, "found": found}], as_json=as_json)

    @command()
    def search(
        self,
        name: Name,
        keywords: str,
        page: Annotated[int, typer.Option(min=1)] = 1,
        as_json: AsJson = False,
    ) -> None:
        """One page of people search, now; who is new becomes a lead."""
        with explained_errors(as_json=as_json):
            found = services.search(account=account_of({"account": name}), keywords=keywords, page=page)
            emit((_profile(row) for row in found.new), as_json=as_json, title=f"{found.seen_count} seen")

    @command()
    def read(self, public_id: str, as_json: AsJson = False) -> None:
        """Read the profile of a discovered person now."""
        with explained_errors(as_json=as_json):
            profile = NetworkProfile.objects.filter(public_id=public_id.casefold()).first()
            if profile is None:
                raise Invalid("public_id", f"No one called “{public_id}” was found.", code="profile_unknown")
            emit([_profile(services.read_profile(profile=profile))], as_json=as_json)

    @command()
    def people(self, state: str = "", limit: int = 50, as_json: AsJson = False) -> None:
        """People who were met, newest first."""
        rows, _next = selectors.profile_page(state=state, limit=limit)
        emit((_profile(row) for row in rows), as_json=as_json, title="People found")

    @command()
    def pause(self, name: Name, reason: str = "Paused on the command line.", as_json: AsJson = False) -> None:
        """Open nothing with this account."""
        with explained_errors(as_json=as_json):
            account = account_of({"account": name})
            services.pause(account=account, actor=ACTOR, reason=reason)
            emit([_account(account)], as_json=as_json)

    @command()
    def resume(self, name: Name, reason: str = "", as_json: AsJson = False) -> None:
        """Resume a paused or stopped account after a person has checked it."""
        with explained_errors(as_json=as_json):
            account = account_of({"account": name})
            services.resume(account=account, actor=ACTOR, reason=reason)
            emit([_account(account)], as_json=as_json)


def _account(account: NetworkAccount) -> dict[str, Any]:
    used = {str(row.label): f"{row.used}/{row.cap}" for row in selectors.usage(account, clock.now())}
    return {
        "id": account.pk, "name": account.name, "base_url": account.base_url, "username": account.username,
        "state": account.state, "reason": account.state_reason, "limited_until": account.limited_until, "used": used,
    }  # fmt: skip


def _profile(profile: NetworkProfile) -> dict[str, Any]:
    return {
        "id": profile.pk, "lead": profile.lead_id, "name": str(profile.lead), "title": profile.lead.title,
        "address": profile.address, "state": profile.state, "degree": profile.degree, "reason": profile.state_reason,
    }  # fmt: skip
