"""Numbers as each language writes them."""

import pytest
from django.utils.translation import override

from outreach.core import numbers


@pytest.mark.parametrize(
    ("language", "count", "decimal", "percents"),
    [
        ("en", "1,234,567", "1,234.50", ("0%", "8.4%", "84%", "0.30%")),
        ("ru", "1\xa0234\xa0567", "1\xa0234,50", ("0\xa0%", "8,4\xa0%", "84\xa0%", "0,30\xa0%")),
    ],
)
def test_groups_point_and_percent_sign_are_those_of_the_language(language, count, decimal, percents):
    with override(language):
        assert numbers.count(1_234_567) == count
        assert numbers.decimal(1234.5, 2) == decimal
        assert (*tuple(map(numbers.percent, (0, 0.084, 0.84))), numbers.percent(0.003, 2)) == percents
