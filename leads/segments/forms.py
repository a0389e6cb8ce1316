"""What the pages of segments post: name, description, and criteria by rows or as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from leads.segments import builder, fields, schema, selectors
from leads.segments.builder import Block
from leads.segments.fields import OPERATORS, OPERATORS_OF, Type
from leads.segments.models import Segment, SegmentVersion
from outreach.core.errors import Invalid


@dataclass
class SegmentForm:
    """The state of the edit page."""

    name: str = ""
    description: str = ""
    tab: str = "rows"
    root: Block = field(default_factory=builder.empty)
    text: str = ""
    based_on: int | None = None
    error: str = ""
    name_error: str = ""

    @classmethod
    def of(cls, segment: Segment, version: SegmentVersion) -> SegmentForm:
        return cls(
            name=segment.name,
            description=segment.description,
            root=builder.from_criteria(schema.parse(version.criteria)),
            based_on=version.number,
        )

    @classmethod
    def read(cls, posted: QueryDict) -> SegmentForm:
        number = posted.get("based_on", "")
        return cls(
            name=posted.get("name", ""),
            description=posted.get("description", ""),
            tab="json" if posted.get("tab") == "json" else "rows",
            root=builder.read(posted),
            text=posted.get("criteria", ""),
            based_on=int(number) if number.isdecimal() and len(number) < 9 else None,
        )

    def act(self, action: str) -> None:
        """Handle a button of the builder; switching tabs keeps the definition."""
        if action == "tab:json" and self.tab == "rows":
            self.text = pretty(builder.to_criteria(self.root).criteria)
            self.tab = "json"
        elif action == "tab:rows" and self.tab == "json":
            try:
                self.root = builder.from_criteria(schema.parse_json(self.text))
            except Invalid as error:
                self.error = str(error)
            else:
                self.tab = "rows"
        elif self.tab == "rows":
            builder.act(self.root, action)

    def criteria(self) -> dict[str, Any]:
        """The criteria as posted. Raises `Invalid`, and shows the error where it belongs."""
        try:
            if self.tab == "json":
                return schema.dump(schema.parse_json(self.text))
            written = builder.to_criteria(self.root)
            try:
                return schema.dump(schema.parse(written.criteria))
            except Invalid as error:
                if builder.place_error(written.places, error.field, error.reason):
                    raise Invalid(error.field, _("Fix the highlighted conditions."), code=error.code) from error
                raise
        except Invalid as error:
            self.error = str(error) if self.tab == "json" else error.reason
            raise

    def draft(self) -> tuple[schema.Group | None, int]:
        """The criteria so far and how many conditions are not filled in; None while there are none."""
        if self.tab == "json":
            return (schema.parse_json(self.text) if self.text.strip() else None), 0
        written = builder.to_criteria(self.root, is_draft=True)
        if not written.criteria[self.root.match]:
            return None, written.incomplete
        try:
            return schema.parse(written.criteria), written.incomplete
        except Invalid as error:
            builder.place_error(written.places, error.field, error.reason)
            raise


def pretty(criteria: dict[str, Any]) -> str:
    return orjson.dumps(criteria, option=orjson.OPT_INDENT_2).decode()


def field_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """The field menu: groups of (name, label)."""
    groups = [(_("Person or listing"), "lead"), (_("Company"), "company")]
    result = []
    for label, noun in groups:
        options = [(f.name, _(f.label)) for f in fields.FIELDS.values() if f.noun == noun]
        options.append((f"{noun}.attributes", _("Other column…")))
        result.append((label, options))
    return result


def operator_options(row: builder.Row) -> list[tuple[str, str]]:
    names = row.meta.operators if row.meta else OPERATORS_OF[Type.JSON]
    return [(name, _(OPERATORS[name].label)) for name in names]


def suggestions(root: Block) -> dict[str, list[tuple[str, str]]]:
    """Suggested values of the fields in use, by name; one bounded query a field."""
    names = dict.fromkeys(e.field for e in root.walk() if isinstance(e, builder.Row))
    return {name: selectors.choices(meta) for name in names if (meta := fields.find(name)) and meta.choices}
