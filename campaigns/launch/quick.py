"""The shortest way to a campaign: a list or a segment, an offer, a sender; the rest has sensible defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime

from campaigns.audience import services as audience
from campaigns.launch import timing
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign
from campaigns.models import Campaign, language_of
from campaigns.steps.plan import StepPlan
from conversations.playbooks.models import Playbook
from conversations.senders.models import SENDER, Sender
from leads.imports.models import BATCH, Batch
from leads.models import Channel
from leads.qualification.models import Brief
from leads.segments import schema
from leads.segments.canonical import criteria_hash
from leads.segments.models import Segment, SegmentVersion
from leads.segments.services import save_segment
from outreach.access.models import User
from outreach.core.addresses import is_reserved
from outreach.core.dates import written
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.prompts.models import PackVersion

PACKS = {Channel.EMAIL: ("first-contact-email", "follow-up-email"), Channel.SMS: ("first-contact-sms",)}
FOLLOW_UP_AFTER = 3
OFFICE_HOURS = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}


ALWAYS, OFFICE, DAILY = "always", "office", "daily"
HOURS: dict[str, dict[str, Any] | None] = {OFFICE: OFFICE_HOURS, DAILY: timing.WIDER, ALWAYS: None}
"""When messages may leave, in the recipient's time, by the name of the choice."""


@dataclass(frozen=True, kw_only=True)
class QuickPlan:
    """What a person says: the audience (a version of a segment), the offer, the sender; the rest has a default."""

    name: str
    segment_version: SegmentVersion
    sender: Sender
    offer: str
    hours: str = ""
    """A name of `HOURS`; empty: what fits the sender."""
    brief: Brief | None = None
    """Qualify first: only those it accepts are written to."""
    keeps_busy: bool = False
    playbook: Playbook | None = None
    """What answers to replies may say; None: the team's default."""
    booking_url: str = ""
    has_follow_up: bool = True
    offer_other: str = ""
    daily_cap: int | None = None
    start_at: datetime | None = None
    is_stopped_by_company: bool = True
    skips_holidays: bool = True

    def plan(self) -> CampaignPlan:
        """The whole plan. Raises `Invalid("sender")` for a channel that no texts are shipped for."""
        window = HOURS[self.hours or usual_hours(self.sender)]
        return CampaignPlan(
            name=self.name,
            segment_version=self.segment_version,
            steps=shipped_steps(self.sender, has_follow_up=self.has_follow_up),
            brief=self.brief,
            playbook=self.playbook,
            goal=_("A short call"),
            offer=self.offer,
            offer_translations={language_of(self.offer_other): self.offer_other} if self.offer_other else {},
            booking_url=self.booking_url,
            window=window,
            daily_cap=self.daily_cap,
            start_at=self.start_at,
            is_stopped_by_company=self.is_stopped_by_company,
            skips_holidays=self.skips_holidays and window is not None,
            keeps_busy=self.keeps_busy,
        )


def shipped_packs() -> list[PackVersion]:
    """The packs of the usual two e-mails, for a forecast before a sender is chosen."""
    return list(PackVersion.objects.in_production().filter(name__in=PACKS[Channel.EMAIL]))


def usual_hours(sender: Sender | None) -> str:
    """A sandbox sender writes at any hour; others within office hours in the recipient's zone."""
    is_free = sender is not None and is_reserved(sender.channel, sender.address)
    return ALWAYS if is_free else OFFICE


def shipped_steps(sender: Sender, *, pool: str = "", has_follow_up: bool = True) -> list[StepPlan]:
    """The shipped texts of the sender's channel. Raises `Invalid("sender")` for a channel without any."""
    names = PACKS.get(Channel(sender.channel), ())
    if not names:
        raise Invalid("sender", _("No texts are shipped for this channel. Plan the campaign step by step instead."))
    return [
        StepPlan(
            channel=sender.channel,
            sender=sender,
            pool=pool,
            pack_version=_pack(name),
            delay_days=FOLLOW_UP_AFTER if number else 0,
        )
        for number, name in enumerate(names if has_follow_up else names[:1])
    ]


