"""Users with one role each, how they sign in, their sessions, API keys, invitations, first-administrator links."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from outreach.access.roles import RANK, Role
from outreach.core import clock
from outreach.core.models import Dated
from outreach.core.states import one_of

DEMO_LOGIN = "demo"
"""The login of the demo world; outside it no one can sign in by this name."""


LANGUAGES = [("en", "English"), ("ru", "Русский")]


class Theme(models.TextChoices):
    """How pages look; the value is the `data-theme` of the page."""

    SYSTEM = "", _("Same as the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractUser):
    """A person who works with the product. Erasure: deactivate and blank the name; audit rows keep the login name."""

    role = models.TextField(_("role"), choices=Role.choices, default=Role.VIEWER)
    language = models.TextField(_("language"), choices=LANGUAGES, default="en")
    time_zone = models.TextField(
        _("time zone"), blank=True, default="", help_text=_("Empty: taken from the browser at the next sign-in")
    )
    is_email_confirmed = models.BooleanField(
        _("e-mail confirmed"),
        default=False,
        help_text=_("An invitation or an issuer proved that the address is theirs."),
    )
    theme = models.TextField(_("theme"), choices=Theme.choices, default=Theme.SYSTEM, blank=True)

    class Meta(AbstractUser.Meta):
        constraints = [one_of("role", Role.choices), one_of("language", LANGUAGES), one_of("theme", Theme.choices)]

    acts_as = ""
    """A lower role that this request is held to: the scope of the API key that it came with."""

    def set_role(self, role: str) -> None:
        """Set the role and what Django's admin derives from it: operators get in, administrators may do all. The caller saves."""
        self.role = Role(role)
        self.is_staff = RANK[self.role] >= RANK[Role.OPERATOR]
        self.is_superuser = self.role == Role.ADMINISTRATOR

    @property
    def may_sign_in(self) -> bool:
        """Active, and not the demo login while the demo world is off."""
        return self.is_active and (settings.DEMO or self.username != DEMO_LOGIN)

    def has_role(self, role: str) -> bool:
        """Whether this user's role is `role` or a higher one."""
        own = RANK[Role.ADMINISTRATOR if self.is_superuser else Role(self.role)]
        held_to = RANK[Role(self.acts_as)] if self.acts_as else own
        return self.may_sign_in and min(own, held_to) >= RANK[Role(role)]


class Session(AbstractBaseSession):
    """A browser in which somebody is signed in. Deleting the row signs it out. Erasure: gone with its user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    agent = models.TextField(blank=True, help_text=_("The browser's own name for itself"))
    network_address = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")


class SecondFactor(Dated):
    """The secret that a user's authenticator app shares with us (TOTP, RFC 6238), encrypted.

    Asked for from `confirmed_at` on. `used_step` is the last step whose code was accepted: no code serves twice.
    Erasure: gone with its user.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret_token = models.TextField(editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    used_step = models.BigIntegerField(default=0, editable=False)


class RecoveryCode(models.Model):
    """A code that stands in for the authenticator app once; stored as a keyed hash. Erasure: gone with its user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.TextField(editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]


class ExternalLogin(Dated):
    """A person at an OpenID Connect issuer who signs in as `user`. Erasure: gone with its user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="external_logins")
    issuer = models.TextField(_("issuer"))
    subject = models.TextField(_("number at the issuer"), editable=False)
    email = models.TextField(_("e-mail"), blank=True, help_text=_("As the issuer gave it when it was connected"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("external sign-in")
        verbose_name_plural = _("external sign-ins")
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_user_a_subject")]

    def __str__(self) -> str:
        return f"{self.issuer} {self.email}"


class Passkey(Dated):
    """The public half of a WebAuthn credential. `sign_count` never goes back. Erasure: gone with its user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.TextField(_("name"))
    credential_id = models.TextField(unique=True, editable=False)
    credential = models.BinaryField(editable=False, help_text="Attested credential data (WebAuthn 6.5.1).")
    sign_count = models.BigIntegerField(default=0, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")

    def __str__(self) -> str:
        return self.name


class Invitation(Dated):
    """A link with which one person makes their own user; stored hashed, valid once and for a week.

    Erasure: delete the row; the audit trail holds the role and no address.
    """

    email = models.EmailField(_("e-mail"))
    role = models.TextField(_("role"), choices=Role.choices)
    digest = models.TextField(unique=True, editable=False)
    expires_at = models.DateTimeField()
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("role", Role.choices),
            models.UniqueConstraint(Lower("email"), condition=models.Q(accepted_at=None), name="one_open_invitation"),
        ]

    def __str__(self) -> str:
        return self.email


class ApiKey(Dated):
    """A key for the API: shown once, stored as SHA-256 (the key itself has 256 bits of entropy, so no slow hash)."""

    name = models.TextField(_("name"))
    prefix = models.TextField(unique=True)
    digest = models.TextField(unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    scope = models.TextField(
        _("scope"), choices=Role.choices, blank=True, default="", help_text=_("Empty: all that its user may do")
    )
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [one_of("scope", [("", ""), *Role.choices])]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def has_expired(self) -> bool:
        """Whether its last day is over."""
        return self.expires_at is not None and self.expires_at <= clock.now()


class SetupLink(Dated):
    """A one-time link with which the first administrator is created; stored hashed, valid for a day."""

    digest = models.TextField(unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class SignInFailures(models.Model):
    """Failures in a row of one login name at one network address, or of one address; a success deletes the former.

    `key` is a keyed hash, so the row holds no personal data.
    """

    key = models.TextField(unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "sign-in failures"
