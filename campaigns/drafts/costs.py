"""What drafting by models will cost, before anything is asked: people × calls × measured tokens, with a range.

Measured are the newest answers of the same model to the same pack; where there are too few, the same purpose with any
pack; where there are none either, the length of the pack, and the forecast says that it is only estimated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from campaigns.drafts import judging
from campaigns.models import CANDIDATE, Campaign
from outreach.configuration import LanguageModels
from outreach.llm import configured, pricing, routing, spending
from outreach.llm.errors import Tokens
from outreach.llm.models import Interaction
from outreach.llm.routing import Target
from outreach.prompts import rendering
from outreach.prompts import services as packs
from outreach.prompts.models import PackVersion

NEWEST, FEWEST = 200, 5
FACTS_TOKENS = 300
"""What a person's facts, the offer and the schema add to a pack, where nothing was measured."""
ANSWER_TOKENS = {"email": 260, "sms": 90}
"""One text with its citations, by channel."""
JUDGE_TOKENS = (700, 120)
QUALIFY_TOKENS = (900, 250)
PLAN_TOKENS = (350, 80)
USUAL_REFINED = 0.2
GUESS = (0.5, 2.0)
"""How far an estimate may be off."""


@dataclass(frozen=True)
class Usage:
    """Tokens of one call: little (the tenth percentile), the mean, and much (the ninetieth)."""

    tokens: tuple[Tokens, Tokens, Tokens]
    is_measured: bool

    @property
    def mean(self) -> Tokens:
        return self.tokens[1]


@dataclass(frozen=True)
class Share:
    """Calls of one purpose: at least, as expected, and at most."""

    target: Target
    calls: tuple[float, float, float]
    usage: Usage


@dataclass(frozen=True)
class Forecast:
    """Dollars are None when a model has no known price; `unpriced` names those."""

    people: int
    models: tuple[str, ...]
    calls: int
    tokens: int
    low_usd: Decimal | None
    usd: Decimal | None
    high_usd: Decimal | None
    is_measured: bool
    """Whether every part was measured; else it is only estimated."""
    unpriced: tuple[str, ...] = ()
    is_held: bool = False
    """Whether a spend cap keeps those from being asked."""


def of_campaign(campaign: Campaign, *, people: int | None = None) -> Forecast | None:
    """For those who have no drafts yet, or for `people`; None when no model would be asked."""
    stages = CANDIDATE.unjudged
    unjudged = campaign.candidates.filter(stage__in=stages).count() if people is None else people
    if people is None:
        people = unjudged + campaign.candidates.filter(stage=CANDIDATE.QUALIFIED).count()
    has_judge = bool(campaign.brief_id and campaign.brief and campaign.brief.use_model)
    steps = campaign.steps.select_related("pack_version").order_by("number")
    versions = [step.pack for step in steps if not step.is_task]
    return forecast(versions, people=people, qualified_by_model=unjudged if has_judge else 0)


def forecast(versions: Sequence[PackVersion], *, people: int, qualified_by_model: int = 0) -> Forecast | None:
    """What drafting from these packs costs for `people`, and what it costs to qualify so many of them by a model."""
    models = configured.language_models()
    shares = [share for version in versions for share in _of_step(models, version, people)]
    if qualified_by_model and (target := _target(models, "qualify")):
        usage = _usage(target, "qualify", "", QUALIFY_TOKENS)
        shares.append(Share(target, (qualified_by_model,) * 3, usage))
    if not shares:
        return None
    unpriced = tuple(dict.fromkeys(s.target.name for s in shares if _usd(models, s.target, s.usage.mean) is None))
    low, usual, high = (
        None if unpriced else sum((_cost(models, share, which) for share in shares), Decimal(0)) for which in range(3)
    )
    return Forecast(
        people=people,
        models=tuple(dict.fromkeys(share.target.name for share in shares)),
        calls=round(sum(share.calls[1] for share in shares)),
        tokens=round(sum(share.calls[1] * _sum(share.usage.mean) for share in shares)),
        low_usd=low,
        usd=usual,
        high_usd=high,
        is_measured=all(share.usage.is_measured for share in shares),
        unpriced=unpriced,
        is_held=bool(unpriced) and spending.has_cap(),
    )


