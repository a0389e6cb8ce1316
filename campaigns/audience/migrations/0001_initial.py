import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        ("segments", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LiveFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("edition", models.BigIntegerField(default=0)),
                ("swept_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LiveMatch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "lead_id", "campaign_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("lead_id", models.BigIntegerField()),
                ("campaign_id", models.IntegerField()),
                ("rank_key", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["campaign_id", "-rank_key", "-lead_id"], name="live_match_rank")],
            },
        ),
        migrations.CreateModel(
            name="LiveSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "channel",
                    models.TextField(
                        help_text="Channel of the first step; leads without an address there are left out"
                    ),
                ),
                ("size", models.PositiveIntegerField(default=0, verbose_name="waiting")),
                (
                    "floor_rank",
                    models.IntegerField(blank=True, help_text="Empty: the set contains all matches", null=True),
                ),
                ("floor_lead", models.BigIntegerField(blank=True, null=True)),
                ("entered_count", models.BigIntegerField(default=0, verbose_name="came in")),
                ("left_count", models.BigIntegerField(default=0, verbose_name="went out")),
                ("evicted_count", models.BigIntegerField(default=0, verbose_name="candidates taken out")),
                ("matched_at", models.DateTimeField(blank=True, null=True)),
                ("match_ms", models.PositiveIntegerField(default=0)),
                ("needs_match", models.BooleanField(default=True)),
                (
                    "keeps_candidates_to",
                    models.BigIntegerField(
                        default=0, help_text="Candidates up to this id stay regardless of the criteria"
                    ),
                ),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="live_set", to="campaigns.campaign"
                    ),
                ),
                (
                    "segment_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="segments.segmentversion"
                    ),
                ),
            ],
            options={
                "verbose_name": "live set",
                "verbose_name_plural": "live sets",
            },
        ),
    ]
