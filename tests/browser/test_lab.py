"""The lab in a browser: two playbooks beside each other, and a transcript that opens."""

import pytest
from playwright.sync_api import expect

from conversations.lab import services
from conversations.playbooks.services import default_playbook, save_playbook

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_playbooks_are_compared(live_server, signed_in_page, screenshot):
    shipped = default_playbook()
    changes = {"booking_url": "https://cal.example/ann", "mode": "autonomous"}
    linked = save_playbook(
        name="With a link", definition=shipped.current.definition.model_copy(update=changes), created_by=None
    )
    settings = services.Settings(rounds=1)
    rival = services.hold(services.create_run(playbook=shipped, settings=settings, created_by=None))
    run = services.create_run(playbook=linked.playbook, settings=settings, created_by=None, against=rival)
    services.hold(run)
    page = signed_in_page("operator", path="/lab/")
    expect(page.get_by_role("row")).to_have_count(3)
    screenshot(page, "lab")
    page.get_by_role("link", name="With a link v1").click()
    page.locator("summary", has_text="Injects").first.click()
    expect(page.locator("details[open] .bubble.is-out").first).to_be_visible()
    screenshot(page, "lab-run")
    expect(page.get_by_role("rowheader", name="Answers by calendar")).to_be_visible()
