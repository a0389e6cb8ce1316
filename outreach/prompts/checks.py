"""System check: every shipped pack can be read and has no lint errors."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from outreach.prompts.selectors import check_source
from outreach.prompts.services import pack_files


@register()
def check_packs(**_: Any) -> list[CheckMessage]:
    return [
        Error(f"{path.name}:{finding.line}: {finding.code} {finding.text}", id="prompts.E001")
        for path in pack_files()
        for finding in check_source(path.read_text(encoding="utf-8"), file_name=path.name).findings
        if finding.is_error
    ]
