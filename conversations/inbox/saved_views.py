"""Pages of saved replies, and the list of them beside an answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.inbox import saved
from conversations.inbox.models import SavedReply
from conversations.inbox.pages import HttpRequest, find_conversation
from outreach.access.permissions import role_required
from outreach.access.roles import Role


@require_safe
@role_required(Role.VIEWER)
def saved_list(request: HttpRequest) -> HttpResponse:
    """The team's saved replies."""
    return render(request, "conversations/inbox/saved_list.html", {"rows": SavedReply.objects.all()})


@require_http_methods(["GET", "POST"])
@role_required(Role.REVIEWER)
def saved_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write one, or change it."""
    row = get_object_or_404(SavedReply, pk=pk) if pk else None
    form = saved.SavedReplyForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("inbox:saved-replies")
    context = {"form": form, "row": row, "variables": saved.VARIABLES.items()}
    return render(request, "conversations/inbox/saved_edit.html", context, status=400 if form.errors else 200)


@require_POST
@role_required(Role.REVIEWER)
def saved_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one away; what was sent stays as it is."""
    get_object_or_404(SavedReply, pk=pk).delete()
    messages.success(request, _("Deleted."))
    return redirect("inbox:saved-replies")


@require_safe
@role_required(Role.REVIEWER)
def saved_choice(request: HttpRequest, pk: int) -> HttpResponse:
    """The saved replies for one conversation, filled in; `?find=` narrows them."""
    rows = saved.filled(find_conversation(pk), request.user, search=request.GET.get("find", "").strip()[:100])
    return render(request, "conversations/inbox/_saved.html", {"rows": rows})
