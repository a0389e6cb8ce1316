"""Pages of long lists, newest first, found by the id of their last row: the thousandth opens as fast as the first."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

PAGE_SIZE = 50
Row = TypeVar("Row", bound=Model)


def newest(rows: QuerySet[Row], before: str = "", *, size: int = PAGE_SIZE) -> tuple[list[Row], int | None]:
    """The newest `size` of `rows` with ids below `before` (as an address gives it), and the `before` of the next page."""
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=int(before[:18]))
    found = list(rows.order_by("-pk")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
