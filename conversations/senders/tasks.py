"""The periodic checks of all senders."""

from __future__ import annotations

from conversations.senders import domains, guarding


def judge_senders() -> str:
    return f"{guarding.judge_sending()} senders judged"


def examine_domains() -> str:
    return f"{domains.examine_due()} domains examined"
