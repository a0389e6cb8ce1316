"""The five factors: what is known is weighed, what is not known is said, and the same input gives the same result."""

import pytest
from django.utils.translation import override

from leads.cleaning import compensation
from leads.cleaning.compensation import Pay
from leads.cleaning.currencies import PER_EURO, dated
from leads.qualification import expectations, factors, seniority
from leads.qualification.places import point_of
from leads.qualification.profile import Fact, Profile
from outreach.core.errors import Invalid


def profile(**facts):
    return Profile(tuple(Fact(name.replace("__", "."), value) for name, value in facts.items()))


LISTING = profile(
    kind="listing",
    title="Senior Python Developer (FastAPI)",
    description="We build APIs. Python, Postgres, Docker.",
    compensation="120k-140k",
    is_remote=True,
)
WANTED = expectations.from_criteria(
    {"min_salary": 100_000, "max_salary": 150_000, "keywords": ["python", "fastapi", "docker"], "location_preference": "remote"}
)  # fmt: skip


def test_a_matching_listing_gets_an_a_with_a_sentence_for_each_factor():
    result = factors.assess(LISTING, WANTED)
    assert result.grade == "A" and result.is_qualified and result.coverage == 1
    assert result.reasons() == [
        "Salary matches the preferred range (120k–140k)",
        "Contains 3/3 keywords: python, fastapi, docker",
        "Remote position available",
    ]


def test_factors_that_were_not_asked_count_nowhere():
    result = factors.assess(LISTING, expectations.from_criteria({"keywords": ["python"]}))
    assert [f.name for f in result.factors if f.is_asked] == ["keywords"]
    assert result.score == 1 and result.coverage == 1


def test_missing_data_is_unknown_and_never_zero():
    result = factors.assess(profile(title="Python developer", is_remote=True), WANTED)
    pay = result.factors[0]
    assert pay.value is None and pay.sentences[0].say() == "Pay not stated"
    assert "unknown_pay" in result.flags
    assert result.coverage == pytest.approx(45 / 75, abs=1e-4)
    assert result.score == pytest.approx((25 / 3 + 20) / 45, abs=1e-4)


def test_below_the_minimum_coverage_there_is_no_grade_and_no_verdict():
    wanted = WANTED.model_copy(update={"minimum_coverage": 0.8})
    result = factors.assess(profile(title="Python developer", is_remote=True), wanted)
    assert result.grade == "" and result.is_qualified is None and "not_enough_information" in result.flags


def test_nothing_asked_gives_no_score():
    result = factors.assess(LISTING, expectations.parse({}))
    assert result.score is None and result.is_qualified is None and result.coverage == 0


def test_an_excluded_word_is_a_no_whatever_the_rest_says():
    wanted = expectations.parse(
        {"keywords": {"wanted": ["python"], "excluded": ["docker"]}, "place": {"remote": "required"}}
    )
    result = factors.assess(LISTING, wanted)
    assert result.is_qualified is False and "excluded_keyword" in result.flags
    only_excluded = factors.assess(LISTING, expectations.parse({"keywords": {"excluded": ["docker"]}}))
    assert only_excluded.is_qualified is False and only_excluded.score == 0


def test_a_person_is_judged_by_title_place_and_company():
    wanted = expectations.parse(
        {
            "keywords": {"wanted": ["fintech", "платеж*"]},
            "place": {"countries": ["ru"], "cities": ["Москва"]},
            "experience": {"levels": ["executive", "head"]},
            "company": {"employees_from": 10, "employees_to": 250, "industries": ["fintech"], "is_sme": True},
        }
    )
    person = profile(
        kind="person", title="Технический директор", country="RU", city="Москва", company__industry="Fintech",
        company__employee_count=500, company__is_sme=True, company__research="Платежи для малого бизнеса",
    )  # fmt: skip
    result = factors.assess(person, wanted)
    values = {f.name: f.value for f in result.factors}
    assert values == {
        "pay": None,
        "keywords": 0.8,
        "place": 1.0,
        "experience": 1.0,
        "company": pytest.approx(2.5 / 3, abs=1e-4),
    }
    assert result.is_qualified and result.grade == "A"


def test_sentences_are_said_in_the_readers_language():
    with override("ru"):
        said = factors.assess(LISTING, WANTED).reasons()
    assert "Возможна удалённая работа" in said


def test_the_same_input_gives_the_same_result():
    assert factors.assess(LISTING, WANTED) == factors.assess(LISTING, WANTED)


@pytest.mark.parametrize(
    ("score", "grade"), [(1, "A"), (0.8, "A"), (0.7999, "B"), (0.5, "C"), (0.35, "D"), (0.2, "E"), (0, "F"), (None, "")]
)
def test_grades(score, grade):
    assert factors.grade_of(score) == grade


@pytest.mark.parametrize(
    ("written", "low", "high", "currency"),
    [
        ("120k-140k", 120_000, 140_000, ""),
        ("120–140k", 120_000, 140_000, ""),
        ("$120,000 - $140,000 per year", 120_000, 140_000, "USD"),
        ("$45/hr", 93_600, 93_600, "USD"),
        ("от 200 000 ₽ в месяц", 2_400_000, None, "RUB"),
        ("до 150 тыс. руб.", None, 1_800_000, "RUB"),
        ("up to 5k EUR a month", None, 60_000, "EUR"),
        ("€ 65.000", 65_000, 65_000, "EUR"),
        (130000, 130_000, 130_000, ""),
        ({"minimum": 50, "maximum": 60, "period": "hour", "currency": "usd"}, 104_000, 124_800, "USD"),
    ],
)
def test_pay_is_read_as_a_yearly_range(written, low, high, currency):
    assert compensation.parse(written) == Pay(low, high, currency)