@dataclass(frozen=True)
class People:
    """The list that a campaign starts with. Looking at it stores nothing; a segment is saved when a campaign needs it.

    `name` is what that segment is called; `version` the one that is saved already.
    """

    title: str
    criteria: dict[str, Any]
    name: str
    version: SegmentVersion | None = None

    def segment_version(self, *, created_by: User) -> SegmentVersion:
        """The list as a version of a segment: its own, one of the same name and conditions, or a new one."""
        if self.version is not None:
            return self.version
        wanted = criteria_hash(schema.parse(self.criteria))
        for number in range(1, 100):
            name = self.name if number == 1 else f"{self.name} ({number})"
            found = Segment.objects.filter(name=name).first()
            if found is None:
                return save_segment(name=name, criteria=self.criteria, created_by=created_by)
            if found.archived_at is None and found.current is not None and found.current.criteria_hash == wanted:
                return found.current
        raise Invalid("audience", _("There are too many segments of this name. Rename or archive some."))

    def narrowed(self, *, title: str = "", country: str = "") -> People:
        """Only those whose position contains one of the words in `title` and who are in one of the countries.

        Both are lists, separated by commas; countries by name or code. Empty: everyone.
        """
        conditions: list[dict[str, Any]] = []
        if title.strip():
            conditions.append({"field": "lead.title", "operator": "any_of", "value": _listed(title)})
        if country.strip():
            conditions.append({"field": "lead.country", "operator": "in", "value": _listed(country)})
        if not conditions:
            return self
        words = ", ".join(filter(None, (title.strip(), country.strip())))
        return People(self.title, {"all": [self.criteria, *conditions]}, f"{self.title}: {words}")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def people_of(batch: Batch) -> People:
    """The people of one import."""
    criteria = {"all": [{"field": "lead.batch", "operator": "in", "value": [str(batch.pk)]}]}
    name = _("%(file)s (import %(number)s)") % {"file": batch.file_name, "number": batch.pk}
    return People(Path(batch.file_name).stem, criteria, name)


def people_in(segment: Segment) -> People | None:
    """The people of a segment; None while it has no criteria."""
    version = segment.current
    return People(segment.name, version.criteria, segment.name, version) if version is not None else None


IMPORT, SEGMENT = "import", "segment"


def people_named(value: str) -> People | None:
    """The list behind `import:5` or `segment:7`; None where there is none, or it has no criteria yet."""
    kind, _colon, number = value.partition(":")
    if not number.isdecimal() or len(number) > 18:
        return None
    if kind == IMPORT:
        batch = Batch.objects.filter(pk=number, state=BATCH.DONE).exclude(kind=Batch.Kind.COMPANIES).first()
        return people_of(batch) if batch is not None else None
    segment = Segment.objects.filter(pk=number, archived_at=None).first() if kind == SEGMENT else None
    return people_in(segment) if segment is not None else None


def usual_channel() -> str:
    """The channel of the sender that is offered first."""
    senders = Sender.objects.filter(state=SENDER.ACTIVE, channel__in=PACKS).order_by("channel", "name")
    return senders.values_list("channel", flat=True).first() or Channel.EMAIL


def lists(*, most: int = 100) -> list[tuple[str, list[tuple[str, str]]]]:
    """The lists that a campaign can start with, newest first: imports of people, and segments."""
    batches = Batch.objects.filter(state=BATCH.DONE).exclude(kind=Batch.Kind.COMPANIES).order_by("-pk")[:most]
    segments = Segment.objects.filter(archived_at=None).order_by("-pk")[:most]
    found = [
        (_("Segments"), [(f"{SEGMENT}:{segment.pk}", segment.name) for segment in segments]),
        (
            _("Imports"),
            [
                (f"{IMPORT}:{batch.pk}", f"{batch.file_name} · {written(localtime(batch.created_at), 'd MMM y')}")
                for batch in batches
            ],
        ),
    ]
    return [(name, choices) for name, choices in found if choices]


def begin(plan: QuickPlan, *, created_by: User) -> Campaign:
    """Create the campaign, take its audience and have the texts written, after the brief's verdicts where there is one;
    a large audience is taken in the background first. Nothing is sent before somebody approves. Raises `Invalid` naming the field; then nothing is made.
    """
    with transaction.atomic():
        campaign = create_campaign(plan.plan(), created_by=created_by)
        actor = Actor.of(created_by)
        found = audience.freeze_or_start(campaign=campaign, actor=actor, started_by=created_by, writes=True)
        if isinstance(found, audience.Audience) and not found.added:
            raise Invalid("audience", _nobody_left(found))
    return campaign


def _nobody_left(found: audience.Audience) -> str:
    if not found.matching:
        return _("No one is in this list.")
    if found.elsewhere:
        return _(
            "Everyone in this list is in another running campaign or was contacted recently. Tick “Keep them” to write "
            "to them all the same."
        )
    return _(
        "No one in this list can be written to: %(suppressed)s opted out, %(unreachable)s have no usable address."
    ) % {
        "suppressed": found.suppressed,
        "unreachable": found.unreachable,
    }


def _pack(name: str) -> PackVersion:
    found = PackVersion.objects.in_production().filter(name=name).first()
    if found is None:
        raise Invalid("sender", _("The prompt pack “%(name)s” is missing.") % {"name": name})
    return found
