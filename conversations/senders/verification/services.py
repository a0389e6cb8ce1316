"""Verify mailboxes for a campaign in bulk, and find the address of a single lead; records the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import structlog
from django.conf import settings
from django.db import transaction

from conversations.channels import registry
from conversations.senders.verification.leadmagic import configured
from conversations.senders.verification.verdicts import Checked, Person, Verifier
from leads.models import Channel, Identity, Lead
from leads.services import add_identity, set_address_status
from outreach.core import audit, clock
from outreach.core.addresses import EMAIL, is_reserved
from outreach.core.errors import Invalid, OutreachError, Permanent, Refused, Retryable
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.limits import services as limits
from outreach.limits.models import Allowance
from outreach.limits.windows import DAY, Limits, used

logger = structlog.get_logger(__name__)

BUDGET = "leadmagic:calls"
ASKED_AT_ONCE = 8
FAULTS_IN_A_ROW = 3
"""So many unanswered questions end a check; the next one goes on where this one stopped."""


@dataclass(frozen=True)
class Tally:
    """The result of a check. `note` says why it ended early."""

    asked: int = 0
    valid: int = 0
    risky: int = 0
    invalid: int = 0
    unknown: int = 0
    note: str = ""

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.asked + other.asked,
            self.valid + other.valid,
            self.risky + other.risky,
            self.invalid + other.invalid,
            self.unknown + other.unknown,
            other.note or self.note,
        )


def budget() -> Limits:
    """How many questions may be asked in 24 hours."""
    return Limits(daily=settings.OUTREACH.leadmagic.calls_per_day)


def budget_left() -> int:
    """How many lookups are left now; 0 without a key."""
    if configured() is None:
        return 0
    row = Allowance.objects.filter(key=BUDGET).first()
    if row is None:
        return int(settings.OUTREACH.leadmagic.calls_per_day)
    now = clock.now()
    if row.next_at and row.next_at > now:
        return 0
    return max(0, int(settings.OUTREACH.leadmagic.calls_per_day) - used(row.usage, DAY, now))


def simulated() -> Verifier | None:
    """Who knows reserved addresses: an adapter that reaches them brings a `verifier.py`; None without one."""
    name = next(iter(registry.simulated()), None)
    return cast("Verifier", registry.load(name, "verifier").VERIFIER()) if name else None


def recheck_before() -> datetime:
    """Addresses with an unknown result may be asked about again after this time."""
    return clock.now() - timedelta(days=settings.OUTREACH.leadmagic.recheck_days)


def verify_identities(*, identity_ids: Sequence[int], progress: Callable[[int], None] | None = None) -> Tally:
    """Verify these addresses in parallel and store each verdict at once; those decided in the meantime stay.

    Ends early, with a note, when the budget is used up or the service cannot be asked. Nothing is raised for that.
    """
    rows = Identity.objects.filter(pk__in=identity_ids, channel=Channel.EMAIL, status=Identity.Status.UNKNOWN)
    rows = rows.order_by("id")
    reserved = [row for row in rows if is_reserved(EMAIL, row.address)]
    others = [row for row in rows if not is_reserved(EMAIL, row.address)]
    known = simulated()
    total = _verify(known, reserved, progress) if reserved and known else Tally()
    service = configured()
    if others and service is None:
        return total + Tally(note=_("No key for Leadmagic, so mailboxes at real domains were not checked."))
    if others and service is not None:
        before = total.asked
        total += _verify(service, others, (lambda done: progress(before + done)) if progress else None)
    return total


def _verify(verifier: Verifier, rows: Sequence[Identity], progress: Callable[[int], None] | None) -> Tally:
    total, faults = Tally(), 0
    with ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="verify") as pool:
        for start in range(0, len(rows), ASKED_AT_ONCE):
            batch, now = rows[start : start + ASKED_AT_ONCE], clock.now()
            granted = limits.take(BUDGET, len(batch), budget(), now) if verifier.costs else len(batch)
            asked = batch[:granted]
            answers = list(pool.map(lambda row: _ask(verifier, row.address), asked))
            unanswered = [answer for answer in answers if isinstance(answer, (Retryable, Permanent))]
            if unanswered and verifier.costs:
                limits.give_back(BUDGET, len(unanswered), now)
            for row, answer in zip(asked, answers, strict=True):
                if isinstance(answer, Checked):
                    keep(row, answer, by=verifier.label)
                    total += _one(answer.status)
            faults = faults + len(unanswered) if len(unanswered) == len(asked) else len(unanswered)
            if progress is not None:
                progress(total.asked)
            if note := _reason_to_stop(unanswered, faults):
                return total + Tally(note=note)
            if granted < len(batch):
                return total + Tally(note=_("Today's budget for %(name)s is used up.") % {"name": verifier.label})
    return total


def _one(status: str) -> Tally:
    return Tally(
        1,
        valid=int(status == Identity.Status.VALID),
        risky=int(status == Identity.Status.RISKY),
        invalid=int(status == Identity.Status.INVALID),
        unknown=int(status == Identity.Status.UNKNOWN),
    )


def _ask(verifier: Verifier, address: str) -> Checked | Retryable | Permanent:
    try:
        return verifier.verify(address)
    except Invalid as error:
        return Checked("unknown", error.reason[:200])
    except (Retryable, Permanent) as error:
        return error


def _reason_to_stop(unanswered: Sequence[OutreachError], faults: int) -> str:
    """A refusal or a request to slow down ends the check at once, other trouble after some questions."""
    for error in unanswered:
        if isinstance(error, Permanent):
            return error.reason
        if isinstance(error, Retryable) and error.code == "slow_down":
            limits.hold_off(BUDGET, clock.now() + error.after)
            return error.reason
    if faults >= FAULTS_IN_A_ROW:
        logger.warning("verification.stopped", reason=unanswered[-1].reason)
        return unanswered[-1].reason
    return ""


def keep(identity: Identity, checked: Checked, *, by: str) -> None:
    """Write a verdict to an address unless it was decided in the meantime."""
    day = clock.now().date().isoformat()
    reason = _("%(by)s, %(day)s: %(detail)s") % {"by": by, "day": day, "detail": checked.detail or checked.status}
    undecided = Identity.objects.filter(pk=identity.pk, status=Identity.Status.UNKNOWN)
    set_address_status(undecided, status=checked.status, reason=reason[:500])


# --- finding an address ------------------------------------------------------------------------------------------------


def can_find(lead: Lead) -> bool:
    """Whether a finder may be asked for `lead`'s e-mail address: none is known, but name and company are."""
    try:
        _finder(_person(lead))
    except Refused:
        return False
    return not lead.erased_at and not lead.address(Channel.EMAIL)


