"""The keys of `outreach.toml`, described from their own definitions: the command, the document and the tests read this."""

from __future__ import annotations

import inspect
import os
import re
import textwrap
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from outreach.configuration import Configuration

IN_URL = re.compile(r"(?<=://)[^/@\s]+(?=@)")
"""Name and password in an address."""
SECRET_NAME = re.compile(r"(password|secret|token|api_key|credential)s?$")
MASK = "••••••"


class Key(NamedTuple):
    """One key; `NAME` in it stands for a name of your own."""

    name: str
    kind: str
    default: str
    meaning: str


class Setting(NamedTuple):
    """What is in force: `source` is `file` or `default`."""

    name: str
    value: str
    source: str


def all_keys() -> Iterator[Key]:
    """All keys in the order of their definitions."""
    yield from _keys(Configuration, "")


def settings_of(configuration: BaseModel) -> Iterator[Setting]:
    """Every value in force, secrets masked."""
    yield from _settings(configuration, "", is_given=True)


def document() -> str:
    """`docs/configuration.md`."""
    lines = [
        "# outreach.toml, key by key",
        "",
        "Written by `python manage.py config keys --markdown` from the definitions. `NAME` is a name of your own.",
        "`python manage.py config show` prints what is in force.",
    ]
    sections: dict[str, list[Key]] = {}
    for key in all_keys():  # a section's keys may come in two parts; TOML takes each section once
        sections.setdefault(key.name.rpartition(".")[0], []).append(key)
    for section, rows in sections.items():
        lines += ["", f"## [{section}]", *_about(section), ""]
        lines += ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        for key in rows:
            cells = (key.name.rpartition(".")[2], key.kind, f"`{key.default}`" if key.default else "", key.meaning)
            lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _about(path: str) -> Iterator[str]:
    """What the section's class says about itself."""
    model: type[BaseModel] = Configuration
    for part in path.split("."):
        field = model.model_fields.get(part)
        model = (_section(field.annotation)[0] if field else None) or model
    if model.__doc__ and model.__doc__ != BaseModel.__doc__:
        yield ""
        yield from textwrap.wrap(" ".join(inspect.cleandoc(model.__doc__).split()), 100)


def masked(name: str, value: Any) -> str:
    """The value as it may be shown."""
    text = _plain(value)
    if name.endswith("_env"):
        return f"{text} ({'set' if os.environ.get(text) else 'not set'})" if text else ""
    if SECRET_NAME.search(name) and text:
        return MASK
    return IN_URL.sub(MASK, text)


def _keys(model: type[BaseModel], prefix: str) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        inner, is_named = _section(field.annotation)
        if inner is not None:
            yield from _keys(inner, f"{prefix}{name}.NAME." if is_named else f"{prefix}{name}.")
        else:
            yield Key(f"{prefix}{name}", _kind(field), _default(field), " ".join((field.description or "").split()))


def _settings(value: BaseModel, prefix: str, *, is_given: bool) -> Iterator[Setting]:
    for name in type(value).model_fields:
        here, is_here = getattr(value, name), is_given and name in value.model_fields_set
        sections = {name: here} if isinstance(here, BaseModel) else {}
        if isinstance(here, dict) and any(isinstance(entry, BaseModel) for entry in here.values()):
            sections = {f"{name}.{key}": entry for key, entry in here.items()}
        for path, section in sections.items():
            yield from _settings(section, f"{prefix}{path}.", is_given=is_here)
        if not sections:
            yield Setting(f"{prefix}{name}", masked(name, here), "file" if is_here else "default")


def _section(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The section behind a field's type, and whether it is a table of named ones."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    if typing.get_origin(annotation) is dict:
        value = typing.get_args(annotation)[1]
        if isinstance(value, type) and issubclass(value, BaseModel):
            return value, True
    return None, False


def _kind(field: FieldInfo) -> str:
    text = _type(field.annotation)
    marks = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    bounds = [
        f"{mark} {getattr(bound, name)}"
        for bound in field.metadata
        for name, mark in marks.items()
        if hasattr(bound, name)
    ]
    return text + (f", {', '.join(bounds)}" if bounds else "")


def _type(annotation: Any) -> str:
    names = {bool: "true or false", int: "whole number", float: "number", str: "text", Decimal: "number"}
    if annotation in names:
        return names[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " or ".join(f"`{choice}`" if choice else "empty" for choice in arguments)
    if origin in {list, tuple}:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"table of {_type(arguments[1])}"
    return " or ".join(_type(argument) for argument in arguments if argument is not type(None)) or str(annotation)


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return _plain(field.default_factory())  # type: ignore[call-arg]
    return "" if field.is_required() else _plain(field.default)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(_plain(entry) for entry in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_plain(entry)}" for key, entry in value.items())
    if isinstance(value, BaseModel):
        return _plain(value.model_dump())
    return str(value)
