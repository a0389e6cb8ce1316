"""Prompt packs from the command line: `pack list | lint | show | simulate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command
from rich.console import Console
from rich.table import Table

from outreach.core.errors import OutreachError
from outreach.prompts import lint as linting
from outreach.prompts import liquid_text, rendering, services
from outreach.prompts.models import PackLabel
from outreach.prompts.pack import Pack
from outreach.prompts.parser import parse

Json = Annotated[bool, typer.Option("--json", help="JSON lines instead of a table.")]


class Command(TyperCommand):
    help = "Prompt packs: list, lint, show and simulate them."

    def _line(self, **values: Any) -> None:
        self.stdout.write(json.dumps(values, ensure_ascii=False))

    def _pack(self, name: str) -> Pack:
        """A pack by name, or by the path of its file."""
        try:
            if name.endswith(".md"):
                return parse(Path(name).read_text(encoding="utf-8"), file_name=name)
            return rendering.pack_of(services.current(name))
        except (OutreachError, OSError) as error:
            self.stderr.write(str(error))
            raise typer.Exit(1) from error

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
                findings = linting.lint(parse(path.read_text(encoding="utf-8"), file_name=path.name))
            except (OutreachError, OSError, UnicodeDecodeError) as error:
                findings = [linting.Finding("P00", getattr(error, "line", 1), str(error))]
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
