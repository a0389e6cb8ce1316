"""What a person would do on the site, on a page of a signed-in browser. Knows neither database nor limits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from playwright.sync_api import Error as PlaywrightError

from leads.sources.network import links
from leads.sources.network.errors import Challenged, Interrupted, NotAllowed, Unexpected, Unreachable
from leads.sources.network.seen import Card, Line, Results, Sent, same_text
from leads.sources.network.site_page import SitePage, first_line

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Route


class Tab(SitePage):
    """Searches, reads profiles and messages, invites and writes."""

    # looking

    def search(self, keywords: str, number: int) -> Results:
        """One page of people. Raises `Unexpected` when neither results nor their absence can be seen."""
        self.open(f"/search/people?keywords={quote_plus(keywords)}&page={number}")
        rows = self.page.locator("[data-results] [data-person]")
        cards = []
        for row in rows.all():
            name = self._text(row, "h2")
            card = Card(
                public_id=(row.get_attribute("data-person") or "").casefold(),
                name=name,
                headline=self._text(row, "[data-field=headline]"),
                place=self._text(row, "[data-field=place]"),
            )
            if card.public_id and card.public_id != self.own_public_id:
                cards.append(card)
        if not cards and not self._has("[data-empty]"):
            raise Unexpected("The page of results looks different from what we know: neither people nor “nobody”.")
        return Results(tuple(cards), self._has("a[rel=next]"))

    def profile(self, public_id: str) -> bytes:
        """Open a profile as a person would, then ask the site's internal API for it."""
        self.open(f"/in/{public_id}/")
        return self._api(f"/api/profiles/{public_id}")

    def relation(self, public_id: str) -> str:
        """`connected`, `pending` or `none`, as the profile's page shows it."""
        self.open(f"/in/{public_id}/")
        return self._relation()

    def _is_at(self, public_id: str) -> bool:
        """Whether this profile was just opened and is still displayed."""
        return links.public_id_of(self.page.url, base_url=self.access.base_url) == public_id

    def _relation(self) -> str:
        shown = self.page.locator("[data-profile]").first
        relation = shown.get_attribute("data-relation") if shown.count() else None
        if relation not in {"connected", "pending", "none"}:
            raise Unexpected("The profile's page looks different from what we know: no relation is to be seen.")
        return relation

    def thread(self, public_id: str) -> list[Line]:
        """The messages with a person, oldest first."""
        self.open(f"/messages/{public_id}/")
        return self._lines()

    def _lines(self) -> list[Line]:
        rows = self.page.locator("[data-thread] [data-message]").all()
        return [
            Line(
                id=row.get_attribute("data-message") or "",
                is_ours=row.get_attribute("data-ours") == "true",
                text=self._text(row, "[data-field=text]"),
                at=_moment(row.get_attribute("data-at")),
            )
            for row in rows
        ]

    def sent_invitations(self) -> list[Sent]:
        """Invitations that wait for an answer."""
        self.open("/invitations/sent")
        if not self._has("[data-invitations]"):
            raise Unexpected("The page of invitations looks different from what we know.")
        return [
            Sent(
                public_id=(row.get_attribute("data-person") or "").casefold(),
                note=self._text(row, "[data-field=note]"),
                at=_moment(row.get_attribute("data-sent-at")),
            )
            for row in self.page.locator("[data-invitation]").all()
        ]

    def messages(self, after: int) -> dict[str, Any]:
        """Messages of all threads with a number above `after`: `{elements: […], last: n}`."""
        import orjson

        self.open("/messages/")
        answer = orjson.loads(self._api(f"/api/messages?after={after}"))
        if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
            raise Unexpected("The answer about messages looks different from what we know.")
        return answer

    # acting

    def invite(self, public_id: str, note: str) -> None:
        """Send an invitation with a note.

        Raises `NotAllowed` (`connected`, `pending`, `refused`), `Limited`, and `Interrupted` when the browser was lost
        after the click.
        """
        relation = self._relation() if self._is_at(public_id) else self.relation(public_id)
        if relation != "none":
            raise NotAllowed(f"This person is already “{relation}”.", code=relation)
        entry = self._one("form[data-form=invitation] textarea")
        self._type(entry, note)
        self._click(self.page.locator("form[data-form=invitation] button"))
        self._check_answer()
        if self._after_click(self._relation) != "pending":
            raise Interrupted("After the click the page did not say that the invitation waits for an answer.")

    def write(self, public_id: str, text: str) -> str:
        """Send a message to a contact; the site's id of it. Raises like `invite`, and `NotAllowed` `not_connected`."""
        before = {line.id for line in self.thread(public_id)}
        if not self._has("form[data-form=message]"):
            raise NotAllowed("One can write to contacts only, and this person is none yet.", code="not_connected")
        self._type(self._one("form[data-form=message] textarea"), text)
        self._click(self.page.locator("form[data-form=message] button"))
        self._check_answer()
        lines: list[Line] = self._after_click(self._lines)
        new = [line for line in lines if line.is_ours and line.id not in before and same_text(line.text, text)]
        if not new:
            raise Interrupted("After the click the thread does not show the message.")
        return new[-1].id

    def withdraw(self, public_id: str) -> None:
        """Withdraw an invitation."""
        if self.relation(public_id) != "pending":
            raise NotAllowed("No invitation to this person waits for an answer.", code="not_pending")
        self._click(self.page.locator("form[data-form=withdrawal] button"))

    def _click(self, button: Locator) -> None:
        """The click that cannot be taken back. Whatever fails from here on leaves the outcome open."""
        try:
            button.first.scroll_into_view_if_needed()
            self._pause()
        except PlaywrightError as error:
            raise Unreachable(f"The button could not be reached: {first_line(error)}") from error
        try:
            self.page.route("**/*", _send_once)
            with self.page.expect_navigation(wait_until="domcontentloaded"):
                button.first.click(no_wait_after=True)
        except PlaywrightError as error:
            raise Interrupted(f"The browser or the site was lost after the click: {first_line(error)}") from error
        finally:
            with suppress(PlaywrightError):
                self.page.unroute("**/*", _send_once)

    def _check_answer(self) -> None:
        """The page's answer after the click. A refusal is certain; a challenge leaves the outcome open."""
        try:
            self._stop_at_challenge()
            self._stop_at_limit(None)
            refused = self._alert("refused")
        except Challenged as error:
            raise Interrupted(error.reason, code="challenge") from error
        except PlaywrightError as error:
            raise Interrupted(f"The browser was lost after the click: {first_line(error)}") from error
        if refused:
            raise NotAllowed(f"The site refuses: {refused}", code="refused")

    def _after_click(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except (PlaywrightError, Unexpected) as error:
            raise Interrupted(f"The page after the click cannot be read: {first_line(error)}") from error


def _send_once(route: Route) -> None:
    """Let a request through; one that changes something exactly once.

    Chromium itself sends a POST again, unasked, when a kept or prepared connection closes before an answer came; a site
    that had taken the first one would then have two.
    """
    if route.request.method in {"GET", "HEAD", "OPTIONS"}:
        route.continue_()
        return
    try:
        answer = route.fetch(max_redirects=0, max_retries=0)
    except PlaywrightError:
        route.abort("failed")
        raise
    route.fulfill(response=answer)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
