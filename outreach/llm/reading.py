"""What a model said, out of what servers send: parts, thoughts, fences and prose around an answer. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

_THOUGHT = re.compile(r"<(think|thinking|reasoning|thought)>.*?</\1>", re.IGNORECASE | re.DOTALL)
_OPEN_THOUGHT = re.compile(r"\A\s*<(?:think|thinking|reasoning|thought)>.*\Z", re.IGNORECASE | re.DOTALL)
_CLOSED_ONLY = re.compile(r"\A.*?</(?:think|thinking|reasoning|thought)>", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)```", re.DOTALL)


def content_text(content: Any) -> str:
    """The text of a message: a string, or a list of parts of which the text ones count."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_part(part) for part in content)
    return str(content)


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    kind = part.get("type", "text") if isinstance(part, dict) else getattr(part, "type", "text")
    if kind not in {"text", "output_text"}:
        return ""
    text = part.get("text", "") if isinstance(part, dict) else getattr(part, "text", "")
    return text if isinstance(text, str) else ""


def without_thoughts(text: str) -> str:
    """The answer without a `<think>` block; one that never ends, or whose beginning the server cut off, goes too."""
    text = _THOUGHT.sub("", text)
    if _OPEN_THOUGHT.match(text):
        return ""
    return _CLOSED_ONLY.sub("", text).strip()


def json_in(text: str) -> str:
    """The JSON object in an answer: alone, in a fence, or with prose around it; the text itself when there is none."""
    stripped = text.strip()
    if stripped.startswith("{"):
        found = _object_at(stripped, 0)
        return found or stripped
    for fenced in _FENCE.findall(stripped):
        if found := _first_object(fenced):
            return found
    return _first_object(stripped) or stripped


def _first_object(text: str) -> str:
    start = text.find("{")
    while start >= 0:
        if found := _object_at(text, start):
            return found
        start = text.find("{", start + 1)
    return ""


def _object_at(text: str, start: int) -> str:
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except ValueError:
        return ""
    return text[start:end] if isinstance(value, dict) else ""
