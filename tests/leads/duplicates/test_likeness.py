"""Which names can be two spellings of one, and which are two people."""

import pytest

from leads.cleaning.cells import key
from leads.duplicates.likeness import is_one_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Müller", "Müller Anna"),
        ("Anna Müller", "Anna Mueller"),
        ("A. Müller", "Anna Müller"),
        ("Anna Maria Müller", "Anna Müller"),
        ("Peter Jensen", "Peter Jesnen"),
        ("Sergey Ivanov", "Sergei Ivanov"),
        ("Claire Lefèvre", "CLAIRE LEFEVRE"),
        ("Stephan Weber", "Stefan Weber"),
    ],
)
def test_spellings_of_one_name(one, other):
    assert is_one_name(key(one), key(other)) and is_one_name(key(other), key(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Müller", "Peter Müller"),
        ("Anna Müller", "Anna Weber"),
        ("Denis Weber", "Denise Weber"),
        ("Martin Koch", "Martina Koch"),
        ("Jan Novak", "Jana Novak"),
        ("A. Müller", "B. Müller"),
        ("Anna Müller", ""),
        ("", ""),
        ("A. M.", "Anna Müller"),
    ],
)
def test_two_people(one, other):
    assert not is_one_name(key(one), key(other)) and not is_one_name(key(other), key(one))
