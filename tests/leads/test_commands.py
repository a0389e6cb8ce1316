import json

import pytest
from django.core.management import CommandError, call_command

from leads.models import Company, Lead

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
