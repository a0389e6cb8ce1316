"""Use cases of the lab: have playbooks play, and sum up what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from random import Random

from django.db import transaction

from conversations.lab import personas
from conversations.lab.models import Outcome, Play, Run
from conversations.lab.personas import Player
from conversations.lab.playing import Played, Table, play
from conversations.playbooks.models import Playbook
from conversations.replies.answering import PARTS
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.jobs.services import enqueue
from outreach.llm import services as llm
from outreach.llm.models import Trace
from outreach.prompts import services as packs

MAX_ROUNDS = 50
ALL = "all"


@dataclass(frozen=True)
class Settings:
    """How to play. `asks_models`: models that are connected write the answers, which costs money and time."""

    seed: int = 1
    rounds: int = 3
    asks_models: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.rounds <= MAX_ROUNDS:
            raise Invalid("rounds", _("Choose 1 to %(most)s rounds.") % {"most": MAX_ROUNDS})
        if not 0 <= self.seed < 2**31:
            raise Invalid("seed", _("The seed is a number from 0 to 2147483647."))


@dataclass(frozen=True)
class Figures:
    """What came of a persona's conversations, or of all (`persona` is `all`)."""

    persona: str
    conversations: int
    booked: int
    stopped: int
    person: int
    declined: int
    silent: int
    rule_breaks: int
    doubts: int
    answers: float
    cost: Decimal

    @property
    def booking_rate(self) -> float:
        return self.booked / self.conversations if self.conversations else 0.0


def create_run(*, playbook: Playbook, settings: Settings, created_by: User | None, against: Run | None = None) -> Run:
    """A run of the playbook's newest version that has not been played yet."""
    return Run.objects.create(
        playbook_version=playbook.current, against=against, created_by=created_by, **asdict(settings)
    )


@transaction.atomic
def start(*, playbook: Playbook, other: Playbook | None, settings: Settings, created_by: User | None) -> Run:
    """Have `playbook`, and `other` with the same people, play in the background; the run to look at."""
    rival = create_run(playbook=other, settings=settings, created_by=created_by) if other else None
    run = create_run(playbook=playbook, settings=settings, created_by=created_by, against=rival)
    for each in filter(None, (rival, run)):
        enqueue("conversations.lab.tasks.hold", each.pk, lane="llm", timeout_seconds=1_800)
    return run


def hold(run: Run) -> Run:
    """Play every conversation of a run and keep what came of it; a run that was played stays as it is."""
    if run.finished_at is not None:
        return run
    trace = llm.open_trace("lab")
    plays = [_row(run, player, number, played) for player, number, played in _played(run, trace)]
    llm.close_trace(trace)
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        if locked.finished_at is None:
            Play.objects.bulk_create(plays)
            locked.finished_at = clock.now()
            locked.save(update_fields=["finished_at", "updated_at"])
    return locked


def _played(run: Run, trace: Trace) -> Iterator[tuple[Player, int, Played]]:
    everybody = list(_players(run))
    companies = tuple(player.cast.company for player, _number in everybody)
    table = Table(run.playbook_version.definition, trace, packs.current(PARTS).source, companies, run.asks_models)
    for player, number in everybody:
        yield player, number, play(player, table)


def _players(run: Run) -> Iterator[tuple[Player, int]]:
    """Everybody of a run, each in the languages of the playbook. Two playbooks meet the same people."""
    languages = run.playbook_version.definition.languages
    for place, persona in enumerate(personas.personas()):
        for language in languages:
            for number in range(run.rounds):
                dice = Random(f"{run.seed} {persona.name} {language} {number}")  # noqa: S311  a game, repeatable
                yield Player(persona, language, personas.cast(language, place * run.rounds + number), dice), number


def _row(run: Run, player: Player, number: int, played: Played) -> Play:
    return Play(
        run=run,
        persona=player.persona.name,
        language=player.language,
        number=number,
        outcome=played.outcome,
        answers=played.answers,
        doubts=played.doubts,
        refusals=played.refusals,
        cost=played.cost,
        breaks=[asdict(broken) for broken in played.breaks],
        entries=[asdict(entry) for entry in played.entries],
    )


def figures(run: Run) -> list[Figures]:
    """A row for all and one for each persona."""
    plays = list(run.plays.all())
    names = dict.fromkeys(row.persona for row in plays)
    return [_figures(ALL, plays), *(_figures(name, [row for row in plays if row.persona == name]) for name in names)]


def _figures(persona: str, plays: Iterable[Play]) -> Figures:
    rows = list(plays)
    ends = Counter(row.outcome for row in rows)
    return Figures(
        persona=persona,
        conversations=len(rows),
        booked=ends[Outcome.BOOKED] + ends[Outcome.AGREED],
        stopped=ends[Outcome.STOPPED] + ends[Outcome.HELD],
        person=ends[Outcome.PERSON],
        declined=ends[Outcome.DECLINED],
        silent=ends[Outcome.SILENT] + ends[Outcome.LONG],
        rule_breaks=sum(len(row.breaks) for row in rows),
        doubts=sum(row.doubts for row in rows),
        answers=round(sum(row.answers for row in rows) / max(1, len(rows)), 2),
        cost=sum((row.cost for row in rows), Decimal(0)),
    )
