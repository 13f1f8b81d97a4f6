"""The documents are true to the tree: links, paths, modules and `make` targets exist, generated pages are current."""

from __future__ import annotations

import ast
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.measurements import PAGE, page

PROJECT = Path(__file__).parents[1]
ADRS = PROJECT / "docs" / "adr"

_CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_PATH = re.compile(r"[\w.-]+(/[\w.-]+)+/?")
_MODULE_FILE = re.compile(r"\w[\w-]*\.(py|tf|toml|sh)")
_MODULE_RUN = re.compile(r"\bpython3? -m ([\w.]+)")
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_EXTERNAL_MODULES = {"pytest", "venv", "pip"}


def _tree() -> Iterator[Path]:
    """Every file and folder of the project, but for what is installed, cached or local."""
    for folder, names, files in os.walk(PROJECT):
        names[:] = [name for name in names if not name.startswith(".") and name not in ("__pycache__", "node_modules")]
        yield from (Path(folder) / name for name in (*names, *files))


TREE = frozenset(_tree())
DOCUMENTS = sorted(path for path in TREE if path.suffix == ".md")
_MADE_HERE = ".local"  # by the local stack: there while it runs
FIRST_SEGMENTS = {path.name for path in TREE if path.parent == PROJECT and path.is_dir()}
FILE_NAMES = {path.name for path in TREE}


def _name(document: Path) -> str:
    return document.relative_to(PROJECT).as_posix()


def _anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    headings = _HEADING.findall(_CODE_BLOCK.sub("", document.read_text()))
    kept = (re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


def broken_links(text: str, document: Path) -> list[str]:
    """Relative links of the text that lead nowhere."""
    broken = []
    for target in _LINK.findall(_INLINE_CODE.sub("", _CODE_BLOCK.sub("", text))):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    return broken


def missing_paths(text: str, document: Path) -> list[str]:
    """What looks like a path of this project in inline code and is none.

    A path is taken from the project's root or from the document's folder. The name of a file alone must be the name of
    some file of the project.
    """
    missing = []
    for code in _INLINE_CODE.findall(_CODE_BLOCK.sub("", text)):
        if _MODULE_FILE.fullmatch(code):
            if code not in FILE_NAMES:
                missing.append(code)
        elif _PATH.fullmatch(code):
            first = code.split("/")[0]
            if first == _MADE_HERE:
                continue
            ours = first in FIRST_SEGMENTS or ((document.parent / first).is_dir() and first not in ("", ".", ".."))
            if ours and not any((base / code).exists() for base in (PROJECT, document.parent)):
                missing.append(code)
    return missing


def missing_targets(text: str) -> list[str]:
    """Targets that the text tells to make and the Makefile lacks."""
    targets = set(_TARGET.findall((PROJECT / "Makefile").read_text()))
    code = [*_INLINE_CODE.findall(text), *_CODE_BLOCK.findall(text)]
    return [name for part in code for name in _MAKE.findall(part) if name not in targets]


def missing_modules(text: str) -> list[str]:
    """Modules that the text tells to run and the project lacks."""
    return [
        module
        for module in _MODULE_RUN.findall(text)
        if module not in _EXTERNAL_MODULES
        and not (PROJECT / module.replace(".", "/")).with_suffix(".py").is_file()
        and not (PROJECT / module.replace(".", "/") / "__main__.py").is_file()
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_what_a_document_refers_to_exists(document: Path) -> None:
    text = document.read_text()
    assert broken_links(text, document) == []
    assert missing_paths(text, document) == []
    assert missing_targets(text) == []
    assert missing_modules(text) == []


def test_a_wrong_reference_is_noticed() -> None:
    document = PROJECT / "README.md"
    text = "[a](docs/nowhere.md) [b](README.md#no-such-heading) `shared/domain/nothing.py` `nothing.py` `make nothing`"
    assert broken_links(text, document) == ["docs/nowhere.md", "README.md#no-such-heading"]
    assert missing_paths(text, document) == ["shared/domain/nothing.py", "nothing.py"]
    assert missing_targets(text) == ["nothing"]
    assert missing_modules("python -m shared.nothing") == ["shared.nothing"]


def test_every_decision_is_in_the_index() -> None:
    index = (ADRS / "README.md").read_text()
    records = sorted(path.name for path in ADRS.glob("[0-9]*.md"))
    assert [name for name in records if f"]({name})" not in index] == []
    assert len({name[:4] for name in records}) == len(records), "two decisions have one number"


def test_the_measurements_are_the_published_results() -> None:
    assert PAGE.read_text() == page(), "docs/measurements.md is generated: change it by `make bench`"


def test_every_document_in_docs_is_linked_from_somewhere() -> None:
    linked = {
        (document.parent / target.partition("#")[0]).resolve()
        for document in DOCUMENTS
        for target in _LINK.findall(document.read_text())
    }
    assert [_name(path) for path in DOCUMENTS if path.is_relative_to(PROJECT / "docs") and path not in linked] == []


_METHODS = ("get", "post", "put", "patch", "delete")
_PARAMETER = re.compile(r"<\w+:(\w+)>")
_ENDPOINT_ROW = re.compile(r"^\| (/[^|]+) \| ([A-Z, ]+) \|", re.MULTILINE)


def _endpoints() -> dict[str, set[str]]:
    """Path -> methods of every public endpoint, as the decorators of functions/*/endpoints.py declare them."""
    declared: defaultdict[str, set[str]] = defaultdict(set)
    for file in (PROJECT / "functions").glob("*/endpoints.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="app"), attr=method), args=[ast.Constant(value=str(path)), *_]
                ) if method in _METHODS and "/internal/" not in path:
                    declared[_PARAMETER.sub(r"{\1}", path)].add(method.upper())
    return declared


def test_the_api_page_lists_every_endpoint_and_no_other() -> None:
    declared, listed = _endpoints(), set()
    for cell, methods in _ENDPOINT_ROW.findall((PROJECT / "docs" / "api.md").read_text()):
        paths = cell.split(", ")
        listed.update(paths)
        assert set(methods.split(", ")) == set().union(*(declared[path] for path in paths)), cell
    assert listed == set(declared)
