"""A list on its way in, as a person does it: choose the file, look at the mapping, import, read the report."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from leads.models import Lead
from outreach.jobs.draining import drain

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def test_a_file_is_uploaded_mapped_imported_and_reported(signed_in_page, screenshot):
    page = signed_in_page("operator", "/imports/new/")
    page.get_by_label("File", exact=True).set_input_files(EXAMPLES / "people-ru.csv")
    page.get_by_label("Where the list is from").fill("fair")
    screenshot(page, "imports-upload")
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_text("cp1251")).to_have_count(2)  # found, and among the choices
    expect(page.get_by_label("Эл. почта")).to_have_value("email")
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
    expect(page.get_by_text("tax_id_mangled").first).to_be_visible()
    screenshot(page, "imports-report")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rejected rows").click()
    assert "tax_id_mangled" in Path(download.value.path()).read_text(encoding="utf-8-sig")

    page.get_by_role("link", name="See the new leads").click()
    expect(page.get_by_text(f"{Lead.objects.count()} leads")).to_be_visible()
    page.get_by_label("Search").fill("oleg.ershov.0")
    expect(page.get_by_role("row")).to_have_count(2)
    screenshot(page, "leads-list")
    page.get_by_role("row").last.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Addresses")).to_be_visible()
    screenshot(page, "leads-detail")


def test_a_file_that_is_no_table_is_explained(signed_in_page, tmp_path, complaints):
    path = tmp_path / "report.csv"
    path.write_bytes(b"%PDF-1.7 something")
    page = signed_in_page("operator", "/imports/new/")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("PDF")
    complaints.clear()  # the browser notes every answer of 422
