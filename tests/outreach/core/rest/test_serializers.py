"""Fields of a model, built once."""

from leads.directory.api import LeadSerializer
from tests.leads.factories import make_lead


def test_serializers_do_not_share_the_fields_that_were_built_once(db):
    first, second = LeadSerializer(), LeadSerializer()
    first.fields["full_name"].max_length = 1
    assert first.fields["full_name"] is not second.fields["full_name"]
    assert second.fields["full_name"].max_length != 1
    assert LeadSerializer(make_lead(full_name="Ann Lee")).data["full_name"] == "Ann Lee"


def test_a_serializer_that_extends_another_has_fields_of_its_own():
    class Short(LeadSerializer):
        class Meta(LeadSerializer.Meta):
            fields = ("id",)

    assert len(LeadSerializer().fields) > 1
    assert list(Short().fields) == ["id"]
