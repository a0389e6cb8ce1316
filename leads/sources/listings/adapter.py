"""The listings adapter: where a crawl starts and how its pages become leads."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from django.utils.translation import gettext_lazy

from leads.cleaning import compensation
from leads.sources.base import Found, Order, Session, Stop, Target, Unreadable, Visit
from leads.sources.features import Features
from leads.sources.listings import postings, results
from leads.sources.listings.markup import parsed, site_of
from leads.sources.listings.postings import Posting
from leads.sources.listings.sites import sites
from outreach.core import language
from outreach.core.errors import Invalid, Permanent
from outreach.core.words import gettext as _
from outreach.web.addresses import locate
from outreach.web.fetching import Page
from outreach.web.politeness import Blocked, Visitor

if TYPE_CHECKING:
    from leads.sources.models import CrawlJob, RawRecord

RESULTS = "results"
POSTING = "posting"
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_GAPS = {"locations": "{location}", "categories": "{category}"}
_HTML = frozenset({"text/html", "application/xhtml+xml", ""})


class ListingsAdapter:
    """Classified ads and job pages over plain HTTP."""

    name = "listings"
    label = gettext_lazy("Classified ads and job pages")
    version = "1"
    bite = timedelta(seconds=40)

    def targets(self, order: Order) -> list[Target]:
        """Result pages: the seeds as they are, and one for each location and category of the chosen site."""
        urls = [_seed(seed) for seed in order.seeds]
        if order.locations or order.categories or order.keywords:
            urls += list(_searches(order))
        if not urls:
            raise Invalid(
                "seeds", _("Enter the address of a result page, or a site with a location."), code="seeds_missing"
            )
        data = {"pages": order.pages}
        return [Target(url, RESULTS, data=data) for url in dict.fromkeys(urls)]

    @contextmanager
    def session(self, job: CrawlJob) -> Iterator[Session]:
        """Connections and cookies for one bite."""
        with Visitor() as visitor:
            yield _Session(visitor)

    def read(self, record: RawRecord) -> Features | None:
        """The posting in a stored record."""
        return features_of(postings.read(record.content(), record.url))


def _seed(seed: str) -> str:
    try:
        return locate(seed).url
    except Invalid as error:
        raise Invalid("seeds", error.reason, code=error.code) from error


def _searches(order: Order) -> Iterator[str]:
    known = sites()
    name = str(order.options.get("site") or next(iter(known), ""))
    if name not in known:
        raise Invalid(
            "site", _("There is no site “%(name)s” in the configuration.") % {"name": name}, code="site_unknown"
        )
    template = known[name].search_url
    for field, values in (("locations", order.locations), ("categories", order.categories)):
        if _GAPS[field] in template and not values:
            raise Invalid(field, _("This site needs at least one entry here."), code=f"{field}_missing")
        for value in values:
            if not _SLUG.fullmatch(value.lower()):
                raise Invalid(
                    field,
                    _("“%(value)s” is not a name as used in the site's URLs.") % {"value": value},
                    code="slug_invalid",
                )
    words = " ".join(order.keywords)
    for location, category in itertools.product(order.locations or [""], order.categories or [""]):
        yield locate(
            template.replace("{location}", quote(location.lower())).replace("{category}", quote(category.lower()))
            .replace("{keywords}", quote_plus(words))
        ).url  # fmt: skip


class _Session:
    """Visits pages over one visitor."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    def visit(self, target: Target) -> Visit:
        try:
            page = self._visitor.get(target.url)
        except Blocked as error:
            raise Stop(error.reason, code=error.code) from error
        _check(page)
        try:
            return _posting(page, target) if self._is_posting(page, target) else _results(page, target)
        except Unreadable as error:
            if error.code == "blocked":
                raise Stop(error.reason, code="blocked") from error
            raise

    def _is_posting(self, page: Page, target: Target) -> bool:
        return target.kind == POSTING or postings.is_posting(parsed(page.text))


def _check(page: Page) -> None:
    if page.status in {404, 410}:
        raise Permanent(_("The page no longer exists (%(status)s).") % {"status": page.status}, code="gone")
    if page.status >= 400:
        raise Permanent(_("The page was refused (%(status)s).") % {"status": page.status}, code="refused")
    if page.media_type not in _HTML:
        raise Permanent(_("The page is not HTML but %(type)s.") % {"type": page.media_type}, code="not_html")


def _results(page: Page, target: Target) -> Visit:
    found = results.read(page.text, page.url)
    rows = [row for row in found.rows if not row.is_nearby]
    targets = [
        Target(
            row.url,
            POSTING,
            data={"price": row.price, "location": row.location},
            source=site_of(row.url),
            external_id=row.external_id,
        )
        for row in rows
    ]
    if found.next_url and target.number < int(target.data.get("pages", 1)):
        targets.append(Target(found.next_url, RESULTS, number=target.number + 1, data=target.data))
    return Visit(targets=targets, remark=f"results: {found.layout}")


def _posting(page: Page, target: Target) -> Visit:
    posting = postings.read(page.text, page.url)
    if not posting.compensation and target.data.get("price"):
        posting.compensation = str(target.data["price"])
        posting.pay = compensation.state(posting.compensation, country=posting.country)
    posting.location = posting.location or str(target.data.get("location") or "")
    found = Found(
        posting.source, posting.external_id, page.url, page.media_type or "text/html",
        page.text.encode(), features_of(posting),
    )  # fmt: skip
    return Visit(found=[found], remark=f"posting: {posting.layout}")


def features_of(posting: Posting) -> Features:
    """A posting as a lead's features. What says who somebody is goes to names and addresses, not to attributes."""
    return Features(
        kind="listing",
        title=posting.title,
        description=posting.body_text,
        body_html=posting.body_html,
        full_name=posting.contact_name,
        url=posting.url,
        emails=tuple(posting.emails),
        phones=tuple(posting.phones),
        company=posting.company,
        country=posting.country,
        region=posting.region,
        city=posting.city or posting.area or posting.location,
        postal_code=posting.postal_code,
        language=language.detect(f"{posting.title}\n{posting.body_text}"),
        tags=(posting.category.lower(),) if posting.category else (),
        activity_at=posting.updated_at or posting.posted_at,
        images=tuple(posting.images),
        links=tuple(posting.links),
        attributes=_attributes(posting),
    )


def _attributes(posting: Posting) -> dict[str, Any]:
    pay = posting.pay
    own: dict[str, Any] = {
        "compensation": posting.compensation,
        "pay_min": pay.minimum if pay else None,
        "pay_max": pay.maximum if pay else None,
        "pay_currency": pay.currency if pay else "",
        "pay_period": pay.period if pay else "",
        "employment_type": posting.employment_types,
        "is_remote": posting.is_remote,
        "is_internship": posting.is_internship,
        "is_nonprofit": posting.is_nonprofit,
        "job_title": posting.job_title,
        "category": posting.category,
        "section": posting.section,
        "location": posting.location,
        "street_address": posting.street,
        "latitude": posting.latitude,
        "longitude": posting.longitude,
        "posted_at": posting.posted_at.isoformat() if posting.posted_at else "",
        "expires_at": posting.expires_at.isoformat() if posting.expires_at else "",
        "company_url": posting.company_url,
        "reply_by_relay": True if any(postings.is_relay(address) for address in posting.emails) else None,
    }
    known = {name: value for name, value in own.items() if value not in (None, "", [])}
    return {**posting.attributes, **known}
