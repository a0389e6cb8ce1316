"""Words that stand for a whole message: STOP and its kin of many languages, START, HELP. Pure.

Sentences that opt out are read in `conversations.replies.optouts`. "YES" alone answers too many other questions to
count as START here; where the carrier takes it so, it says so itself (`OptOutType`).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from conversations.consent.spelling import fold, join_spaced

START, HELP, STOP, CARRIER = "start", "help", "stop", "carrier"
_FILE = Path(__file__).parent / "data" / "keywords.tsv"
_EDGES = " \t\r\n.,!?;:-—–…\"'()[]{}*«»“”<>|/\\~#_=+"
_STOP_TO_QUIT = re.compile(
    r"(?:reply |text |send )?stop ?(?:2|to|two|4) ?"
    r"(?:quit|end|stop|cancel|optout|opt out|opt-out|unsubscribe|unsub|remove|discontinue|all)"
)
EMOJI_STOP = frozenset("🛑⛔🚫✋🙅")
"""What says "stop" without a word."""


@cache
def words(kind: str) -> frozenset[str]:
    """The words of one kind (`stop`, `carrier`, `typo`, `bare`, `polite`, `start`, `help`), folded."""
    lines = (line.split("\t") for line in _FILE.read_text().splitlines() if line and not line.startswith("#"))
    return frozenset(fold(word.strip()) for name, _, listed in lines if name == kind for word in listed.split(";"))


def read(text: str, *, carrier_says: str = "") -> str:
    """`start`, `help` or an empty text. `carrier_says` is Twilio's OptOutType (START, HELP, STOP), which wins."""
    said = carrier_says.strip().lower()
    if said in {START, HELP}:
        return said
    if said:
        return ""
    word = _bare(text)
    return START if word in words(START) else HELP if word in words(HELP) else ""


def read_stop(text: str, *, is_sms: bool = True) -> tuple[str, bool]:
    """The opt-out word that `text` is, and whether it is spelt as the carriers know it; empty when it is none.

    What only carriers take ("END", "CANCEL") is one in text messages alone.
    """
    if len(text) > 120:
        return "", False
    bare = _bare(text)
    if bare in words(STOP) or (is_sms and bare in words(CARRIER)):
        return bare, True
    joined = join_spaced(bare)
    if joined in words(STOP) or joined in words("typo") or _STOP_TO_QUIT.fullmatch(joined):
        return bare, False
    return "", False


def _bare(text: str) -> str:
    return " ".join(fold(text).strip(_EDGES).split())
