"""What a benchmark found: rows of a table, printed as they come, checked against their targets, and kept as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.machine import load_average

RESULTS = Path(__file__).with_name("results")
_WIDTH = 9
_NAME_WIDTH = 44

Value = float | int | str | None


@dataclass(frozen=True)
class Row:
    """One line: what was measured, under which conditions, the figures, and upper bounds of some of them."""

    name: str
    values: Mapping[str, Value]
    targets: Mapping[str, float] = field(default_factory=dict)

    @property
    def missed(self) -> dict[str, tuple[float, float]]:
        """Figure -> (found, target), of those above their target."""
        return {
            figure: (float(found), target)
            for figure, target in self.targets.items()
            if (found := self.values.get(figure)) is not None and float(found) > target
        }


@dataclass
class Section:
    """One benchmark: a title, the names of its figures with their units, and its rows."""

    name: str
    title: str
    columns: Sequence[str]
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Print the heading; the rows follow one by one as they are measured."""
        print(f"\n{self.title}   (load average {load_average():.1f})")
        print(
            f"  {'':<{_NAME_WIDTH}}" + "".join(f"{column:>{max(_WIDTH, len(column) + 2)}}" for column in self.columns)
        )
        sys.stdout.flush()

    def add(self, row: Row) -> None:
        """Keep a row and print it; a figure above its target is marked."""
        self.rows.append(row)
        cells = (cell(row, column) for column in self.columns)
        shown = "".join(
            f"{text:>{max(_WIDTH, len(column) + 2)}}" for text, column in zip(cells, self.columns, strict=True)
        )
        print(f"  {row.name:<{_NAME_WIDTH}}{shown}", flush=True)

    def note(self, text: str) -> None:
        """Say something about the figures, on the terminal and in the file."""
        self.notes.append(text)
        print(f"  {text}", flush=True)


def progress(text: str) -> None:
    """What is being done now, apart from the results."""
    print(f"  … {text}", file=sys.stderr, flush=True)


def save(sections: Sequence[Section], machine: Mapping[str, Any]) -> Path:
    """Write everything with the facts of the machine to a file of its own; returns where."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{machine['at'].replace(':', '')}.json"
    content: dict[str, Any] = {"machine": machine, "sections": [asdict(section) for section in sections]}
    file.write_text(json.dumps(content, indent=2) + "\n")
    return file


def conclude(sections: Sequence[Section], file: Path) -> None:
    """Say which targets were missed, where the figures are, and what to do next."""
    checked = [row for section in sections for row in section.rows if row.targets]
    missed = [(section, row) for section in sections for row in section.rows if row.missed]
    print(f"\n{len(checked) - len(missed)} of {len(checked)} rows with a target reached it. All figures: {file}")
    for section, row in missed:
        for figure, (found, target) in row.missed.items():
            print(f"  missed: {section.name}: {row.name}: {figure} {found:g}, target {target:g}")
    if missed:
        names = " ".join(dict.fromkeys(section.name for section, _ in missed))
        print(f"Next: repeat on a quiet machine, `python -m tests.benchmarks {names}`; if it stays, profile that part.")
    else:
        print("Next: keep the file, and compare with it after the next change that could cost time.")


def cell(row: Row, column: str) -> str:
    """A figure as tables show it: `-` where there is none, with `!` behind it where it is above its target."""
    value = row.values.get(column)
    if value is None:
        return "-"
    shown = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value
    return f"{shown}!" if column in row.missed else shown
