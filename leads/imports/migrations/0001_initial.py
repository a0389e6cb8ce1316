import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("jobs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "kind",
                    models.TextField(
                        choices=[("people", "People"), ("companies", "Companies"), ("both", "People and companies")]
                    ),
                ),
                ("source", models.TextField()),
                ("mapping", models.JSONField(default=dict, help_text="Column name as compared → field")),
                ("options", models.JSONField(default=dict, help_text="Default country, update rule")),
                ("used_count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["source", "kind"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["both", "companies", "people"])),
                        name="imports_savedmapping_kind_known",
                    ),
                    models.UniqueConstraint(fields=("kind", "source"), name="saved_mapping_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "kind",
                    models.TextField(
                        choices=[("people", "People"), ("companies", "Companies"), ("both", "People and companies")]
                    ),
                ),
                ("file_name", models.TextField()),
                ("file", models.FileField(upload_to="imports/")),
                ("file_hash", models.TextField()),
                ("session_key", models.TextField(blank=True)),
                (
                    "source",
                    models.TextField(blank=True, help_text="Where the list is from; part of each lead's history"),
                ),
                (
                    "detected",
                    models.JSONField(default=dict, help_text="Encoding, delimiter, header row, row count estimate"),
                ),
                ("mapping", models.JSONField(default=dict, help_text="Column → field")),
                ("options", models.JSONField(default=dict, help_text="Default country, update rule")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("uploaded", "Uploaded"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="uploaded",
                    ),
                ),
                (
                    "counts",
                    models.JSONField(default=dict, help_text="rows, created, updated, unchanged, rejected, by reason"),
                ),
                (
                    "trial",
                    models.JSONField(
                        db_default={}, default=dict, help_text="The same for the last dry run with this mapping"
                    ),
                ),
                ("error", models.TextField(blank=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("file_removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jobs.job",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "batches",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("file_removed_at", None)), fields=["created_at"], name="batch_with_file"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["cancelled", "done", "failed", "running", "undoing", "undone", "uploaded"])
                        ),
                        name="imports_batch_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["both", "companies", "people"])),
                        name="imports_batch_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "model",
                    models.TextField(choices=[("lead", "Lead"), ("company", "Company"), ("identity", "Address")]),
                ),
                ("row_id", models.BigIntegerField()),
                ("lead_id", models.BigIntegerField(help_text="For an added address", null=True)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="imports.batch"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["batch", "model", "row_id"], name="change_batch"),
                    models.Index(fields=["model", "row_id"], name="change_row"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("model__in", ["company", "identity", "lead"])),
                        name="imports_change_model_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("scope", models.TextField(help_text="leads, companies, segment, candidates")),
                (
                    "parameters",
                    models.JSONField(default=dict, help_text="Filters, or the id of the segment or campaign"),
                ),
                ("format", models.TextField(choices=[("csv", "CSV"), ("xlsx", "XLSX")], default="csv")),
                ("file", models.FileField(blank=True, upload_to="exports/")),
                ("row_count", models.PositiveIntegerField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("file_removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jobs.job",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(models.Q(("file", ""), _negated=True), ("file_removed_at", None)),
                        fields=["created_at"],
                        name="export_with_file",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["csv", "xlsx"])), name="imports_export_format_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RejectedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_number", models.PositiveIntegerField(help_text="Line of the file; the header is 1")),
                ("code", models.TextField()),
                ("reason", models.TextField()),
                ("values", models.JSONField(help_text="The cells as read")),
                (
                    "is_warning",
                    models.BooleanField(default=False, help_text="The row came in, without this cell or with a remark"),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rejected_rows", to="imports.batch"
                    ),
                ),
            ],
            options={
                "ordering": ["row_number"],
                "indexes": [models.Index(fields=["batch", "row_number"], name="rejected_row_batch")],
            },
        ),
    ]
