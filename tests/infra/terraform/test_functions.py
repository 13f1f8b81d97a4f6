"""What Terraform deploys is what the code has: functions, their paths, the routes of schedules."""

import importlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
TERRAFORM = ROOT / "infra" / "terraform"
DEPLOYED: dict[str, dict[str, Any]] = json.loads((TERRAFORM / "functions.json").read_text())
SCHEDULES: dict[str, dict[str, Any]] = json.loads((TERRAFORM / "schedules.json").read_text())


def folder_of(service: str) -> str:
    """A Cloud Run service is named with hyphens, a Python package with underscores."""
    return service.replace("-", "_")


def test_every_function_is_deployed_and_nothing_else() -> None:
    assert {folder_of(name) for name in DEPLOYED} == {path.parent.name for path in ROOT.glob("functions/*/main.py")}


def test_every_function_has_an_extra_of_its_name() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(DEPLOYED) <= set(extras)


@pytest.mark.parametrize("name", DEPLOYED)
def test_the_load_balancer_sends_a_function_the_paths_it_serves(name: str) -> None:
    app = importlib.import_module(f"functions.{folder_of(name)}.main").app
    assert list(app.prefixes) == DEPLOYED[name]["paths"]


def test_the_load_balancer_denies_what_is_internal_of_every_function_that_has_such_routes() -> None:
    apps = {name: importlib.import_module(f"functions.{folder_of(name)}.main").app for name in DEPLOYED}
    owners = {name for name, app in apps.items() if any("/internal/" in rule.rule for rule in app.url_map.iter_rules())}
    listed = re.search(r"internal_owners = (\[.*\])", (TERRAFORM / "security_policy.tf").read_text())
    assert listed is not None
    assert set(json.loads(listed[1])) == owners


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_calls_a_route_that_exists(name: str) -> None:
    schedule = SCHEDULES[name]
    app = importlib.import_module(f"functions.{folder_of(schedule['function'])}.main").app
    route = f"/{DEPLOYED[schedule['function']]['paths'][0]}{schedule['path']}"
    assert any(rule.rule == route and "POST" in rule.methods for rule in app.url_map.iter_rules()), f"no POST {route}"
