"""Traces, interactions, evaluations, cached answers and circuit states; connected providers and routes."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core import secrets
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import one_of
from outreach.llm import errors
from outreach.llm.kinds import KINDS, Api, Kind


class Trace(models.Model):
    """One business run (drafting a batch, reading a reply) and the keys by which it is found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.TextField()
    session_key = models.TextField(blank=True, db_index=True)
    campaign_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    lead_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    batch_id = models.BigIntegerField(null=True, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = SentenceField(blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class Interaction(models.Model):
    """One call to a model, or to the built-in rules that stand in for one. Append-only.

    Erasure: `input` and `output` of a lead's interactions are blanked; hashes, counts and costs stay.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="interactions")
    campaign_id = models.BigIntegerField(null=True, blank=True, editable=False, help_text="As on its trace")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    step = models.TextField(help_text="What the call is for: plan, draft, refine, judge, qualify, classify, reply.")
    route = models.TextField()
    provider = models.TextField()
    model = models.TextField()
    parameters = models.JSONField(default=dict)
    pack_sha = models.TextField(blank=True, db_index=True)
    input = models.JSONField(default=list)
    output = models.TextField(blank=True)
    input_hash = models.TextField(db_index=True)
    input_tokens = models.IntegerField(null=True, blank=True)
    output_tokens = models.IntegerField(null=True, blank=True)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    latency_ms = models.IntegerField(null=True, blank=True)
    finish_reason = models.TextField(blank=True)
    error_class = models.TextField(blank=True)
    error = SentenceField(blank=True)
    is_cache_hit = models.BooleanField(default=False)
    has_texts = models.BooleanField(default=True, help_text="False: deleted after their time, or never kept")
    retries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["created_at", "id"], include=["cost_usd"], name="interaction_by_time"),
            models.Index(fields=["campaign_id", "created_at"], include=["cost_usd"], name="interaction_by_campaign"),
            models.Index(fields=["provider", "model", "step", "created_at"], name="interaction_by_model"),
            models.Index(fields=["created_at"], condition=models.Q(has_texts=True), name="interaction_with_texts"),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.provider}/{self.model}"

    @property
    def fault(self) -> str:
        """What went wrong, in two or three words; empty when an answer came."""
        return str(dict(errors.Kind.choices).get(self.error_class, self.error_class))


class Evaluation(models.Model):
    """A score given to an interaction by a judge, a rule or a person."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="evaluations")
    name = models.TextField()
    score = models.FloatField(null=True, blank=True)
    label = models.TextField(blank=True)
    reason = SentenceField(blank=True)
    judge = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)


class CachedAnswer(Dated):
    """A validated answer by the hash of everything that produced it."""

    key = models.TextField(unique=True)
    output = models.TextField()
    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)


class AnswerFlight(models.Model):
    """A question that some worker is asking now, so that nobody asks it twice. Erasure: holds nothing of a person."""

    key = models.TextField(unique=True)
    expires_at = models.DateTimeField(db_index=True, help_text="A worker that died holds it until then")

    def __str__(self) -> str:
        return self.key


class Circuit(models.Model):
    """Whether calls to a provider are paused after repeated failures, and what its last test said; for all workers."""

    provider = models.TextField(unique=True)
    failures = models.PositiveIntegerField(default=0)
    opened_until = models.DateTimeField(null=True, blank=True)
    last_error = SentenceField(blank=True)
    model_names = models.JSONField(
        default=list, blank=True, help_text="The models that it named when it was last asked"
    )
    test = models.JSONField(
        default=dict, blank=True, help_text="{at, model, answer, error, latency_ms} of the last test"
    )
    updated_at = models.DateTimeField(auto_now=True)


class ModelTrait(models.Model):
    """A parameter that a model refused, learned from its first refusal. Erasure: holds nothing of a person."""

    provider = models.TextField()
    model = models.TextField()
    refuses = models.TextField(help_text="temperature, max_tokens, max_completion_tokens, response_format")
    reason = SentenceField(blank=True)
    learned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "model", "refuses"], name="model_trait_once")]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model} refuses {self.refuses}"


