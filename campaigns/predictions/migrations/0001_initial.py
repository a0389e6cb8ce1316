import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PredictionNight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("night", models.DateField(help_text="The day that begins with this night (UTC)", unique=True)),
                (
                    "people_count",
                    models.PositiveIntegerField(help_text="People written to long enough ago to be learned from"),
                ),
                (
                    "estimators",
                    models.JSONField(
                        default=dict, help_text="Target → weights, calibration and figures; missing: silent"
                    ),
                ),
                ("timing", models.JSONField(default=dict, help_text="Segment (0: all) → weekdays and hours")),
                (
                    "rates",
                    models.JSONField(
                        default=dict, help_text="Target → prior of a campaign's rate, and delays of answers"
                    ),
                ),
                (
                    "silence",
                    models.JSONField(default=dict, help_text="How long people who answered before stay silent"),
                ),
                (
                    "use",
                    models.JSONField(
                        default=dict, help_text="What following the predictions brought, beside the held-out share"
                    ),
                ),
                ("seconds", models.FloatField(default=0, help_text="How long learning took")),
                ("learned_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "night of predictions",
                "verbose_name_plural": "nights of predictions",
                "ordering": ["-night"],
            },
        ),
        migrations.CreateModel(
            name="PredictionUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("orders", models.BooleanField(default=False, verbose_name="most promising first")),
                ("times", models.BooleanField(default=False, verbose_name="best hour of the day")),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prediction_use",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "use of predictions",
                "verbose_name_plural": "uses of predictions",
            },
        ),
        migrations.CreateModel(
            name="Prediction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reply",
                    models.FloatField(help_text="Probability of a reply; empty: nothing could be said", null=True),
                ),
                ("conversion", models.FloatField(null=True)),
                (
                    "is_held_out",
                    models.BooleanField(help_text="Kept apart: neither order nor time followed the prediction"),
                ),
                ("is_ordered", models.BooleanField(default=False, help_text="The campaign ordered by predictions")),
                (
                    "is_timed",
                    models.BooleanField(default=False, help_text="The campaign chose the hour by predictions"),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "candidate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="prediction", to="campaigns.candidate"
                    ),
                ),
                (
                    "night",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="predictions.predictionnight"
                    ),
                ),
            ],
            options={
                "verbose_name": "prediction",
                "verbose_name_plural": "predictions",
                "indexes": [models.Index(fields=["made_at"], name="prediction_made")],
            },
        ),
    ]
