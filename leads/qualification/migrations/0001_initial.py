import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("leads", "0001_initial"),
        ("llm", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Brief",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField(unique=True, verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="who we look for")),
                ("factors", models.JSONField(default=dict, help_text="Weights and settings of the five factors")),
                ("use_model", models.BooleanField(default=False, verbose_name="use a language model as judge")),
                (
                    "decides_alone",
                    models.BooleanField(default=True, verbose_name="the learner decides alone where it is sure"),
                ),
                (
                    "promised_error",
                    models.FloatField(default=0.05, help_text="Share of the learner's decisions that may be wrong"),
                ),
                (
                    "checked_share",
                    models.FloatField(default=0.1, help_text="Share of them that is decided by others all the same"),
                ),
                ("content_hash", models.TextField(editable=False)),
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
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="LearnerState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "fingerprint",
                    models.TextField(blank=True, db_collation="C", help_text="Hash of the labels and their vectors"),
                ),
                ("label_count", models.PositiveIntegerField(default=0)),
                ("positive_count", models.PositiveIntegerField(default=0)),
                ("points", models.JSONField(default=list, help_text="The learning curve")),
                (
                    "yes_from",
                    models.FloatField(help_text="It says yes alone from this probability on; empty: never", null=True),
                ),
                (
                    "no_to",
                    models.FloatField(help_text="It says no alone up to this probability; empty: never", null=True),
                ),
                (
                    "brief",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="learner", to="qualification.brief"
                    ),
                ),
            ],
            options={
                "verbose_name": "learner",
                "verbose_name_plural": "learners",
            },
        ),
        migrations.CreateModel(
            name="BriefVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("content_hash", models.TextField(db_collation="C")),
                ("description", models.TextField(blank=True)),
                ("factors", models.JSONField(default=dict)),
                ("use_model", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "brief",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="qualification.brief"
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
            ],
            options={
                "verbose_name": "version of a brief",
                "verbose_name_plural": "versions of briefs",
                "ordering": ["-number"],
                "constraints": [models.UniqueConstraint(fields=("brief", "number"), name="brief_version_once")],
            },
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.TextField(
                        choices=[
                            ("user_approved", "Approved"),
                            ("user_rejected", "Rejected"),
                            ("got_reply", "Replied"),
                            ("got_interview", "Had a call"),
                            ("no_response", "No answer"),
                        ]
                    ),
                ),
                ("reward", models.FloatField()),
                ("metadata", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "brief",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feedback", to="qualification.brief"
                    ),
                ),
                (
                    "given_by",
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
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feedback", to="leads.lead"
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback",
                "verbose_name_plural": "feedback",
                "indexes": [models.Index(fields=["brief", "-id"], name="feedback_brief")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "action__in",
                                ["got_interview", "got_reply", "no_response", "user_approved", "user_rejected"],
                            )
                        ),
                        name="qualification_feedback_action_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LearnerCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("probability", models.FloatField()),
                ("said", models.BooleanField(help_text="What the learner would have decided")),
                ("answer", models.BooleanField(help_text="What was decided instead; empty: not yet", null=True)),
                ("is_by_person", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "brief",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="qualification.brief"
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="leads.lead"),
                ),
            ],
            options={
                "verbose_name": "check of the learner",
                "verbose_name_plural": "checks of the learner",
                "indexes": [models.Index(fields=["brief", "-id"], name="learner_check_brief")],
                "constraints": [models.UniqueConstraint(fields=("brief", "lead"), name="learner_check_once")],
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.TextField(
                        choices=[
                            ("rules", "Rules"),
                            ("learner", "Learner"),
                            ("llm", "Language model"),
                            ("person", "Person"),
                        ]
                    ),
                ),
                ("is_qualified", models.BooleanField(help_text="Empty: not enough is known", null=True)),
                ("score", models.FloatField(help_text="0 to 1", null=True)),
                ("coverage", models.FloatField(help_text="Share of the weight that is known, 0 to 1", null=True)),
                ("confidence", models.FloatField(null=True)),
                ("grade", models.TextField(blank=True)),
                ("reasons", models.JSONField(default=list)),
                ("flags", models.JSONField(default=list)),
                ("factors", models.JSONField(default=dict)),
                ("lead_hash", models.TextField()),
                ("brief_hash", models.TextField()),
                ("version", models.TextField(help_text="Version of the rules, or model")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "brief",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="verdicts", to="qualification.brief"
                    ),
                ),
                (
                    "decided_by",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="llm.interaction",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="verdicts", to="leads.lead"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["lead", "brief", "-id"], name="verdict_lead_brief"),
                    models.Index(fields=["brief", "-id"], name="verdict_brief"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["learner", "llm", "person", "rules"])),
                        name="qualification_verdict_source_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_positive", models.BooleanField(verbose_name="fits")),
                (
                    "source",
                    models.TextField(
                        choices=[
                            ("labelling", "Labelling page"),
                            ("review", "Review"),
                            ("api", "API"),
                            ("model", "Language model"),
                        ]
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, help_text="When it was taken back", null=True)),
                (
                    "brief",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="labels", to="qualification.brief"
                    ),
                ),
                (
                    "given_by",
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
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="labels", to="leads.lead"
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
                "verbose_name": "label",
                "verbose_name_plural": "labels",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("withdrawn_at", None)), fields=["brief", "id"], name="label_in_force"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["api", "labelling", "model", "review"])),
                        name="qualification_label_source_known",
                    )
                ],
            },
        ),
    ]
