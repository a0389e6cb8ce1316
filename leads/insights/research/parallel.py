"""Parallel: `POST /v1/search` with words and an objective, answered by excerpts; the key goes into `x-api-key`."""

from __future__ import annotations

from leads.insights.research import http
from leads.insights.research.base import Finding, Question, findings

OBJECTIVE = "What {name} does, for whom, what changed lately, what it is hiring for and what it struggles with."


class Parallel:
    name = "parallel"
    is_paid = True

    def objection(self, question: Question) -> str:
        return http.key_missing(self.name)

    def ask(self, question: Question) -> list[Finding]:
        answer = http.post(
            self.name,
            "/v1/search",
            {
                "search_queries": [question.words],
                "objective": OBJECTIVE.format(name=question.name),
                "mode": "basic",
                "advanced_settings": {"max_results": http.service(self.name).results},
            },
            header="x-api-key",
        )
        found: list[Finding] = []
        for row in http.rows(answer.get("results") if isinstance(answer, dict) else None):
            url, excerpts = http.web_address(row.get("url")), row.get("excerpts")
            if url and isinstance(excerpts, list):
                found += findings(
                    url,
                    "\n".join(http.text(excerpt) for excerpt in excerpts),
                    title=http.text(row.get("title")),
                    published=http.text(row.get("publish_date")),
                )
        return found
