"""What a reviewer sees after each step: the stack at its next item, or the message as it is now.

A request from the stack carries the stack's own query string, so that filters and place outlive every decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from campaigns.drafts.models import DRAFT, Draft
from campaigns.drafts.services import ChangedMeanwhile, latest_job
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign
from campaigns.review import many, selectors, stacking, undoing
from campaigns.review.forms import FilterForm
from campaigns.review.selectors import Filters
from campaigns.review.wording import card_words, fact_name
from outreach.access.pages import viewer
from outreach.access.roles import Role
from outreach.core.errors import OutreachError
from outreach.core.words import gettext as _

STACK = "stack"
_PLACING = ("place", "one", "at", "view", "page_size", "after")


@dataclass(frozen=True)
class Spot:
    """Where a reviewer is: in which stack, by what it is filtered, at which place."""

    campaign: Campaign | None
    form: FilterForm
    filters: Filters
    place: int
    query: str
    """The filters as a query string, without the place."""

    @property
    def bare(self) -> str:
        """The page without filters."""
        return reverse("drafts:review", args=[self.campaign.pk]) if self.campaign else reverse("drafts:queue")

    @property
    def list(self) -> str:
        """The same drafts as a list."""
        return self.address(view="list")

    def address(self, **more: Any) -> str:
        """The page of this stack."""
        page = self.bare
        query = QueryDict(self.query, mutable=True)
        if self.campaign:
            query.pop("campaign", None)
        for name, value in more.items():
            query[name] = str(value)
        return f"{page}?{query.urlencode()}"


def number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else otherwise


def spot(request: HttpRequest, query: QueryDict, campaign: Campaign | None = None) -> Spot:
    """Read from a query string; an archived campaign is still the one that the reviewer is in."""
    kept = query.copy()
    place = max(1, number(kept.get("place"), 1))
    for name in _PLACING:
        kept.pop(name, None)
    if campaign is None and (pk := number(kept.get("campaign"), 0)):
        campaign = Campaign.objects.filter(pk=pk).first()
    if campaign is not None:
        kept.pop("campaign", None)
    form = FilterForm(kept, campaign=campaign, user=viewer(request))
    filters = form.filters(campaign)
    if campaign is not None:
        kept["campaign"] = str(campaign.pk)
    return Spot(campaign, form, filters, place, kept.urlencode())


def tabs_of(counts: dict[str, int]) -> list[tuple[str, object, int]]:
    """(state, label, number of messages) for the tabs, in the order of work."""
    states = (DRAFT.PENDING_REVIEW, DRAFT.APPROVED, DRAFT.REJECTED, DRAFT.HANDED_OVER)
    named = [(name, DRAFT.states[name].label, counts.get(name, 0)) for name in states]
    return [*named, ("all", _("All"), sum(counts.values()))]


def page_context(request: HttpRequest, here: Spot) -> dict[str, Any]:
    """What both views of a page share: tabs with their counts, and whether sending may start."""
    campaign = here.campaign
    counts = selectors.state_counts(campaign.pk if campaign else None)
    return {
        "campaign": campaign,
        "spot": here,
        "form": here.form,
        "is_filtered": here.form.is_narrowed,
        "shown_state": here.filters.state or "all",
        "tabs": tabs_of(counts),
        "can_start": campaign is not None and campaign.state in CAMPAIGN.editable and counts.get(DRAFT.APPROVED, 0),
        "unread": sum(counts.get(state, 0) for state in DRAFT.undecided),
        "written": sum(counts.values()),
        "is_over": campaign is not None and campaign.is_over,
        "can_review": viewer(request).has_role(Role.REVIEWER),
        "words": card_words(),
        "undoable": undoing.last_decision(user=viewer(request), campaign=campaign) is not None,
    }


def stack_context(
    request: HttpRequest, here: Spot, *, message: tuple[int, int] | None = None, one: int = 0
) -> dict[str, Any]:
    """The item at the reviewer's place, or the one of `message`; `one` is a draft of a group, shown by itself."""
    item = stacking.item_at(here.filters, place=here.place, message=message)
    if item is None:
        return {"item": None, **_ending(here)}
    if one and Draft.objects.to_review().filter(pk=one).exists():
        group = selectors.waiting_group(one, variant=here.filters.variant)
        return {"item": item, "group": group, "is_member": item.is_group, **_about(item, here)}
    group = selectors.waiting_group(item.first, variant=here.filters.variant)
    if not item.is_group:
        return {"item": item, "group": group, **_about(item, here)}
    alike = stacking.Alike(here.filters, item.step_id, item.shape, item.last)
    table = stacking.table(alike)
    return {
        "item": item,
        "group": group,
        "table": table,
        "slots": [fact_name(name) for name in table.slots],
        "differing": [fact_name(name) for name in table.differing()],
        **_about(item, here),
    }