def _of_step(models: LanguageModels, version: PackVersion, people: int) -> Iterable[Share]:
    pack = rendering.pack_of(version)
    target = _target(models, pack.route)
    if target is None:
        return
    texts = max(1, len(pack.variant_names()))
    words = max(len(section.text) for section in pack.sections) if pack.sections else 0
    answer = texts * ANSWER_TOKENS.get(pack.channel, ANSWER_TOKENS["email"])
    usage = _usage(target, "draft", version.sha, (words // 3 + FACTS_TOKENS, answer))
    if plan := _target(models, "plan"):
        yield Share(plan, (people,) * 3, _usage(plan, "plan", version.sha, PLAN_TOKENS))
    yield Share(target, (people,) * 3, usage)
    refiner = _target(models, "refine") or target
    share = _refined(version.sha)
    refined = _usage(refiner, "refine", version.sha, (words // 3 + FACTS_TOKENS + answer, answer // texts))
    yield Share(refiner, (0, people * texts * share, people * texts * min(1, 2 * share)), refined)
    if judge := _target(models, judging.ROUTE):
        sha = packs.current(judging.PACK).sha
        yield Share(judge, (people * texts,) * 3, _usage(judge, "judge", sha, JUDGE_TOKENS))


def _target(models: LanguageModels, route: str) -> Target | None:
    return next(iter(routing.plan(models, route).targets), None)


def _refined(sha: str) -> float:
    """How many texts of a pack were sent back once, of those that were written."""
    rows = Interaction.objects.filter(pack_sha=sha, error_class="", is_cache_hit=False).exclude(
        provider=routing.BUILTIN
    )
    steps = list(rows.order_by("-created_at").values_list("step", flat=True)[: 2 * NEWEST])
    written = steps.count("draft")
    return min(1.0, steps.count("refine") / written) if written >= FEWEST else USUAL_REFINED


def _usage(target: Target, step: str, sha: str, guess: tuple[int, int]) -> Usage:
    rows = Interaction.objects.filter(
        provider=target.provider, model=target.model, step=step, error_class="", is_cache_hit=False
    ).exclude(input_tokens=None)
    for narrowed in ([rows.filter(pack_sha=sha)] if sha else []) + [rows]:
        found = list(narrowed.order_by("-created_at").values_list("input_tokens", "output_tokens")[:NEWEST])
        if len(found) >= FEWEST:
            return _measured([(i or 0, o or 0) for i, o in found])
    low, high = (Tokens(round(guess[0] * factor), round(guess[1] * factor)) for factor in GUESS)
    return Usage((low, Tokens(*guess), high), is_measured=False)


def _measured(found: list[tuple[int, int]]) -> Usage:
    def at(part: float) -> Tokens:
        return Tokens(*(sorted(column)[round(part * (len(found) - 1))] for column in zip(*found, strict=True)))

    mean = Tokens(*(round(sum(column) / len(found)) for column in zip(*found, strict=True)))
    return Usage((at(0.1), mean, at(0.9)), is_measured=True)


def _cost(models: LanguageModels, share: Share, which: int) -> Decimal:
    return (_usd(models, share.target, share.usage.tokens[which]) or Decimal(0)) * Decimal(str(share.calls[which]))


def _usd(models: LanguageModels, target: Target, tokens: Tokens) -> Decimal | None:
    return pricing.cost_usd(model=target.model, provider=models.providers[target.provider], tokens=tokens)


def _sum(tokens: Tokens) -> int:
    return (tokens.input or 0) + (tokens.output or 0)
