import pytest
from rest_framework.exceptions import ValidationError

from outreach.core.rest.fields import ObjectField


@pytest.mark.parametrize("value", [[], "text", 1, True, 1.5])
def test_only_an_object_is_taken(value):
    with pytest.raises(ValidationError, match="Write an object"):
        ObjectField().run_validation(value)
    assert ObjectField().run_validation({"a": [1]}) == {"a": [1]}
