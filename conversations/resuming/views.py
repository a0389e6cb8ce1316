"""The page that lets sending go on after a restore."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from conversations.resuming import services
from conversations.resuming.forms import ResumeForm
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.models import Actor


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMINISTRATOR)
def resume(request: HttpRequest) -> HttpResponse:
    """What is held and why; POST: take in opt-outs, hold what was due, send again."""
    restore = services.open_restore()
    if restore is None:
        messages.info(request, _("Sending isn't held: every restore is confirmed."))
        return redirect("home")
    form = ResumeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = services.resume(
                restore=restore,
                opted_out=form.cleaned_data["opted_out"],
                releases_due=form.cleaned_data["releases_due"],
                actor=Actor.of(request.user),
            )
        except Invalid as error:
            form.add_error("opted_out", error.reason)
        else:
            messages.success(
                request,
                _("Sending is on again. Opt-outs added: %(added)s. Messages held for review: %(held)s.")
                % {"added": done.opted_out_count, "held": done.held_count},
            )
            return redirect("messages:list" if done.held_count else "home")
    context = {
        "title": _("Resume sending after a restore"),
        "form": form,
        "restore": restore,
        "due_count": services.due_count(),
        "back_url": resolve_url("home"),
    }
    return render(request, "conversations/resuming/page.html", context, status=400 if form.errors else 200)
