"""A person is erased at every door: the page that asks first, the API, the command line, the console."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from leads.directory.erasing import erase, holdings
from leads.models import Lead
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.errors import Refused
from outreach.core.models import Actor, AuditEntry
from tests.conversations.factories import make_conversation, make_message
from tests.leads.factories import make_lead, run_import

pytestmark = pytest.mark.django_db


def user(role: str = Role.OPERATOR) -> User:
    row = User.objects.create(username=f"{role}1", is_staff=True)
    row.set_role(role)
    row.save()
    return row


def signed_in(role: str = Role.OPERATOR) -> Client:
    client = Client()
    client.force_login(user(role))
    return client


@pytest.fixture
def anna() -> Lead:
    return make_lead("Anna Orlova", email="anna@orlova.de", phone="+12125550101")


def test_the_page_says_what_goes_and_erases_only_when_one_is_sure(anna):
    client, url = signed_in(), reverse("leads:erase", args=[anna.pk])
    assert url in client.get(reverse("leads:detail", args=[anna.pk])).content.decode()
    page = client.get(url).content.decode()
    assert "anna@orlova.de" in page and "Addresses" in page and "digest" in page
    refused = client.post(url, {"reason": "asked"})
    anna.refresh_from_db()
    assert (refused.status_code, anna.erased_at) == (422, None)
    assert client.post(url, {"reason": "asked by phone", "is_sure": "on"}).url == reverse(
        "leads:detail", args=[anna.pk]
    )
    anna.refresh_from_db()
    assert anna.erased_at and anna.full_name == "" and not anna.identities.exists()
    entry = AuditEntry.objects.get(action="lead.erased")
    assert (entry.reason, entry.actor_name) == ("asked by phone", "operator1")
    assert client.get(url).status_code == 302


def test_viewers_and_reviewers_do_not_erase(anna):
    for role in (Role.VIEWER, Role.REVIEWER):
        assert signed_in(role).post(reverse("leads:erase", args=[anna.pk]), {"is_sure": "on"}).status_code == 403
    assert Lead.objects.filter(erased_at=None).count() == 1


def test_what_goes_is_counted_through_all_wings(anna):
    make_message(conversation=make_conversation(anna))
    counts = {row.label: row.count for row in holdings(anna)}
    assert (counts["Addresses"], counts["Texts of messages and notes"]) == (2, 1)
    assert counts["Planned messages, which are cancelled"] == 1
    assert "Stored exports, no matter who is in them" not in counts


def test_the_file_that_they_came_with_is_among_it():
    run_import("name,email\nBob,bob@x.example\n")
    assert {row.label for row in holdings(Lead.objects.get())} >= {"Uploaded files of the imports they came from"}


def test_over_the_api(anna):
    api = APIClient()
    api.force_authenticate(user())
    url = f"/api/v1/leads/{anna.pk}/erase/"
    first = api.post(url, {"reason": "law"})
    assert (first.status_code, first.data["full_name"], first.data["identities"]) == (200, "", [])
    again = api.post(url)
    assert (again.status_code, again.data["erased_at"]) == (200, first.data["erased_at"])
    assert AuditEntry.objects.filter(action="lead.erased").count() == 1
    assert api.get(f"/api/v1/leads/{anna.pk}/").status_code == 404
    assert api.post("/api/v1/leads/999999/erase/").status_code == 404
    viewer = APIClient()
    viewer.force_authenticate(user(Role.VIEWER))
    assert viewer.post(url).status_code == 403


def test_on_the_command_line(anna, capsys):
    capsys.readouterr()
    call_command("employee", "erase", "anna@orlova.de", "--yes", "--reason", "law", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["lead_id"], report["erased"]["Addresses"]) == (anna.pk, 2)
    anna.refresh_from_db()
    assert anna.erased_at


def test_on_the_command_line_it_asks(anna, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(CommandError, match=r"(?i)abort"):
        call_command("employee", "erase", str(anna.pk))
    anna.refresh_from_db()
    assert anna.erased_at is None


def test_the_console_asks_first(anna):
    client, url = signed_in(Role.ADMINISTRATOR), reverse("admin:leads_lead_changelist")
    form = {"action": "erase", "_selected_action": [anna.pk]}
    assert "Anna Orlova" in client.post(url, form).content.decode()
    anna.refresh_from_db()
    assert anna.erased_at is None
    client.post(url, form | {"is_sure": "yes"})
    anna.refresh_from_db()
    assert anna.erased_at


def test_a_lead_that_was_merged_points_to_the_one_to_erase(anna):
    other = make_lead("Anna O", merged_into=anna)
    with pytest.raises(Refused, match=f"#{anna.pk}") as error:
        erase(lead=other, actor=Actor.system("tests"))
    assert error.value.code == "lead_merged"
