import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_initial"),
        ("llm", "0001_initial"),
        ("playbooks", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="listing",
                        serialize=False,
                        to="conversations.conversation",
                    ),
                ),
                ("at", models.DateTimeField(help_text="When the person last wrote: the order of a search", null=True)),
                (
                    "words",
                    django.contrib.postgres.search.SearchVectorField(
                        help_text="People, companies and addresses as written; texts by word stem", null=True
                    ),
                ),
                (
                    "marks",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["words", "marks"], name="listing_words"),
                    models.Index(
                        condition=models.Q(("at__isnull", False)),
                        fields=["-at", "-conversation"],
                        include=("marks",),
                        name="listing_recent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pace",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="pace",
                        serialize=False,
                        to="conversations.conversation",
                    ),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[("asked", "They asked to hear from us then"), ("silence", "They may stay silent")]
                    ),
                ),
                ("due_at", models.DateTimeField(db_index=True)),
                (
                    "nudges",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Follow-ups on silence since their last message"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["asked", "silence"])), name="replies_pace_kind_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField()),
                ("wrote_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presences",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("conversation", "user"), name="presence_once")],
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "intent",
                    models.TextField(
                        choices=[
                            ("positive", "Interested"),
                            ("booking", "Wants a call"),
                            ("question", "Asks a question"),
                            ("negative", "Not interested"),
                            ("not_now", "Not now"),
                            ("referral", "Refers to someone else"),
                            ("wrong_person", "Wrong person"),
                            ("bot_question", "Asks whether we are a bot"),
                            ("source_question", "Asks where we got the address"),
                            ("abusive", "Abusive"),
                            ("opt_out", "Opts out"),
                            ("reaction", "Reaction"),
                            ("auto_reply", "Automatic reply"),
                            ("out_of_office", "Out of office"),
                            ("bounce", "Bounce"),
                            ("complaint", "Abuse report"),
                            ("unclear", "Unclear"),
                        ]
                    ),
                ),
                ("source", models.TextField(help_text="keyword, rules, model, person")),
                ("confidence", models.FloatField(default=1.0)),
                ("language", models.TextField(blank=True)),
                ("reasons", models.JSONField(default=list)),
                (
                    "facts",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="until (a date), referral (an address), tier (of an opt-out), suspicion (of one)",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="readings", to="conversations.message"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["message", "-id"], name="reading_message")],
            },
        ),
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("channel", models.TextField()),
                ("subject", models.TextField(blank=True)),
                ("body", models.TextField()),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("used", "Used"),
                            ("discarded", "Discarded"),
                            ("superseded", "Superseded"),
                        ],
                        default="proposed",
                    ),
                ),
                (
                    "occasion",
                    models.TextField(
                        choices=[
                            ("reply", "They wrote"),
                            ("asked", "They asked to hear from us now"),
                            ("silence", "They did not answer"),
                        ],
                        default="reply",
                    ),
                ),
                ("nudge", models.PositiveSmallIntegerField(default=0, help_text="Which follow-up on silence, from 1")),
                (
                    "cites",
                    models.JSONField(
                        blank=True, default=list, help_text="[{kind, text}]: what it uses of the playbook"
                    ),
                ),
                (
                    "doubts",
                    models.JSONField(blank=True, default=list, help_text="Why a person must look: keys of DOUBTS"),
                ),
                ("refused", models.TextField(blank=True, help_text="Why the text of a model was not used")),
                ("note", models.TextField(blank=True, help_text="What a colleague wanted changed in the draft before")),
                ("redraft", models.TextField(blank=True, help_text="What that changed, as a unified difference")),
                (
                    "edit",
                    models.TextField(blank=True, help_text="What a person changed before sending, as a unified diff"),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answers",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suggestions",
                        to="conversations.message",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suggestions",
                        to="conversations.conversation",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="llm.interaction"
                    ),
                ),
                (
                    "playbook_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="playbooks.playbookversion",
                    ),
                ),
                (
                    "sent_message",
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
                "indexes": [models.Index(fields=["conversation", "-id"], name="suggestion_conversation")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=("conversation",), name="suggestion_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("occasion__in", ["asked", "reply", "silence"])),
                        name="replies_suggestion_occasion_known",
                    ),
                ],
            },
        ),
    ]
