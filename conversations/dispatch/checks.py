"""The named checks of the gate, each once: a predicate in SQL, what a refusal does, and its sentence.

The gate's UPDATE is the conjunction of `CHECKS`; `explain` selects the same predicates. Aliases: m message, s stream,
x sender. A predicate is true when the message may pass; NULL refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from conversations.consent import confirmations, holds
from conversations.consent.eligibility import MESSAGE_ROW, Recipient, domain_chain_sql, not_suppressed
from conversations.models import AUTOMATIC_KINDS, MESSAGE, TEST_RULE
from conversations.outbox import states
from conversations.outbox.content import content_hash_sql
from outreach.backups.models import OPEN_SQL
from outreach.core.words import gettext as _

Facts = Mapping[str, Any]
Text = str | Promise


class Refusal(StrEnum):
    """The consequence for a claimed message that a check refused."""

    RELEASE = "release"
    """Back to scheduled: it goes when the obstacle is gone."""
    DEFER = "defer"
    """Later, at a known time."""
    HOLD = "hold"
    """Skipped: a person decides."""
    CANCEL = "cancel"
    """Never."""


@dataclass(frozen=True)
class Check:
    name: str
    label: Text
    sql: str
    refusal: Refusal
    passed: Callable[[Facts], str]
    refused: Callable[[Facts], str]


_AUTOMATIC_SQL = ", ".join(f"'{kind}'" for kind in AUTOMATIC_KINDS)

_CONFIRMATIONS = ", ".join(f"'{text}'" for text in confirmations.TEXTS.values())
_CONFIRMS_OPT_OUT = f"""(
    m.approval_rule = '{confirmations.RULE}' AND m.channel = 'sms' AND m.body IN ({_CONFIRMATIONS})
    AND NOT EXISTS (
        SELECT 1 FROM conversations_message o
        WHERE o.conversation_id = m.conversation_id AND o.id < m.id AND o.approval_rule = m.approval_rule
          AND o.created_at > m.created_at - interval '30 days')
    AND {not_suppressed(MESSAGE_ROW, " AND u.reason <> 'opt_out'")})"""
_COPY = Recipient(
    channel="m.channel",
    lead="(SELECT i.lead_id FROM leads_identity i WHERE i.channel = m.channel AND i.address = g.address)",
    address="g.address",
    digest="g.digest",
    domains=domain_chain_sql("g.address"),
)
"""Somebody who gets a copy of `m`."""
NOT_SUPPRESSED = f"({not_suppressed(MESSAGE_ROW)} OR {_CONFIRMS_OPT_OUT})"
"""Nothing covers the recipient; or it is the one fixed confirmation of an opt-out, and only the opt-out covers them."""
CONSENT = """EXISTS (
    SELECT 1 FROM (
        SELECT c.basis, c.expires_at FROM consent_consententry c
        WHERE c.lead_id = m.lead_id AND c.channel = m.channel ORDER BY c.id DESC LIMIT 1) newest
    WHERE newest.basis = ANY(%(bases)s::text[]) AND (newest.expires_at IS NULL OR newest.expires_at > {now}))"""
"""The newest line of the ledger allows it."""
WROTE_BY_TEXT = """(NOT EXISTS (
        SELECT 1 FROM consent_consententry c WHERE c.lead_id = m.lead_id AND c.channel = m.channel)
    AND EXISTS (
        SELECT 1 FROM conversations_message i
        WHERE i.conversation_id = m.conversation_id AND i.direction = 'in' AND i.channel = 'sms'))"""
"""They wrote to us by text, and the ledger says nothing else."""
RECENTLY_SENT = """
    SELECT o.sending_at FROM recently_sent_messages(m.conversation_id, m.id, {now}, {is_gate}) AS o(sending_at)"""
"""What left for this person in the last 24 hours, on any channel, or may have left. Gates of one person wait for each other."""
HUMAN_REPLY = f"""
    SELECT r.received_at FROM conversations_message r
    WHERE r.conversation_id = m.conversation_id AND r.direction = 'in'
      AND coalesce(r.received_at, r.created_at) >= m.planned_at
      AND coalesce(r.attributes->>'kind', '') NOT IN ({_AUTOMATIC_SQL})
      AND NOT EXISTS (SELECT 1 FROM inbound_inboundevent e WHERE e.message_id = r.id AND e.kind IN ({_AUTOMATIC_SQL}))
"""


def moment_text(moment: datetime | None) -> str:
    """A time as people read it, in the viewer's zone."""
    from outreach.core.templatetags.outreach import exact

    return _("never") if moment is None else exact(moment)


