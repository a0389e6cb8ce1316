"""The kinds of providers that can be connected, and what is known of each before anything is asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from outreach.core.states import Text

Api = Literal["chat", "responses", "anthropic"]
"""What a server speaks: chat completions, OpenAI's responses, or Anthropic's messages."""


@dataclass(frozen=True)
class Kind:
    """`api` is the language that the server speaks; `base_url` is where it is, empty when each has its own."""

    name: str
    label: Text
    help: Text
    api: Api = "chat"
    base_url: str = ""
    key_url: str = ""
    """The page where one gets a key."""
    needs_key: bool = True
    has_responses: bool = False
    """Whether the server may speak OpenAI's responses API besides."""
    suggested: tuple[str, ...] = ()
    """Models to offer before the provider was asked for its list."""


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "openai",
            "OpenAI",
            _("GPT models from OpenAI."),
            base_url="https://api.openai.com/v1",
            key_url="https://platform.openai.com/api-keys",
            has_responses=True,
            suggested=("gpt-5-mini", "gpt-5", "gpt-4.1-mini"),
        ),
        Kind(
            "anthropic",
            "Anthropic",
            _("Claude models, through Anthropic's own API with its prompt cache."),
            api="anthropic",
            base_url="https://api.anthropic.com",
            key_url="https://console.anthropic.com/settings/keys",
            suggested=("claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5"),
        ),
        Kind(
            "gemini",
            "Google Gemini",
            _("Gemini models, through Google's OpenAI-compatible endpoint."),
            base_url="https://generativelanguage.googleapis.com/v1beta/openai",
            key_url="https://aistudio.google.com/apikey",
            suggested=("gemini-2.5-flash", "gemini-2.5-pro"),
        ),
        Kind(
            "compatible",
            _("Another OpenAI-compatible server"),
            _("Ollama, vLLM, llama.cpp, LM Studio, OpenRouter, Groq, Mistral and others."),
            needs_key=False,
            has_responses=True,
        ),
    )
}


def kind_at(base_url: str) -> Kind | None:
    """The kind that is always at this address."""
    return next((kind for kind in KINDS.values() if kind.base_url and kind.base_url == base_url), None)
