"""Opt-outs, suppressions and the consent ledger. Opting out wins over everything, at once, on every channel."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q

from conversations.consent import eligibility
from conversations.consent.digests import normalise, normalise_domain
from conversations.consent.models import ConsentEntry, Hold, Suppression
from conversations.models import CONVERSATION, Conversation, Message
from conversations.outbox.events import record_event
from conversations.outbox.services import cancel_where
from leads import changes
from leads.models import Channel, Identity, Lead
from outreach.core import clock
from outreach.core.addresses import EMAIL, SMS
from outreach.core.audit import record, record_all
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop
from outreach.events.services import publish

LEAD_WIDE = (Suppression.Reason.OPT_OUT, Suppression.Reason.COMPLAINT)
"""Reasons that are the person's own word: they cover every address of the lead on every channel."""
IMPLIED_DAYS = 183


@dataclass(frozen=True)
class Target:
    """What a suppression covers: a lead, an address of a channel, or a domain.

    Normalises what it is given. Raises `Invalid` for what is no address or domain and for no target at all.
    """

    lead: Lead | None = None
    channel: str = ""
    address: str = ""
    domain: str = ""

    def __post_init__(self) -> None:
        if not (self.lead or self.address or self.domain):
            raise Invalid("address", _("Choose a lead, an address or a domain."), code="no_target")
        if self.domain:
            object.__setattr__(self, "domain", normalise_domain(self.domain))
        if self.address:
            channel = self.channel or (EMAIL if "@" in self.address else SMS)
            object.__setattr__(self, "channel", channel)
            object.__setattr__(self, "address", normalise(channel, self.address))

    @classmethod
    def of_text(cls, text: str) -> Target:
        """A line of a list: an address, a number, or `@domain`."""
        return cls(domain=text) if text.startswith("@") else cls(address=text)

    @classmethod
    def address_of(cls, message: Message) -> Target:
        """The address that `message` was written to, never one that a notice merely claims."""
        return cls(channel=message.channel, address=message.address)

    @classmethod
    def person_of(cls, message: Message) -> Target:
        """The person that `message` was written to or came from."""
        return cls(lead=message.lead, channel=message.channel, address=message.address)

    def owner(self) -> Lead | None:
        """The lead, found by the address when it is not given."""
        if self.lead is not None or not self.address:
            return self.lead
        found = Identity.objects.select_related("lead").filter(channel=self.channel, address=self.address).first()
        return found.lead if found else None


@transaction.atomic
def suppress(
    target: Target,
    *,
    reason: str,
    actor: Actor,
    evidence: str = "",
    message: Message | None = None,
    is_by_keyword: bool = False,
) -> Suppression:
    """Suppress `target`; planned messages that it covers are cancelled.

    An opt-out or a complaint covers the lead whole, every channel and every address that the lead has, which is
    remembered by keyed hash beyond erasure. Suppressing again is no error: the row in force is returned.
    """
    lead, is_own_word = target.owner(), reason in LEAD_WIDE
    if lead is not None:  # conversations are locked before messages, everywhere
        Conversation.objects.select_for_update(no_key=True).filter(lead=lead).values_list("pk", flat=True).first()
    wanted = partial(
        Suppression, lead=lead, channel="" if is_own_word else target.channel, reason=reason, evidence=evidence,
        message=message, actor=actor.name, is_by_keyword=is_by_keyword,
    )  # fmt: skip
    rows = [_ensure(wanted(address=target.address, domain=target.domain), actor)]
    if is_own_word and lead is not None:
        others = lead.identities.exclude(address=target.address) if target.address else lead.identities.all()
        rows += [_ensure(wanted(address=identity.address), actor) for identity in others]
    row = rows[0]
    _record_covered(rows)
    is_person = is_own_word or not (target.address or target.domain)
    _cancel_covered(row, lead=lead if is_person else None, actor=actor)
    if is_own_word:
        _close_holds(row, lead=lead, actor=actor)
    if is_own_word and lead is not None:
        _close_conversation(lead, actor=actor, reason=evidence)
        publish("lead.opted_out", lead_id=lead.pk, suppression_id=row.pk)
    return row


