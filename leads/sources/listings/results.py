"""Result pages of classified-ad sites in their four layouts. Pure.

Layouts are tried in order and the one that matched is named. A page without rows is only "nothing found" when it says
so itself; else it is unknown, unfinished or a block, and that is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from leads.sources.base import Unreadable
from leads.sources.listings.markup import attribute, link, parsed, words
from outreach.web import challenges

_EMPTY = re.compile(
    r"\b(?:no results|nothing found|zero (?:local )?results|0 results|no (?:matching )?(?:postings|listings|ads)|ничего не найдено|keine (?:treffer|ergebnisse))\b",
    re.IGNORECASE,
)
_EMPTY_MARKS = ".no-results, .noresults, .zero-results, .alert-no-results, .cl-no-results"
_UNFINISHED = "#cl-search-app, .cl-results-page, .cl-search-loading, .bd-spinner, .cl-skeleton, [data-loading], div#root:empty, div#app:empty"
_NEEDS_SCRIPT = re.compile(
    r"(?:enable|requires?|need) javascript|javascript (?:is )?(?:required|disabled)", re.IGNORECASE
)
_ID = re.compile(r"(?:/|^)(\d{7,})(?:\.html)?/?(?:\?.*)?$")
_TOKEN = re.compile(r"/view/d/[^/]+/([A-Za-z0-9_-]{8,})/?(?:\?.*)?$")


_PRICE = re.compile(r"[$€£₽]\s?\d|\d\s?[€£₽]")
_NEXT = "link[rel=next], a.button.next, a.next, a[rel=next], a.cl-next-page"


@dataclass(frozen=True)
class Row:
    """One line of a result page. Texts are as they stand there; empty means not there."""

    url: str
    title: str
    external_id: str = ""
    price: str = ""
    location: str = ""
    posted: str = ""
    latitude: float | None = None
    longitude: float | None = None
    is_nearby: bool = False
    """From another area, offered because there are few results here."""


@dataclass(frozen=True)
class Results:
    """What a result page says. `layout` is one of `paragraphs`, `rows`, `static`, `gallery`, or `empty`."""

    layout: str
    rows: list[Row] = field(default_factory=list)
    next_url: str = ""


def read(markup: str | bytes, url: str) -> Results:
    """The rows of a result page. Raises `Unreadable` `blocked`, `still_rendering` or `layout_unknown`."""
    tree = parsed(markup)
    for layout, selector, row_of in LAYOUTS:
        nodes = tree.css(selector)
        if not nodes:
            continue
        details = _structured(tree) if layout == "static" else []
        rows = [row for number, node in enumerate(nodes) if (row := row_of(node, url, details, number)) is not None]
        if rows:
            return Results(layout, _marked(tree, rows), _next(tree, url))
    return _without_rows(tree, markup, url)


def id_of(url: str) -> str:
    """The site's id in the address of a posting: digits of old, a token of new ones; or an empty text."""
    match = _ID.search(url) or _TOKEN.search(url)
    return match[1] if match else ""


def _gallery(node: LexborNode, base: str, details: list[dict[str, Any]], number: int) -> Row | None:
    anchor = node.css_first("a.posting-title") or node.css_first("a.titlestring, a.cl-app-anchor[href], a.main[href]")
    url = link(base, attribute(anchor, "href"))
    title = attribute(node, "title") or words(anchor) or words(node.css_first(".label"))
    if not url or not title:
        return None
    meta = node.css_first(".meta")
    texts = meta.text(separator="\n").split("\n") if meta is not None else []
    parts = [part for text in texts if (part := text.strip(" ·"))]
    dated = meta.css_first("span[title]") if meta is not None else None
    price = words(node.css_first(".priceinfo")) or next((part for part in parts[1:] if _PRICE.search(part)), "")
    return Row(
        url, title, attribute(node, "data-pid") or id_of(url), price=price,
        location=parts[-1] if len(parts) > 1 and parts[-1] != price else words(node.css_first(".result-location, .location")),
        posted=attribute(dated, "title") or (parts[0] if parts else ""),
    )  # fmt: skip


def _static(node: LexborNode, base: str, details: list[dict[str, Any]], number: int) -> Row | None:
    anchor = node.css_first("a[href]")
    url = link(base, attribute(anchor, "href"))
    title = words(node.css_first(".title")) or attribute(node, "title")
    if not url or not title:
        return None
    locality, latitude, longitude = _of_row(details, number, title)
    return Row(
        url, title, id_of(url),
        price=words(node.css_first(".price")),
        location=words(node.css_first(".location")) or locality,
        latitude=latitude,
        longitude=longitude,
    )  # fmt: skip


