import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        ("files", "0001_initial"),
        ("prompts", "0001_initial"),
        ("senders", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "action",
                    models.TextField(
                        choices=[
                            ("message", "Message"),
                            ("connect", "Connection request"),
                            ("task", "Task for a person"),
                        ],
                        default="message",
                        verbose_name="action",
                    ),
                ),
                (
                    "channel",
                    models.TextField(
                        blank=True,
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("network", "Professional network")],
                        verbose_name="channel",
                    ),
                ),
                ("pool", models.TextField(blank=True, verbose_name="or any sender with the tag")),
                ("instructions", models.TextField(blank=True, verbose_name="what the person should do")),
                (
                    "delay_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="working days after the previous step"),
                ),
                ("is_in_thread", models.BooleanField(default=True, verbose_name="as a reply to the previous step")),
                (
                    "condition",
                    models.TextField(
                        choices=[
                            ("always", "always"),
                            ("opened", "if it was opened"),
                            ("not_opened", "if it was not opened"),
                            ("clicked", "if a link was clicked"),
                            ("not_clicked", "if no link was clicked"),
                            ("delivered", "if it was delivered"),
                            ("bounced", "if it bounced"),
                            ("connected", "once they are connected"),
                            ("not_connected", "if they are not connected"),
                        ],
                        default="always",
                        verbose_name="only",
                    ),
                ),
                (
                    "condition_step",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Step the condition depends on; empty: the previous one",
                        null=True,
                        verbose_name="of step",
                    ),
                ),
                ("since_plan", models.PositiveSmallIntegerField(default=1)),
                ("past", models.JSONField(blank=True, default=list)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="campaigns.campaign"
                    ),
                ),
                (
                    "pack_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="prompts.packversion",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="senders.sender",
                    ),
                ),
            ],
            options={
                "ordering": ["campaign", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "number"), name="step_once"),
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ["connect", "message", "task"])),
                        name="steps_step_action_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["", "email", "network", "sms"])),
                        name="steps_step_channel_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "condition__in",
                                [
                                    "always",
                                    "bounced",
                                    "clicked",
                                    "connected",
                                    "delivered",
                                    "not_clicked",
                                    "not_connected",
                                    "not_opened",
                                    "opened",
                                ],
                            )
                        ),
                        name="steps_step_condition_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StepFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField(verbose_name="name that recipients see")),
                ("is_inline", models.BooleanField(default=False, verbose_name="show inside the text")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="steps.step"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("step", "file", "name"), name="step_file_once")],
            },
        ),
    ]
