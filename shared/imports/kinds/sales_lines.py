"""Invoice lines beside those of earlier imports: one file is rarely the whole of a day, and a return comes later.

The lines that a source brings take the place of what is kept of the same invoice, item and location. The days are then
summed from all lines, kept and new, and only the days whose sum may have changed are written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.domain.dates import DateRange
from shared.domain.imports.invoice_lines import LINE_KEY, daily_demand, days_changed, net_returns, numbered
from shared.domain.imports.sales_history import KEY

# An invoice line as it is kept, with the time in `date_local`.
STORED_LINES: Mapping[str, Any] = {
    "item_id": pl.String(),
    "location_id": pl.String(),
    "invoice_no": pl.String(),
    "line_no": pl.Int64(),
    "date_local": pl.Datetime("us"),
    "units_sold": pl.Decimal(38, 3),
    "price": pl.Decimal(38, 6),
    "customer_id": pl.String(),
}
_MEMORY = dt.timedelta(days=731)

LineHistory = Callable[[Collection[str] | None, dt.date], Iterable[pl.DataFrame]]
"""Reads the lines (STORED_LINES) of these items, or of all, from this day on."""


def no_history(item_ids: Collection[str] | None, first: dt.date) -> Iterable[pl.DataFrame]:
    """Nothing is kept."""
    return ()


def remembered_from(first: dt.date) -> dt.date:
    """The first day of which a purchase can be taken back by a return on or after the day `first`."""
    return first - _MEMORY


@dataclass(frozen=True)
class NettedLines:
    """The lines of some items after an import.

    `lines` has STORED_LINES, row_number and record (null for lines that the source does not bring), `changed`, and what
    net_returns adds. `gone` are lines that are no more, with 0 units; `replaced` those in whose place new ones come.
    """

    lines: pl.DataFrame
    gone: pl.DataFrame
    replaced: pl.DataFrame


def netted(new: pl.DataFrame, stored: pl.DataFrame, replaced_window: DateRange | None) -> NettedLines:
    """The new lines together with those stored; within `replaced_window` stored ones count no more."""
    new = numbered(new)
    named = stored.join(new.select(LINE_KEY).unique(), on=LINE_KEY, how="semi")
    others = stored.join(new.select(LINE_KEY).unique(), on=LINE_KEY, how="anti")
    if replaced_window is not None:
        within = pl.col("date_local").dt.date().is_between(replaced_window.first, replaced_window.last)
        named = pl.concat([named, others.filter(within)])
        others = others.filter(~within)
    gone = named.join(new, on=[*LINE_KEY, "line_no"], how="anti")
    every = pl.concat(
        [others.with_columns(changed=pl.lit(value=False)), new.with_columns(changed=pl.lit(value=True))],
        how="diagonal",
    )
    return NettedLines(
        net_returns(every), gone.with_columns(units_sold=pl.lit(0).cast(gone.schema["units_sold"])), named
    )


def changed_demand(part: NettedLines, replaced_window: DateRange | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(daily demand of the days whose sum may have changed, daily demand of all the lines).

    A day of which no purchase is left has 0 units; within `replaced_window` it is left out, and so deleted.
    """
    daily = daily_demand(part.lines)
    before = part.replaced.with_columns(changed=pl.lit(value=True))
    days = days_changed(pl.concat([part.lines.select(before.columns), before]))
    changed = days.join(daily, on=KEY, how="left").with_columns(
        revenue=pl.when(pl.col("units_sold").is_null()).then(0).otherwise("revenue"),
        left=pl.col("units_sold").is_null(),
    )
    if replaced_window is not None:
        within = pl.col("date_local").is_between(replaced_window.first, replaced_window.last)
        changed = changed.filter(~(within & pl.col("left")))
    return changed.with_columns(pl.col("units_sold").fill_null(0)).drop("left"), daily
