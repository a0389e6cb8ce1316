"""`manage.py campaign`: plan and run campaigns from a terminal."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import orjson
import typer
from django.utils import timezone
from django_typer.management import TyperCommand, command, initialize

from campaigns.audience import services as audience_of
from campaigns.audience.discovery import discover
from campaigns.daily.one_click import DailyAnswers, create_daily
from campaigns.daily.services import start_run
from campaigns.launch import checks, services, spend
from campaigns.launch import recipients as deliverability
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign
from campaigns.models import Campaign
from campaigns.overview import facts, selectors
from campaigns.overview.situation import situation
from campaigns.reports import selectors as reports
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.selectors import Asked
from campaigns.steps.plan import StepPlan
from campaigns.terminal import ACTOR, Name, Wait, emit_job, found_campaign
from conversations.playbooks.models import Playbook
from conversations.senders.models import Sender
from leads.qualification.models import Brief
from leads.segments.models import Segment
from outreach.access.terminal import found_user
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors, found
from outreach.llm.setup.services import cap_campaign
from outreach.prompts.models import PackVersion


class Command(TyperCommand):
    help = "Plan and run campaigns"

    @initialize()
    def main(self) -> None:
        """Each subcommand is one use case; `--json` prints JSON lines."""

    @command(name="list")
    def list_campaigns(self, state: str = "", as_json: AsJson = False) -> None:
        """All campaigns with their audience and next send."""
        rows = list(selectors.campaign_rows(state=state, limit=500))
        standing = selectors.standing(rows)
        emit((line(c, standing[c.pk]) for c in rows), as_json=as_json, title="Campaigns")

    @command()
    def create(
        self,
        name: str,
        segment: Annotated[str, typer.Option(help="Name or id of the segment")],
        step: Annotated[
            list[str],
            typer.Option(
                help="SENDER:PACK[:WORKING_DAYS][?CONDITION[@STEP]] or task:INSTRUCTIONS[:WORKING_DAYS][?…], in order"
            ),
        ],
        brief: Annotated[str, typer.Option(help="Name or id of the brief")] = "",
        goal: str = "",
        offer: str = "",
        booking_url: str = "",
        playbook: Annotated[str, typer.Option(help="Name or id of the playbook; empty: the team's default")] = "",
        days: Annotated[str, typer.Option(help="Days of the window: 0 (Monday) to 6, for example 01234")] = "",
        hours: Annotated[str, typer.Option(help="Hours of the window, for example 09:00-17:00")] = "",
        daily_cap: Annotated[int, typer.Option(help="Messages per day at most; 0: only the senders' caps")] = 0,
        start_at: Annotated[str, typer.Option(help="Not before, ISO 8601")] = "",
        mode: Annotated[str, typer.Option(help="once or daily")] = "once",
        time_zone: Annotated[str, typer.Option(help="Time zone in which a daily campaign's day starts")] = "UTC",
        daily_limit: Annotated[int, typer.Option(help="New leads a day from each sender; 0: the senders' caps")] = 0,
        offer_ru: Annotated[str, typer.Option(help="The offer in Russian, in addition to English")] = "",
        company_stop: Annotated[bool, typer.Option(help="A reply stops everyone at that company")] = False,
        skip_holidays: Annotated[bool, typer.Option(help="Skip public holidays")] = False,
        sources: Annotated[str, typer.Option(help="JSON: sources for more leads when a daily campaign runs out")] = "",
        user: Annotated[str, typer.Option(help="User who plans it")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Plan a campaign."""

        with explained_errors(as_json=as_json):
            version = found(Segment.objects.all(), segment, "segment", "name").current
            if version is None:
                raise Invalid("segment", "This segment has no criteria yet.")
            plan = CampaignPlan(
                name=name,
                segment_version=version,
                steps=[_step(text) for text in step],
                brief=found(Brief.objects.all(), brief, "brief", "name") if brief else None,
                goal=goal,
                offer=offer,
                booking_url=booking_url,
                playbook=found(Playbook.objects.all(), playbook, "playbook", "name") if playbook else None,
                window=_window(days, hours),
                daily_cap=daily_cap or None,
                start_at=_moment(start_at),
                mode=mode,
                time_zone=time_zone,
                daily_limit=daily_limit or None,
                offer_translations={"ru": offer_ru} if offer_ru else {},
                is_stopped_by_company=company_stop,
                skips_holidays=skip_holidays,
                sources=_sources(sources),
            )
            campaign = create_campaign(plan, created_by=found_user(user))
            emit([line(campaign)], as_json=as_json, title="Created")

    @command()
    def daily(
        self,
        name: str,
        segment: Annotated[str, typer.Option(help="Name or id of the segment")],
        sender: Annotated[str, typer.Option(help="Name or id of the sender")],
        offer: Annotated[str, typer.Option(help="What you offer")],
        user: Annotated[str, typer.Option(help="User who starts it")],
        brief: Annotated[str, typer.Option(help="Name or id of the brief")] = "",
        pool: Annotated[str, typer.Option(help="Or any sender with this tag")] = "",
        per_day: Annotated[int, typer.Option(help="New leads a day from each sender; 0: the senders' caps")] = 0,
        time_zone: str = "UTC",
        booking_url: str = "",
        sources: Annotated[str, typer.Option(help="JSON: sources for more leads when it runs out")] = "",
        approve_by_rule: Annotated[bool, typer.Option(help="Drafts of quality 0.9 or more need no review")] = False,
        keep_busy: Annotated[bool, typer.Option(help="Also people in another campaign or contacted recently")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Make and start a daily campaign from a handful of answers."""

        with explained_errors(as_json=as_json):
            person, version = found_user(user), found(Segment.objects.all(), segment, "segment", "name").current
            if person is None:
                raise Invalid("user", "A daily campaign needs a user who starts it: --user LOGIN.")
            if version is None:
                raise Invalid("segment", "This segment has no criteria yet.")
            answers = DailyAnswers(
                name=name,
                segment_version=version,
                sender=found(Sender.objects.all(), sender, "sender", "name"),
                offer=offer,
                brief=found(Brief.objects.all(), brief, "brief", "name") if brief else None,
                pool=pool,
                daily_limit=per_day or None,
                time_zone=time_zone,
                booking_url=booking_url,
                sources=_sources(sources),
                is_approved_by_rule=approve_by_rule,
                keeps_busy=keep_busy,
            )
            campaign = create_daily(answers, created_by=person)
            emit([line(campaign)], as_json=as_json, title="Started")

    @command()
    def discover(self, campaign: Name, as_json: AsJson = False) -> None:
        """Crawl the campaign's sources for more people."""

        with explained_errors(as_json=as_json):
            jobs = discover(campaign=found_campaign(campaign), actor=ACTOR)
            emit(({"crawl": job.pk, "adapter": job.adapter, "name": job.name} for job in jobs), as_json=as_json)

    @command(name="run-day")
    def run_day(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:
        """Run a daily campaign now instead of at its next hour."""

        with explained_errors(as_json=as_json):
            emit_job(start_run(campaign=found_campaign(campaign)), wait=wait, as_json=as_json)

    @command()
    def freeze(
        self,
        campaign: Name,
        keep_busy: Annotated[
            bool, typer.Option("--keep-busy", help="Also people in another running campaign or contacted lately")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Match the segment now and keep who is found."""
        with explained_errors(as_json=as_json):
            found = found_campaign(campaign)
            if keep_busy:
                audience_of.take_busy(campaign=found, actor=ACTOR)
            audience = audience_of.freeze_audience(campaign=found, actor=ACTOR)
            emit([vars(audience)], as_json=as_json, title="Audience")

    @command()
    def qualify(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:
        """Qualify everyone without a verdict."""
        with explained_errors(as_json=as_json):
            emit_job(audience_of.qualify_candidates(campaign=found_campaign(campaign)), wait=wait, as_json=as_json)

    @command()
    def start(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:
        """Start sending."""
        with explained_errors(as_json=as_json):
            emit_job(services.start(campaign=found_campaign(campaign), actor=ACTOR), wait=wait, as_json=as_json)

    @command()
    def pause(self, campaign: Name, reason: str = "", as_json: AsJson = False) -> None:
        """Hold all planned messages."""
        with explained_errors(as_json=as_json):
            emit([line(services.pause(campaign=found_campaign(campaign), actor=ACTOR, reason=reason))], as_json=as_json)

    @command()
    def resume(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:
        """Go on where a pause stopped."""
        with explained_errors(as_json=as_json):
            emit_job(services.resume(campaign=found_campaign(campaign), actor=ACTOR), wait=wait, as_json=as_json)

    @command()
    def complete(self, campaign: Name, as_json: AsJson = False) -> None:
        """End the campaign; planned messages are cancelled."""
        with explained_errors(as_json=as_json):
            emit([line(services.complete(campaign=found_campaign(campaign), actor=ACTOR))], as_json=as_json)

    @command()
    def archive(self, campaign: Name, as_json: AsJson = False) -> None:
        """Archive the campaign."""
        with explained_errors(as_json=as_json):
            emit([line(services.archive(campaign=found_campaign(campaign), actor=ACTOR))], as_json=as_json)

    @command()
    def status(self, campaign: Name, as_json: AsJson = False) -> None:
        """One campaign's state, what is missing and what to do next."""

        with explained_errors(as_json=as_json):
            row = found_campaign(campaign)
            one = selectors.standing([row])[row.pk]
            problems = checks.check(row)
            known = facts.all_facts(row, one, problems=problems, jobs=selectors.jobs_of(row))
            found = situation(known, now=clock.now())
            emit(
                [
                    line(row, one)
                    | {
                        "stages": one.stages,
                        "drafts": selectors.texts_by_state(row),
                        "messages": selectors.messages_by_state(row),
                        "outcomes": {bar.name: bar.count for bar in selectors.outcome_counts(row, one)},
                        "problems": [problem.text for problem in problems],
                        "now": f"{found.title}. {found.text}",
                        "next": found.action.label,
                    }
                ],
                as_json=as_json,
                title=row.name,
            )

    @command()
    def costs(
        self,
        campaign: Name,
        cap: Annotated[float | None, typer.Option(help="Cap it at so many US dollars; 0: no own cap", min=0)] = None,
        as_json: AsJson = False,
    ) -> None:
        """What models have cost for a campaign, what drafting will cost, and its cap."""
        with explained_errors(as_json=as_json):
            row = found_campaign(campaign)
            if cap is not None:
                cap_campaign(row, usd=Decimal(str(cap)) if cap else None, actor=ACTOR)
            emit([spend.as_line(row)], as_json=as_json, title=row.name)

    @command()
    def preflight(
        self,
        campaign: Name,
        check: Annotated[bool, typer.Option("--check", help="Check the recipients' domains first")] = False,
        verify: Annotated[bool, typer.Option("--verify", help="Also verify their mailboxes")] = False,
        as_json: AsJson = False,
    ) -> None:
        """What prevents a launch: senders, their domains, recipients, packs, window."""

        with explained_errors(as_json=as_json):
            row = found_campaign(campaign)
            if check or verify:
                found = deliverability.check_recipients(campaign=row, verifies=verify)
                emit([deliverability.describe(found)], as_json=as_json)
            problems = [{"place": p.place, "blocks": p.is_blocking, "problem": p.text} for p in checks.check(row)]
            emit(
                problems or [{"place": "", "blocks": False, "problem": "Ready to launch."}],
                as_json=as_json,
            )

    @command()
    def report(
        self,
        campaign: Annotated[str, typer.Argument(help="Name or id; empty: all")] = "",
        by: Annotated[str, typer.Option(help="One of: " + ", ".join(DIMENSIONS))] = "campaign",
        as_json: AsJson = False,
    ) -> None:
        """Funnel and rates."""

        with explained_errors(as_json=as_json):
            if by not in DIMENSIONS:
                raise Invalid("by", f"Group by one of: {', '.join(DIMENSIONS)}.")
            campaign_id = found_campaign(campaign).pk if campaign else None
            asked = Asked(campaign_id=campaign_id)
            rows = [*reports.rows(asked, by=by), reports.total(asked)]
            emit((_report_line(row, as_json=as_json) for row in rows), as_json=as_json, title="Report")


def line(campaign: Campaign, one: selectors.Standing | None = None) -> dict[str, Any]:
    one = one or selectors.standing([campaign])[campaign.pk]
    return {
        "id": campaign.pk,
        "name": campaign.name,
        "state": campaign.state,
        "audience": one.audience,
        "contacted": one.contacted,
        "replied": one.numbers.replied,
        "planned": one.planned,
        "next_send_at": one.next_send_at,
    }


def _step(text: str) -> StepPlan:

    text, _mark, condition = text.partition("?")
    condition, _at, asked = condition.partition("@")
    if asked and not asked.isdecimal():
        raise Invalid("step", f"“{asked}” is not a step number.")
    when: dict[str, Any] = {"condition": condition or "always", "condition_step": int(asked) if asked else None}
    if text.startswith("task:"):
        words, colon, number = text.removeprefix("task:").rpartition(":")
        if not colon or not number.isdecimal():
            words, number = text.removeprefix("task:"), "0"
        return StepPlan(action="task", instructions=words, delay_days=int(number), **when)
    parts = text.rsplit(":", 2)
    days = 0
    if len(parts) == 3 and parts[2].isdecimal():
        days = int(parts[2])
        parts = parts[:2]
    elif len(parts) == 3:
        parts = [f"{parts[0]}:{parts[1]}", parts[2]]
    if len(parts) != 2:
        raise Invalid("step", f"“{text}” is not a step. Use SENDER:PACK or SENDER:PACK:WORKING_DAYS.")
    sender = found(Sender.objects.all(), parts[0], "sender", "name")
    pack = PackVersion.objects.in_production().filter(name=parts[1]).first()
    if pack is None:
        known = ", ".join(PackVersion.objects.in_production().values_list("name", flat=True))
        raise Invalid("step", f"There is no prompt pack “{parts[1]}”. Known: {known or 'none'}.")
    return StepPlan(channel=sender.channel, sender=sender, pack_version=pack, delay_days=days, **when)


def _sources(text: str) -> list[dict[str, Any]]:
    if not text:
        return []
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid("sources", f"This is not valid JSON: {error}.") from error
    if not isinstance(found, list):
        raise Invalid("sources", "Sources must be a JSON list.")
    return found


def _window(days: str, hours: str) -> dict[str, Any] | None:
    if not days and not hours:
        return None
    start, dash, end = (hours or "00:00-24:00").partition("-")
    if not dash:
        raise Invalid("hours", "Enter hours in the form 09:00-17:00.")
    return {"days": [int(day) for day in days or "01234" if day.isdecimal()], "start": start, "end": end}


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("start_at", "Enter the time in the form 2030-01-31T09:00.") from error
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _report_line(row: Any, *, as_json: bool) -> dict[str, Any]:
    if as_json:
        return row.as_dict()  # type: ignore[no-any-return]
    names = ("bounced", "replied", "positive", "booked", "opted_out")
    return {
        "": row.name or row.key,
        "audience": row.audience,
        "messages": row.messages,
        "people": row.sent,
        **{name: _rate(row.rates[name]) for name in names},
    }


def _rate(rate: Any) -> str:
    if rate.value is None:
        return str(rate.count)
    return f"{rate.count} ({rate.value:.1%}; {rate.low:.1%}–{rate.high:.1%})"
