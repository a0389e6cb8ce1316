"""Stored files."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """One content, stored once however often it is uploaded; messages refer to it by `content_hash`, which is approved.

    Lies in the database, so that every worker and every backup has it. Never changed.
    Erasure: what we send is no data of a lead and stays, while a message's own list of files is blanked with its text;
    what only they sent us (`is_received`) is deleted with the last message that brought it.
    """

    content_hash = models.TextField(unique=True, db_collation="C", help_text="Hex SHA-256 of the content")
    name = models.TextField(help_text="Name at the first upload")
    media_type = models.TextField()
    size = models.PositiveIntegerField(help_text="Bytes")
    content = models.BinaryField()
    is_received = models.BooleanField(
        default=False, db_default=False, help_text="Received with messages, never uploaded here"
    )
    uploaded_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True, editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.media_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}


class ReceivedFile(models.Model):
    """Which message brought a file. Erasure: the row goes."""

    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="received_files")
    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="received_with")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "file"], name="received_file_once")]

    def __str__(self) -> str:
        return f"{self.file} · {self.message_id}"
