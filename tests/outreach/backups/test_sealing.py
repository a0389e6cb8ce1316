"""A sealed stream opens with its key only, and only as a whole."""

import io

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from outreach.backups import archive
from outreach.backups.sealing import CHUNK, Opener, Sealer
from outreach.core.errors import Permanent

KEY = "correct horse battery staple"


def sealed(content, key=KEY):
    target = io.BytesIO()
    with Sealer(target, key) as sealer:
        sealer.write(content)
    return target.getvalue()


def opened(data, key=KEY):
    return io.BufferedReader(Opener(io.BytesIO(data), key)).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_is_sealed_comes_back(size):
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    data = sealed(content)
    assert opened(data) == content
    assert b"x" * 40 not in data


def test_another_key_opens_nothing():
    with pytest.raises(Permanent, match="cannot be opened"):
        opened(sealed(b"names"), "another key altogether")


@hypothesis_settings(max_examples=12)
@given(place=st.floats(0, 1, exclude_max=True))
def test_any_changed_byte_is_noticed(place):
    data = bytearray(SEALED)
    data[int(place * len(data))] ^= 1
    with pytest.raises(Permanent):
        opened(bytes(data))


@pytest.mark.parametrize("cut", [1, 40, CHUNK + 16])
def test_a_cut_is_noticed(cut):
    with pytest.raises(Permanent):
        opened(SEALED[:-cut])


def test_an_archive_gives_back_its_streams_in_parts(monkeypatch):
    monkeypatch.setattr(archive, "PART", 10)
    target = io.BytesIO()
    with archive.writing(target, KEY) as writer:
        writer.add_json("contents.json", {"a": 1})
        writer.add("tables/one", [b"0123456789012", b"345", b""])
        writer.add("tables/none", [])
        writer.add("files/2026/list.csv", [b"x" * 25])
    target.seek(0)
    found = [(name, b"".join(chunks)) for name, chunks in archive.reading(target, KEY)]
    assert found == [
        ("contents.json", b'{"a": 1}'),
        ("tables/one", b"0123456789012345"),
        ("tables/none", b""),
        ("files/2026/list.csv", b"x" * 25),
    ]


SEALED = sealed(b"y" * (2 * CHUNK))
