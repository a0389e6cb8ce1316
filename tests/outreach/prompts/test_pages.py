"""Settings → Prompts: the list, the editor beside the last version, trying, tests, labels, export; the same by API."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from campaigns.drafts.models import Draft
from outreach.core.errors import Invalid, Refused
from outreach.core.models import AuditEntry
from outreach.llm.models import Evaluation
from outreach.prompts import services
from outreach.prompts.models import PRODUCTION, PackVersion
from tests.campaigns.factories import make_campaign, make_candidate, make_user

pytestmark = pytest.mark.django_db
PACK = "first-contact-sms"


@pytest.fixture
def operator(client):
    client.force_login(make_user("operator"))
    return client


@pytest.fixture
def source():
    return services.current(PACK).source


def page(client, name=PACK, **query):
    return client.get(reverse("prompts:detail", args=[name]), query)


def changed(source):
    return source.replace("description: ", "description: Better. ", 1)


def test_the_list_groups_packs_and_says_who_uses_them(operator):
    campaign = make_campaign(name="Autumn push", steps=("first-contact-email",))
    shown = operator.get(reverse("prompts:list")).content.decode()
    assert "Reading replies" in shown and "classify-reply" in shown
    assert reverse("writing:edit", args=[campaign.pk, 1]) in shown


def test_the_list_needs_no_more_queries_with_more_campaigns(operator, django_assert_max_num_queries):
    for _ in range(4):
        make_campaign(steps=("first-contact-email", "follow-up-email"))
    with django_assert_max_num_queries(14):
        operator.get(reverse("prompts:list"))


def test_an_edit_is_a_new_version_and_a_candidate(operator, source):
    before = services.current(PACK)
    answer = operator.post(reverse("prompts:detail", args=[PACK]), {"source": changed(source), "note": "say better"})
    assert answer.status_code == 302
    new = PackVersion.objects.filter(name=PACK).order_by("-pk").first()
    assert new.pk != before.pk and new.label_names == ["candidate"] and new.note == "say better" and new.author
    assert services.current(PACK) == before
    assert "say better" in page(operator).content.decode()


def test_promoting_is_a_persons_word_and_is_recorded(operator, source):
    new = services.save_source(changed(source), author=None)
    operator.post(reverse("prompts:label", args=[PACK, new.sha]), {"label": "production"})
    assert services.current(PACK) == new and new.labels.get().label == "production"
    assert AuditEntry.objects.filter(action="pack.labelled", data__after=new.sha).exists()
    with pytest.raises(Invalid, match="Unknown label"):
        services.label_version(new, "shipped", actor=None)


def test_a_promoted_version_outlives_a_new_file(source, monkeypatch, tmp_path):
    new = services.save_source(changed(source), author=None)
    services.set_label(new, PRODUCTION)
    (tmp_path / f"{PACK}.md").write_text(source.replace("description: ", "description: Newer. ", 1), encoding="utf-8")
    monkeypatch.setattr(services, "pack_files", lambda: [tmp_path / f"{PACK}.md"])
    services.sync_packs()
    assert services.current(PACK) == new


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: first", "name first", "not valid YAML"),
        ("{{ offer", "{{ oferta", "“oferta” is not declared"),
        ("{% if", "{% iff", "P01"),
        ("  body: {type: string", "  bdy: {type: string", "needs the text field “body”"),
        ("type: contains", "type: python", "runs code"),
    ],
)
def test_a_faulty_pack_is_explained_with_its_line_and_not_saved(operator, source, old, new, words):
    broken = source.replace(old, new, 1)
    assert broken != source
    shown = operator.post(reverse("prompts:check", args=[PACK]), {"source": broken}).content.decode()
    assert words in shown and "Line " in shown
    count = PackVersion.objects.count()
    saved = operator.post(reverse("prompts:detail", args=[PACK]), {"source": broken})
    assert saved.status_code == 200 and PackVersion.objects.count() == count


def test_saving_the_same_again_is_refused(source):
    with pytest.raises(Refused, match="exists already"):
        services.save_source(source, author=None)


def test_it_is_tried_on_real_people_without_saving_anything(operator, source):
    campaign = make_campaign(steps=("first-contact-email",))
    make_candidate(campaign, first_name="Joe", company_name="Fabrikam GmbH")
    typed = services.current("first-contact-email").source
    run = {"source": typed, "cases": "real", "language": "en", "target": "builtin"}
    shown = operator.post(reverse("prompts:simulation", args=["first-contact-email"]), run).content.decode()
    assert "Hi Joe," in shown and not Draft.objects.exists()
    run |= {"cases": "samples", "language": "ru"}
    assert (
        "Здравствуйте"
        in operator.post(reverse("prompts:simulation", args=["first-contact-email"]), run).content.decode()
    )


def test_tests_run_on_what_is_typed(operator, source):
    shown = operator.post(
        reverse("prompts:tests", args=[PACK]), {"source": source, "target": "builtin"}
    ).content.decode()
    assert "0 failed" in shown and Evaluation.objects.filter(judge="tests").exists()
    assert "passed" in page(operator).content.decode()


def test_any_two_versions_are_compared(operator, source):
    services.save_source(changed(source), author=None)
    shown = page(operator, version="candidate", against="production").content.decode()
    assert "Better.</ins>" in shown


def test_a_version_is_exported_as_its_file(operator, source):
    answer = operator.get(reverse("prompts:file", args=[PACK, services.current(PACK).sha]))
    assert answer.content.decode() == source and f"{PACK}.md" in answer["Content-Disposition"]


def test_a_reviewer_reads_and_may_not_save(client, source):
    client.force_login(make_user("reviewer"))
    assert page(client).status_code == 200
    answer = client.post(reverse("prompts:detail", args=[PACK]), {"source": changed(source)})
    assert answer.status_code == 403 and page(client, name="nothing").status_code == 404


def test_the_same_by_api(operator, source):
    made = operator.post("/api/v1/packs/", {"source": changed(source)}, content_type="application/json")
    assert made.status_code == 201 and made.json()["labels"] == ["candidate"]
    address = f"/api/v1/packs/{made.json()['id']}"
    assert "+description: Better." in operator.get(f"{address}/difference/").json()["diff"]
    results = operator.post(f"{address}/tests/", {}, content_type="application/json").json()
    assert {r["result"] for r in results} == {"passed"}
    inputs = {
        "inputs": {"offer": "a review", "offer_short": "a review", "sender_name": "Ann", "program": "Northwind"},
        "language": "en",
    }
    answer = operator.post(f"{address}/simulation/", inputs, content_type="application/json").json()
    assert answer["body"] and not answer["problem"]
    labelled = operator.post(f"{address}/label/", {"label": "production"}, content_type="application/json").json()
    assert labelled["labels"] == ["production"]
    broken = operator.post("/api/v1/packs/check/", {"source": "no pack"}, content_type="application/json").json()
    assert broken[0]["code"] == "P00" and broken[0]["line"] == 1


def test_the_same_by_command(source, tmp_path):
    def run(*arguments):
        out = StringIO()
        call_command("pack", *arguments, stdout=out, stderr=out)
        return out.getvalue()

    file = tmp_path / "changed.md"
    file.write_text(changed(source), encoding="utf-8")
    assert f"{PACK}@" in run("save", str(file))
    assert "+description: Better." in run("diff", PACK, f"{PACK}@candidate")
    assert "passed" in run("test", PACK)
    assert "is production" in run("label", f"{PACK}@candidate", "production")
    assert run("export", PACK).strip() == changed(source).strip()
    with pytest.raises((SystemExit, CommandError)):
        run("label", PACK, "best")
