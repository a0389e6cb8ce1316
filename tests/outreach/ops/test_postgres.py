"""The embedded server's own binaries, wherever they have to run from."""

import subprocess

from outreach.ops.postgres import _copied, find_binaries


def test_binaries_that_are_copied_still_find_their_libraries(tmp_path):
    copy = _copied(find_binaries(), tmp_path / "copy")
    answer = subprocess.run([str(copy / "initdb"), "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in answer.stdout
    assert _copied(find_binaries(), tmp_path / "copy") == copy
