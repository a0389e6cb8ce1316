"""Twilio's webhooks: signature, store, answer. Nothing is understood here, so that the answer comes at once."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from conversations.inbound import services, signatures
from conversations.senders.models import Sender

logger = structlog.get_logger(__name__)

MAXIMUM_BODY_BYTES = 64 * 1024
"""A text of 1,600 characters with all its fields takes less than a tenth."""
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

Webhook = Callable[..., HttpResponse]


def _webhook(store: Callable[[Sender, HttpRequest], bool]) -> Webhook:
    """The shared entry point: a POST of bounded size, signed by the account of the sender in its URL."""

    @csrf_exempt
    @login_not_required
    @require_POST
    def view(request: HttpRequest, sender_id: int) -> HttpResponse:
        try:
            length = int(request.headers.get("Content-Length") or 0)
        except ValueError:
            return HttpResponse(status=400)
        if length > MAXIMUM_BODY_BYTES:
            return HttpResponse(status=413)
        sender = Sender.objects.filter(pk=sender_id, adapter="twilio").first()
        try:
            is_genuine = sender is not None and signatures.is_genuine(request, sender)
        except (RequestDataTooBig, SuspiciousOperation, TooManyFilesSent):
            return HttpResponse(status=400)
        if sender is None or not is_genuine:
            logger.warning("webhook.forged", path=request.path, remote_address=request.META.get("REMOTE_ADDR", ""))
            return HttpResponse("The signature is not valid.", status=403, content_type="text/plain")
        if not store(sender, request):
            return HttpResponse("MessageSid is missing.", status=400, content_type="text/plain")
        return HttpResponse(EMPTY_TWIML, content_type="text/xml")

    return view


def _store_message(sender: Sender, request: HttpRequest) -> bool:
    form = request.POST.dict()
    if not (sid := form.get("MessageSid")):
        return False
    services.store(source="twilio.message", external_id=str(sid), sender=sender, fields=form)
    return True


def _store_status(sender: Sender, request: HttpRequest) -> bool:
    form = request.POST.dict()
    sid, status = form.get("MessageSid"), form.get("MessageStatus")
    if not sid or not status:
        return False
    fields = {**form, "message_id": request.GET.get("message", "")}
    services.store(source="twilio.status", external_id=f"{sid}:{status}", sender=sender, fields=fields)
    return True


twilio_message = _webhook(_store_message)
twilio_status = _webhook(_store_status)
