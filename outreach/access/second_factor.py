"""The second factor: codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds) and recovery codes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pyotp
import segno
from django.db import transaction

from outreach.access import lockout
from outreach.access.attempts import count_attempt, forget, refuse_while_locked
from outreach.access.models import RecoveryCode, SecondFactor, User
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.secrets import address_digest, decrypt, encrypt
from outreach.core.words import gettext as _

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A phone's clock may be this many steps off."""
RECOVERY_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without letters and digits that look alike."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs: a picture of its address, and the secret for who cannot scan."""

    qr_svg: str
    secret: str


def is_on(user: User) -> bool:
    """Whether `user` is asked for a code when they sign in."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def begin(user: User) -> Enrolment:
    """The secret to put into the app; the same one until it is confirmed. Raises `Refused` when it is on already."""
    factor, _is_new = SecondFactor.objects.get_or_create(
        user=user, defaults={"secret_token": encrypt(pyotp.random_base32())}
    )
    if factor.confirmed_at:
        raise Refused(_("The second factor is already on."), code="second_factor_on")
    secret = str(decrypt(factor.secret_token))
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name="Outreach")
    picture = segno.make(uri, error="m").svg_inline(scale=4, border=3, light="#fff", omitsize=True)
    return Enrolment(picture, " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)))


@transaction.atomic
def turn_on(*, user: User, code: str) -> list[str]:
    """Ask for codes from now on; returns the recovery codes, shown now and never again. Raises `Invalid` (code)."""
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if factor is None or not _accepts(factor, code):
        raise Invalid("code", _("This code isn't right. Enter the six digits that the app shows now."))
    factor.confirmed_at = clock.now()
    factor.save()
    record("user.second_factor_on", subject=user, actor=Actor.of(user))
    return new_recovery_codes(user=user, actor=Actor.of(user))


@transaction.atomic
def new_recovery_codes(*, user: User, actor: Actor) -> list[str]:
    """Ten new recovery codes in place of all earlier ones."""
    user.recovery_codes.all().delete()
    codes = [
        "-".join("".join(secrets.choice(_ALPHABET) for _n in range(5)) for _part in range(2))
        for _code in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code)) for code in codes)
    record("user.recovery_codes_made", subject=user, actor=actor)
    return codes


@transaction.atomic
def turn_off(*, user: User, actor: Actor) -> None:
    """Ask for the password only; the app's secret and the recovery codes are deleted."""
    user.recovery_codes.all().delete()
    if SecondFactor.objects.filter(user=user).delete()[0]:
        record("user.second_factor_off", subject=user, actor=actor)


def check(*, user: User, code: str, network_address: str) -> None:
    """Accept a code of the app or a recovery code, each once.

    Raises `Invalid` (field `code`) for a wrong one and `Refused` (code `locked`) after too many.
    """
    key = address_digest(f"second factor {user.pk} {network_address}")
    refuse_while_locked([key])
    if _is_right(user, code):
        forget(key)
        return
    count_attempt(key, free=lockout.FREE_FAILURES)
    record("user.second_factor_failed", subject=user, actor=Actor.of(user))
    refuse_while_locked([key])
    raise Invalid("code", _("This code isn't right. Enter the six digits that the app shows now, or a recovery code."))


@transaction.atomic
def _is_right(user: User, code: str) -> bool:
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        return False
    if _accepts(factor, code):
        factor.save(update_fields=["used_step", "updated_at"])
        return True
    plain = RecoveryCode.objects.filter(user=user, digest=_digest(code), used_at=None)
    if plain.update(used_at=clock.now()):
        record("user.recovery_code_used", subject=user, actor=Actor.of(user))
        return True
    return False


def _accepts(factor: SecondFactor, code: str) -> bool:
    """Whether `code` is of a step around now that no code was accepted for; that step is then used."""
    digits = "".join(code.split())
    totp = pyotp.TOTP(str(decrypt(factor.secret_token)))
    now = int(clock.now().timestamp()) // STEP_SECONDS
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if step > factor.used_step and pyotp.utils.strings_equal(totp.generate_otp(step), digits):
            factor.used_step = step
            return True
    return False


def _digest(code: str) -> str:
    return address_digest(f"recovery {code.strip().lower().replace('-', '').replace(' ', '')}")
