import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Sender",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField(unique=True, verbose_name="name")),
                (
                    "channel",
                    models.TextField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("network", "Professional network")],
                        verbose_name="channel",
                    ),
                ),
                ("adapter", models.TextField(help_text="smtp, twilio, …", verbose_name="adapter")),
                ("address", models.TextField(help_text="From address or phone number", verbose_name="address")),
                ("display_name", models.TextField(blank=True, verbose_name="display name")),
                ("signature", models.TextField(blank=True, verbose_name="signature")),
                (
                    "settings",
                    models.JSONField(blank=True, default=dict, help_text="Hosts, ports, security; no secrets"),
                ),
                ("credentials_token", models.TextField(blank=True, editable=False)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("unverified", "Not verified"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("draining", "Stopping after its queue"),
                            ("stopped", "Stopped"),
                        ],
                        default="unverified",
                    ),
                ),
                ("state_reason", models.TextField(blank=True)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("hourly_cap", models.PositiveIntegerField(default=20, verbose_name="messages an hour")),
                ("daily_cap", models.PositiveIntegerField(default=50, verbose_name="messages in 24 hours")),
                ("weekly_cap", models.PositiveIntegerField(default=250, verbose_name="messages in 7 days")),
                ("gap_seconds", models.PositiveIntegerField(default=0, verbose_name="seconds between messages")),
                (
                    "gap_jitter_percent",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="No two gaps are alike.",
                        verbose_name="random extra gap, up to, in percent",
                    ),
                ),
                (
                    "warmup_start",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: no warm-up", null=True, verbose_name="messages on the first day"
                    ),
                ),
                ("warmup_step", models.PositiveIntegerField(default=2, verbose_name="more after each used day")),
                (
                    "warmup_ceiling",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: the 24-hour cap", null=True, verbose_name="messages on a warm day"
                    ),
                ),
                (
                    "has_workday",
                    models.BooleanField(
                        default=False,
                        help_text="Start, lunch, end and gaps differ from day to day, within the working hours.",
                        verbose_name="human-like schedule",
                    ),
                ),
                (
                    "group_limits",
                    models.JSONField(
                        blank=True, default=dict, help_text="Messages an hour to one mail provider: {google: 20}"
                    ),
                ),
                ("time_zone", models.TextField(default="UTC", verbose_name="time zone")),
                (
                    "working_hours",
                    models.JSONField(
                        blank=True, default=dict, help_text="{days: [0…6], start: '09:00', end: '17:00'}; empty: always"
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "health",
                    models.JSONField(
                        blank=True, default=dict, editable=False, help_text="Seven-day figures and the factor"
                    ),
                ),
                (
                    "health_since",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="Assessed from this time; set when a person reactivates it",
                        null=True,
                    ),
                ),
                (
                    "tested_at",
                    models.DateTimeField(blank=True, help_text="When a real test message was accepted", null=True),
                ),
                ("tested_address", models.TextField(blank=True)),
                (
                    "last_polled_at",
                    models.DateTimeField(blank=True, help_text="Last time the mailbox was read", null=True),
                ),
                ("last_poll_error", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "draining", "paused", "stopped", "unverified"])),
                        name="senders_sender_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email", "network", "sms"])),
                        name="senders_sender_channel_known",
                    ),
                ],
            },
        ),
    ]
