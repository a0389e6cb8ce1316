from __future__ import annotations

from collections.abc import Callable

import pytest

from conversations.dispatch.reconciling import reconcile
from conversations.dispatch.sending import send_due
from tests.conversations.stub import StubAdapter


@pytest.fixture(autouse=True)
def _all_reach_fakes(reaches_fakes):
    """Carriers of every kind."""


@pytest.fixture
def carrier() -> StubAdapter:
    return StubAdapter()


@pytest.fixture
def tick(carrier: StubAdapter) -> Callable[[], int]:
    """One tick of every lane through the stub carrier."""
    return lambda: send_due(adapter_for=lambda _name: carrier)


@pytest.fixture
def heal(carrier: StubAdapter) -> Callable[[], int]:
    return lambda: reconcile(adapter_for=lambda _name: carrier)
