"""Load and reset the demo world through the regular services."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.audience import services as audience
from campaigns.demo import places, world
from campaigns.demo.history import History
from campaigns.demo.network_site.world import Login
from campaigns.demo.sandbox import persona
from campaigns.demo.sites import NETWORK_ACCOUNT
from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from campaigns.experiments import services as experiments
from campaigns.launch import services
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign
from campaigns.models import CANDIDATE, Campaign
from campaigns.review import services as review
from campaigns.steps.plan import StepPlan
from conversations.consent.ledger import record_consents
from conversations.consent.models import ConsentEntry
from conversations.inbox import services as inbox
from conversations.models import Conversation
from conversations.replies import services as replies
from conversations.replies.models import Suggestion
from conversations.senders import services as senders
from conversations.senders.models import Sender
from leads.imports import services as imports
from leads.models import Channel, Identity, Lead
from leads.qualification.services import save_brief
from leads.segments.models import SegmentVersion
from leads.segments.services import save_segment
from leads.sources.network import services as network
from leads.sources.network.models import NetworkAccount
from outreach.access.models import User
from outreach.access.services import ensure_demo_user
from outreach.core import audit
from outreach.core.errors import OutreachError, Refused
from outreach.core.models import Actor, AuditEntry
from outreach.jobs.draining import drain
from outreach.prompts.services import current, sync_packs

LOADED = "demo.loaded"
CAST = {
    "books": 20,
    "asks": 16,
    "objects": 8,
    "not_now": 6,
    "refers": 4,
    "opts_out": 6,
    "away": 10,
    "bounces": 4,
    "clicks": 10,
}
"""How many of the people have a character of note; the others open or ignore. Chosen so that every case is to be seen."""
OLD_DAYS, NEW_DAYS = 33, 8
WINDOW = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:30"}


@dataclass(frozen=True)
class Outcome:
    """What `load` did; `is_new` is false when the demo world was there already."""

    is_new: bool
    summary: str


def load() -> Outcome:
    """Create the demo world if missing. Raises `Refused` outside demo mode or when other campaigns exist."""
    user = ensure_demo_user()
    if AuditEntry.objects.filter(action=LOADED).exists():
        return Outcome(False, _("The demo world already exists."))
    if _has_own_work():
        return Outcome(False, _("This database already has leads or campaigns, so the demo world was not added."))
    if Lead.objects.exists() or Campaign.objects.exists():  # an earlier load was interrupted
        _clear()
        user = ensure_demo_user()
    with connection.cursor() as cursor:  # a made-up world may be made again
        cursor.execute("SET synchronous_commit TO off")
    _make(user)
    audit.record(LOADED, subject=user, actor=Actor.system("demo"))
    return Outcome(True, _summary())


def reset() -> Outcome:
    """Reset the demo world. Raises `Refused` where anything real would be lost."""
    if not settings.DEMO:
        raise Refused(_("Only a demo world can be reset: start with --demo."), code="not_demo")
    if _has_own_work():
        raise Refused(_("This database contains real data, so it will not be reset."), code="not_demo")
    _clear()
    return load()


def _has_own_work() -> bool:
    return (
        Campaign.objects.filter(is_demo=False).exclude(name__in=NAMES).exists()
        or Sender.objects.exclude(adapter="sandbox").exclude(settings__account=NETWORK_ACCOUNT).exists()
        or NetworkAccount.objects.exclude(name=NETWORK_ACCOUNT).exists()
        or Lead.objects.exclude(source=SOURCE).exclude(_FROM_MADE_UP_NETWORK).exists()
    )


def _clear() -> None:
    call_command("flush", interactive=False, verbosity=0)
    sync_packs()


SOURCE = "demo"
_FROM_MADE_UP_NETWORK = Q(source="network", external_id__startswith="127.0.0.1:")
NAMES = ("Autumn: directors (RU)", "Winter: sales leaders", "Spring: operations (draft)")


def _make(user: User) -> None:
    actor = Actor.of(user)
    sync_packs()
    now = timezone.now()
    history = History(now - timedelta(days=OLD_DAYS))
    with history.moment():
        _import(user)
        mailbox, phone, warming = _senders(actor)
        old = _old_campaign(user, mailbox, _russian(user))
        _compare(old, actor)
        _through_review(old, user, share=1.0)
        services.start(campaign=old, actor=actor, started_by=user)
    for _day in range(OLD_DAYS - NEW_DAYS - 8):
        history.live_until(history.at + timedelta(days=1))
        with history.moment():
            _answer(user)
    with history.moment():
        old.refresh_from_db()
        if old.is_sending:
            services.complete(campaign=old, actor=actor, reason=_("No more events are pending."))
    history.live_until(now - timedelta(days=NEW_DAYS))
    with history.moment():
        _answer(user, every=True)
        new = _new_campaign(user, warming, phone, _english(user))
        _through_review(new, user, share=0.7)
        services.start(campaign=new, actor=actor, started_by=user)
    history.live_until(now - timedelta(days=3))
    with history.moment():
        _answer(user)
    history.live_until(now - timedelta(minutes=2))
    with history.moment():
        _planned_campaign(user, mailbox)
        _technical_brief(user)
    _network(actor)
    history.settle()
    Campaign.objects.filter(name__in=NAMES).update(is_demo=True)


def _import(user: User) -> None:
    firms = world.companies()
    persons = world.people(firms, accepts=_casting())
    for kind, name, content in (
        ("companies", "companies.csv", world.company_file(firms)),
        ("people", "people.csv", world.person_file(persons)),
    ):
        batch = imports.receive(
            file=io.BytesIO(content), file_name=name, kind=kind, created_by=user, source=SOURCE, session_key=SOURCE
        )
        imports.start(batch=batch, actor=Actor.of(user), started_by=user)
        drain()
    record_consents(
        leads=Identity.objects.filter(channel=Channel.SMS, lead__source=SOURCE).values_list("lead_id", flat=True),
        channel=Channel.SMS,
        basis=ConsentEntry.Basis.EXPRESS,
        source="Sign-up sheet at a fair",
        text_shown="Northwind may text me about its services. Reply STOP to opt out.",
        actor=Actor.of(user),
    )


def _casting() -> Callable[[str, int], bool]:
    """Spread the characters of note evenly over the people."""
    wanted = [name for name, count in CAST.items() for _n in range(count)]
    step = world.PERSON_COUNT / len(wanted)
    roles = {
        int(place * step): name
        for place, name in enumerate(sorted(wanted, key=lambda n: persona.SHARES[n] * 7919 % 101))
    }

    def accepts(address: str, number: int) -> bool:
        who = persona.character(address, seed="outreach")
        return who == roles[number] if number in roles else who in ("opens", "ignores")

    return accepts


def _senders(actor: Actor) -> tuple[Sender, Sender, Sender]:
    mailbox = senders.create_sender(
        senders.SenderConfig(
            name="Ada Morgan",
            channel="email",
            adapter="sandbox",
            address="ada@northwind-demo.example",
            display_name="Ada Morgan",
            signature="Ada Morgan\nNorthwind",
            hourly_cap=15,
            daily_cap=40,
            weekly_cap=200,
            time_zone="Europe/London",
        ),
        actor=actor,
    )
    phone = senders.create_sender(
        senders.SenderConfig(
            name="Northwind text line",
            channel="sms",
            adapter="sandbox",
            address="+12025550188",
            display_name="Northwind",
        ),
        actor=actor,
    )
    warming = senders.create_sender(
        senders.SenderConfig(
            name="Ben Carter",
            channel="email",
            adapter="sandbox",
            address="ben@northwind-demo.example",
            display_name="Ben Carter",
            signature="Ben Carter\nNorthwind",
            hourly_cap=8,
            daily_cap=30,
            weekly_cap=150,
            warmup_start=4,
            warmup_step=2,
            warmup_ceiling=30,
            time_zone="Europe/London",
        ),
        actor=actor,
    )
    for sender in (mailbox, phone, warming):
        senders.verify_sender(sender=sender, actor=actor)
    return mailbox, phone, warming


def _network(actor: Actor) -> None:
    """An account on the made-up network and a sender that uses it. Neither does anything until someone signs in."""
    places.let_browsers_in()
    login = Login()
    account = network.add_account(
        name=NETWORK_ACCOUNT,
        base_url=places.network_url(),
        username=login.username,
        password=login.password,
        totp_secret=login.totp_secret,
        accepts_terms=True,
        gap_seconds=5,
        actor=actor,
    )
    senders.create_sender(
        senders.SenderConfig(
            name="Millpond",
            channel="network",
            adapter="network",
            address="",
            settings={"account": account.name, "recheck_minutes": 1, "poll_minutes": 1},
        ),
        actor=actor,
    )


def _russian(user: User) -> SegmentVersion:
    criteria = {
        "all": [
            {"field": "lead.language", "operator": "equals", "value": "ru"},
            {"field": "lead.title", "operator": "any_of", "value": ["директор"]},
        ]
    }
    return save_segment(
        name="Directors in Russia", criteria=criteria, created_by=user, description="Who decides, in Russian"
    )


def _english(user: User) -> SegmentVersion:
    criteria = {
        "all": [
            {"field": "lead.country", "operator": "in", "value": ["US", "GB"]},
            {"field": "company.industry", "operator": "in", "value": ["Software", "Fintech"]},
        ]
    }
    return save_segment(
        name="English-speaking firms",
        criteria=criteria,
        created_by=user,
        description="Software and fintech in the US and the UK",
    )


def _technical_brief(user: User) -> None:
    """A brief that fits the example of the README: technical leaders, in Germany too."""
    save_brief(
        name="Technical leaders",
        description="Chief technical officers and heads of engineering or IT.",
        factors={
            "keywords": {"wanted": ["CTO", "chief technology officer", "head of IT", "engineering"]},
            "place": {"countries": ["DE", "AT", "CH", "GB", "US"]},
            "experience": {"levels": ["lead", "manager", "head", "executive"]},
        },
        use_model=False,
        created_by=user,
    )


def _old_campaign(user: User, mailbox: Sender, version: SegmentVersion) -> Campaign:
    plan = CampaignPlan(
        name=NAMES[0],
        segment_version=version,
        steps=[
            StepPlan("email", mailbox, current("first-contact-email")),
            StepPlan("email", mailbox, current("follow-up-email"), delay_days=3),
        ],
        goal="Созвон на 20 минут",
        offer="разбор того, как вы отвечаете на заявки, за один день",
        booking_url="https://booking.example/ada",
        window=WINDOW,
        daily_cap=15,
    )
    return create_campaign(plan, created_by=user)


def _new_campaign(user: User, mailbox: Sender, phone: Sender, version: SegmentVersion) -> Campaign:
    brief = save_brief(
        name="People who own revenue",
        description="Heads of sales and operations, founders and chief executives of companies with 10 to 400 employees.",
        factors={
            "keywords": {"wanted": ["sales", "operations", "founder", "chief executive"], "excluded": ["intern"]},
            "place": {"countries": ["US", "GB"]},
            "experience": {"levels": ["lead", "manager", "head", "executive"]},
            "company": {"industries": list(world._INDUSTRIES), "employees_from": 10, "employees_to": 400},
        },
        use_model=False,
        created_by=user,
    )
    plan = CampaignPlan(
        name=NAMES[1],
        segment_version=version,
        brief=brief,
        steps=[
            StepPlan("email", mailbox, current("first-contact-email")),
            StepPlan("email", mailbox, current("follow-up-email"), delay_days=3),
            StepPlan("sms", phone, current("first-contact-sms"), delay_days=4, is_in_thread=False),
        ],
        goal="A call of 20 minutes",
        offer="a one-day review of how your team answers new enquiries",
        booking_url="https://booking.example/ada",
        window=WINDOW,
        daily_cap=5,
    )
    return create_campaign(plan, created_by=user)


def _planned_campaign(user: User, mailbox: Sender) -> Campaign:
    criteria = {"all": [{"field": "lead.title", "operator": "contains", "value": "operations"}]}
    version = save_segment(name="Heads of operations", criteria=criteria, created_by=user)
    plan = CampaignPlan(
        name=NAMES[2],
        segment_version=version,
        steps=[
            StepPlan("email", mailbox, current("first-contact-email")),
            StepPlan("email", mailbox, current("follow-up-email"), delay_days=4),
        ],
        goal="A call of 20 minutes",
        offer="a map of where your enquiries get lost",
        booking_url="https://booking.example/ada",
        window=WINDOW,
    )
    return create_campaign(plan, created_by=user)


def _compare(campaign: Campaign, actor: Actor) -> None:
    """The tone of the first message, and a test of the test: the follow-up against itself."""
    for number, name, variants in (
        (1, "Direct or casual", ("direct", "casual")),
        (2, "A/A: the follow-up against itself", ("direct", "direct")),
    ):
        step = campaign.steps.select_related("campaign", "pack_version").get(number=number)
        plan = experiments.Plan(step=step, name=name, values=variants, base_rate=0.2, ratio=2.0)
        experiments.start(experiment=experiments.create(plan, actor=actor), actor=actor)


def _through_review(campaign: Campaign, user: User, *, share: float) -> None:
    """Freeze, judge, write, and approve the first `share` of the people, alternating between the variants."""
    audience.freeze_audience(campaign=campaign, actor=Actor.of(user))
    if campaign.brief_id:
        audience.qualify_candidates(campaign=campaign, started_by=user)
        drain()
    drafts.generate(campaign=campaign, started_by=user)
    drain()
    people = list(campaign.candidates.filter(stage=CANDIDATE.DRAFTED).order_by("pk").values_list("pk", flat=True))
    taken: set[tuple[int, int]] = set()
    waiting = Draft.objects.to_review().filter(candidate__in=people[: int(len(people) * share)])
    for draft in sorted(
        waiting, key=lambda d: (d.candidate_id, d.step_id, d.variant if d.candidate_id % 2 else _reverse(d.variant))
    ):
        if (draft.candidate_id, draft.step_id) in taken:
            continue
        try:
            review.approve(draft=draft, version=draft.version, user=user)
        except OutreachError:
            continue
        taken.add((draft.candidate_id, draft.step_id))
    drain()


def _reverse(text: str) -> str:
    return "".join(chr(0x10FFFF - ord(letter)) for letter in text)


def _answer(user: User, *, every: bool = False) -> None:
    """The demo user answers what waits: with the suggestion, as a person would on the next morning."""
    waiting = Conversation.objects.filter(waiting_since__isnull=False).order_by("waiting_since")
    for number, conversation in enumerate(waiting):
        if _has_agreed(conversation):
            inbox.move(conversation=conversation, to="booked", user=user)
            continue
        suggestion = Suggestion.objects.proposed().filter(conversation=conversation).first()
        if suggestion is None or (number % 4 == 3 and not every):
            continue
        try:
            replies.use_suggestion(suggestion=suggestion, user=user)
        except OutreachError:
            continue
    drain()


def _has_agreed(conversation: Conversation) -> bool:
    """Whether they confirmed after our answer: then a person notes the booked call."""
    last = replies.last_inbound(conversation)
    reading = replies.latest_reading(last) if last else None
    answered = conversation.messages.filter(direction="out", draft__isnull=True).exists()
    return answered and reading is not None and reading.intent in ("booking", "positive")


def _summary() -> str:
    return _("%(leads)s people, %(campaigns)s campaigns, %(waiting)s conversations waiting for an answer.") % {
        "leads": Lead.objects.count(),
        "campaigns": Campaign.objects.count(),
        "waiting": Conversation.objects.filter(waiting_since__isnull=False).count(),
    }
