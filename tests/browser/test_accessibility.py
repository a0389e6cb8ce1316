"""Every page of the product as axe-core sees it: the list is read off the URL conf."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.demo import services as demo
from outreach.core.models import Actor
from outreach.prompts.services import sync_packs
from outreach.webhooks import services as webhooks
from tests.browser import pages
from tests.browser.axe import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings: Any) -> None:
    settings.DEMO = True
    sync_packs()
    demo.load()
    webhooks.add(webhooks.SubscriptionData("webhook", url="https://hooks.example/outreach"), actor=Actor.system("demo"))


@pytest.mark.slow  # five minutes; in the suite axe looks at every page that a test takes a picture of
@pytest.mark.timeout(900)  # two runs of axe on each of a hundred pages
def test_no_page_keeps_anybody_out(world, live_server, signed_in_page, complaints):
    page = signed_in_page("administrator")
    found: dict[str, list[str]] = {}
    for path in [*pages.addresses().values(), *pages.more()]:
        answer = page.goto(live_server.url + path)
        assert answer is not None
        assert answer.status == 200, path
        if wrong := faults(page):
            found[path] = wrong
    assert not found, "\n".join(f"{path}\n  " + "\n  ".join(lines) for path, lines in found.items())
