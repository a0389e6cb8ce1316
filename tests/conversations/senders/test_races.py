"""Two at once on the real database: no limit is ever exceeded, nothing moves away while it is being claimed."""

import pytest

from conversations.dispatch import claiming
from conversations.models import Message
from conversations.senders import assigning, guarding
from conversations.senders.deliverability.models import MailDomain
from outreach.core import clock
from tests.conversations.dispatch.test_races import in_threads
from tests.conversations.factories import ACTOR, make_conversation, make_lead, make_message, make_sender, make_stream

pytestmark = pytest.mark.django_db(transaction=True)


def drain_claims(sender, rounds=20, count=5):
    def claim() -> list[int]:
        return [row.pk for _ in range(rounds) for row in claiming.claim(sender, count)]

    return claim


def test_four_claimers_never_exceed_the_warm_up():
    sender, stream = make_sender(warmup_start=17, warmup_step=5), make_stream()
    for _ in range(40):
        make_message(sender=sender, stream=stream)
    claimed = [pk for found in in_threads(*[drain_claims(sender)] * 4) for pk in found]
    assert len(claimed) == len(set(claimed)) == 17


def test_four_claimers_never_exceed_a_providers_bucket():
    sender, stream = make_sender(group_limits={"google": 12}), make_stream()
    MailDomain.objects.create(domain="firm.de", provider="google", status="found")
    for number in range(10):
        for domain in ("firm.de", "elsewhere.de"):
            lead = make_lead(email=f"p{number}@{domain}")
            make_message(sender=sender, stream=stream, conversation=make_conversation(lead))
    claimed = [pk for found in in_threads(*[drain_claims(sender)] * 4) for pk in found]
    by_domain = list(Message.objects.filter(pk__in=claimed).values_list("address", flat=True))
    assert len(claimed) == len(set(claimed))
    assert sum(address.endswith("@firm.de") for address in by_domain) == 3
    assert sum(address.endswith("@elsewhere.de") for address in by_domain) == 10


def test_complaints_at_the_same_moment_halve_once():
    sender = make_sender(hourly_cap=40)
    make_message(sender=sender)
    now = clock.now()
    in_threads(*[lambda: guarding.slow_down(sender=sender, provider="google", now=now)] * 4)
    claiming.claim(sender, 1)
    from outreach.limits.models import Allowance

    assert Allowance.objects.get(key=f"sender:{sender.pk}").usage["groups"]["google"]["per_hour"] == 20


def test_what_is_moved_is_never_claimed_by_the_old_sender():
    old, new, stream = make_sender(), make_sender(), make_stream()
    for _ in range(60):
        make_message(sender=old, stream=stream)
    claimed, _moved = in_threads(
        drain_claims(old, rounds=15, count=3),
        lambda: assigning.rehome(sender=old, to=[new], actor=ACTOR, reason="Leaving"),
    )
    rows = list(Message.objects.all())
    assert all(row.sender_id == old.pk for row in rows if row.pk in claimed)
    assert {row.sender_id for row in rows if row.pk not in claimed} <= {new.pk}
    assert len(rows) == 60
