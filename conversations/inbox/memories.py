"""What is remembered beside a conversation: shown, added, corrected, pinned, done, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from conversations.inbox.pages import HttpRequest, answer_changes, find_conversation
from conversations.memory import services as memory
from conversations.memory.models import Memory
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _


def _edit(row: Memory, request: HttpRequest) -> str:
    memory.edit(memory=row, text=request.POST.get("text", ""), user=request.user, was=request.POST.get("was"))
    return _("Saved.")


def _pin(row: Memory, request: HttpRequest) -> str:
    memory.pin(memory=row, user=request.user)
    return _("Pinned: it stays at the top and isn't forgotten.")


def _unpin(row: Memory, request: HttpRequest) -> str:
    memory.pin(memory=row, user=request.user, is_pinned=False)
    return _("Unpinned.")


def _settle(row: Memory, request: HttpRequest) -> str:
    memory.settle(memory=row, user=request.user)
    return _("Marked as done.")


def _forget(row: Memory, request: HttpRequest) -> str:
    memory.forget(memory=row, user=request.user)
    return _("Forgotten. It won't be learned again.")


_VERBS: dict[str, Callable[[Memory, HttpRequest], str]] = {
    "edit": _edit, "pin": _pin, "unpin": _unpin, "settle": _settle, "forget": _forget,
}  # fmt: skip


@require_POST
@role_required(Role.REVIEWER)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague adds what they know."""
    given: dict[str, Any] = {name: request.POST.get(name, "") for name in ("topic", "text")}
    memory.add(conversation=find_conversation(pk), user=request.user, **given)
    return answer_changes(request, pk, _("Remembered."))


@require_POST
@role_required(Role.REVIEWER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One button on one fact: `do` is edit, pin, unpin, settle or forget."""
    row = get_object_or_404(Memory.objects.live(), pk=pk)
    verb = _VERBS.get(request.POST.get("do", ""))
    if verb is None:
        raise Invalid("do", _("Unknown action."), code="wrong_choice")
    return answer_changes(request, row.conversation_id, verb(row, request))
