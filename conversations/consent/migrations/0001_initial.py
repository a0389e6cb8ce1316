import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_initial"),
        ("leads", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.TextField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("network", "Professional network")]
                    ),
                ),
                (
                    "basis",
                    models.TextField(
                        choices=[
                            ("express", "Express consent"),
                            ("implied", "Implied consent"),
                            ("legitimate_interest", "Legitimate interest"),
                            ("withdrawn", "Withdrawn"),
                        ]
                    ),
                ),
                ("source", models.TextField()),
                ("evidence", models.TextField(blank=True)),
                ("text_shown", models.TextField(blank=True)),
                ("actor", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consent_entries", to="leads.lead"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "consent entries",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["lead", "channel", "-id"], name="consent_lead_channel")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email", "network", "sms"])),
                        name="consent_consententry_channel_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("basis__in", ["express", "implied", "legitimate_interest", "withdrawn"])),
                        name="consent_consententry_basis_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "question",
                    models.TextField(
                        choices=[("stop", "Do they want us to stop?"), ("whose", "Whose answer is it?")], default="stop"
                    ),
                ),
                ("evidence", models.TextField(blank=True, help_text="What raised the question")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decided_by", models.TextField(blank=True)),
                (
                    "outcome",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("opted_out", "Opted out"),
                            ("kept", "Keep writing"),
                            ("attached", "It is their answer"),
                        ],
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        help_text="What waits for it",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="holds",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="holds",
                        to="conversations.message",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("decided_at", None)), fields=["conversation"], name="hold_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("outcome", "")),
                            models.Q(("decided_at__isnull", False), ("outcome__in", ["opted_out", "kept", "attached"])),
                            _connector="OR",
                        ),
                        name="hold_decided_with_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("question__in", ["stop", "whose"])), name="consent_hold_question_known"
                    ),
                    models.UniqueConstraint(fields=("message", "conversation", "question"), name="hold_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.TextField(
                        blank=True,
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("network", "Professional network")],
                        help_text="Empty: every channel",
                    ),
                ),
                ("address", models.TextField(blank=True)),
                ("address_digest", models.TextField(blank=True, db_collation="C")),
                ("domain", models.TextField(blank=True, db_collation="C")),
                (
                    "reason",
                    models.TextField(
                        choices=[
                            ("opt_out", "Opted out"),
                            ("bounce", "Address does not exist"),
                            ("complaint", "Complained"),
                            ("manual", "By hand"),
                            ("provider", "Blocked at the provider"),
                        ]
                    ),
                ),
                ("evidence", models.TextField(blank=True)),
                (
                    "is_by_keyword",
                    models.BooleanField(default=False, help_text="Made by a carrier's keyword; START reverses it"),
                ),
                ("actor", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_by", models.TextField(blank=True)),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="suppressions",
                        to="leads.lead",
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
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at", None)), fields=["address_digest"], name="suppression_address"
                    ),
                    models.Index(
                        condition=models.Q(("lifted_at", None), models.Q(("address", ""), _negated=True)),
                        fields=["address"],
                        name="suppression_plain_address",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("address", ""), ("lifted_at", None), models.Q(("address_digest", ""), _negated=True)
                        ),
                        fields=["id"],
                        name="suppression_erased",
                    ),
                    models.Index(condition=models.Q(("lifted_at", None)), fields=["lead"], name="suppression_lead"),
                    models.Index(
                        condition=models.Q(("lifted_at", None), models.Q(("domain", ""), _negated=True)),
                        fields=["domain"],
                        name="suppression_domain",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["bounce", "complaint", "manual", "opt_out", "provider"])),
                        name="consent_suppression_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["", "email", "network", "sms"])),
                        name="consent_suppression_channel_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("address_digest", ""), _negated=True),
                            models.Q(("domain", ""), _negated=True),
                            ("lead__isnull", False),
                            ("lifted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="suppression_has_target",
                    ),
                ],
            },
        ),
    ]
