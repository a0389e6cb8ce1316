"""What the documentation tells people to type works: commands exist, settings are valid."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from outreach.configuration import load

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"manage\.py ([a-z][a-z_-]*)(?: ([a-z][a-z-]+))?")


def commands() -> Iterator[tuple[str, str, str]]:
    for page in PAGES:
        for name, following in COMMAND.findall(page.read_text(encoding="utf-8")):
            yield page.name, name, following


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for text in re.findall(
            rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        ):
            yield page.name, text


@pytest.mark.parametrize(("page", "name", "following"), sorted(set(commands())))
def test_a_command_in_the_docs_exists(page, name, following):
    assert name in get_commands(), f"{page} names `manage.py {name}`"
    command = load_command_class(get_commands()[name], name)
    if following and getattr(command, "is_compound_command", False):
        try:
            command.get_subcommand(following)
        except LookupError:
            pytest.fail(f"{page} names `manage.py {name} {following}`")


@pytest.mark.parametrize(("page", "text"), list(blocks("toml")))
def test_settings_in_the_docs_are_valid(page, text, tmp_path):
    file = tmp_path / "outreach.toml"
    file.write_text(text, encoding="utf-8")
    _configuration, problems = load(file)
    assert not problems, f"{page}: {problems}"


@pytest.mark.parametrize(("page", "text"), list(blocks("json")))
def test_json_in_the_docs_can_be_read(page, text):
    json.loads(text)


@pytest.mark.parametrize("wing", ["outreach", "leads", "conversations", "campaigns"])
def test_the_tour_names_every_room_below_those_that_it_may_import(wing):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in contracts["contracts"] if contract.get("containers") == [wing])
    height = {name.strip(): -rank for rank, layer in enumerate(layers) for name in layer.split("|")}
    section = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split(f"### `{wing}/`")[1].split("\n#")[0]
    rooms = [
        name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    ]
    folders = {file.parent.name for file in (ROOT / wing).glob("*/__init__.py")}
    assert set(rooms) == folders - {"locale", "management", "migrations", "templatetags"}
    assert rooms == sorted(rooms, key=height.__getitem__)
