"""A site of classified ads that belongs to nobody: made-up ads under reserved names, in the layouts of real sites.

The demo world crawls it, tests and benchmarks read its pages. Each city shows another layout. Pure.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote_plus, urlsplit

DOMAIN = "classifieds.example"
SEARCH_URL = f"http://{{location}}.{DOMAIN}/search/{{category}}?query={{keywords}}"
PAGE_SIZE = 10
FIRST_ID = 7_700_000_001
EPOCH = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LAYOUTS = {
    "berlin": "static", "hamburg": "gallery", "munich": "rows", "cologne": "paragraphs", "vienna": "jobs",
}  # fmt: skip
"""City → layout of its result pages; `jobs` has JSON-LD JobPosting pages."""
ROBOTS = "User-agent: *\nDisallow: /reply\nDisallow: /flag\nDisallow: /private/\n"


@dataclass(frozen=True)
class Ad:
    """One made-up ad."""

    number: int
    city: str
    title: str
    company: str
    pay: str
    kind: str
    contact: str
    text: str
    is_remote: bool = False
    is_internship: bool = False
    is_nonprofit: bool = False

    @property
    def id(self) -> int:
        return FIRST_ID + self.number

    @property
    def slug(self) -> str:
        return "-".join("".join(c if c.isalnum() else " " for c in self.title.lower()).split())

    @property
    def email(self) -> str:
        return f"jobs@{''.join(c for c in self.company.lower() if c.isalnum())}.example"

    @property
    def phone(self) -> str:
        return f"+1 212 555 01{self.number % 100:02d}"

    @property
    def posted_at(self) -> datetime:
        return EPOCH - timedelta(hours=7 * self.number)


_JOBS = (
    ("Python developer for a logistics start-up", "Rollwerk", "$85k–105k", "full-time", True),
    ("Data entry, two days a week", "Blattgold Verlag", "$18/hr", "part-time", False),
    ("Django contractor, three months", "Nordlicht Systems", "$70-90 per hour", "contract", True),
    ("Help with a web shop", "Seifenkiste", "$600 flat", "contract", False),
    ("Junior QA engineer", "Prüfstand", "from $52,000 a year", "full-time", False),
    ("Sales manager, SaaS", "Kontor Eins", "$60,000 + commission", "full-time", False),
    ("Intern in marketing", "Litfass Media", "", "employee's choice", False),
    ("Office manager", "Amt & Söhne", "up to $3,800 per month", "full-time", False),
    ("React Native developer", "Taschenwelt", "$95,000 - $120,000 per year", "full-time", True),
    ("IT support on call", "Kabelsalat", "$25.50 an hour", "part-time", False),
    ("Volunteer web designer for a shelter", "Pfotenhaus", "no pay", "contract", True),
    ("Head of IT", "Stadtwerk Nord", "DOE", "full-time", False),
)
_NAMES = ("Mara Lindt", "Jonas Feld", "Ida Brand", "Timo Kranz", "Lena Auer", "Paul Stern")


def ads(city: str, count: int = 24) -> list[Ad]:
    """The ads of a city, the same at every call."""
    offset = list(LAYOUTS).index(city) * 100 if city in LAYOUTS else 900
    made = []
    for n in range(count):
        title, company, pay, kind, remote = _JOBS[n % len(_JOBS)]
        again = f" ({n // len(_JOBS) + 1})" if n >= len(_JOBS) else ""
        name = _NAMES[n % len(_NAMES)]
        text = (
            f"{company} is looking for: {title.lower()}.\n\nWe work with Python, Postgres and patience. Start as soon as you can."
            f"\n\nContact: {name}\nQuestions? Call us or write to jobs@{''.join(c for c in company.lower() if c.isalnum())}{n or ''}.example."
        )
        made.append(
            Ad(
                offset + n,
                city,
                title + again,
                company,
                pay,
                kind,
                name,
                text,
                remote,
                "Intern" in title,
                "Volunteer" in title,
            )
        )
    return made


@dataclass(frozen=True)
class Answer:
    status: int
    media_type: str
    body: bytes


def respond(host: str, path: str) -> Answer:
    """What the site answers to GET `path` at `host` (`berlin.classifieds.example`)."""
    city = host.partition(":")[0].lower().removesuffix(DOMAIN).rstrip(".")
    parts = urlsplit(path)
    if parts.path == "/robots.txt":
        return Answer(200, "text/plain; charset=utf-8", ROBOTS.encode())
    if city not in LAYOUTS:
        return _not_found()
    if parts.path.startswith("/search/"):
        query = parse_qs(parts.query)
        start = query.get("s", ["0"])[0]
        category = parts.path.removeprefix("/search/").strip("/") or "jjj"
        return _page(
            results(
                city, category, query.get("query", [""])[0], int(start) if start.isdecimal() and len(start) < 6 else 0
            )
        )
    ad = next((a for a in ads(city) if str(a.id) in parts.path), None)
    return _page(posting(ad)) if ad else _not_found()


def _page(markup: str) -> Answer:
    return Answer(200, "text/html; charset=utf-8", markup.encode())


def _not_found() -> Answer:
    return Answer(
        404,
        "text/html; charset=utf-8",
        b"<html><title>page not found</title><body>There is nothing here.</body></html>",
    )


def address(ad: Ad) -> str:
    """Old layouts end in `.html`, new ones are below `/view/d/`."""
    layout = LAYOUTS[ad.city]
    path = f"/view/d/{ad.slug}/{ad.id}" if layout in {"static", "gallery", "jobs"} else f"/sof/{ad.id}.html"
    return f"http://{ad.city}.{DOMAIN}{path}"


def results(city: str, category: str, keywords: str, start: int, *, count: int = 24) -> str:
    """A result page; old layouts show ten ads and a link to the next ten."""
    words = keywords.lower().split()
    found = [ad for ad in ads(city, count) if all(word in f"{ad.title} {ad.text}".lower() for word in words)]
    layout = LAYOUTS[city]
    if layout in {"rows", "paragraphs"}:
        shown = found[start : start + PAGE_SIZE]
        more = start + PAGE_SIZE < len(found)
        following = f"/search/{category}?query={quote_plus(keywords)}&s={start + PAGE_SIZE}" if more else ""
        return (_old_rows if layout == "rows" else _paragraphs)(city, shown, following)
    return _gallery(city, found) if layout == "gallery" else _static(city, found)


def _static(city: str, found: list[Ad]) -> str:
    items = [
        {
            "@type": "ListItem",
            "position": str(n),
            "item": {
                "@type": "Product",
                "name": ad.title,
                "offers": {
                    "@type": "Offer",
                    "availableAtOrFrom": {
                        "address": {"addressLocality": city.title(), "addressRegion": "", "@type": "PostalAddress"},
                        "geo": {"latitude": 52.5 + ad.number / 1000, "longitude": 13.4, "@type": "GeoCoordinates"},
                    },
                },
            },
        }
        for n, ad in enumerate(found)
    ]
    data = json.dumps({"@type": "ItemList", "itemListElement": items})
    rows = "\n".join(
        f'<li class="cl-static-search-result" title="{_(ad.title)}"><a href="{address(ad)}"><div class="title">{_(ad.title)}</div>'
        f'<div class="details"><div class="price">{_(ad.pay)}</div><div class="location">{city.title()}</div></div></a></li>'
        for ad in found
    )
    return _html(
        f"{city} jobs",
        f'<script type="application/ld+json" id="ld_searchpage_results">{data}</script>'
        f'<ol class="cl-static-search-results"><li class="cl-static-hub-links"><div>see also</div></li>{rows}</ol>',
    )


def _gallery(city: str, found: list[Ad]) -> str:
    cards = "\n".join(
        f'<div data-pid="{ad.id}" class="cl-search-result cl-search-view-mode-gallery" title="{_(ad.title)}"><div class="gallery-card">'
        f'<div class="cl-gallery"><a class="main singleton" href="{address(ad)}"></a></div>'
        f'<a tabindex="0" href="{address(ad)}" class="cl-app-anchor text-only posting-title"><span class="label">{_(ad.title)}</span></a>'
        f'<div class="meta"><span title="{ad.posted_at:%a %b %d %Y %H:%M:%S GMT+0000}">{ad.posted_at:%m/%d}</span><span class="separator">·</span>{_(ad.pay) or "–"}'
        f'<span class="separator">·</span>{city.title()}</div></div></div>'
        for ad in found
    )
    return _html(
        f"{city} jobs",
        f'<div class="cl-results-page"><ol>{cards}</ol></div>'
        if found
        else '<div class="cl-no-results">no results</div>',
    )


def _old_rows(city: str, found: list[Ad], following: str) -> str:
    rows = "\n".join(
        f'<li class="result-row" data-pid="{ad.id}"><a href="{address(ad)}" class="result-image gallery empty"></a><div class="result-info">'
        f'<time class="result-date" datetime="{ad.posted_at:%Y-%m-%d %H:%M}">{ad.posted_at:%b %d}</time>'
        f'<h3 class="result-heading"><a href="{address(ad)}" data-id="{ad.id}" class="result-title hdrlnk">{_(ad.title)}</a></h3>'
        f'<span class="result-meta"><span class="result-hood"> ({city.title()})</span></span></div></li>'
        for ad in found
    )
    rest = (
        f'<a href="{_(following)}" class="button next" title="next page">next &gt;</a>'
        if following
        else '<span class="button next">next</span>'
    )
    body = (
        f'<ul class="rows" id="search-results">{rows}</ul>'
        if found
        else '<div class="alert alert-sm alert-warning noresults">Nothing found for that search</div>'
    )
    return _html(f"{city} jobs", f"{body}{rest}")


def _paragraphs(city: str, found: list[Ad], following: str) -> str:
    rows = "\n".join(
        f'<p class="row" data-pid="{ad.id}"><a href="/sof/{ad.id}.html" class="i"></a><span class="star"></span><span class="pl"> '
        f'<span class="date">{ad.posted_at:%b %d}</span> <a href="/sof/{ad.id}.html">{_(ad.title)}</a></span> '
        f'<span class="l2"><span class="pnr"><small> ({city.title()})</small></span></span></p>'
        for ad in found
    )
    rest = f'<a class="button next" href="{_(following)}">next 100 postings</a>' if following else ""
    return _html(
        f"{city} jobs", f'<div class="content">{rows or "<h4>Nothing found for that search.</h4>"}{rest}</div>'
    )


def posting(ad: Ad) -> str:
    """An ad's page in the layout of its city."""
    layout = LAYOUTS[ad.city]
    if layout == "jobs":
        return _job(ad)
    return _new_posting(ad) if layout in {"static", "gallery"} else _old_posting(ad)