CHECKS: tuple[Check, ...] = (
    Check(
        "not_restored",
        gettext_lazy("No unconfirmed restore"),
        f"NOT EXISTS ({OPEN_SQL})",
        Refusal.RELEASE,
        lambda f: _("The database was not restored, or the restore was confirmed."),
        lambda f: _(
            "The database was restored from a backup. Nothing is sent until someone confirms what left in the meantime."
        ),
    ),
    Check(
        "not_erased",
        gettext_lazy("Person not erased"),
        "NOT EXISTS (SELECT 1 FROM leads_lead l WHERE l.id = m.lead_id AND l.erased_at IS NOT NULL)",
        Refusal.CANCEL,
        lambda f: _("The recipient has not been erased."),
        lambda f: _("The recipient was erased, so nothing can be sent."),
    ),
    Check(
        "not_suppressed",
        gettext_lazy("Not opted out"),
        NOT_SUPPRESSED,
        Refusal.CANCEL,
        lambda f: _("No opt-out or suppression covers this recipient."),
        lambda f: (
            _("Suppressed since %(at)s: %(reason)s.")
            % {"at": moment_text(f["suppressed_at"]), "reason": f["suppression_reason"]}
        ),
    ),
    Check(
        "copies_allowed",
        gettext_lazy("No one in copy opted out"),
        f"NOT EXISTS (SELECT 1 FROM unnest(%(copies)s::text[], %(copy_digests)s::text[]) AS g(address, digest)"
        f" WHERE NOT {not_suppressed(_COPY)})",
        Refusal.HOLD,
        lambda f: _("No one who gets a copy is suppressed."),
        lambda f: _("Someone who was to get a copy is suppressed. Cancel this message and send it without them."),
    ),
    Check(
        "no_reply",
        gettext_lazy("No reply since planned"),
        f"(NOT m.is_stopped_by_reply OR NOT EXISTS ({HUMAN_REPLY}))",
        Refusal.CANCEL,
        lambda f: (
            _("No replies since this was planned on %(at)s.") % {"at": moment_text(f["planned_at"])}
            if f["is_stopped_by_reply"]
            else _("Replies don't stop this message.")
        ),
        lambda f: _("The person replied on %(at)s, after this was planned.") % {"at": moment_text(f["replied_on"])},
    ),
    Check(
        "stream_open",
        gettext_lazy("Stream not closed"),
        "s.state <> 'closed'",
        Refusal.CANCEL,
        lambda f: _("“%(stream)s” is not closed.") % {"stream": f["stream_name"]},
        lambda f: _("“%(stream)s” was closed.") % {"stream": f["stream_name"]},
    ),
    Check(
        "predecessor_alive",
        gettext_lazy("Previous message was not abandoned"),
        "(m.follows_id IS NULL OR NOT EXISTS (SELECT 1 FROM conversations_message p"
        " WHERE p.id = m.follows_id AND p.direction = 'out' AND p.state IN ('cancelled', 'bounced')))",
        Refusal.CANCEL,
        lambda f: (
            _("The previous message was not abandoned.") if f["follows_id"] else _("There is no previous message.")
        ),
        lambda f: _("The previous message will never arrive: it is “%(state)s”.") % {"state": f["predecessor_state"]},
    ),
    Check(
        "predecessor_not_failed",
        gettext_lazy("Previous message did not fail"),
        "(m.follows_id IS NULL OR NOT EXISTS (SELECT 1 FROM conversations_message p"
        " WHERE p.id = m.follows_id AND p.direction = 'out' AND p.state = 'failed'))",
        Refusal.HOLD,
        lambda f: _("The previous message did not fail.") if f["follows_id"] else _("There is no previous message."),
        lambda f: _("The previous message failed. Retry it and this one continues, or cancel both."),
    ),
    Check(
        holds.CHECK,
        gettext_lazy("No open question about this person"),
        f"(m.author_id IS NOT NULL OR m.attributes->>'service' IS NOT NULL OR NOT {holds.OPEN})",
        Refusal.DEFER,
        lambda f: _("Nothing that they wrote waits for a decision, or a person writes this."),
        lambda f: _("They may want us to stop, or may have answered from another address. Decide in the inbox."),
    ),
    Check(
        "consented",
        gettext_lazy("Consent for text messages"),
        f"(m.channel <> 'sms' OR m.attributes->>'service' IS NOT NULL OR {CONSENT} OR {WROTE_BY_TEXT})",
        Refusal.HOLD,
        lambda f: (
            _("Only text messages need an entry in the consent ledger.")
            if f["channel"] != "sms"
            else _("The recipient requested this text.")
            if f["is_service"]
            else _("Consent on the basis “%(basis)s” since %(at)s (%(source)s).")
            % {"basis": f["consent_label"], "at": moment_text(f["consent_at"]), "source": f["consent_source"]}
            if f["consent_basis"] in f["consent_bases"]
            else _("The person wrote to us by text message.")
        ),
        lambda f: (
            _("Consent for text messages was withdrawn on %(at)s. Nothing is sent without new consent.")
            % {"at": moment_text(f["consent_at"])}
            if f["consent_basis"] == "withdrawn"
            else _("Consent for text messages expired on %(at)s. Record new consent, then retry.")
            % {"at": moment_text(f["consent_expires_at"])}
            if f["consent_expires_at"] and f["consent_expires_at"] <= f["now"]
            else _("The basis “%(basis)s” is not sufficient for text messages here. Record a stronger one, then retry.")
            % {"basis": f["consent_label"]}
            if f["consent_basis"]
            else _(
                "The consent ledger has no entry that allows text messages to this person. Record the consent "
                "with its source, then retry."
            )
        ),
    ),
    Check(
        "approved",
        gettext_lazy("Approved as it is"),
        f"(m.approved_hash <> '' AND m.approved_hash = {content_hash_sql('m')})",
        Refusal.HOLD,
        lambda f: (
            _("Approved by the rule “%(rule)s”.") % {"rule": f["approval_rule"]}
            if f["approval_rule"]
            else _("Approved and unchanged since.")
        ),
        lambda f: (
            _("It was changed after approval. Approve it again.") if f["approved_hash"] else _("Not approved yet.")
        ),
    ),
    Check(
        "sandbox",
        gettext_lazy("Real and sandbox addresses not mixed"),
        "((x.adapter = ANY(%(simulated)s)) = %(is_reserved)s::boolean AND m.address = %(address)s::text)",
        Refusal.HOLD,
        lambda f: (
            _("Sandbox sender and reserved address.") if f["is_simulated"] else _("Real sender and real address.")
        ),
        lambda f: (
            _("Sandbox senders only write to reserved addresses, and this one could be real.")
            if f["is_simulated"]
            else _("This address is reserved. Real senders never write to it.")
        ),
    ),
    Check(
        "takes_mail",
        gettext_lazy("Address accepts mail"),
        "(m.channel <> 'email' OR m.author_id IS NOT NULL OR NOT ("
        "EXISTS (SELECT 1 FROM leads_identity i WHERE i.channel = m.channel AND i.address = m.address"
        " AND i.status = 'invalid')"
        " OR EXISTS (SELECT 1 FROM deliverability_maildomain d WHERE d.domain = split_part(m.address, '@', 2)"
        " AND d.status = 'no_mail')))",
        Refusal.HOLD,
        lambda f: _("No known problems with this address."),
        lambda f: _(
            "The address has failed before, or its domain doesn't accept mail. Correct it on the lead's "
            "page, or cancel the message."
        ),
    ),
    Check(
        "not_overdue",
        gettext_lazy("Not overdue"),
        "NOT EXISTS (SELECT 1 FROM limits_allowance a WHERE a.key = 'lane:' || m.channel"
        " AND m.scheduled_at < (a.usage->>'watched_since')::timestamptz - %(overdue)s::interval)",
        Refusal.HOLD,
        lambda f: _("It was due on %(at)s and was not missed.") % {"at": moment_text(f["scheduled_at"])},
        lambda f: (
            _(
                "It was due on %(at)s during an outage and missed by more than %(minutes)s minutes. Check "
                "whether it still makes sense, then send or cancel it."
            )
            % {"at": moment_text(f["scheduled_at"]), "minutes": f["overdue_minutes"]}
        ),
    ),
    Check(
        "postal_address",
        gettext_lazy("Postal address"),
        "%(has_postal_address)s::boolean",
        Refusal.HOLD,
        lambda f: _("It has a postal address or doesn't need one."),
        lambda f: _(
            "Campaign mail must have a postal address. Set company.postal_address in outreach.toml or the "
            "sender's own, then retry."
        ),
    ),
    Check(
        "stream_active",
        gettext_lazy("Stream active"),
        "s.state = 'active'",
        Refusal.RELEASE,
        lambda f: _("“%(stream)s” is active.") % {"stream": f["stream_name"]},
        lambda f: _("“%(stream)s” is paused.") % {"stream": f["stream_name"]},
    ),
    Check(
        "sender_active",
        gettext_lazy("Sender active"),
        f"(x.state IN ('active', 'draining') OR (x.state <> 'stopped' AND m.approval_rule = '{TEST_RULE}'))",
        Refusal.RELEASE,
        lambda f: _("%(sender)s is active.") % {"sender": f["sender_name"]},
        lambda f: (
            _("%(sender)s is not active: %(reason)s")
            % {"sender": f["sender_name"], "reason": f["sender_reason"] or f["sender_state"]}
        ),
    ),
    Check(
        "predecessor_sent",
        gettext_lazy("Previous message sent"),
        "(m.follows_id IS NULL OR EXISTS (SELECT 1 FROM conversations_message p"
        f" WHERE p.id = m.follows_id AND (p.direction <> 'out' OR p.state IN {states.in_sql(MESSAGE.left)})))",
        Refusal.DEFER,
        lambda f: _("The previous message was sent.") if f["follows_id"] else _("There is no previous message."),
        lambda f: _("The previous message has not been sent: it is “%(state)s”.") % {"state": f["predecessor_state"]},
    ),
    Check(
        "mailbox_read",
        gettext_lazy("Mailbox read recently"),
        "(NOT m.is_stopped_by_reply OR ("
        "(m.follows_id IS NULL OR (coalesce(x.settings->>'imap_host', '') = '' AND x.adapter <> 'network')"
        " OR x.last_polled_at > {now} - %(poll_age)s::interval)"
        " AND NOT EXISTS (SELECT 1 FROM conversations_message b JOIN senders_sender y ON y.id = b.sender_id"
        " WHERE b.conversation_id = m.conversation_id AND b.stream_id = m.stream_id AND b.id < m.id"
        " AND b.sent_at IS NOT NULL AND b.sender_id <> m.sender_id AND (coalesce(y.settings->>'imap_host', '') <> '' OR y.adapter = 'network')"
        " AND (y.last_polled_at IS NULL OR y.last_polled_at <= {now} - %(poll_age)s::interval))))",
        Refusal.DEFER,
        lambda f: (
            _("The mailbox was last read on %(at)s.") % {"at": moment_text(f["last_polled_at"])}
            if f["last_polled_at"]
            else _("Not a follow-up from a mailbox that we read.")
        ),
        lambda f: (
            _(
                "There may be an unread reply: the mailbox was last read on %(at)s, and at most %(minutes)s "
                "minutes are allowed."
            )
            % {"at": moment_text(f["last_polled_at"]), "minutes": f["poll_minutes"]}
        ),
    ),
    Check(
        "lead_daily",
        gettext_lazy("Messages to this person in 24 hours"),
        f"(m.author_id IS NOT NULL OR m.attributes->>'service' IS NOT NULL OR m.attributes->>'answers' IS NOT NULL"
        f" OR (SELECT count(*) FROM ({RECENTLY_SENT}) o) < %(per_lead)s::int)",
        Refusal.DEFER,
        lambda f: (
            _("It is an answer and doesn't count.")
            if f["is_answer"] or f["is_service"]
            else _("%(count)s of %(cap)s in the last 24 hours.") % {"count": f["recent_count"], "cap": f["per_lead"]}
        ),
        lambda f: (
            _("%(count)s messages went to this person in the last 24 hours; the limit is %(cap)s.")
            % {"count": f["recent_count"], "cap": f["per_lead"]}
        ),
    ),
    Check(
        "window_open",
        gettext_lazy("Within sending hours"),
        "(%(opens_at)s::timestamptz <= {now} AND (%(closes_at)s::timestamptz IS NULL OR {now} < %(closes_at)s::timestamptz)"
        ' AND s."window" = %(window)s::jsonb AND s.skips_holidays = %(skips_holidays)s::boolean AND x.working_hours = %(working_hours)s::jsonb'
        " AND x.time_zone = %(sender_zone)s::text)",
        Refusal.DEFER,
        lambda f: (
            _("It is within the hours of the stream, the recipient and the sender (%(zones)s).") % {"zones": f["zones"]}
        ),
        lambda f: (
            _("Outside the hours: %(closed)s. Opens on %(at)s.")
            % {"closed": "; ".join(f["closed"]) or f["window_text"], "at": moment_text(f["opens_at"])}
            if f["opens_at"]
            else _("These hours never overlap: %(closed)s. Change the window, the time zone or the sender's hours.")
            % {"closed": "; ".join(f["closed"])}
        ),
    ),
)
BY_NAME = {check.name: check for check in CHECKS}
