"""Finding the servers of a mailbox, and saying what is wrong when the sign-in fails."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from conversations.channels.base import Account, Fault, NotSent
from conversations.channels.email import oauth
from conversations.channels.email.outcomes import refusal
from conversations.senders import discovery
from conversations.senders.models import Sender
from conversations.senders.services import SenderConfig
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.configuration import Configuration
from outreach.core.errors import Invalid
from outreach.core.forms import parts
from tests.servers.smtp_sink import Options, SmtpSink

pytestmark = pytest.mark.django_db


@pytest.fixture
def names(settings):
    """The table of the domain name system."""
    settings.DNS_TABLE = {}
    return settings.DNS_TABLE


@pytest.fixture
def operator(client):
    client.force_login(User.objects.create_user("olga", role=Role.OPERATOR))
    return client


def form_of(page, kind, **given):
    """What a browser would post: the shown values with what was typed."""
    form = page.get(reverse("senders:new", args=[kind])).context["form"]
    shown = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", False)}
    return page.post(reverse("senders:new", args=[kind]), {**shown, **given})


@pytest.mark.parametrize(
    ("address", "host", "imap"),
    [
        ("ann@gmail.com", "smtp.gmail.com", "imap.gmail.com"),
        ("ann@Outlook.com", "smtp.office365.com", "outlook.office365.com"),
        ("ann@gmx.de", "mail.gmx.net", "imap.gmx.net"),
        ("ann@yandex.ru", "smtp.yandex.com", "imap.yandex.com"),
    ],
)
def test_a_well_known_domain_needs_no_question_to_anybody(names, address, host, imap):
    found = discovery.find(address)
    assert (found.smtp.host, found.imap.host) == (host, imap)


@pytest.mark.parametrize(
    ("mx", "provider"),
    [
        ("aspmx.l.google.com", "google"),
        ("firm-de.mail.protection.outlook.com", "microsoft"),
        ("in1-smtp.messagingengine.com", "fastmail"),
        ("mx01.ionos.de", "ionos"),
    ],
)
def test_the_mx_records_of_a_firms_own_domain_name_its_provider(names, mx, provider):
    names["firm.example"] = {"MX": [mx]}
    assert discovery.find("ann@firm.example").provider == provider


def test_srv_records_come_before_guesses(names):
    names["firm.example"] = {"MX": ["mx.firm.example"]}
    names["smtp.firm.example"] = {"A": ["192.0.2.1"]}
    names["_submission._tcp.firm.example"] = {"SRV": ["20 1 587 second.firm.example", "10 1 587 out.firm.example."]}
    names["_imaps._tcp.firm.example"] = {"SRV": ["0 1 993 in.firm.example"]}
    found = discovery.find("ann@firm.example")
    assert (found.smtp, found.imap) == (
        discovery.Endpoint("out.firm.example", 587, "starttls"),
        discovery.Endpoint("in.firm.example", 993, "ssl"),
    )


def test_a_service_that_the_domain_says_it_has_not_is_not_used(names):
    names["_submissions._tcp.firm.example"] = {"SRV": ["0 0 0 ."]}
    names["_submission._tcp.firm.example"] = {"SRV": ["0 1 587 out.firm.example"]}
    names["_imaps._tcp.firm.example"] = {"SRV": ["nonsense"]}
    found = discovery.find("ann@firm.example")
    assert found.smtp.host == "out.firm.example" and found.imap is None


def test_the_usual_names_are_tried_last(names):
    names["mail.firm.example"] = {"A": ["192.0.2.1"]}
    found = discovery.find("ann@firm.example")
    assert (found.smtp.host, found.imap.host) == ("mail.firm.example", "mail.firm.example")


def test_no_field_of_the_form_is_drawn_twice(operator):
    for kind in ("smtp", "google", "twilio", "sendgrid", "sandbox"):
        page = operator.get(reverse("senders:new", args=[kind]))
        names = [field.name for part in parts(page.context["form"]) for field in part.fields]
        assert len(names) == len(set(names)), kind


def test_a_mailbox_needs_its_password(operator):
    answer = form_of(operator, "smtp", address="ann@gmail.com")
    assert "credential_password" in answer.context["form"].errors
    assert not Sender.objects.exists()


def test_an_unknown_domain_is_asked_for_its_servers(names, operator):
    answer = form_of(operator, "smtp", address="ann@firm.example", credential_password="secret")
    assert answer.status_code == 422 and "could not be found" in str(answer.context["form"].errors["setting_host"])
    assert not Sender.objects.exists()


@pytest.mark.parametrize(
    ("code", "words", "hint", "expected"),
    [
        (535, "5.7.8 Username and Password not accepted", "google", "Google needs an app password"),
        (
            535,
            "5.7.139 Authentication unsuccessful, basic authentication is disabled",
            "microsoft",
            "Connect Microsoft",
        ),
        (534, "5.7.9 Application-specific password required", "app_password", "needs an app password"),
        (535, "authentication failed", "", "Check the password and the user name"),
    ],
)
def test_a_refused_password_says_what_to_do(code, words, hint, expected):
    field, sentence = discovery.explain(refusal("auth", code, words), hint)
    assert field == "password" and expected in sentence and words in sentence


def test_another_fault_is_shown_at_the_server():
    assert discovery.explain(NotSent(Fault.PASSING, "no_connection", "x:1 cannot be reached"), "google") == (
        "host",
        "x:1 cannot be reached",
    )


def test_nothing_is_saved_before_the_sign_in_worked(operator, monkeypatch):
    with SmtpSink(Options(username="ann@firm.example", password="right")) as sink:
        servers = discovery.MailServers(discovery.Endpoint("127.0.0.1", sink.port, "plain"), None, "", "Found", "")
        monkeypatch.setattr(discovery, "find", lambda address: servers)
        answer = form_of(operator, "smtp", address="ann@firm.example", credential_password="wrong")
        page = answer.content.decode()
        assert answer.status_code == 422 and "The server refused the password" in page
        assert 'value="127.0.0.1"' in page and "wrong" not in page.replace("went wrong", "")
        assert not Sender.objects.exists()
        assert form_of(operator, "smtp", address="ann@firm.example", credential_password="right").status_code == 302
    sender = Sender.objects.get()
    assert (sender.state, sender.settings["host"], sender.settings["port"]) == ("active", "127.0.0.1", sink.port)
    assert (sender.name, sender.daily_cap, sender.warmup_start) == ("ann@firm.example", 40, 5)


def test_a_mailbox_may_be_added_without_signing_in(operator):
    answer = form_of(operator, "smtp", address="ann@gmail.com", setting_host="127.0.0.1", untested="1")
    assert answer.status_code == 302
    assert Sender.objects.get().state == "unverified"


def test_google_is_connected_with_the_teams_app(operator, settings, monkeypatch):
    settings.OUTREACH = Configuration.model_validate({"oauth": {"google": {"client_id": "our-app"}}})
    monkeypatch.setenv("GOOGLE_CLIENT_SECRET", "hush")
    answer = form_of(operator, "google", address="ann@gmail.com")
    sender = Sender.objects.get()
    assert answer["Location"] == reverse("senders:connection", args=[sender.pk])
    assert (sender.settings["host"], sender.settings["sign_in"]) == ("smtp.gmail.com", "xoauth2")
    page = operator.get(answer["Location"]).content.decode()
    assert "accounts.google.com" in page and "client_id=our-app" in page and "hush" not in page


def test_the_teams_secret_goes_to_the_provider_only(settings, monkeypatch):
    settings.OUTREACH = Configuration.model_validate({"oauth": {"google": {"client_id": "our-app"}}})
    monkeypatch.setenv("GOOGLE_CLIENT_SECRET", "hush")
    chosen = {"sign_in": "xoauth2", "oauth_provider": "google"}
    account = Account(1, "email", "ann@gmail.com", "", chosen, {})
    assert oauth.client(account) == ("our-app", "hush")
    elsewhere = replace(account, settings={**chosen, "token_url": "https://evil.example/token"})
    assert oauth.client(elsewhere) == ("", "")


def test_without_an_app_the_page_says_what_to_put_where(operator):
    page = operator.get(reverse("senders:new", args=["microsoft"])).content.decode()
    assert "Entra" in page and "[oauth.microsoft]" in page and reverse("senders:connected") in page
    assert form_of(operator, "microsoft", address="ann@firm.example").status_code == 422
    answer = form_of(
        operator, "microsoft", address="ann@firm.example", setting_client_id="mine", credential_client_secret="s"
    )
    assert answer.status_code == 302
    assert Sender.objects.get().settings["client_id"] == "mine"


def test_every_kind_has_a_card_and_a_form(operator):
    page = operator.get(reverse("senders:choice"))
    kinds = [card.kind for card in page.context["cards"] if not card.kind.startswith("#")]
    kinds += [info.name for info in page.context["providers"]]
    assert {"google", "microsoft", "smtp", "twilio", "sendgrid", "network"} <= set(kinds)
    for kind in kinds:
        assert operator.get(reverse("senders:new", args=[kind])).status_code == 200, kind


def test_servers_are_never_guessed_for_a_given_host():
    config = SenderConfig(name="A", channel="email", adapter="smtp", address="a@gmail.com", settings={"host": "mine"})
    assert discovery.complete(config) == (config, None)
    with pytest.raises(Invalid):
        discovery.complete(SenderConfig(name="A", channel="email", adapter="smtp", address="a@nowhere.example"))
