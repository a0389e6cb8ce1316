"""What traces keep of prompts and answers: everything, everything but personal data, or no texts at all.

Masked are what is known of the person whom a call is about (wings register it: names, company, addresses), and whatever
looks like an e-mail address, a link, or a phone number. The hash of the question stays that of the true one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from outreach.core.registry import Point
from outreach.llm import configured, structured
from outreach.llm.models import TraceContent

KNOWN: Point[Callable[[int], Mapping[str, Iterable[str]]]] = Point("personal data of a lead")
"""By lead id: what to call it, and the values to hide."""
SHORTEST = 2
_PATTERNS = (
    ("e-mail", re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")),
    ("link", re.compile(r"\b(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)),
    ("phone", re.compile(r"(?<![\w.])\+?\(?\d[\d\s().-]{7,}\d(?!\w)")),
)


@dataclass(frozen=True)
class Texts:
    """What was asked and answered, and what went wrong in the server's words."""

    messages: list[structured.Message]
    output: str
    error: str
    are_kept: bool = True


def kept(texts: Texts, *, lead_id: int | None) -> Texts:
    """What may be stored under the policy in force."""
    content = configured.policy().trace_content
    if content == TraceContent.WHOLE:
        return texts
    if content == TraceContent.OFF:
        return Texts([], "", masked(texts.error, {}), are_kept=False)
    known = _known(lead_id) if lead_id is not None else {}
    messages = [{**message, "content": _masked_content(message["content"], known)} for message in texts.messages]
    return Texts(messages, masked(texts.output, known), masked(texts.error, known))


def masked(text: str, known: Mapping[str, str]) -> str:
    """`text` with the `known` values and what looks personal replaced by its kind in brackets. Pure."""
    for kind, pattern in _PATTERNS:
        text = pattern.sub(f"[{kind}]", text)
    if not known:
        return text
    values = sorted(known, key=len, reverse=True)
    found = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, values)) + r")(?!\w)", re.IGNORECASE)
    lowered = {value.casefold(): kind for value, kind in known.items()}
    return found.sub(lambda match: f"[{lowered.get(match[0].casefold(), 'personal')}]", text)


def _known(lead_id: int) -> dict[str, str]:
    """The values to hide, each with its kind."""
    return {
        value.strip(): kind
        for source in KNOWN.entries()
        for kind, values in source(lead_id).items()
        for value in values
        if len(value.strip()) >= SHORTEST
    }


def _masked_content(content: Any, known: Mapping[str, str]) -> Any:
    if isinstance(content, str):
        return masked(content, known)
    return [
        {**part, "text": masked(part["text"], known)}
        if part.get("type") == "text"
        else {"type": "text", "text": "[image]"}
        for part in content
    ]
