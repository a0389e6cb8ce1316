"""The files of `deploy/` name only what exists: commands, options, variables, lanes."""

import configparser
import itertools
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from outreach.ops.selection import PARTS, Selection

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SOURCES = [path for wing in ("outreach", "leads", "conversations", "campaigns") for path in (ROOT / wing).rglob("*.py")]


def parts_of(command):
    words = [str(word) for word in command]
    assert words[0] == "up"
    assert set(words) >= {"--only"}
    return Selection(tuple(word for before, word in itertools.pairwise(words) if before == "--only"))


def lanes_and_web(selections):
    return {lane for chosen in selections for lane in chosen.lanes}, any(chosen.has_web for chosen in selections)


def test_compose_runs_the_web_and_every_lane_once():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    chosen = [parts_of(one["command"]) for one in services.values() if one.get("command", [""])[0] == "up"]
    lanes, has_web = lanes_and_web(chosen)
    assert has_web and lanes == set(Selection().lanes)
    assert sum(len(one.lanes) for one in chosen) == len(lanes), "no lane twice"
    assert services["database"]["image"].startswith("pgvector/pgvector:")


def test_kubernetes_runs_the_web_and_every_lane():
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "outreach.yaml").read_text()))
    pods = [document["spec"]["template"]["spec"] for document in documents if document["kind"] == "Deployment"]
    lanes, has_web = lanes_and_web([parts_of(pod["containers"][0]["args"]) for pod in pods])
    assert has_web and lanes == set(Selection().lanes)
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["terminationGracePeriodSeconds"] >= 60


def test_every_variable_is_read_somewhere():
    example = (DEPLOY / "outreach.env.example").read_text()
    code = "\n".join(path.read_text() for path in SOURCES)
    compose = (DEPLOY / "compose.yaml").read_text()
    names = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    for name in names:
        assert f'"{name}"' in code or f"${{{name}:?" in compose, name
    assert set(re.findall(r"\$\{([A-Z_]+):\?", compose)) <= names, "what compose demands is in the file to fill in"


@pytest.mark.parametrize("path", sorted((DEPLOY / "systemd").iterdir()), ids=lambda path: path.name)
def test_a_unit_starts_the_product_and_gives_it_time_to_stop(path):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(path.read_text())
    assert "manage.py up" in unit["Service"]["ExecStart"]
    assert int(unit["Service"]["TimeoutStopSec"]) >= 60
    only = re.search(r"--only (\S+)", unit["Service"]["ExecStart"])
    assert only is None or only[1] in {*PARTS, "%i"}


def test_the_image_is_built_from_the_lock_file_and_not_run_as_root():
    text = (DEPLOY / "Dockerfile").read_text()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert "uv sync --frozen" in text
    assert set(re.findall(r"--extra (\w+)", text)) <= set(extras)
    last_user = re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1]
    assert last_user == "10001:10001"
    assert "HEALTHCHECK" in text
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists(), name


def test_the_image_has_all_that_the_product_can_use_and_none_of_our_tools():
    (sync,) = (line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if "uv sync" in line)
    assert {"--frozen", "--no-default-groups", "--all-extras"} <= set(sync.split())
