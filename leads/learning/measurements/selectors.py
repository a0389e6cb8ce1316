"""The figures of a measurement as tables and plots."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from leads.learning import cards
from leads.learning.models import Measurement
from leads.learning.policies.comparing import labels
from outreach.core.plots import Line, Plot
from outreach.core.words import gettext as _

MEASURES: dict[str, tuple[str | Promise, str | Promise]] = {
    "auc": (gettext_lazy("AUC"), gettext_lazy("0.5 is guessing, 1 is perfect")),
    "average_precision": (gettext_lazy("Average precision"), gettext_lazy("higher is better")),
    "log_loss": (gettext_lazy("Log-loss"), gettext_lazy("lower is better")),
    "brier": (gettext_lazy("Brier score"), gettext_lazy("lower is better")),
    "lift_at_10": (gettext_lazy("Lift in the best 10%"), gettext_lazy("times the average")),
    "lift_at_20": (gettext_lazy("Lift in the best 20%"), gettext_lazy("times the average")),
    "calibration_error": (gettext_lazy("Calibration error"), gettext_lazy("lower is better")),
}


def context(row: Measurement) -> dict[str, Any]:
    """What the page draws."""
    if row.is_busy or row.problem:
        return {}
    if row.is_simulation:
        return _simulation(row.report)
    return _evaluation(row.report) if row.is_evaluation else _labels(row.report)


def card(row: Measurement) -> str:
    """The model card of a finished evaluation as Markdown."""
    return cards.card(row.report, name=row.name, target=row.options["target"], made_on=row.created_at.date())


def _evaluation(result: dict[str, Any]) -> dict[str, Any]:
    rival = result["logistic_regression"]
    return {
        "measures": [(label, help_text, result[name], rival[name]) for name, (label, help_text) in MEASURES.items()],
        "leaks": list(result["leak_reasons"].items()),
        "left_out": list(result["left_out"].items()),
        "plots": [
            Plot(
                label=_("Said and happened, in ten groups of equal size"),
                lines=[
                    Line(_("Measured"), [(g["said"], g["happened"]) for g in result["calibration"]], "dots"),
                    Line(_("Perfect"), [(0, 0), (1, 1)], "dashed"),
                ],
                x_label=_("probability given"),
                y_label=_("share of successes"),
            ),
            Plot(
                label=_("Successes found when the best leads come first"),
                lines=[
                    Line(_("By this score"), [tuple(p) for p in result["gains"]]),
                    Line(_("At random"), [(0, 0), (1, 1)], "dashed"),
                ],
                x_label=_("share of leads contacted"),
                y_label=_("share of successes found"),
            ),
            Plot(
                label=_("Hits against false alarms (ROC)"),
                lines=[
                    Line(_("By this score"), [tuple(p) for p in result["roc"]]),
                    Line(_("At random"), [(0, 0), (1, 1)], "dashed"),
                ],
                x_label=_("share of failures taken"),
                y_label=_("share of successes taken"),
            ),
        ],
    }


def _simulation(result: dict[str, Any]) -> dict[str, Any]:
    policies = result["policies"]
    totals = {name: list(accumulate(found["conversions_by_day"])) for name, found in policies.items()}
    most = max(total[-1] for total in totals.values())
    return {
        "policies": [
            {"name": name, "label": labels()[name], "is_best": name == result["best"], **found}
            for name, found in policies.items()
        ],
        "plots": [
            Plot(
                label=_("Conversions so far, day by day"),
                lines=[Line(labels()[name], [(0, 0), *enumerate(total, 1)]) for name, total in totals.items()],
                x=(0, result["days"]),
                y=(0, most * 1.05 or 1),
                x_label=_("day"),
                y_label=_("conversions"),
            )
        ],
    }


def _labels(result: dict[str, Any]) -> dict[str, Any]:
    counts, ours, rival = result["labels"], result["active_auc"], result["random_auc"]
    low = min(0.5, *ours, *rival)
    return {
        "steps": list(zip(counts, ours, rival, strict=True)),
        "plots": [
            Plot(
                label=_("AUC on people who were never offered for labelling"),
                lines=[
                    Line(_("Asking the most informative first"), list(zip(counts, ours, strict=True)), "dots"),
                    Line(_("Asking at random"), list(zip(counts, rival, strict=True)), "dashed"),
                ],
                x=(0, counts[-1]),
                y=(low, 1),
                x_label=_("labels"),
                y_label=_("AUC"),
            )
        ],
    }
