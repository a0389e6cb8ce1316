"""Text from outside, made harmless before it goes into a prompt or a message. Pure.

Nothing here tries to detect an attack; text is contained instead. It cannot close its own data block, bring a link,
a line break or an invisible character, and is short.
"""

from __future__ import annotations

import re
import unicodedata

MAX_IN_MESSAGE = 160
MAX_IN_PROMPT = 4_000
_LINK = re.compile(
    r"(?i)\b(?:https?://|www\.|mailto:)\S*|\b[\w.+-]+@[\w-]+\.[\w.]+|(?<!\w)(?:[a-z0-9-]+\.)+(?:com|net|org|io|ru|рф|info|biz|xyz|top|click|link|me|co|app|dev|ly)\b(?:/\S*)?"
)


def visible(text: str) -> str:
    """The text without control, format (zero-width, bidirectional) and private characters."""
    return "".join(c for c in unicodedata.normalize("NFC", text) if c in "\n\t" or unicodedata.category(c)[0] != "C")


def for_message(text: str) -> str:
    """One short line fit to stand in a sentence that we sign; empty for what holds a link or an address, since half a
    name ("Group" of "Mail.ru Group") is none."""
    line = " ".join(visible(text).replace("{", "(").replace("}", ")").split())
    return "" if len(line) > MAX_IN_MESSAGE or _LINK.search(line) else line


def for_prompt(name: str, text: str) -> str:
    """A data block; angle brackets are replaced so that the text cannot end it."""
    inner = visible(text)[:MAX_IN_PROMPT].replace("<", "‹").replace(">", "›")
    return f'<data name="{name}">{inner}</data>'
