"""Signing in at an OpenID Connect issuer: who gets in, in which role, and which answers are refused."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.messages import get_messages

from outreach.access import external, invitations, second_factor
from outreach.access.models import ExternalLogin, User
from outreach.access.roles import Role
from outreach.core.audit import trail
from outreach.operating import Issuer
from tests.outreach.access.factories import PASSWORD, make_user
from tests.outreach.access.test_second_factor import code_of
from tests.servers.issuer import Server

pytestmark = pytest.mark.django_db
OLGA = {"sub": "olga-1", "email": "Olga@Firm.Example", "email_verified": True, "given_name": "Olga"}


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        yield server


@pytest.fixture
def issuer(server, settings, monkeypatch):
    """The issuer of firm.example; `server` is put back to a sound one with Olga at it."""
    server.reset(claims=dict(OLGA))
    monkeypatch.setenv("OIDC_CLIENT_SECRET", server.client_secret)
    known = Issuer(issuer=server.url, label="Firm", client_id="outreach", domains=["firm.example"])
    settings.OUTREACH.sign_in.issuers = {"firm": known}
    return known


def follow(address):
    """Where the issuer sends the browser."""

    return requests.get(address, allow_redirects=False, timeout=5).headers["Location"]


def go(client, *, page=""):
    """Press “Continue with Firm” and come back; the last answer."""
    to_issuer = client.get("/login/with/firm/", {"next": page, "time_zone": "Asia/Tokyo"})["Location"]
    back = urlsplit(follow(to_issuer))
    return client.get(f"{back.path}?{back.query}")


def problem(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_someone_of_an_allowed_domain_joins_with_the_role_of_the_issuer(client, issuer):
    response = go(client, page="/profile/")
    assert response["Location"] == "/profile/" and is_signed_in(client)
    olga = User.objects.get()
    assert (olga.username, olga.email, olga.first_name, olga.role) == ("olga", "olga@firm.example", "Olga", "viewer")
    assert olga.time_zone == "Asia/Tokyo" and not olga.has_usable_password()
    assert {"user.created", "user.login_connected"} <= {entry.action for entry in trail(olga)}


def test_the_request_has_pkce_state_and_nonce(client, issuer):
    query = parse_qs(urlsplit(client.get("/login/with/firm/")["Location"]).query)
    assert {"code_challenge", "state", "nonce"} <= query.keys() and query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == ["http://testserver/login/with/firm/back/"]


def test_the_second_time_the_same_person_is_the_same_user_even_under_another_address(client, issuer, server):
    go(client)
    client.logout()
    server.claims["email"] = "olga.new@elsewhere.example"
    go(client)
    assert is_signed_in(client) and User.objects.count() == 1


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda claims: claims.update(nonce="another"), "nonce"),
        (lambda claims: claims.pop("nonce"), "no nonce"),
        (lambda claims: claims.update(exp=int(time.time()) - 600, iat=int(time.time()) - 900), "expired"),
        (lambda claims: claims.update(aud="another-app"), "audience"),
        (lambda claims: claims.update(aud=["another-app"], azp="outreach"), "audience with our name as presenter"),
        (lambda claims: claims.update(iss="https://evil.example"), "issuer"),
        (lambda claims: claims.pop("sub"), "nobody"),
        (lambda claims: claims.update(email=["olga@firm.example"]), "address that is no text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_token_that_is_not_sound_signs_nobody_in(client, issuer, server, spoil, why):
    server.spoil = spoil
    response = go(client)
    assert response["Location"] == "/login/" and "could not be verified" in problem(response)
    assert not is_signed_in(client) and not User.objects.exists()


def test_a_token_signed_with_another_key_signs_nobody_in(client, issuer, server):
    server.key = "foreign"
    assert "could not be verified" in problem(go(client)) and not is_signed_in(client)


def test_an_answer_to_a_question_that_this_browser_did_not_ask_is_refused(client, issuer):
    to_issuer = client.get("/login/with/firm/")["Location"]
    back = urlsplit(follow(to_issuer))
    client.cookies.clear()
    assert "could not be verified" in problem(client.get(f"{back.path}?{back.query}"))
    assert not is_signed_in(client)


def test_who_does_not_consent_is_told_so(client, issuer, server):
    server.denies = True
    assert "did not let you in" in problem(go(client))


def test_an_issuer_that_does_not_answer_is_told_of(client, issuer, settings):
    settings.OUTREACH.sign_in.issuers = {"firm": issuer.model_copy(update={"issuer": "http://127.0.0.1:9"})}
    response = client.get("/login/with/firm/")
    assert response["Location"] == "/login/" and "can't be reached" in problem(response)


def test_an_unverified_address_opens_nothing(client, issuer, server):
    server.claims["email_verified"] = False
    assert "verified" in problem(go(client)) and not User.objects.exists()


def test_a_directory_whose_addresses_are_trusted_need_not_say_that_they_are_verified(client, issuer, server, settings):
    del server.claims["email_verified"]
    settings.OUTREACH.sign_in.issuers = {"firm": issuer.model_copy(update={"trusts_address": True})}
    go(client)
    assert is_signed_in(client)


def test_an_address_that_only_userinfo_knows_is_asked_for(client, issuer, server):
    server.in_userinfo_only = ("email", "email_verified")
    go(client)
    assert is_signed_in(client)


def test_someone_of_another_domain_is_refused_with_a_clear_sentence(client, issuer, server):
    server.claims["email"] = "eve@evil.example"
    response = go(client)
    assert "eve@evil.example may not sign in here. Ask an administrator for an invitation." in problem(response)
    assert not User.objects.exists()


def test_someone_of_another_domain_comes_in_by_invitation_and_gets_its_role(client, issuer, server):
    administrator = make_user(Role.ADMINISTRATOR)
    invitation, _path = invitations.invite(email="eve@partner.example", role=Role.OPERATOR, user=administrator)
    server.claims["email"] = "eve@partner.example"
    go(client)
    assert User.objects.get(email="eve@partner.example").role == Role.OPERATOR
    invitation.refresh_from_db()
    assert invitation.accepted_at and is_signed_in(client)


def test_an_existing_user_with_a_confirmed_address_is_found(client, issuer):
    olga = make_user(email="olga@firm.example", is_email_confirmed=True)
    go(client)
    assert olga.external_logins.get().subject == "olga-1" and User.objects.count() == 1


def test_a_user_who_only_typed_the_address_is_not_taken_over(client, issuer):
    mallory = make_user(email="olga@firm.example")
    response = go(client)
    assert "belongs to a user here. Sign in as before, then connect Firm" in problem(response)
    assert not is_signed_in(client) and not mallory.external_logins.exists()


def test_a_confirmed_address_is_one_no_more_once_it_is_changed(client, issuer):
    mallory = make_user(email="mallory@firm.example", is_email_confirmed=True)
    client.force_login(mallory)
    client.post("/profile/", {"email": "olga@firm.example", "language": "en", "theme": ""})
    client.logout()
    go(client)
    assert not is_signed_in(client)


def test_a_deactivated_user_stays_out(client, issuer):
    make_user(email="olga@firm.example", is_email_confirmed=True, is_active=False)
    assert "may not sign in" in problem(go(client)) and not is_signed_in(client)


def test_a_signed_in_user_connects_on_the_profile_and_disconnects(client, issuer):
    olga = make_user(email="other@firm.example")
    client.force_login(olga)
    assert "Connect Firm" in client.get("/profile/").content.decode()
    assert go(client)["Location"] == "/profile/"
    link = olga.external_logins.get()
    client.post(f"/profile/logins/{link.pk}/removal/")
    assert not olga.external_logins.exists()


def test_somebody_elses_connection_is_neither_taken_nor_removed(client, issuer):
    go(client)
    client.logout()
    client.force_login(make_user())
    assert "already signs in as another user" in problem(go(client))
    assert client.post(f"/profile/logins/{ExternalLogin.objects.get().pk}/removal/").status_code == 404


def test_the_only_way_to_sign_in_cannot_be_disconnected(client, issuer):
    go(client)
    link = ExternalLogin.objects.get()
    assert "only way" in problem(client.post(f"/profile/logins/{link.pk}/removal/")) and ExternalLogin.objects.exists()


def test_a_second_factor_is_asked_for_here_too(client, issuer):
    olga = make_user(email="olga@firm.example", is_email_confirmed=True)
    second_factor.begin(olga)
    second_factor.turn_on(user=olga, code=code_of(olga))
    assert go(client)["Location"] == "/login/code/" and not is_signed_in(client)


def with_groups(settings, issuer, **changes):
    roles = {"staff": "reviewer", "chiefs": "administrator"}
    settings.OUTREACH.sign_in.issuers = {"firm": issuer.model_copy(update={"roles": roles, **changes})}


def test_groups_give_the_highest_role_that_fits_and_take_it_away_again(client, issuer, server, settings):
    with_groups(settings, issuer)
    make_user(Role.ADMINISTRATOR)
    server.claims["groups"] = ["staff", "chiefs"]
    go(client)
    olga = User.objects.get(email="olga@firm.example")
    assert olga.role == Role.ADMINISTRATOR and olga.is_superuser
    client.logout()
    server.claims["groups"] = "staff"
    go(client)
    olga.refresh_from_db()
    assert olga.role == Role.REVIEWER and not olga.is_superuser


def test_the_last_administrator_stays_one(client, issuer, server, settings):
    with_groups(settings, issuer)
    server.claims["groups"] = ["chiefs"]
    go(client)
    client.logout()
    server.claims["groups"] = []
    go(client)
    assert is_signed_in(client) and User.objects.get().role == Role.ADMINISTRATOR


def test_without_a_fitting_group_and_without_a_role_nobody_joins(client, issuer, server, settings):
    with_groups(settings, issuer, role="")
    assert "may not sign in here" in problem(go(client)) and not User.objects.exists()


def test_a_foreign_next_address_is_not_followed(client, issuer):
    assert go(client, page="https://evil.example/")["Location"] == "/"


def test_an_unknown_issuer_is_not_found_and_the_page_offers_only_those_of_the_file(client, issuer):
    assert client.get("/login/with/other/").status_code == client.get("/login/with/other/back/").status_code == 404
    page = client.get("/login/?next=/profile/").content.decode()
    assert 'href="/login/with/firm/?next=/profile/"' in page and "Continue with Firm" in page


def test_login_names_that_are_taken_get_a_number(issuer):
    make_user(username="Olga")
    assert external._free_username("olga@firm.example") == "olga2"
    assert external._free_username("demo@firm.example") == "demo2"


def test_a_user_without_a_password_confirms_with_a_code(client, issuer):
    go(client)
    olga = User.objects.get()
    second_factor.begin(olga)
    (code, *_rest) = second_factor.turn_on(user=olga, code=code_of(olga))
    assert client.post("/profile/second-factor/off/", {"current": PASSWORD}).status_code == 422
    client.post("/profile/second-factor/off/", {"code": code})
    assert not second_factor.is_on(olga)
