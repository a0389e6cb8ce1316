"""One fact that is remembered about the person of a conversation."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.memory.forgetting import strength
from conversations.models import MESSAGE
from outreach.core.models import Dated
from outreach.core.states import one_of


class Topic(models.TextChoices):
    """What a memory is about, in the order in which it is shown."""

    PERSON = "person", _("Person to speak to")
    TEAM = "team", _("Team size")
    TOOL = "tool", _("Tools they use")
    BUDGET = "budget", _("Budget")
    DATE = "date", _("Date")
    CHANNEL = "channel", _("Preferred channel")
    LANGUAGE = "language", _("Preferred language")
    TIME = "time", _("Preferred time")
    OBJECTION = "objection", _("Objection")
    QUESTION = "question", _("Their question")
    PROMISE = "promise", _("We promised")
    OTHER = "other", _("Other")


class Term(models.TextChoices):
    SHORT = "short", _("Short-term")
    LONG = "long", _("Long-term")


class Origin(models.TextChoices):
    RULES = "rules", _("Read by rules")
    MODEL = "model", _("Read by a model")
    PERSON = "person", _("Added by a colleague")


class Ending(models.TextChoices):
    SETTLED = "settled", _("Done")
    REPLACED = "replaced", _("They said something newer")
    FORGOTTEN = "forgotten", _("Removed")


class MemoryQuerySet(models.QuerySet["Memory"]):
    """Named sets of memories."""

    def live(self) -> MemoryQuerySet:
        """What holds: not ended, and not from a message of ours that never left."""
        return self.filter(ending="").exclude(message__state=MESSAGE.CANCELLED)

    def open_items(self) -> MemoryQuerySet:
        """What somebody waits for: questions that are not answered, promises that are not kept."""
        return self.live().filter(topic__in=[Topic.QUESTION, Topic.PROMISE])

    def faded(self, now: datetime) -> MemoryQuerySet:
        """Short-term memories whose time is over."""
        return self.filter(term=Term.SHORT, fades_at__lte=now)


class Memory(Dated):
    """One fact: what we know (`text`), the words that it comes from (`quote` of `message`), how important it is.

    `key` is a hash of topic and text, so that the same fact is one row; it stays when a person removes the fact, and
    then it is not learned again. Erasure: the row goes.
    """

    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="memories")
    topic = models.TextField(choices=Topic.choices)
    text = models.TextField()
    quote = models.TextField(blank=True, help_text="The words it comes from, as they stand in the message")
    key = models.TextField(help_text="Hash of topic and text")
    message = models.ForeignKey(
        "conversations.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="memories"
    )
    origin = models.TextField(choices=Origin.choices)
    author = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    interaction = models.ForeignKey(
        "llm.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    importance = models.FloatField()
    mentions = models.PositiveSmallIntegerField(default=1)
    term = models.TextField(choices=Term.choices, default=Term.SHORT)
    is_pinned = models.BooleanField(default=False)
    ending = models.TextField(choices=Ending.choices, blank=True)
    mentioned_at = models.DateTimeField(help_text="When it was last said")
    fades_at = models.DateTimeField(null=True, blank=True, help_text="When a short-term memory goes")

    objects = MemoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "memories"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "key"], name="memory_once"),
            models.CheckConstraint(
                condition=models.Q(importance__gte=0, importance__lte=1), name="memory_importance_range"
            ),
            one_of("topic", Topic.choices),
            one_of("term", Term.choices),
            one_of("origin", Origin.choices),
            one_of("ending", [*Ending.choices, ("", "")]),
        ]
        indexes = [
            models.Index(fields=["fades_at"], condition=models.Q(fades_at__isnull=False), name="memory_fading"),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()}: {self.text}"

    @property
    def is_open(self) -> bool:
        """Whether it waits to be done."""
        return not self.ending and self.topic in {Topic.QUESTION, Topic.PROMISE}

    def strength_at(self, now: datetime) -> float:
        """How present it is; a pinned one never fades."""
        if self.is_pinned:
            return 1.0
        days = (now - self.mentioned_at).total_seconds() / 86_400
        return strength(
            importance=self.importance, days=days, mentions=self.mentions, is_long_term=self.term == Term.LONG
        )
