"""Passkeys: added on the profile, used in place of password and code; which answers of a device are refused."""

from __future__ import annotations

import pytest
import time_machine
from django.contrib.messages import get_messages
from fido2.webauthn import AuthenticatorData

from outreach.access import passkeys, second_factor
from outreach.access.models import Passkey
from outreach.core import clock
from outreach.core.audit import trail
from tests.outreach.access.factories import make_user
from tests.outreach.access.test_second_factor import code_of
from tests.servers.authenticator import Authenticator

pytestmark = pytest.mark.django_db
HERE = {"headers": {"host": "localhost"}}


@pytest.fixture
def olga():
    return make_user(username="olga")


def post(client, address, body):
    return client.post(address, body, content_type="application/json", **HERE)


def add(client, user, device, name=""):
    client.force_login(user)
    options = post(client, "/profile/passkeys/options/", {}).json()
    response = post(client, "/profile/passkeys/", {"credential": device.make(options), "name": name})
    client.logout()
    return response


def use(client, device, page=""):
    options = post(client, "/login/passkey/options/", {}).json()
    return post(client, "/login/passkey/", {"credential": device.use(options), "next": page})


def is_signed_in(client):
    return "_auth_user_id" in client.session


@pytest.fixture
def device(client, olga):
    device = Authenticator()
    assert add(client, olga, device, "Work laptop").status_code == 200
    return device


def test_a_passkey_opens_the_page_that_was_asked_for(client, olga, device):
    response = use(client, device, page="/profile/")
    assert response.json() == {"next": "/profile/"} and is_signed_in(client)
    passkey = olga.passkeys.get()
    assert (passkey.name, passkey.sign_count) == ("Work laptop", 1) and passkey.last_used_at
    assert "user.passkey_added" in {entry.action for entry in trail(olga)}


def test_it_counts_as_the_second_factor_too(client, olga, device):
    second_factor.begin(olga)
    second_factor.turn_on(user=olga, code=code_of(olga))
    use(client, device)
    assert is_signed_in(client)


def test_a_foreign_next_address_is_not_followed(client, device):
    assert use(client, device, page="https://evil.example/").json() == {"next": "/"}


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8001"},
        {"host": "evil.example"},
        {"flags": AuthenticatorData.FLAG.UP},
        {"number": b"another credential"},
        {"key": Authenticator().key},
    ],
    ids=["another site", "another port", "another host", "user not verified", "unknown credential", "wrong signature"],
)
def test_an_answer_that_does_not_fit_signs_nobody_in(client, device, changes):
    vars(device).update(changes)
    response = use(client, device)
    assert response.status_code == 422 and "isn't known here" in response.json()["problem"]
    assert not is_signed_in(client)


@pytest.mark.parametrize("flags", [AuthenticatorData.FLAG.UP], ids=["user not verified"])
def test_a_credential_that_does_not_verify_its_user_is_not_kept(client, olga, flags):
    assert add(client, olga, Authenticator(flags=flags)).status_code == 422
    assert not Passkey.objects.exists()


def test_an_answer_serves_once(client, device):
    options = post(client, "/login/passkey/options/", {}).json()
    answer = device.use(options)
    assert post(client, "/login/passkey/", {"credential": answer}).status_code == 200
    client.logout()
    post(client, "/login/passkey/options/", {})
    assert post(client, "/login/passkey/", {"credential": answer}).status_code == 422 and not is_signed_in(client)


def test_an_answer_without_a_question_or_after_five_minutes_is_refused(client, device):
    options = post(client, "/login/passkey/options/", {}).json()
    with time_machine.travel(clock.now().timestamp() + 301):
        late = post(client, "/login/passkey/", {"credential": device.use(options)})
    again = post(client, "/login/passkey/", {"credential": device.use(options)})
    assert late.status_code == again.status_code == 422 and "took too long" in again.json()["problem"]


def test_a_copy_whose_counter_lags_behind_is_refused(client, device):
    use(client, device)
    client.logout()
    device.counter = 0
    assert use(client, device).status_code == 422 and not is_signed_in(client)


def test_a_deactivated_user_stays_out(client, olga, device):
    olga.is_active = False
    olga.save()
    assert use(client, device).status_code == 422


def test_too_many_wrong_answers_lock_the_address(client, device, monkeypatch):
    monkeypatch.setattr("outreach.access.lockout.FREE_FAILURES_PER_ADDRESS", 1)
    use(client, Authenticator())
    assert "Too many failed attempts" in use(client, device).json()["problem"]


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"credential": 1}', b'{"credential": {"id": "\\u0000"}}'])
def test_nonsense_is_refused_with_a_sentence(client, olga, body):
    client.force_login(olga)
    for asks, answers in (
        ("/login/passkey/options/", "/login/passkey/"),
        ("/profile/passkeys/options/", "/profile/passkeys/"),
    ):
        post(client, asks, {})
        response = client.post(answers, body, content_type="application/json", **HERE)
        assert response.status_code == 422 and response.json()["problem"]


def test_a_device_is_added_once(client, olga, device):
    response = add(client, olga, device)
    assert "already" in response.json()["problem"] and olga.passkeys.count() == 1


def test_without_a_name_it_is_called_after_the_browser(client, olga):
    add(client, olga, Authenticator())
    assert olga.passkeys.get().name == "Unknown device"


def test_it_is_renamed_and_removed_on_the_profile_by_its_user_only(client, olga, device):
    passkey = olga.passkeys.get()
    client.force_login(make_user())
    for change in ("name", "removal"):
        assert client.post(f"/profile/passkeys/{passkey.pk}/{change}/", {"name": "Mine"}).status_code == 404
    client.force_login(olga)
    client.post(f"/profile/passkeys/{passkey.pk}/name/", {"name": "Old laptop"})
    assert "Old laptop" in client.get("/profile/").content.decode()
    client.post(f"/profile/passkeys/{passkey.pk}/removal/")
    assert not olga.passkeys.exists()
    assert "user.passkey_removed" in {entry.action for entry in trail(olga)}


def test_the_only_way_to_sign_in_cannot_be_removed(client, olga, device):
    olga.set_unusable_password()
    olga.save()
    client.force_login(olga)
    response = client.post(f"/profile/passkeys/{olga.passkeys.get().pk}/removal/")
    assert "only way" in " ".join(map(str, get_messages(response.wsgi_request))) and olga.passkeys.exists()


@pytest.mark.parametrize(
    ("host", "origin", "can"),
    [
        ("outreach.firm.example", "https://outreach.firm.example", True),
        ("outreach.firm.example", "http://outreach.firm.example", False),
        ("localhost", "http://localhost:8000", True),
        ("127.0.0.1", "http://127.0.0.1:8000", False),
        ("[::1]", "https://[::1]", False),
    ],
)
def test_browsers_make_passkeys_for_names_with_tls_and_for_localhost(host, origin, can):
    assert passkeys.Site(host=host, origin=origin).can_have_passkeys is can
