import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("host", models.TextField()),
                ("pid", models.IntegerField()),
                ("beat_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "host", "pid"), name="heartbeat_process")],
            },
        ),
        migrations.CreateModel(
            name="PeriodicRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("planned_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-planned_at"],
                "constraints": [models.UniqueConstraint(fields=("name", "planned_at"), name="periodic_run_once")],
            },
        ),
        migrations.CreateModel(
            name="QueueItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lane", models.TextField()),
                ("task", models.TextField(help_text="Dotted name of a function in a `tasks` module")),
                ("arguments", models.JSONField(default=list)),
                (
                    "key",
                    models.TextField(
                        blank=True, help_text="A waiting item with the same key makes another one unnecessary."
                    ),
                ),
                ("priority", models.SmallIntegerField(default=0)),
                ("run_at", models.DateTimeField()),
                ("timeout_seconds", models.PositiveIntegerField(default=120)),
                ("locked_until", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, help_text="Set while a worker runs it", null=True)),
                (
                    "holder",
                    models.TextField(
                        blank=True, db_default="", help_text="Machine, guard and number of the worker that runs it"
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("is_dead", models.BooleanField(default=False)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_dead", False)),
                        fields=["lane", "-priority", "run_at", "id"],
                        name="queue_due",
                    ),
                    models.Index(condition=models.Q(("key", ""), _negated=True), fields=["key"], name="queue_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SchedulePause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField(unique=True)),
                ("paused_at", models.DateTimeField(auto_now_add=True)),
                (
                    "paused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("kind", models.TextField()),
                ("task", models.TextField(help_text="Dotted name of `def work(job: Job) -> str`.")),
                ("arguments", models.JSONField(default=dict)),
                ("lane", models.TextField(default="default")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_index=True,
                        default="queued",
                    ),
                ),
                ("subject_type", models.TextField(blank=True)),
                ("subject_id", models.TextField(blank=True)),
                ("done_count", models.PositiveIntegerField(default=0)),
                ("total_count", models.PositiveIntegerField(blank=True, null=True)),
                ("outcome", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "waits_until",
                    models.DateTimeField(
                        blank=True,
                        help_text="Postponed until then, for the reason in `outcome`; goes on by itself",
                        null=True,
                    ),
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
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["subject_type", "subject_id", "-id"], name="job_subject")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["cancelled", "done", "failed", "queued", "running"])),
                        name="jobs_job_state_known",
                    )
                ],
            },
        ),
    ]
