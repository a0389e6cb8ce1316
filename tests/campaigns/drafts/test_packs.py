"""Every shipped text reads well with every combination of values that may be missing."""

import re
from itertools import combinations, product
from pathlib import Path

import pytest

from campaigns.drafts import guardrails
from campaigns.drafts.facts import Fact
from outreach.core.sms_segments import segment_count
from outreach.prompts import rendering
from outreach.prompts.parser import parse

PACKS = {path.stem: parse(path.read_text("utf-8")) for path in sorted(Path("campaigns/drafts/packs").glob("*.md"))}
WHO = {
    "en": {
        "first_name": "Joe",
        "title": "head of people",
        "company_name": "Fabrikam",
        "city": "Leeds",
        "industry": "furniture",
    },
    "ru": {
        "first_name": "Иван",
        "title": "генеральный директор",
        "company_name": "Ромашка",
        "city": "Пермь",
        "industry": "мебель",
    },
}
US = {
    "en": {"sender_name": "Ann Lee", "sender_company": "Northwind", "program": "Northwind", "goal": "a call"},
    "ru": {"sender_name": "Анна Ли", "sender_company": "Северный ветер", "program": "Ветер", "goal": "звонок"},
}
OPTIONAL = (
    "first_name",
    "title",
    "company_name",
    "city",
    "industry",
    "booking_url",
    "sender_company",
    "previous_subject",
    "goal",
)
OFFERS = {
    "en": [
        "a review of your hiring process in one afternoon",
        "We give sales teams their evenings back",
        "help teams hire faster",
        "Your books, done by Friday",
        "bookkeeping for small firms",
    ],
    "ru": [
        "разбор вашего найма за полдня",
        "Мы ведём бухгалтерию небольших компаний",
        "помогаем нанимать быстрее",
        "1С под ключ",
        "бухгалтерия для небольших компаний",
    ],
}
CASES = [
    (name, language, variant)
    for name, pack in PACKS.items()
    for language in pack.languages
    for variant in pack.variant_names()
]
BAD = re.compile(
    r"  | [,.;:!?](?:\s|$)|[,;:]\s*[,.;:!?]|\.\.|\?\?|!!|\(\s*\)|\{|\}|\bas at\b|\bat or\b|\bat,|\bfrom[.,]|\ba [aeio]\w+ (?:at|of)\b"
    r"|\bкомпании[ ]?[,.?!]|\bNone\b|\n\n\n|(?m:^\s+$)|(?m:[ \t]+$)|\b(\w+) \1\b",
    re.IGNORECASE,
)
"""What no reader should meet. «для компании или» cannot come up: the name stands behind the word, or neither does."""


def rendered(name, language, variant, missing, offer, seed="1:1"):
    pack = PACKS[name]
    values = {
        **WHO[language],
        **US[language],
        "offer": offer,
        "offer_short": offer,
        "booking_url": "https://cal.example/ann",
    }
    values |= {"previous_subject": "A question for Fabrikam" if language == "en" else "Ромашка: короткий вопрос"}
    present = {n: v for n, v in values.items() if n not in missing}
    return rendering.render_template(
        pack,
        language=language,
        variant=variant,
        trusted={n: v for n, v in present.items() if n in pack.inputs.trusted},
        untrusted={n: v for n, v in present.items() if n in pack.inputs.untrusted},
        seed=seed,
    )


def facts(language, missing, offer):
    given = {**US[language], "offer": offer, "booking_url": "https://cal.example/ann"}
    ours = [Fact(f"campaign:1:{n}", n, v, is_trusted=True) for n, v in given.items() if n not in missing]
    return ours + [Fact(f"lead:1:{n}", n, v) for n, v in WHO[language].items() if n not in missing]


@pytest.mark.parametrize(("name", "language", "variant"), CASES)
def test_no_combination_of_missing_values_leaves_a_trace(name, language, variant):
    pack = PACKS[name]
    known = [n for n in OPTIONAL if n in pack.inputs.trusted or n in pack.inputs.untrusted]
    subsets = [set(c) for size in range(len(known) + 1) for c in combinations(known, size)]
    for missing, offer in product(subsets, OFFERS[language][:2]):
        text = rendered(name, language, variant, missing, offer)
        whole = f"{text.subject}\n\n{text.body}".strip()
        assert not (found := BAD.search(whole)), f"{found[0]!r} without {missing}:\n{whole}"
        report = guardrails.check(
            subject=text.subject,
            body=text.body,
            channel=pack.channel,
            language=language,
            rules=pack.guardrails,
            facts=facts(language, missing, offer),
            own_text="\n".join(s.text for s in pack.sections if s.role == "template"),
        )
        assert not report.flags, f"{report.flags} without {missing}:\n{whole}"


@pytest.mark.parametrize(("name", "language", "variant"), CASES)
def test_a_text_is_short_asks_once_and_takes_any_kind_of_offer(name, language, variant):
    pack = PACKS[name]
    for offer, seed in product(OFFERS[language], ("1:1", "2:1", "3:1")):
        text = rendered(name, language, variant, set(), offer, seed)
        whole = f"{text.subject}\n\n{text.body}".strip()
        assert not BAD.search(whole), whole
        assert not re.search(r"what we offer|what we do:|что мы предлагаем|about we\b", whole, re.IGNORECASE)
        assert text.body.count("?") == 1, text.body
        assert len(re.findall(r"\w+", text.body)) <= 95
        if pack.channel == "sms":
            assert segment_count(text.body) <= 2


@pytest.mark.parametrize("name", PACKS)
def test_both_languages_say_how_to_stop(name):
    pack = PACKS[name]
    for language, variant in product(pack.languages, pack.variant_names()):
        body = rendered(name, language, variant, set(OPTIONAL), OFFERS[language][0]).body
        assert any(words in body for words in pack.guardrails.must_have[language])


def test_the_shipped_set_covers_a_whole_sequence():
    assert set(PACKS) == {
        "first-contact-email", "follow-up-email", "bump-email", "break-up-email", "reactivation-email",
        "first-contact-sms", "reactivation-sms",
    }  # fmt: skip
