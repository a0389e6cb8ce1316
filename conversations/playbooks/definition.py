"""What a playbook says: goal, facts, objections, prices, mode, and when silence is followed up. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from outreach.core.errors import Invalid

LANGUAGES = ("en", "ru")
ALWAYS_A_PERSON = ("opt_out", "legal", "complaint", "abuse", "sender", "unsure")
"""What no playbook lets through: a person decides, in every mode."""
MAX_ITEMS = 60
_LINK = re.compile(r"https?://[^\s<>\"']+\.[^\s<>\"']+")


def _one_line(text: str) -> str:
    if "\x00" in text:
        raise ValueError("There is a character that cannot be stored.")
    return " ".join(text.split())


def _link(text: str) -> str:
    text = text.strip()
    if text and not _LINK.fullmatch(text):
        raise ValueError("Enter a full link that starts with https://.")
    return text


Line = Annotated[str, Field(min_length=1, max_length=600), AfterValidator(_one_line)]
Short = Annotated[str, Field(max_length=600), AfterValidator(_one_line)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(_Part):
    """One thing that may be said about the product. `about` are words that a question for it may use."""

    about: Short = ""
    text: Line


class Objection(_Part):
    """What people say against it, as words or phrases separated by commas, and the answer."""

    said: Line
    answer: Line


class Price(_Part):
    """A price that may be told."""

    what: Line
    price: Line


class Words(_Part):
    """Everything that is told in one language."""

    goal: Short = ""
    facts: tuple[Fact, ...] = Field(default=(), max_length=MAX_ITEMS)
    objections: tuple[Objection, ...] = Field(default=(), max_length=MAX_ITEMS)
    prices: tuple[Price, ...] = Field(default=(), max_length=MAX_ITEMS)

    def sentences(self) -> Iterator[str]:
        """All that may be said, in no particular order."""
        yield from (f"{fact.about}. {fact.text}" if fact.about else fact.text for fact in self.facts)
        yield from (objection.answer for objection in self.objections)
        yield from (f"{price.what}: {price.price}" for price in self.prices)


class Reengagement(_Part):
    """After so many days of silence we write again, at most so often; then the conversation is dormant."""

    after_days: int = Field(default=5, ge=1, le=90)
    at_most: int = Field(default=2, ge=0, le=5)


class Definition(_Part):
    """One state of a playbook. A language without an entry in `words` is not answered in."""

    mode: Literal["review", "autonomous"] = "review"
    tone: Literal["friendly", "plain", "formal"] = "friendly"
    booking_url: Annotated[str, Field(max_length=500), AfterValidator(_link)] = ""
    reengagement: Reengagement = Reengagement()
    words: dict[Literal["en", "ru"], Words] = Field(min_length=1)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(code for code in LANGUAGES if code in self.words)

    @property
    def is_autonomous(self) -> bool:
        return self.mode == "autonomous"

    def in_language(self, language: str) -> Words:
        """The words of `language`; empty ones when the playbook has none in it."""
        return self.words.get(language, Words())  # type: ignore[call-overload,no-any-return]


def parse(given: Mapping[str, Any]) -> Definition:
    """The definition in `given`. Raises `Invalid` that names the first wrong setting, such as `words.en.facts.0.text`."""
    try:
        return Definition.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise Invalid(path or "definition", str(first["msg"]).removeprefix("Value error, ")) from error


def dump(definition: Definition) -> dict[str, Any]:
    """As JSON values."""
    return definition.model_dump(mode="json")
