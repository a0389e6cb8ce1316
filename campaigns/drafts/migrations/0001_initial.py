import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        ("conversations", "0001_initial"),
        ("llm", "0001_initial"),
        ("steps", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField()),
                ("action", models.TextField(choices=[("approve", "Approve"), ("review", "Needs a person")])),
                (
                    "conditions",
                    models.JSONField(
                        default=dict, help_text="{min_quality, max_risk, first_contact_with_company, words}"
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approval_rules",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ["approve", "review"])),
                        name="drafts_approvalrule_action_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verb",
                    models.TextField(choices=[("approve", "Approve"), ("reject", "Reject"), ("exclude", "Exclude")]),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("undone_at", None)), fields=["user", "-id"], name="draft_decision_user"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verb__in", ["approve", "exclude", "reject"])),
                        name="drafts_decision_verb_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("variant", models.TextField()),
                ("language", models.TextField()),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("generated", "Generated"),
                            ("pending_review", "To review"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("handed_over", "Handed over"),
                            ("superseded", "Superseded"),
                        ],
                        default="generated",
                    ),
                ),
                ("subject", models.TextField(blank=True)),
                ("body", models.TextField()),
                ("generated_subject", models.TextField(blank=True)),
                ("generated_body", models.TextField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("content_hash", models.TextField()),
                ("facts", models.JSONField(default=list, help_text="Facts used by the text, for the reviewer")),
                ("risk", models.FloatField(blank=True, help_text="0 (none) to 1", null=True)),
                ("quality", models.FloatField(blank=True, help_text="0 to 1", null=True)),
                ("flags", models.JSONField(default=list)),
                (
                    "judgement",
                    models.JSONField(
                        default=dict,
                        help_text="What the judge said of the generated text: quality, risk, reasons, judge, version",
                    ),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_hash", models.TextField(blank=True)),
                (
                    "pattern",
                    models.TextField(blank=True, help_text="The same for texts that differ in filled-in values only"),
                ),
                (
                    "stands_alone",
                    models.BooleanField(default=False, help_text="Flagged, edited, or an odd value: read by itself"),
                ),
                (
                    "approval_rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="drafts.approvalrule",
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="drafts", to="campaigns.candidate"
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        help_text="The latest word of a reviewer on it, alone or with others",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="drafts",
                        to="drafts.decision",
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "interaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="drafts", to="llm.interaction"
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="conversations.message",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="drafts", to="steps.step"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["step", "state", "candidate"], name="draft_step_state"),
                    models.Index(fields=["state", "id"], name="draft_state"),
                    models.Index(
                        condition=models.Q(("state", "pending_review")),
                        fields=["step", "candidate", "variant"],
                        include=("id", "pattern", "stands_alone", "risk"),
                        name="draft_stack",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["approved", "generated", "handed_over", "pending_review", "rejected", "superseded"],
                            )
                        ),
                        name="drafts_draft_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "superseded"), _negated=True),
                        fields=("candidate", "step", "variant"),
                        name="draft_variant_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("approved", "handed_over"))),
                        fields=("candidate", "step"),
                        name="draft_one_approved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.PositiveIntegerField(
                        help_text="The draft's version that was compared, where a person edited it"
                    ),
                ),
                ("judge", models.TextField()),
                (
                    "forward",
                    models.TextField(choices=[("first", "the first"), ("second", "the second"), ("same", "neither")]),
                ),
                (
                    "backward",
                    models.TextField(choices=[("first", "the first"), ("second", "the second"), ("same", "neither")]),
                ),
                ("reasons", models.JSONField(default=list, help_text="Why, in each order")),
                (
                    "person",
                    models.TextField(
                        blank=True,
                        choices=[("first", "the first"), ("second", "the second"), ("same", "neither")],
                        help_text="Which one people preferred, as far as they said",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "trace",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="llm.trace",
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="comparisons", to="drafts.draft"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="drafts.draft",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["judge", "-id"], name="comparison_judge")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("forward__in", ["first", "same", "second"])),
                        name="drafts_comparison_forward_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("backward__in", ["first", "same", "second"])),
                        name="drafts_comparison_backward_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person__in", ["", "first", "same", "second"])),
                        name="drafts_comparison_person_known",
                    ),
                    models.UniqueConstraint(
                        fields=("draft", "other", "version", "judge"), name="comparison_once", nulls_distinct=False
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField(choices=[("previous", "Replaced"), ("proposed", "Proposed")])),
                (
                    "version",
                    models.PositiveIntegerField(help_text="The draft version this text was, or was proposed for"),
                ),
                ("subject", models.TextField(blank=True)),
                ("body", models.TextField()),
                ("reason", models.TextField(blank=True, help_text="edit, formal, casual, shorter, regenerate")),
                (
                    "settled_at",
                    models.DateTimeField(blank=True, help_text="When a proposal was accepted or dismissed", null=True),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="drafts.draft"
                    ),
                ),
                (
                    "interaction",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="llm.interaction",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["draft", "-id"], name="draft_revision_draft")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["previous", "proposed"])), name="drafts_revision_kind_known"
                    )
                ],
            },
        ),
    ]