def _new_posting(ad: Ad) -> str:
    flags = "".join(
        f'<div class="attr {name}"><span class="valu">{text}</span></div>'
        for name, text, is_set in (
            ("is_telecommuting", "telecommuting okay", ad.is_remote),
            ("is_internship", "internship", ad.is_internship),
            ("is_nonprofit", "non-profit organization", ad.is_nonprofit),
        )
        if is_set
    )
    pay = (
        f'<div class="attr remuneration"><span class="labl">compensation:</span> <span class="valu">{_(ad.pay)}</span></div>'
        if ad.pay
        else ""
    )
    updated = ad.posted_at + timedelta(days=1)
    return _html(
        ad.title,
        f'<nav class="breadcrumbs-container"><ul class="breadcrumbs"><li class="crumb area"><a href="/">{ad.city}</a></li>'
        '<li class="crumb section"><a href="/search/jjj">jobs</a></li><li class="crumb category"><a href="/search/sof">software/qa/dba/etc</a></li></ul></nav>'
        f'<h1 class="postingtitle"><span class="postingtitletext"><span id="titletextonly">{_(ad.title)}</span><span> ({ad.city.title()})</span></span></h1>'
        f'<div id="map" class="viewposting" data-latitude="{52.5 + ad.number / 1000:.6f}" data-longitude="13.400000" data-accuracy="22"></div>'
        f'<div class="mapaddress">Musterstraße {ad.number % 90 + 1}</div>'
        f'<div class="attrgroup">{pay}<div class="attr employment_type"><span class="labl">employment type:</span> <span class="valu"><a href="/search/sof?employment_type=1">{_(ad.kind)}</a></span></div>'
        f'<div class="attr job_title"><span class="labl">job title:</span> <span class="valu">{_(ad.title)}</span></div>'
        f'<div class="attr company_name"><span class="labl">company name:</span> <span class="valu">{_(ad.company)}</span></div>{flags}</div>'
        f'<div id="thumbs"><a class="thumb" href="http://images.{DOMAIN}/{ad.id}_600x450.jpg"><img src="http://images.{DOMAIN}/{ad.id}_50x50c.jpg"></a></div>'
        '<section id="postingbody"><div class="print-information print-qrcode-container"><p class="print-qrcode-label">QR Code Link to This Post</p></div>'
        f'{_lines(ad.text)}<br>More: <a href="https://www.{ad.email.partition("@")[2]}/jobs">our page</a></section>'
        f'<div class="postinginfos"><p class="postinginfo">post id: {ad.id}</p><p class="postinginfo reveal">posted: <time class="date timeago" datetime="{_iso(ad.posted_at)}">…</time></p>'
        f'<p class="postinginfo reveal">updated: <time class="date timeago" datetime="{_iso(updated)}">…</time></p></div>'
        f'<div class="reply"><a href="mailto:{ad.email}?subject=job">reply by email</a> <a href="tel:{ad.phone.replace(" ", "")}" class="reply-tel-number">{ad.phone}</a></div>',
        head=f'<meta name="geo.region" content="US-NY"><meta name="geo.placename" content="{ad.city.title()}">',
    )


