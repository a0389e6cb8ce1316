"""What callers hand in and get back: a question to a model, and an answer with the row that records it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from outreach.llm import structured
from outreach.llm.models import Interaction, Trace
from outreach.llm.routing import BUILTIN

Output = TypeVar("Output", bound="BaseModel | str", covariant=True)


@dataclass(frozen=True)
class Completion(Generic[Output]):
    """An answer and the row that records where it came from."""

    output: Output
    interaction: Interaction

    @property
    def is_builtin(self) -> bool:
        return self.interaction.provider == BUILTIN


@dataclass(frozen=True)
class Call(Generic[Output]):
    """One question to a model. Without a `schema` the answer is text; `builtin` answers when no model does."""

    trace: Trace
    step: str
    route: str
    messages: list[structured.Message]
    builtin: Callable[[], Output]
    schema: type[Output] | None = None
    pack_sha: str = ""
    use_cache: bool = False
    asks_models: bool = True
    """False: `builtin` answers, whatever is connected."""
    waits: bool = False
    """Whether `Waiting` is raised when no model answers now, instead of asking `builtin`."""
    image_urls: Sequence[str] = ()
    lead_id: int | None = None
    """Whom it is about, where the trace is about many: their data is masked in what is kept of the call."""
    parent: Interaction | None = None
    """The interaction that the first attempt follows."""

    def messages_with_images(self) -> list[structured.Message]:
        parts = [{"type": "image_url", "image_url": {"url": url}} for url in self.image_urls]
        if not parts or not self.messages:
            return self.messages
        last = self.messages[-1]
        return [*self.messages[:-1], {**last, "content": [{"type": "text", "text": last["content"]}, *parts]}]
