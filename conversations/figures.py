"""What sending and receiving contribute to metrics, the operations page and alerts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from conversations.dispatch.checks import BY_NAME
from conversations.inbound.models import INBOUND, InboundEvent
from conversations.models import MESSAGE, Message
from conversations.outbox import states
from outreach.core import clock
from outreach.core.states import Text
from outreach.core.words import gettext as _
from outreach.ops.alerts import Rule
from outreach.ops.figures import Figure

INBOUND_PATIENCE_SECONDS = 600


def _check(name: str) -> Text:
    check = BY_NAME.get(name)
    return check.label if check else name


def _state(name: str) -> Text:
    return MESSAGE.states[name].label


def unsettled() -> str:
    count = Message.objects.filter(state=MESSAGE.UNKNOWN).count()
    return (
        _("%(count)s messages have an unknown outcome. Settle them in the outbox.") % {"count": count} if count else ""
    )


def inbound_handled() -> str:
    """Everything that came in is understood within minutes."""
    oldest = InboundEvent.objects.filter(state=INBOUND.STORED).order_by("pk").first()
    if oldest is None or (clock.now() - oldest.received_at).total_seconds() < INBOUND_PATIENCE_SECONDS:
        return ""
    return _("What came in is not being handled: the oldest has waited for more than ten minutes.")


SENDING = [
    Figure(
        "outreach_messages_due",
        "Approved messages whose time has come, by channel",
        ("channel",),
        f"SELECT channel, count(*) FROM conversations_message WHERE direction = 'out'"  # noqa: S608 - constants
        f" AND state IN {states.in_sql(MESSAGE.waiting)} AND scheduled_at <= now() AND approved_hash <> '' GROUP BY 1",
        title=gettext_lazy("Messages due"),
    ),
    Figure(
        "outreach_messages_problems",
        "Messages that need a person, by state",
        ("state",),
        f"SELECT state, count(*) FROM conversations_message WHERE direction = 'out'"  # noqa: S608
        f" AND state IN {states.in_sql(MESSAGE.problems)} GROUP BY 1",
        title=gettext_lazy("Messages with a problem"),
        words=_state,
    ),
    Figure(
        "outreach_gate_refusals",
        "Waiting or held messages by the check of the gate that refused them",
        ("check",),
        f"SELECT refused_by, count(*) FROM conversations_message WHERE direction = 'out' AND refused_by <> ''"  # noqa: S608
        f" AND state IN {states.in_sql({*MESSAGE.waiting, *MESSAGE.refused})} GROUP BY 1 ORDER BY 2 DESC",
        title=gettext_lazy("Refused by the gate, by the check that failed"),
        words=_check,
    ),
    Figure(
        "outreach_inbound_events",
        "What came in during the last day, by source and state",
        ("source", "state"),
        "SELECT source, state, count(*) FROM inbound_inboundevent WHERE received_at > now() - interval '1 day'"
        " GROUP BY 1, 2",
    ),
]
WATCHED = [Rule("unsettled", unsettled), Rule("inbound", inbound_handled)]
