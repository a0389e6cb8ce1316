"""Keyset pagination for the API: flat in cost at any depth."""

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """Pages by descending id; `?page_size=` up to 500."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