class ModelLimit(models.Model):
    """What a provider's headers said a model may be asked. Erasure: holds nothing of a person."""

    provider = models.TextField()
    model = models.TextField()
    requests_per_minute = models.PositiveBigIntegerField(null=True, blank=True)
    tokens_per_minute = models.PositiveBigIntegerField(null=True, blank=True)
    learned_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "model"], name="model_limit_once")]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


class CallReservation(models.Model):
    """A call that is under way, and what it may cost at most. Erasure: holds nothing of a person."""

    provider = models.TextField()
    campaign_id = models.BigIntegerField(null=True, blank=True)
    amount_usd = models.DecimalField(max_digits=12, decimal_places=6)
    expires_at = models.DateTimeField(db_index=True, help_text="A worker that died holds its place until then")

    def __str__(self) -> str:
        return f"{self.provider} ${self.amount_usd}"


class TraceContent(models.TextChoices):
    """What traces keep of prompts and answers."""

    WHOLE = "whole", _("Everything")
    MASKED = "masked", _("Texts with personal data masked")
    OFF = "off", _("No texts, only numbers")


class ModelPolicy(Dated):
    """What holds for all models: one row. Erasure: holds nothing of a person."""

    usd_per_day = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    usd_per_campaign = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    trace_content = models.TextField(choices=TraceContent, default=TraceContent.WHOLE)
    trace_days = models.PositiveIntegerField(default=180, help_text="Texts are deleted after so many days; 0: never")

    class Meta:
        constraints = [one_of("trace_content", TraceContent.values)]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class TraceExport(models.Model):
    """How far calls were sent to the OpenTelemetry collector: one row. Erasure: holds nothing of a person."""

    sent_until = models.DateTimeField()
    last_id = models.UUIDField(null=True)
    problem = SentenceField(blank=True)

    def __str__(self) -> str:
        return str(self.sent_until)


class CampaignCap(Dated):
    """What one campaign may spend on models. Erasure: holds nothing of a person."""

    campaign_id = models.BigIntegerField(unique=True)
    usd = models.DecimalField(max_digits=12, decimal_places=2)

    def __str__(self) -> str:
        return f"${self.usd}"


class ModelProvider(Dated):
    """A provider that was connected under Settings → Models. Erasure: holds nothing of a person."""

    name = models.TextField(_("name"), unique=True, help_text="What routes call it: name/model")
    kind = models.TextField(choices=[(kind.name, kind.label) for kind in KINDS.values()])
    base_url = models.TextField(_("address"))
    uses_responses = models.BooleanField(_("ask through OpenAI's responses API"), default=False)
    key_token = models.TextField(blank=True, editable=False)
    is_local = models.BooleanField(_("on this machine or in my own network"), default=False)
    timeout_seconds = models.PositiveSmallIntegerField(_("longest wait for an answer"), default=60)
    concurrent_calls = models.PositiveIntegerField(_("calls at once"), null=True, blank=True)
    requests_per_minute = models.PositiveIntegerField(_("calls a minute"), null=True, blank=True)
    tokens_per_minute = models.PositiveBigIntegerField(_("tokens a minute"), null=True, blank=True)
    prices = models.JSONField(
        default=dict,
        blank=True,
        help_text="{model or *: {input, output}}: US dollars for a million tokens that a person stated; 0 is free",
    )

    class Meta:
        ordering = ["name"]
        constraints = [one_of("kind", KINDS)]

    def __str__(self) -> str:
        return self.name

    @property
    def info(self) -> Kind:
        return KINDS[self.kind]

    @property
    def api(self) -> Api:
        """What the server is spoken to in."""
        return "responses" if self.uses_responses and self.info.has_responses else self.info.api

    @property
    def has_key(self) -> bool:
        return bool(self.key_token)

    def set_key(self, key: str) -> None:
        self.key_token = secrets.encrypt(key) if key else ""


class ModelRoute(Dated):
    """The models for one purpose, in the order in which they are tried. Erasure: holds nothing of a person."""

    route = models.TextField(unique=True)
    chain = models.JSONField(default=list, help_text="[provider/model]")
    temperature = models.FloatField(_("temperature"), default=0.4)
    max_output_tokens = models.PositiveIntegerField(_("longest answer"), default=900)

    class Meta:
        ordering = ["route"]

    def __str__(self) -> str:
        return self.route
