"""Messages in fewer indexes: what another one covers goes, columns that are mostly empty are indexed where they are not.

Built and dropped beside the traffic. Django would take the foreign keys off and check them all again under a lock, so
the fields change in its state only.
"""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


def unindexed(model: str, name: str, index: str, to: str, *, on_delete: object, **options: object):
    """The index that Django made for a foreign key is dropped; the constraint stays."""
    table = f"conversations_{model}"
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f'DROP INDEX CONCURRENTLY IF EXISTS "{index}"',
                f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{index}" ON "{table}" ("{name}_id")',
            )
        ],
        state_operations=[
            migrations.AlterField(
                model, name, models.ForeignKey(to, db_index=False, on_delete=on_delete, **options)
            )
        ],
    )  # fmt: skip


def where_set(name: str) -> AddIndexConcurrently:
    return AddIndexConcurrently(
        "message", models.Index(fields=[name], condition=models.Q((f"{name}__isnull", False)), name=f"message_{name}")
    )


PROTECT, SET_NULL = django.db.models.deletion.PROTECT, django.db.models.deletion.SET_NULL
OPEN = {"null": True, "blank": True}
USER = settings.AUTH_USER_MODEL


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("conversations", "0006_recently_sent"),
        ("delivery", "0004_lanes"),
        ("leads", "0004_titles_with_place_and_rest"),
        ("llm", "0001_initial"),
        ("senders", "0002_pace"),
        migrations.swappable_dependency(USER),
    ]

    operations = [
        AddIndexConcurrently("message", models.Index(fields=["sender", "sent_at"], name="message_sender")),
        where_set("author"),
        where_set("approved_by"),
        where_set("interaction"),
        where_set("follows"),
        RemoveIndexConcurrently("message", "message_sender_sent"),
        unindexed(
            "message", "conversation", "conversations_message_conversation_id_f1a2d5e9", "conversations.conversation",
            on_delete=PROTECT, related_name="messages",
        ),
        unindexed(
            "message", "stream", "conversations_message_stream_id_5b239d6d", "delivery.stream",
            on_delete=PROTECT, related_name="messages", **OPEN,
        ),
        unindexed(
            "message", "sender", "conversations_message_sender_id_f0496734", "senders.sender",
            on_delete=PROTECT, related_name="messages", **OPEN,
        ),
        unindexed(
            "message", "author", "conversations_message_author_id_3d2a10d9", USER,
            on_delete=SET_NULL, related_name="+", **OPEN,
        ),
        unindexed(
            "message", "approved_by", "conversations_message_approved_by_id_b0d786a0", USER,
            on_delete=SET_NULL, related_name="+", **OPEN,
        ),
        unindexed(
            "message", "interaction", "conversations_message_interaction_id_7ca963cc", "llm.interaction",
            on_delete=SET_NULL, related_name="messages", **OPEN,
        ),
        unindexed(
            "message", "follows", "conversations_message_follows_id_0065d33d", "conversations.message",
            on_delete=SET_NULL, related_name="followers", **OPEN,
        ),
        unindexed(
            "messageevent", "message", "conversations_messageevent_message_id_a70de045", "conversations.message",
            on_delete=django.db.models.deletion.CASCADE, related_name="events",
        ),
    ]  # fmt: skip
