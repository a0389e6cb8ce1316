import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_initial"),
        ("senders", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedbackCursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after_sent_at", models.DateTimeField(blank=True, null=True)),
                ("after_id", models.BigIntegerField(default=0)),
                ("swept_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True, help_text="Why the carrier could not be asked last time")),
                (
                    "sender",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feedback_cursor", to="senders.sender"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InboundEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField(help_text="twilio.message, twilio.status, imap, provider.mailgun, …")),
                (
                    "external_id",
                    models.TextField(help_text="Unique within its source; a repeated delivery is the same event"),
                ),
                ("fields", models.JSONField(default=dict, help_text="Form fields or envelope")),
                ("body", models.BinaryField(default=b"", help_text="The raw message")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("stored", "Stored"),
                            ("handled", "Handled"),
                            ("ignored", "Ignored"),
                            ("failed", "Failed"),
                        ],
                        default="stored",
                    ),
                ),
                (
                    "kind",
                    models.TextField(blank=True, help_text="Classification: reply, bounce, auto_reply, status, …"),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("received_at", models.DateTimeField(auto_now_add=True)),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="inbound_events",
                        to="conversations.message",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="senders.sender",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("state", "stored")), fields=["id"], name="inbound_event_stored")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "external_id"), name="inbound_event_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["failed", "handled", "ignored", "stored"])),
                        name="inbound_inboundevent_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MailboxCursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("folder", models.TextField()),
                ("uid_validity", models.BigIntegerField(default=0)),
                ("last_uid", models.BigIntegerField(default=0)),
                (
                    "recent_uids",
                    models.JSONField(default=list, help_text="Messages of the overlap that are already stored"),
                ),
                ("polled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "sender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cursors", to="senders.sender"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("sender", "folder"), name="mailbox_cursor_once")],
            },
        ),
    ]
