"""`?fields=id,name`: answers with only the named fields, of each entry where the answer is a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from outreach.core.rest.contract import Operation
from outreach.core.rest.errors import UnknownNames

PARAMETER = "fields"


def wanted(request: Request, operation: Operation) -> frozenset[str]:
    """The fields that were asked for; none means all. Raises `UnknownNames` for one that the answer doesn't have."""
    text = request.query_params.get(PARAMETER, "")
    names = frozenset(name.strip(" ") for name in text.split(",")) if text.strip(" ") else frozenset()
    known, is_open = operation.entry()
    unknown = sorted(names - known.keys())
    if unknown and not is_open:
        sentence = _("The answer has no field “%(name)s”. It has: %(known)s.")
        detail = sentence % {"name": unknown[0][:100], "known": ", ".join(known)}
        raise UnknownNames({PARAMETER: [ErrorDetail(detail, code="unknown_field")]}, is_in_query=True)
    return names


def schema(known: Mapping[str, Any], is_open: bool) -> dict[str, str]:
    """How the parameter looks for an answer with these fields."""
    names = "|".join(map(re.escape, known))
    return {} if is_open or not names else {"pattern": f"^ *$|^ *({names}) *(, *({names}) *)*$"}


def trimmed(data: Any, names: frozenset[str]) -> Any:
    """`data` with only `names` of each object."""
    if isinstance(data, Mapping) and "results" in data:
        return {**data, "results": trimmed(data["results"], names)}
    if isinstance(data, list):
        return [trimmed(entry, names) for entry in data]
    return {name: value for name, value in data.items() if name in names} if isinstance(data, Mapping) else data
