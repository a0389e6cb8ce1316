"""Connecting a mailbox: to the provider's consent page and back, with PKCE, a signed state and a sealed token."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from conversations.channels.base import Account
from conversations.channels.email import oauth, oauth_consent
from conversations.senders import connecting
from conversations.senders.models import Sender
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from tests.conversations.factories import make_sender
from tests.servers.smtp_sink import Options, SmtpSink
from tests.servers.token_endpoint import TokenEndpoint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_token_is_kept():
    oauth.forget()
    cache.clear()
    yield
    oauth.forget()


@pytest.fixture
def provider():
    with TokenEndpoint(redirect_uris=[connecting.redirect_uri()]) as server:
        yield server


@pytest.fixture
def sink(provider):
    with SmtpSink(Options(username="me@firm.example", access_tokens=provider.good)) as server:
        yield server


@pytest.fixture
def sender(provider, sink):
    row = make_sender(
        address="me@firm.example",
        state="unverified",
        settings={
            "host": "127.0.0.1", "port": sink.port, "security": "plain", "sign_in": "xoauth2", "client_id": "client",
            "authorize_url": provider.authorize_url, "token_url": provider.url, "oauth_scope": "mail offline",
            "timeout_seconds": 5,
        },
    )  # fmt: skip
    row.set_credentials({"client_secret": "secret"})
    row.save()
    return row


def person(name="olga", role=Role.OPERATOR):
    return User.objects.create_user(name, role=role)


@pytest.fixture
def page(client):
    client.force_login(person())
    return client


def way(page, sender):
    """The consent page's address, as the link on our page has it."""
    answer = page.get(reverse("senders:connection", args=[sender.pk]))
    assert answer.status_code == 200
    return answer.context["way"].url


def consent(url):
    """What a person's browser does at the provider: the address that it is sent back to."""
    answer = httpx.get(url)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def come_back(page, location):
    """Back here: what is said then."""
    answer = page.get(location.removeprefix("http://127.0.0.1:8000").removeprefix("http://testserver"), follow=True)
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])


def test_consent_gives_a_token_that_signs_in(page, sender, provider, sink):
    assert "Mailbox connected" in come_back(page, consent(way(page, sender)))
    sender.refresh_from_db()
    assert sender.credentials == {"client_secret": "secret", "refresh_token": "refresh-1"}
    assert "refresh-1" not in sender.credentials_token
    page.post(reverse("senders:verification", args=[sender.pk]))
    sender.refresh_from_db()
    assert sender.state == "active"


def test_the_provider_is_told_a_challenge_and_never_the_verifier(page, sender, provider):
    query = {name: values[0] for name, values in parse_qs(urlsplit(way(page, sender)).query).items()}
    (verifier,) = page.session[connecting.KEPT].values()
    assert query["code_challenge"] == oauth_consent.challenge(verifier)
    assert (query["code_challenge_method"], query["login_hint"]) == ("S256", "me@firm.example")
    assert verifier not in str(query)


def test_a_way_back_serves_once(page, sender):
    location = consent(way(page, sender))
    come_back(page, location)
    assert "opened in another browser" in come_back(page, location)


def test_another_persons_way_back_is_worth_nothing(page, sender, client, django_user_model):
    location = consent(way(page, sender))
    from django.test import Client

    other = Client()
    other.force_login(person("oleg"))
    assert "expired or was opened in another browser" in come_back(other, location)
    sender.refresh_from_db()
    assert "refresh_token" not in sender.credentials


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"denies": True}, "Access was not granted"),
        ({"client_secret": "another"}, "rejected the sign-in (invalid_client)"),
        ({"is_offline": False}, "returned no refresh token"),
        ({"fails_with": 503}, "isn't answering right now"),
    ],
)
def test_what_can_go_wrong_at_the_provider_is_said(page, sender, provider, change, said):
    for name, value in change.items():
        setattr(provider, name, value)
    assert said in come_back(page, consent(way(page, sender)))
    sender.refresh_from_db()
    assert "refresh_token" not in sender.credentials


def test_a_right_that_was_unticked_is_missed(provider):
    provider.grants = "openid"
    settings = {
        "sign_in": "xoauth2", "oauth_provider": "google", "client_id": "client",
        "authorize_url": provider.authorize_url, "token_url": provider.url,
    }  # fmt: skip
    account = Account(1, "email", "me@firm.example", "", settings, {"client_secret": "secret"})
    verifier, target = oauth_consent.new_verifier(), connecting.redirect_uri()
    url = oauth_consent.consent_url(account, redirect_uri=target, state="s", verifier=verifier)
    code = parse_qs(urlsplit(consent(url)).query)["code"][0]
    with pytest.raises(oauth_consent.Permanent, match="not granted"):
        oauth_consent.refresh_token(account, code=code, redirect_uri=target, verifier=verifier)


def test_a_stolen_code_is_worth_nothing_without_the_verifier(page, sender, provider):
    account = connecting.services.account(sender)
    code = parse_qs(urlsplit(consent(way(page, sender))).query)["code"][0]
    with pytest.raises(oauth_consent.Permanent, match="invalid_grant"):
        oauth_consent.refresh_token(account, code=code, redirect_uri=connecting.redirect_uri(), verifier="guessed")


def test_a_state_ends_and_cannot_be_forged(page, sender):
    location = consent(way(page, sender))
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert "longer than 15 minutes" in come_back(page, location)
    assert "not valid" in come_back(page, reverse("senders:connected") + "?state=x&code=code-1")


def test_of_google_and_microsoft_everything_is_known():
    for name, host in (("google", "accounts.google.com"), ("microsoft", "login.microsoftonline.com")):
        settings = {"sign_in": "xoauth2", "oauth_provider": name, "client_id": "client"}
        account = Account(1, "email", "me@firm.example", "", settings, {})
        oauth.check(account)
        url = urlsplit(oauth_consent.consent_url(account, redirect_uri="https://x/", state="s", verifier="v"))
        assert url.hostname == host
        assert ("offline" in url.query) is True


def test_without_a_consent_page_it_says_what_to_enter(page, sender):
    sender.settings = {**sender.settings, "authorize_url": ""}
    sender.save()
    shown = page.get(reverse("senders:connection", args=[sender.pk])).content.decode()
    assert "consent page is unknown" in shown


def test_an_address_that_differs_from_the_public_one_is_told(page, sender, settings):
    url = reverse("senders:connection", args=[sender.pk])
    settings.PUBLIC_BASE_URL = "http://testserver"
    assert "Set PUBLIC_BASE_URL" not in page.get(url).content.decode()
    settings.PUBLIC_BASE_URL = "https://mail.example"
    assert "You are using testserver" in page.get(url).content.decode()


def test_a_sender_with_a_password_is_not_sent_away(page):
    plain = make_sender()
    answer = page.get(reverse("senders:connection", args=[plain.pk]), follow=True)
    assert "does not sign in by OAuth 2.0" in answer.content.decode()
    assert "Connect the mailbox" not in answer.content.decode()


def test_only_operators_connect(client, sender):
    client.force_login(person("vera", Role.VIEWER))
    assert client.get(reverse("senders:connection", args=[sender.pk])).status_code == 403
    assert client.get(reverse("senders:connected")).status_code == 403
    assert Sender.objects.get(pk=sender.pk).credentials == {"client_secret": "secret"}
