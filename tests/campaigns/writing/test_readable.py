"""Conditions of a text are said in words; nothing of the text is hidden."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from campaigns.writing.readable import Piece, has_conditions, pieces_of
from outreach.prompts import rendering, services
from tests.campaigns.factories import make_campaign, make_candidate, make_user

SHIPPED = (
    "{% if title and company_name %}As {{ title | as_role }} at {{ company_name }}, you'll see.{% elsif company_name %}"
    "You'll know at {{ company_name }}.{% else %}You'll see.{% endif %} {{ first_name|there }}"
)


def test_a_shipped_condition_reads_as_a_sentence():
    choice, space, name = pieces_of(SHIPPED)
    assert [branch.when for branch in choice.branches] == [
        "if we know “Position” and “Company”",
        "if we know “Company”",
        "",
    ]
    assert [piece.label or piece.text for piece in choice.branches[0].pieces] == [
        "As ", "Position", " at ", "Company", ", you'll see."]  # fmt: skip
    assert space.text == " " and (name.label, name.fallback) == ("First name", "there")


def test_nested_conditions_and_comparisons_are_read():
    (choice,) = pieces_of(
        "{% if sender_company %}{% if sender_company != sender_name %}, {{ sender_company }}{% endif %}{% endif %}"
    )
    (inner,) = choice.branches[0].pieces
    assert "differs from" in inner.branches[0].when and inner.branches[0].pieces[1].is_ours


@pytest.mark.parametrize("source", ["{% for x in y %}", "{{ unknown }}", "{% if", "100 % {sure}", "{% endif %}"])
def test_what_is_not_understood_stays_as_it_is_written(source):
    assert "".join(piece.text for piece in pieces_of(source)) == source


def told(pieces: list[Piece]) -> str:
    return "".join(p.text + "".join(told(b.pieces) for b in p.branches) for p in pieces)


@given(
    st.lists(
        st.sampled_from(["Hi ", "{{ first_name }}", "{% if title %}", "{% else %}", "{% endif %}", "\n"]), max_size=12
    )
)
def test_no_word_is_lost(parts):
    assert told(pieces_of("".join(parts))).count("Hi ") == parts.count("Hi ")


@pytest.mark.django_db
def test_every_shipped_text_can_be_said_in_words():
    for path in services.pack_files():
        for section in rendering.pack_of(services.current(path.stem)).sections:
            if section.role == "template" and path.parent.parent.name == "drafts":
                assert "{%" not in told(pieces_of(section.text)), (path.stem, section)


@pytest.mark.django_db
def test_the_page_shows_it_beside_the_text(client):
    campaign = make_campaign()
    make_candidate(campaign)
    client.force_login(make_user("operator"))
    address = reverse("writing:readable", args=[campaign.pk, 1, "direct"])
    shown = client.post(address, {"subject_direct": "Hello", "body_direct": SHIPPED}).content.decode()
    assert "if we know “Position” and “Company”" in shown and "otherwise" in shown
    assert client.post(address, {"body_direct": "Hi {{ first_name }}"}).content.decode().strip() == ""
    assert has_conditions(SHIPPED)
