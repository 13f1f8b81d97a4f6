"""How a CSV file is said to be written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CsvReading:
    """None: it is found. `encoding` is a name that Python knows."""

    encoding: str | None = None
    delimiter: str | None = None


FOUND = CsvReading()
