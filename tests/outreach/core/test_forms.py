"""How every form is drawn: what is needed, what is optional, where the faults are."""

from __future__ import annotations

import pytest
from django import forms
from selectolax.lexbor import LexborHTMLParser

from outreach.core.forms import Group, NumberField, ZoneField, faults, parts


class TripForm(forms.Form):
    """A form with a bit of everything."""

    name = forms.CharField(label="Name")
    note = forms.CharField(label="Note", required=False)
    seat = forms.ChoiceField(label="Seat", choices=[("a", "Aisle"), ("w", "Window")], required=False)
    is_vegan = forms.BooleanField(label="Vegan", required=False)
    days = forms.MultipleChoiceField(
        label="Days", choices=[("0", "Mon"), ("1", "Tue")], widget=forms.CheckboxSelectMultiple
    )
    wait = NumberField(label="Wait", required=False, min_value=0, unit="minutes", help_text="At the gate")
    passport = forms.CharField(label="Passport", required=False)

    needed = ("passport",)
    groups = (
        Group(("name", "days"), "Trip"),
        Group(("wait", "seat"), is_advanced=True),
    )
    title = "Leg 1"


def drawn(form):
    return LexborHTMLParser(str(form))


def one(tree, selector):
    (found,) = tree.css(selector)
    return found


def test_only_a_text_that_may_stay_empty_is_called_optional():
    tree = drawn(TripForm())
    assert tree.css("label[for=id_note] .optional")
    for name in ("name", "passport", "seat", "is_vegan"):
        assert not tree.css(f"label[for=id_{name}] .optional"), name


def test_what_the_server_needs_is_marked_even_where_django_does_not_ask_for_it():
    tree = drawn(TripForm())
    assert "required" in one(tree, "#id_name").attributes
    passport = one(tree, "#id_passport").attributes
    assert passport["aria-required"] == "true" and "required" not in passport
    assert [found.attributes["for"] for found in tree.css("div.is-needed > label")] == ["id_name", "id_passport"]


def test_a_list_that_always_has_a_value_is_not_marked():
    class SeatForm(forms.Form):
        seat = forms.ChoiceField(choices=[("a", "Aisle")])
        meal = forms.ChoiceField(choices=[("", "Choose a meal"), ("v", "Vegan")])

    form = SeatForm()
    assert (form["seat"].is_marked, form["meal"].is_marked) == (False, True)


def test_fields_stand_in_their_groups_and_loose_ones_in_the_first():
    assert [[field.name for field in part.fields] for part in parts(TripForm())] == [
        ["name", "days", "note", "is_vegan", "passport"],
        ["wait", "seat"],
    ]


@pytest.mark.parametrize(
    ("data", "is_open"),
    [(None, False), ({"name": "Ann"}, False), ({"name": "Ann", "days": ["0"], "wait": "-1"}, True)],
)
def test_the_advanced_part_opens_when_it_holds_a_fault(data, is_open):
    assert ("open" in one(drawn(TripForm(data)), "details").attributes) is is_open


def test_many_folded_groups_are_folded_together_and_open_to_the_fault():
    class LongForm(forms.Form):
        first, second, third = (forms.IntegerField(required=False) for _number in range(3))
        groups = tuple(Group((name,), name.title(), is_advanced=True) for name in ("first", "second", "third"))

    def opened(form):
        return ["open" in found.attributes for found in drawn(form).css("details")]

    assert opened(LongForm()) == [False] * 4
    assert opened(LongForm({"third": "x"})) == [True, False, False, True]


def test_the_summary_links_every_fault_to_its_field_and_the_field_to_its_sentence():
    tree = drawn(TripForm({"name": "", "wait": "soon", "days": ["0"]}))
    links = {link.attributes["href"]: link.text() for link in tree.css(".error-summary a")}
    assert set(links) == {"#id_name", "#id_wait"} and links["#id_name"].startswith("Leg 1 Name: ")
    wait = one(tree, "#id_wait").attributes
    assert wait["value"] == "soon" and wait["aria-invalid"] == "true"
    assert wait["aria-describedby"] == "id_wait_helptext id_wait_error"
    assert "whole number" in one(tree, "#id_wait_error").text()


def test_a_fault_in_a_group_of_boxes_leads_to_the_boxes():
    form = TripForm({"name": "Ann"})
    (fault,) = faults(form)
    tree = drawn(form)
    assert tree.css(f"#{fault.target} input[name=days]")
    assert one(tree, "fieldset.field").attributes["aria-describedby"] == "id_days_error"


def test_an_untouched_form_has_no_summary():
    assert not drawn(TripForm()).css(".error-summary")


def test_the_unit_stands_behind_the_number():
    assert one(drawn(TripForm()), "#id_wait + .unit").text() == "minutes"


def test_long_lists_can_be_searched_and_boxes_cannot():
    tree = drawn(TripForm())
    assert "data-search" in one(tree, "select[name=seat]").attributes
    assert not tree.css("input[data-search]")


def test_a_zone_that_is_not_in_the_list_is_kept_and_nonsense_is_refused():
    field = ZoneField()
    assert ("America/New_York", "America/New York") in field.choices
    assert field.clean("America/New_York") and field.clean("Europe/Kiev")
    with pytest.raises(forms.ValidationError):
        field.clean("Mars/Olympus")


def test_a_value_that_a_row_has_already_stays_in_the_list():
    class PlaceForm(forms.Form):
        zone = ZoneField()

    tree = drawn(PlaceForm(initial={"zone": "Etc/GMT+3"}))
    assert one(tree, "option[selected]").attributes["value"] == "Etc/GMT+3"
    assert not drawn(PlaceForm()).css('option[value="Etc/GMT+3"]')
