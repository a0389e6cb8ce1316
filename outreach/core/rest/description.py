"""The OpenAPI description of what all operations have in common: errors, headers, `fields`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from outreach.core.rest import idempotency, sparse, versions
from outreach.core.rest.problems import CONTENT_TYPE

ERRORS = {
    "400": "The request is wrong: `errors` says where.",
    "401": "No valid key, token or session.",
    "403": "The role or the key's scopes don't allow this.",
    "404": "There is no such object.",
    "409": "Not possible in the present state, or somebody else was first.",
    "412": "The object is not in the version that If-Match names.",
    "413": "The body is too large.",
    "415": "The body is of a kind that isn't read here.",
    "422": "A fault that trying again won't fix.",
    "429": "Too many requests: wait for `Retry-After` seconds.",
    "503": "A passing fault elsewhere: wait for `Retry-After` seconds.",
}


class ErrorFaultSerializer(serializers.Serializer[Any]):
    """One fault: `pointer` into the body or `parameter` of the query."""

    pointer = serializers.CharField(required=False, help_text="JSON pointer into the request's body")
    parameter = serializers.CharField(required=False, help_text="Name of a query parameter")
    code = serializers.CharField()
    detail = serializers.CharField()


class ErrorSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable, for programs")
    detail = serializers.CharField(help_text="A sentence for a person")
    instance = serializers.CharField(required=False, help_text="The address that was asked for")
    errors = ErrorFaultSerializer(many=True, required=False)  # type: ignore[assignment]


class Description(AutoSchema):
    """drf-spectacular's description with what `views.Common` does added."""

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self._common_parameters()]

    def _may_answer(self, code: str) -> bool:
        has_body = self.method in {"POST", "PUT", "PATCH"}
        only = {"404": "{" in self.path, "412": versions.has_version(self.view), "413": has_body, "415": has_body}
        return only.get(code, True)

    def _common_parameters(self) -> list[OpenApiParameter]:
        named = {getattr(parameter, "name", "") for parameter in super().get_override_parameters()}
        found = []
        if self.method == "GET" and sparse.PARAMETER not in named:
            found.append(OpenApiParameter(sparse.PARAMETER, str, description="Only these fields, with commas between."))
        if self.method == "POST" and AllowAny not in self.view.permission_classes:
            found.append(
                _header(idempotency.HEADER, "Made by you: the same request with it is carried out once a day.")
            )
        if versions.has_version(self.view):
            if self.method == "GET":
                found.append(_header("If-None-Match", "An ETag: 304 if the object is still in this version."))
            else:
                found.append(_header("If-Match", "An ETag: 412 unless the object is in this version."))
        return found

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if direction != "response":
            return bodies
        for code, sentence in ERRORS.items():
            if code not in bodies and self._may_answer(code):
                problem = self._get_response_for_code(ErrorSerializer, code, [CONTENT_TYPE])  # type: ignore[no-untyped-call]
                bodies[code] = problem | {"description": sentence}
        return bodies


def _header(name: str, text: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=text)
