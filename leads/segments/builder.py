"""The filter builder's form: posted rows ↔ criteria. Pure; the server holds no state between two clicks.

Each entry of the form has an id and a hidden `item` input `id:parent:kind`, in the order of the page, so that groups
of any depth survive a round trip, with JavaScript or without.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from leads.segments import fields
from leads.segments.fields import OPERATORS, OPERATORS_OF, Type, ValueKind
from leads.segments.schema import MATCHES, MAX_CONDITIONS, MAX_DEPTH, Condition, Group, Node

FIRST_FIELD = "lead.title"
ROOT = "g0"


class Posted(Protocol):
    """What is needed of Django's QueryDict."""

    def get(self, key: str, default: str, /) -> Any: ...

    def getlist(self, key: str, /) -> list[Any]: ...


@dataclass
class Row:
    """One condition as entered in the form; `value` and `value_to` are unchecked texts."""

    id: str
    field: str = FIRST_FIELD
    operator: str = ""
    value: str = ""
    value_to: str = ""
    error: str = ""
    is_new: bool = False

    is_group = False

    @property
    def meta(self) -> fields.Field | None:
        return fields.find(self.field)

    @property
    def kind(self) -> ValueKind:
        return OPERATORS[self.operator].value if self.operator in OPERATORS else ValueKind.ONE

    @property
    def control(self) -> str:
        """Which control the page draws for the value."""
        meta = self.meta
        if self.kind is ValueKind.ONE and meta is not None:
            if meta.type is Type.BOOLEAN:
                return "boolean"
            if meta.type is Type.NUMBER:
                return "number"
            if meta.is_closed:
                return "select"
        if self.kind is ValueKind.LIST and meta is not None and meta.is_closed:
            return "multiselect"
        return str(self.kind)

    @property
    def chosen(self) -> list[str]:
        """The values of a list, as entered."""
        return split(self.value)

    @property
    def is_complete(self) -> bool:
        if self.kind is ValueKind.NONE:
            return True
        if self.kind in {ValueKind.NUMBER_RANGE, ValueKind.DATE_RANGE}:
            return bool(self.value.strip() and self.value_to.strip())
        return bool(self.value.strip())


@dataclass
class Block:
    """One group as entered in the form."""

    id: str
    match: str = "all"
    entries: list[Row | Block] = field(default_factory=list)
    depth: int = 1
    error: str = ""
    is_focused: bool = False
    """Something in it was removed: whoever works by keyboard goes on here."""

    is_group = True

    @property
    def may_nest(self) -> bool:
        return self.depth < MAX_DEPTH

    def walk(self) -> Iterator[Row | Block]:
        """All entries below, depth first, in order."""
        for entry in self.entries:
            yield entry
            if isinstance(entry, Block):
                yield from entry.walk()


def empty() -> Block:
    """What a new segment starts with."""
    return Block(ROOT, entries=[replace(new_row("1"), is_new=False)])


def new_row(row_id: str, name: str = FIRST_FIELD) -> Row:
    meta = fields.find(name)
    return Row(row_id, name, meta.operators[0] if meta else "", is_new=True)


def read(posted: Posted) -> Block:
    """The form as it was posted; entries that belong nowhere are left out."""
    root = Block(ROOT, _match(posted.get(f"{ROOT}-match", "all")))
    blocks = {ROOT: root}
    for item in posted.getlist("item")[: MAX_CONDITIONS * 2]:
        entry_id, _colon, rest = str(item).partition(":")
        parent_id, _colon, kind = rest.partition(":")
        parent = blocks.get(parent_id)
        if parent is None or not entry_id.isalnum() or entry_id in blocks:
            continue
        if kind == "g":
            if not parent.may_nest:
                continue
            blocks[entry_id] = Block(entry_id, _match(posted.get(f"{entry_id}-match", "all")), depth=parent.depth + 1)
            parent.entries.append(blocks[entry_id])
        else:
            parent.entries.append(_read_row(entry_id, posted))
    return root


def _match(text: str) -> str:
    return text if text in MATCHES else "all"


def _read_row(row_id: str, posted: Posted) -> Row:
    name = posted.get(f"{row_id}-field", FIRST_FIELD)
    key = posted.get(f"{row_id}-key", "").strip()
    if name in fields.ATTRIBUTES:
        name = f"{name}.{key}"
    row = Row(
        row_id,
        name,
        posted.get(f"{row_id}-operator", ""),
        ", ".join(posted.getlist(f"{row_id}-value"))
        if len(posted.getlist(f"{row_id}-value")) > 1
        else posted.get(f"{row_id}-value", ""),
        posted.get(f"{row_id}-to", ""),
    )
    meta = row.meta
    names = meta.operators if meta else OPERATORS_OF[Type.JSON]
    before = fields.find(posted.get(f"{row_id}-was", "")) or meta
    if row.operator not in names:
        row.operator = names[0]
    if meta and before and before.type is not meta.type:
        row.operator, row.value, row.value_to = names[0], "", ""
    return row


def act(root: Block, action: str) -> None:
    """Carry out a button: `add:<group>`, `group:<group>`, `remove:<entry>`."""
    verb, _colon, target = action.partition(":")
    if verb == "remove":
        _remove(root, target)
        if not root.entries:
            root.entries.append(new_row(_next_id(root)))
        return
    block = next((e for e in [root, *root.walk()] if e.id == target and isinstance(e, Block)), None)
    if block is None:
        return
    if verb == "add":
        block.entries.append(new_row(_next_id(root)))
    elif verb == "group" and block.may_nest:
        number = int(_next_id(root))
        inner = Block(f"g{number}", "any", [new_row(str(number + 1))], depth=block.depth + 1)
        block.entries.append(inner)


