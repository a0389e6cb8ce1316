"""From the typed form of a prompt pack back to its Markdown. Pure; `parser.parse` reads it again."""

from __future__ import annotations

import yaml

from outreach.prompts.pack import Pack


def to_source(pack: Pack) -> str:
    """The file of `pack`."""
    front = pack.model_dump(mode="json", by_alias=True, exclude={"sections", "variant_order"}, exclude_none=True)
    front["variants"] = {name: pack.variants.get(name, "") for name in pack.variant_order or pack.variants}
    text = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)
    parts = [f"---\n{text}---\n"]
    for section in pack.sections:
        heading = " ".join(word for word in ("#", section.role, section.language, section.variant) if word)
        body = "\n".join(f" {line}" if line.startswith("# ") else line for line in section.text.splitlines())
        parts.append(f"\n{heading}\n\n{body}\n")
    return "".join(parts)
