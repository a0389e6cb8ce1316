"""Liquid for messages: strict about missing variables, bounded in loops and output, and `{{name|fallback}}`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import liquid
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.tags.if_tag import IfNode
from liquid.exceptions import LiquidError, UndefinedError
from liquid.expression import Expression

from outreach.core.errors import OutreachError
from outreach.prompts import grammar

MAX_OUTPUT_BYTES = 64_000
MAX_LOOP_ITERATIONS = 1_000


class TemplateError(OutreachError):
    """The template cannot be read or rendered; `line` counts from 1 within it."""

    code = "template"

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.line = line


class MissingVariable(TemplateError):
    """A variable without fallback has no value; `name` is its name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” has no value and no fallback.")
        self.name = name


class _Missing(liquid.Undefined):
    """False in conditions, replaced by `default`, an error when written out."""

    force_liquid_default = True

    def __str__(self) -> str:
        raise UndefinedError(self.name, token=self.token)


class _Environment(liquid.Environment):
    output_stream_limit = MAX_OUTPUT_BYTES
    loop_iteration_limit = MAX_LOOP_ITERATIONS
    local_namespace_limit = MAX_OUTPUT_BYTES


_ENVIRONMENT = _Environment(undefined=_Missing, strict_filters=True)
for _tag in ("include", "render", "tablerow", "increment", "decrement", "cycle"):
    _ENVIRONMENT.tags.pop(_tag, None)
_ENVIRONMENT.filters.update(
    {
        "with_article": grammar.with_article,
        "as_role": grammar.as_role,
        "plural": grammar.plural,
        "sentence": grammar.sentence,
    }
)

_FALLBACK = re.compile(r"\{\{-?\s*(\w+)\s*\|([^}|]*)-?\}\}")


def translate_fallbacks(source: str) -> str:
    """`{{contact_name|there}}` as Liquid's `{{ contact_name | default: "there" }}`; names of filters stay filters."""

    def replace(match: re.Match[str]) -> str:
        name, fallback = match[1], match[2].strip()
        word = re.split(r"[\s:]", fallback, maxsplit=1)[0]
        if word in _ENVIRONMENT.filters:
            return match[0]
        text = fallback.strip("\"'")
        quote = "'" if '"' in text else '"'
        return f"{{{{ {name} | default: {quote}{text.replace(quote, '’')}{quote} }}}}"

    return _FALLBACK.sub(replace, source)


@lru_cache(maxsize=512)
def compiled(source: str) -> liquid.BoundTemplate:
    """The parsed template. Raises `TemplateError`."""
    try:
        return _ENVIRONMENT.from_string(translate_fallbacks(source))
    except LiquidError as error:
        raise TemplateError(str(error).splitlines()[0], _line(error, source)) from error


def _line(error: LiquidError, source: str) -> int:
    index = getattr(error.token, "start_index", -1) if error.token else -1
    return source.count("\n", 0, index) + 1 if index > 0 else 1


def render(source: str, values: Mapping[str, Any]) -> str:
    """The text; empty values count as missing. Raises `MissingVariable` and `TemplateError`, never returns blanks."""
    present = {name: value for name, value in values.items() if value not in (None, "", [], {})}
    try:
        return compiled(source).render(**present)
    except UndefinedError as error:
        name = str(error.args[0] if error.args else "").split("'")[0] or "?"
        raise MissingVariable(name) from error
    except LiquidError as error:
        raise TemplateError(str(error).splitlines()[0], _line(error, source)) from error


@dataclass(frozen=True)
class Variables:
    """What a template refers to. `required` have neither a fallback nor a condition around them."""

    used: frozenset[str]
    required: frozenset[str]

    def __or__(self, other: Variables) -> Variables:
        return Variables(self.used | other.used, self.required | other.required)


@lru_cache(maxsize=1_024)
def variables(source: str) -> Variables:
    """Static analysis of a template. Raises `TemplateError`."""
    template = compiled(source)
    context = liquid.RenderContext(template)
    used: set[str] = set()
    required: set[str] = set()
    _walk(template.nodes, context, frozenset(), used, required)
    return Variables(frozenset(used), frozenset(required))


def _walk(
    nodes: Iterable[Node], context: liquid.RenderContext, safe: frozenset[str], used: set[str], required: set[str]
) -> None:
    for node in nodes:
        names = {n for e in node.expressions() for n in _names(e)}
        used |= names - _locals(node)
        if isinstance(node, IfNode):
            guards = _guards(node.condition)
            _walk([node.consequence], context, safe | guards, used, required)
            rest = [*node.alternatives, *([node.default] if node.default else [])]
            _walk(rest, context, safe, used, required)
            continue
        if hasattr(node, "expression") and type(node).__name__ == "ConditionalBlockNode":
            _walk(node.children(context), context, safe | _guards(node.expression), used, required)
            continue
        for expression in node.expressions():
            if not _has_default(expression):
                required |= set(_names(expression)) - safe
        local = _locals(node)
        _walk(node.children(context), context, safe | local, used, required)
        safe |= local


def _locals(node: Node) -> frozenset[str]:
    scopes = [*node.template_scope(), *node.block_scope()]
    return frozenset(str(name) for name in scopes)


def _names(expression: Expression) -> Iterable[str]:
    if isinstance(expression, Path):
        yield str(expression.head())
    for child in expression.children():
        yield from _names(child)


def _has_default(expression: Expression) -> bool:
    return isinstance(expression, FilteredExpression) and any(f.name == "default" for f in expression.filters or [])


def _guards(condition: Expression) -> frozenset[str]:
    """Names that certainly have a value where `condition` holds."""
    text = str(condition)
    return frozenset() if re.search(r"\b(or|not)\b|!=", text) else frozenset(_names(condition))
