"""How commands show rows to people."""

import pytest

from outreach.access.models import User
from outreach.core.errors import Invalid
from outreach.core.terminal import emit, found, read_file
from tests.outreach.access.factories import make_user


def test_rows_that_do_not_fit_beside_each_other_stand_one_below_the_other(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    rows = [
        {f"a-long-column-name-{n}": f"value-{row}-{n}" for n in range(9)} | {"empty": None, "map": {"Mail": "email"}}
        for row in range(2)
    ]
    emit(rows, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert any("a-long-column-name-8" in line and "value-1-8" in line for line in lines)
    assert any("Mail: email" in line for line in lines)
    assert not any("empty" in line for line in lines)


def test_rows_that_fit_are_a_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    emit([{"id": 1, "name": "Anna"}, {"id": 2, "name": "Bob"}], as_json=False)
    out = capsys.readouterr().out
    assert "┃ id ┃ name ┃" in out and "Bob" in out


@pytest.mark.django_db
def test_a_row_is_found_by_its_number_before_its_name():
    first = make_user(username="ada")
    second = make_user(username=str(first.pk))
    assert found(User.objects.all(), first.pk, "user", "username") == first
    assert found(User.objects.all(), str(first.pk), "user") == first
    assert found(User.objects.exclude(pk=first.pk), str(first.pk), "user", "username") == second
    assert found(User.objects.all(), "ada", "user", "first_name", "username") == first


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["ada", "9" * 30, "0", ""])
def test_a_row_that_is_not_there_is_named(text):
    with pytest.raises(Invalid) as caught:
        found(User.objects.all(), text, "user", "username", field="number")
    assert (caught.value.field, caught.value.code) == ("number", "not_found")
    assert caught.value.reason == f"There is no user “{text}”."


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path, is_folder):
    path = tmp_path if is_folder else tmp_path / "missing.csv"
    with pytest.raises(Invalid, match=path.name) as refused:
        read_file(path)
    assert (refused.value.field, refused.value.code) == ("file", "file_unreadable")
