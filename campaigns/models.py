"""Campaigns, candidates and outcomes."""

from __future__ import annotations

import re

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models import Channel
from outreach.access.roles import Role, at_least
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import State, StateMachine, Text, one_of
from outreach.jobs.models import Job

_OPERATE, _REVIEW = at_least(Role.OPERATOR), at_least(Role.REVIEWER)

CAMPAIGN = StateMachine(
    name="campaign",
    initial="drafting",
    states={
        "drafting": State(_("Drafting"), to=("ready", "archived"), colour="grey", roles=_OPERATE),
        "ready": State(_("Ready"), to=("sending", "drafting", "archived"), colour="blue", roles=_OPERATE),
        "sending": State(_("Sending"), to=("paused", "completed"), colour="green", roles=_OPERATE),
        "paused": State(_("Paused"), to=("sending", "completed", "archived"), colour="amber", roles=_REVIEW),
        "completed": State(_("Completed"), to=("archived", "sending"), colour="green", roles=_OPERATE),
        "archived": State(_("Archived"), colour="grey", roles=_OPERATE),
    },
    sets={
        "editable": ("drafting", "ready"),
        "running": ("sending", "paused"),
        "live": ("sending", "paused", "ready", "drafting"),
        "over": ("completed", "archived"),
        "matching": ("ready", "sending", "paused"),  # a daily campaign's live set is kept up to date
    },
)

CANDIDATE = StateMachine(
    name="candidate",
    field="stage",
    initial="matched",
    states={
        "matched": State(
            _("Matched"), to=("shortlisted", "qualified", "disqualified", "excluded", "evicted"), colour="grey"
        ),
        "shortlisted": State(_("Shortlisted"), to=("qualified", "disqualified", "excluded", "evicted"), colour="grey"),
        "qualified": State(
            _("Qualified"),
            to=("drafted", "shortlisted", "disqualified", "excluded", "evicted"),
            colour="blue",
            roles=_REVIEW,
        ),
        "disqualified": State(
            _("Disqualified"), to=("qualified", "shortlisted", "excluded"), colour="amber", roles=_REVIEW
        ),
        "drafted": State(_("Drafted"), to=("approved", "qualified", "disqualified", "excluded"), colour="blue"),
        "approved": State(_("Approved"), to=("contacted", "drafted", "excluded"), colour="blue", roles=_REVIEW),
        "contacted": State(_("Contacted"), to=("replied", "won", "lost", "excluded"), colour="green"),
        "replied": State(_("Replied"), to=("won", "lost"), colour="green"),
        "won": State(_("Won"), to=("lost",), colour="green", roles=_REVIEW),
        "lost": State(_("Lost"), to=("won", "replied"), colour="red", roles=_REVIEW),
        "excluded": State(_("Excluded"), to=("matched",), colour="grey", roles=_REVIEW),
        "evicted": State(_("Evicted"), to=("matched",), colour="grey"),
    },
    sets={
        "unjudged": ("matched", "shortlisted"),
        "engaged": ("matched", "shortlisted", "qualified", "drafted", "approved", "contacted", "replied"),
        "undecided": ("matched", "shortlisted", "disqualified"),
        "unapproved": ("qualified", "drafted"),
        "writable": ("qualified", "drafted", "approved", "contacted"),
        "not_contacted": ("matched", "shortlisted", "qualified", "drafted", "approved"),
        "before_contact": ("matched", "shortlisted", "qualified", "disqualified", "drafted", "approved"),
        "in_line": ("qualified", "drafted", "approved"),
        "on_the_way": ("approved", "contacted"),
        "reached": ("contacted", "replied", "won", "lost"),
        "answered": ("replied", "won"),
        "without_texts": ("matched", "shortlisted", "qualified"),
        "judged": ("qualified", "disqualified"),
        "written": ("drafted", "approved"),
        "picked": ("matched", "qualified", "drafted", "approved"),  # left the live set, not written to yet
        "members": (
            *("matched", "shortlisted", "qualified", "disqualified"),
            *("drafted", "approved", "contacted", "replied", "won", "lost"),
        ),
        "accepted": ("qualified", "drafted", "approved", "contacted", "replied", "won", "lost"),
        "drafted_once": ("drafted", "approved", "contacted", "replied", "won", "lost"),
        "approved_once": ("approved", "contacted", "replied", "won", "lost"),
        "unanswered": ("matched", "shortlisted", "qualified", "drafted", "approved", "contacted"),
        "removed": ("excluded", "evicted"),
        "out": ("excluded", "evicted", "disqualified"),
        "ended": ("replied", "won", "lost", "excluded", "evicted", "disqualified"),
    },
)


