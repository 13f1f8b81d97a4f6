"""Where the header of a table is: titles, the day of a report and blank rows may stand above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from shared.imports.readers.file_reading import HeaderFit

SEARCHED_ROWS = 20


def header_place(rows: Sequence[Sequence[str | None]], fit: HeaderFit) -> int:
    """Which of the first rows names the columns: the one with the most names that are known. Where none is, the first
    that is not blank, but for a title above a table."""
    searched = rows[:SEARCHED_ROWS]
    fits = [fit(row) for row in searched]
    if any(fits):
        return fits.index(max(fits))
    widths = [sum(bool((cell or "").strip()) for cell in row) for row in rows]
    first = next((place for place, width in enumerate(widths) if width), 0)
    if not widths or widths[first] > 1:
        return first
    usual, _ = Counter(width for width in widths if width).most_common(1)[0] if any(widths) else (1, 0)
    return next((place for place, width in enumerate(widths[:SEARCHED_ROWS]) if width >= usual), first)
