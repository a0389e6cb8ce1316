"""The embedded server: its binaries, wherever they have to run from, and the memory that it may use."""

import subprocess

import pytest

from outreach.ops.postgres import _copied, buffers_mib, find_binaries


@pytest.mark.parametrize(("gib", "mib"), [(1, 128), (4, 256), (64, 512)])
def test_the_cache_follows_the_machines_memory_within_bounds(gib, mib):
    assert buffers_mib(gib * 2**30) == mib


def test_binaries_that_are_copied_still_find_their_libraries(tmp_path):
    copy = _copied(find_binaries(), tmp_path / "copy")
    answer = subprocess.run([str(copy / "initdb"), "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in answer.stdout
    assert _copied(find_binaries(), tmp_path / "copy") == copy
