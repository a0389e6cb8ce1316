"""A page of the site in a signed-in browser: opening it, signing in, hands and eyes.

Every page that is opened is looked at first: a challenge ends everything, a sign-in page is answered once, the site's own
limit is believed. Nothing is hidden from the site and nothing is solved for it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError

from leads.sources.network import links, totp
from leads.sources.network.errors import (
    Challenged,
    CodeNeeded,
    CredentialsRefused,
    Limited,
    Unavailable,
    Unexpected,
    Unreachable,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Response

CHALLENGE_PATHS = re.compile(r"^/(?:checkpoint/(?!code|lg)|authwall|captcha|uas/.*verify)", re.IGNORECASE)
CHALLENGE_MARKS = "form[data-form=challenge], iframe[src*=captcha], #captcha-internal, [data-challenge]"
LOGIN_PATHS = re.compile(r"^/(?:login|uas/login)\b", re.IGNORECASE)
CODE_MARKS = "form[data-form=code], input[autocomplete=one-time-code]"
LIMIT_WAIT = timedelta(hours=24)
INVITATION_LIMIT_WAIT = timedelta(days=3)
_FIELDS = {
    "username": "#username, input[name=session_key]",
    "password": "#password, input[name=session_password]",
    "code": "#code, input[autocomplete=one-time-code]",
}


@dataclass(frozen=True)
class Access:
    """Credentials for a site. `code` was entered by a person; secrets are never shown."""

    base_url: str
    username: str
    password: str = field(repr=False, default="")
    totp_secret: str = field(repr=False, default="")
    code: str = field(repr=False, default="")
    own_public_id: str = ""
    keystroke_milliseconds: int = 40


class SitePage:
    """A page that can be opened, read and filled in. `now` tells the time for one-time passwords; `discovered` fills with every page."""

    def __init__(self, page: Page, access: Access, *, now: Callable[[], datetime]) -> None:
        self.page = page
        self.access = access
        self.now = now
        self.own_public_id = access.own_public_id
        self.discovered: dict[str, str] = {}
        self.found_on: dict[str, str] = {}
        self.has_signed_in = False
        self.is_inside = False

    # going places

    def open(self, path: str) -> None:
        """Go to a page of the site and look at what came."""
        self._look(self._goto(path), path)

    def _goto(self, path: str) -> Response | None:
        url = f"{self.access.base_url.rstrip('/')}{path}"
        try:
            return self.page.goto(url, wait_until="domcontentloaded")
        except PlaywrightError as error:
            raise Unreachable(f"{links.host_of(self.access.base_url)} did not answer: {first_line(error)}") from error

    def _look(self, response: Response | None, path: str) -> None:
        self._stop_at_challenge()
        if self._is_login():
            if self.has_signed_in:
                raise CredentialsRefused("The site asks for another sign-in immediately. The account may be closed.")
            self._sign_in()
            self._look(self._goto(path), path)
            return
        if self._has(CODE_MARKS):
            self._second_factor()
            self._look(self._goto(path), path)
            return
        self.is_inside = True
        self._stop_at_limit(response)
        self._learn(path)
        if response is not None and response.status == 404:
            raise Unavailable("This profile or page is not available (any more).")
        if response is not None and response.status >= 500:
            raise Unreachable(f"The site answers with an error ({response.status}).")

    def _stop_at_challenge(self) -> None:
        path = urlsplit(self.page.url).path
        if CHALLENGE_PATHS.match(path) or self._has(CHALLENGE_MARKS):
            raise Challenged(
                f"The site asks for proof of a person ({path}). Sign in there yourself with an ordinary browser, answer what it"
                " asks, wait a day, and then let the account go on here."
            )

    def _stop_at_limit(self, response: Response | None) -> None:
        alert = self._alert("limit")
        if alert:
            wait = INVITATION_LIMIT_WAIT if "invitation" in alert.lower() else LIMIT_WAIT
            raise Limited(f"The site says: {alert}", after=wait)
        if response is not None and response.status == 429:
            raise Limited("The site says that this was too much (429).", after=LIMIT_WAIT)

    def _learn(self, path: str) -> None:
        """Profiles that this page links to, and which of them is one's own."""
        anchors = self.page.eval_on_selector_all(
            "a[href*='/in/']", "all => all.map(a => [a.getAttribute('href'), a.innerText, !!a.closest('nav')])"
        )
        if not self.own_public_id:
            own = (links.public_id_of(href, base_url=self.access.base_url) for href, _text, is_nav in anchors if is_nav)
            self.own_public_id = next((public_id for public_id in own if public_id), "")
        pairs = [(href, text) for href, text, is_nav in anchors if not is_nav]
        here = links.public_id_of(self.page.url, base_url=self.access.base_url)
        found = links.discover(pairs, base_url=self.access.base_url, own_public_id=self.own_public_id)
        for public_id, name in found.items():
            if public_id != here:
                self.discovered[public_id] = name or self.discovered.get(public_id, "")
                self.found_on.setdefault(public_id, path.partition("?")[0])

    # signing in

    def sign_in(self) -> str:
        """Make sure that we are signed in; one's own public id."""
        self.open("/feed")
        return self.own_public_id

    def _is_login(self) -> bool:
        return bool(LOGIN_PATHS.match(urlsplit(self.page.url).path)) or self._has("form[data-form=login]")

    def _sign_in(self) -> None:
        self.has_signed_in = True
        if not self.access.password:
            raise CredentialsRefused("No password is stored for this account.")
        self._type(self._one(_FIELDS["username"]), self.access.username)
        password = self._one(_FIELDS["password"])
        self._type(password, self.access.password)
        self._submit(password)
        self._stop_at_challenge()
        if alert := self._alert("credentials") or (self._is_login() and "The sign-in page came again."):
            raise CredentialsRefused(f"The site refused the sign-in: {alert}")
        if self._has(CODE_MARKS):
            self._second_factor()

    def _second_factor(self) -> None:
        code = totp.code(self.access.totp_secret, self.now()) if self.access.totp_secret else self.access.code
        if not code:
            raise CodeNeeded("The site has asked for a code. Enter it on the account's page.")
        entry = self._one(_FIELDS["code"])
        self._type(entry, code)
        self._submit(entry)
        self._stop_at_challenge()
        if self._has(CODE_MARKS):
            if self.access.totp_secret:
                raise CredentialsRefused(
                    "The site rejected the code from the second factor's secret. Check the secret."
                )
            raise CodeNeeded("This code is not right or no longer valid. Enter the newest one on the account's page.")

    # hands and eyes

    def _api(self, path: str) -> bytes:
        """Ask the site's internal API with the session of this window."""
        tokens = [c["value"] for c in self.page.context.cookies() if "csrf" in c["name"] or c["name"] == "JSESSIONID"]
        headers = {"csrf-token": tokens[0].strip('"')} if tokens else {}
        try:
            answer = self.page.request.get(f"{self.access.base_url.rstrip('/')}{path}", headers=headers)
            body = answer.body()
        except PlaywrightError as error:
            raise Unreachable(f"The site did not answer: {first_line(error)}") from error
        if answer.status == 429:
            raise Limited("The site says that this was too much (429).", after=LIMIT_WAIT)
        if answer.status == 404:
            raise Unavailable("This profile is not available (any more).")
        if answer.status in {403, 999} and b"challenge" in body:
            raise Challenged("The site asks for proof of a person. Sign in there yourself and answer what it asks.")
        if answer.status != 200:
            raise Unexpected(f"The site's answer was {answer.status}.")
        return bytes(body)

    def _type(self, entry: Locator, text: str) -> None:
        """Type like a person; long texts are put in at once after the first words, as people paste them."""
        delay = self.access.keystroke_milliseconds
        try:
            entry.click()
            entry.fill("")
            head, tail = (text, "") if len(text) <= 60 else (text[:40], text[40:])
            if delay and "\n" not in head:
                entry.press_sequentially(head, delay=delay * random.uniform(0.6, 1.4))  # noqa: S311 - a rhythm, no secret
                if tail:
                    entry.fill(text)
            else:
                entry.fill(text)
        except PlaywrightError as error:
            raise Unreachable(f"The page could not be filled in: {first_line(error)}") from error

    def _pause(self) -> None:
        """The moment between reading and clicking."""
        if self.access.keystroke_milliseconds:
            self.page.wait_for_timeout(self.access.keystroke_milliseconds * random.uniform(8, 20))  # noqa: S311

    def _submit(self, entry: Locator) -> None:
        try:
            with self.page.expect_navigation(wait_until="domcontentloaded"):
                entry.press("Enter", no_wait_after=True)
        except PlaywrightError as error:
            raise Unreachable(f"The site did not answer the sign-in: {first_line(error)}") from error

    def _one(self, selector: str) -> Locator:
        found = self.page.locator(selector).first
        try:
            found.wait_for(state="visible")
        except PlaywrightError as error:
            raise Unexpected(f"The page looks different from what we know: there is no “{selector}”.") from error
        return found

    def _has(self, selector: str) -> bool:
        return bool(self.page.locator(selector).count())

    def _alert(self, kind: str) -> str:
        found = self.page.locator(f"[role=alert][data-kind={kind}]").first
        return " ".join(found.inner_text().split()) if found.count() else ""

    @staticmethod
    def _text(row: Locator, selector: str) -> str:
        found = row.locator(selector).first
        return found.inner_text().strip() if found.count() else ""


def first_line(error: Exception) -> str:
    """What went wrong, in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
