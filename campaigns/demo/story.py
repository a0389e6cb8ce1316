"""Five weeks in the demo world: imports, reviews, sending and replies."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.audience import services as audience
from campaigns.demo import team, world
from campaigns.demo.history import History
from campaigns.demo.sandbox import persona
from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from campaigns.experiments import services as experiments
from campaigns.launch import services
from campaigns.models import CANDIDATE, Campaign
from campaigns.review import services as review
from conversations.consent.models import ConsentEntry
from conversations.consent.services import record_consent
from conversations.inbox import services as inbox
from conversations.models import Conversation
from conversations.replies import services as replies
from conversations.replies.models import Suggestion
from leads.imports import services as imports
from leads.models import Channel, Identity
from outreach.access.models import User
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from outreach.prompts.services import sync_packs

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
SOURCE = "demo"


def make(user: User) -> None:
    actor = Actor.of(user)
    sync_packs()
    now = timezone.now()
    history = History(now - timedelta(days=OLD_DAYS))
    with history.moment():
        _import(user)
        mailbox, phone, warming = team.create_senders(actor)
        old = team.first_campaign(user, mailbox, team.russian_directors(user))
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
        experiments.look()
    history.live_until(now - timedelta(days=NEW_DAYS))
    with history.moment():
        _answer(user, every=True)
        new = team.second_campaign(user, warming, phone, team.english_firms(user))
        _through_review(new, user, share=0.7)
        services.start(campaign=new, actor=actor, started_by=user)
    history.live_until(now - timedelta(days=3))
    with history.moment():
        _answer(user)
    history.live_until(now - timedelta(minutes=2))
    with history.moment():
        team.planned_campaign(user, mailbox)
        team.save_technical_brief(user)
    team.add_network_account(actor)
    history.settle()
    Campaign.objects.filter(name__in=team.NAMES).update(is_demo=True)


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
    for identity in Identity.objects.filter(channel=Channel.SMS, lead__source=SOURCE).select_related("lead"):
        record_consent(
            lead=identity.lead,
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
