"""The filter builder works row by row, with and without JavaScript, and never loses what was typed."""

import json

import pytest

from leads.segments import services
from leads.segments.models import Segment
from tests.leads.segments.conftest import user_of

pytestmark = pytest.mark.django_db

ROWS = {
    "g0-match": "all",
    "item": ["1:g0:c", "2:g0:c", "3:g0:c", "4:g0:c", "5:g0:c"],
    "1-field": "company.country", "1-was": "company.country", "1-operator": "in", "1-value": "ru",
    "2-field": "company.is_sme", "2-was": "company.is_sme", "2-operator": "equals", "2-value": "true",
    "3-field": "company.industry", "3-was": "company.industry", "3-operator": "any_of", "3-value": "fintech",
    "4-field": "lead.title", "4-was": "lead.title", "4-operator": "any_of", "4-value": "CTO, Head of IT",
    "5-field": "lead.last_contacted_at", "5-was": "lead.last_contacted_at", "5-operator": "not_within_days", "5-value": "60",
}  # fmt: skip


@pytest.fixture
def page(client_of, operator):
    return client_of(operator)


def test_the_example_of_the_founder_is_built_by_rows_and_saved(page, fintech, criteria):
    answer = page.post("/segments/new/", {**ROWS, "name": "RU_Fintech_CTOs_Q1", "do": "save"})
    segment = Segment.objects.get()
    assert answer["Location"] == f"/segments/{segment.pk}/"
    assert segment.current.criteria == criteria
    shown = page.get(answer["Location"]).content.decode()
    assert all(lead.full_name in shown for lead in fintech) and "Director" not in shown


def test_the_preview_counts_while_editing_and_leaves_out_what_is_not_filled_in(page, fintech):
    answer = page.post("/segments/preview/", {**ROWS, "item": [*ROWS["item"], "6:g0:c"], "6-field": "lead.city"})
    assert answer.context["count"] == 2 and answer.context["incomplete"] == 1
    assert json.loads(answer["HX-Trigger"]) == {"announce": {"text": "2 leads match"}}
    assert {row.id for row in answer.context["rows"]} == {lead.pk for lead in fintech}


def test_an_empty_builder_previews_nothing(page):
    assert page.post("/segments/preview/", {}).context["is_empty"]


def test_a_group_is_added_and_removed(page):
    answer = page.post("/segments/builder/", {**ROWS, "do": "group:g0"})
    root = answer.context["form"].root
    group = root.entries[-1]
    assert group.is_group and group.match == "any" and len(group.entries) == 1
    inside = {**ROWS, "item": [*ROWS["item"], f"{group.id}:g0:g", f"7:{group.id}:c"], f"{group.id}-match": "not",
              "7-field": "lead.tags", "7-operator": "has_tag", "7-value": "client"}  # fmt: skip
    kept = page.post("/segments/builder/", {**inside, "do": f"add:{group.id}"}).context["form"].root
    assert kept.entries[-1].match == "not" and len(kept.entries[-1].entries) == 2
    removed = page.post("/segments/builder/", {**inside, "do": f"remove:{group.id}"}).context["form"].root
    assert len(removed.entries) == 5


def test_another_field_brings_its_own_comparisons(page):
    rows = {**ROWS, "4-field": "company.employee_count"}
    row = page.post("/segments/builder/", {**rows, "do": "refresh"}).context["form"].root.entries[3]
    assert row.operator == "gte" and row.value == ""


def test_the_json_tab_takes_the_rows_along_and_back(page, criteria):
    answer = page.post("/segments/builder/", {**ROWS, "tab": "rows", "do": "tab:json"})
    text = answer.context["form"].text
    assert json.loads(text) == criteria | {"all": [{**criteria["all"][0], "value": ["ru"]}, *criteria["all"][1:]]}
    back = page.post("/segments/builder/", {"tab": "json", "criteria": text, "do": "tab:rows"}).context["form"]
    assert back.tab == "rows" and [r.value for r in back.root.entries] == [
        "Russia",
        "true",
        "fintech",
        "CTO, Head of IT",
        "60",
    ]


def test_bad_json_stays_and_says_where(page):
    answer = page.post("/segments/new/", {"name": "x", "tab": "json", "criteria": '{"all": [', "do": "save"})
    assert answer.status_code == 400
    assert "not valid JSON" in answer.context["form"].error and answer.context["form"].text == '{"all": ['


