"""The editor of packs in a browser: type, see what is wrong and what differs, try it, test it, save."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from outreach.jobs.draining import drain
from outreach.prompts import services
from tests.campaigns.factories import make_campaign, make_candidate

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_pack_is_edited_tried_tested_and_saved(live_server, signed_in_page, screenshot):
    services.sync_packs()
    make_candidate(make_campaign(name="Autumn push"), first_name="Joe", company_name="Fabrikam")
    page = signed_in_page("operator")
    page.goto(live_server.url + reverse("prompts:list"))
    screenshot(page, "prompts")
    page.get_by_role("link", name="first-contact-email").click()
    page.wait_for_load_state()
    source = page.locator("#id_source")
    text = source.input_value()
    source.fill(text.replace("{{ offer | sentence }}", "{{ ofer | sentence }}", 1))
    expect(page.locator("#pack-check")).to_contain_text("“ofer” is not declared")
    page.locator("[data-line]").first.click()
    source.fill(text.replace("A question for {{ company_name }}", "One question for {{ company_name }}", 1))
    expect(page.locator("#pack-check ins").first).to_have_text("One")
    page.get_by_label("Try it on").select_option("real")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#pack-answers")).to_contain_text("One question for Fabrikam")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#pack-tests")).to_contain_text("1 failed")
    screenshot(page, "prompts-pack")
    source.fill(text.replace("Matter-of-fact, one", "Plain, one", 1))
    page.get_by_label("What changed").fill("Plainer")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.locator(".pack-versions")).to_contain_text("Plainer")


def test_a_benchmark_is_started_and_read(live_server, signed_in_page, screenshot):
    services.sync_packs()
    page = signed_in_page("operator")
    page.goto(live_server.url + reverse("prompts:benchmarks"))
    page.get_by_label("classify-reply").check()
    page.get_by_label("first-contact-email").check()
    screenshot(page, "prompts-benchmarks")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#benchmark")).to_contain_text("0 of")
    drain("llm")
    expect(page.locator("#benchmark")).to_contain_text("8/8", timeout=15_000)
    screenshot(page, "prompts-benchmark")
    page.goto(live_server.url + reverse("drafts:rules"))
    expect(page.locator("#main")).to_contain_text("advises only")
    screenshot(page, "rules-judge")
