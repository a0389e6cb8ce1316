"""System checks of the language-model configuration: each names the key in `outreach.toml`."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from outreach.llm import routing


@register()
def check_language_models(**_: Any) -> list[CheckMessage]:
    """Unknown providers in routes are errors; keys missing from the environment are warnings."""
    configuration = settings.OUTREACH.llm
    found: list[CheckMessage] = [Error(fault, id="llm.E001") for fault in routing.faults(configuration)]
    embeddings = settings.OUTREACH.embeddings
    if embeddings.embedder == "openai" and embeddings.provider not in configuration.providers:
        known = ", ".join(sorted(configuration.providers)) or "none"
        found.append(
            Error(
                f"embeddings.provider: provider “{embeddings.provider}” is not configured (known: {known}).",
                id="llm.E002",
            )
        )
    for provider, variable in routing.missing_keys(configuration, dict(os.environ)):
        found.append(
            checks.Warning(
                f"llm.providers.{provider}.api_key_env: the environment variable {variable} is not set.",
                hint="Set it, or remove the provider. Until then its routes fall through to the next link.",
                id="llm.W001",
            )
        )
    return found
