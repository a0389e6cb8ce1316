import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_initial"),
        ("llm", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Memory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "topic",
                    models.TextField(
                        choices=[
                            ("person", "Person to speak to"),
                            ("team", "Team size"),
                            ("tool", "Tools they use"),
                            ("budget", "Budget"),
                            ("date", "Date"),
                            ("channel", "Preferred channel"),
                            ("language", "Preferred language"),
                            ("time", "Preferred time"),
                            ("objection", "Objection"),
                            ("question", "Their question"),
                            ("promise", "We promised"),
                            ("other", "Other"),
                        ]
                    ),
                ),
                ("text", models.TextField()),
                (
                    "quote",
                    models.TextField(blank=True, help_text="The words it comes from, as they stand in the message"),
                ),
                ("key", models.TextField(help_text="Hash of topic and text")),
                (
                    "origin",
                    models.TextField(
                        choices=[
                            ("rules", "Read by rules"),
                            ("model", "Read by a model"),
                            ("person", "Added by a colleague"),
                        ]
                    ),
                ),
                ("importance", models.FloatField()),
                ("mentions", models.PositiveSmallIntegerField(default=1)),
                ("term", models.TextField(choices=[("short", "Short-term"), ("long", "Long-term")], default="short")),
                ("is_pinned", models.BooleanField(default=False)),
                (
                    "ending",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("settled", "Done"),
                            ("replaced", "They said something newer"),
                            ("forgotten", "Removed"),
                        ],
                    ),
                ),
                ("mentioned_at", models.DateTimeField(help_text="When it was last said")),
                ("fades_at", models.DateTimeField(blank=True, help_text="When a short-term memory goes", null=True)),
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
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memories",
                        to="conversations.conversation",
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
                    "message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="memories",
                        to="conversations.message",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "memories",
                "indexes": [
                    models.Index(
                        condition=models.Q(("fades_at__isnull", False)), fields=["fades_at"], name="memory_fading"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "key"), name="memory_once"),
                    models.CheckConstraint(
                        condition=models.Q(("importance__gte", 0), ("importance__lte", 1)),
                        name="memory_importance_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "topic__in",
                                [
                                    "budget",
                                    "channel",
                                    "date",
                                    "language",
                                    "objection",
                                    "other",
                                    "person",
                                    "promise",
                                    "question",
                                    "team",
                                    "time",
                                    "tool",
                                ],
                            )
                        ),
                        name="memory_memory_topic_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("term__in", ["long", "short"])), name="memory_memory_term_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["model", "person", "rules"])),
                        name="memory_memory_origin_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ending__in", ["", "forgotten", "replaced", "settled"])),
                        name="memory_memory_ending_known",
                    ),
                ],
            },
        ),
    ]
