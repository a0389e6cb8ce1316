"""Criteria in words, and what changed between two of them. Texts are translated by the callable given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leads.imports.models import Batch
from leads.segments import fields
from leads.segments.fields import OPERATORS, ValueKind
from leads.segments.schema import Condition, Group, Node

Translate = Callable[[str], str]


def _(text: str) -> str:
    return text


DAYS = _("%(days)s days")
WITH_UNKNOWN = _("(or not known)")
WITHOUT_UNKNOWN = _("(not known does not count)")
MATCH_LABELS = {
    "all": _("All of these conditions"),
    "any": _("Any of these conditions"),
    "not": _("None of these conditions"),
}


@dataclass(frozen=True)
class Line:
    """One line of criteria in words; `level` is how deep it is nested."""

    level: int
    text: str
    is_group: bool


@dataclass(frozen=True)
class Difference:
    """The conditions that one definition has and the other has not."""

    removed: list[str]
    added: list[str]

    @property
    def is_empty(self) -> bool:
        """The same conditions, perhaps in another order."""
        return not (self.removed or self.added)


def sentence(condition: Condition, translate: Translate = _) -> str:
    """“Company country is one of RU, KZ”."""
    field = fields.find(condition.field)
    operator = OPERATORS[condition.operator]
    label = f"{translate(field.label.partition(' “')[0])} “{field.attribute}”" if field and field.attribute else ""
    label = label or (translate(field.label) if field else condition.field)
    words = f"{label} {translate(operator.label)}"
    if operator.value is ValueKind.NONE:
        return words
    if operator.value is ValueKind.DAYS:
        return f"{words} {translate(DAYS) % {'days': condition.value}}"
    words = f"{words} {_value(condition.value, translate, field)}"
    if operator.negates and not (field and field.type is fields.Type.TAGS):
        return f"{words} {translate(WITH_UNKNOWN)}"
    if field and field.type is fields.Type.BOOLEAN and condition.value is False:
        return f"{words} {translate(WITHOUT_UNKNOWN)}"
    return words


def _value(value: Any, translate: Translate, field: fields.Field | None = None) -> str:
    if isinstance(value, bool):
        return translate("yes") if value else translate("no")
    if isinstance(value, list):
        shown = ", ".join(_value(v, translate, field) for v in value[:12])
        return f"{shown} … (+{len(value) - 12})" if len(value) > 12 else shown
    if field and field.name == "lead.batch":
        return _import_name(str(value))
    if field and field.choices.startswith("static:"):
        return translate(str(value).capitalize())
    return field.shown(str(value)) if field else str(value)


def _import_name(number: str) -> str:
    """The file and date of an import; its number only when it is gone."""
    batch = Batch.objects.filter(pk=number).only("file_name", "created_at").first() if number.isdecimal() else None
    return batch.title if batch else f"#{number}"


def lines(node: Node, translate: Translate = _, level: int = 0) -> list[Line]:
    """`node` as indented lines, groups first."""
    if isinstance(node, Condition):
        return [Line(level, sentence(node, translate), False)]
    result = [Line(level, translate(MATCH_LABELS[node.match]), True)]
    for entry in node.entries:
        result.extend(lines(entry, translate, level + 1))
    return result


def difference(old: Group, new: Group, translate: Translate = _) -> Difference:
    """Removed and added conditions, each with its groups."""
    before, after = _placed(old, translate), _placed(new, translate)
    return Difference([t for t in before if t not in after], [t for t in after if t not in before])


def _placed(node: Node, translate: Translate, place: tuple[str, ...] = ()) -> list[str]:
    if isinstance(node, Condition):
        prefix = " › ".join(place)
        return [f"{prefix}: {sentence(node, translate)}" if prefix else sentence(node, translate)]
    inner = place if node.match == "all" and not place else (*place, translate(MATCH_LABELS[node.match]))
    return [text for entry in node.entries for text in _placed(entry, translate, inner)]
