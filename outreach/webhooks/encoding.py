"""How a body is written: the bytes that are signed are the bytes that are sent and shown. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def encoded(body: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON without spaces."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
