"""What the code reads beside its modules is in the images, and in what pip installs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE_DATA = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]


@pytest.mark.parametrize("name", ["function", "forecast_job"])
def test_an_image_holds_the_queries(name: str) -> None:
    dockerfile = (ROOT / "infra" / "images" / f"{name}.Dockerfile").read_text()
    assert re.search(r"^COPY shared shared$", dockerfile, re.MULTILINE)
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert ignored[0] == "*"
    assert "!shared" in ignored
    assert [line for line in ignored if line.startswith("**") or "sql" in line] == ["**/__pycache__"]


def test_the_package_holds_the_queries() -> None:
    folder = ROOT / "shared" / "bigquery"
    installed = {path for pattern in PACKAGE_DATA["shared.bigquery"] for path in folder.glob(pattern)}
    assert installed == set(folder.rglob("*.sql")) != set()


def test_the_package_holds_the_examples() -> None:
    assert (ROOT / "shared" / "http" / "document" / "examples.json").is_file()
    assert PACKAGE_DATA["shared.http.document"] == ["examples.json"]
