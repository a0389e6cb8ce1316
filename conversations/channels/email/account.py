"""A mailbox as a sender: form fields and a typed view of their values."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from conversations.channels.base import Account
from conversations.channels.email import oauth
from conversations.channels.fields import AdapterInfo, Field
from leads.models import Channel

_SECURITY = (("starttls", _("STARTTLS")), ("ssl", _("TLS (implicit)")), ("plain", _("None (local networks only)")))

OAUTH, REPLIES, SIGNATURE, FINER = (
    _("Sign-in by OAuth 2.0"),
    _("Replies and bounces (IMAP)"),
    _("Domain and footer"),
    _("Advanced"),
)
"""Headings of the form."""

IMAP_SETTINGS = (
    Field("imap_host", _("IMAP server"), help=_("Needed to see replies and bounces"), section=REPLIES),
    Field("imap_port", _("IMAP port"), "integer", default=993, minimum=1, maximum=65_535, section=REPLIES),
    Field("imap_security", _("IMAP encryption"), "choice", default="ssl", choices=_SECURITY, section=REPLIES),
    Field("imap_username", _("IMAP user name"), help=_("Empty: the same as for SMTP"), section=REPLIES),
    Field("sent_folder", _("Folder of sent mail"), help=_("Empty: detected automatically"), section=REPLIES),
    Field("junk_folder", _("Folder of junk mail"), help=_("Empty: detected automatically"), section=REPLIES),
)
"""Where replies are read, whoever sends."""
POSTAL_ADDRESS = Field(
    "postal_address",
    _("Postal address"),
    help=_("In the footer of campaign mail, as required by law. Empty: the company's, from outreach.toml"),
    section=SIGNATURE,
)
PROVIDER_SELECTOR = Field(
    "provider_dkim_selector",
    _("DKIM selector of the provider"),
    help=_("The name before ._domainkey where your provider publishes its key; only used to check it"),
    section=SIGNATURE,
)

INFO = AdapterInfo(
    name="smtp",
    label=_("Mailbox (SMTP and IMAP)"),
    channels=(Channel.EMAIL.value,),
    settings=(
        Field("host", _("SMTP server"), required=True, help=_("For example smtp.example.com")),
        Field("port", _("SMTP port"), "integer", default=587, minimum=1, maximum=65_535),
        Field("security", _("SMTP encryption"), "choice", default="starttls", choices=_SECURITY),
        Field(
            "username", _("User name"), help=_("Empty with a password: the address is used. Both empty: no sign-in.")
        ),
        Field(
            "sign_in",
            _("Sign-in"),
            "choice",
            default="password",
            choices=(("password", _("Password")), ("xoauth2", _("OAuth 2.0 (XOAUTH2)"))),
        ),
        Field(
            "oauth_provider",
            _("OAuth 2.0 provider"),
            "choice",
            default="other",
            choices=(("google", _("Google")), ("microsoft", _("Microsoft")), ("other", _("Other"))),
            help=_("Endpoints and scope are built in for Google and Microsoft"),
            section=OAUTH,
        ),
        Field("client_id", _("Client ID"), help=_("For OAuth 2.0: from your app at the provider"), section=OAUTH),
        Field(
            "authorize_url",
            _("Consent page"),
            help=_("For another provider: its authorization endpoint"),
            section=OAUTH,
        ),
        Field("token_url", _("Token endpoint"), help=_("For another provider"), section=OAUTH),
        Field(
            "oauth_scope",
            _("Scope"),
            help=_("For another provider: sending and reading mail, offline access"),
            section=OAUTH,
        ),
        *IMAP_SETTINGS,
        Field("verify_certificate", _("Check the server's certificate"), "boolean", default=True, section=FINER),
        Field(
            "timeout_seconds",
            _("Seconds to wait for the server"),
            "integer",
            default=30,
            minimum=1,
            maximum=110,
            section=FINER,
        ),
        Field(
            "messages_per_connection",
            _("Messages per connection"),
            "integer",
            default=100,
            minimum=1,
            maximum=10_000,
            section=FINER,
        ),
        POSTAL_ADDRESS,
        Field(
            "dkim_selector",
            _("DKIM selector"),
            help=_("Only if your mail server doesn't sign mail itself"),
            section=SIGNATURE,
        ),
        Field("dkim_domain", _("DKIM domain"), help=_("Empty: the domain of the address"), section=SIGNATURE),
        PROVIDER_SELECTOR,
    ),
    credentials=(
        Field("password", _("Password"), "secret", help=_("An app password if the provider offers them")),
        Field("imap_password", _("IMAP password"), "secret", help=_("Empty: the same as for SMTP"), section=REPLIES),
        Field("client_secret", _("Client secret"), "secret", help=_("For OAuth 2.0"), section=OAUTH),
        Field(
            "refresh_token",
            _("Refresh token"),
            "secret",
            help=_("For OAuth 2.0; empty: “Connect the mailbox” asks the provider for it"),
            section=OAUTH,
        ),
        Field(
            "dkim_private_key",
            _("DKIM private key"),
            "key",
            help=_("RSA, in PEM form; kept encrypted"),
            section=SIGNATURE,
        ),
    ),
)


@dataclass(frozen=True)
class Server:
    """Where to sign in and how."""

    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    timeout_seconds: int
    verifies_certificate: bool
    grant: oauth.Grant | None = None
    """With it, an access token stands in for the password."""
    messages_per_connection: int = 0

    def tls_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self.verifies_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def smtp_server(account: Account) -> Server:
    """The SMTP side of a mailbox."""
    settings, password = account.settings, str(account.credentials.get("password") or "")
    timeout_seconds = int(INFO.value(settings, "timeout_seconds"))
    grant = oauth.grant(account, timeout_seconds=timeout_seconds)
    return Server(
        host=str(settings["host"]),
        port=int(INFO.value(settings, "port")),
        security=str(INFO.value(settings, "security")),
        username=str(INFO.value(settings, "username")) or (account.address if password or grant else ""),
        password=password,
        timeout_seconds=timeout_seconds,
        verifies_certificate=bool(INFO.value(settings, "verify_certificate")),
        grant=grant,
        messages_per_connection=int(INFO.value(settings, "messages_per_connection")),
    )


def imap_server(account: Account) -> Server | None:
    """The IMAP side of a mailbox, or None when it has none."""
    settings = account.settings
    if not settings.get("imap_host"):
        return None
    return Server(
        host=str(settings["imap_host"]),
        port=int(INFO.value(settings, "imap_port")),
        security=str(INFO.value(settings, "imap_security")),
        username=str(settings.get("imap_username") or INFO.value(settings, "username") or account.address),
        password=str(account.credentials.get("imap_password") or account.credentials.get("password") or ""),
        timeout_seconds=int(INFO.value(settings, "timeout_seconds")),
        verifies_certificate=bool(INFO.value(settings, "verify_certificate")),
        grant=oauth.grant(account, timeout_seconds=int(INFO.value(settings, "timeout_seconds"))),
    )
