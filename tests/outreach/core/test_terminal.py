"""How commands show rows to people."""

from outreach.core.terminal import emit


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
