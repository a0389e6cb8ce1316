"""The stack: one item after the other, with filters and place kept, and an answer to everything that can go wrong."""

import json

import pytest
from django.core import mail
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from campaigns.models import Campaign
from campaigns.review import services
from conversations.models import Message
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def write(campaign):
    drafts.generate(campaign=campaign)
    drain("llm")


@pytest.fixture
def campaign():
    campaign = make_campaign()
    for name in ("Joe", "Ann", "Bea"):
        make_candidate(campaign, first_name=name, full_name=f"{name} Poe")
    make_candidate(campaign, first_name="Odd", full_name="Odd One", company_name="Yahoo! Ads")
    write(campaign)
    return campaign


@pytest.fixture
def reviewer(client):
    user = make_user("reviewer", email="rita@northwind.example")
    client.force_login(user)
    return user


def page(client, campaign, **query):
    return client.get(reverse("drafts:review", args=[campaign.pk], query=query)).content.decode()


def post(client, name, *args, stack, **data):
    return client.post(reverse(f"drafts:{name}", args=args), {"stack": stack, **data}, **HTMX)


def stack_of(campaign, **query):
    spot = QueryDict(mutable=True)
    spot.update({"campaign": campaign.pk, **query})
    return spot.urlencode()


def draft_of(name, variant="direct"):
    return Draft.objects.get(candidate__lead__first_name=name, variant=variant)


def group_fields(client, campaign, place=2):
    context = client.get(reverse("drafts:review", args=[campaign.pk], query={"place": place})).context
    item = context["item"]
    return {"step": item.step_id, "shape": item.shape, "upto": item.last, "stack": stack_of(campaign, place=place)}


def test_the_exception_comes_first_with_its_reason_and_its_recipient(client, reviewer, campaign):
    shown = page(client, campaign)
    assert "Odd One" in shown and "Check this value: Company “Yahoo! Ads”." in shown.replace("&quot;", '"')
    assert "1 of 2" in shown and "4 messages to review" in shown and "Last contact" in shown


def test_both_variants_stand_side_by_side_with_facts_marked(client, reviewer, campaign):
    shown = page(client, campaign)
    assert shown.count("data-variant=") == 2
    assert '<mark title="Company">Yahoo! Ads</mark>' in shown and "company&#x27;s record" in shown


def test_a_group_says_in_what_it_differs_and_shows_the_values(client, reviewer, campaign):
    shown = page(client, campaign, place=2)
    assert "3 messages differ only in: Company, First name" in shown
    assert "Approve all 3" in shown and "Bea Poe" in shown


def test_approving_moves_on_and_the_counts_move_with_it(client, reviewer, campaign):
    answer = post(client, "approval", draft_of("Odd").pk, stack=stack_of(campaign), version=1).content.decode()
    assert "3 messages differ only in" in answer and "Odd One: Approved." in answer
    assert 'hx-swap-oob="true"' in answer and 'To review <span class="count">3</span>' in answer


def test_rejecting_one_variant_stays_with_the_other(client, reviewer, campaign):
    answer = post(client, "rejection", draft_of("Odd").pk, stack=stack_of(campaign), version=1).content.decode()
    assert answer.count("data-variant=") == 1 and "Odd One" in answer


def test_a_group_is_approved_and_undone(client, reviewer, campaign):
    fields = group_fields(client, campaign)
    answer = post(client, "group_approval", variant="casual", **fields).content.decode()
    assert "3 drafts approved." in answer
    answer = post(client, "undo", stack=stack_of(campaign)).content.decode()
    assert "Undone: 3 drafts are back in review." in answer and "3 messages differ" in answer


def test_a_group_that_changed_meanwhile_says_so_and_nothing_is_approved(client, reviewer, campaign):
    fields = group_fields(client, campaign)
    for name in ("Joe", "Ann", "Bea"):
        for variant in ("direct", "casual"):
            row = draft_of(name, variant)
            drafts.edit(draft=row, version=1, subject="New", body="Mine, not write again", user=reviewer)
    answer = post(client, "group_approval", variant="casual", **fields).content.decode()
    assert "This group has changed in the meantime" in answer
    assert not Draft.objects.final().exists()


def test_two_tabs_on_one_draft_get_a_sentence_and_the_next_item(client, reviewer, campaign):
    draft = draft_of("Odd")
    services.approve(draft=draft, version=1, user=reviewer)
    answer = post(client, "approval", draft.pk, stack=stack_of(campaign), version=1)
    assert answer.status_code == 200 and "This draft is now “Approved”" in answer.content.decode()


def test_an_archived_campaign_is_said_and_the_stack_stays_its_own(client, reviewer, campaign):
    other = make_campaign()
    make_candidate(other, full_name="From Elsewhere")
    write(other)
    Campaign.objects.filter(pk=campaign.pk).update(state="archived")
    answer = post(client, "approval", draft_of("Odd").pk, stack=stack_of(campaign), version=1).content.decode()
    assert "has ended" in answer and "From Elsewhere" not in answer
    page = client.get(reverse("drafts:review", args=[campaign.pk])).content.decode()
    assert "This campaign has ended. Its drafts can be read" in page