def _remove(block: Block, target: str) -> None:
    before = len(block.entries)
    block.entries = [e for e in block.entries if e.id != target]
    block.is_focused = len(block.entries) < before
    for entry in block.entries:
        if isinstance(entry, Block):
            _remove(entry, target)
    block.entries = [e for e in block.entries if not (isinstance(e, Block) and not e.entries)]


def _next_id(root: Block) -> str:
    numbers = [int(digits) for e in root.walk() if (digits := e.id.lstrip("g")).isdecimal()]
    return str(max(numbers, default=0) + 1)


@dataclass
class Written:
    """Criteria made of a form, and which entry of the form each place in them came from."""

    criteria: dict[str, Any]
    places: dict[str, Row | Block]
    incomplete: int = 0


def to_criteria(root: Block, *, is_draft: bool = False) -> Written:
    """The criteria of a form. A draft leaves out conditions that are not filled in yet; it may come out empty."""
    written = Written({}, {})
    written.criteria = _group(root, "", written, is_draft)
    return written


def _group(block: Block, path: str, written: Written, is_draft: bool) -> dict[str, Any]:
    place = f"{path}.{block.match}" if path else block.match
    entries: list[dict[str, Any]] = []
    written.places[place] = block
    for entry in block.entries:
        inner = f"{place}[{len(entries)}]"
        if isinstance(entry, Block):
            made = _group(entry, inner, written, is_draft)
            if not is_draft or made[entry.match]:
                entries.append(made)
        elif is_draft and not entry.is_complete:
            written.incomplete += 1
        else:
            written.places[inner] = entry
            entries.append(_condition(entry))
    return {block.match: entries}


def _condition(row: Row) -> dict[str, Any]:
    condition: dict[str, Any] = {"field": row.field, "operator": row.operator}
    if row.kind is ValueKind.NONE:
        return condition
    if not row.is_complete:
        return condition
    return condition | {"value": _value(row)}


def _value(row: Row) -> Any:
    match row.control:
        case "boolean":
            return {"true": True, "false": False}.get(row.value, row.value)
        case "number" | "days":
            return _number(row.value)
        case "number_range":
            return [_number(row.value), _number(row.value_to)]
        case "date_range":
            return [row.value.strip(), row.value_to.strip()]
        case "list" | "words" | "multiselect":
            return split(row.value)
        case _:
            return row.value.strip()


def _number(text: str) -> int | float | str:
    cleaned = text.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        return int(cleaned)
    except ValueError:
        pass
    try:
        return float(cleaned)
    except ValueError:
        return text


def split(text: str) -> list[str]:
    """“CTO, Head of IT” → two values; line breaks and semicolons separate too, quotes hold a comma together."""
    lines = (text if '"' in text else text.replace(";", ",")).splitlines()
    return [v.strip() for cells in csv.reader(lines, skipinitialspace=True) for v in cells if v.strip()]


def join(values: list[Any]) -> str:
    """The opposite of `split`."""
    buffer = io.StringIO()
    quoted = [str(v) for v in values]
    csv.writer(buffer, lineterminator="").writerow(quoted)
    text = buffer.getvalue().replace(",", ", ") if not any("," in v or '"' in v for v in quoted) else buffer.getvalue()
    if any(";" in v for v in quoted):
        text = ", ".join('"' + v.replace('"', '""') + '"' for v in quoted)
    return text


def from_criteria(node: Node) -> Block:
    """The form of checked criteria."""
    numbers = iter(range(1, 10_000))
    if isinstance(node, Condition):
        return Block(ROOT, "all", [_row(node, str(next(numbers)))])
    return _block(node, ROOT, 1, numbers)


def _block(node: Group, block_id: str, depth: int, numbers: Iterator[int]) -> Block:
    block = Block(block_id, node.match, depth=depth)
    for entry in node.entries:
        number = next(numbers)
        if isinstance(entry, Group):
            block.entries.append(_block(entry, f"g{number}", depth + 1, numbers))
        else:
            block.entries.append(_row(entry, str(number)))
    return block


def _row(node: Condition, row_id: str) -> Row:
    row = Row(row_id, node.field, node.operator)
    value: Any = node.value
    if row.kind in {ValueKind.NUMBER_RANGE, ValueKind.DATE_RANGE}:
        row.value, row.value_to = str(value[0]), str(value[1])
    elif row.kind in {ValueKind.LIST, ValueKind.WORDS}:
        row.value = join([_shown(v, row.meta) for v in value])
    elif row.kind is not ValueKind.NONE:
        row.value = _shown(value, row.meta)
    return row


def _shown(value: Any, meta: fields.Field | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return meta.shown(value) if meta and isinstance(value, str) else str(value)


def place_error(places: Mapping[str, Row | Block], path: str, reason: str) -> bool:
    """Put an error where it belongs in the form; False when no entry is responsible."""
    best = max((p for p in places if path == p or path.startswith((f"{p}.", f"{p}["))), key=len, default=None)
    if best is None:
        return False
    places[best].error = reason
    return True