DECISIONS: dict[str, tuple[str, Text, str]] = {
    "qualify": ("qualified", _("Qualify"), ""),
    "disqualify": ("disqualified", _("Disqualify"), "is-quiet"),
    "include": ("matched", _("Restore"), ""),
    "exclude": ("excluded", _("Exclude"), "is-quiet"),
}
"""A person's decisions about a candidate: name → (stage, label, style of the button)."""

LANGUAGES = {"en": _("English"), "ru": _("Russian")}
"""The languages that campaigns are written in."""
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def language_of(text: str) -> str:
    """Russian when it has Cyrillic letters, else English: the two languages that campaigns are written in."""
    return "ru" if _CYRILLIC.search(text) else "en"


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Named sets of campaigns."""

    def sending(self) -> CampaignQuerySet:
        return self.filter(state=CAMPAIGN.SENDING)

    def running(self) -> CampaignQuerySet:
        """Sending, or paused in the middle of it."""
        return self.filter(state__in=CAMPAIGN.running)

    def live(self) -> CampaignQuerySet:
        """Not over yet."""
        return self.filter(state__in=CAMPAIGN.live)


class CandidateQuerySet(models.QuerySet["Candidate"]):
    """Named sets of candidates."""

    def unjudged(self) -> CandidateQuerySet:
        """Those that wait for a verdict."""
        return self.filter(stage__in=CANDIDATE.unjudged)

    def writable(self) -> CandidateQuerySet:
        """Those that texts are written for; for contacted ones the texts of steps that were added since."""
        return self.filter(stage__in=CANDIDATE.writable)

    def not_contacted(self) -> CandidateQuerySet:
        """Those that may still get a first message."""
        return self.filter(stage__in=CANDIDATE.not_contacted)

    def on_the_way(self) -> CandidateQuerySet:
        """Those in the middle of the steps."""
        return self.filter(stage__in=CANDIDATE.on_the_way)

    def reached(self) -> CandidateQuerySet:
        """Those that something was sent to."""
        return self.filter(stage__in=CANDIDATE.reached)


class Campaign(Dated):
    """A plan: audience (segment version, brief), steps with prompt packs, senders, and window."""

    class Mode(models.TextChoices):
        ONCE = "once", _("Once, to a frozen audience")
        DAILY = "daily", _("Every day, to the best of a live set")

    name = models.TextField(_("name"), unique=True)
    mode = models.TextField(_("how it runs"), choices=Mode.choices, default=Mode.ONCE)
    goal = models.TextField(_("goal"), blank=True)
    offer = models.TextField(_("offer"), blank=True)
    offer_translations = models.JSONField(
        _("the offer in other languages"), default=dict, blank=True, help_text="{language: text}"
    )
    booking_url = models.URLField(_("booking link"), blank=True)
    state = models.TextField(choices=CAMPAIGN.choices, default=CAMPAIGN.initial)
    segment_version = models.ForeignKey("segments.SegmentVersion", on_delete=models.PROTECT, related_name="campaigns")
    brief = models.ForeignKey(
        "qualification.Brief", null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns"
    )
    playbook = models.ForeignKey(
        "playbooks.Playbook",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="campaigns",
        help_text="How replies are answered; empty: by the team's default",
    )
    stream = models.OneToOneField("outbox.Stream", on_delete=models.PROTECT, related_name="campaign")
    start_at = models.DateTimeField(_("not before"), null=True, blank=True)
    audience_frozen_at = models.DateTimeField(null=True, blank=True)
    audience_counts = models.JSONField(
        default=dict, blank=True, help_text="Of the last match: matching, added, suppressed, unreachable, evicted"
    )
    completed_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.TextField(
        _("time zone"), default="UTC", help_text=_("A daily campaign's day starts at midnight here")
    )
    is_stopped_by_company = models.BooleanField(_("a reply stops everyone at that company"), default=False)
    skips_holidays = models.BooleanField(_("skip public holidays"), default=False)
    keeps_busy = models.BooleanField(
        _("also people in another running campaign or contacted recently"),
        default=False,
        help_text=_("Otherwise they are left out when the audience is matched."),
    )
    waits_for_model = models.BooleanField(_("wait when no model answers"), default=True)
    plan_number = models.PositiveSmallIntegerField(
        default=1, help_text="Increases when steps change for new leads only; leads in progress keep theirs"
    )
    daily_limit = models.PositiveIntegerField(
        _("new leads a day from each sender"), null=True, blank=True, help_text="Daily campaigns; empty: senders' caps"
    )
    sources = models.JSONField(
        _("sources for more leads"),
        default=list,
        blank=True,
        help_text="[{adapter, seeds, location, category, keywords, pages}]: crawled when a daily campaign runs out of leads",
    )
    next_run_at = models.DateTimeField(null=True, blank=True, help_text="When a daily campaign runs next")
    day = models.DateField(null=True, blank=True, help_text="The local day a daily campaign has started")
    day_counts = models.JSONField(default=dict, blank=True, help_text="Counts of the day: judged, drafted, planned")
    waits_because = models.TextField(
        blank=True, help_text="Why the last daily run waits for a model; empty: it doesn't"
    )
    discovered_at = models.DateTimeField(null=True, blank=True, help_text="When more leads were last searched for")
    discovery_error = SentenceField(blank=True, help_text="Why the last search for more leads could not start")
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_demo = models.BooleanField(default=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [CAMPAIGN.constraint(), one_of("mode", ("once", "daily"))]
        indexes = [
            models.Index(
                fields=["next_run_at"], condition=models.Q(next_run_at__isnull=False), name="campaign_next_run"
            )
        ]

    def __str__(self) -> str:
        return self.name

    is_drafting = CAMPAIGN.predicate("drafting")
    is_ready = CAMPAIGN.predicate("ready")
    is_sending = CAMPAIGN.predicate("sending")
    is_paused = CAMPAIGN.predicate("paused")
    is_completed = CAMPAIGN.predicate("completed")
    is_over = CAMPAIGN.predicate(*CAMPAIGN.over)
    is_matching = CAMPAIGN.predicate(*CAMPAIGN.matching)

    def jobs(self) -> models.QuerySet[Job]:
        """Background work about this campaign, newest first."""
        return Job.objects.about(self).order_by("-pk")

    def offer_in(self, language: str) -> str:
        """The offer in `language`, or the goal when there is no offer at all; empty when it is not written in it."""
        return self.offers().get(language, "")

    def offers(self) -> dict[str, str]:
        """The offer by language. The first text counts for the language that it is written in."""
        found = {code: text for code, text in self.offer_translations.items() if text.strip()}
        first = self.offer or ("" if found else self.goal)
        if first.strip():
            found.setdefault(language_of(first), first)
        return found


class Candidate(Dated):
    """One lead in one campaign, with its stage and the reasons for it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="candidates")
    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="candidacies")
    stage = models.TextField(choices=CANDIDATE.choices, default=CANDIDATE.initial)
    stage_reason = SentenceField(blank=True)
    score = models.FloatField(null=True, blank=True)
    verdict = models.ForeignKey(
        "qualification.Verdict", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    problem = SentenceField(blank=True, help_text="Why no draft could be written")
    plan_number = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The plan that a lead in progress keeps; empty: the campaign's newest"
    )
    is_added_by_hand = models.BooleanField(
        default=False, db_default=False, help_text="Picked by a person: stays when the segment is matched again"
    )

    objects = CandidateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "lead"], name="candidate_once"),
            CANDIDATE.constraint(),
        ]
        indexes = [
            models.Index(fields=["campaign", "stage", "-score", "id"], name="candidate_stage"),
            models.Index(fields=["campaign"], condition=~models.Q(problem=""), name="candidate_problem"),
        ]

    def __str__(self) -> str:
        return f"{self.lead} in {self.campaign}"

    is_qualified = CANDIDATE.predicate("qualified")
    is_approved = CANDIDATE.predicate("approved")
    is_won = CANDIDATE.predicate("won")
    is_excluded = CANDIDATE.predicate("excluded")
    is_on_the_way = CANDIDATE.predicate(*CANDIDATE.on_the_way)
    """Their campaign's steps may go on."""
    is_reached = CANDIDATE.predicate(*CANDIDATE.reached)
    """Something was sent to them, so that an outcome can be recorded."""

    @property
    def is_silenced(self) -> bool:
        """Whether nothing more may be sent to this candidate by its campaign's steps."""
        return not self.is_on_the_way

    @property
    def decisions(self) -> list[tuple[str, Text, str]]:
        """What a person may decide now: (name, label, style of the button)."""
        return [
            (name, label, style)
            for name, (stage, label, style) in DECISIONS.items()
            if CANDIDATE.allows(self.stage, stage) and (self.stage, name) != ("drafted", "qualify")
        ]

    @property
    def notable_outcomes(self) -> list[Outcome]:
        """What is worth a badge: each kind once, without deliveries, opens, clicks and the bare reply."""
        plain = (Outcome.Kind.DELIVERED, Outcome.Kind.OPENED, Outcome.Kind.CLICKED, Outcome.Kind.REPLIED)
        return list({row.kind: row for row in self.outcomes.all() if row.kind not in plain}.values())


