"""What every page is made of: a typed request, forms that a service may refuse, and one decorator for buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request as ApiRequest

from outreach.access.models import User
from outreach.access.permissions import role_required
from outreach.core.errors import Invalid, OutreachError

INVALID_FORM = HTTPStatus.UNPROCESSABLE_ENTITY
"""The status of a page that shows a form again because its input is wrong."""


class Request(HttpRequest):
    """A request of a signed-in user, as it reaches a page behind `role_required` or `action`."""

    user: User
    htmx: HtmxDetails


def viewer(request: HttpRequest | ApiRequest) -> User:
    """The signed-in user. The middleware lets no one else through."""
    assert isinstance(request.user, User)
    return request.user


def own_page(request: HttpRequest, address: str) -> str:
    """`address` when it is a page of this installation, else the home page: nobody is sent elsewhere by a link."""
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else reverse("home")


def add_problem(form: Form, error: OutreachError, *, otherwise: str | None = None) -> None:
    """Put a typed error beside the field that it names, `otherwise` beside that one, or above the form."""
    field = error.field if isinstance(error, Invalid) and error.field in form.fields else otherwise
    form.add_error(field, error.reason)


@contextmanager
def problems_in(form: Form, *, otherwise: str | None = None) -> Iterator[None]:
    """What the block's service refuses stands in `form`, and the block ends there: the page shows the form again."""
    try:
        yield
    except OutreachError as error:
        add_problem(form, error, otherwise=otherwise)


def action(
    role: str, *, back: str, keep: tuple[str, ...] = ("pk",)
) -> Callable[[Callable[..., str | HttpResponse]], Callable[..., HttpResponse]]:
    """Decorator for a button: POST, check the role, call the service, say what happened, go back.

    The view returns the sentence to show, or a response. A typed error becomes an error message; for HTMX
    it goes on to `outreach.core.surfaces.ErrorMiddleware`, which answers with a toast. `back` is the name of the page
    to return to, reversed with those of the view's arguments that `keep` names.
    """

    def decorate(view: Callable[..., str | HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def pressed(request: Request, **kwargs: Any) -> HttpResponse:
            try:
                answer = view(request, **kwargs)
            except OutreachError as error:
                if request.htmx:
                    raise
                messages.error(request, str(error.reason))
            else:
                if isinstance(answer, HttpResponse):
                    return answer
                messages.success(request, answer)
            page: HttpResponse = redirect(back, **{name: kwargs[name] for name in keep if name in kwargs})
            return page

        return require_POST(role_required(role)(pressed))

    return decorate