@transaction.atomic
def suppress_people(lead_ids: Collection[int], *, actor: Actor, evidence: str = "") -> int:
    """Our own decision (`MANUAL`) about some thousand people at once, on every channel: `suppress` for each of them in a
    few statements. Returns how many were not suppressed so before.
    """
    manual = Suppression.Reason.MANUAL
    leads = Lead.objects.filter(pk__in=lead_ids)
    about = Conversation.objects.select_for_update(no_key=True).filter(lead__in=leads)
    list(about.order_by("pk").values_list("pk", flat=True))  # locked before messages, as everywhere
    known = Suppression.objects.filter(
        lead__in=leads, lifted_at=None, reason=manual, channel="", address_digest="", domain="", is_by_keyword=False
    )
    new = leads.exclude(pk__in=known.values("lead")).order_by("pk").values_list("pk", flat=True)
    rows = Suppression.objects.bulk_create(
        [Suppression(lead_id=pk, reason=manual, evidence=evidence, actor=actor.name) for pk in new]
    )
    subjects = [(Suppression, row.pk, {"reason": manual, "lead": row.lead_id}) for row in rows]
    record_all("consent.suppressed", subjects=subjects, actor=actor)
    changes.record(sorted(lead_ids))
    reason = _("Suppressed: %(reason)s.") % {"reason": manual.label}
    cancel_where(Q(lead__in=leads), actor=actor, reason=reason, check="not_suppressed")
    return len(rows)


_EVIDENCE = {
    "unsubscribe link": gettext_noop("Unsubscribe link of message %(number)s"),
    "unsubscribe mail": gettext_noop("Unsubscribe e-mail to message %(number)s"),
}


@transaction.atomic
def unsubscribe_by_message(*, message: Message, how: str) -> None:
    """The recipient of `message` opted out with its own link or mail (`how`); repeating it changes nothing."""
    record_event(
        message=message,
        kind="unsubscribed",
        occurred_at=clock.now(),
        external_id=f"unsubscribe:{message.pk}",
        data={"how": how},
    )
    if message.address or message.lead:
        suppress(
            Target.person_of(message),
            reason=Suppression.Reason.OPT_OUT,
            actor=Actor("lead", how),
            evidence=_(_EVIDENCE[how]) % {"number": message.pk},
            message=message,
        )


def _ensure(wanted: Suppression, actor: Actor) -> Suppression:
    """The row in force that says the same, else `wanted`, stored."""
    wanted.address_digest = address_digest(wanted.address) if wanted.address else ""
    known = Suppression.objects.filter(
        lifted_at=None,
        reason=wanted.reason,
        channel=wanted.channel,
        address_digest=wanted.address_digest,
        domain=wanted.domain,
        lead=wanted.lead,
    )
    if not wanted.is_by_keyword:  # START takes a keyword back, and must not take this one with it
        known = known.filter(is_by_keyword=False)
    if existing := known.first():
        return existing
    wanted.save()
    record("consent.suppressed", subject=wanted, actor=actor, data={"reason": wanted.reason, "lead": wanted.lead_id})
    return wanted


def _record_covered(rows: Collection[Suppression]) -> None:
    """The leads that these suppressions are about may no longer, or may again, be written to."""
    erased = [row.address_digest for row in rows if row.address_digest and not row.address]
    lead_ids = set(eligibility.leads_by_digest(erased) if erased else ())
    for row in rows:
        about = Q(address=row.address) if row.address else Q(pk__in=[])
        if row.domain:
            is_there = Q(address__endswith=f"@{row.domain}") | Q(address__endswith=f".{row.domain}")
            about |= Q(channel=EMAIL) & is_there
        lead_ids.update(Identity.objects.filter(about).values_list("lead_id", flat=True))
        if row.lead_id:
            lead_ids.add(row.lead_id)
    changes.record(sorted(lead_ids))


def _cancel_covered(row: Suppression, *, lead: Lead | None, actor: Actor) -> None:
    covered = Q()
    if row.address_digest:
        covered |= Q(address_digest=row.address_digest)
    if lead is not None:
        covered |= Q(lead=lead)
        digests = Suppression.objects.filter(lead=lead, lifted_at=None).exclude(address_digest="")
        covered |= Q(address_digest__in=list(digests.values_list("address_digest", flat=True)))
    if row.domain:
        covered |= Q(address__endswith=f"@{row.domain}") | Q(address__endswith=f".{row.domain}")
    if row.channel:
        covered &= Q(channel=row.channel)
    reason = _("Suppressed: %(reason)s.") % {"reason": Suppression.Reason(row.reason).label}
    cancel_where(covered, actor=actor, reason=reason, check="not_suppressed")


def _close_holds(row: Suppression, *, lead: Lead | None, actor: Actor) -> None:
    """Nothing is left to decide about somebody who opted out."""
    about = Q(conversation__lead=lead) if lead is not None else Q(pk__in=[])
    if row.address_digest:
        about |= Q(message__address_digest=row.address_digest, question=Hold.Question.STOP)
    Hold.objects.filter(about, decided_at=None).update(
        decided_at=clock.now(), decided_by=actor.name, outcome=Hold.Outcome.OPTED_OUT
    )


def _close_conversation(lead: Lead, *, actor: Actor, reason: str) -> None:
    conversation = Conversation.objects.filter(lead=lead).first()
    if conversation and CONVERSATION.allows(conversation.state, "opted_out"):
        CONVERSATION.move(conversation, "opted_out", actor=actor, reason=reason[:200])


