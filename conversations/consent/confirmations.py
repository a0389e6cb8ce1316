"""Texts requested by a person's keyword: the opt-out confirmation, and the answer to HELP. Pure.

The gate lets exactly the words of `TEXTS` pass to somebody who opted out, on SMS, under `RULE`, and nothing else. Both
kinds carry `SERVICE` in their attributes: they need no consent, keep no quiet hours and count against no daily number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SERVICE = "service"
"""The key in a message's attributes; set by this product's own answers only."""
CONFIRMATION, HELP = "opt_out_confirmation", "help"
HELP_RULE = "help-answer"
HELP_TEXTS = {
    "en": "{program}: you get messages from us because you agreed or wrote to us. Reply STOP to opt out.",
    "ru": "{program}: вы получаете сообщения, так как согласились или писали нам. Ответьте СТОП, чтобы отписаться.",
}
FOOTERS = {"en": "{program}. Reply STOP to opt out.", "ru": "{program}. Ответьте СТОП, чтобы отписаться."}
"""What a first text message that lacks it is given."""

RULE = "opt-out-confirmation"
TEXTS = {
    "en": "You are opted out and will get no more messages from us.",
    "ru": "Вы отписаны и больше не получите от нас сообщений.",
}


def is_confirmation(*, rule: str, channel: str, body: str) -> bool:
    """Whether a message is nothing but such a confirmation."""
    return rule == RULE and channel == "sms" and body in TEXTS.values()


def is_service(attributes: Mapping[str, Any] | None) -> bool:
    """Whether a message is an answer to the recipient's own keyword."""
    return bool((attributes or {}).get(SERVICE))


def help_text(*, program: str, language: str, given: str = "") -> str:
    """The answer to HELP: the operator's own words, or ours with the program's name."""
    return given or HELP_TEXTS.get(language, HELP_TEXTS["en"]).format(program=program)


def footer(*, program: str, language: str) -> str:
    return FOOTERS.get(language, FOOTERS["en"]).format(program=program)
