import json

import pytest
from django.core.management import CommandError, call_command

from leads.models import Company, Lead
from tests.leads.factories import make_lead
from tests.leads.imports.reading.workbook_files import workbook

pytestmark = pytest.mark.django_db


def run(capsys, *arguments):
    capsys.readouterr()
    call_command(*arguments)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_people_are_imported_listed_inspected_and_exported(tmp_path, capsys):
    path = tmp_path / "people.csv"
    path.write_text("Who,Where\nAnna K,a@x.example\n=1+1,b@x.example\nC,nope\n")
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"Who": "full_name", "Where": "email"}')
    rejected = tmp_path / "rejected.csv"
    arguments = ["employee", "import", str(path), "--mapping", str(mapping), "--source", "fair", "--json"]
    [dry] = run(capsys, *arguments, "--dry-run")
    assert (dry["created"], dry["rejected"], Lead.objects.count()) == (2, 1, 0)
    [report] = run(capsys, *arguments, "--session-key", "s", "--rejected", str(rejected))
    assert (report["created"], report["rejected_by_code"]) == (2, {"email_invalid": 1})
    assert "nope" in rejected.read_text()
    [again] = run(capsys, *arguments)
    assert again["outcome"].startswith("Nothing changed")
    assert [row["full_name"] for row in run(capsys, "employee", "list", "--json")] == ["=1+1", "Anna K"]
    [anna] = run(capsys, "employee", "inspect", "a@x.example", "--json")
    assert (anna["full_name"], anna["session_key"], anna["addresses"]) == ("Anna K", "s", ["email:a@x.example"])
    out = tmp_path / "out.csv"
    call_command("employee", "export", str(out))
    assert "'=1+1" in out.read_text()


def test_companies_are_imported_listed_inspected_and_exported(tmp_path, capsys):
    path = tmp_path / "companies.csv"
    path.write_text("Name;INN\nРомашка ООО;7707083893\n", encoding="cp1251")
    [report] = run(capsys, "company", "import", str(path), "--country", "RU", "--json")
    assert (report["encoding"], report["delimiter"], report["created"]) == ("cp1251", "semicolon", 1)
    [row] = run(capsys, "company", "list", "--search", "Ромашка", "--json")
    assert row["country"] == "RU"
    [company] = run(capsys, "company", "inspect", "7707083893", "--json")
    assert company["pk" if "pk" in company else "id"] == Company.objects.get().pk
    capsys.readouterr()
    call_command("company", "export")
    assert "Ромашка" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "empty"), (b"%PDF-1.7", "PDF"), (b"a;b\n1;2\n", "column"), (None, "cannot be read")],
)
def test_bad_input_is_one_sentence_and_an_exit_code(tmp_path, capsys, content, sentence):
    path = tmp_path / "x.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as caught:
        call_command("employee", "import", str(path), "--json")
    assert caught.value.returncode == 1
    error = capsys.readouterr().err
    assert sentence in error and "Traceback" not in error
    assert not Lead.objects.exists()


def test_an_import_is_undone_from_the_command_line(tmp_path, capsys):
    path = tmp_path / "both.csv"
    path.write_text("name,email,company\nAnna,a@x.example,Firm\n,,Lonely AG\n")
    report = run(capsys, "employee", "import", str(path), "--both", "--json")[0]
    assert (report["created"], report["company_rows"], Company.objects.count()) == (1, 1, 2)
    counts = run(capsys, "employee", "undo", str(report["batch_id"]), "--json")[0]
    assert (counts["leads_removed"], counts["companies_removed"], Lead.objects.count()) == (1, 2, 0)


def test_what_is_found_in_a_list_is_inspected(tmp_path, capsys):
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(["Preamble"], [], ["Name", "E-mail", "Firma"], ["Anna", "a@x.example", "Firm"]))
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(path.read_bytes()[:500])
    good, broken, missing = run(capsys, "inspect", "csv", str(path), str(bad), str(tmp_path / "none"), "--json")
    assert (good["sheet"], good["header_line"], good["mapping"]) == (
        "List",
        3,
        {"Name": "full_name", "E-mail": "email", "Firma": "company.name"},
    )
    assert (broken["code"], missing["code"]) == ("workbook_damaged", "file_unreadable")


def test_names_and_numbers_of_companies_are_inspected_a_line_each(capsys):
    arguments = ["ООО «Вега»", "7707083893", "7707083894", "7.7E+09", "Siemens Aktiengesellschaft"]
    rows = run(capsys, "inspect", "company", *arguments, "--country", "RU", "--json")
    assert [row["key"] or row["is_valid"] or row["code"] for row in rows] == [
        "вега",
        True,
        None,
        "tax_id_mangled",
        "siemens",
    ]
    assert rows[2]["is_valid"] is False


def test_duplicates_are_found_listed_and_decided(capsys):
    one, _two = make_lead("Anna", email="anna@x.example"), make_lead("A", email="anna+list@x.example")
    assert run(capsys, "duplicates", "find", "--json") == [{"lead": 1, "company": 0}]
    pair = run(capsys, "duplicates", "list", "--json")[0]
    merged = run(capsys, "duplicates", "merge", str(pair["pair"]), "--keep", str(one.pk), "--json")[0]
    assert (merged["state"], Lead.objects.filter(erased_at=None).count()) == ("merged", 1)
    assert run(capsys, "duplicates", "undo", str(pair["pair"]), "--json")[0]["state"] == "open"
    assert run(capsys, "duplicates", "keep-apart", str(pair["pair"]), "--json")[0]["state"] == "apart"