def _of_row(details: list[dict[str, Any]], number: int, title: str) -> tuple[str, float | None, float | None]:
    """(locality, latitude, longitude) of a row in the structured list, where both speak of the same posting."""
    if number >= len(details) or not _same(details[number], title):
        return "", None, None
    place = _dig(details[number], "offers", "availableAtOrFrom")
    geo = _dig(place, "geo")
    locality = str(_dig(place, "address").get("addressLocality") or "")
    return locality, _number(geo.get("latitude")), _number(geo.get("longitude"))


def _rows(node: LexborNode, base: str, details: list[dict[str, Any]], number: int) -> Row | None:
    anchor = node.css_first("a.result-title, a.hdrlnk")
    url = link(base, attribute(anchor, "href"))
    if not url or not words(anchor):
        return None
    return Row(
        url, words(anchor), attribute(node, "data-pid") or id_of(url),
        price=words(node.css_first(".result-meta .result-price, .result-price")),
        location=_hood(words(node.css_first(".result-hood, .nearby"))),
        posted=attribute(node.css_first("time[datetime]"), "datetime"),
        is_nearby=node.css_first(".nearby") is not None,
    )  # fmt: skip


def _paragraphs(node: LexborNode, base: str, details: list[dict[str, Any]], number: int) -> Row | None:
    anchor = node.css_first("a.hdrlnk, .pl a, a[href]:not(.i)")
    url = link(base, attribute(anchor, "href"))
    if not url or not words(anchor):
        return None
    time = node.css_first("time[datetime]")
    return Row(
        url, words(anchor), attribute(node, "data-pid") or id_of(url),
        price=words(node.css_first(".price")),
        location=_hood(words(node.css_first(".pnr small, small"))),
        posted=attribute(time, "datetime") or words(node.css_first(".date, .itemdate")),
    )  # fmt: skip


LAYOUTS: list[tuple[str, str, Callable[[LexborNode, str, list[dict[str, Any]], int], Row | None]]] = [
    ("gallery", "div.cl-search-result[data-pid], li.cl-search-result[data-pid]", _gallery),
    ("static", "li.cl-static-search-result", _static),
    ("rows", "li.result-row", _rows),
    ("paragraphs", "p.row", _paragraphs),
]
"""Name, what its rows are, how a row is read. The newest first: pages carry the static list beneath the rendered one."""


def _hood(text: str) -> str:
    return text.strip().strip("()").strip()


def _structured(tree: LexborHTMLParser) -> list[dict[str, Any]]:
    """The items of the page's JSON-LD list; they stand in the order of the rows."""
    script = tree.css_first("script#ld_searchpage_results")
    try:
        data = orjson.loads(script.text().strip()) if script is not None else {}
    except orjson.JSONDecodeError:
        return []
    elements = data.get("itemListElement") if isinstance(data, dict) else None
    return [_dig(element, "item") for element in elements] if isinstance(elements, list) else []


def _dig(value: Any, *names: str) -> dict[str, Any]:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _same(item: dict[str, Any], title: str) -> bool:
    """Whether a structured item is the row's: rows may be left out of the one or the other."""
    name = str(item.get("name") or "")
    return name == title or " ".join(name.split()).casefold() == title.casefold()


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _marked(tree: LexborHTMLParser, rows: list[Row]) -> list[Row]:
    """Each address once. Rows below a "nearby" heading are told apart by the layouts that have one."""
    return list({row.url: row for row in reversed(rows)}.values())[::-1]


def _next(tree: LexborHTMLParser, base: str) -> str:
    found = (link(base, attribute(node, "href")) for node in tree.css(_NEXT) if attribute(node, "href"))
    return next((url for url in found if url and url != base), "")


def _without_rows(tree: LexborHTMLParser, markup: str | bytes, url: str) -> Results:
    body = markup.encode() if isinstance(markup, str) else markup
    if reason := challenges.find(200, {}, body):
        raise Unreadable(f"The page is no result page but a block: {reason}.", code="blocked", body=body)
    listed = tree.css_first("script#ld_searchpage_results")
    text = words(tree.body)
    says_empty = any(
        _EMPTY.search(words(node)) or attribute(node, "data-count") == "0" for node in tree.css(_EMPTY_MARKS)
    )
    is_empty_list = (
        listed is not None and not _structured(tree) and '"itemListElement":[' in re.sub(r"\s", "", listed.text())
    )
    if says_empty or is_empty_list or (len(text) < 2_000 and _EMPTY.search(text)):
        return Results("empty")
    if tree.css_first(_UNFINISHED) is not None or (len(text) < 500 and _NEEDS_SCRIPT.search(words(tree.root))):
        raise Unreadable(
            "The page is still rendering: its results come by JavaScript and are not there yet.",
            code="still_rendering",
            body=body,
        )
    raise Unreadable("The layout of the page is unknown: no result was found on it.", code="layout_unknown", body=body)
