"""Prompt packs from the command line: `pack list | lint | show | simulate | test | diff | label | save | export | optimise`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors
from outreach.llm.routing import BUILTIN
from outreach.prompts import differences, optimising, rendering, selectors, services, testing
from outreach.prompts import lint as linting
from outreach.prompts.api import PackTestResultSerializer
from outreach.prompts.models import PackLabel, PackVersion
from outreach.prompts.pack import Pack
from outreach.prompts.parser import parse


def _version(reference: str) -> PackVersion:
    """`name`, or `name@` with a label or the beginning of a hash."""
    name, _at, version = reference.partition("@")
    return services.version_of(name, version)


def _source(name: str) -> str:
    return _text(Path(name)) if name.endswith(".md") else _version(name).source


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid("", f"{file}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Invalid("", f"{file} is not text in UTF-8.") from error


def _pack(name: str) -> Pack:
    """A pack by name, `name@version`, or the path of its file."""
    return parse(_source(name), file_name=name) if name.endswith(".md") else rendering.pack_of(_version(name))


class Command(TyperCommand):
    help = "Prompt packs: list, lint, show, simulate, test, compare, label, save, export and improve them."

    @command(name="list", help="List the current version of every pack.")
    def list_packs(self, as_json: AsJson = False) -> None:
        with explained_errors(as_json=as_json):
            services.sync_packs()
            labels = (
                PackLabel.objects.select_related("version").exclude(label=services.SHIPPED).order_by("name", "label")
            )
            names = ("name", "sha", "channel", "languages")
            rows = [{**{n: getattr(row.version, n) for n in names}, "label": row.label} for row in labels]
            emit(rows if as_json else [row | {"sha": row["sha"][:12]} for row in rows], as_json=as_json)

    @command(help="Check packs; exit code 1 when one has errors.")
    def lint(
        self,
        files: Annotated[list[Path] | None, typer.Argument(help="Files (default: all shipped packs).")] = None,
        as_json: AsJson = False,
    ) -> None:
        is_failed = False
        for path in files or services.pack_files():
            try:
                findings = selectors.check_source(_text(path), file_name=path.name).findings
            except Invalid as error:
                findings = [linting.Finding("P00", 1, error.reason)]
            for found in findings:
                is_failed |= found.is_error
                level = "error" if found.is_error else "warning"
                if as_json:
                    row = {"file": str(path), "line": found.line, "code": found.code, "text": found.text}
                    emit([row | {"level": level}], as_json=True)
                else:
                    self.stdout.write(f"{path}:{found.line}: {found.code} {level}: {found.text}")
        if is_failed:
            raise typer.Exit(1)
        if not as_json:
            self.stdout.write("No errors.")

    @command(
        help="Run a pack's tests; exit code 1 when one fails. Without names: the production version of every pack."
    )
    def test(
        self,
        names: Annotated[list[str] | None, typer.Argument(help="Names, name@version, or files")] = None,
        target: Annotated[str, typer.Option(help="builtin, a route, or provider/model")] = BUILTIN,
        as_json: AsJson = False,
    ) -> None:
        with explained_errors(as_json=as_json):
            services.sync_packs()
            is_failed = False
            for name in names or sorted(PackVersion.objects.in_production().values_list("name", flat=True)):
                pack = _pack(name)
                for result in testing.run_tests(pack, route=target):
                    is_failed |= result.is_passed is False
                    if as_json:
                        emit(
                            [{"pack": pack.name, "sha": pack.sha(), **PackTestResultSerializer(result).data}],
                            as_json=True,
                        )
                    else:
                        reason = f": {result.reason}" if result.reason else ""
                        self.stdout.write(f"{result.label:8} {pack.name} · {result.case.name}{reason}")
            if is_failed:
                raise typer.Exit(1)

    @command(help="What changed between two versions or files.")
    def diff(
        self,
        before: Annotated[str, typer.Argument(help="Name, name@version, or a file")],
        after: Annotated[str, typer.Argument(help="Name, name@version, or a file")],
    ) -> None:
        with explained_errors():
            patch = differences.unified(_source(before), _source(after), names=(before, after))
            self.stdout.write(patch or "No difference.")

    @command(help="Point a label (production, candidate) at a version.")
    def label(
        self,
        reference: Annotated[str, typer.Argument(help="name@ with a label or the beginning of a hash")],
        label: Annotated[str, typer.Argument(help="production or candidate")],
    ) -> None:
        with explained_errors():
            row = _version(reference)
            services.label_version(row, label, actor=Actor.system("command line"))
            self.stdout.write(f"{row.name}: {row.short_sha} is {label}.")

    @command(help="Store a file as a new version: a candidate, or production when the pack is new.")
    def save(
        self, file: Annotated[Path, typer.Argument(help="A pack's file")], note: str = "", as_json: AsJson = False
    ) -> None:
        with explained_errors(as_json=as_json):
            version = services.save_source(_text(file), author=None, note=note)
            if as_json:
                emit([selectors.version_json(version)], as_json=True)
            else:
                self.stdout.write(f"{version.name}@{version.short_sha}: {', '.join(version.label_names)}")

    @command(help="Write a version to a file, or to the terminal.")
    def export(
        self,
        reference: Annotated[str, typer.Argument(help="Name or name@version")],
        to: Annotated[Path | None, typer.Option(help="File to write")] = None,
    ) -> None:
        with explained_errors():
            source = _version(reference).source
            if to is not None:
                to.write_text(source, encoding="utf-8")
            self.stdout.write(f"Written to {to}." if to else source)

    @command(help="Look for better instructions with GEPA; the result is a candidate that only a person promotes.")
    def optimise(
        self,
        reference: Annotated[str, typer.Argument(help="Name or name@version")],
        target: Annotated[str, typer.Option(help="The model that the pack is for: provider/model")],
        reflection: Annotated[str, typer.Option(help="The model that proposes; the same unless given")] = "",
        calls: Annotated[int, typer.Option(min=1, help="Calls at most")] = 60,
        usd: Annotated[float, typer.Option(min=0, help="Dollars at most; 0: no limit")] = 0,
        as_json: AsJson = False,
    ) -> None:
        with explained_errors(as_json=as_json):
            budget = optimising.Budget(calls, Decimal(str(usd)) if usd else None)
            version = _version(reference)
            found, report = optimising.optimise(version, target=target, reflection=reflection, budget=budget)
            if as_json:
                emit([{"version": found.sha if found else None, **report}], as_json=True)
                return
            before, after = report["validation"]["before"], report["validation"]["after"]
            said = f"Versions tried: {report['candidates']}. Calls: {report['calls']} of {report['budget']['calls']}, ${report['usd']}. Mark {before:.2f} → {after:.2f}"
            outcome = f"{found.name}@{found.short_sha} is a candidate." if found else "No improvement."
            self.stdout.write(f"{said}\n{outcome}")

    @command(help="Show one pack as it was parsed.")
    def show(self, name: Annotated[str, typer.Argument(help="Name or file")], as_json: AsJson = False) -> None:
        with explained_errors(as_json=as_json):
            pack = _pack(name)
            if as_json:
                emit([{"sha": pack.sha(), **pack.definition()}], as_json=True)
                return
            self.stdout.write(f"{pack.name} {pack.sha()[:12]}\n{pack.description}\n")
            for language in pack.languages:
                required = ", ".join(sorted(rendering.required_variables(pack, language)))
                self.stdout.write(
                    f"{language}: needs {required or 'nothing'}; variants {', '.join(pack.variant_names())}"
                )

    @command(help="Render a pack with sample values or your own; nothing is stored or sent.")
    def simulate(
        self,
        name: Annotated[str, typer.Argument(help="Name or file")],
        language: str = "en",
        values: Annotated[list[str] | None, typer.Option("--set", help="name=value; may be repeated")] = None,
        as_json: AsJson = False,
    ) -> None:
        with explained_errors(as_json=as_json):
            pack = _pack(name)
            trusted, untrusted = linting.sample_values(pack)
            for pair in values or []:
                key, _, value = pair.partition("=")
                (untrusted if key in pack.inputs.untrusted else trusted)[key] = value
            given: dict[str, Any] = {"language": language, "trusted": trusted, "untrusted": untrusted}
            for variant in pack.variant_names():
                prompt = rendering.render(pack, variant=variant, **given)
                text = rendering.render_template(pack, variant=variant, **given)
                subject, body = (text.subject, text.body) if text else ("", "")
                if as_json:
                    row = {"variant": variant, "language": language, "subject": subject, "body": body}
                    emit([row | {"messages": prompt.messages}], as_json=True)
                    continue
                self.stdout.write(f"── {variant} ──")
                for message in prompt.messages:
                    self.stdout.write(f"[{message['role']}]\n{message['content']}\n")
                if text:
                    self.stdout.write(f"[without a model]\n{subject}\n\n{body}\n")
