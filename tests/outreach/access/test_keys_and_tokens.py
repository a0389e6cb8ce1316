"""API keys and JWT."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from rest_framework.test import APIClient

from outreach.access import services
from outreach.access.models import ApiKey
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from tests.outreach.access.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def make_key(user, name="Spreadsheet"):
    return services.create_api_key(user=user, name=name, actor=Actor.of(user))


def ask(text, path="/api/v1/me/"):
    return APIClient(HTTP_AUTHORIZATION=text).get(path)


def test_a_key_signs_in_as_its_user():
    user = make_user()
    _key, text = make_key(user)
    assert ask(f"Api-Key {text}").json()["username"] == user.username


def test_the_key_is_stored_hashed():
    key, text = make_key(make_user())
    assert text not in [key.digest, key.prefix]
    assert text.startswith(key.prefix)
    assert len(text) > 40


def test_a_key_needs_a_name():
    with pytest.raises(Invalid):
        make_key(make_user(), name="  ")


@pytest.mark.parametrize("text", ["Api-Key", "Api-Key nonsense", "Api-Key ok_x y", "Bearer nonsense"])
def test_a_wrong_key_is_an_error_with_code_and_sentence(text):
    response = ask(text)
    assert response.status_code == 401
    assert set(response.json()) == {"type", "title", "status", "code", "detail", "instance"}


def test_a_revoked_key_is_refused_at_once():
    user = make_user()
    key, text = make_key(user)
    services.revoke_api_key(key=key, actor=Actor.of(user))
    services.revoke_api_key(key=key, actor=Actor.of(user))
    assert ask(f"Api-Key {text}").status_code == 401


def test_a_key_of_a_deactivated_user_is_refused():
    user = make_user()
    _key, text = make_key(user)
    user.is_active = False
    user.save()
    assert ask(f"Api-Key {text}").status_code == 401


def test_the_last_use_is_written_at_most_once_a_minute(django_assert_num_queries):
    key, text = make_key(make_user())
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False) as clock:
        ask(f"Api-Key {text}")
        clock.shift(30)
        ask(f"Api-Key {text}")
        key.refresh_from_db()
        assert key.last_used_at == dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def test_a_viewers_key_may_read_and_not_write():
    user = make_user(Role.VIEWER)
    _key, text = make_key(user)
    client = APIClient(HTTP_AUTHORIZATION=f"Api-Key {text}")
    assert client.get("/api/v1/jobs/").status_code == 200
    assert client.post("/api/v1/jobs/1/run-again/").status_code in (403, 404)


def test_somebody_elses_key_cannot_be_revoked_on_the_page(client):
    key, _text = make_key(make_user())
    client.force_login(make_user())
    assert client.post(f"/profile/keys/{key.pk}/revocation/").status_code == 404
    client.force_login(make_user(Role.ADMINISTRATOR))
    assert client.post(f"/profile/keys/{key.pk}/revocation/").status_code == 302
    assert ApiKey.objects.get().revoked_at is not None


def test_the_page_shows_a_new_key_once_and_tells_caches_to_forget_it(client):
    client.force_login(make_user())
    response = client.post("/profile/keys/", {"name": "Spreadsheet"})
    assert "ok_" in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    text = response.context["new_key"]
    assert text not in client.get("/profile/").content.decode()


def sign_in(name, password):
    return APIClient().post("/api/v1/token/", {"username": name, "password": password})


def test_name_and_password_give_tokens_that_sign_in_and_refresh():
    user = make_user()
    tokens = sign_in(user.username, PASSWORD).json()
    assert ask(f"Bearer {tokens['access']}").json()["id"] == user.pk
    fresh = APIClient().post("/api/v1/token/refresh/", {"refresh": tokens["refresh"]}).json()
    assert ask(f"Bearer {fresh['access']}").status_code == 200


def test_wrong_credentials_and_missing_fields_are_told_apart():
    assert sign_in("nobody", "wrong").status_code == 401
    missing = APIClient().post("/api/v1/token/", {})
    assert missing.status_code == 400
    assert missing.json()["code"] == "invalid"
    assert set(missing.json()["fields"]) == {"username", "password"}


def test_the_token_endpoint_is_slowed_down_like_the_login_page():
    user = make_user()
    for _ in range(5):
        sign_in(user.username, "wrong")
    response = sign_in(user.username, PASSWORD)
    assert response.status_code == 409
    assert response.json()["code"] == "locked"


def test_an_expired_token_is_refused():
    user = make_user()
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False) as clock:
        token = sign_in(user.username, PASSWORD).json()["access"]
        clock.shift(dt.timedelta(minutes=16))
        assert ask(f"Bearer {token}").status_code == 401


def test_a_changed_password_or_deactivation_ends_tokens():
    user = make_user()
    token = sign_in(user.username, PASSWORD).json()["access"]
    services.set_password(user=user, password="another long password", actor=Actor.of(user))
    assert ask(f"Bearer {token}").status_code == 401
    token = sign_in(user.username, "another long password").json()["access"]
    user.is_active = False
    user.save()
    assert ask(f"Bearer {token}").status_code == 401


def test_requests_beyond_the_hourly_limit_are_told_to_wait(settings, monkeypatch):
    monkeypatch.setattr(settings.OUTREACH.api, "requests_per_hour", 3)
    user = make_user()
    _key, text = make_key(user)
    answers = [ask(f"Api-Key {text}") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert answers[-1].json()["code"] == "throttled"


def test_every_answer_says_what_is_left_of_the_hour_and_each_key_has_its_own(settings, monkeypatch):
    monkeypatch.setattr(settings.OUTREACH.api, "requests_per_hour", 3)
    user = make_user()
    (_key, one), (_other, two) = make_key(user), make_key(user)
    ask(f"Api-Key {one}")
    answer = ask(f"Api-Key {one}")
    assert answer["RateLimit-Policy"] == '"hour";q=3;w=3600'
    assert answer["RateLimit"] in {'"hour";r=1;t=3600', '"hour";r=1;t=3599'}
    assert ask(f"Api-Key {two}")["RateLimit"].startswith('"hour";r=2;')
    with time_machine.travel(clock.now() + dt.timedelta(minutes=61)):
        assert ask(f"Api-Key {one}")["RateLimit"].startswith('"hour";r=2;')


@pytest.mark.parametrize(
    ("role", "scope", "may_change"),
    [
        (Role.OPERATOR, "", True),
        (Role.OPERATOR, Role.OPERATOR, True),
        (Role.OPERATOR, Role.REVIEWER, False),
        (Role.ADMINISTRATOR, Role.VIEWER, False),
        (Role.VIEWER, Role.OPERATOR, False),
    ],
)
def test_a_key_may_do_what_its_scope_and_its_user_may(role, scope, may_change):
    user = make_user(role)
    _key, text = services.create_api_key(user=user, name="Sheet", actor=Actor.of(user), scope=scope)
    client = APIClient(HTTP_AUTHORIZATION=f"Api-Key {text}")
    assert client.get("/api/v1/leads/").status_code == 200
    response = client.post("/api/v1/leads/", {"full_name": "Ann Lee"})
    assert response.status_code == (201 if may_change else 403)


def test_an_expired_key_is_refused():
    user = make_user()
    _key, text = services.create_api_key(user=user, name="Sheet", actor=Actor.of(user), days=30)
    assert ask(f"Api-Key {text}").status_code == 200
    with time_machine.travel(clock.now() + dt.timedelta(days=30, minutes=1)):
        assert ask(f"Api-Key {text}").status_code == 401


def test_scope_and_days_are_chosen_on_the_profile_page(client):
    user = make_user(Role.OPERATOR)
    client.force_login(user)
    client.post("/profile/keys/", {"name": "Sheet", "scope": "viewer", "days": "90"})
    key = ApiKey.objects.get()
    assert key.scope == "viewer" and (key.expires_at - key.created_at).days in {89, 90}
    assert "until" in client.get("/profile/").content.decode()
