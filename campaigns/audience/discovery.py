"""Finds more leads when a daily campaign runs out: crawls its sources with search words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from campaigns.models import Campaign
from leads.insights.services import search_keywords
from leads.sources import registry
from leads.sources import services as sources
from leads.sources.models import CrawlJob
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

LISTS = ("seeds", "locations", "categories", "keywords")
EVERY = timedelta(hours=20)
"""A dry campaign looks for more once a day, not at each of its hours."""
MAX_SOURCES = 10


def checked_sources(value: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The campaign's sources as they are stored. Raises `Invalid("sources", …)` saying what is wrong with which."""
    if isinstance(value, Mapping | str) or len(value) > MAX_SOURCES:
        raise Invalid("sources", _("Sources must be a list of at most %(count)s.") % {"count": MAX_SOURCES})
    return [_checked(number, source) for number, source in enumerate(value, 1)]


def _checked(number: int, source: Any) -> dict[str, Any]:
    if not isinstance(source, Mapping):
        raise Invalid("sources", _("Source %(number)s must be an object.") % {"number": number})
    unknown = set(source) - {"adapter", "pages", "options", *LISTS}
    if unknown:
        raise Invalid(
            "sources",
            _("Source %(number)s: unknown setting “%(name)s”.") % {"number": number, "name": min(unknown)},
        )
    try:
        registry.adapter(str(source.get("adapter", "")))
    except OutreachError as error:
        raise Invalid(
            "sources", _("Source %(number)s: %(fault)s") % {"number": number, "fault": error.reason}
        ) from error
    pages = source.get("pages", 1)
    if isinstance(pages, bool) or not isinstance(pages, int) or not 1 <= pages <= 1000:
        raise Invalid("sources", _("Source %(number)s: pages must be a number of at least 1.") % {"number": number})
    options = source.get("options", {})
    if not isinstance(options, Mapping):
        raise Invalid("sources", _("Source %(number)s: options must be an object.") % {"number": number})
    kept: dict[str, Any] = {"adapter": source["adapter"], "pages": pages, "options": dict(options)}
    for name in LISTS:
        texts = source.get(name, [])
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise Invalid(
                "sources", _("Source %(number)s: %(name)s must be a list of texts.") % {"number": number, "name": name}
            )
        kept[name] = [text.strip() for text in texts if text.strip()]
    return kept


def discover(
    *, campaign: Campaign, actor: Actor, started_by: User | None = None, words: Sequence[str] | None = None
) -> list[CrawlJob]:
    """Start a crawl of each source of the campaign; the people that are found enter its set as they come.

    A source that searches and was not told for what gets `words`; without them, those of brief, segment and titles of
    people who fitted. Raises `Refused` for a campaign that is over or
    names no source, `Invalid` naming what a source does not take.
    """
    if campaign.is_over:
        raise Refused(_("This campaign has ended and no longer looks for leads."))
    if not campaign.sources:
        raise Refused(_("This campaign has no sources to search."), code="no_sources")
    if words is None:
        words = words_for(campaign, with_model=False)
    with transaction.atomic():
        jobs = [
            sources.start_crawl(_plan_of(source, words), subject=campaign, started_by=started_by, actor=actor)
            for source in campaign.sources
        ]
        campaign.discovered_at, campaign.discovery_error = clock.now(), ""
        campaign.save(update_fields=["discovered_at", "discovery_error", "updated_at"])
        audit.record("campaign.discovered", subject=campaign, actor=actor, data={"jobs": [job.pk for job in jobs]})
    return jobs


def _plan_of(source: dict[str, Any], words: Sequence[str]) -> sources.CrawlPlan:
    return sources.CrawlPlan(
        adapter=source["adapter"],
        seeds=source["seeds"],
        locations=source["locations"],
        categories=source["categories"],
        keywords=source["keywords"] or (words if needs_words(source) else []),
        pages=source["pages"],
        options=source.get("options"),
    )


def discover_if_dry(campaign: Campaign) -> list[CrawlJob]:
    """Find more leads when the campaign can and has not done so recently."""
    if not campaign.sources or (campaign.discovered_at and campaign.discovered_at > clock.now() - EVERY):
        return []
    words = words_for(campaign, with_model=True)
    return discover(campaign=campaign, actor=Actor.system("daily"), words=words)


def words_for(campaign: Campaign, *, with_model: bool) -> list[str]:
    """Words to search for, for the sources that name none themselves; those of earlier crawls are not repeated.

    With a model it waits for an answer: not inside a transaction.
    """
    if not any(needs_words(source) for source in campaign.sources):
        return []
    earlier = CrawlJob.objects.filter(subject_type=campaign._meta.label, subject_id=str(campaign.pk)).order_by("-pk")
    used = [word for words in earlier.values_list("keywords", flat=True)[:50] for word in words]
    version = campaign.segment_version
    return search_keywords(
        brief=campaign.brief,
        criteria=version.criteria if version is not None else None,
        offer=campaign.offer,
        used=used,
        with_model=with_model,
    )


def needs_words(source: Mapping[str, Any]) -> bool:
    """Whether a source searches and names no words."""
    return not source["keywords"] and not source["seeds"]
