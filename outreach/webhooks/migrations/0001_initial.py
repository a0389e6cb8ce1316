import django.contrib.postgres.fields
import django.db.models.deletion
import outreach.core.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("events", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("connector", models.TextField(verbose_name="kind of receiver")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("url", models.TextField(blank=True, verbose_name="address")),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="events"
                    ),
                ),
                ("settings", models.JSONField(blank=True, default=dict)),
                ("secrets_token", models.TextField(blank=True, editable=False)),
                (
                    "earlier_valid_until",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="Until then requests are also signed with the earlier secret",
                        null=True,
                    ),
                ),
                (
                    "is_local",
                    models.BooleanField(default=False, verbose_name="on this machine or in a private network"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("off_reason", models.TextField(blank=True, help_text="Why the product switched it off")),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, help_text="Failed attempts since the last success"),
                ),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("spared_until", models.DateTimeField(blank=True, null=True)),
                ("succeeded_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField()),
                (
                    "state",
                    models.TextField(
                        choices=[("waiting", "Waiting"), ("delivered", "Delivered"), ("failed", "Failed")],
                        default="waiting",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(default=outreach.core.clock.now)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("duration_ms", models.PositiveIntegerField(blank=True, null=True)),
                ("status_code", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("response", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=outreach.core.clock.now, editable=False)),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: a test",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="events.event",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="webhooks.subscription",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["subscription", "next_attempt_at", "id"],
                        name="webhook_delivery_due",
                    ),
                    models.Index(fields=["subscription", "-id"], name="webhook_delivery_newest"),
                    models.Index(fields=["created_at"], name="webhook_delivery_age"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["delivered", "failed", "waiting"])),
                        name="webhooks_delivery_state_known",
                    ),
                    models.UniqueConstraint(fields=("subscription", "event"), name="webhook_delivery_once"),
                ],
            },
        ),
    ]
