"""Finds sent messages of which nothing was heard since; built beside the work, because the table may be large."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0004_enclosures")]
    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                fields=["sender", "sent_at", "id"],
                condition=models.Q(direction="out", state="sent"),
                name="message_no_news",
            ),
        ),
    ]
