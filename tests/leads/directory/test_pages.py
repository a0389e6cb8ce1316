import pytest
from django.test import Client
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from leads.imports.models import Batch
from leads.models import Company, Lead
from leads.panels import LEAD_PANELS
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import registry
from outreach.core.models import AuditEntry
from outreach.jobs.draining import drain
from tests.leads.factories import make_company, make_lead, run_import

pytestmark = pytest.mark.django_db


def signed_in(role: str = Role.OPERATOR) -> Client:
    user = User.objects.create(username=f"{role}1")
    user.set_role(role)
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client():
    return signed_in()


def csv_file(text: str, name: str = "people.csv"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, text.encode())


def test_a_file_travels_from_upload_to_report(client):
    text = "Name,E-mail,Shoe\nAnna,a@x.example,43\nBob,nonsense,44\n"
    answer = client.post(reverse("imports:create"), {"file": csv_file(text), "kind": "people", "source": "fair"})
    batch = Batch.objects.get()
    assert answer.url == reverse("imports:mapping", args=[batch.pk])
    page = client.get(answer.url).content.decode()
    assert "Not an e-mail address" in page and "a@x.example" in page
    form = {
        "column-0": "full_name",
        "column-1": "email",
        "column-2": "attributes",
        "update_rule": "fill_empty",
        "source": "fair",
    }
    fragment = client.post(answer.url, form, headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith("<form") and 'value="attributes"' in fragment
    detail = reverse("imports:detail", args=[batch.pk])
    assert client.post(answer.url, form | {"dry_run": "1"}).url == detail
    assert 'hx-trigger="every 2s"' in client.get(detail).content.decode()
    drain()
    trial = client.get(detail).content.decode()
    assert "Nothing was written" in trial and "Not an e-mail address" in trial and Lead.objects.count() == 0
    assert client.post(reverse("imports:start", args=[batch.pk])).url == detail
    assert 'hx-trigger="every 2s"' in client.get(reverse("imports:detail", args=[batch.pk])).content.decode()
    drain()
    report = client.get(reverse("imports:detail", args=[batch.pk])).content.decode()
    assert "Not an e-mail address" in report and "every 2s" not in report
    assert Lead.objects.get().attributes == {"Shoe": "43"}
    download = client.get(reverse("imports:rejected", args=[batch.pk]))
    assert "nonsense" in b"".join(download.streaming_content).decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("", "empty"),
        ("PK\x03\x04", "workbook"),
        ("a@x.example,Anna\n", "column names"),
        ("one\ntwo\n", "Only one column"),
    ],
)
def test_a_bad_file_is_explained_on_the_upload_page(client, data, sentence):
    answer = client.post(reverse("imports:create"), {"file": csv_file(data or " "), "kind": "people"})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Batch.objects.exists()


def test_a_mapping_that_cannot_work_is_shown_and_nothing_starts(client):
    client.post(reverse("imports:create"), {"file": csv_file("Name,E-mail\nAnna,a@x.example\n"), "kind": "people"})
    batch = Batch.objects.get()
    form = {"column-0": "email", "column-1": "email", "start": "1"}
    answer = client.post(reverse("imports:mapping", args=[batch.pk]), form)
    assert answer.status_code == 422 and "Two columns" in answer.content.decode()
    batch.refresh_from_db()
    assert batch.state == "uploaded"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER])
def test_readers_may_not_import_or_export(role):
    client = signed_in(role)
    assert client.get(reverse("imports:create")).status_code == 403
    assert client.get(reverse("leads:export")).status_code == 403
    assert client.get(reverse("leads:list")).status_code == 200


def test_the_list_finds_by_name_address_and_company_and_pages_by_key(client):
    firm = make_company("Zeta Systems GmbH")
    for number in range(60):
        make_lead(f"Person{number} Common", email=f"p{number}@x.example", country="DE")
    anna = make_lead(
        "Anna Müller-Lüdenscheidt", email="anna@zeta.example", phone="+12125550101", company=firm, country="RU"
    )
    from leads.services import update_lead
    from tests.leads.factories import ACTOR

    update_lead(lead=anna, actor=ACTOR, fields={"full_name": "Anna Müller Lüdenscheidt"})

    def found(**query):
        return client.get(reverse("leads:list"), query).content.decode()

    for text in ("Anna", "lüden", "muller", "anna@zet", "+1 (212) 555-01", "Zeta"):
        assert "anna@zeta.example" in found(q=text), text
        assert "p7@x.example" not in found(q=text), text
    assert "No one matches" in found(q="nosuchname")
    first = found(country="de")
    assert "p59@x.example" in first and "p1@x.example" not in first
    last = Lead.objects.get(full_name="Person10 Common").pk
    assert "p9@x.example" in found(country="DE", after=last)


@pytest.mark.parametrize("count", [3, 40])
def test_lists_cost_the_same_number_of_queries_at_any_length(client, count, django_assert_max_num_queries):
    firm = make_company()
    for number in range(count):
        make_lead(
            f"P{number}",
            email=f"p{number}@x.example",
            phone=f"+1212555010{number % 10}" if number < 10 else "",
            company=firm,
        )
    counts_of_the_navigation = 3
    for name, limit in (("leads:list", 20), ("companies:list", 18), ("imports:list", 4)):
        client.get(reverse(name))
        with django_assert_max_num_queries(limit + counts_of_the_navigation):
            client.get(reverse(name))


