"""Signing in with OAuth 2.0 over SMTP and IMAP: tokens bought once, renewed when refused, revoked in a sentence."""

import pytest
from django.core.cache import cache

from conversations.channels.base import Account, Fault, NotSent
from conversations.channels.email import imap, oauth
from conversations.channels.email.account import imap_server as server_of
from conversations.channels.email.account import smtp_server
from conversations.channels.email.adapter import SmtpAdapter
from conversations.senders.models import Sender
from outreach.core import secrets
from outreach.core.errors import Invalid
from tests.conversations.channels.test_contract import mail
from tests.conversations.factories import make_sender
from tests.servers.imap_server import ImapServer, dovecot
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
def endpoint():
    with TokenEndpoint() as server:
        yield server


@pytest.fixture
def sink(endpoint):
    with SmtpSink(Options(username="me@firm.example", access_tokens=endpoint.good)) as server:
        yield server


@pytest.fixture
def smtp():
    adapter = SmtpAdapter()
    yield adapter
    adapter.close()


def make_account(endpoint, sink=None, *, account_id=1, settings=None, credentials=None):
    return Account(
        account_id,
        "email",
        "me@firm.example",
        "Jane Doe",
        {
            "host": "127.0.0.1", "port": sink.port if sink else 25, "security": "plain", "sign_in": "xoauth2",
            "token_url": endpoint.url, "client_id": "client", "timeout_seconds": 5, **(settings or {}),
        },
        {"client_secret": "secret", "refresh_token": "refresh-1", **(credentials or {})},
    )  # fmt: skip


def test_mail_leaves_signed_in_by_a_token_that_is_bought_once(smtp, endpoint, sink):
    account = make_account(endpoint, sink)
    smtp.send(account, mail())
    smtp.close()
    smtp.send(account, mail(rfc_message_id="second@firm.example"))
    assert len(sink.messages) == 2
    assert len(endpoint.requests) == 1


def test_a_kept_token_is_encrypted_and_serves_other_processes(smtp, endpoint, sink):
    account = make_account(endpoint, sink)
    smtp.send(account, mail())
    grant = smtp_server(account).grant
    stored = cache.get(grant.key)
    assert "access-1" not in stored
    assert secrets.decrypt(stored)["token"] == "access-1"
    oauth.forget()
    assert oauth.access_token(grant) == "access-1"
    assert len(endpoint.requests) == 1


def test_a_token_that_is_about_to_end_is_not_used(endpoint):
    endpoint.expires_in = 61
    grant = smtp_server(make_account(endpoint)).grant
    assert oauth.access_token(grant) == "access-1"
    oauth._known[grant.key] = ("access-1", oauth._known[grant.key][1] - 10)
    cache.clear()
    assert oauth.access_token(grant) == "access-2"


def test_a_token_that_is_refused_before_its_time_is_renewed(smtp, endpoint, sink):
    account = make_account(endpoint, sink)
    smtp.send(account, mail())
    smtp.close()
    endpoint.good.clear()
    smtp.send(account, mail(rfc_message_id="second@firm.example"))
    assert len(sink.messages) == 2
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize(
    ("change", "fault", "code"),
    [
        ({"refresh_token": "another"}, Fault.SENDER, "invalid_grant"),
        ({"client_id": "another"}, Fault.SENDER, "invalid_client"),
        ({"fails_with": 503}, Fault.PASSING, "no_token"),
        ({"fails_with": 429}, Fault.PASSING, "no_token"),
    ],
)
def test_what_the_endpoint_refuses_is_sorted_into_revoked_and_passing(smtp, endpoint, sink, change, fault, code):
    for name, value in change.items():
        setattr(endpoint, name, value)
    with pytest.raises(NotSent) as error:
        smtp.send(make_account(endpoint, sink), mail())
    assert (error.value.fault, error.value.code) == (fault, code)
    assert "refresh-1" not in error.value.reason


def test_an_endpoint_out_of_reach_is_passing(smtp, endpoint, sink):
    account = make_account(endpoint, sink, settings={"token_url": "http://127.0.0.1:9/token"})
    with pytest.raises(NotSent) as error:
        smtp.send(account, mail())
    assert error.value.fault is Fault.PASSING


def test_a_refresh_token_that_the_provider_replaces_is_kept_at_once(smtp, endpoint, sink):
    sender = make_sender()
    sender.set_credentials({"client_secret": "secret", "refresh_token": "refresh-1"})
    sender.save()
    endpoint.rotates = True
    smtp.send(make_account(endpoint, sink, account_id=sender.pk), mail())
    assert Sender.objects.get().credentials == {"client_secret": "secret", "refresh_token": "refresh-2"}


@pytest.mark.parametrize(
    ("field", "chosen", "credentials"),
    [
        ("token_url", {"token_url": ""}, {}),
        ("token_url", {"token_url": "http://login.example/token"}, {}),
        ("client_id", {"client_id": ""}, {}),
        ("authorize_url", {"authorize_url": "http://login.example/authorize"}, {}),
    ],
)
def test_what_is_missing_is_said_when_it_is_saved(smtp, endpoint, field, chosen, credentials):
    with pytest.raises(Invalid) as error:
        smtp.check_settings(make_account(endpoint, settings=chosen, credentials=credentials))
    assert error.value.field == field


def test_without_anybodys_consent_it_is_saved_and_says_what_to_do(smtp, endpoint, sink):
    account = make_account(endpoint, sink, credentials={"refresh_token": ""})
    smtp.check_settings(account)
    with pytest.raises(NotSent, match="Connect the mailbox") as error:
        smtp.verify(account)
    assert (error.value.fault, error.value.code, endpoint.requests) == (Fault.SENDER, "no_refresh_token", [])


def test_nobody_prints_a_secret(endpoint):
    server = smtp_server(make_account(endpoint))
    assert "refresh-1" not in repr(server)
    assert "secret" not in repr(server).replace("client_secret", "")


@pytest.mark.skipif(dovecot() is None, reason="Dovecot is not installed")
def test_the_inbox_is_read_signed_in_by_a_token(endpoint):
    with ImapServer(introspection_url=f"{endpoint.base_url}/introspect") as server:
        settings = {"imap_host": "127.0.0.1", "imap_port": server.port, "imap_security": "plain"}
        account = make_account(endpoint, settings=settings)
        with imap.signed_in(server_of(account)) as mailbox:
            assert mailbox.folder.status("INBOX")["MESSAGES"] == 0
        endpoint.good.clear()
        with imap.signed_in(server_of(account)) as mailbox:
            assert mailbox.folder.status("INBOX")["MESSAGES"] == 0
        assert len(endpoint.requests) == 2
        endpoint.good.clear()
        endpoint.refresh_token = "another"
        with pytest.raises(NotSent) as error, imap.signed_in(server_of(account)):
            pass
        assert error.value.fault is Fault.SENDER
