"""Running one queue item in a worker: fence, resolve, run, finish or postpone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import structlog
from django.db import DatabaseError, connection, connections
from structlog.contextvars import bound_contextvars

from outreach.core.errors import Invalid, Permanent, Refused, Retryable
from outreach.jobs import queue, stopping
from outreach.jobs.policy import KEEP_ALIVE_SECONDS, RUN_LEASE

logger = structlog.get_logger(__name__)


def resolve(name: str) -> Callable[..., Any]:
    """The function behind a dotted name. Only functions of `tasks` modules are run; else `Permanent`."""
    module_name, _, function_name = name.rpartition(".")
    if module_name.rpartition(".")[2] != "tasks":
        raise Permanent(f"“{name}” is not in a module called `tasks`.", code="unknown_task")
    try:
        function = getattr(import_module(module_name), function_name)
    except (ImportError, AttributeError) as error:
        raise Permanent(f"There is no task “{name}” in this release.", code="unknown_task") from error
    return function  # type: ignore[no-any-return]


def run_item(item_id: int, attempt: int) -> str:
    """What django-q2 calls. Never raises for a failing task: the row keeps the error and its next attempt."""
    if stopping.is_requested():
        queue.release(item_id, attempt)
        return "given back"
    item = queue.hold(item_id, attempt)
    if item is None:
        return "taken over"
    return run_claimed(item)


def run_claimed(item: queue.Claimed) -> str:
    """Run an item that this process holds; `done`, or the error."""
    log = logger.bind(attempt=item.attempt)
    with bound_contextvars(task=item.task, item=item.id), _kept_alive(item):
        try:
            resolve(item.task)(*item.arguments)
        except Retryable as error:
            queue.postpone(item, error=error.reason, after=error.after)
            log.info("task postponed", reason=error.reason)
            return error.reason
        except (Refused, Invalid, Permanent) as error:
            queue.postpone(item, error=error.reason, is_final=True)
            log.error("task refused for good", reason=error.reason)
            return error.reason
        except stopping.Stopping:
            with suppress(DatabaseError):
                _reset_connection()
                queue.release(item.id, item.attempt)
            log.info("task given back, the worker stops")
            raise
        except Exception as error:
            _reset_connection()
            queue.postpone(item, error=f"{type(error).__name__}: {error}")
            log.exception("task failed")
            return str(error)
    queue.finish(item)
    return "done"


def _reset_connection() -> None:
    if connection.in_atomic_block:
        return
    connection.close_if_unusable_or_obsolete()


@contextmanager
def _kept_alive(item: queue.Claimed) -> Iterator[None]:
    """Extend the lease from a thread while work outlasts it; a killed process stops extending at once."""
    if item.timeout_seconds <= RUN_LEASE.total_seconds():
        yield
        return
    stop = threading.Event()

    def keep_alive() -> None:
        while not stop.wait(KEEP_ALIVE_SECONDS):
            queue.hold(item.id, item.attempt)
        connections.close_all()

    thread = threading.Thread(target=keep_alive, daemon=True, name=f"keep-alive-{item.id}")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
