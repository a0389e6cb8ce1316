"""Tasks of the network channel."""

from __future__ import annotations

from conversations.network import polling, relations
from conversations.network.models import Relation
from leads.sources.network.errors import Busy, Trouble
from outreach.core.errors import Refused, Retryable
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import ngettext


def work() -> str:
    """Scheduled: one step of each account's lanes."""
    count = polling.work()
    return ngettext("%(count)s step", "%(count)s steps", count) % {"count": count}


def look(relation_id: int) -> str:
    """Check one relation on request."""
    row = Relation.objects.select_related("lead", "sender").filter(pk=relation_id).first()
    if row is None:
        return _("Unknown contact")
    try:
        return relations.check_now(row=row)
    except Busy as error:
        raise Retryable(error.reason) from error
    except (Trouble, Refused) as error:
        return error.reason


def withdraw(relation_id: int) -> str:
    """Withdraw an invitation on request."""
    row = Relation.objects.select_related("lead", "sender").filter(pk=relation_id).first()
    if row is None:
        return _("Unknown contact")
    try:
        relations.withdraw(row=row, actor=Actor.system("network"))
    except Busy as error:
        raise Retryable(error.reason) from error
    except (Trouble, Refused) as error:
        return error.reason
    return _("Withdrawn")
