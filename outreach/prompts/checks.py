"""System check: every shipped pack can be read and has no lint errors."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from outreach.prompts import lint, testing
from outreach.prompts.parser import PackError, parse
from outreach.prompts.services import pack_files


@register()
def check_packs(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for path in pack_files():
        try:
            pack = parse(path.read_text(encoding="utf-8"), file_name=path.name)
        except PackError as error:
            found.append(Error(error.reason, id="prompts.E001"))
            continue
        found += [
            Error(f"{path.name}:{finding.line}: {finding.code} {finding.text}", id="prompts.E002")
            for finding in [*testing.misfits(pack), *lint.lint(pack)]
            if finding.is_error
        ]
    return found
