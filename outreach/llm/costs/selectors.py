"""Sums over calls, and the calls behind each of them, newest first at the same cost however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Avg, Count, F, FloatField, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import Concat, TruncDate
from django.utils.translation import gettext_lazy

from outreach.core.registry import Point
from outreach.core.states import Text
from outreach.core.words import gettext as _
from outreach.llm.models import Evaluation, Interaction
from outreach.llm.purposes import PURPOSES
from outreach.llm.routing import BUILTIN

LABELS: Point[tuple[str, Callable[[Iterable[Any]], Mapping[Any, str]]]] = Point("names in reports of calls")
"""By dimension: what its keys are called. Rooms that own campaigns and packs register theirs."""
NONE = "-"
"""What an address says for calls that belong to none."""
DIMENSIONS: dict[str, Text] = {
    "campaign": gettext_lazy("Campaign"),
    "pack": gettext_lazy("Pack"),
    "model": gettext_lazy("Model"),
    "purpose": gettext_lazy("Purpose"),
    "day": gettext_lazy("Day"),
}
OTHER_STEPS: dict[str, Text] = {
    "test": gettext_lazy("Test"),
    "simulate": gettext_lazy("Trial of a prompt"),
    "reflect": gettext_lazy("Improve a prompt"),
    "brief": gettext_lazy("Brief in words"),
    "insight": gettext_lazy("Research"),
    "keywords": gettext_lazy("Search keywords"),
    "remember": gettext_lazy("Remember from replies"),
    "tone": gettext_lazy("Change the tone"),
    "embed": gettext_lazy("Similar texts"),
}
"""What calls are for that have no purpose of their own among the routes."""
ONLY: dict[str, Q] = {
    "failed": ~Q(error_class=""),
    "cached": Q(is_cache_hit=True),
    "judged": Q(evaluations__name__startswith="quality"),
    "decided": Q(evaluations__name__startswith="decision"),
}


class Percentile(Aggregate):
    """A percentile of a column, `part` from 0 to 1."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(part)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Asked:
    """Which calls: `since` ≤ made < `until`, and those of one campaign, pack, model or purpose; `only` names a kind."""

    zone: tzinfo
    since: datetime | None = None
    until: datetime | None = None
    campaign: str = ""
    pack: str = ""
    model: str = ""
    purpose: str = ""
    only: str = ""


@dataclass(frozen=True)
class Row:
    """One line. `quality` is the mean of the judges' marks, `approved` the share that people took unchanged."""

    key: Any
    label: str
    calls: int = 0
    failed: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = None
    median_ms: float | None = None
    p95_ms: float | None = None
    quality: float | None = None
    judged: int = 0
    approved: float | None = None
    decided: int = 0
    query: dict[str, str] = field(default_factory=dict)
    """The filter that leads to its calls."""

    def as_dict(self) -> dict[str, Any]:
        found = asdict(self)
        del found["key"], found["query"]
        return found


def calls(asked: Asked) -> QuerySet[Interaction]:
    """The calls, newest first."""
    rows = Interaction.objects.all()
    if asked.since:
        rows = rows.filter(created_at__gte=asked.since)
    if asked.until:
        rows = rows.filter(created_at__lt=asked.until)
    if asked.campaign:
        rows = rows.filter(campaign_id=None if asked.campaign == NONE else int(asked.campaign))
    if asked.pack:
        rows = rows.filter(pack_sha="" if asked.pack == NONE else asked.pack)
    if asked.model:
        provider, _slash, model = asked.model.partition("/")
        rows = rows.filter(provider=provider, model=model)
    if asked.purpose:
        rows = rows.filter(step=asked.purpose)
    if asked.only in ONLY:
        rows = rows.filter(ONLY[asked.only])
    if asked.only in {"judged", "decided"}:
        rows = rows.distinct()
    return rows.order_by("-created_at", "-pk")


