"""The periodic checks of all senders."""

from __future__ import annotations

from conversations.senders import domains, guarding
from outreach.core.words import ngettext


def judge_senders() -> str:
    count = guarding.judge_sending()
    return ngettext("%(count)s sender judged", "%(count)s senders judged", count) % {"count": count}


def examine_domains() -> str:
    count = domains.examine_due()
    return ngettext("%(count)s domain examined", "%(count)s domains examined", count) % {"count": count}
