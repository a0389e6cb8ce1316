"""One posting: a classified ad old or new, or any page with a JSON-LD JobPosting. Pure.

What the page's own markup says goes before JSON-LD: sites fill the latter carelessly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from leads.cleaning import compensation
from leads.cleaning.compensation import Stated
from leads.sources.base import Unreadable
from leads.sources.features import Image
from leads.sources.listings import contacts, json_ld
from leads.sources.listings.markup import attribute, link, moment, parsed, plain_text, site_of, words
from leads.sources.listings.results import id_of
from outreach.core.errors import Permanent
from outreach.web import challenges

_GONE = re.compile(
    r"this posting has (?:been deleted|expired|been flagged)|posting has been removed|page not found|this job (?:is no longer|has expired)|no longer accepting applications",
    re.IGNORECASE,
)
_POST_ID = re.compile(r"post(?:ing)?\s*id:?\s*(\d{5,})", re.IGNORECASE)
"""Where a phone number can stand at all."""
_CONTACT_LABEL = re.compile(r"^contact(?: name)?:\s*", re.IGNORECASE)
_TITLE_PLACE = re.compile(r"\(([^()]{2,80})\)\s*(?:pic|img|map|\s)*$")
_WHOLE_TITLE = re.compile(
    r"^(?P<title>.+?)(?:\s+-\s+(?P<price>[$€£]\S+))?(?:\s*\((?P<place>[^()]{2,80})\))?(?:\s*(?:pic|img|map)\b)*$"
)
_MAP_LINK = re.compile(r"\s*\(?google map\)?\s*$")
_SIZE = re.compile(r"_(\d{2,4})x(\d{2,4})(\.\w+)$")
_SIGNS = re.compile(r"\W+")
_CRUMBS = frozenset({"area", "section", "category"})
_NEW_ATTRIBUTE = frozenset({"attr", "labl", "valu"})
_REPLY = "a[href^='mailto:'], a[href^='tel:'], .reply-email-address, .anonemail, .reply-tel-number, .reply-contact-name, .contact-name"
_COMPANY_LABELS = ("company_name", "company", "employer", "business_name")
_FLAGS = {
    "is_remote": re.compile(r"telecommut|remote|work from home", re.IGNORECASE),
    "is_internship": re.compile(r"internship", re.IGNORECASE),
    "is_nonprofit": re.compile(r"non[-_ ]?profit", re.IGNORECASE),
}
_NO = re.compile(r"^(?:no|none|false|not)\b(?!-)", re.IGNORECASE)
_NOISE = ".print-information, .print-qrcode-container, .print-qrcode-label, .removed, script, style, noscript, template, button, form"
_BODY = "#postingbody, section.postingbody, #userbody, .posting-body"
_RELAY = re.compile(r"@(?:\w+\.)?(?:reply|hous|serv|job|gigs|comm|sale|res|pers|event)\.[\w.-]+$")
MAX_TEXT = 50_000
MAX_ITEMS = 30
MAX_ATTRIBUTES = 80


@dataclass
class Posting:
    """A parsed posting. Empty text, empty list and None mean not stated. `layout` is `classified`, `classified-old` or `json-ld`."""

    layout: str
    url: str
    external_id: str = ""
    source: str = ""
    title: str = ""
    body_text: str = ""
    body_html: str = ""
    posted_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    location: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    postal_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    category: str = ""
    section: str = ""
    area: str = ""
    compensation: str = ""
    pay: Stated | None = None
    employment_types: list[str] = field(default_factory=list)
    job_title: str = ""
    is_remote: bool | None = None
    is_internship: bool | None = None
    is_nonprofit: bool | None = None
    company: str = ""
    company_url: str = ""
    contact_name: str = ""
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)


def is_posting(tree: LexborHTMLParser) -> bool:
    """Whether a page is one posting rather than a list of them."""
    return tree.css_first(_BODY) is not None or (
        tree.css_first("li.cl-static-search-result, li.result-row, p.row, .cl-search-result") is None
        and json_ld.find(tree) is not None
    )


def read(markup: str | bytes, url: str) -> Posting:
    """A posting with all that it says.

    Raises `Permanent` `gone` for one that was removed, `Unreadable` `blocked` or `layout_unknown`.
    """
    tree = parsed(markup)
    structured = json_ld.find(tree)
    body = tree.css_first(_BODY)
    if body is None and structured is None:
        raise _no_posting(tree, markup)
    posting = Posting("json-ld", url, external_id=id_of(url), source=site_of(url))
    if body is not None:
        _read_markup(posting, tree, body)
    if structured is not None:
        _read_structured(posting, structured)
    if not posting.title:
        posting.title = words(tree.css_first("h1")) or words(tree.css_first("title"))
    _read_text(posting)
    if not posting.external_id:
        posting.external_id = url
    return posting


def _no_posting(tree: LexborHTMLParser, markup: str | bytes) -> Exception:
    raw = markup.encode() if isinstance(markup, str) else markup
    if reason := challenges.find(200, {}, raw):
        return Unreadable(f"The page is no posting but a block: {reason}.", code="blocked", body=raw)
    if _GONE.search(words(tree.body)[:4_000]):
        return Permanent("The posting was removed or has expired.", code="gone")
    return Unreadable(
        "The layout of the posting is unknown: it has neither a body nor a JobPosting.", code="layout_unknown", body=raw
    )


def _read_markup(posting: Posting, tree: LexborHTMLParser, body: LexborNode) -> None:
    metas = _metas(tree)
    new_attributes = tree.css(".attr")
    posting.layout = "classified" if new_attributes or "/view/d/" in posting.url else "classified-old"
    _read_title(posting, tree)
    _read_dates(posting, tree)
    _read_place(posting, tree, metas)
    _read_crumbs(posting, tree)
    for label, value in (*_new_attributes(new_attributes), *_old_attributes(tree)):
        _take(posting, label, value)
    posting.images = _images(tree, posting.url, metas)
    _read_reply(posting, tree)
    found = (link(posting.url, attribute(node, "href")) for node in body.css("a[href]"))
    posting.links = list(dict.fromkeys(url for url in found if url and site_of(url) != posting.source))[:MAX_ITEMS]
    for noise in body.css(_NOISE):
        noise.decompose()
    posting.body_html = (body.inner_html or "").strip()[:MAX_TEXT]
    posting.body_text = plain_text(posting.body_html)


def _read_title(posting: Posting, tree: LexborHTMLParser) -> None:
    whole = tree.css_first(".postingtitle") or tree.css_first(".postingtitletext")
    if whole is None:
        posting.title = words(tree.css_first("#titletextonly"))
        return
    posting.compensation = words(whole.css_first(".price"))
    rest = words(whole)
    if (only := whole.css_first("#titletextonly")) is not None:
        posting.title = words(only)
        match = _TITLE_PLACE.search(rest)
        posting.location = words(whole.css_first("small")).strip("() ") or (match[1].strip() if match else "")
        return
    if match := _WHOLE_TITLE.match(rest):
        posting.title, posting.location = match["title"], (match["place"] or "").strip()
        posting.compensation = posting.compensation or match["price"] or ""
    else:
        posting.title = rest


def _read_dates(posting: Posting, tree: LexborHTMLParser) -> None:
    for node in tree.css(".postinginfo, p.date") or tree.css(".postinginfos p"):
        text = words(node).lower()
        if match := _POST_ID.search(text):
            posting.external_id = match[1]
        at = moment(attribute(node.css_first("time[datetime]"), "datetime"))
        if at is not None and text.startswith("updated"):
            posting.updated_at = at
        elif at is not None:
            posting.posted_at = posting.posted_at or at
    if posting.posted_at is None:
        first = tree.css_first("#display-date time[datetime], time.date[datetime], date")
        posting.posted_at = moment(attribute(first, "datetime") or words(first))


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    """Name or property → content of the page's meta elements, the first of each."""
    found: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        values = node.attributes
        found.setdefault(
            (values.get("name") or values.get("property") or "").lower(), (values["content"] or "").strip()
        )
    return found


