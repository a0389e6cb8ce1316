"""Another tone without a model: contractions, greetings, and what can be left out. Pure, and it adds no claim."""

from __future__ import annotations

import re

TONES = ("formal", "casual", "shorter")

_CONTRACTIONS = {
    "I'm": "I am",
    "I'll": "I will",
    "I've": "I have",
    "I'd": "I would",
    "isn't": "is not",
    "aren't": "are not",
    "it's": "it is",
    "It's": "It is",
    "don't": "do not",
    "Don't": "Do not",
    "doesn't": "does not",
    "haven't": "have not",
    "won't": "will not",
    "can't": "cannot",
    "we're": "we are",
    "We're": "We are",
    "you're": "you are",
    "that's": "that is",
    "That's": "That is",
    "let's": "let us",
}
_TO_FORMAL = [
    (r"(?m)^(?:Hi|Hey|Hello) there,", "Hello,"),
    (r"(?m)^(?:Hi|Hey|Hello) (?=\w)", "Dear "),
    (r"\bThanks\b", "Thank you"),
    (r"(?m)^(\w+), добрый день!", r"Здравствуйте, \1!"),
    (r"(?m)^(?:Привет|Добрый день)(?=[,!])", "Здравствуйте"),
]
_TO_CASUAL = [
    (r"(?m)^Dear (?=\w)", "Hi "),
    (r"(?m)^Hello,", "Hi there,"),
    (r"\bThank you\b(?! for)", "Thanks"),
    (r"(?m)^Здравствуйте, (\w+)!", r"\1, добрый день!"),
    (r"(?m)^Здравствуйте!", "Добрый день!"),
]
_KEEP = re.compile(r"https?://|\?|(?:not|won't) write again|\bno\b|STOP|СТОП|«нет»|больше не буду", re.IGNORECASE)


def change_tone(body: str, tone: str) -> str:
    """`body` in another tone; unchanged when there is nothing to change. Raises ValueError for an unknown tone."""
    if tone not in TONES:
        raise ValueError(f"unknown tone {tone!r}")
    if tone == "shorter":
        return _shorter(body)
    pairs = _CONTRACTIONS.items() if tone == "formal" else [(v, k) for k, v in _CONTRACTIONS.items()]
    for short, long in pairs:
        body = re.sub(rf"(?<![\w']){re.escape(short)}(?![\w'])", long, body.replace("’", "'") if "’" in body else body)
    for pattern, replacement in _TO_FORMAL if tone == "formal" else _TO_CASUAL:
        body = re.sub(pattern, replacement, body)
    return body


def _shorter(body: str) -> str:
    """The same with fewer sentences: greeting, question, link, the way out and the signature stay.

    Of each other paragraph with several sentences the last one stays, which is where the point is.
    """
    paragraphs = body.split("\n\n")
    if len(paragraphs) < 3:
        return body
    kept = [paragraphs[0]]
    for paragraph in paragraphs[1:-1]:
        sentences = re.split(r"(?<=[.!?])\s+(?=[A-ZА-ЯЁ])", paragraph)
        if len(sentences) == 1:
            kept.append(paragraph)
            continue
        kept.append(" ".join([s for s in sentences[:-1] if _KEEP.search(s)] + sentences[-1:]))
    return "\n\n".join([*kept, paragraphs[-1]])