class CandidateSender(models.Model):
    """The sender of a candidate on one channel: taken from a pool once, and kept. Erasure: stays; it names nobody else."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="senders")
    channel = models.TextField(choices=Channel.choices)
    sender = models.ForeignKey("senders.Sender", on_delete=models.PROTECT, related_name="+")
    pool = models.TextField(blank=True, help_text="The pool that an experiment gave them, for all messages to come")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "channel"], name="candidate_sender_once"),
            one_of("channel", Channel.values),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} · {self.channel} · {self.sender_id}"


class OutcomeKind(models.TextChoices):
    """What can come of a candidate."""

    DELIVERED = "delivered", _("Delivered")
    OPENED = "opened", _("Opened")
    CLICKED = "clicked", _("Clicked")
    REPLIED = "replied", _("Replied")
    POSITIVE = "positive", _("Positive reply")
    NEGATIVE = "negative", _("Negative reply")
    INFORMATION = "information", _("Asked for information")
    BOUNCED = "bounced", _("Bounced")
    OPTED_OUT = "opted_out", _("Opted out")
    BOOKED = "booked", _("Booked a call")
    HELD = "held", _("Had the call")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class Outcome(models.Model):
    """A fact about a candidate with its time and value, from a message of ours (`message`) or a person. A corrected
    reading of a reply replaces the class (positive, negative, information) that the wrong one had set."""

    Kind = OutcomeKind
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="outcomes")
    kind = models.TextField(choices=Kind.choices)
    message = models.ForeignKey(
        "conversations.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    value = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    COLOURS = {
        **dict.fromkeys(("positive", "booked", "held", "won"), "green"),
        "information": "blue",
        "negative": "amber",
        **dict.fromkeys(("bounced", "opted_out", "lost"), "red"),
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "kind", "message"], nulls_distinct=False, name="outcome_once"),
            one_of("kind", OutcomeKind.values),
        ]
        indexes = [
            models.Index(fields=["candidate", "kind"], name="outcome_candidate_kind"),
            models.Index(fields=["kind", "occurred_at"], name="outcome_kind_occurred"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.candidate_id}"

    @property
    def colour(self) -> str:
        return self.COLOURS.get(self.kind, "grey")
