import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("playbooks", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("seed", models.PositiveIntegerField(default=1, verbose_name="seed")),
                (
                    "rounds",
                    models.PositiveSmallIntegerField(
                        default=3, help_text="Conversations a persona and language", verbose_name="rounds"
                    ),
                ),
                ("asks_models", models.BooleanField(default=False)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "against",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="lab.run",
                    ),
                ),
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
                    "playbook_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lab_runs",
                        to="playbooks.playbookversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Play",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("persona", models.TextField()),
                ("language", models.TextField()),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "outcome",
                    models.TextField(
                        choices=[
                            ("booked", "Booked"),
                            ("agreed", "Time agreed"),
                            ("opted_out", "Opted out"),
                            ("held", "Held: may be an opt-out"),
                            ("person", "Left to a person"),
                            ("declined", "Declined"),
                            ("silent", "Fell silent"),
                            ("too_long", "Too long"),
                        ]
                    ),
                ),
                ("answers", models.PositiveSmallIntegerField()),
                ("doubts", models.PositiveSmallIntegerField(default=0)),
                ("refusals", models.PositiveSmallIntegerField(default=0)),
                ("cost", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=12)),
                ("breaks", models.JSONField(default=list)),
                ("entries", models.JSONField(default=list)),
                (
                    "run",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="plays", to="lab.run"),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "persona", "language", "number"), name="lab_play_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "outcome__in",
                                ["booked", "agreed", "opted_out", "held", "person", "declined", "silent", "too_long"],
                            )
                        ),
                        name="lab_play_outcome",
                    ),
                ],
            },
        ),
    ]
