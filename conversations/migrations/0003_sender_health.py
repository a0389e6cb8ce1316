"""Counts what a sender sent in seven days by index; built beside the traffic, so that a big table stays writable."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("conversations", "0002_gate"), ("senders", "0002_pace")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("direction", "out"), ("sent_at__isnull", False)),
                fields=["sender", "sent_at"],
                name="message_sender_sent",
            ),
        ),
    ]
