"""Rules over many leads: facts, five factors, score, grade and reasons of each."""

from __future__ import annotations

import time

from leads.models import Company, Lead
from leads.qualification import expectations, factors
from leads.qualification.profile import profile_of
from tests.benchmarks import Row

LEADS = 5_000
LEAST_A_SECOND = 5_000
TITLES = (
    "CTO",
    "Head of IT",
    "Senior Python developer",
    "Recruiter",
    "Founder & CEO",
    "Intern",
    "VP Engineering, EMEA",
)
FACTORS = {
    "keywords": {"wanted": ["fintech", "payments"], "required": ["payments"], "excluded": ["agency"]},
    "place": {"countries": ["DE", "KZ"], "remote": "welcome"},
    "experience": {"levels": ["head", "executive"], "skills": ["Python", "Kubernetes"]},
    "company": {"industries": ["fintech"], "employees_from": 50, "employees_to": 500},
    "pay": {"minimum": 90_000, "maximum": 150_000, "currency": "USD"},
}


def run(scale: int) -> list[Row]:
    """The size is that of the target; `scale` has no say."""
    del scale
    wanted = expectations.parse(FACTORS)
    leads = [_lead(number) for number in range(LEADS)]
    best = max(_rate(leads, wanted) for _ in range(3))
    return [
        Row(
            name="qualification: leads judged by rules a second, reasons included",
            measured=best,
            unit="leads/s",
            reference=LEAST_A_SECOND,
            ratio=best / LEAST_A_SECOND,
            target=f"≥ {LEAST_A_SECOND:,}/s",
            holds=best >= LEAST_A_SECOND,
        )
    ]


def _rate(leads: list[Lead], wanted: expectations.Expectations) -> float:
    started = time.process_time()
    for lead in leads:
        factors.assess(profile_of(lead), wanted).reasons()
    return len(leads) / (time.process_time() - started)


def _lead(number: int) -> Lead:
    """A lead with a description of some 60 words, attributes and a company; nothing is stored."""
    company = Company(name=f"Firm {number % 400}", industry=("fintech", "retail", "media")[number % 3], country="DE", employee_count=20 + number % 900)  # fmt: skip
    return Lead(
        title=TITLES[number % len(TITLES)],
        description=f"Team {number} builds payments and billing for shops in Berlin. " * 6,
        country=("DE", "KZ", "US")[number % 3],
        city=f"Town {number % 90}",
        tags=["new", f"list {number % 7}"],
        attributes={"skills": "Python, SQL, Docker", "compensation": f"${80 + number % 90}k - ${110 + number % 90}k a year", "team": str(number % 40)},
        company=company,
    )  # fmt: skip