@transaction.atomic
def lift(*, suppression: Suppression, actor: Actor, reason: str) -> Suppression:
    """Allow again what one suppression forbade; the row stays as proof. Cancelled messages stay cancelled.

    Lifting a person's own opt-out lifts every row of that opt-out. Raises `Invalid` without a reason, `Refused` when
    it is lifted already.
    """
    if not reason.strip():
        raise Invalid("reason", _("Enter why this may be lifted. It is kept in the audit log."), code="missing")
    rows = Suppression.objects.filter(pk=suppression.pk)
    if suppression.lead_id and suppression.reason in LEAD_WIDE:
        rows = Suppression.objects.filter(lead=suppression.lead_id, reason=suppression.reason)
    found = list(rows.in_force())
    changed = rows.in_force().update(lifted_at=clock.now(), lifted_by=actor.name)
    _record_covered(found)
    if not changed:
        raise Refused(_("This suppression has already been lifted."), code="changed_meanwhile")
    record("consent.lifted", subject=suppression, actor=actor, reason=reason, data={"rows": changed})
    suppression.refresh_from_db()
    return suppression


@transaction.atomic
def lift_keyword(*, lead: Lead | None, address: str, actor: Actor, evidence: str) -> int:
    """Reverse opt-outs made by keyword (STOP by text) after START; returns how many rows.

    Other opt-outs of the same person stay in force. The ledger gets a line of express consent to text messages.
    """
    target = Q(address_digest=address_digest(address))
    if lead is not None:
        target |= Q(lead=lead)
    rows = Suppression.objects.filter(target, lifted_at=None, reason=Suppression.Reason.OPT_OUT, is_by_keyword=True)
    found = list(rows)
    rows.update(lifted_at=clock.now(), lifted_by=actor.name)
    _record_covered(found)
    for row in found:
        record("consent.lifted", subject=row, actor=actor, reason=evidence)
    if lead is not None:
        record_consent(
            lead=lead, channel=SMS, basis=ConsentEntry.Basis.EXPRESS, source="START", evidence=evidence, actor=actor
        )
    return len(found)


def is_suppressed(*, channel: str, address: str, lead: Lead | None = None) -> Suppression | None:
    """The first suppression in force for this recipient, or None. `address` is normalised."""
    return Suppression.objects.covering(channel=channel, address=address, lead=lead).order_by("id").first()


@transaction.atomic
def record_consent(
    *,
    lead: Lead,
    channel: str,
    basis: str,
    source: str,
    actor: Actor,
    evidence: str = "",
    text_shown: str = "",
    expires_at: datetime | None = None,
) -> ConsentEntry:
    """Append one entry to the consent ledger.

    Implied consent of a Canadian without an end gets one after `IMPLIED_DAYS` (CASL: an inquiry counts six months).
    Raises `Invalid` for an unknown basis or channel, no source, and an end that has passed; `Refused` for somebody erased.
    """
    if basis not in ConsentEntry.Basis.values:
        raise Invalid("basis", _("Unknown basis of consent “%(basis)s”.") % {"basis": basis}, code="wrong_choice")
    if not source.strip():
        raise Invalid("source", _("Enter where the consent comes from."), code="missing")
    if channel not in Channel.values:
        raise Invalid("channel", _("There is no channel “%(name)s”.") % {"name": channel}, code="wrong_choice")
    if lead.erased_at is not None:
        raise Refused(_("This person was erased."), code="erased")
    now = clock.now()
    if expires_at is None and basis == ConsentEntry.Basis.IMPLIED and lead.country == "CA":
        expires_at = now + timedelta(days=IMPLIED_DAYS)
    if expires_at is not None and expires_at <= now:
        raise Invalid("expires_at", _("This consent has already expired."), code="expired")
    entry = ConsentEntry.objects.create(
        lead=lead,
        channel=channel,
        basis=basis,
        source=source,
        evidence=evidence,
        text_shown=text_shown,
        actor=actor.name,
        expires_at=expires_at,
    )
    data = {"lead": lead.pk, "channel": channel, "basis": basis}
    record("consent.recorded", subject=entry, actor=actor, data=data)
    return entry


def import_list(
    *, lines: Iterable[str], reason: str, evidence: str, actor: Actor
) -> tuple[int, list[tuple[int, str, str]]]:
    """Suppress every address or domain (`@firm.de`) in `lines`; how many, and (line number, text, fault) of the rest."""
    count, faults = 0, []
    for number, line in enumerate(lines, start=1):
        text = line.strip().strip('",;').strip()
        if not text or text.startswith("#"):
            continue
        try:
            suppress(Target.of_text(text), reason=reason, actor=actor, evidence=evidence)
        except OutreachError as error:
            faults.append((number, text, error.reason))
        else:
            count += 1
    return count, faults
