"""Every page of the product with an address in the demo world, read off the URL conf: a new one is walked or says why not."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from campaigns.arms.models import Experiment
from campaigns.drafts.models import Draft
from campaigns.models import Campaign
from conversations.models import Conversation, Message
from conversations.playbooks.models import Playbook
from conversations.senders.models import Sender
from leads.duplicates.models import Duplicate
from leads.imports.models import Batch
from leads.models import Company, Lead
from leads.qualification.models import Brief
from leads.segments.models import Segment
from leads.sources.network.models import NetworkAccount
from outreach.llm.models import Trace
from outreach.webhooks.models import Subscription

OTHER_SURFACES = ("admin", "api")
"""Namespaces with tests of their own (`test_admin`, the API's schema)."""

FRAGMENT, FILE, MACHINE, LEADS_ON = "a part of another page", "a file", "for machines", "leads on to another page"
NOT_PAGES = {
    "admin-login": LEADS_ON,
    "access:second_factor_change": LEADS_ON,
    "access:external_start": LEADS_ON,
    "access:external_back": LEADS_ON,
    "briefs:learner": FRAGMENT,
    "briefs:verdicts": FRAGMENT,
    "campaigns:audience_count": FRAGMENT,
    "campaigns:audience_summary": FRAGMENT,
    "campaigns:progress": FRAGMENT,
    "campaigns:situations": FRAGMENT,
    "campaigns:training-set": FILE,
    "companies:export": FILE,
    "drafts:group": LEADS_ON,
    "drafts:group_rows": FRAGMENT,
    "drafts:more": FRAGMENT,
    "files:content": FILE,
    "files:media": FILE,
    "health-deep": MACHINE,
    "health-live": MACHINE,
    "health-ready": MACHINE,
    "imports:export-file": FILE,
    "imports:export-of": LEADS_ON,
    "inbox:filter-choices": FRAGMENT,
    "inbox:saved-choice": FRAGMENT,
    "inbox:timeline": FRAGMENT,
    "insights:company": FRAGMENT,
    "insights:lead": FRAGMENT,
    "jobs:job": FRAGMENT,
    "leads:export": FILE,
    "live": MACHINE,
    "login": LEADS_ON,
    "logout": LEADS_ON,
    "metrics": MACHINE,
    "playbooks:file": FILE,
    "prompts:file": FILE,
    "segments:count": FRAGMENT,
    "resuming:resume": LEADS_ON,
    "senders:connected": LEADS_ON,
    "senders:connection": LEADS_ON,
    "tracking:link": LEADS_ON,
    "writing:first": LEADS_ON,
}
"""What answers GET and is no page that somebody signed in looks at."""

ELSEWHERE = {
    "access:second_step": "test_access signs in with a code",
    "access:invitation": "test_access follows an invitation",
    "access:new_password": "test_access follows a reset",
    "access:setup": "test_access sets up the first user",
    "imports:mapping": "test_imports maps a file",
    "inbox:saved-reply": "the same form as inbox:saved-reply-new",
    "lab:detail": "test_lab looks at a run",
    "learning:agent": "test_learning looks at an agent",
    "learning:detail": "test_learning looks at a measurement",
    "leads:bulk-job": "test_people follows a job",
    "messages:problem": "test_outbox looks at a problem",
    "models:edit": "test_models edits a provider",
    "models:provider": "test_models looks at a provider",
    "prompts:benchmark": "test_prompts looks at a benchmark",
    "segments:difference": "test_segments compares two versions",
    "sources:detail": "test_sources looks at a crawl",
    "sources:record": "test_sources looks at a record",
    "notifications:off": "test_views of notifications opens one",
    "sharing:detail": "nothing is saved",
    "shared_report": "nothing is shared",
    "webhooks:delivery": "shows what webhooks:detail lists, for one delivery",
}
"""Pages about something that the demo world has none of. The fixture `screenshot` of those tests asks axe about them."""


def getting() -> Iterator[tuple[str, str]]:
    """(name, pattern) of every address that answers GET; other surfaces and files, by their ending, are left out."""
    for name, pattern, view in _walk(get_resolver()):
        if name.partition(":")[0] not in OTHER_SURFACES and not pattern.startswith("api/") and "GET" in _methods(view):
            if "." in pattern.rpartition("/")[2]:
                continue  # a file
            yield name or "admin-login", pattern


def _walk(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"{space}:{entry.name}" if space else entry.name or "", pattern, entry.callback
        else:
            yield from _walk(entry, pattern, entry.namespace or space)


def _methods(view: Callable[..., Any] | None) -> set[str]:
    """What the view's own decorators let in; one without such a decorator takes GET."""
    while view is not None:
        if inspect.isfunction(view) and (found := inspect.getclosurevars(view).nonlocals.get("request_method_list")):
            return set(found)
        view = getattr(view, "__wrapped__", None)
    return {"GET"}


QUERIES = {
    "experiments:people": "?number=sent",
    "patterns:examples": "?family=weekday&value=1",
    "reports:people": "?number=replied",
    "search": "?q=a",
}
SLUGS = {
    "dashboard:behind": "qualified",
    "models:connect": "openai",
    "models:route": "draft",
    "prompts:detail": "first-contact-email",
    "senders:new": "smtp",
    "webhooks:add": "webhook",
}
"""What a page is about where that has a name."""
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def addresses() -> dict[str, str]:
    """The page of every name that is walked, about something of the demo world.

    Raises `LookupError` for a name that is neither excluded above nor has something to show.
    """
    sending = Campaign.objects.get(state="sending")
    talking = Conversation.objects.filter(waiting_since__isnull=False).first()
    subjects: dict[str, Any] = {
        "briefs": Brief.objects.first(), "campaigns": sending, "companies": Company.objects.first(),
        "drafts": Draft.objects.to_review().first(), "duplicates": Duplicate.objects.first(),
        "experiments": Experiment.objects.first(), "imports": Batch.objects.first(), "inbox": talking, "leads": Lead.objects.first(),
        "messages": Message.objects.outgoing().first(), "network": NetworkAccount.objects.first(),
        "playbooks": Playbook.objects.first(), "segments": Segment.objects.first(),
        "senders": Sender.objects.filter(channel="email").first(), "steps": sending, "traces": Trace.objects.first(), "writing": sending,
        "webhooks": Subscription.objects.first(),
    }  # fmt: skip
    shared = {"campaign_id": sending.pk, "candidate_id": sending.candidates.first().pk, "number": 1, "token": "none"}  # type: ignore[union-attr]
    found = {}
    for name, pattern in getting():
        if name in NOT_PAGES or name in ELSEWHERE:
            continue
        subject, slug = subjects.get(name.partition(":")[0]), SLUGS.get(name)
        known = shared | {"pk": subject and subject.pk, "name": slug, "kind": slug, "connector": slug}
        given = {each: known.get(each) for each in PARAMETER.findall(pattern)}
        if None in given.values():
            raise LookupError(
                f"{name} ({pattern}): say in tests/browser/pages.py what it is about, or why it is no page"
            )
        found[name] = reverse(name, kwargs=given) + QUERIES.get(name, "")
    return found


def more() -> list[str]:
    """Other faces of these pages."""
    finished = Campaign.objects.get(state="completed")
    gone = Conversation.objects.filter(state="opted_out").first()
    return [
        "/inbox/?queue=all",
        "/drafts/?view=list",
        "/admin/",
        reverse("campaigns:detail", args=[finished.pk]),
        *([reverse("inbox:conversation", args=[gone.pk])] if gone else []),
    ]
