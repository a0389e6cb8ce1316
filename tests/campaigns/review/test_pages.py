"""Review pages: what is shown, who may act, and that no words are lost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from campaigns.drafts import services
from campaigns.drafts.models import Draft, Revision
from campaigns.review.wording import fact_name
from outreach.jobs.draining import drain
from outreach.jobs.models import Job
from tests.campaigns.factories import make_campaign, make_candidate, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def drafted(count=1, **fields):
    campaign = make_campaign()
    for _ in range(count):
        make_candidate(campaign, **fields)
    services.generate(campaign=campaign)
    drain("llm")
    return campaign


@pytest.fixture
def campaign():
    return drafted()


@pytest.fixture
def draft(campaign):
    return Draft.objects.get(variant="direct")


@pytest.fixture
def reviewer(client):
    user = make_user("reviewer")
    client.force_login(user)
    return user


def review(campaign, **query):
    """The list; what waits is shown one by one otherwise."""
    return reverse("drafts:review", args=[campaign.pk], query={"view": "list", **query})


def test_the_table_shows_both_variants_with_flags_facts_and_trace(client, reviewer, campaign, draft):
    page = client.get(review(campaign)).content.decode()
    assert draft.subject in strip_tags(page)
    for words in ("direct", "casual", "Head of People", "No risk found", "Why it says this"):
        assert words in page
    assert str(draft.interaction.trace_id) in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2), ({"variant": "direct"}, 1), ({"risk": "0.3"}, 0), ({"language": "ru"}, 0), ({"flagged": "on"}, 0),
        ({"company": "fabri"}, 2), ({"company": "nobody"}, 0), ({"edited": "on"}, 0), ({"state": "approved"}, 0),
        ({"state": "all"}, 2), ({"risk": "nonsense", "after": "x"}, 2),
    ],
)  # fmt: skip
def test_filters(client, reviewer, campaign, query, count):
    page = client.get(review(campaign, **query)).content.decode()
    assert page.count("data-draft\n") + page.count("data-draft ") == count


def test_the_queue_shows_what_waits_in_all_campaigns(client, reviewer, campaign):
    drafted(full_name="Second Lead")
    page = client.get(reverse("drafts:queue", query={"view": "list"})).content.decode()
    assert "Joe Poe" in page and "Second Lead" in page


def test_a_viewer_reads_and_cannot_act(client, campaign, draft):
    client.force_login(make_user("viewer"))
    page = client.get(review(campaign)).content.decode()
    assert draft.subject in strip_tags(page)
    assert "Approve</button>" not in page
    for name in ("approval", "rejection", "rewriting", "exclusion", "back_to_review"):
        assert client.post(reverse(f"drafts:{name}", args=[draft.pk]), {"version": 1}).status_code == 403
    assert client.post(reverse("drafts:detail", args=[draft.pk]), {"version": 1, "body": "x"}).status_code == 403
    assert client.post(reverse("drafts:bulk"), {"action": "approve", "pick": f"{draft.pk}:1"}).status_code == 403
    assert client.post(reverse("drafts:generate", args=[campaign.pk])).status_code == 403
    assert client.get(reverse("drafts:more", args=[draft.pk])).status_code == 403


def test_approving_by_htmx_answers_with_the_message_as_it_is_now(client, reviewer, draft):
    answer = client.post(reverse("drafts:approval", args=[draft.pk]), {"version": 1}, **HTMX)
    assert "Approved" in answer.content.decode()
    assert "toast" in answer["HX-Trigger"]
    assert Draft.objects.get(pk=draft.pk).approved_by == reviewer


def test_approving_works_without_javascript(client, reviewer, draft):
    answer = client.post(reverse("drafts:approval", args=[draft.pk]), {"version": 1})
    assert answer.status_code == 302
    assert Draft.objects.get(pk=draft.pk).state == "approved"


def test_approving_an_outdated_version_shows_the_newer_text(client, reviewer, draft):
    services.edit(draft=draft, version=1, subject="s", body="A newer text, not write again", user=make_user())
    answer = client.post(reverse("drafts:approval", args=[draft.pk]), {"version": 1}, **HTMX)
    assert "A newer text" in answer.content.decode()
    assert Draft.objects.get(pk=draft.pk).state == "pending_review"


def test_editing_in_place(client, reviewer, draft):
    form = client.get(reverse("drafts:edit", args=[draft.pk]), **HTMX)
    assert "textarea" in form.content.decode()
    answer = client.post(
        reverse("drafts:detail", args=[draft.pk]), {"version": 1, "subject": "New", "body": "Text"}, **HTMX
    )
    assert answer.status_code == 200
    assert Draft.objects.get(pk=draft.pk).body == "Text"


def test_the_second_writer_gets_both_texts_and_may_save_over(client, reviewer, draft):
    services.edit(draft=draft, version=1, subject="Theirs", body="Their words", user=make_user(username="bea"))
    url = reverse("drafts:detail", args=[draft.pk])
    answer = client.post(url, {"version": 1, "subject": "Mine", "body": "My words"}, **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "bea" in page and "Their words" in page and "My words" in page
    assert answer["HX-Retarget"] == f"#draft-{draft.pk}"
    assert client.post(url, {"version": 2, "subject": "Mine", "body": "My words"}, **HTMX).status_code == 200
    assert Draft.objects.get(pk=draft.pk).body == "My words"
    assert Revision.objects.filter(body="Their words").exists()


def test_a_conflict_without_javascript_is_a_whole_page_with_both_texts(client, reviewer, draft):
    services.edit(draft=draft, version=1, subject="Theirs", body="Their words", user=make_user())
    answer = client.post(reverse("drafts:detail", args=[draft.pk]), {"version": 1, "subject": "M", "body": "My words"})
    assert b"<html" in answer.content and b"Their words" in answer.content and b"My words" in answer.content


def test_a_bad_text_comes_back_with_the_reason(client, reviewer, draft):
    answer = client.post(reverse("drafts:detail", args=[draft.pk]), {"version": 1, "subject": "s", "body": " "}, **HTMX)
    assert answer.status_code == 422
    assert "The text is empty." in answer.content.decode()


def test_text_from_outside_is_escaped(client, reviewer, campaign, draft):
    services.edit(draft=draft, version=1, subject="<b>x", body="<script>alert(1)</script>", user=reviewer)
    page = client.get(review(campaign)).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_tone_and_proposals(client, reviewer, draft):
    client.post(reverse("drafts:rewriting", args=[draft.pk]), {"version": 1, "wish": "formal"}, **HTMX)
    row = Draft.objects.get(pk=draft.pk)
    assert row.body.startswith("Dear Joe,")
    row = services.edit(draft=row, version=2, subject=row.subject, body=row.body + " By hand.", user=reviewer)
    answer = client.post(reverse("drafts:rewriting", args=[draft.pk]), {"version": 3, "wish": "casual"}, **HTMX)
    assert "A new version is proposed" in answer.content.decode()
    proposal = Revision.objects.get(kind="proposed")
    client.post(reverse("drafts:proposal", args=[draft.pk, proposal.pk]), {"version": 3, "use": "0"}, **HTMX)
    assert Draft.objects.get(pk=draft.pk).body == row.body


def test_the_rarer_actions_come_when_their_menu_is_opened(client, reviewer, campaign, draft):
    assert "Exclude this lead" not in client.get(review(campaign)).content.decode()
    menu = client.get(reverse("drafts:more", args=[draft.pk]), **HTMX).content.decode()
    for words in ("More formal", "More casual", "Shorter", "Rewrite", "Exclude this lead"):
        assert words in menu


def test_without_javascript_the_page_of_the_draft_has_every_action(client, reviewer, draft):
    assert "Exclude this lead" in client.get(reverse("drafts:detail", args=[draft.pk])).content.decode()


def test_bulk(client, reviewer):
    campaign = drafted(3)
    picks = [f"{d.pk}:{d.version}" for d in Draft.objects.filter(variant="casual")]
    answer = client.post(reverse("drafts:bulk"), {"action": "approve", "pick": picks, "next": review(campaign)})
    assert answer.url == review(campaign)
    assert Draft.objects.filter(state="approved").count() == 3


@pytest.mark.parametrize("data", [{"action": "approve"}, {"action": "explode", "pick": "1:1"}, {"pick": "x"}])
def test_bulk_with_nonsense_is_a_clear_error(client, reviewer, data):
    assert client.post(reverse("drafts:bulk"), data).status_code == 400


def test_bulk_never_redirects_away(client, reviewer, draft):
    data = {"action": "approve", "pick": f"{draft.pk}:1", "next": "//evil.example"}
    assert client.post(reverse("drafts:bulk"), data).url == reverse("drafts:queue")


def test_generation_is_started_by_an_operator(client, campaign):
    client.force_login(make_user("operator"))
    client.post(reverse("drafts:generate", args=[campaign.pk]))
    assert Job.objects.filter(state="queued").count() == 1


def test_leads_without_a_draft_are_listed_with_the_reason(client, reviewer, campaign):
    candidate = make_candidate(campaign, full_name="No Address")
    candidate.lead.identities.all().delete()
    services.generate(campaign=campaign)
    drain("llm")
    page = client.get(review(campaign)).content.decode()
    assert "1 lead without a draft" in page and "No address for step 1." in page


def test_detail_and_trace_pages_explain(client, reviewer, draft):
    detail = client.get(reverse("drafts:detail", args=[draft.pk])).content.decode()
    name = fact_name(draft.facts[0]["name"])
    assert name in detail and draft.facts[0]["id"] not in detail, "a fact is told by its name"
    trace = client.get(reverse("traces:detail", args=[draft.interaction.trace_id])).content.decode()
    assert "Built-in rules" in trace
    client.force_login(make_user("viewer"))
    assert client.get(reverse("traces:detail", args=[draft.interaction.trace_id])).status_code == 403


def test_paging_reaches_every_lead_once(client, reviewer):
    campaign = drafted(5)
    seen, url = [], review(campaign, page_size=2)
    while url:
        page = client.get(url)
        seen += [group.candidate.pk for group in page.context["page"].groups]
        after = page.context["page"].next_after
        url = review(campaign, page_size=2, after=after) if after else ""
    assert len(seen) == len(set(seen)) == 5


def test_the_number_of_queries_does_not_grow_with_the_page(client, reviewer):
    campaign = drafted(2)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(review(campaign))
    for _ in range(8):
        make_candidate(campaign)
    services.generate(campaign=campaign)
    drain("llm")
    with CaptureQueriesContext(connection) as many:
        client.get(review(campaign))
    assert len(many) <= len(few) <= 20


def test_two_hundred_drafts_fit_on_one_page(client, reviewer):
    campaign = drafted(100)
    page = client.get(review(campaign, page_size=200)).content.decode()
    assert page.count('class="draft"') == 200
