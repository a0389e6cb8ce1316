"""The model card (Mitchell et al. 2019) of a night's predictions, as Markdown."""

from __future__ import annotations

from campaigns.predictions.arithmetic.estimating import Estimator
from campaigns.predictions.services import Knowledge
from leads.learning.cards import FIGURES


def card(knowledge: Knowledge | None) -> str:
    """What was learned from what, how well it predicts, and what to mind."""
    if knowledge is None or not knowledge.estimators:
        return "# Model card: predictions\n\nNothing has been learned yet.\n"
    night = knowledge.night
    lines = [
        "# Model card: predictions",
        "",
        f"- Night of {night.night.isoformat()}, learned from {night.people_count:,} people in {night.seconds:.1f} s",
        "- Model: Bayesian logistic regression, calibrated on later people, one shrunk ratio for each campaign",
        "- Data: the product's own history; facts as they were known before the first message",
        "- Split by time: oldest 60% fitted, next 20% calibrated, newest 20% measured",
    ]
    for target, estimator in knowledge.estimators.items():
        found = estimator.figures
        low, high = found["auc_interval"]
        lines += [
            "",
            f"## {target.capitalize()}",
            "",
            _summary(estimator),
            "",
            "| figure | value |",
            "| --- | --- |",
            *(f"| {label} | {found[key]:.3f} |" for key, label in FIGURES.items()),
            f"| AUC, 95% interval | {low:.3f} to {high:.3f} |",
            f"| Log-loss of the rate alone | {found['log_loss_of_rate']:.3f} |",
            "",
            "| said | happened | people |",
            "| --- | --- | --- |",
            *(f"| {g['said']:.1%} | {g['happened']:.1%} | {g['count']} |" for g in found["calibration"]),
            "",
            "| column | odds multiplied by |",
            "| --- | --- |",
            *(
                f"| {name} | {factor:.2f} |"
                for name, factor in zip(estimator.names, estimator.factors(), strict=True)
                if abs(factor - 1) > 0.02
            ),
        ]
    lines += [
        "",
        "## Mind",
        "",
        "- It tells who answered in this history, not why, and little about people unlike them.",
        "- Hours and weekdays are observations; what following them brings is measured beside a held-out share.",
    ]
    return "\n".join(lines) + "\n"


def _summary(estimator: Estimator) -> str:
    found = estimator.figures
    verdict = "yes" if estimator.is_calibrated else "no, so nothing follows it"
    return (
        f"{found['people']:,} people, {found['successes']:,} successes; measured on {found['measured']:,}. "
        f"Said {found['expected']:.1f}, happened {found['happened']}. Calibrated: {verdict}."
    )
