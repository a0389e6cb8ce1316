import pytest
from django.urls import reverse

from campaigns.models import Campaign, Candidate
from conversations.models import Message
from leads.qualification.models import Brief
from leads.segments.services import save_segment
from outreach.jobs.draining import drain
from outreach.prompts.services import current
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_sender, make_user
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db
EVERYBODY = {"all": [{"field": "lead.country", "operator": "equals", "value": "US"}]}


@pytest.fixture
def operator(client):
    user = make_user("operator")
    client.force_login(user)
    return client


@pytest.fixture
def version():
    return save_segment(name="Everybody", criteria=EVERYBODY, created_by=None)


def form(version, **fields):
    pack, sender = current("first-contact-email"), make_sender()
    values = {
        "name": "Spring",
        "offer": "a review in one afternoon",
        "segment": version.segment_id,
        "days": ["0", "1", "2", "3", "4"],
        "opens_at": "09:00",
        "closes_at": "17:00",
        "step-TOTAL_FORMS": "2",
        "step-INITIAL_FORMS": "0",
    }
    for n in range(2):
        values |= {f"step{n}-sender": sender.pk, f"step{n}-pack_version": pack.pk, f"step{n}-delay_days": 3}
    return {**values, **fields}


def test_an_empty_list_says_what_to_do(operator):
    assert b"Create the first campaign" in operator.get(reverse("campaigns:list")).content


def test_a_campaign_is_planned_on_one_page(operator, version):
    assert operator.get(reverse("campaigns:create")).status_code == 200
    response = operator.post(reverse("campaigns:create"), form(version))
    campaign = Campaign.objects.get()
    assert response.headers["Location"] == reverse("campaigns:detail", args=[campaign.pk])
    assert campaign.steps.count() == 2
    assert campaign.stream.window["start"] == "09:00"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, b"required"),
        ({"closes_at": "08:00"}, b"closes before"),
        ({"days": []}, b"at least one day"),
        ({"step1-sender": ""}, b"required"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(operator, version, fields, words):
    response = operator.post(reverse("campaigns:create"), form(version, **fields))
    assert response.status_code == 422 and words in response.content
    assert not Campaign.objects.exists()


def test_follow_ups_are_added_without_losing_what_was_typed(operator, version):
    response = operator.post(reverse("campaigns:create"), form(version, resize="add", name="Kept"))
    assert b"Step 3" in response.content and b"Kept" in response.content
    assert b"This field is required" not in response.content and b'class="error"' not in response.content


def test_the_whole_way_by_buttons(operator, version):
    make_lead()
    operator.post(reverse("campaigns:create"), form(version))
    campaign = Campaign.objects.get()

    def press(action):
        return operator.post(reverse(f"campaigns:{action}", args=[campaign.pk]), follow=True)

    assert b"Find the people" in operator.get(reverse("campaigns:detail", args=[campaign.pk])).content
    assert b"Write drafts" in press("freeze").content
    make_draft(Candidate.objects.get())
    Candidate.objects.update(stage="approved")
    assert b"The campaign is sending" in press("start").content
    drain("default")
    assert Message.objects.count() == 1
    assert b"Resume" in press("pause").content


def test_a_refusal_is_shown_in_words(operator):
    campaign = make_campaign()
    response = operator.post(reverse("campaigns:start", args=[campaign.pk]), follow=True)
    assert b"not frozen" in response.content


def test_a_viewer_reads_and_changes_nothing(client, version):
    client.force_login(make_user("viewer"))
    campaign = make_campaign()
    assert client.get(reverse("campaigns:detail", args=[campaign.pk])).status_code == 200
    assert client.post(reverse("campaigns:archive", args=[campaign.pk])).status_code == 403
    assert client.get(reverse("campaigns:create")).status_code == 403


def test_candidates_are_filtered_and_paged_without_n_plus_one(operator, django_assert_max_num_queries):
    campaign = make_campaign(brief=Brief.objects.create(name="b", content_hash="h"))
    for n in range(12):
        make_candidate(campaign, stage="qualified" if n % 2 else "disqualified")
    campaign.candidates.update(stage_reason="Head of People fits.")
    url = reverse("campaigns:candidates", args=[campaign.pk])
    with django_assert_max_num_queries(16):
        content = operator.get(url).content
    assert content.count(b'id="candidate-') == 12 and b"Head of People fits." in content
    assert operator.get(url, {"stage": "qualified"}).content.count(b'id="candidate-') == 6
    assert operator.get(url, {"reached": "qualified"}).content.count(b'id="candidate-') == 6
    assert operator.get(url, {"search": "nobody"}).content.count(b'id="candidate-') == 0


@pytest.mark.parametrize(("decision", "stage"), [("disqualify", "disqualified"), ("exclude", "excluded")])
def test_a_person_decides_in_the_list(operator, decision, stage):
    candidate = make_candidate(make_campaign())
    url = reverse("campaigns:decide", args=[candidate.campaign_id, candidate.pk])
    response = operator.post(url, {"decision": decision}, headers={"HX-Request": "true"})
    candidate.refresh_from_db()
    assert candidate.stage == stage and f'id="candidate-{candidate.pk}"'.encode() in response.content


def test_the_whole_story_of_a_candidate(operator):
    candidate = make_candidate(make_campaign())
    make_draft(candidate)
    content = operator.get(reverse("campaigns:candidate", args=[candidate.campaign_id, candidate.pk])).content
    assert b"Hello Joe" in content and b"Approved" in content


def test_the_report_and_its_export(operator):
    make_candidate(make_campaign(name="=cmd"))
    assert b"Audience" in operator.get(reverse("reports:index")).content
    assert b"'=cmd" in operator.get(reverse("reports:export")).content
    assert operator.get(reverse("reports:index"), {"since": "2026-02-01", "until": "2026-01-01"}).status_code == 200


def test_the_audience_of_a_segment_is_counted_beside_the_choice(operator, version):
    make_lead()
    response = operator.get(reverse("campaigns:audience_count"), {"segment": version.segment_id})
    assert b"1 lead now" in response.content
