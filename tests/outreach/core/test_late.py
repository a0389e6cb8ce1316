"""Libraries that only computing needs are loaded by what computes."""

import ast
import sys
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from outreach.core.late import late, on_one_core

WINGS = ("outreach", "leads", "conversations", "campaigns")
BIG = {"scipy", "sklearn", "pandas", "duckdb", "pyarrow"}
ROOT = Path(__file__).resolve().parents[3]


def test_a_module_is_loaded_when_something_in_it_is_asked_for(monkeypatch):
    monkeypatch.delitem(sys.modules, "antigravity", raising=False)
    monkeypatch.setattr("webbrowser.open", lambda url: True)
    module = late("antigravity")
    assert "antigravity" not in sys.modules
    assert callable(module.geohash) and "antigravity" in sys.modules


def test_what_is_not_installed_says_so_when_it_is_used():
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        _ = late("no_such_library").anything


@pytest.mark.parametrize("wing", WINGS)
def test_no_module_loads_a_big_library_with_the_product(wing):
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / wing).rglob("*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
        if name.partition(".")[0] in BIG
    ]
    assert not found


def test_libraries_are_loaded_before_their_threads_are_held(monkeypatch):
    """What is not loaded yet cannot be held."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with threadpool_limits(2), on_one_core("colorsys"):
        assert "colorsys" in sys.modules
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
