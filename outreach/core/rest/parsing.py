"""Reading JSON bodies: bounded in size and depth, and no text that the database cannot hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from outreach.core.rest.errors import TooLarge

NOT_TEXT = re.compile("[\0\ud800-\udfff]")
MAX_DEPTH = 100


def _too_deep() -> str:
    return _("The JSON is nested too deeply.")


class StrictJSONParser(JSONParser):
    """DRF's parser, with a limit of `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes and 100 levels; no NUL, no half of a surrogate pair."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            data = super().parse(_Bounded(stream), media_type, dict(parser_context or {}))  # type: ignore[arg-type]
        except RecursionError as error:
            raise ParseError(_too_deep()) from error
        require_text(data)
        return data


class _Bounded:
    """A stream that refuses to be read beyond the limit."""

    def __init__(self, stream: IO[Any]) -> None:
        self.stream = stream

    def read(self, size: int = -1, *_further: int) -> bytes:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        data: bytes = self.stream.read(limit + 1)
        if len(data) > limit:
            raise TooLarge(_("The request is too large: at most %(count)s bytes.") % {"count": limit})
        return data


def require_text(data: Any, depth: int = 0) -> None:
    """Raises `ParseError` for JSON that is too deep, or has text that the database cannot hold."""
    if depth > MAX_DEPTH:
        raise ParseError(_too_deep())
    if isinstance(data, str):
        if NOT_TEXT.search(data):
            raise ParseError(_("The request contains a character that is not text."))
    elif isinstance(data, dict):
        for name, value in data.items():
            require_text(name, depth)
            require_text(value, depth + 1)
    elif isinstance(data, list):
        for value in data:
            require_text(value, depth + 1)
