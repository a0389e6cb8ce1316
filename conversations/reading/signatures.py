"""What stands below a person's words without being theirs: signatures, "Sent from my …", legal notices, scanner
footers, how to leave the newsletter of their company.

Pure; linear in the length of the text.
"""

from __future__ import annotations

import re

from conversations.reading.phrases import pattern

_MARK = re.compile(r"^\s*(?:--|—|–-|__|- -|-- ?\*)\s*$")
_RULE = re.compile(r"^\s*(?:[_=*~#]{5,}|[-–—]{5,})\s*$")
_LIST_FOOTER = re.compile(
    r"^(?:_{20,}|-{2,}\s*)$|^you (?:received this message because you are subscribed|are receiving this because)|^to unsubscribe from this (?:group|list|topic)",
    re.IGNORECASE,
)
_OF_ONESELF = re.compile(
    r"\b(?:i|i['’]\w+|me|my|us|ich|mich|mir|uns|je|moi|nous|yo|mi|nos|io|eu|meu|minha|ik|mij|mnie|moj\w*|я|мне|меня|мо[йяёе]\w*|нас|нам)\b",
    re.IGNORECASE,
)
MAX_BELOW_MARK = 25
MAX_BELOW_PROGRAM = 6
MAX_FOOTER = 40
"""Lines at the end among which a newsletter's footer begins."""


def without_banner(lines: list[str]) -> tuple[list[str], list[str]]:
    """(lines, the warning that a gateway put on top)."""
    banner = pattern("footers", "banner", before="", after="")
    start = 0
    for _ in range(4):
        first, end = _paragraph(lines, start)
        text = " ".join(line.strip() for line in lines[first:end])
        if first == end or len(text) > 900 or not banner.search(text):
            break
        start = end
    return (lines[start:], lines[:start]) if start else (lines, [])


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """(what was written, the signature and the footers below it)."""
    below = _texts_below(lines)
    cut = len(lines)
    has_text = False
    program = pattern("quotes", "sent_from", before=r"^\W{0,3}", after="")
    for index, line in enumerate(lines):
        stripped = line.strip()
        if _MARK.match(line) and has_text and below[index] <= MAX_BELOW_MARK:
            cut = index
            break
        if len(stripped) < 150 and below[index] <= MAX_BELOW_PROGRAM and program.match(stripped):
            cut = index
            break
        if has_text and below[index] <= 12 and _LIST_FOOTER.match(stripped) and _is_list_footer(lines, index):
            cut = index
            break
        has_text = has_text or bool(stripped)
    cut = _before_newsletter(lines, _before_footers(lines, cut))
    return lines[:cut], lines[cut:]


def _texts_below(lines: list[str]) -> list[int]:
    """For each line how many lines with text follow it."""
    counts, count = [0] * len(lines), 0
    for index in range(len(lines) - 1, -1, -1):
        counts[index] = count
        count += bool(lines[index].strip())
    return counts


def _is_list_footer(lines: list[str], index: int) -> bool:
    text = " ".join(line.strip() for line in lines[index : index + 12]).lower()
    return "mailing list" in text or "subscribed to" in text or "listinfo" in text or "unsubscribe" in text


def is_about_newsletter(text: str) -> bool:
    """Whether a text explains how to unsubscribe from a newsletter. Someone who asks us to stop speaks of themselves."""
    return bool(pattern("footers", "news", before="", after="").search(text)) and not _OF_ONESELF.search(text)


def _before_newsletter(lines: list[str], end: int) -> int:
    """Where a line below other text begins to tell how to leave a newsletter, or `end`."""
    start = next((index for index in range(end) if lines[index].strip()), end)
    for index in range(max(start + 1, end - MAX_FOOTER), end):
        line = lines[index].strip()
        match = pattern("footers", "news", before="", after="").search(" ".join([line, *lines[index + 1 : end][:2]]))
        if line and match and match.start() == 0 and not _OF_ONESELF.search(line):
            return index
    return end


def _before_footers(lines: list[str], end: int) -> int:
    """Where the first legal notice or scanner's footer begins, or `end`; everything below goes with it."""
    legal = pattern("footers", "legal", before="", after="")
    scanner = pattern("footers", "scanner", before="", after="")
    start = 0
    while start < end:
        first, last = _paragraph(lines, start, end)
        if first == last:
            break
        text = " ".join(line.strip() for line in lines[first:last])[:1_500]
        if legal.search(text) or scanner.search(text):
            return _within(lines, first, last, legal, scanner)
        start = last
    return end


def _within(lines: list[str], first: int, last: int, legal: re.Pattern[str], scanner: re.Pattern[str]) -> int:
    """The line of a paragraph at which its footer begins: a person may have left no blank line above it."""
    for index in range(first, last):
        ahead = " ".join(line.strip() for line in lines[index : min(last, index + 3)])
        match = legal.search(ahead) or scanner.search(ahead)
        if match and match.start() < len(lines[index].strip()):
            while index > 0 and (
                not lines[index - 1].strip() or _RULE.match(lines[index - 1]) or _MARK.match(lines[index - 1])
            ):
                index -= 1
            return index
    return first


def _paragraph(lines: list[str], start: int, end: int | None = None) -> tuple[int, int]:
    """(first, behind the last) line of the paragraph at or below `start`."""
    end = len(lines) if end is None else end
    while start < end and not lines[start].strip():
        start += 1
    first = start
    while start < end and lines[start].strip():
        start += 1
    return first, start
