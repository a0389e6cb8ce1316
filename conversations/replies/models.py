"""How inbound messages were read, and suggested answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.models import Dated
from outreach.core.sentences import SentencesField
from outreach.core.states import State, StateMachine, Text, one_of

_REVIEW = ("reviewer", "operator", "administrator")

SUGGESTION = StateMachine(
    name="suggestion",
    initial="proposed",
    states={
        "proposed": State(_("Proposed"), to=("used", "discarded", "superseded"), colour="blue"),
        "used": State(_("Used"), colour="green", roles=_REVIEW),
        "discarded": State(_("Discarded"), colour="grey", roles=_REVIEW),
        "superseded": State(_("Superseded"), colour="grey"),
    },
)


class Intent(models.TextChoices):
    """A reply's intent. `positive`, `negative`, `information` and `bounce` are the classes of the reports."""

    POSITIVE = "positive", _("Interested")
    BOOKING = "booking", _("Wants a call")
    QUESTION = "question", _("Asks a question")
    NEGATIVE = "negative", _("Not interested")
    NOT_NOW = "not_now", _("Not now")
    REFERRAL = "referral", _("Refers to someone else")
    WRONG_PERSON = "wrong_person", _("Wrong person")
    BOT_QUESTION = "bot_question", _("Asks whether we are a bot")
    SOURCE_QUESTION = "source_question", _("Asks where we got the address")
    ABUSIVE = "abusive", _("Abusive")
    OPT_OUT = "opt_out", _("Opts out")
    REACTION = "reaction", _("Reaction")
    AUTO_REPLY = "auto_reply", _("Automatic reply")
    OUT_OF_OFFICE = "out_of_office", _("Out of office")
    BOUNCE = "bounce", _("Bounce")
    COMPLAINT = "complaint", _("Abuse report")
    UNCLEAR = "unclear", _("Unclear")


COLOURS = {
    Intent.POSITIVE: "green",
    Intent.BOOKING: "green",
    Intent.QUESTION: "blue",
    Intent.BOT_QUESTION: "blue",
    Intent.SOURCE_QUESTION: "blue",
    Intent.REFERRAL: "blue",
    Intent.NOT_NOW: "amber",
    Intent.UNCLEAR: "amber",
    Intent.ABUSIVE: "red",
    Intent.OPT_OUT: "red",
    Intent.COMPLAINT: "red",
    Intent.BOUNCE: "red",
}
"""Badge colours; what is missing is grey."""
AUTOMATIC = (Intent.AUTO_REPLY, Intent.OUT_OF_OFFICE, Intent.BOUNCE, Intent.COMPLAINT)
"""What no person wrote: never counted as a reply."""


