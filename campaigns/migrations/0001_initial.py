import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_initial"),
        ("leads", "0001_initial"),
        ("outbox", "0001_initial"),
        ("playbooks", "0001_initial"),
        ("qualification", "0001_initial"),
        ("segments", "0001_initial"),
        ("senders", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField(unique=True, verbose_name="name")),
                (
                    "mode",
                    models.TextField(
                        choices=[
                            ("once", "Once, to a frozen audience"),
                            ("daily", "Every day, to the best of a live set"),
                        ],
                        default="once",
                        verbose_name="how it runs",
                    ),
                ),
                ("goal", models.TextField(blank=True, verbose_name="goal")),
                ("offer", models.TextField(blank=True, verbose_name="offer")),
                (
                    "offer_translations",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="{language: text}",
                        verbose_name="the offer in other languages",
                    ),
                ),
                ("booking_url", models.URLField(blank=True, verbose_name="booking link")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("drafting", "Drafting"),
                            ("ready", "Ready"),
                            ("sending", "Sending"),
                            ("paused", "Paused"),
                            ("completed", "Completed"),
                            ("archived", "Archived"),
                        ],
                        default="drafting",
                    ),
                ),
                ("start_at", models.DateTimeField(blank=True, null=True, verbose_name="not before")),
                ("audience_frozen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "audience_counts",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Of the last match: matching, added, suppressed, unreachable, evicted",
                    ),
                ),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "time_zone",
                    models.TextField(
                        default="UTC",
                        help_text="A daily campaign's day starts at midnight here",
                        verbose_name="time zone",
                    ),
                ),
                (
                    "is_stopped_by_company",
                    models.BooleanField(default=False, verbose_name="a reply stops everyone at that company"),
                ),
                ("skips_holidays", models.BooleanField(default=False, verbose_name="skip public holidays")),
                (
                    "keeps_busy",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise they are left out when the audience is matched.",
                        verbose_name="also people in another running campaign or contacted recently",
                    ),
                ),
                ("waits_for_model", models.BooleanField(default=True, verbose_name="wait when no model answers")),
                (
                    "plan_number",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="Increases when steps change for new leads only; leads in progress keep theirs",
                    ),
                ),
                (
                    "daily_limit",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Daily campaigns; empty: senders' caps",
                        null=True,
                        verbose_name="new leads a day from each sender",
                    ),
                ),
                (
                    "sources",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[{adapter, seeds, location, category, keywords, pages}]: crawled when a daily campaign runs out of leads",
                        verbose_name="sources for more leads",
                    ),
                ),
                (
                    "next_run_at",
                    models.DateTimeField(blank=True, help_text="When a daily campaign runs next", null=True),
                ),
                (
                    "day",
                    models.DateField(blank=True, help_text="The local day a daily campaign has started", null=True),
                ),
                (
                    "day_counts",
                    models.JSONField(blank=True, default=dict, help_text="Counts of the day: judged, drafted, planned"),
                ),
                (
                    "waits_because",
                    models.TextField(
                        blank=True, help_text="Why the last daily run waits for a model; empty: it doesn't"
                    ),
                ),
                (
                    "discovered_at",
                    models.DateTimeField(blank=True, help_text="When more leads were last searched for", null=True),
                ),
                (
                    "discovery_error",
                    models.TextField(blank=True, help_text="Why the last search for more leads could not start"),
                ),
                ("is_demo", models.BooleanField(default=False)),
                (
                    "brief",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="qualification.brief",
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
                    "playbook",
                    models.ForeignKey(
                        blank=True,
                        help_text="How replies are answered; empty: by the team's default",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="playbooks.playbook",
                    ),
                ),
                (
                    "segment_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="segments.segmentversion",
                    ),
                ),
                (
                    "stream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="campaign", to="outbox.stream"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_run_at__isnull", False)),
                        fields=["next_run_at"],
                        name="campaign_next_run",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["archived", "completed", "drafting", "paused", "ready", "sending"])
                        ),
                        name="campaigns_campaign_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["daily", "once"])), name="campaigns_campaign_mode_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Candidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "stage",
                    models.TextField(
                        choices=[
                            ("matched", "Matched"),
                            ("shortlisted", "Shortlisted"),
                            ("qualified", "Qualified"),
                            ("disqualified", "Disqualified"),
                            ("drafted", "Drafted"),
                            ("approved", "Approved"),
                            ("contacted", "Contacted"),
                            ("replied", "Replied"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                            ("excluded", "Excluded"),
                            ("evicted", "Evicted"),
                        ],
                        default="matched",
                    ),
                ),
                ("stage_reason", models.TextField(blank=True)),
                ("score", models.FloatField(blank=True, null=True)),
                ("problem", models.TextField(blank=True, help_text="Why no draft could be written")),
                (
                    "plan_number",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The plan that a lead in progress keeps; empty: the campaign's newest",
                        null=True,
                    ),
                ),
                (
                    "is_added_by_hand",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Picked by a person: stays when the segment is matched again",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="candidates", to="campaigns.campaign"
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="candidacies", to="leads.lead"
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="qualification.verdict",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["campaign", "stage", "-score", "id"], name="candidate_stage"),
                    models.Index(
                        condition=models.Q(("problem", ""), _negated=True),
                        fields=["campaign"],
                        name="candidate_problem",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "lead"), name="candidate_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "stage__in",
                                [
                                    "approved",
                                    "contacted",
                                    "disqualified",
                                    "drafted",
                                    "evicted",
                                    "excluded",
                                    "lost",
                                    "matched",
                                    "qualified",
                                    "replied",
                                    "shortlisted",
                                    "won",
                                ],
                            )
                        ),
                        name="campaigns_candidate_stage_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CandidateSender",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.TextField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("network", "Professional network")]
                    ),
                ),
                (
                    "pool",
                    models.TextField(
                        blank=True, help_text="The pool that an experiment gave them, for all messages to come"
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="senders", to="campaigns.candidate"
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="senders.sender"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("candidate", "channel"), name="candidate_sender_once"),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email", "network", "sms"])),
                        name="campaigns_candidatesender_channel_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("delivered", "Delivered"),
                            ("opened", "Opened"),
                            ("clicked", "Clicked"),
                            ("replied", "Replied"),
                            ("positive", "Positive reply"),
                            ("negative", "Negative reply"),
                            ("information", "Asked for information"),
                            ("bounced", "Bounced"),
                            ("opted_out", "Opted out"),
                            ("booked", "Booked a call"),
                            ("held", "Had the call"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                        ]
                    ),
                ),
                ("value", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outcomes", to="campaigns.candidate"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="conversations.message",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["candidate", "kind"], name="outcome_candidate_kind"),
                    models.Index(fields=["kind", "occurred_at"], name="outcome_kind_occurred"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("candidate", "kind", "message"), name="outcome_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "booked",
                                    "bounced",
                                    "clicked",
                                    "delivered",
                                    "held",
                                    "information",
                                    "lost",
                                    "negative",
                                    "opened",
                                    "opted_out",
                                    "positive",
                                    "replied",
                                    "won",
                                ],
                            )
                        ),
                        name="campaigns_outcome_kind_known",
                    ),
                ],
            },
        ),
    ]
