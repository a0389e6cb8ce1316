"""To an OpenID Connect issuer and back: to sign in, or, for someone signed in, to connect it with their user."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from outreach.access import external
from outreach.access.forms import BrowserZoneField
from outreach.access.models import User
from outreach.access.pages import own_page
from outreach.access.sign_in_views import enter
from outreach.core.errors import Refused

PURPOSE = "external_login"


@login_not_required
@never_cache
@require_GET
def start(request: HttpRequest, name: str) -> HttpResponse:
    """GET /login/with/<name>/: to the issuer. Whoever is signed in connects it, others sign in."""
    _known(name)
    connects = request.user.pk if request.user.is_authenticated else None
    request.session[PURPOSE] = {
        "issuer": name,
        "connects": connects,
        "page": own_page(request, request.GET.get("next", "")),
        "time_zone": BrowserZoneField().clean(request.GET.get("time_zone", "")),
    }
    try:
        return external.ask(request, name=name, back=_back_address(request, name))
    except Refused as error:
        return _failed(request, error)


@login_not_required
@never_cache
@require_GET
def back(request: HttpRequest, name: str) -> HttpResponse:
    """GET /login/with/<name>/back/: where the issuer sends the browser."""
    _known(name)
    purpose = request.session.pop(PURPOSE, {})
    viewer = request.user if isinstance(request.user, User) else None
    try:
        person = external.answer(request, name=name)
        if purpose.get("issuer") != name or purpose.get("connects") != (viewer.pk if viewer else None):
            raise Refused(_("Your session has changed in the meantime. Start again from this page."), code="stale")
        if viewer is not None:
            external.connect(user=viewer, name=name, person=person)
            messages.success(request, _("You can sign in with %(issuer)s now.") % {"issuer": external.label_of(name)})
            return redirect("access:profile")
        user = external.user_for(name=name, person=person, language=get_language() or "")
    except Refused as error:
        return _failed(request, error)
    return enter(request, user, page=purpose["page"], time_zone=purpose["time_zone"])


def _known(name: str) -> None:
    if name not in external.issuers():
        raise Http404


def _back_address(request: HttpRequest, name: str) -> str:
    return request.build_absolute_uri(reverse("access:external_back", args=[name]))


def _failed(request: HttpRequest, error: Refused) -> HttpResponse:
    messages.error(request, error.reason)
    return redirect("access:profile" if request.user.is_authenticated else "login")