class Reading(models.Model):
    """The understanding of one inbound message; a person's correction is a newer row.

    `facts` also holds `subjects`: kinds of questions and objections with their sentences. Erasure: reasons and facts are
    emptied.
    """

    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="readings")
    intent = models.TextField(choices=Intent.choices)
    source = models.TextField(help_text="keyword, rules, model, person")
    confidence = models.FloatField(default=1.0)
    language = models.TextField(blank=True)
    reasons = SentencesField(default=list)
    facts = models.JSONField(
        default=dict,
        blank=True,
        help_text="until (a date), referral (an address), tier (of an opt-out), suspicion (of one)",
    )
    interaction = models.ForeignKey(
        "llm.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["message", "-id"], name="reading_message")]

    def __str__(self) -> str:
        return str(self.get_intent_display())

    @property
    def colour(self) -> str:
        """The badge colour of this intent."""
        return COLOURS.get(Intent(self.intent), "grey")

    @property
    def is_settled(self) -> bool:
        """Whether a person or a certain rule decided, so that no second opinion is due."""
        return self.source == "person" or self.confidence >= 0.7


DOUBTS: dict[str, Text] = {
    "opt_out": _("They may want us to stop."),
    "legal": _("It is about something legal."),
    "complaint": _("It is a complaint."),
    "abuse": _("It is abusive."),
    "sender": _("The receiving server couldn't confirm that it is from them."),
    "unsure": _("It isn't certain what they want."),
    "unanswered": _("They ask something that the playbook doesn't answer."),
    "no_price": _("They ask for a price that the playbook doesn't have."),
    "time": _("They name a time, and no booking link can confirm it."),
    "language": _("The playbook has no words in their language."),
    "source": _("Where we have their address from isn't recorded."),
    "not_sure": _("Check that the answer fits the question."),
    "note": _("Part of the note couldn't be followed from the playbook."),
    "too_many": _("Several answers have left by themselves today."),
}
"""Why a person must look at an answer before it leaves."""


class SuggestionOccasion(models.TextChoices):
    REPLY = "reply", _("They wrote")
    ASKED = "asked", _("They asked to hear from us now")
    SILENCE = "silence", _("They did not answer")


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    """Named sets of suggestions."""

    def proposed(self) -> SuggestionQuerySet:
        """Those that wait for a person."""
        return self.filter(state=SUGGESTION.PROPOSED)


class Suggestion(Dated):
    """An answer that the product proposes; a person approves, edits or discards it, or it leaves by its playbook.

    Erasure: all texts are blanked.
    """

    Occasion = SuggestionOccasion

    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="suggestions")
    answers = models.ForeignKey(
        "conversations.Message", null=True, on_delete=models.CASCADE, related_name="suggestions"
    )
    channel = models.TextField()
    subject = models.TextField(blank=True)
    body = models.TextField()
    state = models.TextField(choices=SUGGESTION.choices, default=SUGGESTION.initial)
    interaction = models.ForeignKey("llm.Interaction", on_delete=models.PROTECT, related_name="+")
    playbook_version = models.ForeignKey(
        "playbooks.PlaybookVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    occasion = models.TextField(choices=SuggestionOccasion.choices, default=SuggestionOccasion.REPLY)
    nudge = models.PositiveSmallIntegerField(default=0, help_text="Which follow-up on silence, from 1")
    cites = models.JSONField(default=list, blank=True, help_text="[{kind, text}]: what it uses of the playbook")
    doubts = models.JSONField(default=list, blank=True, help_text="Why a person must look: keys of DOUBTS")
    refused = models.TextField(blank=True, help_text="Why the text of a model was not used")
    note = models.TextField(blank=True, help_text="What a colleague wanted changed in the draft before")
    redraft = models.TextField(blank=True, help_text="What that changed, as a unified difference")
    sent_message = models.ForeignKey(
        "conversations.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    edit = models.TextField(blank=True, help_text="What a person changed before sending, as a unified diff")
    decided_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(state=SUGGESTION.PROPOSED), name="suggestion_one_open"
            ),
            one_of("occasion", SuggestionOccasion.choices),
        ]
        indexes = [models.Index(fields=["conversation", "-id"], name="suggestion_conversation")]

    def __str__(self) -> str:
        return f"{self.channel} #{self.pk}"

    is_proposed = SUGGESTION.predicate("proposed")

    @property
    def reasons(self) -> list[Text]:
        """Why a person must look, in words."""
        return [DOUBTS[code] for code in self.doubts if code in DOUBTS]


class PaceKind(models.TextChoices):
    ASKED = "asked", _("They asked to hear from us then")
    SILENCE = "silence", _("They may stay silent")


class PaceQuerySet(models.QuerySet["Pace"]):
    """Named sets of what is to be taken up again."""

    def due(self, now: datetime) -> PaceQuerySet:
        """Those whose time has come, the oldest first."""
        return self.filter(due_at__lte=now).order_by("due_at", "pk")


class Pace(Dated):
    """When a conversation is to be taken up again, and how often silence was followed up. See `replies.pace`.

    Erasure: stays; it names no one.
    """

    Kind = PaceKind

    conversation = models.OneToOneField(
        "conversations.Conversation", primary_key=True, on_delete=models.CASCADE, related_name="pace"
    )
    kind = models.TextField(choices=PaceKind.choices)
    due_at = models.DateTimeField(db_index=True)
    nudges = models.PositiveSmallIntegerField(default=0, help_text="Follow-ups on silence since their last message")

    objects = PaceQuerySet.as_manager()

    class Meta:
        constraints = [one_of("kind", PaceKind.choices)]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Presence(models.Model):
    """Who is viewing a conversation, and who is writing. Rows of the last minute count."""

    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey("access.User", on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    wrote_at = models.DateTimeField(null=True, blank=True)

    HERE, WRITING = timedelta(seconds=45), timedelta(seconds=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="presence_once")]

    def is_here(self, now: datetime) -> bool:
        return self.seen_at > now - self.HERE

    def is_writing(self, now: datetime) -> bool:
        return self.wrote_at is not None and self.wrote_at > now - self.WRITING


class Listing(models.Model):
    """What the inbox finds a conversation by: its words, and marks such as `channel:email`, `intent:positive`, `tag:vip`,
    `about:question.price`, and `seen:7` where user 7 has looked since the person last wrote.

    Made from the conversation by `replies.listing`, in the transaction of what changes it. Erasure: the row goes.
    """

    conversation = models.OneToOneField(
        "conversations.Conversation", primary_key=True, on_delete=models.CASCADE, related_name="listing"
    )
    at = models.DateTimeField(null=True, help_text="When the person last wrote: the order of a search")
    words = SearchVectorField(null=True, help_text="People, companies and addresses as written; texts by word stem")
    marks = ArrayField(models.TextField(), default=list)

    class Meta:
        indexes = [
            GinIndex(fields=["words", "marks"], name="listing_words"),
            models.Index(
                fields=["-at", "-conversation"],
                include=["marks"],
                condition=models.Q(at__isnull=False),
                name="listing_recent",
            ),
        ]