def test_a_lead_is_added_and_changed_by_hand(client):
    form = {
        "full_name": "Anna K",
        "email": "anna@x.example",
        "company": "Firm GmbH",
        "country": "Germany",
        "tags": "a, b",
    }
    answer = client.post(reverse("leads:create"), form)
    lead = Lead.objects.get()
    assert answer.url == reverse("leads:detail", args=[lead.pk])
    assert (lead.company.name, lead.country, lead.tags) == ("Firm GmbH", "DE", ["a", "b"])
    assert "anna@x.example" in client.get(answer.url).content.decode()
    edit = reverse("leads:edit", args=[lead.pk])
    seen = client.get(edit).context["form"].initial["seen_at"]
    client.post(edit, {"full_name": "Anna Key", "seen_at": seen, "company": "Firm"})
    lead.refresh_from_db()
    assert lead.full_name == "Anna Key"
    late = client.post(edit, {"full_name": "Other", "seen_at": seen})
    assert late.status_code == 422 and "Someone else" in late.content.decode()


def test_country_and_language_are_chosen_by_name_and_kept_when_unusual(client):
    lead = make_lead("Bob", country="DE", language="en-GB")
    page = LexborHTMLParser(client.get(reverse("leads:edit", args=[lead.pk])).content.decode())
    chosen = {select: page.css_first(f"#id_{select} option[selected]") for select in ("country", "language")}
    assert {name: option.text() for name, option in chosen.items()} == {"country": "Germany", "language": "en-GB"}


def test_an_address_of_somebody_else_is_refused_with_the_name(client):
    make_lead("Bob", email="bob@x.example")
    answer = client.post(reverse("leads:create"), {"full_name": "Anna", "email": "BOB@x.example"})
    assert answer.status_code == 422 and "belongs to another lead: Bob" in answer.content.decode()
    assert Lead.objects.count() == 1


def test_companies_are_added_found_and_changed(client):
    answer = client.post(reverse("companies:create"), {"name": "Firm GmbH", "country": "DE", "tax_id": "DE 123"})
    company = Company.objects.get()
    assert company.tax_id == "DE123"
    assert "Firm GmbH" in client.get(answer.url).content.decode()
    assert "Firm GmbH" in client.get(reverse("companies:list"), {"q": "firm"}).content.decode()
    twin = client.post(reverse("companies:create"), {"name": "Twin", "country": "DE", "tax_id": "DE123"})
    assert twin.status_code == 422
    client.post(reverse("companies:edit", args=[company.pk]), {"name": "New AG", "country": "DE"})
    company.refresh_from_db()
    assert company.name_key == "new"


def test_the_export_is_neutral_and_audited(client):
    run_import('name,email\n"=1+1",a@x.example\n')
    text = b"".join(client.get(reverse("leads:export"), {"q": "a@x"}).streaming_content).decode()
    assert "'=1+1" in text and ",=1+1" not in text
    entry = AuditEntry.objects.get(action="lead.exported")
    assert entry.data["filters"] == ["search"]


def test_panels_of_other_rooms_stand_on_the_page_of_a_lead(client, monkeypatch):
    monkeypatch.setattr(registry, "registry_of", lambda wing: {LEAD_PANELS: [a_panel]} if wing == "leads" else {})
    lead = make_lead()
    assert "Panel of another wing" in client.get(reverse("leads:detail", args=[lead.pk])).content.decode()


def a_panel(request, lead):
    from leads.panels import Panel

    return Panel(title="Panel of another wing", template="leads/directory/_history.html", context={"lead": lead})


def test_the_admin_lists_and_changes_through_services():
    root = User.objects.create_superuser("root", password="x")
    client = Client()
    client.force_login(root)
    batch = run_import("name,email,company\nAnna,a@x.example,Firm\nBob,nope,\n")
    lead = Lead.objects.get()
    for url in (
        "/admin/leads/lead/", "/admin/leads/company/", "/admin/imports/batch/", "/admin/imports/rejectedrow/",
        f"/admin/leads/lead/{lead.pk}/change/", f"/admin/leads/company/{lead.company_id}/change/",
        f"/admin/imports/batch/{batch.pk}/change/", "/admin/leads/lead/?q=anna",
    ):  # fmt: skip
        assert client.get(url).status_code == 200, url
    client.post("/admin/leads/lead/", {"action": "erase", "_selected_action": [lead.pk], "is_sure": "yes"})
    lead.refresh_from_db()
    assert lead.erased_at and not lead.identities.exists()


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("=HYPERLINK(1)", "is a spreadsheet formula"),
        ("n/a", "is a placeholder"),
        ("Dirеctor", "mixes Latin and Cyrillic letters"),  # with a Cyrillic е
        ("Head of Sales", ""),
    ],
)
def test_what_no_text_would_use_is_flagged_on_the_persons_page(client, title, said):
    """The page asks what texts ask: the two never disagree."""
    lead = make_lead("Anna Example", title=title)
    page = client.get(reverse("leads:detail", args=[lead.pk])).content.decode()
    assert f"Title {said}" in page if said else "Title is" not in page and "Title mixes" not in page
