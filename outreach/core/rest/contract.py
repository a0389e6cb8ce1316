"""What an operation accepts, read from its own OpenAPI description: names that it doesn't know are refused, not ignored.

A misspelt field or filter that is silently dropped does something else than was meant. The description of one operation
is built on its first request and kept, so that the document and the check cannot disagree.
"""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework.exceptions import ErrorDetail, ParseError
from rest_framework.request import Request

from outreach.core.rest.errors import UnknownNames

MOST_NAMED = 20
"""Unknown names in one answer: a body of a million of them is not echoed."""
WHOLE = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_operations: dict[tuple[Callable[..., Any], str], Operation] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Operation:
    """Schemas of the query parameters, of the body (None: it takes none) and of the answer, and components."""

    parameters: Mapping[str, Mapping[str, Any]]
    body: Mapping[str, Any] | None
    answer: Mapping[str, Any]
    components: Mapping[str, Any]

    def properties(self, schema: Mapping[str, Any] | None) -> tuple[dict[str, Any], bool]:
        """Properties of an object's schema, and whether it takes others too (also when it is no object)."""
        schema = self.resolve(schema or {})
        found: dict[str, Any] = {}
        is_open = "properties" not in schema and "allOf" not in schema
        for part in schema.get("allOf", ()):
            names, is_part_open = self.properties(part)
            found |= names
            is_open = is_open or is_part_open
        found |= schema.get("properties", {})
        return found, is_open or bool(schema.get("additionalProperties", False))

    def entry(self) -> tuple[dict[str, Any], bool]:
        """Properties of what the operation answers; of an entry where it is a list. As `properties`."""
        schema = self.resolve(self.answer)
        results = schema.get("properties", {}).get("results")
        schema = self.resolve(results) if results else schema
        return self.properties(schema.get("items", schema))

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self.components.get(schema["$ref"].rpartition("/")[2], {})
        return schema


def operation_of(request: Request) -> Operation | None:
    """The description of the operation that `request` is addressed to; None for one that is not described."""
    match, method = request.resolver_match, "GET" if request.method == "HEAD" else str(request.method)
    if match is None:
        return None
    key = (match.func, method)
    if key not in _operations:
        with _lock:
            _operations[key] = _describe(match.func, method, match.route)
    found = _operations[key]
    return None if found is UNDESCRIBED else found


UNDESCRIBED = Operation({}, None, {}, {})


def _describe(callback: Any, method: str, route: str) -> Operation:
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    view = generator.create_view(callback, method)  # type: ignore[no-untyped-call]
    registry = ComponentRegistry()
    path = EndpointEnumerator().get_path_from_regex(route)  # type: ignore[no-untyped-call]
    described = view.schema.get_operation(path, route, "^/api/v1", method, registry) if view.schema else None
    if described is None:
        return UNDESCRIBED
    components: dict[str, Any] = registry.build({}).get("schemas", {})
    return Operation(
        {p["name"]: p.get("schema", {}) for p in described.get("parameters", ()) if p["in"] == "query"},
        _first_schema(described.get("requestBody")),
        answer_of(described),
        components,
    )