def test_an_error_stands_at_its_row(page):
    answer = page.post("/segments/new/", {**ROWS, "1-value": "Atlantis", "name": "x", "do": "save"})
    assert answer.status_code == 400
    assert "is not a country" in answer.context["form"].root.entries[0].error
    assert not Segment.objects.exists()


def test_two_people_on_one_segment_both_see_both_texts(page, client_of, operator, criteria):
    version = services.save_segment(name="Shared", criteria=criteria, created_by=operator)
    url = f"/segments/{version.segment_id}/edit/"
    services.save_segment(
        name="Shared",
        criteria={"all": [{"field": "lead.city", "operator": "equals", "value": "Kazan"}]},
        created_by=user_of("administrator"),
        segment=version.segment,
    )
    answer = page.post(url, {**ROWS, "name": "Shared", "based_on": "1", "do": "save"})
    text = answer.content.decode()
    assert answer.status_code == 409 and "Kazan" in text and "CTO, Head of IT" in text
    assert answer.context["form"].based_on == 2
    assert page.post(url, {**ROWS, "name": "Shared", "based_on": "2", "do": "save"}).status_code == 302
    assert Segment.objects.get().current.number == 3


def test_versions_show_what_changed(page, operator, criteria):
    version = services.save_segment(name="S", criteria=criteria, created_by=operator)
    changed = {
        "all": [*criteria["all"][:4], {"field": "lead.last_contacted_at", "operator": "not_within_days", "value": 90}]
    }
    services.save_segment(name="S", criteria=changed, created_by=operator, segment=version.segment)
    newest = page.get(f"/segments/{version.segment_id}/").context["history"][0]
    assert newest["difference"].removed == ["Last outreach is not within the last 60 days"]
    assert newest["difference"].added == ["Last outreach is not within the last 90 days"]


def test_deleting_asks_nothing_of_used_segments_but_archives_them(page, operator, criteria):
    version = services.save_segment(name="S", criteria=criteria, created_by=operator)
    page.post(f"/segments/{version.segment_id}/archive/")
    assert "S" not in [s.name for s in page.get("/segments/").context["segments"]]
    assert [s.name for s in page.get("/segments/?show=archived").context["segments"]] == ["S"]
    page.post(f"/segments/{version.segment_id}/delete/")
    assert not Segment.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "reviewer"])
def test_only_operators_edit(client_of, role):
    client = client_of(user_of(role))
    assert client.get("/segments/").status_code == 200
    assert client.get("/segments/new/").status_code == 403
    assert client.post("/segments/builder/", {}).status_code == 403


def test_the_pages_cost_few_queries_however_many_segments(page, operator, criteria, django_assert_max_num_queries):
    for n in range(12):
        services.save_segment(name=f"S{n}", criteria=criteria, created_by=operator)
    with django_assert_max_num_queries(10):
        page.get("/segments/")


def test_two_versions_stand_side_by_side(client_of, operator, criteria):
    first = services.save_segment(name="Diff", criteria=criteria, created_by=operator)
    changed = {"all": [*criteria["all"][:4], {"field": "lead.city", "operator": "equals", "value": "Kazan"}]}
    services.save_segment(name="Diff", criteria=changed, created_by=operator, segment=first.segment)
    client = client_of(operator)
    page = client.get(f"/segments/{first.segment_id}/difference/").content.decode()
    assert "From version 1 to version 2" in page
    assert "Kazan" in page
    assert client.get(f"/segments/{first.segment_id}/difference/?from=9").status_code == 400
    data = client.get(f"/api/v1/segments/{first.segment_id}/difference/?from=1&to=2").json()
    assert (len(data["removed"]), len(data["added"]), data["is_same"]) == (1, 1, False)


def test_the_command_shows_what_changed(operator, criteria, capsys):
    from django.core.management import call_command

    first = services.save_segment(name="Diff", criteria=criteria, created_by=operator)
    services.save_segment(
        name="Diff", criteria={"all": criteria["all"][:4]}, created_by=operator, segment=first.segment
    )
    call_command("segment", "diff", "Diff", "--json")
    row = json.loads(capsys.readouterr().out)
    assert (row["change"], row["from"], row["to"]) == ("removed", 1, 2)
