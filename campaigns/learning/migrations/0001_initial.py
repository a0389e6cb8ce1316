import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WeightNight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("night", models.DateField(help_text="The day that begins with this night (UTC)")),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("learned", "Learned"),
                            ("too_few", "Too few outcomes"),
                            ("frozen", "Frozen"),
                            ("rolled_back", "Rolled back"),
                        ]
                    ),
                ),
                ("before", models.JSONField(default=dict, help_text="Feature → days")),
                ("after", models.JSONField(default=dict, help_text="Feature → days")),
                ("contacted_count", models.PositiveIntegerField(default=0)),
                ("success_count", models.PositiveIntegerField(default=0)),
                (
                    "evidence",
                    models.JSONField(default=dict, help_text="Feature → [people with it, successes among them]"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weight_nights",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "user",
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
                "verbose_name": "night of learning",
                "verbose_name_plural": "nights of learning",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["campaign", "-id"], name="weight_night_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["frozen", "learned", "rolled_back", "too_few"])),
                        name="nightly_weightnight_kind_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "rolled_back"), _negated=True),
                        fields=("campaign", "night"),
                        name="weight_night_once",
                    ),
                ],
            },
        ),
    ]
