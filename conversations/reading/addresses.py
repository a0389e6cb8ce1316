"""Address headers and addresses in running text. Pure, linear, without recursion.

Addresses are split before their names are decoded: an encoded comma or "@" in a name makes no second person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conversations.reading.text import MAX_HEADER, MAX_TEXT, decode_words, visible

MAX_ADDRESSES = 200
_TOKEN = re.compile(r'=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=|"(?:[^"\\]|\\.)*"?|[()<>,;:]|[^()<>,;:"=]+|=', re.DOTALL)
_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]{}|]+@[^\s<>\"'(),;:\[\]{}|]+")
_EDGES = ".,;:!?<>[]'\"*_`«»“”„‘’…"


@dataclass(frozen=True)
class Address:
    """One address of a header: the decoded display name and the address in lower case; either may be empty."""

    name: str = ""
    address: str = ""


def parse_addresses(raw: str) -> tuple[Address, ...]:
    """The addresses of one raw header value, in order, each once."""
    raw = visible(raw[:MAX_HEADER])
    found = list(_split(raw))
    if "=?" in raw and not any(a.address for a in found):
        # some programs encode the address along with the name
        found = list(_split(decode_words(raw)))
    return tuple(dict.fromkeys(found))[:MAX_ADDRESSES]


def parse_address(values: Iterable[str]) -> Address:
    """The first address of the raw header values; a name without an address (`MAILER-DAEMON <>`) where there is none."""
    found = [address for value in values for address in parse_addresses(value)]
    return next((a for a in found if a.address), next((a for a in found if a.name), Address()))


def addresses_in(text: str) -> list[str]:
    """E-mail addresses in running text, lower case, in order, each once."""
    if "@" not in text:
        return []
    found = (_trimmed(match) for match in _ADDRESS.findall(text[:MAX_TEXT]))
    return list(dict.fromkeys(a for a in found if _is_plausible(a)))


def _trimmed(found: str) -> str:
    return re.sub(r"^(?:mailto|smtp|rfc822|e-?mail)[:;=]", "", found.strip(_EDGES).lower()).strip(_EDGES)


def _is_plausible(address: str) -> bool:
    local, _at, domain = address.rpartition("@")
    return (
        bool(local) and "@" not in local and "." in domain and ".." not in domain and not domain.startswith(("-", "."))
    )


def _split(raw: str) -> Iterator[Address]:
    """Entries between top-level commas and semicolons."""
    name: list[str] = []
    comment: list[str] = []
    angle: list[str] | None = None
    bracketed = ""
    depth = 0
    for piece in [*_TOKEN.findall(raw), ","]:
        if depth:
            depth += (piece == "(") - (piece == ")")
            if depth:
                comment.append(piece)
        elif piece == "(":
            depth = 1
        elif angle is not None and piece != ">" and (piece not in {",", ";"} or ">" in raw):
            angle.append(piece)
        elif piece == "<":
            angle = []
        elif piece == ">":
            bracketed = "".join(angle or []) or bracketed
            angle = None
        elif piece == ":" and not bracketed and "@" not in "".join(name):
            name.clear()  # the name of a group
        elif piece in {",", ";"}:
            bracketed = bracketed or "".join(angle or [])
            if entry := _entry("".join(name), "".join(comment), bracketed):
                yield entry
            name, comment, bracketed, angle = [], [], "", None
        else:
            name.append(piece)


def _entry(name: str, comment: str, bracketed: str) -> Address | None:
    if "@" in bracketed:
        return Address(_name(name) or _name(comment), _address(bracketed))
    bare = addresses_in(name)
    if bare:
        return Address(_name(comment), bare[0])
    if "@" in name and " " not in name.strip():
        return Address(_name(comment), _address(name))
    told = _name(name)
    return Address(told, "") if told else None


def _address(text: str) -> str:
    found = addresses_in(text)
    return found[-1] if found else re.sub(r"\s+", "", text).strip(_EDGES).lower()


def _name(text: str) -> str:
    text = text.strip()
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    else:
        text = re.sub(r'"((?:[^"\\]|\\.)*)"', r"\1", text)
    return decode_words(text).strip(" \"'")
