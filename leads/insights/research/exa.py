"""Exa: `POST /search` with text and highlights of each result; the key goes into `x-api-key`."""

from __future__ import annotations

from leads.insights.research import http
from leads.insights.research.base import Finding, Question, findings


class Exa:
    name = "exa"
    is_paid = True

    def objection(self, question: Question) -> str:
        return http.key_missing(self.name)

    def ask(self, question: Question) -> list[Finding]:
        answer = http.post(
            self.name,
            "/search",
            {
                "query": question.words,
                "type": "auto",
                "numResults": http.service(self.name).results,
                "contents": {"text": {"maxCharacters": 2_000}, "highlights": True},
            },
            header="x-api-key",
        )
        found: list[Finding] = []
        for row in http.rows(answer.get("results") if isinstance(answer, dict) else None):
            url = http.web_address(row.get("url"))
            marked = row.get("highlights")
            quotes = "\n".join(http.text(part) for part in marked) if isinstance(marked, list) else ""
            if url:
                found += findings(
                    url,
                    quotes or http.text(row.get("text")),
                    title=http.text(row.get("title")),
                    published=http.text(row.get("publishedDate")),
                )
        return found
