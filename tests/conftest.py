"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.test import TransactionTestCase, override_settings
from hypothesis import settings as hypothesis_settings

from outreach.core import clock
from tests.emptying import empty_database

hypothesis_settings.register_profile("outreach", deadline=None)
hypothesis_settings.load_profile("outreach")
"""A test that fails on a slow machine tests the machine."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests start first, after the order is drawn: nobody waits for one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """Hashing a password is slow on purpose; tests make many users."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_emptying() -> Iterator[None]:
    """After a test that commits, Django truncates all 150 tables and makes permissions anew. Few tables have rows."""
    truncate = TransactionTestCase._fixture_teardown

    def delete_rows(self: TransactionTestCase) -> None:
        if not empty_database():
            truncate(self)

    with patch.object(TransactionTestCase, "_fixture_teardown", delete_rows):
        yield


@pytest.fixture(autouse=True, scope="session")
def travelling() -> Iterator[None]:
    """A test that travels in time takes its database sessions along, as the demo world's past does."""
    is_shifted = clock.is_shifted
    with patch.object(clock, "is_shifted", lambda: time_machine.escape_hatch.is_travelling() or is_shifted()):
        yield


@pytest.fixture(autouse=True)
def no_quiet_hours(settings: Any) -> None:
    """Tests run at any hour of the day; those of the quiet hours themselves switch them on."""
    policy = settings.OUTREACH.model_copy(deep=True)
    policy.delivery.quiet_hours.is_enforced = False
    settings.OUTREACH = policy


@pytest.fixture
def reaches_fakes(settings: Any, no_quiet_hours: None) -> None:
    """The fakes of providers listen on this machine, where no sender may point otherwise."""
    fetching = settings.OUTREACH.fetching.model_copy(update={"allowed_networks": ["127.0.0.0/8", "::1/128"]})
    settings.OUTREACH = settings.OUTREACH.model_copy(update={"fetching": fetching})
