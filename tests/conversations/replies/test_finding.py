"""What a playbook says to a question is found by words and by meaning; what it does not say is not found."""

from __future__ import annotations

import pytest

from conversations.playbooks.definition import Fact, Objection
from conversations.replies.finding import fact_for, objection_for, stems

FACTS = [
    Fact(about="crm, integrations", text="It works with HubSpot and Pipedrive."),
    Fact(about="data, hosting, where stored", text="All data is stored in Frankfurt."),
    Fact(about="set up, onboarding, how long to start", text="Setting up takes one working day."),
    Fact(about="languages", text="The interface is in English and German."),
    Fact(about="trial", text="You can try it for 14 days without a credit card."),
    Fact(about="crm, интеграции", text="Работает с HubSpot и Битрикс24."),
    Fact(about="внедрение, настройка", text="Настройка занимает один рабочий день."),
]


@pytest.mark.parametrize(
    ("question", "text", "is_sure"),
    [
        ("Does it integrate with HubSpot?", "It works with HubSpot and Pipedrive.", True),
        ("Do you integrate with Salesforce?", "It works with HubSpot and Pipedrive.", False),
        ("Is our data kept in the EU?", "All data is stored in Frankfurt.", False),
        ("Where is the data stored?", "All data is stored in Frankfurt.", True),
        ("Do you support German?", "The interface is in English and German.", False),
        ("С какими CRM вы интегрируетесь?", "Работает с HubSpot и Битрикс24.", True),
        ("Сколько времени занимает внедрение?", "Настройка занимает один рабочий день.", True),
    ],
)
def test_a_question_finds_its_fact_and_whether_that_is_all_it_asks(question, text, is_sure):
    found = fact_for(question, FACTS)
    assert found is not None
    assert (found.fact.text, found.is_sure) == (text, is_sure)


@pytest.mark.parametrize(
    "question",
    [
        "Do you have SOC 2?", "Can your tool write invoices?", "Who are your investors?", "What's the weather?",
        "Do you offer support on weekends?", "Do you have an Android app?", "Are you ISO certified?",
        "Есть ли мобильное приложение?", "Кто ваши клиенты?", "Вы плательщик НДС?", "", "???",
    ],
)  # fmt: skip
def test_a_question_that_no_fact_answers_finds_none(question):
    assert fact_for(question, FACTS) is None


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Sounds good but we have no budget this year", True),
        ("This is way too expensive for us", True),
        ("Извините, слишком дорого", True),
        ("We set the budget in March", False),
        ("Thanks!", False),
    ],
)
def test_an_objection_is_found_by_its_phrases_in_any_form(text, is_found):
    objection = Objection(said="too expensive, no budget, слишком дорого", answer="…")
    assert (objection_for(text, [objection]) == objection) is is_found


def test_forms_of_a_word_count_as_one():
    assert stems("integrations") == stems("integrate") == stems("Integrating!")
    assert stems("настройки") == stems("настройка")


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("In which country are your servers?", "data, where stored"),
        ("How do I get my records out if we leave?", "export"),
        ("Сможем ли мы выгрузить всё в Excel?", "export"),
        ("Did you watch the match yesterday?", None),
    ],
)
def test_a_question_without_shared_words_finds_what_is_about_the_same_but_is_never_sure(question, about):
    facts = [
        Fact(about="data, where stored", text="All data is stored in Frankfurt."),
        Fact(about="export", text="You can download all your records as CSV."),
        Fact(about="support", text="We answer on weekdays within two hours."),
    ]
    match = fact_for(question, facts)
    assert (match.fact.about if match else None) == about
    assert match is None or not match.is_sure
