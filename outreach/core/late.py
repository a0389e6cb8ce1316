"""Big libraries, loaded when they are first used: every process imports the product, and few of them compute."""

from __future__ import annotations

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
