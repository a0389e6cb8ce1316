"""START and HELP by text message: the carriers' words, matched as the whole message. Pure.

STOP and its kin are read with the other opt-outs (`conversations.replies.optouts`), which also know whole sentences.
"YES" alone answers too many other questions to count as START here; where the carrier takes it so, it says so itself
(`OptOutType`).
"""

from __future__ import annotations

START_WORDS = frozenset({"start", "unstop", "старт"})
HELP_WORDS = frozenset({"help", "info", "помощь", "инфо"})
START, HELP = "start", "help"


def read(text: str, *, carrier_says: str = "") -> str:
    """`start`, `help` or an empty text. `carrier_says` is Twilio's OptOutType (START, HELP, STOP), which wins."""
    said = carrier_says.strip().lower()
    if said in {START, HELP}:
        return said
    if said:
        return ""
    word = text.strip().strip(".!?\"'«»“” ").lower()
    return START if word in START_WORDS else HELP if word in HELP_WORDS else ""
