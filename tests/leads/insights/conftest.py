"""Vectors by hashed words: no model to load, the same everywhere."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def hashed_words(settings: Any, no_quiet_hours: None) -> None:
    policy = settings.OUTREACH.model_copy(deep=True)
    policy.embeddings.embedder = "hash"
    settings.OUTREACH = policy