def find_email(*, lead: Lead, actor: Actor) -> Identity:
    """Ask a finder for the address of a lead that has none, and add it with its origin.

    Raises `Refused` (`has_address`, `name_missing`, `company_missing`, `no_finder`, `budget_used`, `not_found`,
    `address_taken`, `lead_erased`), `Retryable` or `Permanent` when the service cannot be asked.
    """
    if lead.erased_at:
        raise Refused(_("This lead was erased."), code="lead_erased")
    if lead.address(Channel.EMAIL):
        raise Refused(_("This lead already has an e-mail address."), code="has_address")
    person = _person(lead)
    finder, now = _finder(person), clock.now()
    if finder.costs and not limits.take(BUDGET, 1, budget(), now):
        raise Refused(_("Today's budget for %(name)s is used up.") % {"name": finder.label}, code="budget_used")
    try:
        found = finder.find(person)
    except (Retryable, Permanent) as error:
        if finder.costs:
            limits.give_back(BUDGET, 1, now)
        if isinstance(error, Retryable) and error.code == "slow_down":
            limits.hold_off(BUDGET, now + error.after)
        raise
    if found is None or found.checked.status == Identity.Status.INVALID:
        raise Refused(
            _("%(name)s found no address for %(lead)s.") % {"name": finder.label, "lead": lead}, code="not_found"
        )
    return _add(lead, found.address, found.checked, finder=finder, person=person, actor=actor)


def _add(lead: Lead, address: str, checked: Checked, *, finder: Verifier, person: Person, actor: Actor) -> Identity:
    day = clock.now().date().isoformat()
    origin = _("Found by %(by)s on %(day)s by name and %(firm)s: %(detail)s") % {
        "by": finder.label,
        "day": day,
        "firm": person.domain or person.company,
        "detail": checked.detail or checked.status,
    }
    with transaction.atomic():
        identity = add_identity(lead=lead, channel=Channel.EMAIL, address=address, actor=actor)
        if identity.status == Identity.Status.INVALID:
            raise Refused(
                _("%(name)s only found %(address)s, which doesn't accept mail.")
                % {"name": finder.label, "address": identity.address},
                code="not_found",
            )
        set_address_status(Identity.objects.filter(pk=identity.pk), status=checked.status, reason=origin[:500])
        identity.refresh_from_db()
        audit.record(
            "lead.address_found", subject=lead, actor=actor, data={"identity": identity.pk, "source": finder.name}
        )
    return identity


def _person(lead: Lead) -> Person:
    company = lead.company
    domain, name = (company.domain, company.name) if company else ("", "")
    if not lead.first_name or not lead.last_name:
        raise Refused(_("A first and a last name are needed to find an address."), code="name_missing")
    if not domain and not name:
        raise Refused(_("A company is needed to find an address, ideally with its domain."), code="company_missing")
    return Person(lead.first_name, lead.last_name, domain, name)


def _finder(person: Person) -> Verifier:
    found = simulated() if person.domain and is_reserved(EMAIL, f"x@{person.domain}") else configured()
    if found is None:
        raise Refused(
            _("No finder is configured. Set Leadmagic's key in the environment (%(name)s).")
            % {"name": settings.OUTREACH.leadmagic.api_key_env},
            code="no_finder",
        )
    return found
