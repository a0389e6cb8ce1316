"""The entry point of mail providers' webhooks: signature, store, answer. Nothing is interpreted here."""

from __future__ import annotations

import structlog
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from conversations.channels import registry
from conversations.channels.providers.news import SOURCE
from conversations.inbound import services
from conversations.senders.models import Sender
from conversations.senders.services import account
from outreach.core.errors import OutreachError

logger = structlog.get_logger(__name__)

MAXIMUM_BODY_BYTES = 4 * 1024 * 1024
"""SendGrid sends batches of up to a thousand events."""
MAXIMUM_EVENTS = 5_000


@csrf_exempt
@login_not_required
@require_http_methods(["POST", "HEAD"])
def provider(request: HttpRequest, adapter: str, sender_id: int) -> HttpResponse:
    """`webhooks/provider/<adapter>/<sender>`: every event of a genuine request is kept once.

    403 for a forged request and for a sender that is not there, 400 for a format that is not the provider's, 413 for too
    much. HEAD answers a provider that looks whether somebody is at home.
    """
    if request.method == "HEAD":
        return HttpResponse()
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return HttpResponse(status=400)
    if length > MAXIMUM_BODY_BYTES:
        return HttpResponse(status=413)
    sender = Sender.objects.filter(pk=sender_id, adapter=adapter).first()
    try:
        body = request.body
        webhook = registry.webhook(adapter)
        is_genuine = sender is not None and webhook.is_genuine(
            body=body, headers=request.headers, account=account(sender)
        )
    except RequestDataTooBig:
        return HttpResponse(status=413)
    except OutreachError:  # no such adapter, or credentials of another SECRET_KEY
        is_genuine = False
    if sender is None or not is_genuine:
        logger.warning("webhook.forged", path=request.path, remote_address=request.META.get("REMOTE_ADDR", ""))
        return HttpResponse("The signature is not valid.", status=403, content_type="text/plain")
    try:
        events = webhook.split(body=body, headers=request.headers)
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponse("This is not an event.", status=400, content_type="text/plain")
    with transaction.atomic():
        for event in events[:MAXIMUM_EVENTS]:
            services.store(
                source=f"{SOURCE}.{adapter}",
                external_id=f"{sender.pk}:{event.external_id}"[:500],
                sender=sender,
                fields=event.fields,
            )
    return HttpResponse()
