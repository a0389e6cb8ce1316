"""The doors, what stands behind them, settings by permission, and search over everything."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.urls import reverse

from outreach.access.roles import Role
from outreach.core.navigation import NAVIGATION, SETTINGS, address, navigation, settings_groups
from outreach.core.palette import ACTIONS, Finder, Found, answers
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db


def request_of(role: str, path: str = "/"):
    request = RequestFactory().get(path)
    request.user = make_user(role)
    return request


def labels(links) -> list[str]:
    return [link.label for link in links]


def addresses(links) -> list[str]:
    return [link.url for link in links]


def test_five_doors_for_everybody_and_settings_apart():
    shown = navigation(request_of(Role.VIEWER))
    assert labels(shown.doors) == ["Home", "Inbox", "Campaigns", "People", "Reports"]
    assert shown.settings.label == "Settings"
    assert [link.current for link in shown.doors] == ["page", "", "", "", ""]


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/leads/", "People"),
        ("/companies/7/edit/", "People"),
        ("/imports/new/", "People"),
        ("/drafts/", "Campaigns"),
        ("/campaigns/3/drafts/", "Campaigns"),
        ("/drafts/rules/", "Settings"),
        ("/jobs/7/", "Settings"),
        ("/inbox/4/", "Inbox"),
    ],
)
def test_the_door_of_the_longest_matching_address_is_open(path, door):
    shown = navigation(request_of(Role.VIEWER, path))
    assert [link.label for link in [*shown.doors, shown.settings] if link.current] == [door]


def test_a_page_shows_the_pages_beside_it_and_its_own_details_do_not():
    assert labels(navigation(request_of(Role.VIEWER, "/segments/")).tabs) == [
        "People", "Companies", "Segments", "Imports",
    ]  # fmt: skip
    assert labels(navigation(request_of(Role.VIEWER, "/campaigns/tasks/")).tabs) == [
        "Campaigns", "Drafts", "Tasks", "Tomorrow",
    ]  # fmt: skip
    assert navigation(request_of(Role.VIEWER, "/segments/3/")).tabs == []
    assert labels(navigation(request_of(Role.VIEWER, "/experiments/")).tabs) == [
        "Numbers", "Dashboard", "Cohorts", "Patterns", "Experiments", "Saved reports", "Predictions",
    ]  # fmt: skip
    assert navigation(request_of(Role.VIEWER, "/inbox/")).tabs == []


def test_pages_of_settings_show_their_own_group_and_the_way_back():
    shown = navigation(request_of(Role.OPERATOR, "/senders/"))
    groups = {group.title: labels(group.links) for group in settings_groups(request_of(Role.OPERATOR))}
    assert shown.is_in_settings
    assert labels(shown.tabs) == groups["Sending"]
    assert {"Senders", "Approval rules", "Outbox", "Suppressions"} <= set(groups["Sending"])


def test_settings_are_grouped_explained_and_filtered_by_permission():
    administrator = {group.title: addresses(group.links) for group in settings_groups(request_of(Role.ADMINISTRATOR))}
    viewer = {group.title: addresses(group.links) for group in settings_groups(request_of(Role.VIEWER))}
    assert set(administrator) == {"Sending", "Finding people", "Models", "Connections", "Team", "System"}
    assert reverse("access:users") in administrator["Team"]
    assert reverse("access:users") not in viewer["Team"]
    assert reverse("admin:index") not in viewer["System"]
    assert all(link.help for group in settings_groups(request_of(Role.ADMINISTRATOR)) for link in group.links)


def test_every_page_has_an_address_and_an_icon_of_its_own():
    drawn = set(re.findall(r'symbol id="([a-z]+)"', (settings.BASE_DIR / "static/img/icons.svg").read_text()))
    icons = [entry.icon for entry in NAVIGATION.entries()]
    assert all(address(entry.page) for entry in NAVIGATION.entries())
    assert all(address(action.page, *action.arguments) for action in ACTIONS.entries())
    assert set(icons) <= drawn
    assert len(icons) == len(set(icons))


def test_the_settings_page_opens_for_everybody(client):
    client.force_login(make_user(Role.VIEWER))
    page = client.get(reverse(SETTINGS)).content.decode()
    assert "Mailboxes and phone numbers you write from" in page
    assert reverse("access:users") not in page


class TestSearch:
    def test_without_a_word_it_offers_actions_and_doors(self):
        found = {group.title: [row.title for row in group.found] for group in answers(request_of(Role.OPERATOR), "")}
        assert {"New campaign", "Import a list", "Add a person", "Connect a mailbox"} <= set(found["Actions"])
        assert found["Pages"] == ["Home", "Inbox", "Campaigns", "People", "Reports", "Settings"]

    def test_words_find_pages_and_actions_by_their_beginnings(self):
        found = {row.url for group in answers(request_of(Role.OPERATOR), "new camp") for row in group.found}
        assert reverse("campaigns:create") in found
        assert reverse("messages:list") in {
            row.url for group in answers(request_of(Role.VIEWER), "outb") for row in group.found
        }

    def test_nobody_is_offered_what_they_may_not_do(self):
        offered = {row.url for group in answers(request_of(Role.VIEWER), "") for row in group.found}
        assert reverse("campaigns:create") not in offered
        users = {row.url for group in answers(request_of(Role.OPERATOR), "users") for row in group.found}
        assert reverse("access:users") not in users

    def test_finders_are_asked_from_two_letters_on_and_keep_their_order(self, monkeypatch):
        asked = []

        def find(request, text, limit):
            asked.append((text, limit))
            return [Found("Ada", "/leads/1/")]

        finders = [Finder("Second", "user", find, 20), Finder("First", "user", find, 10)]
        monkeypatch.setattr("outreach.core.palette.FINDERS", type("Point", (), {"entries": lambda: finders}))
        assert not [group for group in answers(request_of(Role.VIEWER), "a") if group.title in ("First", "Second")]
        titles = [group.title for group in answers(request_of(Role.VIEWER), "  ad  a ")]
        assert titles[-2:] == ["First", "Second"]
        assert asked == [("ad a", 5), ("ad a", 5)]

    def test_the_page_works_without_a_script_and_the_palette_gets_the_list_alone(self, client):
        client.force_login(make_user(Role.OPERATOR))
        page = client.get(reverse("search"), {"q": "segments"}).content.decode()
        assert "<h1" in page and reverse("segments:list") in page
        part = client.get(reverse("search"), {"q": "segments"}, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part
        assert 'role="option"' in part
        nothing = client.get(reverse("search"), {"q": "zzzzzz"}).content.decode()
        assert "Nothing found" in nothing
