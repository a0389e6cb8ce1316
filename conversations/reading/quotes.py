"""Takes a reply apart: what the person wrote, what they quoted, how they signed. Pure.

Nothing is dropped: every line lands in one of the three. Quotes are found by `>` marks, by the line that introduces
them ("On … wrote:", «… пишет:»), by the header block that Outlook repeats, and by separators. Answers written between
or below quoted lines are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conversations.reading import introductions, signatures
from conversations.reading.text import MAX_TEXT, clean, squeezed

_MAX_LINES = 4_000
_ABOVE = "\u00b7 "
_MARK = re.compile(r"^\s{0,3}>")
_LINK_END = re.compile(r"^\s*>\s*$|^\s*>[\s.,;)]*\S{0,40}$")
_RULE = re.compile(r"^\s*(?:_{5,}|-{10,}|={10,})\s*$")
_SIGN_OFF = re.compile(
    r"^(?:(?:kind|best|warm|many)?\s*(?:regards|wishes|thanks|cheers|best)|sincerely|thank you|yours|(?:mit )?(?:freundlichen?|besten|viele[n]?|liebe) grüße?n?|mfg|lg"
    r"|с уважением|спасибо|всего доброго|cordialement|bien à vous|saludos(?: cordiales)?|un saludo|cordiali saluti|saluti|atenciosamente|abraços?|met vriendelijke groet|pozdrawiam|z poważaniem|med vänliga hälsningar|venlig hilsen)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Split:
    """The three parts of a text; `reply` is empty when the person wrote nothing new.

    `is_certain` is false where the reply was taken from below an unmarked quote: where it begins is a guess.
    """

    reply: str
    quoted: str = ""
    signature: str = ""
    is_certain: bool = True


def split(text: str, *, ours: str = "") -> Split:
    """Take `text` apart, in time linear in its length. `ours` is the message that it answers, where it is known."""
    lines = clean(text[:MAX_TEXT]).split("\n")
    lines, rest = lines[:_MAX_LINES], lines[_MAX_LINES:]
    lines, banner = signatures.without_banner(_opened(lines))
    kinds = _kinds(lines)
    is_certain = True
    if not any(kind == "reply" and line.strip() for line, kind in zip(lines, kinds, strict=True)):
        is_certain = not _find_bottom_post(lines, kinds, ours) or bool(ours)
    reply, signature = _signatures(lines, kinds)
    quoted = [line for line, kind in zip(lines, kinds, strict=True) if kind == "quoted"] + rest
    return Split(_tidy(reply), "\n".join(quoted).strip("\n"), _tidy([*banner, *signature]), is_certain)


def _opened(lines: list[str]) -> list[str]:
    """The lines, those split in which a person's words and an introduction share one."""
    out: list[str] = []
    for line in lines:
        at = introductions.inline_at(line) if not _MARK.match(line) else -1
        out += [line[:at].rstrip(), line[at:]] if at > 0 and line[:at].strip(" -") else [line]
    return out


def _kinds(lines: list[str]) -> list[str]:
    """For each line whether it was written or quoted."""
    kinds = ["reply"] * len(lines)
    index = 0
    while index < len(lines):
        line = lines[index]
        length = introductions.length_at(lines, index) if line.strip() else 0
        if length:
            following = _next_text(lines, index + length)
            is_marked = following is not None and bool(_MARK.match(lines[following]))
            end = (
                following
                if is_marked and following is not None
                else index + length
                if following is None
                else len(lines)
            )
            kinds[index:end] = ["quoted"] * (end - index)
            index = end
        elif _MARK.match(line) and not _ends_a_link(lines, index):
            index = _mark_quote(lines, kinds, index)
        elif introductions.is_cut(lines, index):
            start = _back_over_rule(lines, index)
            end = _behind_headers(lines, index)
            kinds[start:end] = ["quoted"] * (end - start)
            index = end
        else:
            index += 1
    return kinds


def _behind_headers(lines: list[str], index: int) -> int:
    """Where what an earlier message's headers introduce ends: at the marked lines below them, else with the text."""
    end = index
    while end < len(lines) and lines[end].strip() and not _MARK.match(lines[end]):
        end += 1
    following = _next_text(lines, end)
    return (
        following
        if following is not None and _MARK.match(lines[following]) and not _MARK.match(lines[index])
        else len(lines)
    )


