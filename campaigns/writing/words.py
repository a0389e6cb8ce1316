"""What a step says, taken out of its prompt pack and put back. Pure: the pack in, the pack out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.text import slugify

from campaigns.drafts.facts import VARIABLES
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.llm.routing import BUILTIN
from outreach.prompts import liquid_text, rendering
from outreach.prompts.pack import LANGUAGE_NAMES, Inputs, Pack, Section, Wishes
from outreach.prompts.rendering import Text

MAX_SUBJECT = 250
MAX_BODY = 8_000
WRITING_ROUTE = "draft"
TONES = {
    "plain": "Plain and matter-of-fact, like a colleague from another team.",
    "friendly": "Warm and easy, like a note to somebody you met once.",
    "formal": "Formal and polite, full forms, no colloquial words.",
    "bold": "Direct and a little surprising. Break the pattern of sales mail, never the facts.",
}


@dataclass(frozen=True)
class StepText:
    """One language of a step's text: each variant's words, and how a model should write if it is to."""

    language: str
    words: Mapping[str, Text]
    is_by_model: bool = False
    wishes: Wishes = field(default_factory=Wishes)


def text_of(pack: Pack, language: str) -> StepText:
    """What `pack` says in `language`."""
    found = {}
    for variant in pack.variant_names():
        section = pack.section("template", language, variant)
        found[variant] = rendering.split_subject(section.text) if section else Text("", "")
    return StepText(language, found, pack.route != BUILTIN, pack.wishes or Wishes())


def changed(pack: Pack, text: StepText, *, name: str) -> Pack:
    """`pack` with another text, under `name`. Raises `Invalid` naming the field: `subject_direct`, `body_casual`, …"""
    used: set[str] = set()
    sections = [s for s in pack.sections if s.role != "template" or s.language != text.language]
    for variant, words in text.words.items():
        _check(pack, variant, words)
        source = f"Subject: {words.subject.strip()}\n\n{words.body.strip()}" if words.subject.strip() else words.body
        used |= _variables(variant, words)
        section = Section(role="template", language=text.language, variant=variant, text=source.strip())
        sections.append(section)
    route = WRITING_ROUTE if text.is_by_model else BUILTIN
    if text.is_by_model:
        sections = [s for s in sections if s.role != "system"]
        sections.insert(0, Section(role="system", text=_instructions(pack, text.wishes)))
    return pack.model_copy(
        update={
            "name": name,
            "route": route,
            "inputs": _inputs(pack, used),
            "sections": sections,
            "tests": [],
            "wishes": text.wishes if text.is_by_model else None,
            "languages": list(dict.fromkeys([*pack.languages, text.language])),
        }
    )


def _check(pack: Pack, variant: str, words: Text) -> None:
    if not words.body.strip():
        raise Invalid(f"body_{variant}", _("Write the text."))
    if pack.channel == "email" and not words.subject.strip():
        raise Invalid(f"subject_{variant}", _("Write the subject."))
    if len(words.subject) > MAX_SUBJECT or "\n" in words.subject.strip():
        raise Invalid(f"subject_{variant}", _("The subject must be a single, shorter line."))
    if len(words.body) > MAX_BODY:
        raise Invalid(f"body_{variant}", _("The text is too long."))


def _variables(variant: str, words: Text) -> set[str]:
    found: set[str] = set()
    for part, source in (("subject", words.subject), ("body", words.body)):
        try:
            names = liquid_text.variables(source).used
        except liquid_text.TemplateError as error:
            reason = _("Line %(line)s: %(reason)s") % {"line": error.line, "reason": error.reason}
            raise Invalid(f"{part}_{variant}", reason) from error
        unknown = sorted(names - set(VARIABLES))
        if unknown:
            raise Invalid(
                f"{part}_{variant}",
                _("Unknown variable “%(name)s”. Use one of: %(known)s.")
                % {"name": unknown[0], "known": ", ".join(VARIABLES)},
            )
        found |= names
    return found


def _inputs(pack: Pack, used: set[str]) -> Inputs:
    trusted, untrusted = dict(pack.inputs.trusted), dict(pack.inputs.untrusted)
    for name in sorted(used - set(trusted) - set(untrusted)):
        (trusted if VARIABLES[name] else untrusted)[name] = name.replace("_", " ")
    return Inputs(trusted=trusted, untrusted=untrusted)


def _instructions(pack: Pack, wishes: Wishes) -> str:
    """The system part for a model, from what the person asked for. Their example shows a manner, not facts."""
    stops = pack.guardrails.must_have
    stop = "; ".join(f"in {LANGUAGE_NAMES.get(code, code)}: “{lines[0]}”" for code, lines in stops.items() if lines)
    lines = [
        "You write messages for a small team that wants honest conversations, not volume.",
        "",
        f"- Manner: {TONES.get(wishes.tone, TONES['plain'])}",
        f"- About {wishes.word_count} words, short sentences, one question, no lists, no exclamation marks, no flattery.",
        "- The first sentence is about the reader. Say what we do in one sentence.",
        "- Use only the facts that you are given and name the id of each one in `fact_ids`. With few facts, write less.",
        "- Invent nothing: no customers, results, numbers, prices, mutual acquaintances, or earlier contacts.",
        "- Use no link but the booking link, and only as it is given. Sign with the sender's name.",
    ]
    if wishes.facts:
        lines.append(f"- Of the facts about the reader use only these: {', '.join(wishes.facts)}.")
    if stop:
        lines.append(f"- Say how to stop, with these words {stop}.")
    if wishes.note:
        lines.append(f"- {_plain(wishes.note)}")
    if wishes.example:
        lines += [
            "",
            "A text in the manner that is liked; take its manner only, none of its facts:",
            "",
            _plain(wishes.example),
        ]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Words of a person inside a template: nothing in them is a variable."""
    return text.replace("{{", "{ {").replace("{%", "{ %").strip()


def own_name(campaign_name: str, campaign_id: int, number: int) -> str:
    """The name of a campaign's own text in the list of templates."""
    slug = re.sub(r"[^a-z0-9-]", "", slugify(campaign_name))[:40].strip("-")
    return f"{slug or 'campaign'}-{campaign_id}-{number}"
