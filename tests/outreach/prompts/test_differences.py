"""Two versions side by side: only what differs and a little around it."""

from hypothesis import given
from hypothesis import strategies as st

from outreach.prompts.differences import side_by_side, unified


def test_a_changed_line_marks_the_words_that_differ():
    rows = side_by_side("one\ntwo words here\nthree", "one\ntwo words there\nthree")
    (changed,) = [row for row in rows if not row.is_equal]
    assert [text for text, differs in changed.before if differs] == ["here"]
    assert [text for text, differs in changed.after if differs] == ["there"]
    assert (changed.before_line, changed.after_line) == (2, 2)


def test_lines_far_from_a_change_are_left_out():
    before = "\n".join(f"line {n}" for n in range(40))
    rows = side_by_side(before, before.replace("line 20", "line twenty"))
    assert rows[0].is_gap and rows[-1].is_gap and len(rows) == 7


def test_equal_texts_have_no_difference():
    assert side_by_side("a\nb", "a\nb") == [] and unified("a", "a", names=("x", "y")) == ""


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_both_sides_can_be_read_back_from_the_rows(old, new):
    rows = side_by_side("\n".join(old), "\n".join(new), context=99)
    if old != new:
        assert ["".join(t for t, _ in r.before) for r in rows if r.before] == list(old)
        assert ["".join(t for t, _ in r.after) for r in rows if r.after] == list(new)
