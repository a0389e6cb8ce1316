"""Countries and languages are shown by name, and every name that is shown is understood when it is typed."""

import pytest
from django.utils.translation import override

from leads import names
from leads.cleaning import cells
from leads.models import Company, Lead


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_country_that_is_shown_is_read_back(language):
    with override(language):
        shown = names.countries()
    assert len(shown) > 240
    assert [(name, cells.country(name)) for code, name in shown if cells.country(name) != code] == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_language_that_is_shown_is_read_back(language):
    with override(language):
        shown = names.languages()
    assert [(name, cells.language(name)) for code, name in shown if cells.language(name) != code] == []


def test_names_follow_the_viewer():
    with override("ru"):
        assert (names.country_name("DE"), names.language_name("de")) == ("Германия", "Немецкий")
    with override("en"):
        assert (names.country_name("DE"), names.language_name("de")) == ("Germany", "German")
    assert names.country_name("") == "" and names.country_name("??") == "??"


@pytest.mark.parametrize("text", ["Germany", "Deutschland", "DE", "Германия", "deu"])
def test_a_country_is_typed_in_any_way_the_importer_reads(text):
    assert cells.country(text) == "DE"


def test_a_place_is_what_is_known_of_it():
    assert names.place_name(Lead(city="Denver", region="Colorado", country="US")) == "Denver, Colorado, United States"
    assert names.place_name(Company(city="Denver", country="US")) == "Denver, United States"
    assert names.place_name(Company(city="Denver")) == "Denver"
    assert names.place_name(Lead()) == "–"
