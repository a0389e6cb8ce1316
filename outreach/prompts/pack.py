"""What a prompt pack is: the typed form of its front matter and sections. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator

from outreach.core.hashing import canonical_hash
from outreach.core.sms_segments import segment_count

LANGUAGE_NAMES = {"en": "English", "ru": "Russian"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Inputs(_Part):
    """Variables by name, with what they are. Untrusted ones came from outside and are data to the model."""

    trusted: dict[str, str] = Field(default_factory=dict)
    untrusted: dict[str, str] = Field(default_factory=dict)


class OutputField(_Part):
    """One field of the answer."""

    type: Literal["string", "number", "integer", "boolean", "list"] = "string"
    description: str = ""
    enum: list[str] = Field(default_factory=list)


class Guardrails(_Part):
    """Rules for the text; lists and limits by language."""

    max_length: dict[str, int] = Field(default_factory=dict, description="Characters of the body")
    max_subject_length: int = 90
    max_segments: int = Field(default=2, description="SMS only")
    banned_phrases: dict[str, list[str]] = Field(default_factory=dict)
    must_have: dict[str, list[str]] = Field(
        default_factory=dict, description="One of these, for example the opt-out line"
    )

    def breaches(self, *, subject: str, body: str, channel: str, language: str) -> Iterator[tuple[str, str]]:
        """(what is wrong, its words or numbers) of one text."""
        whole = f"{subject}\n{body}".lower()
        if channel == "email" and not subject.strip():
            yield "no_subject", ""
        if len(subject) > self.max_subject_length:
            yield "subject_too_long", str(len(subject))
        limit = self.max_length.get(language)
        if limit and len(body) > limit:
            yield "too_long", f"{len(body)} > {limit}"
        if channel == "sms" and (segments := segment_count(body)) > self.max_segments:
            yield "too_many_segments", f"{segments} > {self.max_segments}"
        required = self.must_have.get(language, [])
        if required and not any(phrase.lower() in whole for phrase in required):
            yield "no_opt_out", ", ".join(required)
        for phrase in self.banned_phrases.get(language, []):
            if phrase.lower() in whole:
                yield "banned_phrase", phrase


class Wishes(_Part):
    """How a person wants a model to write."""

    tone: Literal["plain", "friendly", "formal", "bold"] = "plain"
    word_count: int = Field(default=70, ge=15, le=250)
    facts: list[str] = Field(default_factory=list, description="Variables about the reader that may be used; none: all")
    note: str = ""
    example: str = ""


ASSERTIONS = {
    "equals": "value",
    "contains": "value",
    "icontains": "value",
    "contains-any": "list",
    "contains-all": "list",
    "icontains-any": "list",
    "icontains-all": "list",
    "starts-with": "value",
    "regex": "value",
    "is-json": "",
    "contains-json": "",
    "levenshtein": "value",
    "word-count": "number",
    "max-length": "number",
    "similar": "value",
    "llm-rubric": "value",
    "cost": "threshold",
    "latency": "threshold",
}
"""The kinds of expectation, in promptfoo's words, and what each needs. `not-` before one turns it round.

