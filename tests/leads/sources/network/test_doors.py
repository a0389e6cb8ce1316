"""Pages, API and commands of network accounts; no browser is opened here."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from campaigns.demo.network_site.people import population, profile_document
from leads.models import Lead
from leads.sources.network import profiles, services, sessions
from leads.sources.network.errors import Challenged
from leads.sources.network.models import NetworkAccount
from leads.sources.network.seen import Card
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.jobs.draining import drain
from outreach.jobs.models import QueueItem
from tests.leads.sources.network.conftest import ACTOR, LOGIN

pytestmark = pytest.mark.django_db
PERSON = population("millpond", 120)[0]


def user(role=Role.OPERATOR):
    found = User.objects.create(username=str(role))
    found.set_role(role)
    found.save()
    return found


@pytest.fixture
def page():
    client = Client()
    client.force_login(user())
    return client


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(user())
    return client


FORM = {
    "name": "Ada's account", "base_url": "https://millpond.example", "username": LOGIN.username, "password": "a secret",
    "totp_secret": "", "views_a_day": 60, "searches_a_day": 20, "invitations_a_day": 15, "invitations_a_week": 80,
    "gap_seconds": 45, "note_limit": 200, "time_zone": "Europe/Berlin", "start": "09:00", "end": "17:00",
}  # fmt: skip


def test_there_is_nothing_before_an_account_is_added(page):
    shown = page.get("/network/").content.decode()
    assert "No network account" in shown and "forbid automation" in shown


def test_an_account_is_added_only_with_open_eyes(page):
    refused = page.post("/network/accounts/new/", FORM)
    assert refused.status_code == 422 and "terms of this network" in refused.content.decode()
    made = page.post("/network/accounts/new/", {**FORM, "accepts_terms": "on"})
    account = NetworkAccount.objects.get()
    assert made["Location"] == f"/network/accounts/{account.pk}/"
    assert account.credentials["password"] == "a secret" and "a secret" not in account.credentials_token
    assert account.terms_accepted_by == "operator"
    shown = page.get(made["Location"]).content.decode()
    assert "a secret" not in shown and "Not signed in" in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_url", "millpond"),
        ("base_url", "https://millpond.example/feed"),
        ("username", " "),
        ("totp_secret", "1890!"),
        ("views_a_day", 0),
        ("invitations_a_day", 101),
        ("time_zone", "Mars/Base"),
        ("password", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field(page, field, value):
    answer = page.post("/network/accounts/new/", {**FORM, "accepts_terms": "on", field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not NetworkAccount.objects.exists()


def test_secrets_that_are_left_empty_stay_and_another_login_signs_out(account, page):
    sessions._move(account, "ready", "", "")
    services.update_account(account=account, actor=ACTOR, views_a_day=10)
    assert account.state == "ready" and account.credentials["password"] == LOGIN.password
    services.update_account(account=account, actor=ACTOR, password="another")
    assert account.state == "signed_out"
    assert account.credentials == {"password": "another", "totp_secret": LOGIN.totp_secret}


def test_two_accounts_of_one_login_are_refused(add_account):
    add_account()
    with pytest.raises(Invalid) as error:
        add_account(name="Again")
    assert error.value.code == "taken"


def test_a_stopped_account_asks_for_a_person_on_the_home_page(account, page):
    sessions.note_trouble(account, Challenged("The site asks for proof of a person."))
    assert "network accounts need attention" in page.get("/").content.decode()
    shown = page.get(f"/network/accounts/{account.pk}/").content.decode()
    assert "The site asks for proof of a person." in shown and "Resume" in shown
    page.post(f"/network/accounts/{account.pk}/activation/", {"reason": "Answered it."})
    account.refresh_from_db()
    assert account.state == "signed_out"
    assert QueueItem.objects.filter(task="leads.sources.network.tasks.sign_in").exists()


def test_a_code_is_entered_on_the_page_and_stored_encrypted(account, page):
    sessions._move(account, "needs_code", "The site has asked for a code.", "code_needed")
    assert "Code from your device" in page.get(f"/network/accounts/{account.pk}/").content.decode()
    page.post(f"/network/accounts/{account.pk}/code/", {"code": "12 34 56"})
    account.refresh_from_db()
    assert account.code_token and "123456" not in account.code_token
    assert QueueItem.objects.filter(lane="web", task="leads.sources.network.tasks.sign_in").count() == 1


def test_people_who_were_met_stand_in_the_list_and_on_their_lead(account, page):
    profile = profiles.discover(account=account, card=Card(PERSON.slug, PERSON.name, PERSON.headline, "Lyon, France"))
    body = json.dumps(profile_document(PERSON, degree=2)).encode()
    profiles.enrich(profile=profile, account=account, body=body)
    listed = page.get("/network/profiles/?state=enriched").content.decode()
    assert PERSON.name in listed
    shown = page.get(f"/leads/{profile.lead_id}/").content.decode()
    assert "Network profile" in shown and PERSON.jobs[0].firm in shown
    page.post(f"/network/profiles/{profile.pk}/reading/")
    assert QueueItem.objects.filter(task="leads.sources.network.tasks.read_profile").exists()


def test_a_viewer_looks_and_does_not_touch(account):
    client = Client()
    client.force_login(user(Role.VIEWER))
    assert client.get("/network/").status_code == 200
    for name in ("sign-in", "pause", "code", "search", "activation", "session-removal"):
        assert client.post(f"/network/accounts/{account.pk}/{name}/").status_code == 403
    assert client.get("/network/accounts/new/").status_code == 403


def test_the_api_takes_secrets_and_never_gives_them(api):
    given = {name: value for name, value in FORM.items() if name not in {"start", "end"}}
    given |= {"accepts_terms": True, "totp_secret": LOGIN.totp_secret}
    made = api.post("/api/v1/network/accounts/", given)
    assert made.status_code == 201, made.data
    assert not {"password", "totp_secret", "credentials_token", "session_token"} & set(made.data)
    url = f"/api/v1/network/accounts/{made.data['id']}/"
    assert api.patch(url, {"views_a_day": 5}).data["views_a_day"] == 5
    assert NetworkAccount.objects.get().credentials["password"] == "a secret"
    assert api.post(f"{url}sign-in/").status_code == 202
    assert api.post(f"{url}code/", {"code": "123456"}).status_code == 409
    assert api.post(f"{url}pause/", {}).data["state"] == "paused"
    assert api.post(f"{url}sign-in/").status_code == 409
    assert api.post(f"{url}resume/", {}).data["state"] == "signed_out"
    assert api.get("/api/v1/network/profiles/").data["results"] == []


def test_a_profile_file_is_inspected(tmp_path, capsys):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(profile_document(PERSON, degree=3)))
    bad.write_text('{"data": {}}')
    call_command("inspect", "profile", str(good), str(bad), str(tmp_path / "none.json"), "--json")
    first, second, third = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["is_valid"], first["public_id"], first["degree"]) == (True, PERSON.slug, 3)
    assert first["positions"][0]["company"] == PERSON.jobs[0].firm
    assert second["error"] == "The response contains no profile."
    assert "No such file" in third["error"]
    call_command("inspect", "profile", str(good))
    assert PERSON.name in capsys.readouterr().out


def test_accounts_and_people_are_listed_on_the_command_line(account, capsys):
    profiles.discover(account=account, card=Card(PERSON.slug, PERSON.name))
    call_command("network", "accounts", "--json")
    [row] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (row["name"], row["state"]) == (account.name, "signed_out")
    call_command("network", "people", "--json")
    [person] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (person["name"], person["state"]) == (PERSON.name, "discovered")
    assert Lead.objects.get().source == "network"


def test_a_profile_goes_with_the_lead_that_is_kept_and_back(account):
    from leads.duplicates.services import merge_leads, undo

    profile = profiles.discover(account=account, card=Card(PERSON.slug, PERSON.name))
    kept = Lead.objects.create(full_name=PERSON.name)
    merge = merge_leads(kept=kept, lost=profile.lead, actor=ACTOR)
    drain("default")
    profile.refresh_from_db()
    assert profile.lead == kept and profile.public_id == PERSON.slug
    merge.refresh_from_db()
    undo(merge=merge, actor=ACTOR)
    drain("default")
    profile.refresh_from_db()
    assert profile.lead_id == merge.lost_id
