"""An image holds what its extra installs: every import that its code can reach must be among that.

A development environment has everything, so a missing requirement would show only in the cloud, at the first request
that needs it. shared/bigquery/storage_reader.py is left out: only those who read more than a page of rows ask for it.
"""

import ast
import importlib.util
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = ("shared", "functions", "forecast_job", "infra")
IMAGES = {path.parent.name: path.parent for path in sorted(ROOT.glob("functions/*/main.py"))} | {
    "forecast-job": ROOT / "forecast_job",
    "delivery": ROOT / "infra" / "delivery",
}
BESIDE = {"forecast-job": ("chronos", "statsforecast")}  # extras that an image installs beside the one of its name


def imports_of(tree: ast.AST) -> Iterator[str]:
    """Dotted names that a module imports anywhere, less what only a type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        yield from imports_of(node)


@cache
def source_of(name: str) -> Path | None:
    """The file of a module; for a name within a module, that module's."""
    while name:
        if name.partition(".")[0] in OURS:  # found by path: looking for a spec would run our code
            base = ROOT / name.replace(".", "/")
            origin = next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)
        else:
            origin = installed_source(name)
        if origin is not None:
            return origin
        name = name.rpartition(".")[0]
    return None


def installed_source(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


def foreign_imports(folder: Path) -> dict[Path, str]:
    """Files outside the project that code in the folder can reach, and the name under which."""
    waiting = list(folder.rglob("*.py"))
    if folder.name == "delivery":
        waiting = [*(path for path in waiting if path.name != "builds.py"), ROOT / "infra" / "migrate.py"]
    seen = {ROOT / "shared" / "bigquery" / "storage_reader.py"}
    found: dict[Path, str] = {}
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in imports_of(ast.parse(path.read_text())):
            source = source_of(name)
            if name.partition(".")[0] in OURS:
                waiting += [source] if source else []
            elif name.partition(".")[0] not in sys.stdlib_module_names:
                assert source is not None, f"{path} imports {name}, which is not installed"
                found[source] = name
    return found


def installed(requirements: list[str]) -> set[str]:
    """Distributions that pip installs for the requirements."""
    waiting = [Requirement(text) for text in requirements]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        for text in metadata.requires(wanted.name) or []:
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in ("", *wanted.extras)):
                waiting.append(needed)
    return {name for name, _ in seen}


@pytest.fixture(scope="module")
def owners() -> dict[Path, str]:
    """File -> the distribution that installed it, from pip's own lists (quicker than the parsed ones of importlib)."""
    return {
        Path(f"{root}/{line.split(',')[0]}"): name
        for distribution in metadata.distributions()
        for root, name in [(distribution.locate_file(""), canonicalize_name(distribution.metadata["Name"]))]
        for line in (distribution.read_text("RECORD") or "").splitlines()
        if line.split(",")[0].endswith((".py", ".so"))
    }


@pytest.mark.parametrize("name", IMAGES)
def test_the_extra_installs_every_import(name: str, owners: dict[Path, str]) -> None:
    extras = [name.replace("_", "-"), *BESIDE.get(name, ())]
    wanted = [requirement for extra in extras for requirement in PROJECT["optional-dependencies"][extra]]
    available = installed([*PROJECT["dependencies"], *wanted])
    missing = {
        imported for source, imported in foreign_imports(IMAGES[name]).items() if owners[source] not in available
    }
    assert not missing, f"extra {name!r} in pyproject.toml does not install {sorted(missing)}"
