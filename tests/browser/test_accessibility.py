"""Every page of the product, in both themes, as axe-core sees it (WCAG 2.0 to 2.2 A and AA, and best practice)."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from campaigns.demo import services as demo
from campaigns.drafts.models import Draft
from campaigns.models import Campaign
from conversations.models import Conversation, Message
from conversations.senders.models import Sender
from leads.imports.models import Batch
from leads.models import Company, Lead
from leads.qualification.models import Brief
from leads.segments.models import Segment
from outreach.prompts.services import sync_packs

pytestmark = pytest.mark.django_db(transaction=True)

FIXED = [
    "/", "/inbox/", "/inbox/?queue=all", "/campaigns/", "/campaigns/new/", "/campaigns/daily/new/", "/campaigns/tasks/",
    "/campaigns/tomorrow/", "/drafts/", "/drafts/?view=list", "/leads/", "/leads/new/", "/companies/", "/companies/new/",
    "/segments/", "/segments/new/", "/imports/", "/imports/new/", "/imports/exports/", "/imports/mappings/",
    "/duplicates/", "/reports/", "/settings/", "/senders/", "/senders/new/", "/outbox/", "/outbox/problems/",
    "/suppressions/", "/consents/", "/sources/", "/sources/new/", "/network/", "/briefs/", "/briefs/new/", "/drafts/rules/", "/jobs/",
    "/users/", "/profile/", "/search/?q=a", "/admin/",
]  # fmt: skip


def pages() -> list[str]:
    """Addresses with something on them, one of each kind."""
    sending = Campaign.objects.get(state="sending")
    finished = Campaign.objects.get(state="completed")
    tabs = ("", "candidates/", "timeline/", "drafts/", "preflight/", "edit/", "message/", "mail/")
    waiting = Conversation.objects.filter(waiting_since__isnull=False).first()
    gone = Conversation.objects.filter(state="opted_out").first()
    one_of = {
        "leads": Lead.objects.first(), "companies": Company.objects.first(), "segments": Segment.objects.first(),
        "briefs": Brief.objects.first(), "imports": Batch.objects.first(), "drafts": Draft.objects.first(),
        "senders": Sender.objects.filter(channel="email").first(), "outbox": Message.objects.outgoing().first(),
    }  # fmt: skip
    return [
        *FIXED,
        *(f"/campaigns/{sending.pk}/{tab}" for tab in tabs),
        f"/campaigns/{finished.pk}/",
        *(f"/inbox/{row.pk}/" for row in (waiting, gone) if row),
        *(f"/{room}/{row.pk}/" for room, row in one_of.items() if row),
    ]


@pytest.fixture
def world(settings: Any) -> None:
    settings.DEMO = True
    sync_packs()
    demo.load()


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:160]}" for rule in found for node in rule["nodes"][:3]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_keeps_anybody_out(world, signed_in_page, complaints, theme):
    page = signed_in_page("administrator")
    page.emulate_media(color_scheme=theme)
    found: dict[str, list[str]] = {}
    for path in pages():
        answer = page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        assert answer is not None
        assert answer.status == 200, path
        if wrong := faults(page):
            found[path] = wrong
    assert not found, "\n".join(f"{path}\n  " + "\n  ".join(lines) for path, lines in found.items())
