"""The one message that may follow an opt-out: a text message with a fixed wording that confirms it, once. Pure.

The gate lets exactly these words pass to somebody who opted out, on SMS, under `RULE`, and nothing else.
"""

RULE = "opt-out-confirmation"
TEXTS = {
    "en": "You are opted out and will get no more messages from us.",
    "ru": "Вы отписаны и больше не получите от нас сообщений.",
}


def is_confirmation(*, rule: str, channel: str, body: str) -> bool:
    """Whether a message is nothing but such a confirmation."""
    return rule == RULE and channel == "sms" and body in TEXTS.values()
