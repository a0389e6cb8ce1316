"""Profile answers: whatever is missing, what is there is read; what is no profile is said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.demo.network_site.people import population, profile_document
from leads.sources.network import parsing
from leads.sources.network.parsing import Education, Position
from outreach.core.errors import Invalid

PEOPLE = population("millpond", 120)
WARM = next(person for person in PEOPLE if person.character == "warm")
SPARSE = next(person for person in PEOPLE if person.character == "sparse")


def document(**changes):
    return {**profile_document(WARM, degree=2), **changes}


def test_a_whole_profile_is_read():
    found = parsing.parse(document())
    job = WARM.jobs[0]
    assert (found.public_id, found.full_name, found.degree) == (WARM.slug, WARM.name, 2)
    assert (found.headline, found.country, found.industry) == (WARM.headline, WARM.country_code, job.industry)
    assert found.location == f"{WARM.city}, {WARM.country}"
    assert len(found.positions) == len(WARM.jobs)
    assert found.current == found.positions[0]
    assert (found.current.title, found.current.company, found.current.ended) == (job.title, job.firm, "")
    assert found.educations == (Education(WARM.school, "Master's degree", WARM.field, "2006", "2011"),)
    assert found.missing == ()


def test_somebody_connected_is_of_the_first_degree():
    assert parsing.parse(profile_document(WARM, degree=1)).degree == 1


def test_missing_entities_are_listed_and_the_rest_is_kept():
    found = parsing.parse(profile_document(SPARSE, degree=3))
    assert found.positions[0].title == SPARSE.jobs[0].title
    assert found.positions[0].company == ""
    assert found.educations[0].school == ""
    assert any(urn.startswith("urn:mill:company:") for urn in found.missing)
    assert any(urn.startswith("urn:mill:school:") for urn in found.missing)


def test_lists_that_are_lost_leave_the_entities_that_came():
    whole = document()
    whole["included"] = [e for e in whole["included"] if "Collection" not in e["$type"]]
    found = parsing.parse(whole)
    assert len(found.positions) == len(WARM.jobs) and found.educations


def test_positions_in_groups_and_old_names_of_fields_are_understood():
    answer = {
        "data": {"*profile": "urn:p:1", "*positionView": "urn:pv:1"},
        "included": [
            {
                "$type": "x.Profile",
                "entityUrn": "urn:p:1",
                "miniProfile": "urn:m:1",
                "firstName": "Ada",
                "locationName": "Turin",
            },
            {"$type": "x.MiniProfile", "entityUrn": "urn:m:1", "publicIdentifier": "Ada-L", "occupation": "Engineer"},
            {"$type": "x.PositionView", "entityUrn": "urn:pv:1", "*elements": ["urn:g:1", "urn:g:lost"]},
            {"$type": "x.PositionGroup", "entityUrn": "urn:g:1", "*positions": ["urn:pos:1"]},
            {
                "$type": "x.Position",
                "entityUrn": "urn:pos:1",
                "title": "Lead",
                "company": {"miniCompany": {"name": "Works"}},
                "timePeriod": {"startDate": {"year": 2019, "month": 3}},
            },
        ],
    }
    found = parsing.parse(answer)
    assert (found.public_id, found.headline, found.location, found.degree) == ("ada-l", "Engineer", "Turin", None)
    assert found.positions == (Position("Lead", "Works", started="2019-03"),)
    assert found.missing == ("urn:g:lost",)


@pytest.mark.parametrize("body", ["", "[]", "null", '"text"', "{}", '{"data": {}, "included": []}', "{not json"])
def test_what_is_no_profile_is_said(body):
    with pytest.raises(Invalid):
        parsing.parse_json(body)


def test_an_answer_that_refers_to_itself_ends():
    loop = {"$type": "x.Collection", "entityUrn": "urn:a", "*elements": ["urn:a"]}
    with pytest.raises(Invalid, match="itself"):
        parsing.parse_json(json.dumps({"data": {"*elements": ["urn:a"]}, "included": [loop]}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3000) | st.sampled_from(["urn:p:1", "urn:x", "DISTANCE_2", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["*elements", "*profilePositionGroups", "title", "*company", "dateRange", "start", "year", "*geo"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(
    values=st.dictionaries(
        st.sampled_from(
            [
                "headline",
                "firstName",
                "*profilePositionGroups",
                "*geo",
                "memberRelationship",
                "*memberRelationship",
                "educations",
                "positions",
                "location",
                "industry",
            ]
        ),
        JSON,
    ),
    others=st.lists(JSON, max_size=4),
)
def test_any_shape_of_the_parts_leaves_a_profile(values, others):
    root = {"$type": "x.Profile", "entityUrn": "urn:p:1", "publicIdentifier": "ada", **values}
    found = parsing.parse_json(json.dumps({"data": {"*profile": "urn:p:1"}, "included": [root, *others]}))
    assert found.public_id == "ada"
    json.dumps(found.as_dict())


def test_several_roles_in_one_company_share_its_name_and_an_empty_one_costs_none_of_them():
    position = "net.example.Position"
    included = [
        {"entityUrn": "p", "$type": "net.example.Profile", "publicIdentifier": "mia", "firstName": "Mia", "*profilePositionGroups": "groups"},
        {"entityUrn": "groups", "$type": "net.example.CollectionResponse", "*elements": ["g1", "g2"]},
        {"entityUrn": "g1", "$type": "net.example.PositionGroup", "companyName": "Fjord", "locationName": "Oslo", "*profilePositionInPositionGroup": "c1"},
        {"entityUrn": "c1", "$type": "net.example.CollectionResponse", "*elements": ["r1", "r2", "r3", "gone"]},
        {"entityUrn": "r1", "$type": position, "title": "Head of sales", "dateRange": {"start": {"year": 2023}}},
        {"entityUrn": "r2", "$type": position, "title": None, "dateRange": "never"},
        {"entityUrn": "r3", "$type": position, "title": "Seller", "companyName": "Fjord Retail", "timePeriod": {"start": {"year": 2020}}},
        {"entityUrn": "g2", "$type": "net.example.PositionGroup", "name": "Harbour"},
    ]  # fmt: skip
    found = parsing.parse({"data": {"*elements": ["p"]}, "included": included})
    assert [(p.title, p.company, p.location) for p in found.positions] == [
        ("Head of sales", "Fjord", "Oslo"),
        ("Seller", "Fjord Retail", "Oslo"),
        ("", "Harbour", ""),
    ]
