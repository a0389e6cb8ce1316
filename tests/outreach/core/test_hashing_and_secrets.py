"""Canonical hashes, encryption at rest, keyed digests."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.errors import Permanent
from outreach.core.hashing import canonical_hash, canonical_json, joined_hash
from outreach.core.models import DataKey
from outreach.core.secrets import address_digest, data_key, decrypt, encrypt, require_own_database

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), json_values))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical_hash(dict(reversed(value.items()))) == canonical_hash(value)


def test_different_meaning_gives_different_hashes():
    values = [{}, [], None, 0, False, "", {"a": 1}, {"a": "1"}, {"a": [1]}, {"a": None}]
    assert len({canonical_hash(value) for value in values}) == len(values)


def test_canonical_json_has_no_white_space_and_keeps_letters():
    assert canonical_json({"б": 1, "a": [1, 2]}) == '{"a":[1,2],"б":1}'.encode()


@pytest.mark.django_db
def test_the_database_computes_the_same_joined_hash():
    parts = ["Ada", "", "Ärztin", "Берлин"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(sha256(convert_to(concat_ws(chr(31), %s, %s, %s, %s), 'UTF8')), 'hex')", parts)
        assert cursor.fetchone()[0] == joined_hash(*parts)


def test_joined_parts_cannot_run_into_each_other():
    assert joined_hash("ab", "c") != joined_hash("a", "bc")


@given(json_values)
def test_credentials_come_back_as_they_were(value):
    assert decrypt(encrypt(value)) == value


def test_the_token_shows_nothing_of_the_secret():
    assert "hunter2" not in encrypt({"password": "hunter2"})
    assert encrypt("x") != encrypt("x")


def test_a_rotated_key_still_reads_old_rows(settings):
    token = encrypt("secret")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key"
    assert decrypt(token) == "secret"


def test_a_lost_key_is_said_plainly(settings):
    token = encrypt("secret")
    settings.SECRET_KEY = "a new key"
    with pytest.raises(Permanent, match="SECRET_KEY"):
        decrypt(token)


@pytest.fixture
def fresh_process(settings):
    """As if the product had just been started with the settings of the test."""
    data_key.cache_clear()
    yield
    data_key.cache_clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("fresh_process")
class TestDigestOfAnAddress:
    def test_it_recognises_the_address_and_hides_it(self):
        digest = address_digest("a@firm.de")
        assert digest == address_digest("a@firm.de") != address_digest("b@firm.de")
        assert "firm" not in digest

    def test_it_differs_between_installations(self, settings):
        digest = address_digest("a@firm.de")
        data_key.cache_clear()
        DataKey.objects.all().delete()
        settings.SECRET_KEY = "another installation"
        assert digest != address_digest("a@firm.de")

    def test_it_outlives_a_rotated_secret_key(self, settings):
        digest = address_digest("a@firm.de")
        data_key.cache_clear()
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "a new key"
        assert digest == address_digest("a@firm.de")

    def test_a_process_with_a_wrong_secret_key_is_stopped_at_the_door(self, settings):
        address_digest("a@firm.de")
        data_key.cache_clear()
        settings.SECRET_KEY = "a new key"
        with pytest.raises(Permanent, match="people who opted out would not be recognised"):
            require_own_database()
