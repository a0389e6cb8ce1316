"""`manage.py campaign`: plan and run campaigns from a terminal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import orjson
import typer
from django.utils import timezone
from django_typer.management import TyperCommand, command, initialize

from campaigns import selectors, services
from campaigns.models import Campaign
from campaigns.reports.selectors import DIMENSIONS
from outreach.access.models import User
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors
from outreach.jobs.models import Job

Wait = Annotated[bool, typer.Option("--wait", help="Do the background work in this process and return when it is done")]
Name = Annotated[str, typer.Argument(help="Name or id of the campaign")]
ACTOR = Actor.system("command line")


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
        emit((_line(c, standing[c.pk]) for c in rows), as_json=as_json, title="Campaigns")

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
        days: Annotated[str, typer.Option(help="Days of the window: 0 (Monday) to 6, for example 01234")] = "",
        hours: Annotated[str, typer.Option(help="Hours of the window, for example 09:00-17:00")] = "",
        daily_cap: Annotated[int, typer.Option(help="At most so many messages a day; 0: only the senders' caps")] = 0,
        start_at: Annotated[str, typer.Option(help="Not before, ISO 8601")] = "",
        mode: Annotated[str, typer.Option(help="once or daily")] = "once",
        time_zone: Annotated[str, typer.Option(help="Whose midnight begins a daily campaign's day")] = "UTC",
        daily_limit: Annotated[int, typer.Option(help="New leads a day from each sender; 0: the senders' caps")] = 0,
        offer_ru: Annotated[str, typer.Option(help="The offer in Russian, beside an English one")] = "",
        company_stop: Annotated[bool, typer.Option(help="A reply stops everybody at that company")] = False,
        skip_holidays: Annotated[bool, typer.Option(help="Public holidays are no working days")] = False,
        sources: Annotated[str, typer.Option(help="JSON: where to look for more when a daily campaign runs dry")] = "",
        user: Annotated[str, typer.Option(help="Who plans it")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Plan a campaign."""
        from leads.qualification.models import Brief
        from leads.segments.models import Segment

        with explained_errors(as_json=as_json):
            version = _one(Segment, segment, "segment").current
            if version is None:
                raise Invalid("segment", "This segment has no criteria yet.")
            campaign = services.create_campaign(
                name=name,
                segment_version=version,
                steps=[_step(text) for text in step],
                brief=_one(Brief, brief, "brief") if brief else None,
                goal=goal,
                offer=offer,
                booking_url=booking_url,
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
                created_by=_user(user),
            )
            emit([_line(campaign)], as_json=as_json, title="Created")

    @command()
    def daily(
        self,
        name: str,
        segment: Annotated[str, typer.Option(help="Name or id of the segment")],
        sender: Annotated[str, typer.Option(help="Name or id of the sender")],
        offer: Annotated[str, typer.Option(help="What you offer, in words")],
        user: Annotated[str, typer.Option(help="Who starts it")],
        brief: Annotated[str, typer.Option(help="Name or id of the brief")] = "",
        pool: Annotated[str, typer.Option(help="Or any sender with this tag")] = "",
        per_day: Annotated[int, typer.Option(help="New leads a day from each sender; 0: the senders' caps")] = 0,
        time_zone: str = "UTC",
        booking_url: str = "",
        sources: Annotated[str, typer.Option(help="JSON: where to look for more when it runs dry")] = "",
        approve_by_rule: Annotated[bool, typer.Option(help="Texts of quality 0.9 and more need no person")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Make and start a daily campaign from a handful of answers."""
        from campaigns.daily.one_click import create_daily
        from conversations.senders.models import Sender
        from leads.qualification.models import Brief
        from leads.segments.models import Segment

        with explained_errors(as_json=as_json):
            person, version = _user(user), _one(Segment, segment, "segment").current
            if person is None:
                raise Invalid("user", "A daily campaign needs somebody who starts it: --user LOGIN.")
            if version is None:
                raise Invalid("segment", "This segment has no criteria yet.")
            campaign = create_daily(
                name=name,
                segment_version=version,
                sender=_one(Sender, sender, "sender"),
                offer=offer,
                created_by=person,
                brief=_one(Brief, brief, "brief") if brief else None,
                pool=pool,
                daily_limit=per_day or None,
                time_zone=time_zone,
                booking_url=booking_url,
                sources=_sources(sources),
                is_approved_by_rule=approve_by_rule,
            )
            emit([_line(campaign)], as_json=as_json, title="Started")

    @command()
    def discover(self, campaign: Name, as_json: AsJson = False) -> None:
        """Crawl the campaign's sources for more people."""
        from campaigns.daily.discovery import discover

        with explained_errors(as_json=as_json):
            jobs = discover(campaign=_campaign(campaign), actor=ACTOR)
            emit(({"crawl": job.pk, "adapter": job.adapter, "name": job.name} for job in jobs), as_json=as_json)

    @command(name="run-day")
    def run_day(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:
        """Look after a daily campaign now instead of at its next hour."""
        from campaigns.daily.services import start_run

        with explained_errors(as_json=as_json):
            _job(start_run(campaign=_campaign(campaign)), wait=wait, as_json=as_json)

    @command()
    def timeline(
        self,
        campaign: Name,
        step: Annotated[int, typer.Option(help="Only this step")] = 0,
        state: Annotated[str, typer.Option(help="sent, planned, forecast, review, unsure or task")] = "",
        limit: int = 200,
        as_json: AsJson = False,
    ) -> None:
        """Every message with its time, sender and text, before and while the campaign runs."""
        from campaigns.sequences import forecast
        from campaigns.sequences.views import lines

        with explained_errors(as_json=as_json):
            found = forecast.timeline(_campaign(campaign), people=forecast.MOST_PEOPLE * 10)
            chosen = list(forecast.choose(found.entries, step=step, state=state))[:limit]
            names = ("recipient_time", "recipient_zone", "name", "step", "sender", "state", "held_by", "subject")
            rows = lines(chosen)
            emit(rows if as_json else ({n: row[n] for n in names} for row in rows), as_json=as_json, title="Timeline")

    @command()
    def tomorrow(
        self, day: Annotated[str, typer.Option(help="Another day, 2030-01-31")] = "", as_json: AsJson = False
    ) -> None:
        """A dry run: what would leave from each sender, and which limit holds the rest back."""
        from campaigns.sequences.api import as_json as plain
        from campaigns.sequences.tomorrow import tomorrow

        with explained_errors(as_json=as_json):
            found = plain(tomorrow(day=_day(day)))
            emit(found["shares"] if not as_json else [found], as_json=as_json, title=f"{found['day']}")

    @command()
    def tasks(self, as_json: AsJson = False) -> None:
        """The tasks that wait for a person."""
        from campaigns.sequences.turns import open_tasks

        with explained_errors(as_json=as_json):
            emit(
                (
                    {
                        "task": turn.pk,
                        "campaign": turn.candidate.campaign.name,
                        "lead": str(turn.candidate.lead),
                        "do": turn.step.instructions,
                        "since": turn.due_at,
                    }
                    for turn in open_tasks()[:500]
                ),
                as_json=as_json,
                title="Tasks",
            )

    @command(name="task")
    def settle_task(
        self,
        task: Annotated[int, typer.Argument(help="Id of the task")],
        user: Annotated[str, typer.Option(help="Login name of the person")],
        skip: Annotated[bool, typer.Option("--skip", help="Leave it out instead")] = False,
        note: str = "",
        as_json: AsJson = False,
    ) -> None:
        """Mark a task done, or skip it; the sequence goes on."""
        from campaigns.sequences import turns
        from campaigns.sequences.models import Turn

        with explained_errors(as_json=as_json):
            person, turn = _user(user), Turn.objects.select_related("step", "candidate").filter(pk=task).first()
            if person is None or turn is None:
                raise Invalid("task" if turn is None else "user", "There is no such task or user.")
            (turns.skip_task if skip else turns.do_task)(turn=turn, user=person, note=note)
            emit([{"task": turn.pk, "state": turn.state}], as_json=as_json)

    @command()
    def freeze(self, campaign: Name, as_json: AsJson = False) -> None:
        """Match the segment now and keep who is found."""
        with explained_errors(as_json=as_json):
            audience = services.freeze_audience(campaign=_campaign(campaign), actor=ACTOR)
            emit([vars(audience)], as_json=as_json, title="Audience")

    @command()
    def qualify(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:
        """Judge everybody who waits for a verdict."""
        with explained_errors(as_json=as_json):
            _job(services.qualify_candidates(campaign=_campaign(campaign)), wait=wait, as_json=as_json)

    @command(name="generate-drafts")
    def generate_drafts(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:
        """Write drafts for all who qualified."""
        from campaigns.drafts import services as drafts

        with explained_errors(as_json=as_json):
            _job(drafts.generate(campaign=_campaign(campaign), started_by=None), wait=wait, as_json=as_json)

    @command()
    def review(
        self,
        campaign: Name,
        state: Annotated[str, typer.Option(help="pending_review, approved, rejected …; empty: all")] = "pending_review",
        limit: int = 100,
        as_json: AsJson = False,
    ) -> None:
        """Print drafts for reading."""
        from campaigns.drafts.models import Draft

        with explained_errors(as_json=as_json):
            drafts = Draft.objects.filter(candidate__campaign=_campaign(campaign)).select_related(
                "candidate__lead", "step"
            )
            if state:
                drafts = drafts.filter(state=state)
            emit(
                (
                    {
                        "draft": d.pk,
                        "lead": str(d.candidate.lead),
                        "step": d.step.number,
                        "variant": d.variant,
                        "state": d.state,
                        "risk": d.risk,
                        "subject": d.subject,
                        "body": d.body,
                    }
                    for d in drafts.order_by("candidate", "step__number", "variant")[:limit]
                ),
                as_json=as_json,
                title="Drafts",
            )

    @command()
    def approve(
        self,
        campaign: Name,
        user: Annotated[str, typer.Option(help="Login name of the person who approves")],
        draft: Annotated[list[int] | None, typer.Option(help="Draft id; may be repeated")] = None,
        every: Annotated[bool, typer.Option("--all", help="Everything that waits for review")] = False,
        variant: Annotated[str, typer.Option(help="With --all: the variant to take of each pair")] = "",
        wait: Wait = False,
        as_json: AsJson = False,
    ) -> None:
        """Approve drafts, one variant of each step for each person."""
        from campaigns.drafts import services as drafts
        from campaigns.drafts.models import Draft

        with explained_errors(as_json=as_json):
            person = _user(user)
            if person is None:
                raise Invalid("user", "Approval needs a person: --user LOGIN.")
            waiting = Draft.objects.filter(candidate__campaign=_campaign(campaign), state="pending_review")
            if not every:
                if not draft:
                    raise Invalid("draft", "Name drafts with --draft, or take --all.")
                waiting = waiting.filter(pk__in=draft)
            if variant:
                waiting = waiting.filter(variant=variant)
            counts = {"approved": 0, "refused": 0}
            taken: set[tuple[int, int]] = set()
            for row in waiting.order_by("candidate", "step__number", "variant"):
                if (row.candidate_id, row.step_id) in taken:
                    continue
                try:
                    drafts.approve(draft=row, version=row.version, user=person)
                except Exception as error:
                    if not hasattr(error, "reason"):
                        raise
                    counts["refused"] += 1
                    continue
                taken.add((row.candidate_id, row.step_id))
                counts["approved"] += 1
            if wait:
                _drain()
            emit([counts], as_json=as_json, title="Approved")

    @command()
    def start(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:
        """Begin sending."""
        with explained_errors(as_json=as_json):
            _job(services.start(campaign=_campaign(campaign), actor=ACTOR), wait=wait, as_json=as_json)

    @command()
    def pause(self, campaign: Name, reason: str = "", as_json: AsJson = False) -> None:
        """Hold all planned messages."""
        with explained_errors(as_json=as_json):
            emit([_line(services.pause(campaign=_campaign(campaign), actor=ACTOR, reason=reason))], as_json=as_json)

    @command()
    def resume(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:
        """Go on where a pause stopped."""
        with explained_errors(as_json=as_json):
            _job(services.resume(campaign=_campaign(campaign), actor=ACTOR), wait=wait, as_json=as_json)

    @command()
    def complete(self, campaign: Name, as_json: AsJson = False) -> None:
        """End the campaign; planned messages are cancelled."""
        with explained_errors(as_json=as_json):
            emit([_line(services.complete(campaign=_campaign(campaign), actor=ACTOR))], as_json=as_json)

    @command()
    def archive(self, campaign: Name, as_json: AsJson = False) -> None:
        """Put the campaign away for good."""
        with explained_errors(as_json=as_json):
            emit([_line(services.archive(campaign=_campaign(campaign), actor=ACTOR))], as_json=as_json)

    @command()
    def status(self, campaign: Name, as_json: AsJson = False) -> None:
        """Where one campaign stands, what is missing and what to do next."""
        from campaigns import preflight

        with explained_errors(as_json=as_json):
            row = _campaign(campaign)
            one = selectors.standing([row])[row.pk]
            action = selectors.next_action(row, one)
            emit(
                [
                    _line(row, one)
                    | {
                        "stages": one.stages,
                        "drafts": one.drafts,
                        "messages": one.messages,
                        "outcomes": {bar.name: bar.count for bar in selectors.outcome_counts(row)},
                        "problems": [problem.text for problem in preflight.check(row)],
                        "next": action.label if action else "",
                    }
                ],
                as_json=as_json,
                title=row.name,
            )

    @command()
    def preflight(
        self,
        campaign: Name,
        check: Annotated[bool, typer.Option("--check", help="Look up the recipients' domains first")] = False,
        verify: Annotated[bool, typer.Option("--verify", help="Ask a verifier about their mailboxes too")] = False,
        as_json: AsJson = False,
    ) -> None:
        """What speaks against a launch: senders, their domains, recipients, packs, window."""
        from campaigns import preflight
        from campaigns.deliverability import services as deliverability

        with explained_errors(as_json=as_json):
            row = _campaign(campaign)
            if check or verify:
                found = deliverability.check_recipients(campaign=row, verifies=verify)
                emit([deliverability.describe(found)], as_json=as_json)
            problems = [{"place": p.place, "blocks": p.is_blocking, "problem": p.text} for p in preflight.check(row)]
            emit(
                problems or [{"place": "", "blocks": False, "problem": "Nothing speaks against a launch."}],
                as_json=as_json,
            )

    @command()
    def report(
        self,
        campaign: Annotated[str, typer.Argument(help="Name or id; empty: all")] = "",
        by: Annotated[str, typer.Option(help="campaign, segment, sender, provider, step or variant")] = "campaign",
        as_json: AsJson = False,
    ) -> None:
        """Funnel and rates."""
        from campaigns.reports import selectors as reports

        with explained_errors(as_json=as_json):
            if by not in DIMENSIONS:
                raise Invalid("by", f"Group by one of: {', '.join(DIMENSIONS)}.")
            campaign_id = _campaign(campaign).pk if campaign else None
            rows = [*reports.rows(by=by, campaign_id=campaign_id), reports.total(campaign_id=campaign_id)]
            emit((_report_line(row, as_json=as_json) for row in rows), as_json=as_json, title="Report")


def _campaign(text: str) -> Campaign:
    return _one(Campaign, text, "campaign")  # type: ignore[no-any-return]


def _one(model: Any, text: str, noun: str) -> Any:
    row = model._default_manager.filter(name=text).first()
    if row is None and text.isdecimal():
        row = model._default_manager.filter(pk=int(text)).first()
    if row is None:
        raise Invalid(noun, f"There is no {noun} “{text}”.")
    return row


def _user(name: str) -> User | None:
    if not name:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise Invalid("user", f"There is no user “{name}”.")
    return user


def _step(text: str) -> services.StepPlan:
    from conversations.senders.models import Sender
    from outreach.prompts.models import PackVersion

    text, _mark, condition = text.partition("?")
    condition, _at, asked = condition.partition("@")
    if asked and not asked.isdecimal():
        raise Invalid("step", f"“{asked}” is no number of a step.")
    when: dict[str, Any] = {"condition": condition or "always", "condition_step": int(asked) if asked else None}
    if text.startswith("task:"):
        words, colon, number = text.removeprefix("task:").rpartition(":")
        if not colon or not number.isdecimal():
            words, number = text.removeprefix("task:"), "0"
        return services.StepPlan(action="task", instructions=words, delay_days=int(number), **when)
    parts = text.rsplit(":", 2)
    days = 0
    if len(parts) == 3 and parts[2].isdecimal():
        days = int(parts[2])
        parts = parts[:2]
    elif len(parts) == 3:
        parts = [f"{parts[0]}:{parts[1]}", parts[2]]
    if len(parts) != 2:
        raise Invalid("step", f"“{text}” is not a step. Write SENDER:PACK or SENDER:PACK:WORKING_DAYS.")
    sender = _one(Sender, parts[0], "sender")
    pack = PackVersion.objects.filter(name=parts[1], labels__label="current").first()
    if pack is None:
        known = ", ".join(PackVersion.objects.filter(labels__label="current").values_list("name", flat=True))
        raise Invalid("step", f"There is no prompt pack “{parts[1]}”. Known: {known or 'none'}.")
    return services.StepPlan(channel=sender.channel, sender=sender, pack_version=pack, delay_days=days, **when)


def _sources(text: str) -> list[dict[str, Any]]:
    if not text:
        return []
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid("sources", f"This is no JSON: {error}.") from error
    if not isinstance(found, list):
        raise Invalid("sources", "Sources are a JSON list.")
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("day", "Write the day as 2030-01-31.") from error


def _window(days: str, hours: str) -> dict[str, Any] | None:
    if not days and not hours:
        return None
    start, dash, end = (hours or "00:00-24:00").partition("-")
    if not dash:
        raise Invalid("hours", "Write the hours as 09:00-17:00.")
    return {"days": [int(day) for day in days or "01234" if day.isdecimal()], "start": start, "end": end}


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("start_at", "Write the time as 2030-01-31T09:00.") from error
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _line(campaign: Campaign, one: selectors.Standing | None = None) -> dict[str, Any]:
    one = one or selectors.standing([campaign])[campaign.pk]
    return {
        "id": campaign.pk,
        "name": campaign.name,
        "state": campaign.state,
        "audience": one.audience,
        "contacted": one.contacted,
        "planned": one.planned,
        "next_send_at": one.next_send_at,
    }


def _report_line(row: Any, *, as_json: bool) -> dict[str, Any]:
    if as_json:
        return row.as_dict()  # type: ignore[no-any-return]
    names = ("bounced", "replied", "positive", "booked", "opted_out")
    return {
        "": row.key,
        "audience": row.audience,
        "messages": row.messages,
        "people": row.sent,
        **{name: _rate(row.rates[name]) for name in names},
    }


def _rate(rate: Any) -> str:
    if rate.value is None:
        return str(rate.count)
    return f"{rate.count} ({rate.value:.1%}; {rate.low:.1%}–{rate.high:.1%})"


def _drain() -> None:
    from outreach.jobs.draining import drain

    drain()


def _job(job: Job, *, wait: bool, as_json: bool) -> None:
    if wait:
        _drain()
        job.refresh_from_db()
    emit(
        [{"job": job.pk, "kind": job.kind, "state": job.state, "outcome": job.outcome, "error": job.error}],
        as_json=as_json,
    )
    if job.state == "failed":
        raise typer.Exit(1)
