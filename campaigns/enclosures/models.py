"""Files of steps."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StepFile(models.Model):
    """One file that every message of a step encloses, as an attachment or as an image inside the text."""

    step = models.ForeignKey("sequences.Step", on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    name = models.TextField(_("name that recipients see"))
    is_inline = models.BooleanField(_("show inside the text"), default=False)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["step", "file", "name"], name="step_file_once")]

    def __str__(self) -> str:
        return self.name
