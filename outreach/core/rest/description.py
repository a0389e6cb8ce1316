"""The OpenAPI description of what all operations have in common: errors, headers, `fields`."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from outreach.core.rest import contract, idempotency, sparse, versions
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


DIGITS = re.compile(r"\^(\\d|\[0-9\])(\+|\{1,18\})\$")
EMPTY_DECIMAL = re.compile(r"\^(-\?)?\\d\{0,(\d+)\}\(\?:\\.\\d\{0,(\d+)\}\)\?\$")
"""drf-spectacular's pattern of a decimal number, which allows one without a digit."""

BOUNDS = {"integer": (-(2**63), 2**63 - 1), "number": (-(10**50), 10**50)}
"""What a filter takes."""


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

    def _resolve_path_parameters(self, variables: Any) -> list[dict[str, Any]]:
        """Digits in an address are a number."""
        parameters: list[dict[str, Any]] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        for parameter in parameters:
            if DIGITS.fullmatch(parameter["schema"].get("pattern", "")):
                parameter["schema"] = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
        return parameters

    def map_parsers(self) -> list[Any]:
        """JSON, except where a file is sent; that forms are read too is told in words."""
        kinds: list[str] = super().map_parsers()
        fields = getattr(force_instance(self.get_request_serializer()), "fields", {})  # type: ignore[no-untyped-call]
        has_file = any(isinstance(entry, serializers.FileField) for entry in fields.values())
        return [kind for kind in kinds if kind.startswith("multipart" if has_file else "application/json")] or kinds

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """A decimal number that may not be below zero has no minus."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if isinstance(field, serializers.DecimalField) and field.min_value is not None and field.min_value >= 0:
            schema["pattern"] = schema["pattern"].replace("^-?", "^")
        return schema

    def _may_answer(self, code: str) -> bool:
        has_body = self.method in {"POST", "PUT", "PATCH"}
        only = {
            "412": versions.has_version(self.view),
            "413": has_body,
            "415": has_body,
        }
        return only.get(code, True)

    def _common_parameters(self) -> list[OpenApiParameter]:
        named = {getattr(parameter, "name", "") for parameter in super().get_override_parameters()}
        found = []
        if self.method == "GET" and sparse.PARAMETER not in named:
            found.append(OpenApiParameter(sparse.PARAMETER, str, description="Only these fields, with commas between."))
        if self.method == "POST" and AllowAny not in self.view.permission_classes:
            kept = "Made by you: the same request with it is carried out once a day."
            found.append(_header(idempotency.HEADER, kept, idempotency.SCHEMA))
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
        if self.method == "GET" and versions.has_version(self.view):
            bodies["304"] = {"description": "Nothing new since the version that If-None-Match names."}
        for code, sentence in ERRORS.items():
            if code not in bodies and self._may_answer(code):
                problem = self._get_response_for_code(ErrorSerializer, code, [CONTENT_TYPE])  # type: ignore[no-untyped-call]
                bodies[code] = problem | {"description": sentence}
        return bodies


def _header(name: str, text: str, schema: Any = str) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.HEADER, description=text)


def complete(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """What drf-spectacular leaves open: unknown fields are refused, blank texts are, `fields` takes the names of fields."""
    components = result.get("components", {}).get("schemas", {})
    for name, schema in components.items():
        if name.endswith("Request"):
            if schema.get("properties"):
                schema.setdefault("additionalProperties", False)
            for part in schema.get("properties", {}).values():
                _tell_texts(part)
                _tell_texts(part.get("items", {}))
    for item in result.get("paths", {}).values():
        for parameter in item.get("get", {}).get("parameters", ()):
            schema = parameter["schema"]
            if parameter["in"] == "query" and (bounds := BOUNDS.get(schema.get("type"))):
                schema.setdefault("minimum", bounds[0])
                schema.setdefault("maximum", bounds[1])
            if parameter["name"] == sparse.PARAMETER:
                entry = contract.Operation({}, None, contract.answer_of(item["get"]), components).entry()
                parameter["schema"] |= sparse.schema(*entry)
    return result


def _tell_texts(schema: dict[str, Any]) -> None:
    """A text that may not be empty may not be blank either, and a decimal number has a digit."""
    if schema.get("format") == "decimal":
        schema["pattern"] = EMPTY_DECIMAL.sub(r"^\1(?:\\d{1,\2}(?:\\.\\d{0,\3})?|\\.\\d{1,\3})$", schema["pattern"])
    elif schema.get("minLength") == 1 and not {"format", "pattern"} & schema.keys():
        schema["pattern"] = r"[^\s\x1c-\x1f]"
