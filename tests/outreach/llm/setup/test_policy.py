"""Spend caps for the team, and what traces keep, are set on one page."""

import json
from decimal import Decimal

import pytest
from django.core.management import call_command

from outreach.configuration import Configuration
from outreach.llm import spending
from outreach.llm.models import ModelPolicy
from tests.campaigns.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "/settings/models/policy/"
GIVEN = {"usd_per_day": "5", "usd_per_campaign": "2.50", "trace_content": "masked", "trace_days": "30"}


@pytest.fixture
def admin(client):
    client.force_login(make_user("administrator"))
    return client


def test_caps_are_set_and_shown_beside_what_was_spent(admin):
    page = " ".join(admin.post(PAGE, GIVEN, follow=True).content.decode().split())
    assert "$0.00 of $5.00" in page and "at most $2.50" in page and "texts for 30 days" in page
    assert spending.caps_for(1, own=None) == spending.Caps(Decimal(5), Decimal("2.50"), 1)


def test_an_empty_cap_is_no_cap(admin):
    admin.post(PAGE, GIVEN)
    admin.post(PAGE, {**GIVEN, "usd_per_day": "", "usd_per_campaign": ""})
    assert spending.caps_for(1, own=None) is None
    assert ModelPolicy.objects.count() == 1


def test_what_outreach_toml_sets_holds_and_cannot_be_changed_here(admin, settings):
    settings.OUTREACH = Configuration.model_validate({"llm": {"usd_per_day": 1}})
    assert "Set in outreach.toml (llm.usd_per_day)" in admin.get(PAGE).content.decode()
    admin.post(PAGE, {**GIVEN, "usd_per_day": "99"})
    assert spending.day_cap() == spending.Cap(Decimal("1.0"), is_fixed=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("usd_per_day", "-1"), ("usd_per_day", "0"), ("trace_content", "some"), ("trace_days", "-1"), ("trace_days", "x")],
)
def test_wrong_input_comes_back(admin, field, value):
    assert admin.post(PAGE, {**GIVEN, field: value}).status_code == 422


@pytest.mark.parametrize(("role", "status"), [("operator", 403), ("administrator", 200)])
def test_who_may_change_it(client, role, status):
    client.force_login(make_user(role))
    assert client.get(PAGE).status_code == status


def test_the_api_and_the_command_say_and_set_the_same(admin, capsys):
    body = {**GIVEN, "usd_per_campaign": None, "trace_days": 7}
    told = admin.put("/api/v1/model-policy/", body, content_type="application/json").json()
    assert told["usd_per_day"] == "5.00" and told["usd_per_campaign"] is None and told["trace_days"] == 7
    call_command("llm", "policy", "--usd-per-day", "0", "--trace-content", "off", "--json")
    line = json.loads(capsys.readouterr().out)
    assert line["usd_per_day"] is None and line["trace_content"] == "off" and line["trace_days"] == 7
