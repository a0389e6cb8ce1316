"""`python -m tests.screenshots [URL]`: the manual's pictures, taken from a demo world that runs at URL (`make run`).

1280 pixels wide, light, English; PNGs of at most 256 colours in docs/images.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
RUNNING = "Winter: sales leaders"
MOST_KB = 150


def _palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("win", delay=40)


def _conversation(page: Page) -> None:
    page.locator(".inbox-list a", has_text="Drafted").filter(has_text="Interested").first.click()


def _campaign(page: Page) -> None:
    page.get_by_role("link", name=RUNNING).first.click()


def _message(page: Page) -> None:
    _campaign(page)
    page.get_by_role("link", name="Texts", exact=True).click()


def _segment(page: Page) -> None:
    page.get_by_role("link", name="English-speaking firms").first.click()
    page.get_by_role("link", name="Edit").first.click()


def _playbook(page: Page) -> None:
    page.get_by_role("link", name="Book a call").first.click()


def _start(page: Page) -> None:
    page.get_by_role("combobox", name="Audience").select_option(label="Heads of operations")
    page.get_by_label("Only with the position").fill("Head of Operations")
    page.get_by_label("Campaign name").fill("Winter: heads of operations")


def _nothing(page: Page) -> None:
    """The page as it opens."""


PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "home": ("/", _nothing),
    "palette": ("/", _palette),
    "people": ("/leads/?country=GB", _nothing),
    "segment": ("/segments/", _segment),
    "start": ("/campaigns/start/", _start),
    "message": ("/campaigns/", _message),
    "review": ("/drafts/?place=2", _nothing),
    "campaign": ("/campaigns/", _campaign),
    "inbox": ("/inbox/", _conversation),
    "reports": ("/reports/", _nothing),
    "playbook": ("/playbooks/", _playbook),
    "prompt": ("/prompts/first-contact-email/", _nothing),
}


def main(url: str) -> None:
    with sync_playwright() as playwright:
        path = CHROMIUM if os.path.exists(CHROMIUM) else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 1280, "height": 920}, locale="en-GB", color_scheme="light", reduced_motion="reduce"
        )
        page.goto(f"{url}/login/")
        page.fill("input[name=username]", "demo")
        page.fill("input[name=password]", "demo")
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{url}/")
        for name, (address, act) in PICTURES.items():
            page.goto(url + address)
            act(page)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(400)
            picture = IMAGES / f"{name}.png"
            page.screenshot(path=picture)
            print(f"{name}: {_shrink(picture)} KB")
        browser.close()


def _shrink(path: Path) -> int:
    """Fewer colours, so that the repository stays small."""
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(colors=256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    size = path.stat().st_size // 1024
    if size > MOST_KB:
        raise SystemExit(f"{path} has {size} KB")
    return size


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
