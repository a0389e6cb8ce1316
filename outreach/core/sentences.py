"""Columns that keep sentences: a summary, a reason, an error. Each reader gets them in their own language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from outreach.core import words

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField


class SentenceField(Text):
    """A text. A `words.Sentence` is kept with how it was made and comes back in the language of whoever reads the row."""

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return words.read(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        return value.stored if isinstance(value, words.Sentence) else super().get_prep_value(value)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """To the database it is a text."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", list(args), dict(kwargs)


class SentencesField(models.JSONField):
    """A list of texts, each kept as in a `SentenceField`."""

    def from_db_value(self, value: Any, *rest: Any) -> Any:
        found = super().from_db_value(value, *rest)
        return [words.read(one) if isinstance(one, str) else one for one in found] if isinstance(found, list) else found

    def get_db_prep_value(self, value: Any, *rest: Any, **options: Any) -> Any:
        if isinstance(value, list | tuple):
            value = [one.stored if isinstance(one, words.Sentence) else one for one in value]
        return super().get_db_prep_value(value, *rest, **options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """To the database it is JSON."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", list(args), dict(kwargs)
