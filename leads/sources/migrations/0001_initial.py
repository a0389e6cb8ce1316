import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("leads", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CrawlJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField(verbose_name="name")),
                ("adapter", models.TextField()),
                (
                    "seeds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "locations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "keywords",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("pages", models.PositiveIntegerField(default=1, verbose_name="result pages")),
                ("options", models.JSONField(blank=True, default=dict, help_text="Options for the adapter")),
                (
                    "priority",
                    models.SmallIntegerField(
                        choices=[(-5, "Low"), (0, "Normal"), (5, "High")], default=0, verbose_name="priority"
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("done", "Done"),
                            ("failed", "Stopped"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it stopped or is waiting")),
                ("reason_code", models.TextField(blank=True)),
                ("subject_type", models.TextField(blank=True, help_text="What it was started for, such as a campaign")),
                ("subject_id", models.TextField(blank=True)),
                ("round", models.PositiveIntegerField(default=1, help_text="Counts the refreshes")),
                ("done_count", models.PositiveIntegerField(default=0)),
                ("total_count", models.PositiveIntegerField(default=0)),
                ("new_count", models.PositiveIntegerField(default=0)),
                ("changed_count", models.PositiveIntegerField(default=0)),
                ("unchanged_count", models.PositiveIntegerField(default=0)),
                ("skipped_count", models.PositiveIntegerField(default=0)),
                ("failed_count", models.PositiveIntegerField(default=0)),
                (
                    "remarks",
                    models.JSONField(
                        blank=True, default=dict, help_text="The adapter's remarks, by count, such as layouts"
                    ),
                ),
                (
                    "refresh_minutes",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="refresh every (minutes)"),
                ),
                ("refresh_at", models.DateTimeField(blank=True, null=True)),
                ("held_until", models.DateTimeField(blank=True, help_text="A worker holds it until then", null=True)),
                (
                    "waits_until",
                    models.DateTimeField(blank=True, help_text="Not before this time: politeness, back-off", null=True),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "crawl job",
                "verbose_name_plural": "crawl jobs",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["state", "-id"], name="crawl_state"),
                    models.Index(
                        condition=models.Q(("refresh_at__isnull", False)), fields=["refresh_at"], name="crawl_refresh"
                    ),
                    models.Index(fields=["subject_type", "subject_id", "-id"], name="crawl_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["cancelled", "done", "failed", "paused", "queued", "running"])
                        ),
                        name="sources_crawljob_state_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CrawlPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.TextField()),
                ("kind", models.TextField(default="page")),
                ("number", models.PositiveIntegerField(default=1)),
                ("data", models.JSONField(default=dict)),
                ("source", models.TextField(blank=True, db_collation="C", default="")),
                ("external_id", models.TextField(blank=True, db_collation="C", default="")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("remark", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
                ("error_code", models.TextField(blank=True)),
                ("visited_at", models.DateTimeField(blank=True, null=True)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="crawl_pages", to="sources.crawljob"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["job", "state", "id"], name="crawl_page_next")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["done", "failed", "skipped", "waiting"])),
                        name="sources_crawlpage_state_known",
                    ),
                    models.UniqueConstraint(fields=("job", "url"), name="crawl_page_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RawRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField(blank=True, db_collation="C", default="")),
                ("external_id", models.TextField(blank=True, db_collation="C", default="")),
                ("url", models.TextField(blank=True)),
                ("media_type", models.TextField(default="text/html")),
                ("body", models.BinaryField(help_text="Compressed by zlib")),
                ("size", models.PositiveIntegerField(help_text="Bytes before compression")),
                ("body_hash", models.TextField(blank=True, db_collation="C", default="")),
                (
                    "content_hash",
                    models.TextField(
                        blank=True,
                        db_collation="C",
                        default="",
                        help_text="Hash of the fields read from it; an equal hash means nothing to enrich",
                    ),
                ),
                ("features", models.JSONField(blank=True, default=dict)),
                (
                    "written",
                    models.JSONField(
                        blank=True, default=dict, help_text="What was written to the lead, to recognise later edits"
                    ),
                ),
                ("adapter", models.TextField(blank=True)),
                ("adapter_version", models.TextField(blank=True)),
                ("problem", models.TextField(blank=True)),
                ("problem_code", models.TextField(blank=True, db_collation="C", default="")),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(blank=True, help_text="When its features were applied", null=True)),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="records",
                        to="sources.crawljob",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="raw_records",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["source", "external_id", "-last_seen_at"], name="raw_record_newest"),
                    models.Index(fields=["adapter", "adapter_version", "id"], name="raw_record_version"),
                    django.contrib.postgres.indexes.HashIndex(fields=["url"], name="raw_record_url"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "external_id", "body_hash"), name="raw_record_once")
                ],
            },
        ),
    ]