def _old_posting(ad: Ad) -> str:
    flags = "".join(
        f"<span>{text}</span><br>"
        for text, is_set in (
            ("telecommuting okay", ad.is_remote),
            ("internship", ad.is_internship),
            ("non-profit organization", ad.is_nonprofit),
        )
        if is_set
    )
    pay = f"<span>compensation: <b>{_(ad.pay)}</b></span><br>" if ad.pay else ""
    return _html(
        f"{ad.title} - jobs",
        f'<header class="bchead"><a href="/">{ad.city}</a> &gt; <a href="/jjj/">jobs</a> &gt; <a href="/sof/">software / qa / dba</a></header>'
        f'<h2 class="postingtitle"><span class="star"></span>{_(ad.title)} ({ad.city.title()})</h2>'
        f'<p class="attrgroup">{pay}<span>employment type: <b>{_(ad.kind)}</b></span><br>{flags}</p>'
        f'<section id="postingbody">{_lines(ad.text)}</section>'
        f'<p class="postinginfo">Posting ID: {ad.id}</p><p class="postinginfo">Posted: <time datetime="{_iso(ad.posted_at)}">{ad.posted_at:%Y-%m-%d}</time></p>'
        f'<aside class="reply"><a href="mailto:{ad.email}">{ad.email}</a> ☎ <span class="reply-tel-number">{ad.phone}</span></aside>',
        head='<meta name="ICBM" content="50.940000, 6.960000">',
    )


