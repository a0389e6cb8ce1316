"""Versions of single objects: ETag, If-None-Match (304) and If-Match (412), so that no change overwrites an unseen one.

The tag is a hash of what GET answers, without regard to `fields`. A change with If-Match holds the object's row from the
comparison to its own commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from outreach.core.rest.errors import Precondition

CHANGING = frozenset({"PUT", "PATCH", "DELETE"})


def tag_of(data: Any) -> str:
    """The strong ETag of a representation."""
    return quote_etag(hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32])


def has_version(view: Any) -> bool:
    """Whether the view shows one object of a model under its address."""
    is_single = getattr(view, "action", "") in {"retrieve", "update", "partial_update", "destroy"}
    return is_single and isinstance(view, GenericAPIView) and hasattr(view, "retrieve")


def label(request: Request, response: Response) -> Response:
    """The answer to GET with its ETag, or 304 when the client has that version."""
    tag = tag_of(response.data)
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or tag in {entry.removeprefix("W/") for entry in known}:
        response = Response(status=304)
    response["ETag"] = tag
    return response


def guarded(view: Any, handler: Callable[..., Any], wanted: str) -> Callable[..., Any]:
    """`handler` that changes the object only in a version of `wanted` (the header If-Match)."""

    def change(request: Request, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            row = view.get_object()
            type(row)._base_manager.select_for_update().get(pk=row.pk)
            if "*" not in (tags := parse_etags(wanted)) and _present(view, request, args, kwargs) not in tags:
                raise Precondition(_("The object has changed since you read it. Read it again and repeat your change."))
            response = handler(request, *args, **kwargs)
            if response.status_code == 200:
                response["ETag"] = _present(view, request, args, kwargs)
            return response

    return change


def _present(view: Any, request: Request, args: Any, kwargs: Any) -> str:
    return tag_of(view.retrieve(request, *args, **kwargs).data)
