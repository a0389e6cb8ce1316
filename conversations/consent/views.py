"""Pages of consent."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.consent import ledger, links
from conversations.consent.models import ConsentEntry, Suppression
from conversations.consent.selectors import search
from conversations.consent.services import import_list, lift, record_consent, unsubscribe_by_message
from conversations.models import Message
from leads.models import Channel
from outreach.access.pages import Request, action
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.addresses import EMAIL, SMS
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.core.paging import newest

MAX_LIST_BYTES = 5 * 1024 * 1024
BY_HAND = [
    (reason.value, reason.label)
    for reason in (Suppression.Reason.MANUAL, Suppression.Reason.OPT_OUT, Suppression.Reason.COMPLAINT)
]
"""What a person may give as the reason."""


@csrf_exempt  # a mail program posts here for its user (RFC 8058): it has no cookie, and the token signs the one thing done
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a page and does nothing (scanners open links); POST opts out. Always 200, the second time as well."""
    message_id = links.message_id(token)
    message = Message.objects.select_related("lead").filter(pk=message_id).first() if message_id else None
    is_done = request.method == "POST"
    if is_done and message is not None:
        unsubscribe_by_message(message=message, how="unsubscribe link")
    return render(
        request, "conversations/consent/unsubscribe.html", {"is_done": is_done, "token": token, "message": message}
    )


@require_safe
@role_required(Role.VIEWER)
def suppression_list(request: HttpRequest) -> HttpResponse:
    """`?q=` an address (found by its hash, even after erasure) or a domain; `?before=<id>`."""
    query = request.GET.get("q", "").strip()
    rows, following = newest(search(query).select_related("lead"), request.GET.get("before", ""))
    return render(
        request,
        "conversations/consent/list.html",
        {
            "rows": rows,
            "query": query,
            "next_before": following,
            "reasons": BY_HAND,
        },
    )


@require_POST
@role_required(Role.OPERATOR)
def suppression_add(request: HttpRequest) -> HttpResponse:
    """One address or domain, or a pasted or uploaded list of them, one a line."""
    text = request.POST.get("targets", "")
    upload = request.FILES.get("file")
    if upload is not None:
        text += "\n" + upload.read(MAX_LIST_BYTES).decode("utf-8-sig", errors="replace")
    reason = request.POST.get("reason", "")
    if reason not in dict(BY_HAND):
        reason = Suppression.Reason.MANUAL
    count, faults = import_list(
        lines=text.splitlines(),
        reason=reason,
        evidence=request.POST.get("evidence", "").strip(),
        actor=Actor.of(request.user),
    )
    if count:
        messages.success(request, _("%(count)s suppressed. Their planned messages were cancelled.") % {"count": count})
    for number, line, fault in faults[:10]:
        messages.error(
            request, _("Line %(number)s, “%(line)s”: %(fault)s") % {"number": number, "line": line, "fault": fault}
        )
    if len(faults) > 10:
        messages.error(request, _("… and %(count)s more lines.") % {"count": len(faults) - 10})
    if not count and not faults:
        messages.error(request, _("Enter at least one address or domain."))
    return redirect("consent:list")


@action(Role.OPERATOR, back="consent:list", keep=())
def suppression_lifting(request: Request, pk: int) -> str:
    """POST …/lifting with a reason."""
    row = get_object_or_404(Suppression, pk=pk)
    lift(suppression=row, actor=Actor.of(request.user), reason=request.POST.get("reason", ""))
    return _("Suppression lifted. Cancelled messages stay cancelled.")


@require_safe
@role_required(Role.VIEWER)
def ledger_list(request: HttpRequest) -> HttpResponse:
    """`?q=` an address of a lead; `?before=<id>`: lines of the consent ledger, newest first."""
    query = request.GET.get("q", "").strip()
    rows = ConsentEntry.objects.select_related("lead")
    if query:
        try:
            lead = ledger.lead_of(channel=EMAIL if "@" in query else SMS, address=query)
            rows = rows.filter(lead=lead)
        except OutreachError as error:
            messages.error(request, error.reason)
            rows = rows.none()
    shown, following = newest(rows, request.GET.get("before", ""))
    return render(
        request,
        "conversations/consent/ledger.html",
        {
            "rows": shown,
            "query": query,
            "now": clock.now(),
            "next_before": following,
            "bases": ConsentEntry.Basis.choices,
            "channels": Channel.choices,
            "columns": ", ".join(ledger.COLUMNS),
        },
    )


@action(Role.OPERATOR, back="consent:ledger")
def ledger_add(request: Request) -> str:
    """Add one ledger entry manually."""
    address, channel = request.POST.get("address", "").strip(), request.POST.get("channel", "")
    record_consent(
        lead=ledger.lead_of(channel=channel, address=address),
        channel=channel,
        basis=request.POST.get("basis", ""),
        source=request.POST.get("source", ""),
        evidence=request.POST.get("evidence", "").strip(),
        text_shown=request.POST.get("text_shown", "").strip(),
        expires_at=ledger.read_moment(request.POST.get("expires_at", "").strip()),
        actor=Actor.of(request.user),
    )
    return _("Recorded. Retry the messages that were held for it in the poison queue.")


@require_POST
@role_required(Role.OPERATOR)
def ledger_import(request: HttpRequest) -> HttpResponse:
    """Entries from a CSV file; invalid rows are reported."""
    upload = request.FILES.get("file")
    text = upload.read(MAX_LIST_BYTES).decode("utf-8-sig", errors="replace") if upload else ""
    try:
        done = ledger.import_consents(
            text=text, actor=Actor.of(request.user), source=request.POST.get("source", "").strip()
        )
    except OutreachError as error:
        messages.error(request, error.reason)
        return redirect("consent:ledger")
    if done.count:
        messages.success(request, _("%(count)s lines recorded.") % {"count": done.count})
    for fault in done.faults[:10]:
        messages.error(
            request,
            _("Line %(number)s, “%(line)s”: %(fault)s")
            % {"number": fault.line, "line": fault.text, "fault": fault.reason},
        )
    if len(done.faults) > 10:
        messages.error(request, _("… and %(count)s more lines.") % {"count": len(done.faults) - 10})
    return redirect("consent:ledger")
