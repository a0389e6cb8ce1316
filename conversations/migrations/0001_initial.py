import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("leads", "0001_initial"),
        ("llm", "0001_initial"),
        ("outbox", "0001_initial"),
        ("senders", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("contact", models.TextField(blank=True, help_text="Address of a person who is not a lead")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("new", "New"),
                            ("engaged", "Engaged"),
                            ("booked", "Call booked"),
                            ("opted_out", "Opted out"),
                            ("dormant", "Dormant"),
                            ("closed", "Closed"),
                        ],
                        default="new",
                    ),
                ),
                (
                    "handler",
                    models.TextField(
                        choices=[("nobody", "Nobody"), ("ai", "AI drafts"), ("person", "Person")], default="nobody"
                    ),
                ),
                ("booking_url", models.TextField(blank=True)),
                ("goal", models.TextField(blank=True)),
                (
                    "booked_for",
                    models.DateTimeField(blank=True, help_text="When the booked call takes place, if known", null=True),
                ),
                ("waiting_since", models.DateTimeField(blank=True, null=True)),
                ("snoozed_until", models.DateTimeField(blank=True, null=True)),
                ("snooze_reason", models.TextField(blank=True)),
                ("last_inbound_at", models.DateTimeField(blank=True, null=True)),
                ("last_outbound_at", models.DateTimeField(blank=True, null=True)),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lead",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversation",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("waiting_since__isnull", False)),
                        fields=["waiting_since", "id"],
                        name="conversation_waiting",
                    ),
                    models.Index(fields=["-updated_at", "-id"], name="conversation_recent"),
                    models.Index(
                        condition=models.Q(("last_inbound_at__isnull", False)),
                        fields=["-last_inbound_at", "-id"],
                        name="conversation_answered",
                    ),
                    models.Index(fields=["state", "-last_inbound_at", "-id"], name="conversation_state"),
                    models.Index(
                        condition=models.Q(("snoozed_until__isnull", False)),
                        fields=["snoozed_until", "id"],
                        name="conversation_snoozed",
                    ),
                    models.Index(
                        condition=models.Q(("contact", ""), _negated=True),
                        fields=["contact"],
                        name="conversation_contact",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["booked", "closed", "dormant", "engaged", "new", "opted_out"])
                        ),
                        name="conversations_conversation_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("handler__in", ["ai", "nobody", "person"])),
                        name="conversations_conversation_handler_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "direction",
                    models.TextField(
                        choices=[("out", "Sent by us"), ("in", "Received"), ("note", "Note")], default="out"
                    ),
                ),
                (
                    "channel",
                    models.TextField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("network", "Professional network")]
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("scheduled", "Scheduled"),
                            ("claimed", "Claimed"),
                            ("sending", "Sending"),
                            ("deferred", "Deferred"),
                            ("unknown", "Unknown"),
                            ("sent", "Sent"),
                            ("delivered", "Delivered"),
                            ("opened", "Opened"),
                            ("clicked", "Clicked"),
                            ("replied", "Replied"),
                            ("converted", "Converted"),
                            ("failed", "Failed"),
                            ("bounced", "Bounced"),
                            ("skipped", "Held for review"),
                            ("cancelled", "Cancelled"),
                            ("received", "Received"),
                        ],
                        default="scheduled",
                    ),
                ),
                (
                    "address",
                    models.TextField(blank=True, db_collation="C", help_text="The other party's address, normalised"),
                ),
                ("address_digest", models.TextField(blank=True, db_collation="C")),
                ("subject", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
                ("body_html", models.TextField(blank=True)),
                (
                    "enclosures",
                    models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Files by content hash: conversations.files.enclosures",
                    ),
                ),
                (
                    "copies",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Who else gets it: conversations.outbox.copies"
                    ),
                ),
                ("language", models.TextField(blank=True)),
                ("attributes", models.JSONField(blank=True, default=dict)),
                ("approved_hash", models.TextField(blank=True)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approval_rule", models.TextField(blank=True, help_text="The rule that approved instead of a person")),
                (
                    "rfc_message_id",
                    models.TextField(blank=True, db_collation="C", help_text="Message-ID without angle brackets"),
                ),
                ("in_reply_to", models.TextField(blank=True)),
                (
                    "provider_id",
                    models.TextField(blank=True, db_collation="C", help_text="For example Twilio's MessageSid"),
                ),
                ("priority", models.SmallIntegerField(default=0)),
                ("is_stopped_by_reply", models.BooleanField(default=True)),
                ("scheduled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "planned_at",
                    models.DateTimeField(blank=True, help_text="When it was planned; later replies stop it", null=True),
                ),
                ("claim_token", models.UUIDField(blank=True, null=True)),
                (
                    "claimed_at",
                    models.DateTimeField(blank=True, help_text="When its place in the quota was reserved", null=True),
                ),
                ("sending_at", models.DateTimeField(blank=True, help_text="When it last passed the gate", null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "timing",
                    models.JSONField(
                        blank=True,
                        editable=False,
                        help_text="Decision about its hours: zones, rules, opening, time of decision",
                        null=True,
                    ),
                ),
                ("refused_by", models.TextField(blank=True, help_text="The check that refused it")),
                ("error_code", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("clicked_at", models.DateTimeField(blank=True, null=True)),
                ("replied_at", models.DateTimeField(blank=True, null=True)),
                ("received_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="followers",
                        to="conversations.message",
                    ),
                ),
                (
                    "interaction",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="messages",
                        to="llm.interaction",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="leads.lead",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="senders.sender",
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="outbox.stream",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["scheduled", "deferred"]), models.Q(("approved_hash", ""), _negated=True)
                        ),
                        fields=["sender", "scheduled_at"],
                        name="message_due",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["scheduled", "deferred"]), models.Q(("approved_hash", ""), _negated=True)
                        ),
                        fields=["sender", "stream", "priority", "scheduled_at", "id"],
                        name="message_lane",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["claimed", "sending", "unknown"])),
                        fields=["claimed_at"],
                        name="message_in_flight",
                    ),
                    models.Index(
                        condition=models.Q(("direction", "out"), ("state__in", ["unknown", "failed", "skipped"])),
                        fields=["-id"],
                        name="message_problem",
                    ),
                    models.Index(fields=["sender", "sent_at"], name="message_sender"),
                    models.Index(fields=["stream", "state"], name="message_stream_state"),
                    models.Index(
                        condition=models.Q(("state__in", ["scheduled", "deferred", "claimed", "sending"])),
                        fields=["stream", "scheduled_at", "id"],
                        name="message_stream_next",
                    ),
                    models.Index(fields=["address_digest", "-id"], name="message_address"),
                    models.Index(fields=["conversation", "id"], name="message_conversation"),
                    models.Index(fields=["rfc_message_id"], name="message_rfc_id"),
                    models.Index(
                        condition=models.Q(("copies", ""), _negated=True), fields=["id"], name="message_copies"
                    ),
                    models.Index(
                        condition=models.Q(("author__isnull", False)), fields=["author"], name="message_author"
                    ),
                    models.Index(
                        condition=models.Q(("approved_by__isnull", False)),
                        fields=["approved_by"],
                        name="message_approved_by",
                    ),
                    models.Index(
                        condition=models.Q(("interaction__isnull", False)),
                        fields=["interaction"],
                        name="message_interaction",
                    ),
                    models.Index(
                        condition=models.Q(("follows__isnull", False)), fields=["follows"], name="message_follows"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "bounced",
                                    "cancelled",
                                    "claimed",
                                    "clicked",
                                    "converted",
                                    "deferred",
                                    "delivered",
                                    "failed",
                                    "opened",
                                    "received",
                                    "replied",
                                    "scheduled",
                                    "sending",
                                    "sent",
                                    "skipped",
                                    "unknown",
                                ],
                            )
                        ),
                        name="conversations_message_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["in", "note", "out"])),
                        name="conversations_message_direction_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email", "network", "sms"])),
                        name="conversations_message_channel_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("direction", "out"), models.Q(("rfc_message_id", ""), _negated=True)),
                        fields=("rfc_message_id",),
                        name="message_rfc_id_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("provider_id", ""), _negated=True),
                        fields=("direction", "provider_id"),
                        name="message_provider_id_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField()),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("external_id", models.TextField(blank=True, null=True, unique=True)),
                ("data", models.JSONField(default=dict)),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="conversations.message",
                    ),
                ),
            ],
            options={
                "ordering": ["occurred_at", "id"],
                "indexes": [models.Index(fields=["message", "id"], name="message_event_message")],
            },
        ),
    ]
