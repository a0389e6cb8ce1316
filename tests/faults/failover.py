"""Fail-over while two machines send: the primary or its synchronous replica dies, and the sending goes on.

Every kind of loss strikes a real pair of servers under two `up --only workers`, each with a data directory of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.forces import Product
from tests.faults.pair import Pair
from tests.faults.world import Result, World

ROUNDS = 10
MACHINES = 2
LOSS_SECONDS = 3.0
"""How long the replica stays away before somebody does something about it."""
PATIENCE_SECONDS = 120.0


@dataclass
class Outcome:
    """One round; `in_flight` messages were between “sending” and “sent” when it struck."""

    result: Result
    in_flight: int
    resumed_seconds: float
    """From the moment when a server accepts writes until the next message begins to leave."""


class PairWorld(World):
    """A world on two servers."""

    postgres: Pair

    def database(self) -> Pair:
        return Pair(self.directory)


class AtWork:
    """The machines, which go on from one round to the next."""

    def start(self) -> None:
        """They have been started."""

    def stop(self) -> None:
        """They are stopped at the end."""


@dataclass
class Strike:
    """What happens once, when `is_moment` of the stream's states has come."""

    world: PairWorld
    lose: Callable[[PairWorld], None]
    is_moment: Callable[[Any], bool]
    in_flight: int = 0
    resumed_seconds: float = -1.0

    def __call__(self, stream: Any) -> None:
        if self.resumed_seconds >= 0:
            time.sleep(0.2)
            return
        counts = self.world.states(stream)
        if not self.is_moment(counts):
            time.sleep(0.02)
            return
        from django.db import connection

        connection.close()
        self.in_flight = counts["sending"]
        self.lose(self.world)
        self.resumed_seconds = self._await_sending(stream)

    def _await_sending(self, stream: Any) -> float:
        """Seconds until a message begins to leave by the clock of the server that accepts writes now."""
        writable_at, began = self.world.postgres.primary.ask("SELECT clock_timestamp()"), time.monotonic()
        while not stream.messages.filter(sending_at__gt=writable_at).exists():
            if time.monotonic() - began > PATIENCE_SECONDS:
                self.world.broken.append("sending did not go on")
                break
            time.sleep(0.02)
        return round(time.monotonic() - began, 1)


def primary_killed(world: PairWorld) -> None:
    world.postgres.fail_over()


def replica_lost_and_back(world: PairWorld) -> None:
    """Commits wait for the replica, so nothing leaves; then it comes back."""
    world.postgres.standby.kill()
    time.sleep(LOSS_SECONDS)
    world.postgres.standby.start()
    world.postgres.require_standby()


def replica_lost_for_good(world: PairWorld) -> None:
    """Somebody tells the primary to go on alone."""
    world.postgres.standby.kill()
    time.sleep(LOSS_SECONDS)
    world.postgres.stop_requiring_standby()


def replica_lost_then_primary_crashed(world: PairWorld) -> None:
    """The primary dies while commits wait for a replica that is gone, and comes back alone."""
    world.postgres.standby.kill()
    time.sleep(LOSS_SECONDS)
    world.postgres.primary.kill()
    world.postgres.primary.start()
    world.postgres.stop_requiring_standby()


def _a_third_has_left(count: int) -> Callable[[Any], bool]:
    return lambda states: states["sent"] + states["delivered"] >= count // 3


def _some_are_in_flight(count: int) -> Callable[[Any], bool]:
    return lambda states: states["sending"] > 0 and _a_third_has_left(count)(states)


@dataclass(frozen=True)
class Kind:
    """A kind of loss. A slow mail server keeps messages between “sending” and “sent”."""

    name: str
    lose: Callable[[PairWorld], None]
    moment: Callable[[int], Callable[[Any], bool]] = _a_third_has_left
    answer_seconds: float = 0.02


KINDS = (
    Kind("primary killed, standby promoted", primary_killed),
    Kind("the same with messages being sent", primary_killed, _some_are_in_flight, answer_seconds=0.4),
    Kind("replica lost, back after 3 s", replica_lost_and_back),
    Kind("replica lost, primary goes on alone", replica_lost_for_good),
    Kind(
        "replica lost, then primary crashed", replica_lost_then_primary_crashed, _some_are_in_flight, answer_seconds=0.2
    ),
)


def run(messages: int, *, rounds: int = ROUNDS, seed: int = 1, only: str = "") -> list[Outcome]:
    """Every kind of loss `rounds` times with `messages` messages each, all on one pair of servers."""
    kinds = [kind for kind in KINDS if only in kind.name]
    if not kinds:
        raise SystemExit(f"No loss is called “{only}”. There are: {'; '.join(kind.name for kind in KINDS)}.")
    outcomes = []
    with PairWorld(seed=seed) as world:
        world.prepare()
        environment = {**world.environment, "PUBLIC_BASE_URL": ""}
        machines = Product(environment, world.directory, MACHINES, ("workers",))
        try:
            machines.start()
            for number in range(rounds):
                outcomes += [_round(world, kind, number, messages) for kind in kinds]
        finally:
            machines.stop()
    return outcomes


def _round(world: PairWorld, kind: Kind, number: int, messages: int) -> Outcome:
    strike = Strike(world, kind.lose, kind.moment(messages))
    world.sink(delay_seconds=kind.answer_seconds)
    result = world.run(kind.name, messages, force=AtWork(), disturb=strike, timeout=PATIENCE_SECONDS)
    if strike.resumed_seconds < 0:
        result.unexplained += 1
        result.note("it never struck")
    world.postgres.standby.kill()
    world.postgres.attach_standby()
    print(
        f"round {number + 1}: {result}, {strike.in_flight} in flight, resumed after {strike.resumed_seconds} s",
        flush=True,
    )
    return Outcome(result, strike.in_flight, strike.resumed_seconds)
