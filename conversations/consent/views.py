"""Pages of consent."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from conversations.consent import links
from conversations.consent.models import Suppression
from conversations.consent.services import suppress
from conversations.models import Message
from outreach.core.models import Actor


@csrf_exempt  # a mail program posts here for its user (RFC 8058): it has no cookie, and the token signs the one thing done
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a page and does nothing (scanners open links); POST opts out. Always 200, the second time as well."""
    message_id = links.message_id(token)
    message = Message.objects.select_related("lead").filter(pk=message_id).first() if message_id else None
    is_done = request.method == "POST"
    if is_done and message is not None and (message.address or message.lead):
        suppress(
            reason=Suppression.Reason.OPT_OUT,
            actor=Actor("lead", "unsubscribe link"),
            evidence=f"Unsubscribe link of message {message.pk}",
            lead=message.lead,
            channel=message.channel,
            address=message.address,
            message=message,
        )
    return render(request, "consent/unsubscribe.html", {"is_done": is_done, "token": token, "message": message})
