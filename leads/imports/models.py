"""Import batches, saved mappings and rejected rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.models import Dated
from outreach.core.states import State, StateMachine

BATCH = StateMachine(
    name="import",
    initial="uploaded",
    states={
        "uploaded": State(_("Uploaded"), to=("running", "cancelled"), colour="grey"),
        "running": State(_("Running"), to=("done", "failed"), colour="blue", roles=("operator", "administrator")),
        "done": State(_("Done"), colour="green"),
        "failed": State(_("Failed"), to=("running",), colour="red"),
        "cancelled": State(_("Cancelled"), colour="grey", roles=("operator", "administrator")),
    },
)


class Batch(Dated):
    """One file on its way in: what was detected, how it is mapped, what came of it."""

    class Kind(models.TextChoices):
        PEOPLE = "people", _("People")
        COMPANIES = "companies", _("Companies")

    kind = models.TextField(choices=Kind.choices)
    file_name = models.TextField()
    file = models.FileField(upload_to="imports/")
    file_hash = models.TextField()
    session_key = models.TextField(blank=True)
    source = models.TextField(blank=True, help_text=_("Where the list is from; part of every lead's history"))
    detected = models.JSONField(default=dict, help_text="Encoding, delimiter, header row, row count estimate")
    mapping = models.JSONField(default=dict, help_text="Column → field")
    options = models.JSONField(default=dict, help_text="Default country, update rule")
    state = models.TextField(choices=BATCH.choices, default=BATCH.initial)
    counts = models.JSONField(default=dict, help_text="rows, created, updated, unchanged, rejected, by reason")
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name_plural = "batches"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.file_name} #{self.pk}"


class UpdateRule(models.TextChoices):
    """What an import may do to a record that is already there."""

    FILL_EMPTY = "fill_empty", _("Fill empty fields only")
    OVERWRITE = "overwrite", _("Overwrite with what the file says")


class RejectedRow(models.Model):
    """A row that was not imported, as it was read, with the reason. Erasure: deleted with its batch's file."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rejected_rows")
    row_number = models.PositiveIntegerField(help_text="Line of the file, the header is 1")
    code = models.TextField()
    reason = models.TextField()
    values = models.JSONField(help_text="The cells as they were read")
    is_warning = models.BooleanField(default=False, help_text="The row came in, without this cell or with a remark")

    class Meta:
        ordering = ["row_number"]
        indexes = [models.Index(fields=["batch", "row_number"], name="rejected_row_batch")]
