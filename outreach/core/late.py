"""Big libraries, loaded when they are first used: every process imports the product, and few of them compute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


class _Late:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


def late(name: str) -> Any:
    """The module `name`, which is imported when something in it is first asked for."""
    return _Late(name)


@contextmanager
def on_one_core(*libraries: str) -> Iterator[None]:
    """Hold the threads of numpy and of `libraries` to one: the machine that computes also sends and receives, and threads
    that wait for a busy core spin. The libraries are loaded first, because only what is loaded can be held."""
    for name in ("numpy", *libraries):
        import_module(name)
    with late("threadpoolctl").threadpool_limits(1):
        yield
