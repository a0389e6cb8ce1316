"""Chromium in its own thread: one per process, one window per account, closed after a while without work.

Playwright's objects belong to the thread that made them, and its loop must not meet the database: work is handed in as a
function of the page and answers plain values. Between processes the account's lock and the version of the kept session
see to it that a window never goes on with cookies that another worker has renewed.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from django.conf import settings

from leads.sources.network.errors import Unreachable
from outreach.web.gateway import Gateway

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

logger = structlog.get_logger(__name__)

T = TypeVar("T")
SYSTEM_CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--mute-audio",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
"""The last two leave no way out beside the proxy."""


@dataclass(frozen=True)
class Window:
    """Which window to work in: the account, its kept session and that session's version."""

    account_id: int
    version: str
    storage: dict[str, Any] | None
    time_zone: str = "UTC"


@dataclass
class _Kept:
    context: BrowserContext
    page: Page
    version: str


class BrowserThread:
    """The thread. `call` blocks the caller until the work is done."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._orders: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._kept: dict[int, _Kept] = {}
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._gateway: Gateway | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def call(self, window: Window, work: Callable[[Page], T], *, seconds: float) -> tuple[T, dict[str, Any]]:
        """Run `work` on the account's page; its value and the session's state. What it raises comes through.

        Raises `Unreachable` when no browser could be started, and `TimeoutError` when it took longer than `seconds`.
        """
        future: Future[tuple[T, dict[str, Any]]] = Future()

        def order() -> None:
            try:
                kept = self._window(window)
                value = work(kept.page)
                future.set_result((value, dict(kept.context.storage_state())))
            except BaseException as error:  # noqa: BLE001 - the caller gets it
                if _is_gone(error):
                    self._drop_all()
                future.set_exception(error)

        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, daemon=True, name="network-browser")
                self._thread.start()
            self._orders.put(order)
        try:
            return future.result(timeout=seconds)
        except FutureTimeout as error:
            raise TimeoutError(f"the browser did not finish within {seconds} seconds") from error

    def remember(self, account_id: int, version: str) -> None:
        """The window of this account now holds the session of that version."""
        kept = self._kept.get(account_id)
        if kept is not None:
            kept.version = version

    def close(self) -> None:
        """Close the browser and end the thread."""
        with self._lock:
            thread = self._thread
            if thread is not None and thread.is_alive():
                self._orders.put(None)
        if thread is not None:
            thread.join(timeout=15)

    def _run(self) -> None:
        while True:
            try:
                order = self._orders.get(timeout=settings.OUTREACH.network.idle_close_seconds)
            except queue.Empty:
                order = None
            with self._lock:
                if order is None and self._orders.empty():
                    self._quit()
                    self._thread = None
                    return
            if order is not None:
                order()

    def _window(self, window: Window) -> _Kept:
        kept = self._kept.get(window.account_id)
        if kept is not None and kept.version == window.version and not kept.page.is_closed():
            return kept
        self._drop(window.account_id)
        context = self._started().new_context(
            storage_state=window.storage,  # type: ignore[arg-type]
            viewport={"width": 1280, "height": 900},
            timezone_id=window.time_zone,
            locale="en-GB",
        )
        timeout = settings.OUTREACH.network.page_timeout_seconds * 1000
        context.set_default_timeout(timeout)
        kept = self._kept[window.account_id] = _Kept(context, context.new_page(), window.version)
        return kept

    def _started(self) -> Browser:
        if self._browser is not None and self._browser.is_connected():
            return self._browser
        self._drop_all()
        from playwright.sync_api import Error, sync_playwright

        options = settings.OUTREACH.network
        executable = options.browser_executable or (SYSTEM_CHROMIUM if Path(SYSTEM_CHROMIUM).exists() else None)
        arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        try:
            self._playwright = sync_playwright().start()
            self._gateway = Gateway()
            self._browser = self._playwright.chromium.launch(
                executable_path=executable,
                headless=options.is_headless,
                args=arguments,
                proxy={"server": self._gateway.url, "bypass": "<-loopback>"},
            )
        except Error as error:
            self._drop_all()
            raise Unreachable(
                "No browser could be started: install Chromium (`playwright install chromium`), or name it in"
                f" outreach.toml as network.browser_executable. {str(error).splitlines()[0]}",
                code="no_browser",
            ) from error
        return self._browser

    def _drop(self, account_id: int) -> None:
        kept = self._kept.pop(account_id, None)
        if kept is not None:
            _quietly(kept.context.close)

    def _drop_all(self) -> None:
        self._kept.clear()
        if self._browser is not None:
            _quietly(self._browser.close)
        if self._playwright is not None:
            _quietly(self._playwright.stop)
        if self._gateway is not None:
            self._gateway.close()
        self._browser = self._playwright = self._gateway = None

    def _quit(self) -> None:
        for account_id in list(self._kept):
            self._drop(account_id)
        self._drop_all()


def _quietly(act: Callable[[], Any]) -> None:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - a browser that is dead already cannot be closed
        logger.debug("browser.close_failed", error=str(error))


def _is_gone(error: BaseException) -> bool:
    """Whether the browser itself died."""
    return type(error).__name__ == "TargetClosedError" or "has been closed" in str(error)


_browsers: dict[int, BrowserThread] = {}


def browser() -> BrowserThread:
    """The browser thread of this process; a fork gets its own."""
    process = os.getpid()
    if process not in _browsers:
        _browsers.clear()
        _browsers[process] = BrowserThread()
    return _browsers[process]
