import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        ("steps", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Arm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("name", models.TextField()),
                ("value", models.TextField(help_text="Of the experiment's factor: see `campaigns.arms.factors`")),
                (
                    "share",
                    models.FloatField(help_text="Part of the people who are given to an arm next; Thompson changes it"),
                ),
            ],
            options={
                "ordering": ["experiment", "number"],
            },
        ),
        migrations.CreateModel(
            name="Experiment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField(verbose_name="name")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("planned", "Planned"),
                            ("running", "Running"),
                            ("decided", "Decided"),
                            ("stopped", "Stopped"),
                        ],
                        default="planned",
                    ),
                ),
                (
                    "factor",
                    models.TextField(
                        choices=[
                            ("variant", "Text and subject"),
                            ("pack", "Prompt pack"),
                            ("model", "Model that writes"),
                            ("pool", "Pool of senders"),
                            ("hours", "Time of day"),
                            ("playbook", "Playbook for replies"),
                        ],
                        default="variant",
                        verbose_name="what differs",
                    ),
                ),
                (
                    "metric",
                    models.TextField(
                        choices=[("replied", "Replies"), ("positive", "Positive replies"), ("booked", "Booked calls")],
                        default="replied",
                        verbose_name="what counts",
                    ),
                ),
                (
                    "unit",
                    models.TextField(
                        choices=[("person", "Each person"), ("company", "Everyone at a company alike")],
                        default="person",
                        verbose_name="who gets the same",
                    ),
                ),
                (
                    "mode",
                    models.TextField(
                        choices=[
                            ("fixed", "Equal parts to the end"),
                            ("thompson", "More and more to what works (Thompson)"),
                        ],
                        default="fixed",
                        verbose_name="how people are divided",
                    ),
                ),
                (
                    "base_rate",
                    models.FloatField(
                        validators=[
                            django.core.validators.MinValueValidator(0.0001),
                            django.core.validators.MaxValueValidator(0.9),
                        ],
                        verbose_name="rate today",
                    ),
                ),
                (
                    "ratio",
                    models.FloatField(
                        help_text="1.5: half as many again",
                        validators=[django.core.validators.MinValueValidator(1.01)],
                        verbose_name="difference that matters",
                    ),
                ),
                (
                    "alpha",
                    models.FloatField(
                        default=0.05, help_text="Highest probability to declare a difference where there is none"
                    ),
                ),
                ("power", models.FloatField(default=0.8, help_text="Probability to see the difference that matters")),
                ("spread", models.FloatField(help_text="Of the mixture that the evidence is made with")),
                ("needed", models.PositiveIntegerField(help_text="People in all arms together, as planned")),
                (
                    "takes_winner",
                    models.BooleanField(
                        default=False,
                        help_text="Drafts that are already approved stay as they are.",
                        verbose_name="use the winner for everyone else as soon as it is certain",
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it ended")),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="experiments", to="campaigns.campaign"
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="experiments", to="steps.step"
                    ),
                ),
                (
                    "winner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="arms.arm",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["decided", "planned", "running", "stopped"])),
                        name="arms_experiment_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("factor__in", ["hours", "model", "pack", "playbook", "pool", "variant"])),
                        name="arms_experiment_factor_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("metric__in", ["booked", "positive", "replied"])),
                        name="arms_experiment_metric_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__in", ["company", "person"])), name="arms_experiment_unit_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["fixed", "thompson"])), name="arms_experiment_mode_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("planned", "running", "decided"))),
                        fields=("step",),
                        name="experiment_one_open_a_step",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="arm",
            name="experiment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="arms", to="arms.experiment"
            ),
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "arm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="arms.arm"
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="campaigns.candidate",
                    ),
                ),
                (
                    "experiment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="arms.experiment",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("experiment", "candidate"), name="assignment_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="arm",
            constraint=models.UniqueConstraint(fields=("experiment", "number"), name="arm_once"),
        ),
        migrations.AddConstraint(
            model_name="arm",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__gte", 0), ("share__lte", 1)), name="arm_share_is_part"
            ),
        ),
    ]
