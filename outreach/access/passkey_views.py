"""Passkeys on the sign-in page and the profile. The browser's script (`passkeys.js`) speaks JSON with these."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from outreach.access import passkeys, sessions
from outreach.access.attempts import network_address
from outreach.access.forms import BrowserZoneField
from outreach.access.models import Passkey
from outreach.access.pages import Request, action, own_page, viewer
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor

STATE = "passkey"
LIFETIME_SECONDS = 300


def site_of(request: HttpRequest) -> passkeys.Site:
    """This installation under the host that the browser asked for, one of ALLOWED_HOSTS."""
    host = request.get_host()
    return passkeys.Site(host=host.rpartition(":")[0] or host, origin=f"{request.scheme}://{host}")


def in_json(view: Callable[..., dict[str, Any]]) -> Callable[..., HttpResponse]:
    """POST that answers with JSON; a typed error is `{"problem": sentence}`."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            return JsonResponse(view(request))
        except OutreachError as error:
            return JsonResponse({"problem": str(error.reason)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    return never_cache(require_POST(answered))


@login_not_required
@in_json
def sign_in_options(request: HttpRequest) -> dict[str, Any]:
    """POST /login/passkey/options/"""
    options, state = passkeys.begin_signing_in(site=site_of(request))
    _remember(request, state)
    return options


@login_not_required
@in_json
def sign_in(request: HttpRequest) -> dict[str, Any]:
    """POST /login/passkey/ {credential, next, time_zone}: signs in; `next` is the page to open."""
    given = _given(request)
    user = passkeys.finish_signing_in(
        site=site_of(request),
        state=_remembered(request),
        response=given.get("credential"),
        network_address=network_address(request),
    )
    sessions.begin(request, user, time_zone=BrowserZoneField().clean(given.get("time_zone")))
    return {"next": own_page(request, str(given.get("next") or ""))}


@in_json
def add_options(request: HttpRequest) -> dict[str, Any]:
    """POST /profile/passkeys/options/"""
    options, state = passkeys.begin_adding(user=viewer(request), site=site_of(request))
    _remember(request, state)
    return options


@in_json
def add(request: HttpRequest) -> dict[str, Any]:
    """POST /profile/passkeys/ {credential, name}; without a name the device's."""
    given = _given(request)
    passkeys.finish_adding(
        user=viewer(request),
        site=site_of(request),
        state=_remembered(request),
        response=given.get("credential"),
        name=str(given.get("name") or "") or sessions.device_name(request.headers.get("User-Agent", "")),
    )
    messages.success(request, _("Passkey added. You can sign in with it from now on."))
    return {"next": reverse("access:profile")}


@action(Role.VIEWER, back="access:profile", keep=())
def rename(request: Request, pk: int) -> str:
    """POST /profile/passkeys/<pk>/name/"""
    passkeys.rename(passkey=_own(request, pk), name=request.POST.get("name", ""))
    return _("Saved.")


@action(Role.VIEWER, back="access:profile", keep=())
def remove(request: Request, pk: int) -> str:
    """POST /profile/passkeys/<pk>/removal/"""
    passkeys.remove(passkey=_own(request, pk), actor=Actor.of(request.user))
    return _("Passkey removed. Delete it on your device, too.")


def _own(request: HttpRequest, pk: int) -> Passkey:
    return get_object_or_404(viewer(request).passkeys, pk=pk)


def _given(request: HttpRequest) -> dict[str, Any]:
    try:
        given = json.loads(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Invalid("", _("This passkey could not be verified. Try again."), code="passkey_unverified")
    return given


def _remember(request: HttpRequest, state: passkeys.State) -> None:
    request.session[STATE] = {"state": state, "until": clock.now().timestamp() + LIFETIME_SECONDS}


def _remembered(request: HttpRequest) -> passkeys.State:
    """The challenge of this session, once and for five minutes."""
    kept = request.session.pop(STATE, None)
    if kept is None or kept["until"] < clock.now().timestamp():
        raise Refused(_("That took too long. Try again."), code="passkey_stale")
    state: passkeys.State = kept["state"]
    return state
