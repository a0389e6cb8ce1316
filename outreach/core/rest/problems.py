"""Errors of the API as problem details (RFC 9457), one translation for everything that can go wrong under /api/.

Besides the members of the RFC a problem has `code` (stable, for programs), `errors` (one entry a fault, with a JSON
pointer into the body or the name of a query parameter) and, for bad input, `field` or `fields` in the form that Django
REST framework uses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from outreach.core.errors import Invalid, OutreachError, Permanent, Refused, Retryable
from outreach.core.rest.errors import TooLarge, UnknownNames

CONTENT_TYPE = "application/problem+json"
STATUS = {Invalid: 400, Refused: 409, Retryable: 503, Permanent: 422}
HTML_UNDER_API = ("/api/docs/",)


def status_of(error: OutreachError) -> int:
    """The HTTP status of a typed error."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def as_problem(error: OutreachError) -> dict[str, Any]:
    """A typed error as a problem without its address."""
    problem = problem_of(status_of(error), error.code, error.reason)
    if isinstance(error, Invalid) and error.field:
        pointer = "#/" + error.field.replace(".", "/")
        problem |= {"field": error.field, "errors": [{"pointer": pointer, "code": error.code, "detail": error.reason}]}
    return problem


def problem_of(status: int, code: str, detail: str, instance: str = "") -> dict[str, Any]:
    """The members that every problem has."""
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return problem | ({"instance": instance} if instance else {})


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler with typed errors added."""
    request = context.get("request")
    instance = request.path if request is not None else ""
    if isinstance(error, RequestDataTooBig):
        error = TooLarge(SENTENCES[413][1]())
    if isinstance(error, OutreachError):
        set_rollback()
        headers = {"Retry-After": str(int(error.after.total_seconds()))} if isinstance(error, Retryable) else None
        problem = as_problem(error) | {"instance": instance}
        return Response(problem, status=problem["status"], headers=headers)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        fields = response.data if isinstance(response.data, dict) else {"": response.data}
        is_in_query = error.is_in_query if isinstance(error, UnknownNames) else _is_reading(request)
        problem = problem_of(response.status_code, "invalid", first_sentence(fields), instance)
        response.data = problem | {"fields": fields, "errors": list(_faults(fields, is_in_query=is_in_query))}
    elif isinstance(response.data, dict):
        detail = response.data.get("detail", "")
        code = getattr(detail, "code", None) or getattr(error, "default_code", "error")
        code = str(response.data.get("code", code))
        response.data = problem_of(response.status_code, code, str(detail), instance)
    return response


def _is_reading(request: Any) -> bool:
    return request is not None and request.method in SAFE_METHODS


def first_sentence(fields: Any) -> str:
    """The first of DRF's nested faults as `field: sentence`."""
    if isinstance(fields, dict):
        name, faults = next(iter(fields.items()), ("", ""))
        sentence = first_sentence(faults)
        return sentence if name in {"", "non_field_errors"} else f"{name}: {sentence}"
    if isinstance(fields, list):
        return first_sentence(next((entry for entry in fields if entry), "")) if fields else ""
    return str(fields)


def _faults(fields: Any, path: tuple[str, ...] = (), *, is_in_query: bool) -> Iterator[dict[str, str]]:
    if isinstance(fields, dict):
        for name, faults in fields.items():
            further = () if name in {"", "non_field_errors"} else (str(name),)
            yield from _faults(faults, path + further, is_in_query=is_in_query)
    elif isinstance(fields, list):
        for number, fault in enumerate(fields):
            further = (str(number),) if isinstance(fault, dict | list) else ()
            yield from _faults(fault, path + further, is_in_query=is_in_query)
    else:
        place = (
            {"parameter": ".".join(path)}
            if is_in_query
            else {"pointer": "#" + "".join(f"/{p}" for p in ".".join(path).split("."))}
        )
        yield {**place, "code": str(getattr(fields, "code", "invalid")), "detail": str(fields)}


SENTENCES: dict[int, tuple[str, Callable[[], str]]] = {
    400: ("bad_request", lambda: _("The request could not be read.")),
    403: ("permission_denied", lambda: _("You may not do this.")),
    404: ("not_found", lambda: _("Nothing was found at this address.")),
    413: ("too_large", lambda: _("The request is too large.")),
    500: ("server_error", lambda: _("Something went wrong on our side. The error has been logged.")),
    503: ("unavailable", lambda: _("The service can't answer right now. Try again in a moment.")),
}


class ApiMiddleware:
    """Outermost for /api/: an address works with and without its last slash, and every error is a problem.

    Faults that never reach a view (an unknown address, a foreign host, a body that Django refuses) are told in the same
    form as those of views. Pages outside /api/ are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        _add_slash(request)
        response = self.get_response(request)
        if response.status_code < 400 or request.path_info.startswith(HTML_UNDER_API):
            return response
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind == "application/json":
            _complete(request, response)
        elif kind == "text/html" and not hasattr(response, "accepted_renderer") and not settings.DEBUG:
            _retell(request, response)
        return response


def _add_slash(request: HttpRequest) -> None:
    """`POST /api/v1/campaigns` is `POST /api/v1/campaigns/`: a redirect would lose the body."""
    if request.path_info.startswith("/api/v1/") and not request.path_info.endswith("/"):
        request.path_info += "/"
        request.path += "/"


def _complete(request: HttpRequest, response: HttpResponse) -> None:
    """An answer in JSON that no view of the API gave: the members that are missing are added."""
    if not hasattr(response, "accepted_renderer"):
        told = json.loads(response.content)
        problem = problem_of(
            response.status_code, str(told.get("code", "error")), str(told.get("detail", "")), request.path
        )
        _write(response, problem | told)
    response.headers["Content-Type"] = CONTENT_TYPE


def _retell(request: HttpRequest, response: HttpResponse) -> None:
    status = response.status_code
    phrase = HTTPStatus(status).phrase
    code, sentence = SENTENCES.get(status, (phrase.lower().replace(" ", "_"), lambda: phrase))
    _write(response, problem_of(status, code, sentence(), request.path))
    response.headers["Content-Type"] = CONTENT_TYPE


def _write(response: HttpResponse, problem: dict[str, Any]) -> None:
    """Put the problem in place of what was to be answered, whose length has been told already."""
    response.content = json.dumps(problem).encode()
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))