@pytest.mark.parametrize("written", ["DOE", "negotiable", "", None, True, "competitive", "call 1 2 3 4 5"])
def test_pay_without_a_figure_is_not_guessed(written):
    assert compensation.parse(written) is None


@pytest.mark.parametrize(
    ("low", "high", "value"),
    [(110, 140, 1), (100, 150, 1), (90, 110, 0.75), (80, 100, 0.5), (75, 75, 0), (87.5, 87.5, 0.25), (20, 30, 0), (160, 200, 0.5 * (1 - 10 / 37.5))],
)  # fmt: skip
def test_pay_counts_by_how_much_the_ranges_overlap(low, high, value):
    assert factors.pay_match(Pay(low, high, ""), 100, 150) == pytest.approx(value)


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("CTO & Co-Founder", "executive"),
        ("Chief Revenue Officer", "executive"),
        ("Assistant to the CEO", "junior"),
        ("Product Owner", "senior"),
        ("Vice President Sales", "head"),
        ("Head of IT", "head"),
        ("Sales Director", "head"),
        ("Tech Lead", "lead"),
        ("Sr. Engineer", "senior"),
        ("Младший аналитик", "junior"),
        ("Генеральный директор", "executive"),
        ("Руководитель отдела продаж", "head"),
        ("Инженер", None),
        ("Factory worker", None),
        ("", None),
    ],
)
def test_the_level_is_read_from_the_title(title, level):
    assert seniority.level_of(title) == level


def test_distance_counts_within_the_radius():
    wanted = expectations.parse({"place": {"near": {"latitude": 52.52, "longitude": 13.405, "radius_km": 30}}})
    potsdam = factors.assess(profile(title="x", latitude=52.39, longitude=13.06), wanted)
    assert potsdam.score == 1 and potsdam.reasons() == ["27 km away, within 30 km"]
    assert factors.assess(profile(title="x", latitude=48.1, longitude=11.6), wanted).score == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"place": {"countries": ["Atlantis"]}}, "place.countries[0]"),
        ({"pay": {"minimum": 5, "maximum": 2}}, "pay"),
        ({"pay": {"minimum": "many"}}, "pay.minimum"),
        ({"colour": {}}, "colour"),
        ({"keywords": {"weight": -1}}, "keywords.weight"),
        ({"keywords": {"wanted": [""]}}, "keywords.wanted[0]"),
        ({"threshold": 2}, "threshold"),
        ([], "factors"),
    ],
)
def test_bad_settings_are_named(values, field):
    with pytest.raises(Invalid) as raised:
        expectations.parse(values)
    assert raised.value.field == field


def test_an_unknown_criterion_is_named_with_those_known():
    with pytest.raises(Invalid, match="Use one of") as raised:
        expectations.from_criteria({"min_pay": 3})
    assert raised.value.field == "criteria.min_pay"


@pytest.mark.parametrize(
    ("offer", "value"),
    [
        ("100k-110k EUR a year", 1.0),
        ("$60 - $65 an hour", 1.0),
        ("800 000 - 850 000 ₽ в месяц", 1.0),
        ("30k EUR a year", 0.0),
        ("120k-140k USD", 1.0),
    ],
)
def test_pay_of_another_currency_and_period_is_compared_in_the_wanted_one(offer, value):
    wanted = expectations.parse({"pay": {"minimum": 100_000, "maximum": 150_000, "currency": "USD"}})
    pay = factors.assess(profile(compensation=offer), wanted).factors[0]
    assert pay.value == value
    assert ("≈" in pay.sentences[0].say()) == ("USD" not in offer and "$" not in offer)


def test_pay_in_a_currency_without_a_rate_is_unknown_and_never_a_no():
    wanted = expectations.parse({"pay": {"minimum": 100_000, "currency": "USD"}})
    pay = factors.assess(profile(compensation="5m COP a month"), wanted).factors[0]
    assert pay.value is None
    assert "is not in USD" in pay.sentences[0].say()


def test_every_rate_is_a_positive_number_of_a_day():
    assert all(rate > 0 for rate in PER_EURO.values()) and PER_EURO["EUR"] == 1
    assert dated("EUR", "USD").startswith("ECB 20") and dated("RUB", "USD").startswith("~ 20")


def test_converted_pay_says_of_which_day_the_rate_is():
    wanted = expectations.parse({"pay": {"minimum": 50_000, "currency": "USD"}})
    pay = factors.assess(profile(compensation="60k EUR a year"), wanted).factors[0]
    assert dated("EUR", "USD") in pay.sentences[0].say()


@pytest.mark.parametrize(
    ("city", "country", "value"),
    [("Potsdam", "DE", 1.0), ("Leipzig", "DE", 0.5), ("Munich", "DE", 0.0), ("Потсдам", "DE", 1.0), ("Berlin", "US", 0.0)],
)  # fmt: skip
def test_a_city_near_a_wanted_one_counts_by_its_distance(city, country, value):
    wanted = expectations.parse({"place": {"cities": ["Berlin"], "within_km": 100, "countries": ["DE"]}})
    place = factors.assess(profile(city=city, country=country), wanted).factors[2]
    assert place.value == pytest.approx(value, abs=0.06)


def test_a_city_is_found_by_any_of_its_names():
    assert point_of("Москва", "RU") == point_of("moscow") == pytest.approx((55.75, 37.62))
    assert point_of("São Paulo", "BR") == point_of("sao paulo", "br")
    assert point_of("Nowhere at all") is None
