"""Ids in addresses and forms, and long lists paged by them: the thousandth page opens as fast as the first."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

PAGE_SIZE = 50
Row = TypeVar("Row", bound=Model)


def as_id(text: str) -> int:
    """The id that an address or a form gives; 0, which no row has, where it gives none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def newest(rows: QuerySet[Row], before: str = "", *, size: int = PAGE_SIZE) -> tuple[list[Row], int | None]:
    """The newest `size` of `rows` with ids below `before` (as an address gives it), and the `before` of the next page."""
    if number := as_id(before):
        rows = rows.filter(pk__lt=number)
    found = list(rows.order_by("-pk")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
