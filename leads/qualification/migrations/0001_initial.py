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
    ]
