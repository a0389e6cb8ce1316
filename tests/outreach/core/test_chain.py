"""The audit trail: append-only by the database, chained so that a change is noticed, erasable without a break."""

from __future__ import annotations

import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from outreach.core import chain
from outreach.core.audit import forget_reasons, record, record_alike
from outreach.core.models import Actor, AuditEntry
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")


@pytest.fixture
def subject():
    return make_user()


@pytest.fixture
def trail(subject):
    """Five sealed entries; the third has a reason."""
    for number in range(5):
        record("thing.done", subject=subject, actor=ACTOR, reason="he asked for it" * (number == 2), data={"n": number})
    chain.seal()
    return list(AuditEntry.objects.order_by("position"))


def tamper(sql, *parameters):
    """What only someone with the rights of the database's owner can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_sealed_entries_form_one_whole_chain(trail):
    verdict = chain.verify()
    assert (verdict.sealed, verdict.unsealed, verdict.fault, verdict.head) == (len(trail), 0, "", trail[-1].seal)
    assert len({entry.seal for entry in trail}) == len(trail)


def test_what_is_written_later_goes_on_from_the_head(trail, subject):
    record_alike("thing.done", model=type(subject), ids=range(1, 4), actor=ACTOR, data={"n": 1.5, "word": "ё"})
    assert chain.seal() == 3 and chain.seal() == 0
    assert chain.verify(expected=trail[-1].seal) == chain.Verdict(len(trail) + 3, 0, 0, chain.verify().head)


def test_what_was_written_a_moment_ago_is_verified_too(trail, subject):
    entry = record("thing.done", subject=subject, actor=ACTOR)
    verdict = chain.verify()
    assert (verdict.sealed, verdict.unsealed, verdict.fault) == (len(trail) + 1, 0, "")
    tamper("UPDATE core_auditentry SET action = 'x' WHERE id = %s", entry.pk)
    assert chain.verify().entry == entry.pk


@pytest.mark.parametrize(
    "change",
    [
        {"action": "other.thing"},
        {"subject_id": "0"},
        {"actor_name": "someone else"},
        {"data": {"n": 99}},
        {"reason": "another reason"},
        {"position": 1_000},
        {"seal": "0"},
        {"reason_digest": "0"},
        {"salt": "0"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_database_lets_nobody_change_an_entry(trail, change):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=trail[2].pk).update(**change)


def test_the_database_lets_nobody_remove_entries(trail):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE core_auditentry")


@pytest.mark.parametrize(
    ("sql", "broken", "why"),
    [
        ("UPDATE core_auditentry SET actor_name = 'x' WHERE id = %s", 2, "changed"),
        ("UPDATE core_auditentry SET reason = 'x' WHERE id = %s", 2, "reason"),
        ("UPDATE core_auditentry SET at = at - interval '1 microsecond' WHERE id = %s", 2, "changed"),
        ("DELETE FROM core_auditentry WHERE id = %s", 3, "missing"),
    ],
)
def test_the_first_broken_record_is_named(trail, sql, broken, why):
    tamper(sql, trail[2].pk)
    verdict = chain.verify()
    assert verdict.entry == trail[broken].pk and why in verdict.fault


def test_an_end_that_was_cut_off_is_noticed_by_a_head_that_was_noted(trail):
    tamper("DELETE FROM core_auditentry WHERE id = %s", trail[-1].pk)
    assert chain.verify().fault == ""
    assert "expected seal" in chain.verify(expected=trail[-1].seal).fault


def test_an_erased_reason_leaves_the_chain_whole_and_nothing_to_guess_by(trail, subject):
    forget_reasons(type(subject), [subject.pk])
    entry = AuditEntry.objects.get(pk=trail[2].pk)
    assert (entry.reason, entry.salt) == ("", "") and entry.reason_digest
    assert chain.verify().fault == "" and chain.verify().erased == 1


def test_a_deleted_user_leaves_the_chain_whole(subject):
    record("thing.done", subject=subject, actor=Actor.of(subject))
    chain.seal()
    subject.delete()
    assert chain.verify().fault == ""


def test_the_command_names_the_broken_record_and_fails(trail, capsys):
    call_command("audit", "verify", "--json")
    assert json.loads(capsys.readouterr().out)["fault"] == ""
    tamper("UPDATE core_auditentry SET data = '{}' WHERE id = %s", trail[3].pk)
    with pytest.raises(CommandError, match="code 1"):
        call_command("audit", "verify", "--json")
    assert json.loads(capsys.readouterr().out)["entry"] == trail[3].pk


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_two_that_seal_make_one_chain():
    subject = make_user()

    def write(number):
        for step in range(20):
            with transaction.atomic():
                record("thing.done", subject=subject, actor=ACTOR, data={"n": number})
            if number < 2 and step % 5 == 0:
                chain.seal()
        connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain.seal()
    assert chain.verify() == chain.Verdict(80, 0, 0, AuditEntry.objects.get(position=80).seal)
