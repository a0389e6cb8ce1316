"""Playbooks are listed, written, compared, imported and chosen on their pages; the API does the same."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conversations.booking.services import connect
from conversations.playbooks import services
from conversations.playbooks.models import Playbook
from outreach.access.models import User
from outreach.core.models import Actor

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Calls", "mode": "review", "tone": "plain", "booking_url": "https://cal.com/ann", "after_days": "4",
    "at_most": "1", "languages": ["en"], "goal_en": "Book a call",
    "facts_en": "crm, integrations: It works with HubSpot.\nBuilt in Hamburg.",
    "objections_en": "too expensive: Most teams start with two seats.", "prices_en": "Team plan: €400 a month",
}  # fmt: skip


@pytest.fixture
def page(client):
    client.force_login(User.objects.create_user("olga", role="operator"))
    return client


def made(page) -> Playbook:
    page.post("/playbooks/new/", FORM)
    return Playbook.objects.get(name="Calls")


def test_a_playbook_is_written_one_entry_a_line(page):
    words = made(page).current.definition.words["en"]
    assert [(fact.about, fact.text) for fact in words.facts] == [
        ("crm, integrations", "It works with HubSpot."),
        ("", "Built in Hamburg."),
    ]
    assert words.objections[0].said == "too expensive" and words.prices[0].price == "€400 a month"


def test_the_form_gives_back_what_was_saved(page):
    playbook = made(page)
    before = playbook.current
    form = page.get(f"/playbooks/{playbook.pk}/edit/").context["form"]
    page.post(f"/playbooks/{playbook.pk}/edit/", {**form.initial, "based_on": before.number})
    assert playbook.current == before


def test_a_line_without_its_two_parts_is_shown_with_its_number(page):
    answer = page.post("/playbooks/new/", {**FORM, "prices_en": "Team plan: €400\nsomething"})
    assert answer.status_code == 422 and "Line 2 needs a colon" in answer.content.decode()


def test_an_entry_that_is_too_long_is_shown_at_its_field(page):
    answer = page.post("/playbooks/new/", {**FORM, "facts_en": "x" * 700})
    assert answer.context["form"].errors.keys() == {"facts_en"}


def test_the_page_shows_versions_with_what_they_changed_and_what_is_left_to_a_person(page):
    playbook = made(page)
    page.post(f"/playbooks/{playbook.pk}/edit/", {**FORM, "prices_en": "Team plan: €500 a month", "based_on": 1})
    shown = page.get(f"/playbooks/{playbook.pk}/").content.decode()
    assert "− English · Price: Team plan: €400 a month" in shown
    assert "+ English · Price: Team plan: €500 a month" in shown
    assert "Insults and threats" in shown
    assert "You are looking at version 1" in page.get(f"/playbooks/{playbook.pk}/?version=1").content.decode()


def test_two_writers_see_both_texts(page):
    playbook = made(page)
    page.post(f"/playbooks/{playbook.pk}/edit/", {**FORM, "goal_en": "Theirs", "based_on": 1})
    answer = page.post(f"/playbooks/{playbook.pk}/edit/", {**FORM, "goal_en": "Mine", "based_on": 1})
    text = answer.content.decode()
    assert answer.status_code == 409 and "Theirs" in text and "Mine" in text
    assert playbook.current.number == 2
    page.post(f"/playbooks/{playbook.pk}/edit/", {**FORM, "goal_en": "Mine", "based_on": 2})
    assert playbook.current.definition.words["en"].goal == "Mine"


def test_a_file_goes_out_and_comes_in_as_the_next_version(page):
    playbook = made(page)
    answer = page.get(f"/playbooks/{playbook.pk}/file/")
    assert 'filename="calls-v1.yaml"' in answer["Content-Disposition"]
    changed = answer.content.decode().replace("tone: plain", "tone: formal")
    page.post("/playbooks/import/", {"file": SimpleUploadedFile("p.yaml", changed.encode())})
    assert playbook.current.number == 2 and playbook.current.definition.tone == "formal"
    page.post("/playbooks/import/", {"file": SimpleUploadedFile("p.yaml", b"\xff\x00nonsense")})
    assert "playbook file" in page.get("/playbooks/").content.decode()


def test_the_default_is_chosen_and_others_are_archived(page):
    shipped, playbook = services.default_playbook(), made(page)
    page.post(f"/playbooks/{playbook.pk}/default/")
    page.post(f"/playbooks/{shipped.pk}/archive/")
    assert [row.name for row, *_ in page.get("/playbooks/").context["playbooks"]] == ["Calls"]
    assert [row for row, *_ in page.get("/playbooks/?show=archived").context["playbooks"]] == [shipped]
    page.post(f"/playbooks/{shipped.pk}/archive/", {"do": "restore"})
    shipped.refresh_from_db()
    assert shipped.archived_at is None


def test_a_booking_link_whose_page_is_not_connected_is_pointed_out(page):
    address = f"/playbooks/{made(page).pk}/"
    assert "Cal.com page that isn" in page.get(address).content.decode()
    connect(name="Ann", provider="calcom", actor=Actor.system("tests"))
    assert "Cal.com page that isn" not in page.get(address).content.decode()


def test_viewers_read_and_change_nothing(client):
    client.force_login(User.objects.create_user("vera", role="viewer"))
    playbook = services.default_playbook()
    assert client.get(f"/playbooks/{playbook.pk}/").status_code == 200
    assert client.post(f"/playbooks/{playbook.pk}/edit/", FORM).status_code == 403
    assert client.post("/playbooks/import/", {}).status_code == 403


def test_the_list_asks_the_same_for_many(page, django_assert_max_num_queries):
    for number in range(12):
        page.post("/playbooks/new/", {**FORM, "name": f"Calls {number}"})
    page.get("/playbooks/")
    with django_assert_max_num_queries(14):
        page.get("/playbooks/")


def test_the_api_saves_versions_and_tells_of_newer_ones(page):
    content = services.default_playbook().current.content
    made = page.post("/api/v1/playbooks/", {"name": "Calls", "content": content}, content_type="application/json")
    assert made.status_code == 201 and made.json()["current"]["number"] == 1
    address = f"/api/v1/playbooks/{made.json()['id']}/"
    changed = json.dumps({"name": "Calls", "content": {**content, "tone": "plain"}, "based_on": 1})
    assert page.put(address, changed, content_type="application/json").json()["current"]["number"] == 2
    late = json.dumps({"name": "Calls", "content": {**content, "tone": "formal"}, "based_on": 1})
    assert page.put(address, late, content_type="application/json").status_code == 409
    assert [row["number"] for row in page.get(f"{address}versions/").json()] == [2, 1]
    page.post(f"{address}default/")
    assert services.default_playbook().name == "Calls"