def rows(asked: Asked, *, by: str) -> list[Row]:
    """One line for each campaign, pack, model, purpose or day, the dearest first (days in their order)."""
    column = _column(by, asked.zone)
    counted = calls(asked).order_by().annotate(key=column).values("key").annotate(**_sums()).order_by()
    marks = _marks(asked, by)
    found = list(counted)
    names = _names(by, [row["key"] for row in found])
    lines = [
        Row(label=names.get(row["key"], ""), query=_query(by, row["key"]), **row, **marks.get(row["key"], {}))
        for row in found
    ]
    if by == "day":
        return sorted(lines, key=lambda line: line.key)
    return sorted(lines, key=lambda line: (-(line.cost_usd or 0), -line.calls, line.label))


def total(asked: Asked) -> Row:
    """All of them in one line."""
    sums = calls(asked).order_by().aggregate(**_sums())
    return Row(key=None, label=_("Total"), **sums, **_marks(asked, "").get(None, {}))


def _sums() -> dict[str, Any]:
    is_asked = ~Q(provider=BUILTIN) & Q(is_cache_hit=False)
    return {
        "calls": Count("pk"),
        "failed": Count("pk", filter=ONLY["failed"]),
        "cached": Count("pk", filter=ONLY["cached"]),
        "input_tokens": Sum("input_tokens", default=0),
        "output_tokens": Sum("output_tokens", default=0),
        "cost_usd": Sum("cost_usd"),
        "median_ms": Percentile("latency_ms", part=0.5, filter=is_asked),
        "p95_ms": Percentile("latency_ms", part=0.95, filter=is_asked),
    }


def _marks(asked: Asked, by: str) -> dict[Any, dict[str, Any]]:
    """What judges and people said of these calls."""
    inner = calls(replace(asked, only="")).order_by()
    rows = Evaluation.objects.filter(interaction__in=inner.values("pk"))
    column = _column(by, asked.zone, prefix="interaction__") if by else Value(None, output_field=FloatField())
    is_quality, is_decision = Q(name__startswith="quality"), Q(name__startswith="decision")
    found = rows.filter(is_quality | is_decision).annotate(key=column).values("key").order_by()
    found = found.annotate(
        quality=Avg("score", filter=is_quality),
        judged=Count("pk", filter=is_quality),
        approved=Avg("score", filter=is_decision),
        decided=Count("pk", filter=is_decision),
    )
    lines: list[dict[str, Any]] = [dict(row) for row in found]
    return {line.pop("key"): line for line in lines}


def _column(by: str, zone: tzinfo, prefix: str = "") -> Any:
    if by == "model":
        return Concat(F(f"{prefix}provider"), Value("/"), F(f"{prefix}model"), output_field=TextField())
    if by == "day":
        return TruncDate(f"{prefix}created_at", tzinfo=zone)
    return F(prefix + {"campaign": "campaign_id", "pack": "pack_sha", "purpose": "step"}[by])


def _query(by: str, key: Any) -> dict[str, str]:
    if by == "day":
        return {"since": key.isoformat(), "until": key.isoformat()}
    return {by: NONE if key in (None, "") else str(key)}


def _names(by: str, keys: list[Any]) -> dict[Any, str]:
    """What the keys are called; those of nothing have a name, too."""
    if by == "purpose":
        return {key: purpose_name(key) for key in keys}
    known: dict[Any, str] = {}
    for dimension, source in LABELS.entries():
        if dimension == by:
            known |= source([key for key in keys if key not in (None, "")])
    none = {"campaign": _("No campaign"), "pack": _("No pack")}.get(by, "—")
    return {key: none if key in (None, "") else known.get(key) or _plain(by, key) for key in keys}


def _plain(by: str, key: Any) -> str:
    if isinstance(key, date):
        return key.isoformat()
    if by == "model" and key == f"{BUILTIN}/{BUILTIN}":
        return _("Built-in rules")
    return str(key)[:12] if by == "pack" else str(key)


def purpose_name(step: str) -> str:
    """What a call is for, in words."""
    if step in PURPOSES:
        return str(PURPOSES[step].label)
    return str(OTHER_STEPS.get(step, step))


def label_of(by: str, text: str) -> str:
    """What a filter in an address is called."""
    key: Any = None if text == NONE else text
    if by == "campaign" and key is not None:
        if not text.isdecimal():
            return text
        key = int(text)
    return f"{DIMENSIONS[by]}: {_names(by, [key])[key]}"
