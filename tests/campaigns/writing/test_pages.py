"""The Texts page: what a founder sees, saves, previews and tests."""

import pytest
from django.urls import reverse

from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from campaigns.steps.models import Step
from conversations.models import Message
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_user

pytestmark = pytest.mark.django_db

FORM = {
    "language": "en",
    "mode": "words",
    "subject_direct": "About {{ company_name|you }}",
    "body_direct": "Hi {{ first_name|there }},\n\nas {{ title | as_role }} you may like this. If not, I will not write again.\n\n{{ sender_name }}",
    "subject_casual": "Hello",
    "body_casual": "Hi {{ first_name|there }}, of use? If not, I'll not write again.\n\n{{ sender_name }}",
}


@pytest.fixture
def campaign():
    campaign = make_campaign(steps=("first-contact-email", "follow-up-email"))
    make_candidate(campaign, first_name="Joe", company_name="VEGAPOINT GMBH & CO. KG")
    make_candidate(campaign, first_name="Роман", title="=1+1", full_name="Роман Ким")
    return campaign


@pytest.fixture
def operator(client):
    user = make_user("operator", email="me@northwind.example")
    client.force_login(user)
    return client


def url(campaign, name="edit", number=1):
    return reverse(f"writing:{name}", args=[campaign.pk, number])


def test_the_campaign_page_leads_to_it(operator, campaign):
    page = operator.get(reverse("campaigns:detail", args=[campaign.pk])).content.decode()
    assert reverse("writing:first", args=[campaign.pk]) in page
    assert operator.get(reverse("writing:first", args=[campaign.pk])).url == url(campaign)


def test_the_page_shows_both_variants_variables_and_people(operator, campaign, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        page = operator.get(url(campaign)).content.decode()
    assert page.count("data-words") == 4
    assert "{{ first_name|there }}" in page and "Joe Poe" in page
    assert "Message 1" in page and "2 · E-mail" in page


def test_the_text_is_saved_in_the_language_that_is_shown_not_in_the_reader_s(client, campaign):
    client.force_login(make_user("operator", language="ru"))
    page = client.get(url(campaign)).content.decode()
    assert '<input type="hidden" name="language" value="en">' in page and "Hi {{ first_name|there }}" in page


def test_facts_to_choose_from_are_named_in_the_readers_language(client, campaign):
    client.force_login(make_user("operator", language="ru"))
    page = client.get(url(campaign)).content.decode()
    assert "Факты, которые можно использовать" in page and "Должность" in page and "Position" not in page


def test_the_preview_is_what_the_person_receives(operator, campaign):
    joe = campaign.candidates.get(lead__first_name="Joe")
    page = operator.post(url(campaign, "preview"), {**FORM, "candidate": joe.pk, "variant": "direct"}).content.decode()
    assert "About Vegapoint" in page and "Hi Joe," in page and "as the head of people you may" in page
    assert "without the legal form" in page
    assert not Draft.objects.exists()


def test_the_preview_says_what_a_person_lacks(operator, campaign):
    roman = campaign.candidates.get(lead__first_name="Роман")
    page = operator.post(url(campaign, "preview"), {**FORM, "candidate": roman.pk}).content.decode()
    assert "has no value for: Position" in page


@pytest.mark.parametrize("body", ["Hi {{ nobody }}", "Hi {{ first_name", ""])
def test_a_text_that_cannot_be_read_says_so_in_the_preview(operator, campaign, body):
    page = operator.post(url(campaign, "preview"), {**FORM, "body_direct": body}).content.decode()
    assert 'role="alert"' in page


def test_missing_values_are_counted_and_named(operator, campaign):
    page = operator.post(url(campaign, "lacking"), FORM).content.decode()
    assert "Position: missing for 1 of 2" in page and "Роман Ким" in page
    assert "Company: known for everyone" in page


def test_saving_leads_to_what_it_would_change(operator, campaign):
    drafts.generate(campaign=campaign)
    drain("llm")
    answer = operator.post(url(campaign), FORM)
    assert answer.url == url(campaign, "effect")
    page = operator.get(answer.url).content.decode()
    assert "<ins>" in page and "<del>" in page and "Rewrite" in page
    operator.post(url(campaign, "apply"))
    assert (
        Draft.objects.get(variant="direct", step__number=1, candidate__lead__first_name="Joe").subject
        == "About Vegapoint"
    )


def test_saving_without_drafts_stays_on_the_page(operator, campaign):
    assert operator.post(url(campaign), FORM).url == f"{url(campaign)}?language=en"
    assert Step.objects.get(campaign=campaign, number=1).pack_version.name.endswith(f"-{campaign.pk}-1")


def test_a_mistake_keeps_what_was_typed_and_marks_the_field(operator, campaign):
    answer = operator.post(url(campaign), {**FORM, "body_direct": "Hi {{ nobody }}"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Hi {{ nobody }}" in page and "Unknown variable “nobody”" in page


def test_a_template_fills_the_form(operator, campaign):
    version = Step.objects.get(campaign=campaign, number=2).pack_version
    page = operator.get(f"{url(campaign)}?from={version.pk}").content.decode()
    assert "In case my last note got buried" in page


def test_a_test_goes_to_me(operator, campaign):
    joe = campaign.candidates.get(lead__first_name="Joe")
    answer = operator.post(url(campaign, "test"), {**FORM, "candidate": joe.pk, "variant": "direct"})
    assert "me@northwind.example" in answer.content.decode()
    message = Message.objects.get()
    assert message.address == "me@northwind.example" and "About Vegapoint" in message.subject


def test_viewers_read_and_change_nothing(client, campaign):
    client.force_login(make_user("viewer"))
    assert client.get(url(campaign)).status_code == 200
    assert client.post(url(campaign), FORM).status_code == 403
    assert client.post(url(campaign, "apply")).status_code == 403
