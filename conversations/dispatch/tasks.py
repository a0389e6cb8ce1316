"""Wake-ups of the sending lanes. The rows are the truth; running one of these twice or not at all does no harm."""

from __future__ import annotations

from conversations.dispatch import reconciling, sending
from leads.models import Channel
from outreach.core.words import gettext as _
from outreach.core.words import ngettext


def send_due_email() -> str:
    count = sending.send_due(channels=(Channel.EMAIL,))
    return ngettext("%(count)s e-mail", "%(count)s e-mails", count) % {"count": count}


def send_due_sms() -> str:
    count = sending.send_due(channels=(Channel.SMS,))
    return ngettext("%(count)s text message", "%(count)s text messages", count) % {"count": count}


def send_due_network() -> str:
    count = sending.send_due(channels=(Channel.NETWORK,))
    return ngettext("%(count)s network message", "%(count)s network messages", count) % {"count": count}


def reconcile() -> str:
    return _("%(count)s corrected") % {"count": reconciling.reconcile()}
