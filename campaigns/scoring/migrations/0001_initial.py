import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScoredFeatures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("values", models.JSONField(help_text="Feature → 0 to 1")),
                ("taken_at", models.DateTimeField()),
                (
                    "candidate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scored_features",
                        to="campaigns.candidate",
                    ),
                ),
            ],
            options={
                "verbose_name": "features of a candidate",
                "verbose_name_plural": "features of candidates",
            },
        ),
        migrations.CreateModel(
            name="ScoreWeights",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "days",
                    models.JSONField(
                        default=dict, help_text="Feature → days, -90 to 90; a missing feature counts nothing"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, help_text="Grows with each change")),
                (
                    "is_frozen",
                    models.BooleanField(
                        default=False, help_text="Weights no longer change by themselves", verbose_name="frozen"
                    ),
                ),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="score_weights",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "weights of the score",
                "verbose_name_plural": "weights of the score",
            },
        ),
    ]