`word-count` and `max-length` are upper limits; `cost` is in dollars, `latency` in milliseconds. Kinds that run code
(`javascript`, `python`, `webhook`) are left out: a pack is a text that anyone may send.
"""
_RUNS_CODE = frozenset({"javascript", "python", "ruby", "webhook"})


class Assertion(_Part):
    """One expectation. `of` says of what: the answer, or the prompt that a model would get; `field` of which field."""

    type: str
    value: str | float | bool | list[str] | None = None
    threshold: float | None = None
    field: str = ""
    of: Literal["answer", "prompt"] = "answer"

    @field_validator("type")
    @classmethod
    def _known(cls, kind: str) -> str:
        plain = kind.removeprefix("not-")
        if plain in _RUNS_CODE:
            raise ValueError(f"“{kind}” runs code, which tests of packs never do")
        if plain not in ASSERTIONS:
            raise ValueError(f"“{kind}” is not a known assertion. Use one of: {', '.join(ASSERTIONS)}")
        return kind

    @model_validator(mode="after")
    def _complete(self) -> Assertion:
        need = ASSERTIONS[self.kind]
        given = {
            "": True,
            "value": self.value is not None and not isinstance(self.value, list),
            "list": isinstance(self.value, list) and bool(self.value),
            "number": isinstance(self.value, int | float) and not isinstance(self.value, bool),
            "threshold": self.threshold is not None,
        }
        if not given[need]:
            words = {"list": "a list as value", "number": "a number as value", "value": "a value"}
            raise ValueError(f"“{self.type}” needs {words.get(need, 'a threshold')}")
        if self.kind == "regex":
            try:
                re.compile(str(self.value))
            except re.error as error:
                raise ValueError(f"“{self.value}” is not a regular expression: {error}") from error
        return self

    @property
    def kind(self) -> str:
        return self.type.removeprefix("not-")

    @property
    def is_negated(self) -> bool:
        return self.type.startswith("not-")

    @property
    def words(self) -> list[str]:
        return [str(word) for word in self.value] if isinstance(self.value, list) else [str(self.value)]

    def __str__(self) -> str:
        told = self.threshold if self.value is None else self.value
        return f"{self.type} {told!r}" if told is not None else self.type


class Case(_Part):
    """One test: what the pack, with or without a model, makes of these inputs."""

    name: str
    language: str = "en"
    variant: str = ""
    inputs: dict[str, str] = Field(default_factory=dict)
    asserts: list[Assertion] = Field(default_factory=list, alias="assert")


class Section(_Part):
    """One Markdown section: a role with an optional language and variant. `line` is where its text begins."""

    role: Literal["system", "user", "template"]
    language: str = ""
    variant: str = ""
    text: str
    line: int = Field(default=1, exclude=True)


class Pack(_Part):
    """A parsed prompt pack."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    description: str = ""
    route: str = "default"
    channel: Literal["email", "sms", "network", "any"] = "any"
    languages: list[str] = Field(min_length=1)
    inputs: Inputs = Field(default_factory=Inputs)
    output: dict[str, OutputField] = Field(default_factory=dict)
    variants: dict[str, str] = Field(default_factory=dict, description="Name → how it sounds")
    variant_order: list[str] = Field(default_factory=list, description="JSONB does not keep the order of keys")
    guardrails: Guardrails = Field(default_factory=Guardrails)
    tests: list[Case] = Field(default_factory=list)
    wishes: Wishes | None = None
    sections: list[Section] = Field(default_factory=list)

    def definition(self) -> dict[str, Any]:
        """The canonical form as JSON values."""
        return self.model_dump(mode="json", by_alias=True)

    def sha(self) -> str:
        """SHA-256 of the canonical form: white space and key order of the file do not count."""
        return canonical_hash(self.definition())

    @property
    def purpose(self) -> str:
        """What the pack is for: its route, where a step's own words count as drafts."""
        return "draft" if self.route == "builtin" else self.route

    def given(self, inputs: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """(trusted, untrusted) of `inputs`; what is not declared is left out."""
        trusted = {name: value for name, value in inputs.items() if name in self.inputs.trusted}
        return trusted, {name: value for name, value in inputs.items() if name in self.inputs.untrusted}

    def section(self, role: str, language: str, variant: str = "") -> Section | None:
        """The most telling section of `role`: language and variant, then variant, then language, then neither."""
        for wanted in ((language, variant), ("", variant), (language, ""), ("", "")):
            for section in self.sections:
                if (section.role, section.language, section.variant) == (role, *wanted):
                    return section
        return None

    def variant_names(self) -> list[str]:
        return self.variant_order or list(self.variants) or ["standard"]

    def output_model(self) -> type[BaseModel]:
        """The pydantic model of one answer."""
        return _answer(tuple((n, f.type, tuple(f.enum), f.description) for n, f in self.output.items()))

    def variants_model(self, variants: list[str]) -> type[BaseModel]:
        """The pydantic model of one answer for each of `variants`."""
        return _answers(self.output_model(), tuple((name, self.variants.get(name, "")) for name in variants))


@lru_cache(maxsize=128)
def _answer(described: tuple[tuple[str, str, tuple[Any, ...], str], ...]) -> type[BaseModel]:
    types: dict[str, Any] = {"string": str, "number": float, "integer": int, "boolean": bool, "list": list[str]}
    fields: dict[str, Any] = {
        name: (Literal[enum] if enum else types[kind], Field(description=description))
        for name, kind, enum, description in described
    }
    return create_model("Answer", **fields)


@lru_cache(maxsize=128)
def _answers(answer: type[BaseModel], described: tuple[tuple[str, str], ...]) -> type[BaseModel]:
    fields: dict[str, Any] = {name: (answer, Field(description=description)) for name, description in described}
    return create_model("Variants", **fields)
