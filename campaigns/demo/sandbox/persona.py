"""Who a simulated recipient is and what they do about a message. Pure: the same seed, address and turn, the same life.

Most people ignore a cold message; some open it, few answer. An address can choose its character: `anna+books@firm.example`
books, and the last two digits of a number reserved for fiction do the same for texts (see `BY_DIGITS`).
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass, field
from typing import Any

from campaigns.demo.sandbox import texts

# character → share of a list, in per mille; the shares of a decent cold campaign
SHARES = {
    "refused": 15,
    "bounces": 25,
    "full": 10,
    "away": 50,
    "opts_out": 30,
    "objects": 50,
    "not_now": 30,
    "refers": 20,
    "asks": 70,
    "books": 50,
    "clicks": 60,
    "opens": 270,
    "ignores": 320,
}
FAULTS = ("refused", "passing", "sender", "unknown")
"""Characters whose message never simply arrives; all but `refused` are chosen by address only."""
BY_DIGITS = {
    "90": "books",
    "91": "refused",
    "92": "passing",
    "93": "sender",
    "94": "unknown",
    "95": "asks",
    "96": "opts_out",
    "97": "objects",
    "98": "not_now",
    "99": "ignores",
}
ANSWERS = frozenset({"opts_out", "objects", "not_now", "refers", "asks", "books"})
_CHOSEN = re.compile(r"\+([a-z_]+)@")
_FICTION_US = re.compile(r"\+1\d{3}55501(\d{2})$")


@dataclass(frozen=True)
class Reaction:
    """`after_minutes` is simulated time since the message left."""

    kind: str
    after_minutes: float
    payload: dict[str, Any] = field(default_factory=dict)


def character(address: str, *, seed: str) -> str:
    """The character behind `address`: chosen by the address itself, else drawn by its hash."""
    chosen = _CHOSEN.search(address)
    if chosen and chosen[1] in {*SHARES, *FAULTS}:
        return chosen[1]
    digits = _FICTION_US.search(address)
    if digits and digits[1] in BY_DIGITS:
        return BY_DIGITS[digits[1]]
    drawn = _random(seed, address, "character").choices(list(SHARES), weights=list(SHARES.values()))
    return drawn[0]


def reactions(
    address: str, *, seed: str, channel: str, language: str, is_follow_up: bool = False, turn: int = 0
) -> list[Reaction]:
    """What the recipient does about one message, in order of time. `turn` counts the answers they gave before."""
    who = character(address, seed=seed)
    chance = _random(seed, address, channel, is_follow_up, turn)
    if who == "bounces" and channel == "email":
        return [Reaction("bounce", chance.uniform(5, 60), {"status": "5.1.1"})]
    if who == "full" and channel == "email":
        return [Reaction("bounce", chance.uniform(5, 60), {"status": "5.2.2"})]
    planned = [Reaction("delivered", chance.uniform(0.2, 3))]
    if channel == "email" and who == "away" and turn == 0 and not is_follow_up:
        planned.append(Reaction("auto_reply", chance.uniform(1, 30), {"days": chance.randint(3, 12)}))
    if turn == 0 and who in ANSWERS:
        # a third of those who answer wait for the reminder
        if is_follow_up or _random(seed, address, "patience").random() > 0.33:
            planned += _answer(who, chance, channel=channel, language=language)
        elif channel == "email":
            planned.append(Reaction("opened", chance.uniform(60, 900)))
    elif 0 < turn <= len(texts.LATER_TURNS.get(who, ())):
        intent = texts.LATER_TURNS[who][turn - 1]
        planned += _answer(intent, chance, channel=channel, language=language, turn=turn)
    elif who in {"opens", "clicks"} and channel == "email" and turn == 0:
        planned += _look(who, chance)
    return sorted(planned, key=lambda reaction: reaction.after_minutes)


def _look(who: str, chance: random.Random) -> list[Reaction]:
    opened = chance.uniform(30, 1200)
    looks = [Reaction("opened", opened)]
    if who == "clicks":
        looks.append(Reaction("clicked", opened + chance.uniform(0.5, 4)))
    return looks


def _answer(intent: str, chance: random.Random, *, channel: str, language: str, turn: int = 0) -> list[Reaction]:
    opened = chance.uniform(60, 600)
    written = opened + chance.uniform(160, 1500)
    text = texts.choose(intent, language=language, channel=channel, chance=chance)
    style = {"quotes": chance.random() < 0.7, "signs": chance.random() < 0.5, "has_html": chance.random() < 0.4}
    reply = Reaction("reply", written, {"intent": intent, "text": text, "turn": turn, **style})
    if channel != "email":
        return [reply]
    looks = [Reaction("opened", opened)]
    if intent == "books" and chance.random() < 0.5:
        looks.append(Reaction("clicked", opened + chance.uniform(0.5, 4)))
    return [*looks, reply]


def _random(*parts: object) -> random.Random:
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311 not a secret: it must repeat
