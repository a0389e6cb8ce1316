import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("llm", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Benchmark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("shas", models.JSONField(help_text="Hashes of the pack versions.")),
                ("targets", models.JSONField(help_text="“builtin” or provider/model.")),
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
                (
                    "trace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="llm.trace"),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PackVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField(db_index=True)),
                ("sha", models.TextField(unique=True)),
                ("channel", models.TextField()),
                ("languages", models.JSONField(default=list)),
                ("source", models.TextField(help_text="The Markdown file as it was read.")),
                ("definition", models.JSONField(help_text="The parsed pack.")),
                ("note", models.TextField(blank=True, help_text="What changed, in the author's words.")),
                ("report", models.JSONField(default=dict, help_text="How the optimiser found it.")),
                (
                    "author",
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
                "ordering": ["name", "-id"],
            },
        ),
        migrations.CreateModel(
            name="PackLabel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField()),
                ("label", models.TextField(default="production")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="labels", to="prompts.packversion"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "label"), name="pack_label_once")],
            },
        ),
    ]