def _about(item: stacking.Item, here: Spot) -> dict[str, Any]:
    return {
        "stack": f"{here.query}&place={item.place}",
        "before": here.address(place=item.place - 1) if item.place > 1 else "",
        "behind": here.address(place=item.place + 1) if item.place < item.total else "",
        "reviewers": many.reviewers(),
    }


def _ending(here: Spot) -> dict[str, Any]:
    """Why there is nothing to review, and what is next."""
    campaign = here.campaign
    if campaign is None:
        return {"stack": here.query}
    job = latest_job(campaign)
    return {
        "stack": here.query,
        "is_writing": job is not None and not job.is_over,
        "can_write": campaign.state not in CAMPAIGN.over
        and campaign.candidates.filter(stage__in=CANDIDATE.writable).exists(),
    }


def of_stack(
    request: HttpRequest,
    here: Spot,
    said: str = "",
    *,
    level: str = "green",
    message: tuple[int, int] | None = None,
    one: int = 0,
) -> HttpResponse:
    """The stack as a fragment, with the tabs beside it; a redirect to its page without HTMX."""
    if not getattr(request, "htmx", False):
        if said:
            messages.add_message(request, messages.SUCCESS if level == "green" else messages.WARNING, said)
        return redirect(here.address(place=here.place))
    context = page_context(request, here) | stack_context(request, here, message=message, one=one)
    context |= {"said": said, "level": level, "is_fragment": True}
    response = render(request, "campaigns/review/_stack.html", context)
    if said:
        response["HX-Trigger"] = json.dumps({"announce": {"text": said}})
    return response


def in_stack(request: HttpRequest) -> Spot | None:
    """The stack that the request came from."""
    data = request.POST if request.method == "POST" else request.GET
    return spot(request, QueryDict(data[STACK])) if STACK in data else None


def act(request: HttpRequest, pk: int, do: Callable[[Draft, int], Draft], text: str) -> HttpResponse:
    """Do something to one draft in the version that was seen, and answer with what is next."""
    draft = get_object_or_404(Draft.objects.select_related("candidate__lead"), pk=pk)
    try:
        do(draft, number(request.POST.get("version"), 0))
    except ChangedMeanwhile as conflict:
        return answer(request, draft, conflict.reason, level="amber")
    except OutreachError as error:
        if (here := in_stack(request)) is None:
            raise
        return of_stack(request, here, error.reason, level="red", message=_message_of(draft))
    return answer(request, draft, text)


def answer(request: HttpRequest, draft: Draft, text: str = "", *, level: str = "green") -> HttpResponse:
    """The stack, or the current message: a fragment for HTMX, otherwise the draft's page."""
    if (here := in_stack(request)) is not None:
        said = f"{draft.candidate.lead}: {text}" if text and level == "green" else text
        return of_stack(request, here, said, level=level, message=_message_of(draft))
    if not getattr(request, "htmx", False):
        if text:
            messages.info(request, text)
        return redirect("drafts:detail", pk=draft.pk)
    context = {"group": selectors.group_of(draft), "can_review": True, "words": card_words()}
    response = render(request, "campaigns/review/_group.html", context)
    if text:
        response["HX-Trigger"] = json.dumps({"toast": {"text": text, "level": level}})
    return response


def back(request: HttpRequest) -> str:
    """The page that a form came from; never another site."""
    page = request.POST.get("next", "")
    return page if page.startswith("/") and not page.startswith("//") else reverse("drafts:queue")


def _message_of(draft: Draft) -> tuple[int, int]:
    return draft.candidate_id, draft.step_id
