"""What axe-core finds on a page (WCAG 2.0 to 2.2 A and AA, and best practice), in both themes."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

QUICK = {"resultTypes": ["violations"], "preload": False, "iframes": False}
"""What passes is not described, and nothing is fetched: our pages have no frames and no foreign styles."""
COLOURS = {**QUICK, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules that depend on the theme."""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def faults(page: Page) -> list[str]:
    """Every rule in the light theme; in the dark one those about colours, as the rest of the page is the same."""
    found = [*_broken(page, "light", QUICK), *_broken(page, "dark", COLOURS)]
    page.emulate_media(color_scheme="light")
    return found


def _broken(page: Page, theme: Literal["light", "dark"], options: dict[str, Any]) -> list[str]:
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(f"matchMedia('(prefers-color-scheme: {theme})').matches")
    page.evaluate(PAINTED)
    found = Axe().run(page, options=options).response["violations"]
    if found:  # a colour may not have been painted yet; a fault is still there a moment later
        page.wait_for_timeout(500)
        found = Axe().run(page, options=options).response["violations"]
    return [
        f"{theme}, {rule['id']}: {node['target']} {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for rule in found
        for node in rule["nodes"][:3]
    ]
