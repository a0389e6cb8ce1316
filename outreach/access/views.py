"""Pages for signing in, one's own profile, and users."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from outreach.access import services


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Theme and language from the account menu; back to where the person was."""
    assert request.user.is_authenticated
    services.set_preferences(user=request.user, theme=request.POST.get("theme"), language=request.POST.get("language"))
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(back if is_ours else reverse("home"))
