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

from leads.cleaning.names import legal_forms
from leads.sources.base import Unreadable
from leads.sources.listings.markup import attribute, link, parsed, words
from outreach.web import challenges

_EMPTY = re.compile(
    r"\b(?:no (?:\w+ ){0,2}(?:results|matches|postings|listings|ads|jobs)\b|(?:nothing|none) (?:was )?found|zero (?:local )?results"
    r"|0 (?:results|matches|postings|listings|ads|jobs)|did(?:n.t| not) match any|could(?:n.t| not) find any"
    r"|ничего не (?:найдено|нашлось)|нет (?:объявлений|результатов)|не найдено|keine (?:\w+ )?(?:treffer|ergebnisse|anzeigen)|nichts gefunden|0 treffer"
    r"|aucun(?:e)? (?:r[ée]sultat|annonce)|sin resultados|no se (?:encontr|hall)\w+|nessun risultato|nenhum resultado|brak wynik[óo]w)",
    re.IGNORECASE,
)
_SAYING = "h1, h2, h3, h4, p, strong, em, b, [role=status], [role=alert], [class*=empty], [class*=result], [class*=alert], [class*=message]"
"""Where a page says that it found nothing."""
_TOTALS = ".totalcount, .total-count, .cl-total, .result-count, [data-total]"
_EMPTY_MARKS = ".no-results, .noresults, .zero-results, .alert-no-results, .cl-no-results"
_UNFINISHED = "#cl-search-app, .cl-results-page, .cl-search-loading, .bd-spinner, .cl-skeleton, [data-loading], div#root:empty, div#app:empty"
_NEEDS_SCRIPT = re.compile(
    r"(?:enable|requires?|need) javascript|javascript (?:is )?(?:required|disabled)", re.IGNORECASE
)
_ID = re.compile(r"(?:/|^)(\d{7,})(?:\.html)?/?(?:\?.*)?$")
_TOKEN = re.compile(r"/view/d/[^/]+/([A-Za-z0-9_-]{8,})/?(?:\?.*)?$")


_PRICE = re.compile(r"[$€£₽]\s?\d|\d\s?[€£₽]")
_PLACE = ".result-location, .location, .supertitle, .result-hood"
_EMPLOYER = ".company, .employer, .company-name, .result-company"
_OLD_PLACE = re.compile(r"\(([^()\d][^()]{1,60})\)\s*(?:pic|img|map|\s)*$", re.IGNORECASE)
_OLD_PRICE = re.compile(
    r"[$€£₽]\s?\d[\d,.]*k?(?:\s?-\s?[$€£₽]?\d[\d,.]*k?)?(?:\s?/\s?(?:h|hr|hour|day|wk|week|mo|month|yr|year)\b)?",
    re.IGNORECASE,
)
_NEXT = "link[rel=next], a.button.next, a.next, a[rel=next], a.cl-next-page"


@dataclass(frozen=True)
class Row:
    """One line of a result page. Texts are verbatim; empty means missing."""

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
    """A parsed result page. `layout` is one of `paragraphs`, `rows`, `static`, `gallery`, or `empty`."""

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
    employers = {words(named) for named in node.css(_EMPLOYER)}
    places = [
        p for p in parts[1:] if p != price and p not in employers and any(map(str.isalpha, p)) and not legal_forms(p)
    ]
    return Row(
        url, title, attribute(node, "data-pid") or id_of(url), price=price,
        location=words(node.css_first(_PLACE)) or (places[-1] if places else ""),
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
    """(locality, latitude, longitude) of a row in the structured list, where both refer to the same posting."""
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
    behind = words(node).rpartition(words(anchor))[2]  # the oldest pages have no names for the parts of a row
    price, place = _OLD_PRICE.search(behind), _OLD_PLACE.search(behind)
    return Row(
        url, words(anchor).rstrip(" -"), attribute(node, "data-pid") or id_of(url),
        price=words(node.css_first(".price, .itempp, .itemprice")) or (price[0] if price else ""),
        location=_hood(words(node.css_first(".pnr small, .itempn, small, font"))) or (place[1] if place else ""),
        latitude=_number(attribute(node, "data-latitude") or None),
        longitude=_number(attribute(node, "data-longitude") or None),
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
    """The items of the page's JSON-LD list, in the order of the rows."""
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
    says_empty = (
        any(_EMPTY.search(words(node)) or attribute(node, "data-count") == "0" for node in tree.css(_EMPTY_MARKS))
        or any(words(node) == "0" or attribute(node, "data-total") == "0" for node in tree.css(_TOTALS))
        or any(len(said := words(node)) < 200 and _EMPTY.search(said) for node in tree.css(_SAYING)[:500])
    ) and not _has_postings(tree)
    is_empty_list = (
        listed is not None and not _structured(tree) and '"itemListElement":[' in re.sub(r"\s", "", listed.text())
    )
    if says_empty or is_empty_list or (len(text) < 2_000 and _EMPTY.search(text) and not _has_postings(tree)):
        return Results("empty")
    if tree.css_first(_UNFINISHED) is not None or (len(text) < 500 and _NEEDS_SCRIPT.search(words(tree.root))):
        raise Unreadable(
            "The page is still rendering: its results come by JavaScript and are not there yet.",
            code="still_rendering",
            body=body,
        )
    raise Unreadable("The layout of the page is unknown: no result was found on it.", code="layout_unknown", body=body)


def _has_postings(tree: LexborHTMLParser) -> bool:
    """Whether the page links to postings after all, in a layout that we do not know."""
    ids = {found for node in tree.css("a[href]")[:2_000] if (found := id_of(attribute(node, "href")))}
    return len(ids) > 2