def answer_of(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of what an operation answers when it is done."""
    return (
        _first_schema(next((r for code, r in described["responses"].items() if str(code).startswith("2")), None)) or {}
    )


def _first_schema(container: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    kinds = (container or {}).get("content", {})
    return next((kind.get("schema", {}) for kind in kinds.values()), None)


def check(request: Request, operation: Operation | None) -> None:
    """Raise `UnknownNames` that names every parameter and field the operation doesn't know, with the nearest it does.

    `ParseError` for NUL characters, which no text of ours may hold.
    """
    for name, values in request.query_params.lists():
        _refuse_nul([name, *values])
    if operation is None:
        return
    faults: dict[str, Any] = {}
    for name in request.query_params:
        if name not in operation.parameters:
            faults[name] = [_unknown(_("Unknown parameter"), name, operation.parameters, "unknown_parameter")]
        elif fault := _misfit(request.query_params[name], operation.resolve(operation.parameters[name])):
            faults[name] = [fault]
    if faults:
        raise UnknownNames(faults, is_in_query=True)
    if request.method in {"POST", "PUT", "PATCH"}:
        for path, fault in _faults(operation, operation.body, request.data):
            faults[".".join(path)] = [fault]
            if len(faults) >= MOST_NAMED:
                break
    if faults:
        raise UnknownNames(faults, is_in_query=False)


def _unknown(sentence: str, name: str, known: Iterable[str], code: str) -> ErrorDetail:
    shown = name[:100]
    text = f"{sentence} “{shown}”."
    if near := difflib.get_close_matches(shown, list(known), 1):
        text += " " + _("Did you mean “%(name)s”?") % {"name": near[0]}
    return ErrorDetail(text, code=code)


def _misfit(text: str, schema: Mapping[str, Any]) -> ErrorDetail | None:
    """Why the text of a parameter is not what it takes. Without a text it is as if it were not there."""
    if text and schema.get("enum") and text not in map(str, schema["enum"]) and schema.get("type") != "boolean":
        shown = {"value": text[:100]}
        sentence = _("Select a valid choice. %(value)s is not one of the available choices.")
        return ErrorDetail(sentence % shown, code="invalid_choice")
    if text and schema.get("type") == "boolean" and text.lower() not in {"true", "false", "1", "0"}:
        return ErrorDetail(_("Use true or false."), code="invalid")
    if text and schema.get("type") == "integer":
        least, most = schema.get("minimum", -(2**63)), schema.get("maximum", 2**63 - 1)
        if not WHOLE.fullmatch(text) or not least <= int(text) <= most:
            between = _("Provide a number from %(least)s to %(most)s.") % {"least": least, "most": most}
            is_bounded = {"minimum", "maximum"} <= schema.keys()
            return ErrorDetail(between if is_bounded else _("Provide a whole number."), code="invalid")
    return None


def _faults(
    operation: Operation, schema: Mapping[str, Any] | None, data: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], ErrorDetail]]:
    """Fields that are unknown, and values of another type that Django's fields would take."""
    if isinstance(data, QueryDict):
        for name, values in data.lists():
            _refuse_nul([name, *values])
    if isinstance(data, Mapping):
        properties, is_open = operation.properties(schema) if schema is not None else ({}, False)
        for name in data:
            plain = str(name).partition("[")[0].partition(".")[0] if isinstance(data, QueryDict) else str(name)
            if plain in properties:
                if not isinstance(data, QueryDict):
                    yield from _faults(operation, properties[plain], data[name], (*path, plain))
            elif not is_open:
                yield (*path, str(name)), _unknown(_("Unknown field"), str(name), properties, "unknown_field")
    elif isinstance(data, list):
        items = operation.resolve(schema or {}).get("items")
        for number, entry in enumerate(data if items else ()):
            yield from _faults(operation, items, entry, (*path, str(number)))
    elif sentence := _mistaken(data, operation.resolve(schema or {})):
        yield path, ErrorDetail(sentence, code="invalid")


def _mistaken(data: Any, schema: Mapping[str, Any]) -> str:
    """Why one value of a JSON body is not of its type, where a field would read it in its own way."""
    kind, form, is_number = schema.get("type"), schema.get("format"), type(data) in {int, float}
    if kind == "string" and form is None and is_number:
        return _("Not a valid string.")
    if kind == "string" and form == "decimal" and data == "":
        return _("A valid number is required.")
    if kind == "boolean" and (is_number or isinstance(data, str)):
        return _("Use true or false.")
    if kind in {"number", "integer"} and isinstance(data, bool):
        return _("A valid number is required.")
    return ""


def _refuse_nul(texts: Iterable[Any]) -> None:
    if any(isinstance(text, str) and "\0" in text for text in texts):
        raise ParseError(_("The request contains a NUL character."))
