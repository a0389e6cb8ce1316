"""Playbooks keep immutable versions, one of them is the team's default, and files carry them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.playbooks import definition as definitions
from conversations.playbooks import services, wording
from conversations.playbooks.definition import Definition, parse
from conversations.playbooks.models import Playbook
from outreach.access.models import User
from outreach.core.errors import Invalid, Refused

CONTENT = {
    "mode": "autonomous",
    "booking_url": "https://cal.com/ann",
    "words": {
        "en": {
            "goal": "Book a call",
            "facts": [{"about": "crm, integrations", "text": "It works with HubSpot."}],
            "objections": [{"said": "too expensive", "answer": "Most teams start with two seats."}],
            "prices": [{"what": "Team plan", "price": "€400 a month"}],
        }
    },
}


@pytest.fixture
def ann(db) -> User:
    return User.objects.create_user("ann", role="operator")


def saved(name: str = "Calls", user: User | None = None, **changes: object):
    return services.save_playbook(name=name, definition=parse({**CONTENT, **changes}), created_by=user)


def test_a_change_makes_the_next_version_and_the_old_one_stays(ann):
    first = saved(user=ann)
    again = services.save_playbook(
        name="Calls", definition=first.definition, created_by=ann, playbook=first.playbook, based_on=1
    )
    assert again == first
    second = services.save_playbook(
        name="Calls", definition=parse({**CONTENT, "tone": "formal"}), created_by=ann, playbook=first.playbook
    )
    assert (first.number, second.number) == (1, 2)
    assert first.playbook.current == second
    assert wording.difference(first.definition, second.definition) == wording.Difference(
        ["Tone: Friendly"], ["Tone: Formal"]
    )


def test_a_version_is_never_changed(db):
    version = saved()
    version.content = {}
    with pytest.raises(Refused):
        version.save()


def test_the_second_of_two_writers_is_told(ann):
    first = saved(user=ann)
    services.save_playbook(
        name="Calls", definition=parse({**CONTENT, "tone": "plain"}), created_by=ann, playbook=first.playbook
    )
    with pytest.raises(services.ChangedMeanwhile) as told:
        services.save_playbook(
            name="Calls",
            definition=parse({**CONTENT, "tone": "formal"}),
            created_by=None,
            playbook=first.playbook,
            based_on=1,
        )
    assert told.value.current.number == 2 and "ann" in told.value.reason


def test_a_name_is_used_once(db):
    saved()
    with pytest.raises(Invalid) as refused:
        saved()
    assert refused.value.field == "name"


def test_the_shipped_playbook_is_the_default_until_another_one_is_chosen(ann):
    shipped = services.default_playbook()
    assert services.default_playbook() == shipped
    assert shipped.current.definition.languages == ("en", "ru") and not shipped.current.definition.is_autonomous
    other = saved().playbook
    services.make_default(playbook=other, user=ann)
    assert services.default_playbook() == other
    assert Playbook.objects.filter(is_default=True).count() == 1


def test_the_shipped_playbook_names_no_price_and_no_number(db):
    words = services.default_playbook().current.definition.words
    assert all(not text.prices and not any(map(str.isdigit, " ".join(text.sentences()))) for text in words.values())


def test_the_default_cannot_be_archived_and_an_archived_one_cannot_be_the_default(ann):
    with pytest.raises(Refused):
        services.set_archived(playbook=services.default_playbook(), is_archived=True, user=ann)
    other = services.set_archived(playbook=saved().playbook, is_archived=True, user=ann)
    assert other not in Playbook.objects.in_use()
    with pytest.raises(Refused):
        services.make_default(playbook=other, user=ann)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mode": "always"}, "mode"),
        ({"booking_url": "javascript:alert(1)"}, "booking_url"),
        ({"words": {}}, "words"),
        ({"words": {"xx": {}}}, "words.xx.[key]"),
        ({"words": {"en": {"facts": [{"text": ""}]}}}, "words.en.facts.0.text"),
        ({"words": {"en": {"prices": [{"what": "Seat"}]}}}, "words.en.prices.0.price"),
        ({"reengagement": {"at_most": 50}}, "reengagement.at_most"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_setting_is_named(changes, field):
    with pytest.raises(Invalid) as refused:
        parse({**CONTENT, **changes})
    assert refused.value.field == field


def test_a_file_gives_the_playbook_back(db):
    version = saved()
    name, definition = services.read_file(services.write_file(version))
    assert (name, definition) == ("Calls", version.definition)


@pytest.mark.parametrize("text", ["", "- a\n- b", "a: [", "name: x\nwords: 3", "&a [*a, *a]", "x" * 300_000, "\x00"])
def test_a_file_that_is_no_playbook_is_refused(text):
    with pytest.raises(Invalid):
        services.read_file(text)


_line = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\u2028\u2029\x85"), min_size=1, max_size=60
).filter(str.strip)


@given(st.lists(st.tuples(_line, _line), max_size=5))
def test_any_words_survive_the_file(pairs):
    content = {"words": {"ru": {"objections": [{"said": said, "answer": answer} for said, answer in pairs]}}}
    definition: Definition = parse(content)
    assert parse(definitions.dump(definition)) == definition
