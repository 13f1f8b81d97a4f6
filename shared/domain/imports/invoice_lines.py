"""From invoice lines, or receipts of a till, to daily demand: which lines are demand, and what a return takes back.

- The same line twice on one invoice is kept twice: a customer may take an item twice, and nothing tells such lines from
  a double entry. `line_no` tells them apart.
- A line of negative units is a return: a cancellation, a refund, a credit note. It names no original invoice and takes
  back the same customer's most recent earlier purchases of that item at that location, newest first, because what is
  corrected is mostly the latest order (in a wholesaler's file 74,215 storage jars were invoiced at 10:01 and cancelled
  at 10:17). The demand is removed on the day of the *purchase*: it was never wanted. Lines without a customer count as
  one customer per location.
- A return that finds nothing to take back is of a sale that is not known. Subtracting it would invent negative demand,
  so it is rejected with that reason; one that finds only a part is accepted for that part.
- At price 0 an item left the shelf for free: demand without revenue. Where a system books stock or postage by such
  lines, its mapping excludes them (exclusions.py).
"""

from __future__ import annotations

import polars as pl

from shared.domain.imports.record_checks import Check

LINE_KEY = ("invoice_no", "item_id", "location_id")
"""What the lines of an invoice that an import brings take the place of."""

# Quantities are kept to three decimals; whole thousandths keep the running sums exact and fast.
_THOUSANDTHS = 1000
_GROUP = ("item_id", "location_id", "customer_id")
_DAY = ("item_id", "location_id", "date_local")
_MONEY = pl.Decimal(38, 9)  # holds the product of a quantity and a price exactly


def is_return() -> pl.Expr:
    """True for a line that takes back what was sold."""
    return pl.col("units_sold") < 0


def line_checks() -> list[Check]:
    """What makes a readable line no demand."""
    return [Check("range", "units_sold", pl.col("units_sold") == 0, pl.lit("units_sold is 0"))]


def numbered(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `line_no`: which one it is of its item and location on its invoice, from 1, in the order given."""
    return lines.with_columns(line_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(LINE_KEY))


def net_returns(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with `net_units` (of a purchase: what no return took back) and `unmatched_units` (of a return: what found
    no purchase), in units_sold's type; each is 0 on the other kind of line.

    Matching newest first is matching brackets: purchases open, returns close. With x the signed quantities of one
    customer, item and location in time order (purchases before returns at the same time, then by invoice and line, so
    that the result does not depend on the file that a line came in):

    - unmatched closing brackets are the falls of the running minimum of the sums from the start, min(0, min_k<=n S_k);
    - unmatched opening brackets are the falls of the running maximum of the sums from the end, max(0, max_k>=n T_k).

    The closed form is that of Lindley's recursion for a queue's idle time (Lindley 1952), run forwards and backwards;
    no loop over lines is needed. Expects invoice_no, line_no, item_id, location_id, customer_id (null: anonymous),
    date_local (with the time of day) and units_sold, at most 9e15 thousandths in all; the order of the result is not
    that of `lines`.
    """
    signed = (pl.col("units_sold") * _THOUSANDTHS).cast(pl.Int64)
    ordered = lines.with_columns(signed=signed, returns=is_return())
    groups = ordered.filter("returns").select(_GROUP).unique()
    touched = ordered.join(groups, on=_GROUP, how="semi", nulls_equal=True)
    untouched = ordered.join(groups, on=_GROUP, how="anti", nulls_equal=True)
    touched = touched.sort(*_GROUP, "date_local", "returns", "invoice_no", "line_no").with_columns(
        lowest=pl.min_horizontal(pl.col("signed").cum_sum().cum_min().over(_GROUP), 0),
        highest=pl.max_horizontal(pl.col("signed").cum_sum(reverse=True).cum_max(reverse=True).over(_GROUP), 0),
    )
    touched = touched.with_columns(
        unmatched=(pl.col("lowest").shift(1, fill_value=0) - pl.col("lowest")).over(_GROUP),
        net=(pl.col("highest") - pl.col("highest").shift(-1, fill_value=0)).over(_GROUP),
    ).drop("lowest", "highest")
    untouched = untouched.with_columns(unmatched=pl.lit(0, dtype=pl.Int64), net=pl.col("signed"))
    units = lines.schema["units_sold"]
    return (
        pl.concat([touched, untouched])
        .with_columns(
            unmatched_units=(pl.col("unmatched").cast(units) / _THOUSANDTHS).cast(units),
            net_units=(pl.col("net").cast(units) / _THOUSANDTHS).cast(units),
        )
        .drop("signed", "returns", "net", "unmatched")
    )


def unmatched_check() -> Check:
    """A return that takes nothing back; expects what `net_returns` adds."""
    reason = pl.format(
        "nothing to take back: no earlier purchase of {} at {} by this customer is known that still stands",
        "item_id",
        "location_id",
    )
    nothing_left = pl.col("unmatched_units") == -pl.col("units_sold")
    return Check("unmatched_return", "units_sold", is_return() & nothing_left, reason)


def daily_demand(netted: pl.DataFrame) -> pl.DataFrame:
    """One row per item, location and day of purchase: units_sold, and revenue = sum of net units x unit price, null
    where a line has no price.

    A day whose purchases were all taken back stays, with 0 units: an earlier import may have stored them.
    """
    purchases = netted.filter(~is_return()).with_columns(pl.col("date_local").dt.date())
    earned = (pl.col("net_units").cast(_MONEY) * pl.col("price").cast(_MONEY)).sum()
    return purchases.group_by(_DAY).agg(
        pl.col("net_units").sum().alias("units_sold"),
        pl.when(pl.col("price").null_count() == 0).then(earned).alias("revenue"),
    )


def days_changed(lines: pl.DataFrame) -> pl.DataFrame:
    """The item, location and day of each sum that the lines marked `changed` are part of, once each.

    A changed purchase changes its own day. Where its customer has returned something of the item, that may take back
    another purchase now, so every day on which he bought it may have changed.
    """
    changed = lines.filter("changed")
    returned = lines.filter(is_return()).select(_GROUP).unique()
    groups = changed.select(_GROUP).unique().join(returned, on=_GROUP, how="semi", nulls_equal=True)
    touched = lines.join(groups, on=_GROUP, how="semi", nulls_equal=True)
    days = pl.concat([changed.filter(~is_return()), touched.filter(~is_return())])
    return days.select("item_id", "location_id", pl.col("date_local").dt.date()).unique()
