"""The bases of all views of the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers, views
from rest_framework.request import Request
from rest_framework.response import Response

from outreach.core.rest import contract, idempotency, sparse, versions
from outreach.core.rest.quota import Quota


class Common:
    """What every operation does before and after its own work: see the modules of this package."""

    only: frozenset[str] = frozenset()
    """Fields that the request asked for; none means all."""
    calls_out = False
    """Whether a POST waits for somebody else (a model, a name server, a provider): then no transaction spans it."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        method = str(request.method).lower()
        if method == "options" or method not in getattr(self, "http_method_names", ()) or not hasattr(self, method):
            return
        operation = contract.operation_of(request)
        contract.check(request, operation)
        if operation is not None:
            self.only = sparse.wanted(request, operation)
        if key := idempotency.key_of(request):
            setattr(self, method, idempotency.once(getattr(self, method), key, calls_out=self.calls_out))
        wanted = request.headers.get("If-Match")
        if wanted and request.method in versions.CHANGING and versions.has_version(self):
            setattr(self, method, versions.guarded(self, getattr(self, method), wanted))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, Response) and response.status_code == 200:
            if request.method in {"GET", "HEAD"} and versions.has_version(self):
                response = versions.label(request, response)
            if self.only:
                response.data = sparse.trimmed(response.data, self.only)
        quota: Quota | None = getattr(request, "quota", None)
        for name, value in quota.headers().items() if quota else ():
            response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]


class APIView(Common, views.APIView):
    """A view of one address."""


def given(kind: type[serializers.BaseSerializer[Any]], data: Any, *, partial: bool = False) -> Any:
    """What a request gives (its body or its query), as `kind` reads it. Raises DRF's `ValidationError`."""
    found = kind(data=data, partial=partial)
    found.is_valid(raise_exception=True)
    return found.validated_data
