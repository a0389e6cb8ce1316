"""Model cards (Mitchell et al. 2019): what a predictor was measured on, how well it does, and what to mind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from typing import Any

FIGURES = {
    "auc": "AUC",
    "average_precision": "Average precision",
    "log_loss": "Log-loss",
    "brier": "Brier score",
    "lift_at_10": "Lift in the best 10%",
    "lift_at_20": "Lift in the best 20%",
    "calibration_error": "Calibration error",
}


def card(result: Mapping[str, Any], *, name: str, target: str, made_on: date) -> str:
    """The card of one evaluation (`evaluation.Report.as_json`) as Markdown."""
    low, high = result["auc_interval"]
    split = "earlier rows learned, later rows measured" if result["split"] == "time" else "five random parts in turn"
    lines = [
        f"# Model card: {target}",
        "",
        f"- Made on {made_on.isoformat()} with scikit-learn {version('scikit-learn')}, seed 1",
        f"- Data: {name}, {result['rows']:,} rows with an outcome, {result['rows_measured']:,} of them measured",
        f"- Success: {target} = {result['positive']} ({result['success_rate']:.1%} of the rows)",
        f"- Split: {split}",
        "- Model: logistic regression and boosted trees, mixed",
        "",
        "| figure | predictor | logistic regression alone |",
        "| --- | --- | --- |",
        *(
            f"| {label} | {result[key]:.3f} | {result['logistic_regression'][key]:.3f} |"
            for key, label in FIGURES.items()
        ),
        "",
        f"The AUC is between {low:.3f} and {high:.3f} (95%, bootstrap over rows).",
        "",
        "## Calibration",
        "",
        "| said | happened | rows |",
        "| --- | --- | --- |",
        *(f"| {g['said']:.1%} | {g['happened']:.1%} | {g['count']} |" for g in result["calibration"]),
        "",
        "## Columns",
        "",
        "Used: " + ", ".join(result["columns"]) + ".",
    ]
    lines += [f"\nLeft out, knows the outcome: {name}. {reason}" for name, reason in result["leak_reasons"].items()]
    lines += [f"\nNot used: {name} ({reason})." for name, reason in result["left_out"].items()]
    lines += ["", "## Mind", "", *(f"- {warning}" for warning in result["warnings"])]
    lines.append("- It tells who was likely to convert in this history, not why, and nothing about people unlike them.")
    return "\n".join(lines) + "\n"
