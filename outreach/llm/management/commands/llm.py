"""Language models from the command line: `llm providers | connect | test | remove | policy | costs | routes | route`."""

from __future__ import annotations

import os
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors
from outreach.llm import spending
from outreach.llm.costs.selectors import DIMENSIONS, Asked, rows
from outreach.llm.kinds import KINDS
from outreach.llm.models import ModelProvider, TraceContent
from outreach.llm.setup import selectors, services
from outreach.llm.setup.api import provider_as_json, route_as_json
from outreach.llm.setup.forms import policy_values

ACTOR = Actor.system("command line")


class Command(TyperCommand):
    help = "Language models: connect providers, test them, choose models for each purpose."

    @command(help="List the providers in force.")
    def providers(self, as_json: AsJson = False) -> None:
        with explained_errors(as_json=as_json):
            lines = [provider_as_json(line) for line in selectors.provider_lines()]
            shown = [line | {"models": len(line["models"]), "test": line["test"].get("error") or line["test"].get("answer", "")} for line in lines]  # fmt: skip
            emit(lines if as_json else shown, as_json=as_json, title="Providers")

    @command(help="Connect a provider. The key comes from an environment variable, so that no shell history keeps it.")
    def connect(
        self,
        name: str,
        kind: Annotated[str, typer.Option(help=", ".join(KINDS))],
        base_url: Annotated[str, typer.Option(help="Empty: the kind's own address")] = "",
        key_env: Annotated[str, typer.Option(help="The environment variable that holds the key")] = "",
        local: Annotated[bool, typer.Option(help="It may be on this machine or in a private network")] = False,
        free: Annotated[bool, typer.Option(help="Its models cost nothing")] = False,
        timeout_seconds: int = 60,
        at_once: Annotated[int | None, typer.Option(help="Calls at once, over all workers")] = None,
        per_minute: Annotated[int | None, typer.Option(help="Calls a minute")] = None,
        tokens_per_minute: Annotated[int | None, typer.Option(help="Tokens a minute")] = None,
        as_json: AsJson = False,
    ) -> None:
        with explained_errors(as_json=as_json):
            if key_env and not os.environ.get(key_env):
                raise Invalid("key_env", f"The environment variable {key_env} is not set.")
            data = services.ProviderData(
                name=name,
                kind=kind,
                base_url=base_url,
                key=os.environ[key_env] if key_env else None,
                is_local=local,
                is_free=free,
                timeout_seconds=timeout_seconds,
                concurrent_calls=at_once,
                requests_per_minute=per_minute,
                tokens_per_minute=tokens_per_minute,
            )
            known = ModelProvider.objects.filter(name=name).first()
            services.save_provider(data, actor=ACTOR, provider=known)
            emit([provider_as_json(line) for line in selectors.provider_lines() if line.name == name], as_json=as_json)

    @command(help="Make one real call; exit code 1 when it fails.")
    def test(self, name: str, model: str, as_json: AsJson = False) -> None:
        with explained_errors(as_json=as_json):
            result = services.test_provider(name=name, model=model, actor=ACTOR)
            row = {"model": result.model, "answer": result.answer, "error": result.error, "ms": result.latency_ms}
            emit([row], as_json=as_json)
            if not result.is_working:
                raise typer.Exit(1)

    @command(
        help="State what a model costs (* for all of a provider's), in US dollars for a million tokens; 0 0: free."
    )
    def price(
        self,
        name: str,
        model: str,
        read: Annotated[str, typer.Argument(metavar="IN")] = "",
        written: Annotated[str, typer.Argument(metavar="OUT")] = "",
        as_json: AsJson = False,
    ) -> None:
        with explained_errors(as_json=as_json):
            row = self._row(name)
            services.set_price(provider=row, model=model, read=read, written=written, actor=ACTOR)
            emit([provider_as_json(line) for line in selectors.provider_lines() if line.name == name], as_json=as_json)

    @command(help="Remove a provider with its key.")
    def remove(self, name: str, as_json: AsJson = False) -> None:
        with explained_errors(as_json=as_json):
            row = self._row(name)
            services.remove_provider(provider=row, actor=ACTOR)
            emit([{"removed": name}], as_json=as_json)

    def _row(self, name: str) -> ModelProvider:
        row = ModelProvider.objects.filter(name=name).first()
        if row is None:
            raise Invalid("name", f"No provider called {name} was connected here.")
        return row

    @command(help="Show or change spend caps (0: no cap) and what traces keep for how long.")
    def policy(
        self,
        usd_per_day: Annotated[float | None, typer.Option(min=0)] = None,
        usd_per_campaign: Annotated[float | None, typer.Option(min=0)] = None,
        trace_content: Annotated[str | None, typer.Option(help=", ".join(TraceContent.values))] = None,
        trace_days: Annotated[int | None, typer.Option(help="0: for ever")] = None,
        as_json: AsJson = False,
    ) -> None:
        with explained_errors(as_json=as_json):
            caps = {"usd_per_day": usd_per_day, "usd_per_campaign": usd_per_campaign}
            given: dict[str, Any] = {n: Decimal(str(v)) if v else None for n, v in caps.items() if v is not None}
            rest = {"trace_content": trace_content, "trace_days": trace_days}
            given |= {name: value for name, value in rest.items() if value is not None}
            if given:
                services.save_policy(**{**policy_values(), **given}, actor=ACTOR)
            emit([{**policy_values(), "spent_today_usd": spending.spent_today()}], as_json=as_json)

    @command(help="What models cost, how long they take and how good they are.")
    def costs(
        self,
        by: Annotated[str, typer.Option(help=", ".join(DIMENSIONS))] = "model",
        days: Annotated[int, typer.Option(min=1)] = 30,
        as_json: AsJson = False,
    ) -> None:
        with explained_errors(as_json=as_json):
            if by not in DIMENSIONS:
                raise Invalid("by", f"Unknown grouping “{by}”. Use one of: {', '.join(DIMENSIONS)}.")
            asked = Asked(zone=UTC, since=clock.now() - timedelta(days=days))
            emit([row.as_dict() for row in rows(asked, by=by)], as_json=as_json, title=f"By {by}")

    @command(help="List the purposes and the models that serve them.")
    def routes(self, as_json: AsJson = False) -> None:
        with explained_errors(as_json=as_json):
            emit([route_as_json(line) for line in selectors.route_lines()], as_json=as_json, title="Routes")

    @command(help="Choose the models for a purpose, first to last; none: no choice of its own.")
    def route(
        self,
        purpose: str,
        models: Annotated[list[str] | None, typer.Argument(help="provider/model …")] = None,
        temperature: float = 0.4,
        max_output_tokens: int = 900,
        as_json: AsJson = False,
    ) -> None:
        with explained_errors(as_json=as_json):
            services.save_route(
                route=purpose,
                chain=models or [],
                actor=ACTOR,
                temperature=temperature,
                max_output_tokens=max_output_tokens,
            )
            emit([route_as_json(r) for r in selectors.route_lines() if r.purpose.route == purpose], as_json=as_json)
