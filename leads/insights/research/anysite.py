"""Anysite: profiles of the professional network by `POST /api/linkedin/company` and `/user`; key in `access-token`."""

from __future__ import annotations

from typing import Any

from leads.insights.research import http
from leads.insights.research.base import Finding, Question, findings
from outreach.core.words import gettext as _

_Fields = tuple[tuple[str, str], ...]
_COMPANY: _Fields = (
    ("description", "{}"),
    ("short_description", "{}"),
    ("industry", "Industry: {}"),
    ("employee_count", "Employees according to its profile: {}"),
    ("specialities", "Specialities: {}"),
)
_PERSON: _Fields = (("headline", "{}"), ("description", "{}"), ("summary", "{}"))


class Anysite:
    name = "anysite"
    is_paid = True

    def objection(self, question: Question) -> str:
        if missing := http.key_missing(self.name):
            return missing
        if question.kind == "person" and not question.profile:
            return _("The person's profile on the network is not known.")
        return ""

    def ask(self, question: Question) -> list[Finding]:
        if question.kind == "person":
            path, body, fields = "/api/linkedin/user", {"user": question.profile}, _PERSON
        else:
            path, body, fields = "/api/linkedin/company", {"company": question.profile or _alias(question)}, _COMPANY
        answer = http.post(self.name, path, body, header="access-token")
        found: list[Finding] = []
        for row in http.rows(answer)[:1]:
            url = http.web_address(row.get("url")) or http.web_address(row.get("website"))
            if url:
                lines = [form.format(value) for name, form in fields if (value := _said(row.get(name)))]
                found += findings(url, "\n".join(lines), title=http.text(row.get("name")))
        return found


def _alias(question: Question) -> str:
    """A company's name as the network writes it in addresses."""
    return "-".join("".join(c if c.isalnum() else " " for c in question.name.lower()).split())


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(part for part in value if isinstance(part, str))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return http.text(value)
