"""Checks a prompt pack before it is used. Pure.

Codes: P01 template syntax · P02 undeclared variable · P03 unused input · P04 untrusted text in the system part ·
P05 the answer lacks a field that the channel needs · P06 no text for a language or variant · P07 required line (opt-out)
missing · P08 longer than the channel or the pack allows · P09 banned phrase · P10 claim without a fact · P11 failing test ·
P12 unknown language · P13 the answer lacks a field that the product reads (`testing.misfits`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from outreach.prompts import assertions, liquid_text, rendering
from outreach.prompts.pack import LANGUAGE_NAMES, Case, Pack, Section

_CLAIM = re.compile(
    r"https?://\S+|\b\d+(?:[.,]\d+)?\s?(?:%|percent|процент\w*|x\b|times|раз\w?\b|[$€₽])", re.IGNORECASE
)


BREACHES = {
    "no_subject": ("P06", "The template has no first line “Subject: …”."),
    "no_opt_out": ("P07", "Not one of these stands in the text: {}."),
    "too_long": ("P08", "Too long, in characters: {}."),
    "too_many_segments": ("P08", "Too long, in SMS segments: {}."),
    "subject_too_long": ("P08", "The subject has {} characters."),
    "banned_phrase": ("P09", "“{}” is banned by this pack."),
}
"""What a guardrail's breach is in a template."""


@dataclass(frozen=True)
class Finding:
    """One finding; warnings do not keep a pack from being used."""

    code: str
    line: int
    text: str
    is_error: bool = True


class Findings(list[Finding]):
    """What was found so far."""

    def add(self, code: str, line: int, text: str, *, is_error: bool = True) -> None:
        self.append(Finding(code, line, text, is_error))


def lint(pack: Pack) -> list[Finding]:
    """All findings, by line."""
    found = Findings()
    sound = [s for s in pack.sections if not _syntax(s, found)]
    _check_variables(pack, sound, found)
    _check_output(pack, found)
    if len(sound) == len(pack.sections):
        _check_texts(pack, found)
        _check_tests(pack, found)
    return sorted(found, key=lambda f: (f.line, f.code))


def _syntax(section: Section, found: Findings) -> bool:
    try:
        liquid_text.compiled(section.text)
    except liquid_text.TemplateError as error:
        found.add("P01", section.line + error.line - 1, error.reason)
        return True
    return False


def _check_variables(pack: Pack, sections: list[Section], found: Findings) -> None:
    trusted, untrusted = set(pack.inputs.trusted), set(pack.inputs.untrusted)
    used: set[str] = set()
    for section in sections:
        names = liquid_text.variables(section.text).used
        used |= names
        for name in sorted(names - trusted - untrusted):
            found.add("P02", section.line, f"“{name}” is not declared under inputs.")
        if section.role == "system":
            for name in sorted(names & untrusted):
                found.add("P04", section.line, f"“{name}” is untrusted and may stand in the user part only.")
    for name in sorted((trusted | untrusted) - used):
        found.add("P03", 1, f"The input “{name}” is never used.", is_error=False)
    for language in pack.languages:
        if language not in LANGUAGE_NAMES:
            found.add("P12", 1, f"The language “{language}” is not known (known: {', '.join(LANGUAGE_NAMES)}).")


def _check_output(pack: Pack, found: Findings) -> None:
    needed = {"email": {"subject", "body"}, "sms": {"body"}, "network": {"body"}, "any": set()}[pack.channel]
    for name in sorted(needed):
        if pack.output.get(name) is None or pack.output[name].type != "string":
            found.add("P05", 1, f"output: a pack for {pack.channel} needs the text field “{name}”.")


def _check_texts(pack: Pack, found: Findings) -> None:
    if not any(s.role == "template" for s in pack.sections):
        return
    for language in pack.languages:
        for variant in pack.variant_names():
            section = pack.section("template", language, variant)
            if section is None:
                found.add("P06", 1, f"There is no template for {language}, {variant}.")
                continue
            _check_text(pack, section, language, found)


def sample_values(pack: Pack) -> tuple[dict[str, str], dict[str, str]]:
    """Trusted and untrusted values for a trial: the examples given in the pack, else the variable's name."""
    case = pack.tests[0].inputs if pack.tests else {}
    return (
        {name: case.get(name, name) for name in pack.inputs.trusted},
        {name: case.get(name, name) for name in pack.inputs.untrusted},
    )


def _check_text(pack: Pack, section: Section, language: str, found: Findings) -> None:
    trusted, untrusted = sample_values(pack)
    try:
        text = rendering.split_subject(liquid_text.render(section.text, {**untrusted, **trusted}))
    except liquid_text.MissingVariable:
        return  # an undeclared variable, which is a finding already
    except liquid_text.TemplateError as error:
        found.add("P01", section.line + error.line - 1, error.reason)
        return
    if pack.channel == "sms" and not pack.guardrails.must_have.get(language):
        found.add("P07", section.line, f"An SMS needs an opt-out line: guardrails.must_have.{language}.")
    for breach, words in pack.guardrails.breaches(
        subject=text.subject, body=text.body, channel=pack.channel, language=language
    ):
        code, told = BREACHES[breach]
        found.add(code, section.line, told.format(words))
    for claim in _CLAIM.findall(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", section.text)):
        found.add("P10", section.line, f"“{claim}” is a claim that comes from no input.", is_error=False)


def _check_tests(pack: Pack, found: Findings) -> None:
    names = [case.name for case in pack.tests]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.add("P11", 1, f"Two tests are called “{name}”.")
    fields = {"subject", "body", *pack.output}
    for case in pack.tests:
        for assertion in case.asserts:
            if assertion.field and assertion.field not in fields:
                found.add("P11", 1, f"test “{case.name}”: the answer has no field “{assertion.field}”.")
        for name in sorted(set(case.inputs) - set(pack.inputs.trusted) - set(pack.inputs.untrusted)):
            found.add("P02", 1, f"test “{case.name}”: “{name}” is not declared under inputs.")
        if not any(s.role == "template" for s in pack.sections):
            continue
        found += [Finding("P11", 1, f"test “{case.name}”: {reason}") for reason in run_case(pack, case)]


def run_case(pack: Pack, case: Case) -> list[str]:
    """Why the case fails; empty when it holds."""
    trusted, untrusted = pack.given(case.inputs)
    try:
        text = rendering.render_template(
            pack, language=case.language, variant=case.variant, trusted=trusted, untrusted=untrusted
        )
    except liquid_text.TemplateError as error:
        return [error.reason]
    if text is None:
        return [f"there is no template for {case.language} {case.variant}".strip()]
    whole = f"{text.subject}\n{text.body}".strip()
    found = (assertions.check(a, whole) for a in case.asserts if a.of == "answer" and not a.field)
    return [outcome.reason for outcome in found if outcome.is_passed is False]
