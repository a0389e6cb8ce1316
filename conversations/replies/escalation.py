"""What is always left to a person, whatever a playbook says. Pure.

Kept wide: a letter about law or a complaint that a person reads once too often costs a minute.
"""

from __future__ import annotations

import re

from conversations.replies import optouts

_LEGAL = re.compile(
    r"\b(?:lawyer|attorney|solicitor|legal (?:team|department|action|counsel|notice|advice|steps|proceedings)|lawsuit|sue (?:you|your)|suing|court|litigation|cease and desist"
    r"|gdpr|ccpa|can-?spam|pecr|data protection|privacy (?:law|officer|rights|regulator)|dpo|subject access request|right to (?:be forgotten|erasure)|personal data|ico\b|regulator|authorit(?:y|ies)|infring\w+|liab\w+|damages|fined)\b"
    r"|\b(?:юрист\w*|адвокат\w*|суд(?:а|у|ом|е|ебн\w*)?|иск(?:а|у|ом)?|прокуратур\w*|роскомнадзор\w*|ркн|фас|152[- ]?фз|38[- ]?фз|персональн\w+ данн\w+|закон(?:а|у|ом|е|ы|ов|н\w+|одательств\w*)?|штраф\w*|претензи\w*|согласи[ея] на обработк\w*|роспотребнадзор\w*)\b"
    r"|\b(?:anwalt|rechtsanwalt|klage|abmahnung|dsgvo|datenschutz\w*|abogado|demanda|rgpd|avocat|plainte)\b"
)
_COMPLAINT = re.compile(
    r"\b(?:complain\w*|report(?:ing|ed)? (?:you|this|it|your)\b[^.?!]{0,25}(?:spam|abuse|phishing|google|provider)|report(?:ing|ed)? (?:you|this|it)\b|spam(?:mer|mers|ming)?|harass\w*|scam\w*|fraud\w*|phishing|unacceptable|disgust\w+|outrag\w+|fed up|sick of)\b"
    r"|\b(?:жалоб\w*|пожал(?:уюсь|уемся|овал\w+)|спам\w*|мошенни\w*|достали|надоели|возмут\w+|безобрази\w*|недопустим\w*|преследован\w*)\b"
)
_ABUSE = re.compile(
    r"\b(?:fuck\w*|shit\w*|bastard\w*|asshole\w*|idiot\w*|moron\w*|stupid|bitch\w*|screw you|go to hell|piss off|get lost|drop dead)\b"
    r"|\b(?:идиот\w*|дебил\w*|мудак\w*|козл\w*|урод\w*|твар\w+|нахуй|на хуй|хуй\w*|пош[её]л\w* (?:ты|вы|на)|идите на|пизд\w*|бля\w*|сук[аи]\b|заебал\w*)\b"
)
ANSWERED_ALONE = frozenset(
    {
        "positive",
        "booking",
        "question",
        "negative",
        "not_now",
        "wrong_person",
        "bot_question",
        "source_question",
    }
)
"""Intents that a clear answer may leave for without a person. A referral is not one: somebody new would be written to."""
CERTAIN = 0.85
"""Confidence of a reading from which nobody needs to look at it again."""


def matter(text: str) -> str:
    """`legal`, `complaint` or `abuse` when the text is one of these, else empty."""
    normal = optouts.normalise(text)
    for name, pattern in (("abuse", _ABUSE), ("legal", _LEGAL), ("complaint", _COMPLAINT)):
        if pattern.search(normal):
            return name
    return ""


def reason_for_person(*, text: str, intent: str, confidence: float, suspicion: str) -> str:
    """Which of `ALWAYS_A_PERSON` applies to a message; empty when it may be answered without a person."""
    if intent == "opt_out" or optouts.find(text):
        return "opt_out"
    if found := {"complaint": "complaint", "abusive": "abuse"}.get(intent) or matter(text):
        return found
    if suspicion or optouts.suspect(text):
        return "opt_out"
    return "" if intent in ANSWERED_ALONE and confidence >= CERTAIN else "unsure"
