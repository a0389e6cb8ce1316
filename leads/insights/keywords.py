"""Words to search for when a pipeline runs dry: by a model, else out of the brief, the criteria and who fitted before."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from leads.models import Lead
from leads.qualification import expectations
from leads.qualification.models import Brief, Verdict
from outreach.llm import services as llm
from outreach.prompts import services as packs
from outreach.prompts.rendering import render

if TYPE_CHECKING:
    from outreach.llm.models import Trace

PACK = "search-keywords"
LIMIT = 5
MOST_WORDS = 4
MOST_LETTERS = 60
TITLES = 200
"""Verdicts looked back at for titles of people who fitted."""
_SPLIT = re.compile(r"[,;/|()–—]| - | at | @ | в компании | and | и ")
_NOT_WORDS = re.compile(r"https?:|www\.|[@<>{}\"“”«»\\]|\d{4,}|\.\w{2,}")

Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class Keywords(BaseModel):
    """The model's answer."""

    model_config = ConfigDict(extra="forbid")

    keywords: Annotated[list[Keyword], Field(max_length=30)]


def search_keywords(
    *,
    brief: Brief | None,
    criteria: Mapping[str, Any] | None = None,
    offer: str = "",
    used: Iterable[str] = (),
    limit: int = LIMIT,
    with_model: bool = True,
    trace: Trace | None = None,
) -> list[str]:
    """Up to `limit` searches of one to four words, none that was `used` unless nothing else is left.

    With a model it waits for an answer: do not call it inside a transaction, or say `with_model=False`.
    """
    done = {_folded(word) for word in used}
    titles = titles_that_fitted(brief) if brief is not None else []
    own = usable([*wanted_words(brief), *_of_criteria(criteria or {}), *titles])
    found = own
    if with_model and (own or offer or (brief is not None and brief.description)):
        found = [*_asked(brief, offer=offer, used=used, titles=titles, own=own, trace=trace), *own]
    fresh = [word for word in usable(found) if _folded(word) not in done]
    return (fresh or usable(own))[:limit]


def titles_that_fitted(brief: Brief) -> list[str]:
    """Titles of the leads that qualified lately, the commonest first."""
    rows = Verdict.objects.filter(brief=brief).order_by("-pk").values_list("is_qualified", "lead_id")[:TITLES]
    ids = [lead_id for is_qualified, lead_id in rows if is_qualified]
    keys = Lead.objects.alive().filter(pk__in=ids).exclude(title_key="").values_list("title_key", flat=True)
    counts = Counter(part for key in keys for part in (_SPLIT.split(key)[0].strip(),) if part)
    return [title for title, _count in counts.most_common(20)]


def usable(words: Iterable[str]) -> list[str]:
    """What can be searched for: short, plain, each once. Addresses, links and whole sentences cannot."""
    found: dict[str, str] = {}
    for word in words:
        plain = " ".join(word.replace("*", "").split())
        is_short = 2 <= len(plain) <= MOST_LETTERS and len(plain.split()) <= MOST_WORDS
        if is_short and plain.isprintable() and not _NOT_WORDS.search(plain):
            found.setdefault(_folded(plain), plain)
    return list(found.values())


def _folded(word: str) -> str:
    return " ".join(word.lower().split())


def wanted_words(brief: Brief | None) -> list[str]:
    """The brief's words: its keywords, skills and industries."""
    if brief is None:
        return []
    asked = expectations.parse(brief.factors)
    return [*asked.keywords.wanted, *asked.experience.skills, *asked.company.industries]


def _of_criteria(node: Mapping[str, Any]) -> list[str]:
    """Titles, industries and tags that a segment includes; excluded ones are skipped."""
    found: list[str] = []
    for name in ("all", "any"):
        for entry in node.get(name, []):
            if isinstance(entry, Mapping):
                found += _of_criteria(entry)
    if node.get("field") in {"lead.title", "company.industry"} and "not" not in str(node.get("operator", "")):
        value = node.get("value")
        found += [str(part) for part in value] if isinstance(value, list) else [str(value)] if value else []
    return found


def _asked(
    brief: Brief | None, *, offer: str, used: Iterable[str], titles: list[str], own: list[str], trace: Trace | None
) -> list[str]:
    """The model's words; our own where none answers."""
    version = packs.current(PACK)
    wanted = {"looking_for": brief.description, "words": own} if brief is not None else {"words": own}
    question = render(
        version,
        language="ru" if get_language() == "ru" else "en",
        trusted={
            "brief": json.dumps(wanted, ensure_ascii=False),
            "offer": offer or "(not said)",
            "used": "\n".join(list(used)[:100]) or "(none)",
        },
        untrusted={"titles": "\n".join(titles) or "(none)"},
    )
    run = trace or llm.open_trace("search keywords")
    answer = llm.complete(
        llm.Call(
            trace=run,
            step="keywords",
            route="research",
            messages=question.messages,
            schema=Keywords,
            builtin=lambda: Keywords(keywords=own[:30]),
            pack_sha=version.sha,
        )
    )
    if trace is None:
        llm.close_trace(run)
    return answer.output.keywords
