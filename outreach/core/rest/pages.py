"""Keyset pagination for the API: flat in cost at any depth."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

MAX_OFFSET = 10_000
_POSITION = re.compile(r"-?[0-9]{1,30}", re.ASCII)


class KeysetPagination(CursorPagination):
    """Pages by descending id; `?page_size=` (or `limit`) up to 500, `cursor` from `next`, `offset` up to 10,000."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    limit_query_param = "limit"
    offset_query_param = "offset"

    def get_page_size(self, request: Request) -> int | None:
        for name in (self.page_size_query_param, self.limit_query_param):
            if (text := request.query_params.get(name)) is not None:
                return _number(name, text, 1, self.max_page_size)
        return self.page_size

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        offset = _number("offset", request.query_params.get(self.offset_query_param, "0"), 0, MAX_OFFSET)
        if offset and self.cursor_query_param not in request.query_params:
            first = queryset.order_by(self.ordering).values_list("pk", flat=True)[offset : offset + 1].first()
            queryset = queryset.filter(pk__lte=first) if first is not None else queryset.none()
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: Request) -> Any:
        """What `cursor` says; DRF takes any text for a position, ours are ids."""
        cursor = super().decode_cursor(request)
        if cursor is not None and not (cursor.position is None or _POSITION.fullmatch(str(cursor.position))):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        more = {
            self.limit_query_param: ("The same as `page_size`.", 1, self.max_page_size),
            self.offset_query_param: ("Entries to skip. For long lists follow `next` instead.", 0, MAX_OFFSET),
        }
        for name, (text, least, most) in more.items():
            schema = {"type": "integer", "minimum": least, "maximum": most}
            parameters.append({"name": name, "required": False, "in": "query", "description": text, "schema": schema})
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"minimum": 1, "maximum": self.max_page_size}
        return parameters


def _number(name: str, text: str, least: int, most: int) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    raise ValidationError({name: [_("Provide a number from %(least)s to %(most)s.") % {"least": least, "most": most}]})
