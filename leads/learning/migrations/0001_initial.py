import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("jobs", "0001_initial"),
        ("leads", "0001_initial"),
        ("qualification", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Agent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("epsilon", models.FloatField(default=1.0, help_text="Share of random choices")),
                ("learned_count", models.PositiveIntegerField(default=0)),
                (
                    "brief",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agent", to="qualification.brief"
                    ),
                ),
            ],
            options={
                "verbose_name": "Q-learning agent",
                "verbose_name_plural": "Q-learning agents",
            },
        ),
        migrations.CreateModel(
            name="Sampler",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "mean",
                    models.JSONField(help_text="Weights: the constant, then a weight for each step of each feature"),
                ),
                ("precision", models.JSONField(help_text="Their precision matrix")),
                ("experience_count", models.PositiveIntegerField(help_text="Experiences of the agent when it learned")),
                ("success_count", models.PositiveIntegerField(default=0)),
                (
                    "measures",
                    models.JSONField(default=dict, help_text="Policy → AUC on experiences not learned from yet"),
                ),
                (
                    "brief",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sampler", to="qualification.brief"
                    ),
                ),
            ],
            options={
                "verbose_name": "Thompson sampler",
                "verbose_name_plural": "Thompson samplers",
            },
        ),
        migrations.CreateModel(
            name="AgentState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("features", models.JSONField(help_text="Feature → step")),
                ("q_values", models.JSONField(help_text="Action → value")),
                ("visit_count", models.PositiveIntegerField(default=0)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="states", to="learning.agent"
                    ),
                ),
            ],
            options={
                "verbose_name": "state of an agent",
                "verbose_name_plural": "states of agents",
                "constraints": [models.UniqueConstraint(fields=("agent", "features"), name="agent_state_once")],
            },
        ),
        migrations.CreateModel(
            name="Experience",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("features", models.JSONField(help_text="Feature → step, as on the day of the feedback")),
                ("action", models.TextField(help_text="What was done with the lead")),
                (
                    "signal",
                    models.TextField(
                        choices=[
                            ("user_approved", "Approved by a person"),
                            ("user_rejected", "Rejected by a person"),
                            ("got_interview", "Positive reply or booking"),
                            ("no_response", "No answer"),
                        ]
                    ),
                ),
                ("reward", models.FloatField()),
                ("key", models.TextField(help_text="What it came of: the same event counts once")),
                ("is_learned", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="experiences", to="learning.agent"
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="leads.lead"
                    ),
                ),
            ],
            options={
                "verbose_name": "experience",
                "verbose_name_plural": "experiences",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["agent", "-id"], name="experience_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signal__in", ["got_interview", "no_response", "user_approved", "user_rejected"])
                        ),
                        name="learning_experience_signal_known",
                    ),
                    models.UniqueConstraint(fields=("agent", "key"), name="experience_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Measurement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("evaluation", "How well outcomes can be predicted"),
                            ("simulation", "What each policy would have won"),
                            ("labels", "What asking for the right labels is worth"),
                        ]
                    ),
                ),
                ("name", models.TextField(help_text="The file, or the generated world")),
                ("options", models.JSONField(default=dict, help_text="target, time, exclude, text; or world, seed")),
                ("content", models.BinaryField(null=True)),
                ("result", models.JSONField(default=dict)),
                ("problem", models.TextField(blank=True)),
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
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jobs.job",
                    ),
                ),
            ],
            options={
                "verbose_name": "measurement",
                "verbose_name_plural": "measurements",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["evaluation", "labels", "simulation"])),
                        name="learning_measurement_kind_known",
                    )
                ],
            },
        ),
    ]
