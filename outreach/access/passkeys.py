"""Passkeys (WebAuthn level 2): a device's own key in place of the password and the second factor.

A credential is discoverable and proves that its user was verified by the device, so it counts as both factors. It is
bound to the host under which it was made.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from outreach.access import lockout
from outreach.access.attempts import count_attempt, refuse_while_locked
from outreach.access.models import Passkey, User
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _

MOST = 20
REQUIRED = UserVerificationRequirement.REQUIRED
FAULTY = (ValueError, KeyError, TypeError, AttributeError, AssertionError, InvalidSignature)
"""What the library raises for answers that are wrong or no answers at all."""
State = dict[str, Any]
"""What has to be remembered between the two steps; JSON."""


@dataclass(frozen=True)
class Site:
    """The address of this installation as the browser sees it: `outreach.firm.example`, `https://…`."""

    host: str
    origin: str

    @property
    def can_have_passkeys(self) -> bool:
        """Browsers make none for bare IP addresses, nor without TLS except on localhost."""
        try:
            ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost"
        return False

    @property
    def server(self) -> Fido2Server:
        entity = PublicKeyCredentialRpEntity(id=self.host, name="Outreach")
        return Fido2Server(entity, verify_origin=lambda origin: origin == self.origin)


def begin_adding(*, user: User, site: Site) -> tuple[dict[str, Any], State]:
    """What `navigator.credentials.create` is given, and what to remember. Raises `Refused` for a user with too many."""
    known = [AttestedCredentialData(bytes(passkey.credential)) for passkey in user.passkeys.all()]
    if len(known) >= MOST:
        raise Refused(_("You have %(n)d passkeys. Remove one first.") % {"n": MOST}, code="too_many_passkeys")
    handle = bytes.fromhex(address_digest(f"passkey user {user.pk}"))
    options, state = site.server.register_begin(
        PublicKeyCredentialUserEntity(
            id=handle, name=user.username, display_name=user.get_full_name() or user.username
        ),
        credentials=known,
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=REQUIRED,
    )
    return dict(options), state


@transaction.atomic
def finish_adding(*, user: User, site: Site, state: State, response: Any, name: str) -> Passkey:
    """Keep the public key. Raises `Invalid` for an answer that does not fit and for a credential that is known."""
    try:
        data = site.server.register_complete(state, response)
        credential = data.credential_data
        assert credential is not None
        with transaction.atomic():
            passkey = Passkey.objects.create(
                user=user,
                name=_name(name),
                credential_id=websafe_encode(credential.credential_id),
                credential=bytes(credential),
                sign_count=data.counter,
            )
    except FAULTY as error:
        raise Invalid("", _("This passkey could not be verified. Try again."), code="passkey_unverified") from error
    except IntegrityError as error:
        raise Invalid("", _("This passkey has been added already."), code="passkey_known") from error
    record("user.passkey_added", subject=user, actor=Actor.of(user), data={"passkey": passkey.pk})
    return passkey


def begin_signing_in(*, site: Site) -> tuple[dict[str, Any], State]:
    """What `navigator.credentials.get` is given, for whoever it is, and what to remember."""
    options, state = site.server.authenticate_begin(user_verification=REQUIRED)
    return dict(options), state


def finish_signing_in(*, site: Site, state: State, response: Any, network_address: str) -> User:
    """Who signs in. Raises `Invalid` for what does not fit, `Refused` (code `locked`) after too many of those."""
    key = address_digest(f"passkey {network_address}")
    refuse_while_locked([key])
    try:
        return _verified(site, state, response)
    except FAULTY as error:
        count_attempt(key, free=lockout.FREE_FAILURES_PER_ADDRESS)
        raise Invalid(
            "", _("This passkey isn't known here. Sign in another way."), code="passkey_unverified"
        ) from error


@transaction.atomic
def _verified(site: Site, state: State, response: Any) -> User:
    given = AuthenticationResponse.from_dict(response)
    rows = Passkey.objects.select_for_update(of=("self",)).select_related("user")
    passkey = rows.filter(credential_id=websafe_encode(given.raw_id)).first()
    if passkey is None:
        raise ValueError("unknown credential")
    site.server.authenticate_complete(state, [AttestedCredentialData(bytes(passkey.credential))], given)
    counter = given.response.authenticator_data.counter
    if (counter or passkey.sign_count) and counter <= passkey.sign_count:
        raise ValueError("the counter went back: a copy of the key is in use")
    if not passkey.user.may_sign_in:
        raise ValueError("the user may not sign in")
    passkey.sign_count, passkey.last_used_at = counter, clock.now()
    passkey.save(update_fields=["sign_count", "last_used_at", "updated_at"])
    return passkey.user


def rename(*, passkey: Passkey, name: str) -> None:
    """Raises `Invalid` for an empty name."""
    passkey.name = _name(name)
    passkey.save(update_fields=["name", "updated_at"])


@transaction.atomic
def remove(*, passkey: Passkey, actor: Actor) -> None:
    """Sign nobody in with it any more. Raises `Refused` when the user would have no way left to sign in."""
    user = passkey.user
    others = user.passkeys.exclude(pk=passkey.pk).exists() or user.external_logins.exists()
    if not (user.has_usable_password() or others):
        raise Refused(_("This is your only way to sign in. Set a password or add a passkey first."), code="last_way")
    if Passkey.objects.filter(pk=passkey.pk).delete()[0]:
        record("user.passkey_removed", subject=user, actor=actor, data={"passkey": passkey.pk})


def _name(text: str) -> str:
    name = " ".join(text.replace("\0", "").split())[:100]
    if not name:
        raise Invalid("name", _("Name the passkey, so you can tell later which one to remove."))
    return name
