"""Import batches, what they changed, saved mappings, rejected rows, and exports."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.access.roles import Role, at_least
from outreach.core.dates import written
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import State, StateMachine, one_of

STAFF = at_least(Role.OPERATOR)

BATCH = StateMachine(
    name="import",
    initial="uploaded",
    states={
        "uploaded": State(_("Uploaded"), to=("running", "cancelled"), colour="grey"),
        "running": State(_("Running"), to=("done", "failed"), colour="blue", roles=STAFF),
        "done": State(_("Done"), to=("undoing",), colour="green"),
        "failed": State(_("Failed"), to=("running",), colour="red"),
        "cancelled": State(_("Cancelled"), colour="grey", roles=STAFF),
        "undoing": State(_("Being undone"), to=("undone", "done"), colour="amber", roles=STAFF),
        "undone": State(_("Undone"), colour="grey"),
    },
    sets={
        "editable": ("uploaded", "failed"),  # the mapping may still change
        "busy": ("running", "undoing"),
        "imported": ("done", "undoing"),
    },
)


class BatchKind(models.TextChoices):
    PEOPLE = "people", _("People")
    COMPANIES = "companies", _("Companies")
    BOTH = "both", _("People and companies")


class Batch(Dated):
    """One imported file: what was detected, its mapping and its result.

    Erasure: the file goes with the first of its leads that is erased, and after `imports.keep_files_days` anyway.
    """

    Kind = BatchKind

    kind = models.TextField(choices=Kind.choices)
    file_name = models.TextField()
    file = models.FileField(upload_to="imports/")
    file_hash = models.TextField()
    session_key = models.TextField(blank=True)
    source = models.TextField(blank=True, help_text=_("Where the list is from; part of each lead's history"))
    detected = models.JSONField(default=dict, help_text="Encoding, delimiter, header row, row count estimate")
    mapping = models.JSONField(default=dict, help_text="Column → field")
    options = models.JSONField(default=dict, help_text="Default country, update rule")
    state = models.TextField(choices=BATCH.choices, default=BATCH.initial)
    counts = models.JSONField(default=dict, help_text="rows, created, updated, unchanged, rejected, by reason")
    trial = models.JSONField(default=dict, db_default={}, help_text="The same for the last dry run with this mapping")
    error = SentenceField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    file_removed_at = models.DateTimeField(null=True, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name_plural = "batches"
        ordering = ["-id"]
        constraints = [BATCH.constraint(), one_of("kind", BatchKind.choices)]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(file_removed_at=None), name="batch_with_file"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """“people.csv, 29 Nov 2026, 14:05”: how people tell one import from another."""
        return f"{self.file_name}, {written(timezone.localtime(self.created_at), 'd MMM y, HH:mm')}"

    is_uploaded = BATCH.predicate("uploaded")
    is_running = BATCH.predicate("running")
    is_done = BATCH.predicate("done")
    is_failed = BATCH.predicate("failed")
    is_editable = BATCH.predicate(*BATCH.editable)
    is_busy = BATCH.predicate(*BATCH.busy)


class UpdateRule(models.TextChoices):
    """What an import may do to a record that is already there."""

    FILL_EMPTY = "fill_empty", _("Fill empty fields only")
    OVERWRITE = "overwrite", _("Overwrite with what the file says")
    NEWEST = "newest", _("Newest wins, by a column with the date of change")


class RejectedRow(models.Model):
    """A row that was not imported, as it was read, with the reason. Erasure: deleted with its batch's file."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rejected_rows")
    row_number = models.PositiveIntegerField(help_text="Line of the file; the header is 1")
    code = models.TextField()
    reason = SentenceField()
    values = models.JSONField(help_text="The cells as read")
    is_warning = models.BooleanField(default=False, help_text="The row came in, without this cell or with a remark")

    class Meta:
        ordering = ["row_number"]
        indexes = [models.Index(fields=["batch", "row_number"], name="rejected_row_batch")]


class ChangeModel(models.TextChoices):
    LEAD = "lead", _("Lead")
    COMPANY = "company", _("Company")
    IDENTITY = "identity", _("Address")


class Change(models.Model):
    """What an import changed in an existing record: the fields before and after, for the undo.

    `after` lets the undo leave alone what somebody changed since. Erasure: deleted with the lead's data.
    """

    Model = ChangeModel

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="changes")
    model = models.TextField(choices=Model.choices)
    row_id = models.BigIntegerField()
    lead_id = models.BigIntegerField(null=True, help_text="For an added address")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        constraints = [one_of("model", ChangeModel.choices)]
        indexes = [
            models.Index(fields=["batch", "model", "row_id"], name="change_batch"),
            models.Index(fields=["model", "row_id"], name="change_row"),
        ]


class SavedMapping(Dated):
    """Column mapping in the lists of one source, remembered when an import of it was started."""

    kind = models.TextField(choices=Batch.Kind.choices)
    source = models.TextField()
    mapping = models.JSONField(default=dict, help_text="Column name as compared → field")
    options = models.JSONField(default=dict, help_text="Default country, update rule")
    used_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["source", "kind"]
        constraints = [
            one_of("kind", Batch.Kind.choices),
            models.UniqueConstraint(fields=["kind", "source"], name="saved_mapping_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} ({self.get_kind_display()})"


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


class Export(Dated):
    """A file on its way out: what was selected, who took it, how many rows. Every export has a row.

    Erasure: files go after `imports.keep_exports_days`, and all at once when a lead is erased.
    """

    Format = ExportFormat

    scope = models.TextField(help_text="leads, companies, segment, candidates")
    parameters = models.JSONField(default=dict, help_text="Filters, or the id of the segment or campaign")
    format = models.TextField(choices=Format.choices, default=Format.CSV)
    file = models.FileField(upload_to="exports/", blank=True)
    row_count = models.PositiveIntegerField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    file_removed_at = models.DateTimeField(null=True, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [one_of("format", ExportFormat.choices)]
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=~models.Q(file="") & models.Q(file_removed_at=None),
                name="export_with_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope}.{self.format} #{self.pk}"
