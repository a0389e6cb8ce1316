"""Settings → Models in the browser, over the API and from the command line."""

import json

import pytest
from django.core.management import call_command

from outreach.llm.models import ModelProvider, ModelRoute
from tests.campaigns.factories import make_user

pytestmark = pytest.mark.django_db
INDEX = "/settings/models/"


@pytest.fixture
def admin(client):
    client.force_login(make_user("administrator"))
    return client


def given(fake, **more):
    return {
        "name": "mine", "base_url": fake.base_url, "is_local": "on", "key": "", "model": "fake-model",
        "is_default": "on", "timeout_seconds": "60", **more,
    }  # fmt: skip


def text(response):
    return response.content.decode()


def test_connecting_tests_the_provider_and_uses_it_for_everything(admin, fake):
    response = admin.post(f"{INDEX}connect/compatible/", given(fake), follow=True)
    assert "answered “Text from the fake model.”" in text(response)
    assert ModelRoute.objects.get().chain == ["mine/fake-model"]
    page = text(admin.get(INDEX))
    assert "Working" in page and "mine/fake-model" in page


def test_an_error_of_the_provider_is_shown_as_it_is(admin, fake):
    fake.always = "401"
    page = text(admin.post(f"{INDEX}connect/compatible/", given(fake), follow=True))
    assert "fake-model did not answer: The key was refused (401)" in page
    assert "Test failed" in text(admin.get(INDEX))


def test_wrong_input_comes_back_with_its_reason_and_without_the_key(admin, fake):
    response = admin.post(
        f"{INDEX}connect/compatible/", given(fake, base_url="http://10.0.0.1/v1", is_local="", key="sk-1")
    )
    assert response.status_code == 422
    assert "Use https" in text(response) and "sk-1" not in text(response)


def test_the_key_never_comes_back(admin, fake):
    admin.post(f"{INDEX}connect/compatible/", given(fake, key="sk-secret"))
    for page in ("providers/mine/", "providers/mine/edit/", ""):
        assert "sk-secret" not in text(admin.get(INDEX + page))
    assert "sk-secret" not in text(admin.get("/api/v1/model-providers/"))


def test_a_route_is_chosen_with_its_fallbacks(admin, fake):
    admin.post(f"{INDEX}connect/compatible/", given(fake))
    form = {"model_0": "mine/big", "model_1": "mine/small", "temperature": "0.2", "max_output_tokens": "4000"}
    admin.post(f"{INDEX}routes/draft/", form)
    row = ModelRoute.objects.get(route="draft")
    assert (row.chain, row.temperature, row.max_output_tokens) == (["mine/big", "mine/small"], 0.2, 4000)
    assert "mine/big" in text(admin.get(f"{INDEX}routes/draft/"))


def test_a_provider_is_removed_when_nothing_uses_it(admin, fake):
    admin.post(f"{INDEX}connect/compatible/", given(fake))
    page = text(admin.post(f"{INDEX}providers/mine/remove/", follow=True))
    assert "is used for: Default" in page
    admin.post(f"{INDEX}routes/default/", {"temperature": "0.4", "max_output_tokens": "900"})
    admin.post(f"{INDEX}providers/mine/remove/")
    assert not ModelProvider.objects.exists()


@pytest.mark.parametrize(("role", "page", "status"), [
    ("reviewer", "", 403), ("operator", "", 200), ("operator", "connect/openai/", 403), ("administrator", "connect/openai/", 200),
    ("administrator", "connect/telepathy/", 404), ("administrator", "providers/nobody/", 404), ("operator", "routes/plan/", 200),
])  # fmt: skip
def test_who_may_open_what(client, role, page, status):
    client.force_login(make_user(role))
    assert client.get(INDEX + page).status_code == status


def test_the_api_connects_tests_and_routes(admin, fake):
    body = {"name": "mine", "kind": "compatible", "base_url": fake.base_url, "is_local": True, "key": "sk-1"}
    created = admin.post("/api/v1/model-providers/", body, content_type="application/json")
    assert created.status_code == 201 and created.json()["has_key"] is True
    tested = admin.post("/api/v1/model-providers/mine/test/", {"model": "fake-model"}, content_type="application/json")
    assert tested.json()["is_working"] is True
    changed = admin.put("/api/v1/model-routes/draft/", {"chain": ["mine/fake-model"]}, content_type="application/json")
    assert changed.json()["served_by"] == "draft"
    assert admin.get("/api/v1/model-routes/").json()[2]["chain"] == ["mine/fake-model"]
    refused = admin.delete("/api/v1/model-providers/mine/")
    assert refused.status_code == 409


def test_the_command_connects_tests_and_routes(fake, capsys, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-1")
    call_command(
        "llm", "connect", "mine", "--kind", "compatible", "--base-url", fake.base_url, "--local", "--key-env", "MY_KEY"
    )
    call_command("llm", "test", "mine", "fake-model", "--json")
    call_command("llm", "route", "draft", "mine/fake-model", "--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert lines[0]["answer"] == "Text from the fake model." and lines[1]["chain"] == ["mine/fake-model"]
    assert ModelProvider.objects.get().has_key
