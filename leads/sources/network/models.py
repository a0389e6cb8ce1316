"""Accounts on networks, and the profiles that were met there."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models import Lead, key_field
from outreach.access.roles import Role, at_least
from outreach.core import secrets
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import State, StateMachine

_STAFF = at_least(Role.OPERATOR)

ACCOUNT = StateMachine(
    name="network account",
    initial="signed_out",
    states={
        "signed_out": State(_("Not signed in"), to=("ready", "needs_code", "stopped", "paused"), colour="grey"),
        "needs_code": State(_("Code required"), to=("ready", "stopped", "signed_out", "paused"), colour="amber"),
        "ready": State(
            _("Signed in"), to=("signed_out", "needs_code", "stopped", "paused"), colour="green", roles=_STAFF
        ),
        "paused": State(_("Paused"), to=("signed_out", "ready"), colour="grey", roles=_STAFF),
        "stopped": State(_("Stopped, needs a person"), to=("signed_out", "paused"), colour="red"),
    },
    sets={
        "working": ("signed_out", "ready"),  # the product may open the site by itself
        "asking": ("stopped", "needs_code"),  # a person is needed
        "signing_in": ("signed_out", "ready", "needs_code"),
        "entered": ("ready", "needs_code"),  # signed in, or all but for the code
        "held": ("stopped", "paused"),
    },
)

PROFILE = StateMachine(
    name="network profile",
    initial="discovered",
    states={
        "discovered": State(
            _("Discovered"), to=("enriched", "pending", "connected", "completed", "failed", "ignored"), colour="grey"
        ),
        "enriched": State(
            _("Enriched"),
            to=("qualified", "disqualified", "pending", "connected", "completed", "failed", "ignored"),
            colour="blue",
        ),
        "qualified": State(
            _("Qualified"),
            to=("disqualified", "pending", "connected", "completed", "failed", "ignored"),
            colour="blue",
        ),
        "disqualified": State(_("Disqualified"), to=("qualified", "pending", "connected", "completed"), colour="grey"),
        "pending": State(_("Invited"), to=("connected", "completed", "failed"), colour="amber"),
        "connected": State(_("Connected"), to=("completed", "failed"), colour="green"),
        "completed": State(_("Written to"), colour="green"),
        "failed": State(
            _("Failed"), to=("discovered", "enriched", "pending", "connected", "completed"), colour="red", roles=_STAFF
        ),
        "ignored": State(
            _("Ignored"), to=("pending", "connected", "completed", "qualified"), colour="grey", roles=_STAFF
        ),
    },
)


class NetworkAccount(Dated):
    """A login on one network. Credentials and the stored session are encrypted; the numbers are our own limits.

    Erasure: belongs to the team, holds nobody else's data.
    """

    name = models.TextField(_("name"), unique=True)
    base_url = models.TextField(_("address of the site"))
    username = models.TextField(_("sign-in name"))
    own_public_id = key_field(help_text="Public id of the account's own profile, which is never a lead")
    credentials_token = models.TextField(blank=True, editable=False)
    session_token = models.TextField(blank=True, editable=False, help_text="Cookies and storage, encrypted")
    session_saved_at = models.DateTimeField(null=True, blank=True)
    code_token = models.TextField(blank=True, editable=False, help_text="A code entered by a person, encrypted")
    state = models.TextField(choices=ACCOUNT.choices, default=ACCOUNT.initial)
    state_reason = SentenceField(blank=True)
    state_code = models.TextField(blank=True, help_text="challenge, credentials, code_needed, …")
    terms_accepted_at = models.DateTimeField(null=True, blank=True)
    terms_accepted_by = models.TextField(blank=True)
    views_a_day = models.PositiveIntegerField(_("profiles opened in 24 hours"), default=60)
    searches_a_day = models.PositiveIntegerField(_("result pages in 24 hours"), default=20)
    invitations_a_day = models.PositiveIntegerField(_("invitations in 24 hours"), default=15)
    invitations_a_week = models.PositiveIntegerField(_("invitations in 7 days"), default=80)
    gap_seconds = models.PositiveIntegerField(_("seconds between two actions"), default=45)
    note_limit = models.PositiveIntegerField(_("maximum characters of a note"), default=200)
    fills_gaps = models.BooleanField(_("read discovered profiles between other work"), default=False)
    time_zone = models.TextField(_("time zone"), default="UTC")
    working_hours = models.JSONField(default=dict, blank=True)
    limited_until = models.DateTimeField(null=True, blank=True, help_text="The site's own limit was reached")
    next_major_at = models.DateTimeField(
        null=True, blank=True, help_text="When something more important than reading profiles is due next"
    )
    message_number = models.BigIntegerField(default=0, help_text="The last message copied from the site")
    polled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            ACCOUNT.constraint(),
            models.UniqueConstraint(fields=["base_url", "username"], name="network_account_login"),
        ]

    def __str__(self) -> str:
        return self.name

    is_signed_out = ACCOUNT.predicate("signed_out")
    needs_code = ACCOUNT.predicate("needs_code")
    is_ready = ACCOUNT.predicate("ready")
    is_stopped = ACCOUNT.predicate("stopped")
    is_held = ACCOUNT.predicate(*ACCOUNT.held)
    is_asking = ACCOUNT.predicate(*ACCOUNT.asking)

    @property
    def credentials(self) -> dict[str, Any]:
        """`password` and optionally `totp_secret`. Raises `Permanent` when the SECRET_KEY that encrypted them is gone."""
        return dict(secrets.decrypt(self.credentials_token)) if self.credentials_token else {}

    @property
    def storage(self) -> dict[str, Any] | None:
        """The stored session in the browser's format."""
        return dict(secrets.decrypt(self.session_token)) if self.session_token else None


class NetworkProfile(Dated):
    """A profile found on a network, and its state.

    Erasure: with its lead, everything but the keyed digest is blanked, so that the same person is not added again.
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="network_profile")
    account = models.ForeignKey(
        NetworkAccount, null=True, blank=True, on_delete=models.SET_NULL, related_name="profiles"
    )
    address = key_field(help_text="As the identity on the channel: host/in/public-id")
    address_digest = models.TextField(unique=True, db_collation="C")
    public_id = key_field()
    state = models.TextField(choices=PROFILE.choices, default=PROFILE.initial)
    state_reason = SentenceField(blank=True)
    degree = models.PositiveSmallIntegerField(null=True, blank=True)
    found_on = models.TextField(blank=True, help_text="The page that linked to it")
    facts = models.JSONField(default=dict, blank=True, help_text="The parsed profile")
    enriched_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_look_at = models.DateTimeField(null=True, blank=True, help_text="When it may be read (again)")

    class Meta:
        constraints = [PROFILE.constraint()]
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["account", "next_look_at", "id"],
                condition=models.Q(state=PROFILE.DISCOVERED),
                name="network_profile_to_read",
            ),
            models.Index(fields=["state", "-id"], name="network_profile_state"),
        ]

    def __str__(self) -> str:
        return self.address or f"#{self.pk}"

    is_discovered = PROFILE.predicate("discovered")
