"""From the Markdown of a prompt pack to its typed form, with errors that name the line, and back. Pure.

---                                YAML front matter
name: first-contact-email
---
# system                           `# role [language] [variant]`; roles: system, user, template
# template en direct
Subject: …                         first line of a template for e-mail
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from pydantic import ValidationError

from outreach.core.errors import Invalid
from outreach.prompts.pack import Pack

_HEADING = re.compile(r"^#[ \t]+(\S.*?)[ \t]*$")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ROLES = {"system", "user", "template"}


class PackError(Invalid):
    """The pack cannot be read; `line` counts from 1 in the file."""

    code = "pack_invalid"

    def __init__(self, file_name: str, line: int, reason: str) -> None:
        super().__init__("pack", f"{file_name}:{line}: {reason}")
        self.line = line


def parse(source: str, *, file_name: str = "pack.md") -> Pack:
    """The pack in `source`. Raises `PackError`."""
    lines = source.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    if not lines or lines[0].strip() != "---":
        raise PackError(file_name, 1, "A pack must start with a line “---” and YAML front matter.")
    end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        raise PackError(file_name, 1, "The front matter has no closing line “---”.")
    matter = "\n".join(lines[1:end])
    front = _front_matter(matter, file_name)
    sections = _sections(lines, end + 1, file_name, variants=list(front.get("variants") or {}))
    try:
        order = list(front["variants"]) if isinstance(front.get("variants"), dict) else []
        return Pack.model_validate({**front, "variant_order": order, "sections": sections})
    except ValidationError as error:
        fault = error.errors()[0]
        line = _line_of(yaml.compose(matter, Loader=LOADER), fault["loc"])
        path = ".".join(str(part) for part in fault["loc"])
        raise PackError(file_name, line + 1, f"{path}: {fault['msg']}") from error


def to_source(pack: Pack) -> str:
    """The file of `pack`, which `parse` reads again."""
    front = pack.model_dump(mode="json", by_alias=True, exclude={"sections", "variant_order"}, exclude_none=True)
    front["variants"] = {name: pack.variants.get(name, "") for name in pack.variant_order or pack.variants}
    text = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)
    parts = [f"---\n{text}---\n"]
    for section in pack.sections:
        heading = " ".join(word for word in ("#", section.role, section.language, section.variant) if word)
        body = "\n".join(f" {line}" if line.startswith("# ") else line for line in section.text.splitlines())
        parts.append(f"\n{heading}\n\n{body}\n")
    return "".join(parts)


def _front_matter(text: str, file_name: str) -> dict[str, Any]:
    try:
        front = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 2
        raise PackError(file_name, line, f"The front matter is not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise PackError(file_name, 2, f"The front matter is not valid YAML: {error}") from error
    if not isinstance(front, dict):
        raise PackError(file_name, 2, "The front matter must be a mapping of keys to values.")
    if "sections" in front:
        raise PackError(file_name, 2, "sections: write them as headings below the front matter.")
    return front


def _line_of(node: yaml.Node | None, path: tuple[Any, ...]) -> int:
    """The line (from 1, within the front matter) of the deepest part of `path` that is there."""
    line = 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == part), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def _sections(lines: list[str], start: int, file_name: str, *, variants: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, line in enumerate(lines[start:], start + 1):
        if heading := _HEADING.match(line):
            found.append({**_heading(heading[1], file_name, number, variants), "line": number + 1, "lines": []})
            if any(_key(found[-1]) == _key(other) for other in found[:-1]):
                raise PackError(file_name, number, f"The section “{heading[1]}” appears twice.")
        elif found:
            found[-1]["lines"].append(line)
        elif line.strip():
            raise PackError(file_name, number, "Text before the first heading (# system, # user, # template …).")
    for section in found:
        body = section.pop("lines")
        while body and not body[0].strip():
            body.pop(0)
            section["line"] += 1
        section["text"] = "\n".join(body).strip()
    return found


def _key(section: dict[str, Any]) -> tuple[str, str, str]:
    return section["role"], section["language"], section["variant"]


def _heading(text: str, file_name: str, number: int, variants: list[str]) -> dict[str, Any]:
    role, *rest = text.split()
    if role not in _ROLES or len(rest) > 2:
        raise PackError(
            file_name,
            number,
            f"Unknown section “# {text}”. Use # system, # user or # template, then a language and a variant.",
        )
    language = next((word for word in rest if re.fullmatch(r"[a-z]{2}", word)), "")
    variant = next((word for word in rest if word != language), "")
    if variant and variant not in variants:
        known = ", ".join(variants) or "none"
        raise PackError(file_name, number, f"The variant “{variant}” is not declared (declared: {known}).")
    return {"role": role, "language": language, "variant": variant}
