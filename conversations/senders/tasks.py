"""The periodic look at all senders."""

from __future__ import annotations

from conversations.senders import guarding


def judge_senders() -> str:
    return f"{guarding.judge_sending()} senders judged"