def test_a_conflict_shows_the_newer_text_in_the_stack(client, reviewer, campaign):
    draft = draft_of("Odd")
    drafts.edit(draft=draft, version=1, subject="s", body="A newer text, not write again", user=make_user())
    answer = post(client, "approval", draft.pk, stack=stack_of(campaign), version=1).content.decode()
    assert "A newer text" in answer and "Nothing was saved" in answer


def test_an_edit_comes_back_to_the_same_message(client, reviewer, campaign):
    draft = draft_of("Odd")
    url = reverse("drafts:detail", args=[draft.pk])
    words = {"version": 1, "subject": "New", "body": "My text, not write again", "stack": stack_of(campaign)}
    answer = client.post(url, words, **HTMX).content.decode()
    assert "My text" in answer and 'id="stack"' in answer


def test_an_ended_session_takes_the_whole_page_to_the_sign_in(client, campaign):
    draft = draft_of("Odd")
    words = {"version": 1, "subject": "New", "body": "Typed", "stack": stack_of(campaign)}
    answer = client.post(reverse("drafts:detail", args=[draft.pk]), words, **HTMX)
    assert answer.status_code == 200 and "login" in answer["HX-Redirect"]


def test_excluding_and_undo(client, reviewer, campaign):
    answer = post(client, "exclusion", draft_of("Odd").pk, stack=stack_of(campaign)).content.decode()
    assert "Odd One: Excluded from the campaign." in answer
    assert "Odd One" in post(client, "undo", stack=stack_of(campaign)).content.decode()


def test_one_of_a_group_by_itself(client, reviewer, campaign):
    shown = page(client, campaign, one=draft_of("Ann").pk)
    assert "One of a group" in shown and "Hi <mark" in shown and "Ann Poe" in shown
    answer = post(client, "approval", draft_of("Ann").pk, stack=stack_of(campaign, place=2), version=1).content.decode()
    assert "2 messages differ only in" in answer


def test_further_rows_of_a_group(client, reviewer, campaign):
    fields = group_fields(client, campaign)
    first = Draft.objects.filter(candidate__lead__first_name="Joe").order_by("pk").first()
    rows = client.get(reverse("drafts:group_rows"), {**fields, "after": first.pk}, **HTMX).content.decode()
    assert "Ann Poe" in rows and "Joe Poe" not in rows


@pytest.mark.parametrize(
    ("query", "sentence"),
    [({"risk": "0.5"}, "No drafts match these filters"), ({"reviewer": "mine"}, "No drafts match these filters")],
)
def test_filters_that_leave_nothing(client, reviewer, campaign, query, sentence):
    assert sentence in page(client, campaign, **query)


def test_mine(client, reviewer, campaign):
    post(client, "assignment", draft_of("Ann").pk, stack=stack_of(campaign), reviewer=reviewer.pk)
    shown = page(client, campaign, reviewer="mine")
    assert "1 message to review" in shown and "Ann Poe" in shown


def test_when_all_is_reviewed_sending_is_next(client, campaign):
    client.force_login(make_user("operator"))
    for candidate in campaign.candidates.all():
        draft = candidate.drafts.get(variant="direct")
        services.approve(draft=draft, version=1, user=make_user())
    shown = page(client, campaign)
    assert "Everything is reviewed" in shown and "Start sending" in shown and "ualif" not in shown


def test_a_campaign_without_drafts_offers_to_write_them(client):
    client.force_login(make_user("operator"))
    campaign = make_campaign()
    assert "The campaign&#x27;s page shows what comes first." in page(client, campaign).replace("'", "&#x27;")
    make_candidate(campaign)
    assert "Write the drafts" in page(client, campaign)


def test_a_change_of_words_is_previewed_then_made(client, reviewer, campaign):
    draft = draft_of("Ann")
    url = reverse("drafts:wording", args=[draft.pk])
    form = client.get(url, {"stack": stack_of(campaign)}, **HTMX)
    assert "{{ first_name }}" in form.content.decode() and form["X-Draft-Open"]
    words = {"version": 1, "subject": "For {{ company_name }}", "body": "Hi {{ first_name }}, not write again"}
    words["stack"] = stack_of(campaign, place=2)
    preview = client.post(url, words, **HTMX).content.decode()
    assert "4 drafts will change." in preview and "Hi Joe, not write again" in preview
    assert not Draft.objects.filter(version=2).exists()
    done = client.post(url, {**words, "apply": "1"}, **HTMX).content.decode()
    assert "4 drafts changed." in done and "3 messages differ only in" in done


def test_words_with_an_unknown_value_come_back_with_the_reason(client, reviewer, campaign):
    url = reverse("drafts:wording", args=[draft_of("Ann").pk])
    answer = client.post(url, {"version": 1, "subject": "s", "body": "Hi {{ salary }}"}, **HTMX)
    assert answer.status_code == 422 and "“salary” is not filled in here." in answer.content.decode()


