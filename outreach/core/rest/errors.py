"""What the common part of the API refuses."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException, ValidationError


class Precondition(APIException):
    """The object is not in the version that the request names."""

    status_code = 412
    default_code = "precondition_failed"


class TooLarge(APIException):
    """The body is larger than the product reads."""

    status_code = 413
    default_code = "too_large"


class UnknownNames(ValidationError):
    """Names that the operation doesn't know, keyed by their dotted paths, all of the query or all of the body."""

    def __init__(self, faults: dict[str, Any], *, is_in_query: bool) -> None:
        super().__init__(faults)
        self.is_in_query = is_in_query
