"""Probable duplicates, and the merges made from them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models import Company, Lead
from outreach.access.roles import Role, at_least
from outreach.core.models import Dated
from outreach.core.states import State, StateMachine, one_of

DUPLICATE = StateMachine(
    name="duplicate",
    initial="open",
    states={
        "open": State(_("Undecided"), to=("merged", "apart"), colour="amber"),
        "merged": State(_("Merged"), to=("open",), colour="green", roles=at_least(Role.OPERATOR)),
        "apart": State(_("Kept apart"), to=("open",), colour="grey", roles=at_least(Role.OPERATOR)),
    },
)


class Kind(models.TextChoices):
    LEAD = "lead", _("People")
    COMPANY = "company", _("Companies")


class Reason(models.TextChoices):
    """Why two records look like one."""

    SAME_NAME_AND_COMPANY = "same_name_and_company", _("Same name, same company")
    SIMILAR_NAME_AND_COMPANY = "similar_name_and_company", _("Similar name, same company")
    SAME_NAME_AND_DOMAIN = "same_name_and_domain", _("Same name, same e-mail domain")
    TAGGED_ADDRESS = "tagged_address", _("The same mailbox with a tag")
    ADDRESS_CONFLICT = "address_conflict", _("Same name, and a list gives both the same address")
    SAME_DOMAIN = "same_domain", _("Same web domain")
    SAME_NAME = "same_name", _("Same name apart from the legal form")
    SAME_TAX_ID = "same_tax_id", _("Same tax id, other country or prefix")


class Merge(Dated):
    """One record taken into another, with all that the undo needs.

    `before` holds the fields of the kept record that were filled; `moved` ids that were moved; `effects` what upper
    wings moved, by wing, ids only. Erasure: `before` is emptied when either of the two is erased.
    """

    kind = models.TextField(choices=Kind.choices)
    kept_id = models.BigIntegerField(db_index=True)
    lost_id = models.BigIntegerField(db_index=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    effects = models.JSONField(default=dict)
    actor = models.TextField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [one_of("kind", Kind.choices)]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} #{self.lost_id} → #{self.kept_id}"


class Duplicate(Dated):
    """Two records that may be one. The one with the lower number is `low`; a pair is proposed once, for ever."""

    kind = models.TextField(choices=Kind.choices)
    low_lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    high_lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    low_company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    high_company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    reason = models.TextField(choices=Reason.choices)
    score = models.FloatField(help_text="0 to 1, how sure the rule is")
    state = models.TextField(choices=DUPLICATE.choices, default=DUPLICATE.initial)
    decided_by = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    merge = models.ForeignKey(Merge, null=True, blank=True, on_delete=models.SET_NULL, related_name="pairs")

    class Meta:
        ordering = ["-score", "id"]
        constraints = [
            one_of("kind", Kind.choices),
            one_of("reason", Reason.choices),
            DUPLICATE.constraint(),
            models.UniqueConstraint(
                fields=["low_lead", "high_lead"], condition=models.Q(kind="lead"), name="duplicate_leads_once"
            ),
            models.UniqueConstraint(
                fields=["low_company", "high_company"],
                condition=models.Q(kind="company"),
                name="duplicate_companies_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "-score", "id"], condition=models.Q(state=DUPLICATE.OPEN), name="duplicate_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.low} / {self.high}"

    is_open = DUPLICATE.predicate("open")
    is_merged = DUPLICATE.predicate("merged")

    @property
    def low(self) -> Lead | Company | None:
        return self.low_lead if self.kind == Kind.LEAD else self.low_company

    @property
    def high(self) -> Lead | Company | None:
        return self.high_lead if self.kind == Kind.LEAD else self.high_company
