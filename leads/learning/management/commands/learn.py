"""`manage.py learn`: what a history of leads can predict, measured."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from django.utils.translation import gettext as _
from django_typer.management import TyperCommand, command
from rich.console import Console
from rich.markup import escape

from leads.learning import cards, evaluation, questions
from leads.learning.policies import comparing
from leads.learning.policies.offpolicy import Estimates
from leads.learning.questions import Question
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors


class Command(TyperCommand):
    help = "Measure what past outcomes can predict"

    @command()
    def evaluate(
        self,
        csv: Annotated[Path, typer.Option(help="A file with one row per lead and its outcome")],
        target: Annotated[str, typer.Option(help="The column with the outcome: two values, such as 1 and 0")],
        time: Annotated[str, typer.Option(help="A column of dates: learn from earlier rows, measure on later")] = "",
        exclude: Annotated[str, typer.Option(help="Columns to leave out, separated by commas")] = "",
        card: Annotated[Path | None, typer.Option(help="Write a model card (Markdown) here")] = None,
        as_json: AsJson = False,
    ) -> None:
        """How well the outcome can be predicted, on rows not learned from; columns that give it away are named."""
        with explained_errors(as_json=as_json):
            with _opened(csv) as stream:
                report = questions.evaluate(Question(target, time, _names(exclude)), stream)
            if card is not None:
                _write_card(card, csv, target, report)
            if as_json:
                emit([report.as_json()], as_json=True)
            else:
                _show(report)

    @command()
    def simulate(
        self,
        csv: Annotated[Path | None, typer.Option(help="A file with one row per lead and its outcome")] = None,
        target: Annotated[str, typer.Option(help="The column with the outcome: two values, such as 1 and 0")] = "",
        time: Annotated[
            str, typer.Option(help="A column of dates: days follow it. Without one the order is random")
        ] = "",
        exclude: Annotated[str, typer.Option(help="Columns to leave out, separated by commas")] = "",
        history: Annotated[
            float, typer.Option(min=0, max=0.8, help="Share of the rows that teaches the first score; 0: a cold start")
        ] = 0.2,
        world: Annotated[str, typer.Option(help="Instead of a file, generated worlds: drift, stable or cold")] = "",
        worlds: Annotated[int, typer.Option(min=1, max=100, help="How many generated worlds")] = 10,
        seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures")] = 1,
        as_json: AsJson = False,
    ) -> None:
        """Policies day by day: what each would have won had it chosen whom to write to."""
        with explained_errors(as_json=as_json):
            asked = Question(target, time, _names(exclude), world=world, worlds=worlds, history=history, seed=seed)
            with ExitStack() as opened:
                found = questions.simulate(asked, opened.enter_context(_opened(csv)) if csv else None)
            if as_json:
                emit([found.as_json()], as_json=True)
            else:
                _show_policies(found)

    @command()
    def active(
        self,
        csv: Annotated[Path, typer.Option(help="A file with a text and its label in each row")],
        text: Annotated[str, typer.Option(help="The column with the text, such as a profile")],
        target: Annotated[str, typer.Option(help="The column with the label: two values, such as 1 and 0")],
        labels: Annotated[int, typer.Option(min=20, max=2_000, help="How many labels are given")] = 200,
        repeats: Annotated[int, typer.Option(min=1, max=20, help="How often to repeat; the mean is shown")] = 3,
        seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures")] = 1,
        as_json: AsJson = False,
    ) -> None:
        """What asking for the most telling label is worth, beside asking at random."""
        with explained_errors(as_json=as_json):
            with _opened(csv) as stream:
                asked = Question(target, text=text, labels=labels, repeats=repeats, seed=seed)
                found = questions.label_efficiency(asked, stream)
            emit(
                (
                    {"labels": count, "active_auc": one, "random_auc": other}
                    for count, one, other in zip(found.labels, found.active, found.at_random, strict=True)
                ),
                as_json=as_json,
            )


def _opened(path: Path) -> BinaryIO:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise Invalid("csv", _("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error.strerror}) from error
    if not stream.seekable():
        stream.close()
        raise Invalid("csv", _("%(path)s can only be read once. Save it as a file first.") % {"path": path})
    return stream


def _write_card(path: Path, csv: Path, target: str, report: evaluation.Report) -> None:
    text = cards.card(report.as_json(), name=csv.name, target=target, made_on=clock.now().date())
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Invalid("card", f"{path}: {error.strerror}") from error


def _names(written: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in written.split(",") if name.strip())


def _show_policies(found: comparing.Comparison) -> None:
    first = found.worlds[0]
    emit(
        [
            {
                "policy": result.name,
                "conversions": result.total,
                "a day": f"{result.total / first.days / len(found.worlds):.2f}",
                "beside static": f"{result.uplift:+.1%}",
                "95% interval": f"{result.interval[0]:+.1%} to {result.interval[1]:+.1%}",
                "estimated from a log (DR)": _estimated(found.estimates[result.name]),
            }
            for result in found.results
        ],
        as_json=False,
    )
    console = Console()
    console.print(
        f"{first.days} days in {len(found.worlds)} world(s), {first.budget} leads written to a day."
        f" One score fitted to all outcomes in hindsight: {found.hindsight} conversions."
    )
    if found.leaks:
        console.print(
            f"[yellow]Left out, because they seem to know the outcome: {escape(', '.join(found.leaks))}[/yellow]"
        )
    for warning in found.warnings:
        console.print(f"[yellow]{escape(warning)}[/yellow]")


def _estimated(found: Estimates) -> str:
    """The doubly robust estimate of the rate, beside the true one."""
    low, high = found.by_method["dr"].interval
    return f"{found.by_method['dr'].rate:.1%} ({low:.1%} to {high:.1%}), true {found.true_rate:.1%}"


def _show(report: evaluation.Report) -> None:
    ours, rival = report.measures, report.rival
    emit(
        [
            {"measure": label, "predictor": f"{ours[name]:.3f}", "logistic regression": f"{rival[name]:.3f}"}
            for name, label in [
                ("auc", "AUC"),
                ("average_precision", "average precision"),
                ("log_loss", "log-loss"),
                ("brier", "Brier score"),
                ("lift_at_10", "lift in the best 10%"),
                ("lift_at_20", "lift in the best 20%"),
                ("calibration_error", "calibration error"),
            ]
        ],
        as_json=False,
    )
    console = Console()
    low, high = report.auc_interval
    console.print(
        f"{report.rows_measured} rows measured ({report.split} split), {report.success_rate:.1%} “{escape(report.positive)}”;"
        f" AUC between {low:.3f} and {high:.3f} (95%)."
    )
    emit(
        [
            {"said": f"{group['said']:.1%}", "happened": f"{group['happened']:.1%}", "rows": group["count"]}
            for group in report.calibration
        ],
        as_json=False,
        title="Calibration",
    )
    for leak in report.leaks:
        console.print(
            f"[yellow]Left out: {escape(leak.column)}[/yellow] (AUC {leak.auc_alone:.2f} alone). {leak.reason}"
        )
    if report.auc_with_leaks is not None:
        console.print(f"With them the AUC would be {report.auc_with_leaks:.3f}, and worthless.")
    for name, reason in report.left_out.items():
        console.print(f"[dim]Not used: {escape(name)} ({reason})[/dim]")
    for warning in report.warnings:
        console.print(f"[yellow]{escape(warning)}[/yellow]")