def _read_place(posting: Posting, tree: LexborHTMLParser, metas: dict[str, str]) -> None:
    box = tree.css_first("[data-latitude]")
    point = (attribute(box, "data-latitude"), attribute(box, "data-longitude"))
    if not all(point):
        parts = (metas.get("icbm") or metas.get("geo.position", "")).replace(";", ",").split(",")
        point = (parts[0], parts[1]) if len(parts) == 2 else ("", "")
    try:
        latitude, longitude = float(point[0]), float(point[1])
    except ValueError:
        pass
    else:
        if -90 <= latitude <= 90 and -180 <= longitude <= 180 and (latitude or longitude):
            posting.latitude, posting.longitude = latitude, longitude
    posting.street = _MAP_LINK.sub("", words(tree.css_first(".mapaddress, .street-address")))
    country, _dash, region = metas.get("geo.region", "").partition("-")
    posting.country, posting.region = country.upper(), region
    posting.city = metas.get("geo.placename", "")


def _read_crumbs(posting: Posting, tree: LexborHTMLParser) -> None:
    last = ""
    path = tree.css_first(".breadcrumbs") or tree.css_first(".bchead")
    for node in path.css("li, p, span, a") if path is not None else ():
        text = words(node).strip(" >›")
        last = text or last
        for name in _CRUMBS.intersection(attribute(node, "class").split()):
            setattr(posting, name, getattr(posting, name) or text)
    posting.category = posting.category or last


