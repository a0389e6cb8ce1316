"""Settings → Models in a browser: from nothing to a provider that writes, on the first visit."""

import pytest
from playwright.sync_api import expect

from tests.servers.fake_openai import FakeOpenAI

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_founder_connects_a_local_server_and_chooses_models(signed_in_page, screenshot):
    fake = FakeOpenAI().start()
    try:
        page = signed_in_page("administrator", path="/settings/models/")
        expect(page.get_by_text("No provider is connected")).to_be_visible()
        page.get_by_role("link", name="Another OpenAI-compatible server").click()
        page.get_by_label("Name").fill("ollama")
        page.get_by_label("Address").fill(fake.base_url)
        page.get_by_label("On this machine or in my own network").check()
        page.get_by_label("Model", exact=True).fill("fake-model")
        screenshot(page, "models-connect")
        page.get_by_role("button", name="Connect and test").click()
        expect(page.get_by_text("fake-model answered").first).to_be_visible()
        screenshot(page, "models-provider")
        fake.always = "401"
        page.get_by_role("button", name="Test with a real call").click()
        expect(page.get_by_text("Test failed")).to_be_visible()
        page.goto(page.url.split("/settings")[0] + "/settings/models/routes/draft/")
        page.get_by_label("First").fill("ollama/fake-model")
        screenshot(page, "models-route")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved: Write drafts.")).to_be_visible()
        screenshot(page, "models-index")
    finally:
        fake.stop()