def _job(ad: Ad) -> str:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebPage", "name": ad.title},
            {
                "@type": ["JobPosting"],
                "title": ad.title,
                "description": f"<p>{'</p><p>'.join(_(part) for part in ad.text.split(chr(10) * 2))}</p>",
                "datePosted": _iso(ad.posted_at),
                "validThrough": _iso(ad.posted_at + timedelta(days=60)),
                "employmentType": ["FULL_TIME"] if ad.kind == "full-time" else "PART_TIME",
                "hiringOrganization": {
                    "@type": "Organization",
                    "name": ad.company,
                    "sameAs": f"https://www.{ad.email.partition('@')[2]}",
                },
                "identifier": {"@type": "PropertyValue", "name": ad.company, "value": str(ad.id)},
                "jobLocationType": "TELECOMMUTE" if ad.is_remote else None,
                "jobLocation": [
                    {
                        "@type": "Place",
                        "address": {
                            "@type": "PostalAddress",
                            "addressLocality": "Vienna",
                            "addressCountry": {"@type": "Country", "name": "AT"},
                            "postalCode": "1010",
                        },
                    }
                ],
                "baseSalary": {
                    "@type": "MonetaryAmount",
                    "currency": "EUR",
                    "value": {"@type": "QuantitativeValue", "minValue": 40000, "maxValue": "55000", "unitText": "YEAR"},
                },
                "applicationContact": {
                    "@type": "ContactPoint",
                    "email": ad.email,
                    "telephone": ad.phone,
                    "name": ad.contact,
                },
                "skills": "Python, Postgres",
            },
        ],
    }
    return _html(
        ad.title,
        f"<h1>{_(ad.title)}</h1><div>{_lines(ad.text)}</div>",
        head=f'<script type="application/ld+json">{json.dumps(data)}</script>',
    )


def _html(title: str, body: str, *, head: str = "") -> str:
    return f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{_(title)}</title>{head}</head><body>{body}</body></html>'


def _lines(text: str) -> str:
    return _(text).replace("\n", "<br>\n")


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S%z")


def _(text: str) -> str:
    return html.escape(text)