def _new_attributes(nodes: list[LexborNode]) -> list[tuple[str, str]]:
    """(label, value) pairs; a value without a label is a flag."""
    pairs = []
    for node in nodes:
        label = value = ""
        for part in node.iter():
            kind = attribute(part, "class")
            if kind.startswith("labl"):
                label = words(part)
            elif kind.startswith("valu"):
                value = words(part)
        name = next((c for c in attribute(node, "class").split() if c not in {"attr", "important"}), "")
        pairs.append((label.rstrip(":") or (name if value != name else ""), value or words(node)))
    return pairs[:MAX_ATTRIBUTES]


def _old_attributes(tree: LexborHTMLParser) -> list[tuple[str, str]]:
    """The same of old layouts, where a colon stands between label and value."""
    pairs = []
    for group in tree.css(".attrgroup, ul.blurbs, .bigattr"):
        for node in group.css("li") if "bigattr" in attribute(group, "class") else group.iter():
            if node.tag not in {"span", "li"} or _NEW_ATTRIBUTE.intersection(attribute(node, "class").split()):
                continue
            text = words(node)
            label, colon, value = text.partition(":")
            if text and text != "more ads by this user" and node.css_first(".labl, .valu") is None:
                pairs.append((label, value.strip()) if colon and len(label) < 40 else ("", text))
    return pairs[:MAX_ATTRIBUTES]


def _take(posting: Posting, label: str, value: str) -> None:
    """One attribute to where it belongs."""
    key = _SIGNS.sub("_", label.lower()).strip("_")
    if key in {"compensation", "remuneration", "pay", "salary"}:
        posting.compensation = value
    elif key == "employment_type":
        posting.employment_types = [part.strip().lower() for part in value.replace("/", ",").split(",") if part.strip()]
    elif key in _COMPANY_LABELS:
        posting.company = value
    elif key == "job_title":
        posting.job_title = value
    elif key in {"contact_name", "contact"}:
        posting.contact_name = value
    elif name := next(
        (
            n
            for n, words_of in _FLAGS.items()
            if words_of.search(f"{label} {value}" if not key or value.lower() in _YES else label)
        ),
        "",
    ):
        setattr(posting, name, not _NO.match(value or label))
    elif key in {"post_id", "posted", "updated"}:
        return
    elif key or value:
        posting.attributes[key or _SIGNS.sub("_", value.lower()).strip("_")[:60]] = value[:500] if key else "yes"


_YES = frozenset({"yes", "true", "ok", "okay", "1", ""})


def _images(tree: LexborHTMLParser, base: str, metas: dict[str, str]) -> list[Image]:
    found: dict[str, Image] = {}
    nodes = tree.css("a.thumb, .slide img, #iwi") or tree.css("#thumbs a")
    values = [node.attributes for node in nodes]
    for address in (*((v.get("href") or v.get("src") or "").strip() for v in values), metas.get("og:image", "")):
        url = link(base, address) if address else ""
        size = _SIZE.search(url)
        key = url[: size.start()] + size[3] if size else url
        if url and key not in found:
            found[key] = Image(url, int(size[1]) if size else None, int(size[2]) if size else None)
    return list(found.values())[:MAX_ITEMS]


