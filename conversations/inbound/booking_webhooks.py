"""The entry point of booking pages' webhooks: signature, store, answer. Nothing is interpreted here."""

from __future__ import annotations

import orjson
import structlog
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from conversations.booking.models import BookingPage
from conversations.booking.services import provider
from conversations.inbound import services
from conversations.inbound.booking_news import SOURCE
from outreach.core import clock

logger = structlog.get_logger(__name__)

MAXIMUM_BODY_BYTES = 256 * 1024


@csrf_exempt
@login_not_required
@require_POST
def booking(request: HttpRequest, page_id: int) -> HttpResponse:
    """`webhooks/booking/<page>`: an event of a genuine request that tells of a call is kept once; others are not kept.

    403 for a forged request and for a page that is not connected, 400 for what is no event, 413 for too much.
    """
    try:
        body = request.body
    except RequestDataTooBig:
        return HttpResponse(status=413)
    if len(body) > MAXIMUM_BODY_BYTES:
        return HttpResponse(status=413)
    page = BookingPage.objects.filter(pk=page_id).first()
    if page is None or not provider(page.provider).is_genuine(body=body, headers=request.headers, secret=page.secret):
        logger.warning("webhook.forged", path=request.path, remote_address=request.META.get("REMOTE_ADDR", ""))
        return HttpResponse("The signature is not valid.", status=403, content_type="text/plain")
    try:
        fields = orjson.loads(body)
        news, event_id = provider(page.provider).read(fields), provider(page.provider).event_id(fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponse("This is not an event.", status=400, content_type="text/plain")
    if news is not None:
        services.store(source=f"{SOURCE}.{page.provider}", external_id=f"{page.pk}:{event_id}"[:500], fields=fields)
    BookingPage.objects.filter(pk=page.pk).update(last_event_at=clock.now())
    return HttpResponse()
