"""What is on order, in the rows: the outstanding lines of an item, and the sums that follow from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import polars as pl

from shared.catalog.schema import KEY, OPEN_LINE, ROW_SCHEMA
from shared.domain.planning.ordering_policy import OrderingPolicy
from shared.domain.purchasing.product import OpenOrderLine
from shared.domain.settings import Settings

_QUANTITY = ROW_SCHEMA["on_order"]
_KEY = list(KEY)
_SUMS = ["on_order", "receipts_due", "receipts_covering", "ordered_lately"]


def open_line(line: OpenOrderLine) -> dict[str, Any]:
    """The line as a record of the column `open_lines`."""
    return {name: getattr(line, name) for name in OPEN_LINE.to_schema()}


def with_open_lines(rows: pl.DataFrame, lines_of: dict[str, list[dict[str, Any]]]) -> pl.DataFrame:
    """The rows with the column `open_lines` of these items replaced; empty lists become null."""
    lines = pl.DataFrame(
        {"item_id": list(lines_of), "lines": [lines or None for lines in lines_of.values()]},
        schema={"item_id": pl.String(), "lines": ROW_SCHEMA["open_lines"]},
    )
    known = pl.col("item_id").is_in(lines["item_id"].implode())
    return (
        rows.join(lines, on="item_id", how="left", maintain_order="left")
        .with_columns(
            open_lines=pl.when(pl.col("location_id").is_null() & known)
            .then("lines")
            .when(pl.col("location_id").is_null())
            .then("open_lines")
        )
        .select(ROW_SCHEMA.names())
    )


def with_order_sums(rows: pl.DataFrame, settings: Settings, as_of: dt.date) -> pl.DataFrame:
    """The rows with on_order and the parts of it that arrive within the window of the risk and that of an order, and of
    the latter what arrives so late that it was ordered within the last review period."""
    lines = (
        rows.lazy()
        .filter(pl.col("open_lines").is_not_null())
        .select("item_id", "open_lines")
        .explode("open_lines")
        .unnest("open_lines")
        .collect()
    )
    both = pl.concat([lines.with_columns(location_id=pl.lit(None, pl.String())), lines.drop_nulls("location_id")])
    lead_time, policy = pl.col("lead_time_days"), OrderingPolicy.of(settings)
    at_risk = lead_time + settings.safety_buffer_days
    covered = lead_time.map_batches(lambda days: pl.Series(policy.window_days(days.to_numpy())), pl.Int64)
    totals = (
        both.join(rows.select(*_KEY, "lead_time_days"), on=_KEY, nulls_equal=True)
        .group_by(_KEY)
        .agg(
            on_order=pl.col("outstanding").sum(),
            receipts_due=_arriving(as_of, at_risk),
            receipts_covering=_arriving(as_of, covered),
            ordered_before=_arriving(as_of, lead_time - max(settings.review_period_days, 1)),
        )
        .with_columns(ordered_lately=pl.col("receipts_covering") - pl.col("ordered_before"))
    )
    return (
        rows.drop(_SUMS)
        .join(totals, on=_KEY, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col(_SUMS).fill_null(Decimal(0)).cast(_QUANTITY))
        .select(ROW_SCHEMA.names())
    )


def _arriving(as_of: dt.date, within_days: pl.Expr) -> pl.Expr:
    """What of the lines is expected within so many days; what is late, any day."""
    in_time = pl.col("expected_delivery_date") <= pl.lit(as_of) + pl.duration(days=within_days)
    return pl.col("outstanding").filter(in_time).sum()


def lines_by_item(lines: Iterable[OpenOrderLine]) -> dict[str, list[dict[str, Any]]]:
    """What is outstanding by item; a line that has all arrived is left out."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        if line.outstanding > 0:
            grouped.setdefault(line.item_id, []).append(open_line(line))
    return grouped
