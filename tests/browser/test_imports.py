"""A list on its way in, as a person does it: choose the file, look at the mapping, import, read the report."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from leads.duplicates import services as duplicates
from leads.models import Company, Lead
from outreach.jobs.draining import drain
from tests.leads.factories import make_lead
from tests.leads.imports.reading.workbook_files import workbook

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


@pytest.mark.long
def test_a_file_is_uploaded_mapped_imported_and_reported(signed_in_page, screenshot):
    page = signed_in_page("operator", "/imports/new/")
    page.get_by_label("File", exact=True).set_input_files(EXAMPLES / "people-ru.csv")
    page.get_by_label("Where the list is from").fill("fair")
    screenshot(page, "imports-upload")
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_text("cp1251")).to_have_count(2)  # found, and among the choices
    expect(page.get_by_label("Эл. почта")).to_have_value("email")
    page.wait_for_load_state()  # a choice made before the scripts are there goes nowhere
    preview = page.get_by_role("table").last
    expect(preview).to_contain_text("oleg.ershov")
    page.get_by_label("Эл. почта").select_option("")
    expect(preview).not_to_contain_text("oleg.ershov")
    page.get_by_label("Эл. почта").select_option("email")
    expect(preview).to_contain_text("oleg.ershov")
    screenshot(page, "imports-mapping")
    page.get_by_role("button", name="Import", exact=True).click()

    expect(page.get_by_text("Queued").first).to_be_visible()
    drain()
    expect(page.get_by_text("Done").first).to_be_visible()
    expect(page.get_by_text("Tax id damaged by a spreadsheet").first).to_be_visible()
    screenshot(page, "imports-report")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rejected rows").click()
    assert "tax_id_mangled" in Path(download.value.path()).read_text(encoding="utf-8-sig")

    page.get_by_role("link", name="See the people").click()
    expect(page.get_by_text(f"{Lead.objects.count()} people")).to_be_visible()
    page.locator("#q").fill("oleg.ershov.0")
    expect(page.get_by_role("row")).to_have_count(2)
    screenshot(page, "leads-list")
    page.get_by_role("row").last.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Addresses")).to_be_visible()
    screenshot(page, "leads-detail")


OWN_LIST = (
    "Export of the fair;;;\r\nmade on 3 March;;;\r\n"
    "Who;Role held;Where employed;Mail 1 (work);Land;# Headcount;Tel.;Deal $\r\n"
    "Müller, Anna;Geschäftsführerin;Gruene Zukunft GmbH;anna@zukunft.example, a.mueller@zukunft.example;Deutschland;11-50;+49 30 901820;5\r\n"
    "Inês Núñez;CTO;Café Señor;ines@senor.example;Spain;51-200;;7\r\n"
    "Søren Ørsted;=1+1;Ørsted ApS;soren@orsted.example;Denmark;1001+;;\r\n"
)


@pytest.mark.long
def test_what_is_missing_from_the_mapping_is_asked_for_with_likely_columns(signed_in_page, screenshot, tmp_path):
    path = tmp_path / "my-list.csv"
    path.write_bytes(OWN_LIST.encode("cp1252"))
    page = signed_in_page("operator", "/imports/new/")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Name is not imported.")).to_be_visible()
    expect(page.get_by_text("The encoding is not certain. Which words are right?")).to_be_visible()
    expect(page.get_by_role("button", name="Inês")).to_have_attribute("aria-pressed", "true")
    screenshot(page, "imports-warnings")
    for alert, column in (("Name is not", "Who"), ("Title is not", "Role held"), ("Company is not", "Where employed")):
        notice = page.get_by_role("alert").filter(has_text=alert)
        if notice.get_by_role("button", name=column).count():
            notice.get_by_role("button", name=column).click()
        else:
            page.get_by_label(column).select_option(
                {"Who": "full_name", "Role held": "title"}.get(column, "company.name")
            )
        expect(notice).to_have_count(0)
    preview = page.get_by_role("table").last
    expect(preview).to_contain_text("Anna Müller")
    expect(preview).to_contain_text("11–50")
    expect(preview).to_contain_text("Germany")
    expect(preview).to_contain_text("a.mueller@zukunft.example")
    screenshot(page, "imports-own-list")
    page.get_by_role("button", name="Import", exact=True).click()
    drain()
    expect(page.get_by_role("heading", name="3 people are in. What's next?")).to_be_visible()
    expect(page.get_by_text("Running")).to_have_count(0)
    screenshot(page, "imports-own-report")
    page.get_by_role("link", name="Make a segment").click()
    expect(page.locator("#name")).to_have_value(re.compile("^my-list.csv, "))
    expect(page.locator("#preview")).to_contain_text("3 leads match")
    assert Company.objects.get(name="Café Señor").employees == "51–200"


def test_leaving_the_search_field_for_a_result_opens_the_result(signed_in_page):
    """Losing the focus must not search again: the answer would replace the link under the click and its page."""
    lead = make_lead(full_name="Olga Stone")
    page = signed_in_page("operator", "/leads/")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if "hx-request" in request.headers else None)
    page.locator("#q").fill("olga")
    page.wait_for_url("**q=olga**")
    asked = len(requests)
    page.get_by_role("link", name="Olga Stone").click()
    expect(page.get_by_role("heading", name="Addresses")).to_be_visible()
    assert page.url.endswith(f"/leads/{lead.pk}/")
    assert len(requests) == asked


def test_a_filter_acts_while_it_is_typed(signed_in_page):
    make_lead(full_name="Olga Stone")
    page = signed_in_page("operator", "/leads/")
    page.locator("#title").fill("nurse")
    expect(page.get_by_role("link", name="Olga Stone")).to_have_count(0)


def test_a_file_that_is_no_table_is_explained(signed_in_page, tmp_path, complaints):
    path = tmp_path / "report.csv"
    path.write_bytes(b"%PDF-1.7 something")
    page = signed_in_page("operator", "/imports/new/")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("PDF")
    complaints.clear()  # the browser notes every answer of 422


@pytest.mark.long
def test_a_workbook_is_imported_from_a_chosen_sheet_and_undone(signed_in_page, screenshot, tmp_path):
    def more(book):
        sheet = book.create_sheet("Fair")
        sheet.append(["Name", "E-mail", "Company", "INN", "Since"])
        sheet.append(["Anna Kern", "info@firm.example", "ООО «Вега»", 7707083893, "2024-01-02"])
        sheet.append(["Bob Low", "bob@firm.example", "ООО «Вега»", 7707083894, ""])

    path = tmp_path / "fair.xlsx"
    path.write_bytes(workbook(["Read me"], ["first"], change=more))
    page = signed_in_page("operator", "/imports/new/")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_label("People and companies").check()
    page.get_by_label("Where the list is from").fill("fair")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label("Sheet")).to_have_value("Fair")
    expect(page.get_by_label("INN")).to_have_value("company.tax_id")
    screenshot(page, "imports-workbook")
    page.get_by_role("button", name="Import", exact=True).click()
    drain()
    expect(page.get_by_text("Done").first).to_be_visible()
    expect(page.get_by_text("shared or disposable mailbox")).to_be_visible()
    screenshot(page, "imports-workbook-report")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Undo this import").click()
    drain()
    expect(page.get_by_text("2 people removed")).to_be_visible()
    screenshot(page, "imports-undone")
    assert not Lead.objects.exists()

    page.get_by_role("link", name="Imports").first.click()
    page.get_by_role("link", name="Saved mappings").click()
    expect(page.get_by_role("heading", name="fair")).to_be_visible()
    screenshot(page, "imports-mappings")


def test_two_that_look_like_one_are_compared_merged_and_parted(signed_in_page, screenshot):
    firm = Company.objects.create(name="Vega GmbH", name_key="vega")
    one = make_lead("Anna Kern", email="anna@vega.example", company=firm, title="CTO", city="Bonn", tags=["vip"])
    two = make_lead(
        "Anna Kern", email="a.kern@vega.example", phone="+12125550101", company=firm, title="Chief Technology Officer"
    )
    make_lead("Bob Low", email="bob@vega.example", company=firm)
    make_lead("Low Bob", email="low@vega.example", company=firm)
    for lead in Lead.objects.all():
        lead.name_key = lead.full_name.lower()
        lead.save()
    duplicates.look_at(kind="lead", ids=list(Lead.objects.values_list("pk", flat=True)))
    page = signed_in_page("operator", "/duplicates/")
    expect(page.get_by_role("row")).to_have_count(3)
    screenshot(page, "duplicates-list")
    page.get_by_role("link", name="Anna Kern · Anna Kern").click()
    expect(page.get_by_role("row", name="Title")).to_contain_text("Chief Technology Officer")
    screenshot(page, "duplicates-detail")
    page.get_by_role("button", name="Merge, keep the left one").click()
    expect(page.get_by_text("Merged.")).to_be_visible()
    page.get_by_role("button", name="Keep apart").click()
    expect(page.get_by_text("Kept apart.")).to_be_visible()
    two.refresh_from_db()
    assert two.merged_into_id == one.pk
    page.get_by_role("link", name="Duplicates").first.click()
    page.get_by_role("link", name="Merged", exact=True).click()
    page.get_by_role("link", name="Anna Kern · Anna Kern").click()
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_text("Decision undone.", exact=True)).to_be_visible()
    two.refresh_from_db()
    assert two.merged_into_id is None
