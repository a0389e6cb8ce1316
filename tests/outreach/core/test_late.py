"""Libraries that compute are loaded before their threads are held: what is not loaded yet cannot be held."""

from __future__ import annotations

import sys

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from outreach.core.late import on_one_core


def test_the_libraries_are_loaded_and_their_threads_held():
    np.ones(1)
    sys.modules.pop("colorsys", None)
    with threadpool_limits(2), on_one_core("colorsys"):
        assert "colorsys" in sys.modules
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
