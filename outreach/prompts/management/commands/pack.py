"""Prompt packs from the command line: `pack list | lint | show | simulate | test | diff | label | save | export | optimise`."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from django_typer.management import TyperCommand, command
from rich.console import Console
from rich.table import Table

from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.llm.routing import BUILTIN
from outreach.prompts import differences, liquid_text, optimising, rendering, selectors, services, testing
from outreach.prompts import lint as linting
from outreach.prompts.api import result_json
from outreach.prompts.models import PackLabel, PackVersion
from outreach.prompts.pack import Pack
from outreach.prompts.parser import parse

Json = Annotated[bool, typer.Option("--json", help="JSON lines instead of a table.")]


class Command(TyperCommand):
    help = "Prompt packs: list, lint, show, try, test, compare, label, save and export them."

    def _line(self, **values: Any) -> None:
        self.stdout.write(json.dumps(values, ensure_ascii=False))

    def _fail(self, error: Exception) -> NoReturn:
        self.stderr.write(str(error))
        raise typer.Exit(1) from error

    def _pack(self, name: str) -> Pack:
        """A pack by name, `name@version`, or the path of its file."""
        try:
            if name.endswith(".md"):
                return parse(Path(name).read_text(encoding="utf-8"), file_name=name)
            return rendering.pack_of(self._version(name))
        except (OutreachError, OSError) as error:
            self._fail(error)

    def _version(self, reference: str) -> PackVersion:
        """`name`, or `name@` with a label or the beginning of a hash."""
        name, _, version = reference.partition("@")
        try:
            return services.version_of(name, version)
        except OutreachError as error:
            self._fail(error)

    def _source(self, name: str) -> str:
        return Path(name).read_text(encoding="utf-8") if name.endswith(".md") else self._version(name).source

    @command(name="list", help="List the current version of every pack.")
    def list_packs(self, as_json: Json = False) -> None:
        services.sync_packs()
        table = Table("Pack", "Version", "Channel", "Languages", "Label")
        for label in (
            PackLabel.objects.select_related("version").exclude(label=services.SHIPPED).order_by("name", "label")
        ):
            version = label.version
            if as_json:
                self._line(
                    name=version.name,
                    sha=version.sha,
                    channel=version.channel,
                    languages=version.languages,
                    label=label.label,
                )
            table.add_row(version.name, version.sha[:12], version.channel, ", ".join(version.languages), label.label)
        if not as_json:
            Console().print(table)

    @command(help="Check packs; exit code 1 when one has errors.")
    def lint(
        self,
        files: Annotated[list[Path] | None, typer.Argument(help="Files (default: all shipped packs).")] = None,
        as_json: Json = False,
    ) -> None:
        is_failed = False
        for path in files or services.pack_files():
            try:
                findings = selectors.check_source(path.read_text(encoding="utf-8"), file_name=path.name).findings
            except (OSError, UnicodeDecodeError) as error:
                findings = [linting.Finding("P00", 1, str(error))]
            for finding in findings:
                is_failed |= finding.is_error
                if as_json:
                    self._line(
                        file=str(path),
                        line=finding.line,
                        code=finding.code,
                        text=finding.text,
                        level="error" if finding.is_error else "warning",
                    )
                else:
                    kind = "error" if finding.is_error else "warning"
                    self.stdout.write(f"{path}:{finding.line}: {finding.code} {kind}: {finding.text}")
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
        as_json: Json = False,
    ) -> None:
        services.sync_packs()
        wanted = names or sorted(PackVersion.objects.in_production().values_list("name", flat=True))
        is_failed = False
        for name in wanted:
            pack = self._pack(name)
            for result in testing.run_tests(pack, route=target):
                is_failed |= result.is_passed is False
                if as_json:
                    self._line(pack=pack.name, sha=pack.sha(), **result_json(result))
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
        try:
            self.stdout.write(
                differences.unified(self._source(before), self._source(after), names=(before, after))
                or "No difference."
            )
        except OSError as error:
            self._fail(error)

    @command(help="Point a label (production, candidate) at a version.")
    def label(
        self,
        reference: Annotated[str, typer.Argument(help="name@ with a label or the beginning of a hash")],
        label: Annotated[str, typer.Argument(help="production or candidate")],
    ) -> None:
        row = self._version(reference)
        try:
            services.label_version(row, label, actor=Actor.system("command line"))
        except OutreachError as error:
            self._fail(error)
        self.stdout.write(f"{row.name}: {row.short_sha} is {label}.")

    @command(help="Store a file as a new version: a candidate, or production when the pack is new.")
    def save(
        self, file: Annotated[Path, typer.Argument(help="A pack's file")], note: str = "", as_json: Json = False
    ) -> None:
        try:
            version = services.save_source(file.read_text(encoding="utf-8"), author=None, note=note)
        except (OutreachError, OSError, UnicodeDecodeError) as error:
            self._fail(error)
        if as_json:
            self._line(**selectors.version_json(version))
        else:
            self.stdout.write(f"{version.name}@{version.short_sha}: {', '.join(version.label_names)}")

    @command(help="Write a version to a file, or to the terminal.")
    def export(
        self,
        reference: Annotated[str, typer.Argument(help="Name or name@version")],
        to: Annotated[Path | None, typer.Option(help="File to write")] = None,
    ) -> None:
        source = self._version(reference).source
        if to is None:
            self.stdout.write(source)
        else:
            to.write_text(source, encoding="utf-8")
            self.stdout.write(f"Written to {to}.")

    @command(help="Look for better instructions with GEPA; the result is a candidate that only a person promotes.")
    def optimise(
        self,
        reference: Annotated[str, typer.Argument(help="Name or name@version")],
        target: Annotated[str, typer.Option(help="The model that the pack is for: provider/model")],
        reflection: Annotated[str, typer.Option(help="The model that proposes; the same unless given")] = "",
        calls: Annotated[int, typer.Option(min=1, help="Calls at most")] = 60,
        usd: Annotated[float, typer.Option(min=0, help="Dollars at most; 0: no limit")] = 0,
        as_json: Json = False,
    ) -> None:
        version = self._version(reference)
        budget = optimising.Budget(calls, Decimal(str(usd)) if usd else None)
        try:
            found, report = optimising.optimise(version, target=target, reflection=reflection, budget=budget)
        except OutreachError as error:
            self._fail(error)
        if as_json:
            self._line(version=found.sha if found else None, **report)
            return
        before, after = report["validation"]["before"], report["validation"]["after"]
        said = f"Versions tried: {report['candidates']}. Calls: {report['calls']} of {report['budget']['calls']}, ${report['usd']}. Mark {before:.2f} → {after:.2f}"
        self.stdout.write(
            f"{said}\n{found.name}@{found.short_sha} is a candidate." if found else f"{said}\nNo improvement."
        )

    @command(help="Show one pack as it was parsed.")
    def show(self, name: Annotated[str, typer.Argument(help="Name or file")], as_json: Json = False) -> None:
        pack = self._pack(name)
        if as_json:
            self._line(sha=pack.sha(), **pack.definition())
            return
        self.stdout.write(f"{pack.name} {pack.sha()[:12]}\n{pack.description}\n")
        for language in pack.languages:
            required = ", ".join(sorted(rendering.required_variables(pack, language)))
            self.stdout.write(f"{language}: needs {required or 'nothing'}; variants {', '.join(pack.variant_names())}")

    @command(help="Render a pack with sample values or your own; nothing is stored or sent.")
    def simulate(
        self,
        name: Annotated[str, typer.Argument(help="Name or file")],
        language: str = "en",
        values: Annotated[list[str] | None, typer.Option("--set", help="name=value; may be repeated")] = None,
        as_json: Json = False,
    ) -> None:
        pack = self._pack(name)
        trusted, untrusted = linting.sample_values(pack)
        for pair in values or []:
            key, _, value = pair.partition("=")
            (untrusted if key in pack.inputs.untrusted else trusted)[key] = value
        for variant in pack.variant_names():
            try:
                prompt = rendering.render(
                    pack, language=language, variant=variant, trusted=trusted, untrusted=untrusted
                )
                text = rendering.render_template(
                    pack, language=language, variant=variant, trusted=trusted, untrusted=untrusted
                )
            except liquid_text.TemplateError as error:
                self.stderr.write(f"{variant}: {error.reason}")
                raise typer.Exit(1) from error
            subject, body = (text.subject, text.body) if text else ("", "")
            if as_json:
                self._line(variant=variant, language=language, subject=subject, body=body, messages=prompt.messages)
                continue
            self.stdout.write(f"── {variant} ──")
            for message in prompt.messages:
                self.stdout.write(f"[{message['role']}]\n{message['content']}\n")
            if text:
                self.stdout.write(f"[without a model]\n{subject}\n\n{body}\n")
