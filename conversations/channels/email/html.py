"""A plain text as simple HTML: paragraphs, links, images below. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_URL = re.compile(r"https?://[^\s<>\"']+")
_TRAILING = ".,;:!?)]}»”’"


def of_text(text: str, *, image_ids: Iterable[str] = ()) -> str:
    """`text` with its line breaks and links as HTML; `image_ids` are Content-IDs of images to show below it."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    parts = [f"<p>{_links(paragraph)}</p>" for paragraph in paragraphs]
    parts += [f'<p><img src="cid:{escape(image_id)}" alt=""></p>' for image_id in image_ids]
    return "\n".join(parts) + "\n"


def _links(paragraph: str) -> str:
    found, last = [], 0
    for match in _URL.finditer(paragraph):
        url = match[0].rstrip(_TRAILING)
        found.append(escape(paragraph[last : match.start()]))
        found.append(f'<a href="{escape(url)}">{escape(url)}</a>')
        last = match.start() + len(url)
    found.append(escape(paragraph[last:]))
    return "".join(found).replace("\n", "<br>\n")