def test_as_received_has_the_footer_and_both_widths(client, reviewer, campaign, settings):
    settings.OUTREACH = settings.OUTREACH.model_copy(
        update={"company": settings.OUTREACH.company.model_copy(update={"postal_address": "1 Main St, Springfield"})}
    )
    type(campaign.stream).objects.filter(pk=campaign.stream_id).update(is_unsolicited=True)
    shown = client.get(reverse("drafts:received", args=[draft_of("Ann").pk]), **HTMX).content.decode()
    assert "1 Main St, Springfield" in shown and "reply “stop”" in shown
    assert "On a phone" in shown and "On a computer" in shown and "Nothing was changed since it was written" in shown


def test_as_received_shows_what_was_changed(client, reviewer, campaign):
    draft = draft_of("Ann")
    drafts.edit(
        draft=draft, version=1, subject=draft.subject, body=draft.body.replace("Hi Ann", "Hello Ann"), user=reviewer
    )
    shown = client.get(reverse("drafts:received", args=[draft.pk]), **HTMX).content.decode()
    assert '<del class="diff-del">Hi</del><ins class="diff-add">Hello</ins>' in shown


def test_a_text_message_shows_its_segments(client, reviewer):
    campaign = make_campaign(steps=("first-contact-sms",))
    make_candidate(campaign)
    write(campaign)
    shown = client.get(reverse("drafts:received", args=[Draft.objects.first().pk]), **HTMX).content.decode()
    assert "segment" in shown and "GSM-7" in shown and "On a computer" not in shown


@pytest.mark.django_db(transaction=True)
def test_a_test_goes_to_oneself_and_counts_for_nobody(client, campaign):
    user = make_user("reviewer", email="rita@northwind.example")
    client.force_login(user)
    draft = draft_of("Ann")
    answer = client.post(reverse("drafts:test", args=[draft.pk]), **HTMX)
    assert "rita@northwind.example" in json.loads(answer["HX-Trigger"])["toast"]["text"]
    message = Message.objects.get()
    assert message.subject.startswith("[Test] ") and message.lead is None
    assert not message.stream.is_unsolicited and message.body.startswith("Hi Ann")
    assert Draft.objects.get(pk=draft.pk).state == "pending_review"


def test_a_test_without_an_own_address_is_refused(client, campaign):
    client.force_login(make_user("reviewer"))
    answer = client.post(reverse("drafts:test", args=[draft_of("Ann").pk]), **HTMX)
    assert answer.status_code == 409 and not mail.outbox


def test_a_tone_is_shown_before_it_is_applied(client, reviewer, campaign):
    ann, joe = draft_of("Ann"), draft_of("Joe")
    drafts.edit(draft=joe, version=1, subject="s", body="Plain, not write again", user=reviewer)
    data = {"action": "formal", "pick": [f"{ann.pk}:1", f"{joe.pk}:2"], "next": reverse("drafts:queue")}
    shown = client.post(reverse("drafts:bulk"), data).content.decode()
    assert "1 draft will change." in shown and "1 has nothing to change." in shown
    assert "Dear" in shown and Draft.objects.get(pk=ann.pk).version == 1
    client.post(reverse("drafts:bulk"), {**data, "apply": "1"})
    assert Draft.objects.get(pk=ann.pk).body.startswith("Dear Ann")


def test_bulk_assigns(client, reviewer, campaign):
    data = {"action": f"assign:{reviewer.pk}", "pick": f"{draft_of('Ann').pk}:1"}
    client.post(reverse("drafts:bulk"), data)
    assert Draft.objects.filter(reviewer=reviewer).count() == 2


def test_a_viewer_sees_the_stack_and_decides_nothing(client, campaign):
    client.force_login(make_user("viewer"))
    shown = page(client, campaign, place=2)
    assert "3 messages differ" in shown and "Approve all" not in shown
    for name in ("group_approval", "group_rejection", "undo"):
        assert post(client, name, stack="").status_code == 403
    for name in ("wording", "assignment", "test"):
        assert post(client, name, draft_of("Ann").pk, stack="").status_code == 403


def test_steps_cost_the_same_whatever_waits(client, reviewer, campaign):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(reverse("drafts:review", args=[campaign.pk]), HTTP_HX_TARGET="stack", **HTMX)
        assert len(answer.content) < 60_000
        return len(queries)

    cost()
    few = cost()
    for number in range(20):
        make_candidate(campaign, first_name=f"Ab{'abcdefghijklmnopqrst'[number]}")
    write(campaign)
    assert cost() <= few <= 25


def test_without_javascript_a_decision_returns_to_the_stack(client, reviewer, campaign):
    data = {"version": 1, "stack": stack_of(campaign, place=1)}
    answer = client.post(reverse("drafts:approval", args=[draft_of("Odd").pk]), data)
    assert answer.status_code == 302 and answer.url.startswith(reverse("drafts:review", args=[campaign.pk]))
