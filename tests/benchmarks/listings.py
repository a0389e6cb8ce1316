"""Reading listings beside bare selectolax: parsing the same page and taking title and address of each row, nothing else."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from campaigns.demo import listings_site
from leads.cleaning import compensation
from leads.sources.listings import postings, results
from tests.benchmarks import Row

ROWS = 360
"""As many as a result page of today has."""


def run(scale: int) -> list[Row]:
    rows = []
    for city, selector in (("berlin", "li.cl-static-search-result"), ("hamburg", "div.cl-search-result")):
        page = _padded(listings_site.results(city, "sof", "", 0, count=ROWS))
        url = f"http://{city}.classifieds.example/search/sof"
        bare = _cpu(lambda page=page, selector=selector: _bare(page, selector), 15)
        own = _cpu(lambda page=page, url=url: results.read(page, url), 15)
        rows.append(_row(f"result page, {ROWS} rows, {len(page) // 1024} KB, {listings_site.LAYOUTS[city]}", own, bare))
    ad = listings_site.ads("berlin")[0]
    page, url = _dressed(listings_site.posting(ad)), listings_site.address(ad)
    bare = _cpu(lambda: _bare_posting(page), 400)
    own = _cpu(lambda: postings.read(page, url), 400)
    rows.append(_row(f"posting, 30 fields, {len(page) // 1024} KB", own, bare))
    text = "$85,000 - $105,000 per year DOE"
    pay = _cpu(lambda: compensation.state(text), 400)
    rows.append(Row("pay string", pay, "ms", bare, pay / bare, "≤ 1 ms", pay <= 1))
    return rows


def _padded(page: str) -> bytes:
    """Brought to the weight of a real page by what real pages carry: scripts and styles."""
    filler = "<script>var data = {" + '"key": "value", ' * 4_000 + "};</script>"
    return page.replace("</head>", f"{filler}</head>").encode()


def _dressed(page: str) -> bytes:
    """A posting of a real page's weight: styles and scripts, head and foot with their links, pictures, a text of 400 words."""
    style = "<style>" + ".menu .entry:hover > span.label{color:#00e;margin:0 .5em}" * 100 + "</style>"
    script = "<script>window.page = {" + '"section": "jobs", ' * 1_200 + "};</script>"
    links = "".join(
        f'<li class="entry"><a class="link" href="/about/{n}"><span>page {n}</span></a></li>' for n in range(60)
    )
    pictures = "".join(
        f'<div class="slide" data-index="{n}"><img src="http://images.classifieds.example/{n}_600x450.jpg" alt="{n}"></div>'
        for n in range(12)
    )
    text = "<br>".join(
        ["We build pumps and valves and look for somebody who keeps our plants running in all weather."] * 24
    )
    return (
        page.replace("</head>", f'<link rel="stylesheet" href="/main.css">{style}{script}</head>')
        .replace(
            "<body>",
            f'<body class="posting"><header><ul class="menu">{links}</ul></header><div class="gallery">{pictures}</div>',
        )
        .replace("<br>More:", f"<br>{text}<br>More:")
        .replace("</body>", f'<footer><ul class="menu">{links}</ul></footer>{script[:8_000]}</script></body>')
        .encode()
    )


def _bare(page: bytes, selector: str) -> list[tuple[str, str]]:
    found = []
    for node in LexborHTMLParser(page).css(selector):
        anchor = node.css_first("a[href]")
        title = node.css_first(".title, .label")
        found.append((anchor.attributes["href"] or "", title.text()))  # type: ignore[union-attr]
    return found


def _bare_posting(page: bytes) -> list[str]:
    tree = LexborHTMLParser(page)
    names = ("#titletextonly", "#postingbody", ".attrgroup", ".postinginfos", ".mapaddress", ".breadcrumbs")
    return [node.text() for name in names if (node := tree.css_first(name)) is not None]


def _cpu(work: Callable[[], Any], times: int) -> float:
    """Milliseconds of CPU of one call, the median of many."""
    work()
    taken = []
    for _round in range(times):
        started = time.process_time()
        work()
        taken.append((time.process_time() - started) * 1000)
    return statistics.median(taken)


def _row(name: str, own: float, bare: float, *, target: str = "≤ 3 × bare selectolax", most_ms: float = 0) -> Row:
    return Row(name, own, "ms", bare, own / bare, target, own <= most_ms if most_ms else own <= 3 * bare)
