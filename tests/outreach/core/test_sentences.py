"""Stored sentences are read by everyone in their own language."""

import pytest
from django.utils.translation import override

from outreach.core import words
from outreach.core.words import gettext, joined, ngettext
from outreach.jobs.models import Job


def test_filled_counted_and_joined_it_is_told_again_in_another_language():
    written = ngettext("%(count)s decision compared", "%(count)s decisions compared", 3) % {"count": 3}
    kept = joined(". ", (written, gettext("Time zone"), "Acme")).stored
    assert words.read(kept) == "3 decisions compared. Time zone. Acme"
    with override("ru"):
        assert words.read(kept) == "Сопоставлено 3 решения. Часовой пояс. Acme"


def test_a_sentence_inside_another_one_is_translated_too():
    nested = gettext("Not known: %(factor)s") % {"factor": gettext("Pay")}
    with override("ru"):
        assert words.read(nested.stored) == gettext("Not known: %(factor)s") % {"factor": gettext("Pay")}
        assert "Pay" not in words.read(nested.stored)


def test_only_a_cut_that_takes_something_away_forgets():
    sentence = gettext("Time zone")
    assert isinstance(sentence[:100], words.Sentence)
    assert not isinstance(sentence[:4], words.Sentence)


@pytest.mark.parametrize("stored", ["A plain text", "Of another release\x1f[1, 2", "So too\x1f[]"])
def test_anything_else_is_read_as_it_stands(stored):
    assert words.read(stored) == stored.partition("\x1f")[0]


@pytest.mark.django_db
def test_a_column_keeps_it_through_saving_in_another_language():
    job = Job.objects.create(kind="x", task="x", outcome=gettext("Time zone"), error="As written")
    with override("ru"):
        job.refresh_from_db()
        assert (job.outcome, job.error) == ("Часовой пояс", "As written")
        job.save()
        assert Job.objects.values_list("outcome", flat=True).get() == "Часовой пояс"
    assert Job.objects.get().outcome == "Time zone"
