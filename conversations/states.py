"""The states of conversations and messages, and what is said about several of them at once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from outreach.core.states import State, StateMachine

_STAFF = ("operator", "administrator")
_REVIEW = ("reviewer", "operator", "administrator")

CONVERSATION = StateMachine(
    name="conversation",
    initial="new",
    states={
        "new": State(_("New"), to=("engaged", "booked", "opted_out", "dormant", "closed"), colour="grey"),
        "engaged": State(_("Engaged"), to=("booked", "opted_out", "dormant", "closed"), colour="blue", roles=_REVIEW),
        "booked": State(_("Call booked"), to=("engaged", "opted_out", "closed"), colour="green", roles=_REVIEW),
        "opted_out": State(_("Opted out"), to=("closed",), colour="red", roles=_REVIEW),
        "dormant": State(_("Dormant"), to=("engaged", "booked", "opted_out", "closed"), colour="grey"),
        "closed": State(_("Closed"), to=("engaged", "opted_out"), colour="grey", roles=_REVIEW),
    },
    sets={
        "answerable": ("new", "engaged", "booked", "dormant"),
        "asleep": ("dormant", "closed"),
        "idle": ("new", "dormant"),
        "quiet": ("new", "dormant", "closed"),
        "undecided": ("new", "engaged", "dormant"),
        "silenced": ("opted_out", "closed"),
        "settled": ("booked", "closed", "opted_out"),
    },
)
"""`answerable`: somebody may wait for an answer. `asleep`: a booking wakes it first. `idle`: an answer of ours engages it; `quiet`: one of theirs does.
`silenced`: nothing is suggested. `settled`: what was planned is cancelled."""

_LEFT = ("sent", "delivered", "opened", "clicked", "replied", "converted")
_LATE_EVIDENCE = ("sent", "delivered", "opened", "clicked", "replied", "bounced")
"""A message that waits for another attempt may turn out to have left with an earlier one."""

MESSAGE = StateMachine(
    name="message",
    initial="scheduled",
    states={
        "scheduled": State(
            _("Scheduled"),
            to=("claimed", "skipped", "cancelled", "failed", *_LATE_EVIDENCE),
            colour="grey",
            roles=_STAFF,
        ),
        "claimed": State(
            _("Claimed"),
            to=("sending", "scheduled", "deferred", "skipped", "cancelled", "failed", *_LATE_EVIDENCE),
            colour="blue",
        ),
        "sending": State(
            _("Sending"),
            to=(
                "sent",
                "deferred",
                "failed",
                "bounced",
                "unknown",
                "delivered",
                "opened",
                "clicked",
                "replied",
                "scheduled",
            ),
            colour="blue",
        ),
        "deferred": State(
            _("Deferred"),
            to=("claimed", "skipped", "cancelled", "failed", "scheduled", *_LATE_EVIDENCE),
            colour="amber",
        ),
        "unknown": State(
            _("Unknown"),
            to=("sent", "delivered", "bounced", "failed", "scheduled", "opened", "clicked", "replied"),
            colour="amber",
        ),
        "sent": State(
            _("Sent"),
            to=("delivered", "opened", "clicked", "replied", "converted", "bounced", "failed"),
            colour="green",
            roles=_STAFF,
        ),
        "delivered": State(_("Delivered"), to=("opened", "clicked", "replied", "converted", "bounced"), colour="green"),
        "opened": State(_("Opened"), to=("clicked", "replied", "converted", "bounced"), colour="green"),
        "clicked": State(_("Clicked"), to=("replied", "converted", "bounced"), colour="green"),
        "replied": State(_("Replied"), to=("converted",), colour="green"),
        "converted": State(_("Converted"), colour="green"),
        "failed": State(_("Failed"), to=("scheduled", "cancelled"), colour="red"),
        "bounced": State(_("Bounced"), colour="red"),
        "skipped": State(_("Held for review"), to=("scheduled", "cancelled", *_LATE_EVIDENCE), colour="amber"),
        "cancelled": State(_("Cancelled"), colour="grey", roles=_REVIEW),
        "received": State(_("Received"), colour="blue"),
    },
    sets={
        # not out yet
        "waiting": ("scheduled", "deferred"),  # a claim may take it
        "before_gate": ("scheduled", "deferred", "claimed"),
        "gone_to_gate": ("claimed", "sending"),
        "upcoming": ("scheduled", "deferred", "claimed", "sending"),
        "planned": ("scheduled", "deferred", "skipped"),
        "may_still_leave": ("scheduled", "deferred", "claimed", "skipped"),  # certainly not out
        "untried": ("scheduled", "skipped", "cancelled"),
        "unsent": ("scheduled", "deferred", "skipped", "cancelled"),
        "not_left": ("scheduled", "deferred", "claimed", "skipped", "cancelled"),
        # on the way
        "at_carrier": ("sending", "unknown"),
        "in_flight": ("claimed", "sending", "unknown"),
        "in_motion": ("scheduled", "deferred", "claimed", "sending", "unknown", "skipped"),  # something may come of it
        # out
        "left": _LEFT,  # certainly
        "arrived": ("delivered", "opened", "clicked", "replied", "converted"),  # in the mailbox
        "proven": (*_LEFT, "bounced"),
        "may_have_left": (*_LEFT, "unknown", "bounced"),
        "touched": (*_LEFT, "claimed", "sending", "unknown", "bounced"),  # reached its lead, or may
        # needs a person
        "problems": ("unknown", "failed", "skipped"),
        "stuck": ("unknown", "failed", "skipped", "bounced"),
        "unsettled": ("unknown", "failed"),
        "held": ("failed", "skipped"),
        "retryable": ("failed", "skipped", "deferred"),  # a person may send it again
        # over
        "refused": ("skipped", "cancelled"),  # by the gate
        "ended": ("bounced", "cancelled"),
        "undelivered": ("cancelled", "failed", "bounced"),
    },
)
AUTOMATIC_KINDS = (
    *("auto_reply", "out_of_office", "bounce", "status", "complaint", "keyword"),
    *("receipt", "reaction", "report"),
)
"""Kinds of inbound messages that are no person's reply."""
TEST_RULE = "sender test"
"""The rule that approves a test message; with it, the gate lets a sender write that is not verified yet."""
RANK = {"sending": 0, "unknown": 0, "sent": 1, "delivered": 2, "opened": 3, "clicked": 4, "replied": 5, "converted": 6}
"""Events only move a message upwards; late and repeated ones change nothing."""
