"""The faults, one function each: what is broken while messages leave, and what must still hold."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from tests.faults.forces import Instance, Product
from tests.faults.world import ACTOR_NAME, Result, World
from tests.ports import free_port


@dataclass(frozen=True)
class Scenario:
    """`share` of all messages go through it."""

    name: str
    share: float
    run: Callable[[World, str, int], Result]
    is_product: bool = field(default=False)


def workers_killed(world: World, name: str, count: int) -> Result:
    workers = world.workers()

    def disturb(_stream: Any) -> None:
        time.sleep(world.random.uniform(0.3, 1.2))
        if world.may_kill():
            workers.kill_one(world.random)

    world.sink(delay_seconds=0.02)
    return world.run(name, count, force=workers, disturb=disturb)


def postgres_stopped(number: int) -> Callable[[World, str, int], Result]:
    def run(world: World, name: str, count: int) -> Result:
        left = [3]

        def disturb(_stream: Any) -> None:
            time.sleep(1.2)
            if left[0]:
                left[0] -= 1
                world.restart_postgres(number=number)

        world.sink(delay_seconds=0.02)
        return world.run(name, count, force=world.workers(), disturb=disturb)

    return run


def cut_after_the_final_dot(world: World, name: str, count: int) -> Result:
    world.sink(cut_probability=0.1, cut_keeps_probability=0.5)
    return world.run(name, count, force=world.workers(), disturb=_wait)


def provider_never_answers(world: World, name: str, count: int) -> Result:
    world.carrier(hang_probability=0.15, hang_seconds=4.0, cut_probability=0.1, refuse_probability=0.1)
    return world.run(name, count, force=world.workers(), disturb=_wait, sms_share=0.5)


def passing_refusals(world: World, name: str, count: int) -> Result:
    refusals = [
        {"stage": "rcpt", "reply": "451 4.3.0 Try later", "pattern": "[05]@"},
        {"stage": "mail", "reply": "421 4.7.0 Too many", "pattern": "mailbox1", "disconnect": True},
        {"stage": "data", "reply": "454 4.7.0 Slow down", "pattern": "7@", "times": 20},
    ]
    world.sink(refusals=refusals)
    return world.run(name, count, force=world.workers(), disturb=_once(lambda: world.sink(refusals=[]), after=3.0))


def reputation_refused(world: World, name: str, count: int) -> Result:
    """5.7.1 is about us: the mailbox stops at once, the addresses stay good, everything leaves when a person resumed it."""
    world.sink(refusals=[{"stage": "rcpt", "reply": "550 5.7.1 Blocked", "pattern": "[2468]@"}])

    def verify(stream: Any) -> None:
        from conversations.consent.models import Suppression

        if Suppression.objects.filter(lead__messages__stream=stream).exists():
            world.broken.append("an address was suppressed for our own reputation")

    return world.run(
        name,
        count,
        force=world.workers(),
        disturb=_once(lambda: world.sink(refusals=[]), after=2.0),
        verify=verify,
        sms_share=0.0,
    )


def mailbox_down(world: World, name: str, count: int) -> Result:
    left = [3]

    def disturb(_stream: Any) -> None:
        time.sleep(0.8)
        if left[0]:
            left[0] -= 1
            world.restart_mailbox(seconds=1.0)

    return world.run(name, count, force=world.workers(), disturb=disturb, sms_share=0.0)


def clock_moved(world: World, name: str, count: int) -> Result:
    """Machines a day apart: what is due is what the database says, and no cap is counted twice."""
    return world.run(name, count, force=world.workers(clocks=(0, 86_400, -86_400)), disturb=_wait)


def paused_in_mid_batch(world: World, name: str, count: int) -> Result:
    from conversations.outbox.streams import activate_stream, pause_stream
    from outreach.core.models import Actor

    pauses: list[tuple[datetime, datetime]] = []

    def disturb(stream: Any) -> None:
        stream.refresh_from_db()
        pause_stream(stream=stream, actor=Actor.system(ACTOR_NAME))
        began = _database_time()
        time.sleep(world.random.uniform(0.2, 0.6))
        pauses.append((began, _database_time()))
        activate_stream(stream=stream, actor=Actor.system(ACTOR_NAME))
        time.sleep(world.random.uniform(0.1, 0.5))

    def verify(stream: Any) -> None:
        for began, ended in pauses:
            count = stream.messages.filter(sending_at__gt=began, sending_at__lt=ended).count()
            world.broken += ["left while it was paused"] * count

    world.sink(delay_seconds=0.01)
    return world.run(name, count, force=world.workers(), disturb=disturb, verify=verify)


def stopped_by_the_recipient(world: World, name: str, count: int) -> Result:
    """Opt-outs and replies come in between claim and send, from a few people at a time."""
    from conversations.consent.services import Target, suppress
    from conversations.inbound.handling import handle
    from conversations.inbound.services import store
    from outreach.core.models import Actor

    def disturb(stream: Any) -> None:
        waiting = stream.messages.filter(state__in=["claimed", "scheduled"]).exclude(pk__in=world.stops)
        rows = list(waiting.select_related("lead", "sender").order_by("-state", "id")[:6])
        for number, message in enumerate(rows):
            if number % 2 or message.channel != "email":
                suppress(
                    Target(lead=message.lead, channel=""),
                    reason="opt_out",
                    actor=Actor.system(ACTOR_NAME),
                    evidence="Asked by telephone",
                )
            else:
                mail = EmailMessage()
                mail["From"], mail["To"], mail["Subject"] = message.address, message.sender.address, "A question"
                mail["Message-ID"] = f"<{message.pk}.reply@firm.de>"
                mail.set_content("Which languages do you speak?")
                event = store(source="imap", external_id=f"r{message.pk}", sender=message.sender, body=mail.as_bytes())
                assert event is not None
                handle(event)
            world.stops[message.pk] = _database_time()
        time.sleep(0.2)

    world.sink(delay_seconds=0.02)
    return world.run(name, count, force=world.workers(), disturb=disturb)


def wrong_secret_key(world: World, name: str, count: int) -> Result:
    """A machine with another SECRET_KEY joins: it must send nothing, pause nobody, and `up` must refuse to start."""
    from conversations.senders.models import Sender

    strangers = world.workers(count=2, secret_key="another-secret-key-than-that-of-the-database")
    strangers.start()
    stranger = Instance({**strangers.environment, "PUBLIC_BASE_URL": ""}, world.directory / "stranger", free_port())
    stranger.start()

    def disturb(_stream: Any) -> None:
        _wait(_stream)
        if Sender.objects.filter(state="paused").exists():
            world.broken.append("a stranger paused a sender")

    def verify(_stream: Any) -> None:
        assert stranger.process is not None
        if stranger.process.wait(60) == 0 or "another SECRET_KEY" not in stranger.output:
            world.broken.append("`up` started with a wrong SECRET_KEY")

    try:
        return world.run(name, count, force=world.workers(), disturb=disturb, verify=verify)
    finally:
        strangers.stop()
        stranger.kill_all()


def product_killed(
    strike: Callable[[Product, World], None], *, instances: int = 1, pause: tuple[float, float] = (0.5, 2.0)
) -> Callable[[World, str, int], Result]:
    """The whole product works while `strike` hits it again and again."""

    def run(world: World, name: str, count: int) -> Result:
        product = world.product(instances)

        def disturb(_stream: Any) -> None:
            time.sleep(world.random.uniform(*pause))
            if world.may_kill():
                strike(product, world)

        world.sink(delay_seconds=0.02)
        return world.run(name, count, force=product, disturb=disturb)

    return run


def callbacks_reordered(world: World, name: str, count: int) -> Result:
    """Status callbacks come shuffled, three times each and before the answer; each message ends delivered, once."""
    product = world.product()
    product.start()
    world.carrier(
        sends_callbacks=True,
        callback_order="shuffled",
        callback_repeats=3,
        callback_before_answer=True,
        callbacks=["queued", "sending", "sent", "delivered"],
    )

    def verify(stream: Any) -> None:
        deadline = time.monotonic() + 90
        left = stream.messages.exclude(state="delivered")
        while left.exists() and time.monotonic() < deadline:
            time.sleep(0.5)
        world.broken += ["never shown as delivered"] * left.count()
        for message in stream.messages.prefetch_related("events"):
            if sum(event.kind == "delivered" for event in message.events.all()) != 1:
                world.broken.append("delivered was recorded more than once")

    try:
        return world.run(name, count, force=product, disturb=_wait, verify=verify, sms_share=1.0)
    finally:
        world.carrier(sends_callbacks=False, callback_repeats=1, callback_order="in_order")


def poison_in_the_queue(world: World, name: str, count: int) -> Result:
    """Tasks that kill their worker, rows that nobody can run, a schedule that makes no sense: all else goes on."""
    from django_q.models import Schedule

    from outreach.jobs.models import PeriodicRun, QueueItem
    from outreach.jobs.policy import MAX_ATTEMPTS
    from outreach.jobs.services import enqueue

    product = world.product()

    def verify(_stream: Any) -> None:
        poisons = QueueItem.objects.filter(task="tests.faults.tasks.poison")
        if poisons.filter(attempts__gt=MAX_ATTEMPTS).exists():
            world.broken.append("a poison task ran without bound")
        if not poisons.filter(attempts__gt=0).exists():
            world.broken.append("the poison was never tried")
        nonsense = QueueItem.objects.filter(task="gone.with.the.release.tasks.do")
        if not nonsense.filter(is_dead=True).exclude(error="").exists():
            world.broken.append("a task of another release was not put aside with a reason")
        QueueItem.objects.filter(task__in=["tests.faults.tasks.poison", "gone.with.the.release.tasks.do"]).delete()
        Schedule.objects.all().delete()

    for lane in ("email", "sms", "default"):
        enqueue("tests.faults.tasks.poison", lane=lane, priority=20)
        enqueue("gone.with.the.release.tasks.do", lane=lane, priority=20)
    QueueItem.objects.filter(task__startswith="gone", lane="sms").update(arguments={"no": "list"})
    nonsense = Schedule(name="nonsense", func="no.such.function", schedule_type="C", cron="not a cron line")
    Schedule.objects.bulk_create([nonsense])
    PeriodicRun.objects.create(name="delivery.no_such_schedule", planned_at=_database_time())
    return world.run(name, count, force=product, disturb=_wait, verify=verify)


def _strike_worker(product: Product, world: World) -> None:
    product.kill_a_worker(world.random)


def _strike_guard(product: Product, world: World) -> None:
    product.kill_a_guard(world.random)


def _strike_main(product: Product, world: World) -> None:
    product.kill_a_main(world.random)


def _strike_everybody(product: Product, world: World) -> None:
    product.terminate_everybody(world.random)


def _wait(_stream: Any) -> None:
    time.sleep(0.3)


def _once(action: Callable[[], None], *, after: float) -> Callable[[Any], None]:
    done: list[bool] = []

    def disturb(_stream: Any) -> None:
        if not done:
            time.sleep(after)
            action()
            done.append(True)
        time.sleep(0.3)

    return disturb


def _database_time() -> datetime:
    from conversations.outbox import moment

    return moment.now()


SCENARIOS = [
    Scenario("workers killed with -9", 0.2, workers_killed),
    Scenario("Postgres restarted", 0.07, postgres_stopped(signal.SIGINT)),
    Scenario("Postgres crashed", 0.07, postgres_stopped(signal.SIGQUIT)),
    Scenario("connection cut after the final dot", 0.1, cut_after_the_final_dot),
    Scenario("provider accepts and never answers", 0.04, provider_never_answers),
    Scenario("421, 451 and 454 now and then", 0.06, passing_refusals),
    Scenario("5.7.1: our reputation refused", 0.04, reputation_refused),
    Scenario("mail server down and up again", 0.05, mailbox_down),
    Scenario("clocks a day apart", 0.05, clock_moved),
    Scenario("paused in mid-batch", 0.06, paused_in_mid_batch),
    Scenario("opt-out and reply between claim and send", 0.05, stopped_by_the_recipient),
    Scenario("a machine with another SECRET_KEY", 0.03, wrong_secret_key),
    Scenario("product: worker killed", 0.05, product_killed(_strike_worker), is_product=True),
    Scenario("product: guard, clock or web killed", 0.03, product_killed(_strike_guard), is_product=True),
    Scenario("product: supervisor killed", 0.02, product_killed(_strike_main, pause=(2.0, 4.0)), is_product=True),
    Scenario(
        "product: SIGTERM to the whole group",
        0.02,
        product_killed(_strike_everybody, pause=(2.0, 4.0)),
        is_product=True,
    ),
    Scenario(
        "product: two clusters, two schedulers, kills",
        0.03,
        product_killed(_strike_worker, instances=2),
        is_product=True,
    ),
    Scenario("product: callbacks shuffled and repeated", 0.02, callbacks_reordered, is_product=True),
    Scenario("product: poison tasks, malformed schedule", 0.02, poison_in_the_queue, is_product=True),
]
