"""A colleague's note on a draft is read part by part."""

from __future__ import annotations

import pytest

from conversations.replies.wishes import Wishes, read


@pytest.mark.parametrize(
    ("note", "wishes"),
    [
        ("shorter, mention the price", Wishes(is_shorter=True, price=True)),
        ("Короче и с ценой", Wishes(is_shorter=True, price=True)),
        ("no price, without the link", Wishes(price=False, link=False)),
        ("более официально, без ссылки", Wishes(tone="formal", link=False)),
        ("friendlier and in Russian", Wishes(tone="friendly", language="ru")),
        ("say where the data is stored; add a link", Wishes(link=True, rest=("say where the data is stored",))),
        ("", Wishes()),
    ],
)
def test_what_a_note_asks_for(note, wishes):
    assert read(note) == wishes
