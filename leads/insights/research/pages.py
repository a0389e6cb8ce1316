"""Reads a page of a company's website: its text, and which links are about the company. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from leads.sources.listings.markup import attribute, link, parsed, plain_text, words

MAX_TEXT = 20_000
_TELLING = re.compile(
    r"about|company|team|who-we-are|ueber|über|unternehmen|product|solution|service|customer|case|career|job|news|press|blog"
    r"|о-нас|o-nas|o-kompanii|kompani|о-компании|о нас|о компании|продукт|решени|услуг|клиент|вакансии|карьера|новости|пресс",
    re.IGNORECASE,
)
_FIRST = re.compile(r"about|who-we-are|ueber|über|o-nas|o-kompanii|о-нас|о нас|о компании|о-компании", re.IGNORECASE)
_NOISE = "nav, footer, header form, script, style, noscript, template, svg, iframe, [aria-hidden=true], [hidden]"
_FILE = re.compile(r"\.(?:pdf|zip|png|jpe?g|gif|svg|webp|mp4|docx?|xlsx?|pptx?)$", re.IGNORECASE)


def read(markup: str, url: str) -> tuple[str, str, list[str]]:
    """(title, text, links of the same site that tell about the company, the most telling first)."""
    tree = parsed(markup)
    title = words(tree.css_first("title"))
    about = attribute(tree.css_first("meta[name=description]"), "content")
    found: dict[str, int] = {}
    for anchor in tree.css("a[href]"):
        address = link(url, attribute(anchor, "href"))
        path = urlsplit(address).path if address else ""
        if not address or _FILE.search(path) or _site(address) != _site(url):
            continue
        label = f"{path} {words(anchor)}"
        if _TELLING.search(label):
            found.setdefault(address, 0 if _FIRST.search(label) else 1)
    for node in tree.css(_NOISE):
        node.decompose()
    body = tree.body
    text = plain_text(body.html or "") if body is not None else ""
    return title, f"{about}\n{text}"[:MAX_TEXT], sorted(found, key=lambda address: found[address])


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