def _mark_quote(lines: list[str], kinds: list[str], index: int) -> int:
    """Mark a run of `>` lines, with the pieces that wrapping tore off them; the index behind."""
    while index < len(lines):
        if not _MARK.match(lines[index]) and not _is_torn_off(lines, index):
            break
        kinds[index] = "quoted"
        index += 1
    return index


def _is_torn_off(lines: list[str], index: int) -> bool:
    """A short unmarked line between two marked ones that goes on in the middle of a sentence."""
    line, above = lines[index], lines[index - 1]
    if not line.strip() or index + 1 >= len(lines) or not _MARK.match(lines[index + 1]):
        return False
    return (
        len(above) >= 60
        and len(line) < 40
        and (line[:1].islower() or line[:1].isdigit())
        and not above.rstrip().endswith((".", "!", "?", ":"))
    )


def _ends_a_link(lines: list[str], index: int) -> bool:
    """A line that begins with the ">" of a link whose "<" stands above."""
    if index == 0 or not _LINK_END.match(lines[index]):
        return False
    above = lines[index - 1].strip()
    return (
        not above.startswith(">")
        and above.rfind("<") > above.rfind(">")
        and bool(re.search(r"<\s*(?:https?:|mailto:|www\.)?\S*$", above))
    )


def _back_over_rule(lines: list[str], index: int) -> int:
    start = index
    while start and (not lines[start - 1].strip() or _RULE.match(lines[start - 1])):
        start -= 1
    return start


def _next_text(lines: list[str], index: int) -> int | None:
    return next((i for i in range(index, min(index + 8, len(lines))) if lines[i].strip()), None)


def _find_bottom_post(lines: list[str], kinds: list[str], ours: str) -> bool:
    """Nothing was written above an unmarked quote: the answer may stand below it. Whether one was taken for it."""
    start = next((i for i in range(len(lines)) if lines[i].strip() and not _MARK.match(lines[i])), len(lines))
    length = introductions.length_at(lines, start) if start < len(lines) else 0
    if not length:
        return False
    begin = start + length
    at = _below_ours(lines, begin, ours) if ours else _below_author(lines, begin, " ".join(lines[start:begin]))
    if at is None or not any(line.strip() and not _MARK.match(line) for line in lines[at:]):
        return False
    for index in range(at, len(lines)):
        if not _MARK.match(lines[index]):
            kinds[index] = "reply"
    return True


def _below_ours(lines: list[str], begin: int, ours: str) -> int | None:
    """Behind the last line that stands in our message too."""
    known = {squeezed(line) for line in clean(ours).split("\n")}
    whole = squeezed(ours)
    last = None
    for index in range(begin, len(lines)):
        told = squeezed(lines[index])
        if told and (told in known or (len(told) > 15 and told in whole)):
            last = index
    return None if last is None else last + 1


def _below_author(lines: list[str], begin: int, introduction: str) -> int | None:
    """Behind the name with which the quoted person signs, else the last paragraph below a gap."""
    names = set(re.findall(r"[^\W\d_]{2,}", introduction.lower()))
    for index in range(len(lines) - 2, begin, -1):
        words = re.findall(r"[^\W\d_]{2,}", lines[index].lower())
        is_name = 0 < len(words) <= 3 and all(word in names for word in words) and len(lines[index].strip()) < 40
        if (is_name or _SIGN_OFF.match(lines[index - 1].strip())) and words and not lines[index + 1].strip():
            return index + 1
    gaps = [i for i in range(begin + 1, len(lines) - 1) if not lines[i].strip() and lines[i + 1].strip()]
    return gaps[-1] + 1 if gaps else None


def _signatures(lines: list[str], kinds: list[str]) -> tuple[list[str], list[str]]:
    """(what was written, signatures and footers), each run of written lines looked at for itself."""
    reply: list[str] = []
    signature: list[str] = []
    run: list[str] = []
    for line, kind in [*zip(lines, kinds, strict=True), ("", "end")]:
        if kind == "reply":
            run.append(line)
        elif run:
            # words above let a mark at the top of a run below a quote count as one
            has_above = any(other.strip() for other in reply)
            above, below = signatures.split_signature([_ABOVE, *run] if has_above else run)
            reply += [line for line in above if line is not _ABOVE]
            signature += [line for line in below if line is not _ABOVE]
            run = []
    return reply, signature


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
