"""The company's own website, read politely: no key, no service, no cost."""

from __future__ import annotations

import time
from urllib.parse import urldefrag

from django.conf import settings

from leads.insights.research.base import Finding, Question, findings
from leads.insights.research.pages import read
from outreach.core.errors import Invalid, OutreachError, Permanent, Retryable
from outreach.core.words import gettext as _
from outreach.web.fetching import Page
from outreach.web.politeness import Visitor

PATIENCE = 15.0
"""Seconds in all that a visit may wait for its turn at the site."""


class Website:
    """Reads the home page and the pages that tell about the company; every statement keeps its page's address."""

    name = "website"
    is_paid = False

    def objection(self, question: Question) -> str:
        if question.website or question.domain:
            return ""
        return _("The company's website is not known.")

    def ask(self, question: Question) -> list[Finding]:
        """Statements of up to `research.website_pages` pages. Raises what the first page raised."""
        start = question.website or f"https://{question.domain}/"
        if "://" not in start:
            start = f"https://{start}"
        waiting, seen, found = [start], set[str](), list[Finding]()
        deadline = time.monotonic() + PATIENCE
        with Visitor() as visitor:
            while waiting and len(seen) < settings.OUTREACH.research.website_pages:
                url = waiting.pop(0)
                if (key := urldefrag(url).url.rstrip("/")) in seen:
                    continue
                is_first = not seen
                seen.add(key)
                try:
                    page = _visit(visitor, url, deadline)
                except OutreachError:
                    if is_first:
                        raise
                    continue
                if page.status >= 400 or page.media_type not in {"text/html", "application/xhtml+xml", ""}:
                    if is_first:
                        raise Permanent(
                            _("%(url)s answered with %(status)s instead of a page.")
                            % {"url": url, "status": page.status},
                            code="no_page",
                        )
                    continue
                seen.add(page.url.rstrip("/"))
                title, text, links = read(page.text, page.url)
                found += findings(page.url, text, title=title)
                waiting += [address for address in links if address not in waiting]
        return list({finding.quote: finding for finding in reversed(found)}.values())[::-1]


def _visit(visitor: Visitor, url: str, deadline: float) -> Page:
    """One page; waits a little for our turn at the site."""
    while True:
        try:
            return visitor.get(url)
        except Retryable as error:
            wait = error.after.total_seconds()
            if error.code != "wait_for_turn" or time.monotonic() + wait > deadline:
                raise
            time.sleep(max(0.05, wait))
        except Invalid as error:
            raise Permanent(error.reason, code=error.code) from error
