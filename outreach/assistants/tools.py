"""What assistants may do here: each tool reads, or proposes something that a person decides on.

Rooms contribute tools; the door to all of them is `call`: it checks the caller's role, reads the arguments, and leaves
an audit entry of every call, refused ones too. No tool sends, approves or deletes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from pydantic import BaseModel, ConfigDict, ValidationError
from rest_framework.exceptions import ParseError

from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import audit
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.registry import Point
from outreach.core.rest.parsing import NOT_TEXT, require_text
from outreach.core.states import Text
from outreach.core.words import gettext as _

CALLED = "assistant.called"
MAX_ROWS = 50


class Arguments(BaseModel):
    """Base of what tools take: an argument that a tool does not have is an error, not silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True)
class Caller:
    """Who asks: the user whose rights apply, and the program that asks for them."""

    user: User
    program: str


@dataclass(frozen=True)
class Tool:
    """One thing that assistants may do. `run` gets the caller and its arguments, and returns what JSON can hold."""

    name: str
    title: Text
    description: Text
    arguments: type[Arguments]
    run: Callable[[Caller, Any], Mapping[str, Any]]
    role: str = Role.VIEWER
    is_proposal: bool = False
    """It writes something that waits for a person."""

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        return self.arguments.model_json_schema()


TOOLS: Point[Tool] = Point("assistants.tools")


def tools_for(user: User) -> list[Tool]:
    """The tools that `user` may call."""
    return [tool for tool in TOOLS.entries() if user.has_role(tool.role)]


def call(name: str, arguments: Mapping[str, Any], *, caller: Caller) -> Mapping[str, Any]:
    """Run one tool. Raises `Invalid` for an unknown tool or argument, and what the tool refuses."""
    outcome = "done"
    try:
        _require_text(name, arguments)
        with transaction.atomic():
            tool = next((tool for tool in TOOLS.entries() if tool.name == name), None)
            if tool is None:
                raise Invalid("name", _("There is no tool “%(name)s”.") % {"name": name})
            if not caller.user.has_role(tool.role):
                role = Role(tool.role).label
                raise Refused(_("“%(name)s” needs the role %(role)s.") % {"name": name, "role": role}, code="forbidden")
            return tool.run(caller, _read(tool, arguments))
    except OutreachError as error:
        outcome = error.code
        raise
    except Exception:
        outcome = "failed"
        raise
    finally:
        data = {"tool": _kept(name, 100), "program": caller.program[:100], "outcome": outcome, **_told(arguments)}
        audit.record(CALLED, subject=caller.user, actor=Actor.of(caller.user), data=data)


def _require_text(name: str, arguments: Mapping[str, Any]) -> None:
    try:
        require_text([name, dict(arguments)])
    except ParseError as error:
        raise Invalid("arguments", str(error.detail)) from error


def _read(tool: Tool, arguments: Mapping[str, Any]) -> Arguments:
    try:
        return tool.arguments.model_validate(arguments)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid(place or "arguments", first["msg"]) from error


def _told(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as the audit trail keeps them: numbers as they are, of texts only how long they were."""
    numbers = {_kept(key, 50): value for key, value in arguments.items() if isinstance(value, bool | int)}
    lengths = {_kept(key, 50): len(value) for key, value in arguments.items() if isinstance(value, str)}
    return {"numbers": numbers, "lengths": lengths}


def _kept(text: str, most: int) -> str:
    """A name as the audit trail can hold it, also that of a call which was refused."""
    return NOT_TEXT.sub("", text)[:most]