def _read_reply(posting: Posting, tree: LexborHTMLParser) -> None:
    """Addresses and the name next to the text."""
    for node in tree.css(_REPLY):
        href = attribute(node, "href")
        name = attribute(node, "class")
        if "contact-name" in name:
            posting.contact_name = posting.contact_name or _CONTACT_LABEL.sub("", words(node))
        elif href.startswith("tel:") or "reply-tel-number" in name:
            posting.phones += [phone] if (phone := href.removeprefix("tel:") or words(node)) else []
        elif match := contacts.EMAIL.search(
            href.removeprefix("mailto:").partition("?")[0].replace("%40", "@") or words(node)
        ):
            posting.emails.append(match[0])


def _read_structured(posting: Posting, data: dict[str, Any]) -> None:
    """Fill what the markup left open."""
    text, markup = json_ld.description(data)
    posted_at, expires_at = json_ld.dates(data)
    stated, said = json_ld.pay(data)
    organisation = data.get("hiringOrganization")
    contact = data.get("applicationContact")
    contact = contact[0] if isinstance(contact, list) and contact else contact
    facts: dict[str, Any] = json_ld.place(data)
    facts |= {
        "title": json_ld.text(data.get("title") or data.get("name")),
        "body_text": text[:MAX_TEXT],
        "body_html": markup[:MAX_TEXT],
        "posted_at": posted_at,
        "expires_at": expires_at,
        "employment_types": json_ld.employment_types(data),
        "is_remote": json_ld.is_remote(data),
        "company": json_ld.text(organisation),
        "company_url": link(posting.url, json_ld.text(organisation.get("sameAs") or organisation.get("url")))
        if isinstance(organisation, dict)
        else "",
        "category": json_ld.text(data.get("occupationalCategory")) or json_ld.text(data.get("industry")),
        "pay": stated,
        "compensation": said,
    }
    if isinstance(contact, dict):
        facts["contact_name"] = json_ld.text(contact.get("name"))
        posting.emails += [m[0] for m in contacts.EMAIL.finditer(json_ld.text(contact.get("email")))]
        posting.phones += [phone] if (phone := json_ld.text(contact.get("telephone"))) else []
    if posting.compensation:
        facts["pay"] = None  # the markup's words count
    for name, value in facts.items():
        if value not in (None, "", []) and getattr(posting, name) in (None, "", []):
            setattr(posting, name, value)
    if "internship" in " ".join(posting.employment_types) or "intern" in posting.employment_types:
        posting.is_internship = True
    raw = data.get("identifier")
    identifier = json_ld.text(raw.get("value") if isinstance(raw, dict) else raw)
    if posting.layout == "json-ld" and identifier:
        posting.external_id = identifier[:200]
    for name, key in (
        ("skills", "skills"),
        ("experienceRequirements", "experience"),
        ("educationRequirements", "education"),
        ("industry", "industry"),
    ):
        if value := ", ".join(json_ld.texts(data.get(name))):
            posting.attributes.setdefault(key, value[:500])
    image = data.get("image")
    for item in image if isinstance(image, list) else [image]:
        if (
            url := link(posting.url, json_ld.text(item.get("url") if isinstance(item, dict) else item))
        ) and not posting.images:
            posting.images.append(Image(url))


def _read_text(posting: Posting) -> None:
    """What only the text contains: addresses, links, a contact, pay."""
    text = posting.body_text
    posting.emails += contacts.emails(text)
    posting.phones += contacts.phones(text)
    posting.links += contacts.links(text)
    posting.contact_name = posting.contact_name or contacts.contact(text)
    posting.emails = list(dict.fromkeys(address.lower().strip(".") for address in posting.emails))[:MAX_ITEMS]
    posting.phones = list(dict.fromkeys(" ".join(phone.split()) for phone in posting.phones))[:MAX_ITEMS]
    posting.links = list(dict.fromkeys(posting.links))[:MAX_ITEMS]
    if posting.pay is None and posting.compensation:
        posting.pay = compensation.state(posting.compensation, country=posting.country)


def is_relay(email: str) -> bool:
    """Whether an address is a site's own that passes mail on to the advertiser."""
    return _RELAY.search(email) is not None
