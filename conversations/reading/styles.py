"""Which HTML elements readers cannot see: not displayed, without size, transparent, off the page, or in the page's colour.

Enough of CSS for mail: inline styles, HTML attributes, and the plain class and id rules of a style sheet. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

_SHEET = re.compile(r"<style[^>]{0,300}>(.{0,100000}?)</style", re.IGNORECASE | re.DOTALL)
_RULE = re.compile(r"([^{}@;]{1,500})\{([^{}]{0,2000})\}")
_SIMPLE = re.compile(r"^[a-z0-9]*([.#][\w-]+)$", re.IGNORECASE)
_COLOURS = {"white": "ffffff", "snow": "fffafa", "ivory": "fffff0", "black": "000000", "transparent": "transparent"}
_OFF_PAGE = re.compile(r"^-\s*\d{3,}")
_ZERO = re.compile(r"^[+-]?0*\.?0*(?:px|pt|em|rem|%|ex|cm|mm|in|vh|vw)?$")


@dataclass(frozen=True)
class Look:
    """How text appears at some place; everything but `is_gone` may be set back further down."""

    is_gone: bool = False
    """Not displayed, and nothing below it is."""
    is_unsized: bool = False
    is_invisible: bool = False
    colour: str = "000000"
    background: str = "ffffff"

    @property
    def is_hidden(self) -> bool:
        """Whether readers cannot see text here."""
        if self.is_gone or self.is_unsized or self.is_invisible or self.colour == "transparent":
            return True
        return self.colour == self.background or (_is_near_white(self.colour) and _is_near_white(self.background))


def hidden_selectors(html: str) -> frozenset[str]:
    """The `.class` and `#id` selectors that the style sheets hide for every reader."""
    found: set[str] = set()
    for sheet in _SHEET.findall(html)[:10]:
        for selectors, body in _RULE.findall(_without_media(sheet))[:2_000]:
            if _hides(_declarations(body)):
                found.update(m[1] for s in selectors.split(",") if (m := _SIMPLE.match(s.strip())))
    return frozenset(found)


def look_of(node: etree._Element, above: Look, sheet: frozenset[str]) -> Look:
    """How text in `node` appears, given how it appears around it."""
    attributes = node.attrib
    if not attributes:
        return above
    if above.is_gone:
        return above
    style = _declarations(attributes.get("style", "")) if "style" in attributes else {}
    if "hidden" in attributes or attributes.get("aria-hidden", "").lower() == "true" or (style and _hides(style)):
        return replace(above, is_gone=True)
    if sheet and any(f".{name}" in sheet for name in attributes.get("class", "").split()):
        return replace(above, is_gone=True)
    if sheet and f"#{attributes.get('id', '')}" in sheet:
        return replace(above, is_gone=True)
    return _changed(above, style, attributes.get("color", ""), attributes.get("bgcolor", ""))


def _changed(above: Look, style: dict[str, str], colour: str, background: str) -> Look:
    size, visibility = style.get("font-size"), style.get("visibility")
    colour = style.get("color", colour)
    background = style.get("background-color", style.get("background", background))
    look = above
    if size is not None:
        look = replace(look, is_unsized=bool(_ZERO.match(size)))
    if visibility is not None:
        look = replace(look, is_invisible=visibility in {"hidden", "collapse"})
    if "url(" in background or "gradient" in background:
        look = replace(look, background="picture")
    elif (seen := _colour(background)) and seen != "transparent":
        look = replace(look, background=seen)
    if seen := _colour(colour):
        look = replace(look, colour=seen)
    return look


def _declarations(style: str) -> dict[str, str]:
    found = {}
    for declaration in style[:4_000].split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            found[name.strip().lower()] = value.replace("!important", "").strip().lower()
    return found


def _hides(style: dict[str, str]) -> bool:
    """Whether nothing below can be seen whatever it says of itself."""
    if style.get("display") == "none" or style.get("mso-hide") == "all" or style.get("content-visibility") == "hidden":
        return True
    if (opacity := style.get("opacity")) is not None and _ZERO.match(opacity):
        return True
    is_cut = "hidden" in style.get("overflow", "") or "hidden" in style.get("overflow-y", "")
    if is_cut and any(_ZERO.match(style.get(name, "x")) for name in ("height", "max-height", "width", "max-width")):
        return True
    if any(_OFF_PAGE.match(style.get(name, "")) for name in ("text-indent", "left", "top", "right", "margin-left")):
        return True
    return bool(re.match(r"rect\(\s*0", style.get("clip", ""))) or "scale(0" in style.get("transform", "")


def _colour(value: str) -> str:
    """Six hexadecimal digits, `transparent`, or an empty text for what is not told."""
    word = value.strip().lower().split(" ")[0] if not value.strip().lower().startswith("rgb") else value.strip().lower()
    if word in _COLOURS:
        return _COLOURS[word]
    if match := re.fullmatch(r"#?([0-9a-f]{6})(?:[0-9a-f]{2})?", word):
        return match[1]
    if match := re.fullmatch(r"#([0-9a-f])([0-9a-f])([0-9a-f])[0-9a-f]?", word):
        return match[1] * 2 + match[2] * 2 + match[3] * 2
    if match := re.match(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+))?", word):
        if match[4] is not None and float(match[4].strip(".") or 0) == 0:
            return "transparent"
        return "".join(f"{min(int(n), 255):02x}" for n in match.group(1, 2, 3))
    return ""


def _is_near_white(colour: str) -> bool:
    return len(colour) == 6 and all(colour[i] >= "f" for i in (0, 2, 4))


def _without_media(sheet: str) -> str:
    """The sheet without `@media` blocks, which hold for some screens only."""
    out, at = [], 0
    while (start := sheet.find("@media", at)) >= 0:
        out.append(sheet[at:start])
        depth, at = 0, start
        for at in range(start, len(sheet)):
            depth += (sheet[at] == "{") - (sheet[at] == "}")
            if depth == 0 and sheet[at] == "}":
                break
        at += 1
    out.append(sheet[at:])
    return "".join(out)
