"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import settings as hypothesis_settings

hypothesis_settings.register_profile("outreach", deadline=None)
hypothesis_settings.load_profile("outreach")
"""A test that fails on a slow machine tests the machine."""


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """Hashing a password is slow on purpose; tests make many users."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def no_quiet_hours(settings: Any) -> None:
    """Tests run at any hour of the day; those of the quiet hours themselves switch them on."""
    policy = settings.OUTREACH.model_copy(deep=True)
    policy.delivery.quiet_hours.is_enforced = False
    settings.OUTREACH = policy
