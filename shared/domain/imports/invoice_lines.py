"""From raw invoice lines to daily demand: which lines are demand, and what a cancellation takes back.

Written for the Online Retail file (897,637 lines of a UK gift wholesaler, 2009-12-01 to 2011-10-12) and for shops that
invoice like it. What the file shows, and the rule that follows:

- Stock codes are typed by hand: 2,918 are partly in lower case, and `85123a` is the product 85123A. An import takes
  the spelling of its products; who reads such a file without products (`item_code`) trims and upper-cases.
- Postage, fees, discounts, manual entries, samples, bad debt, adjustments, gift vouchers and test entries are invoiced
  under codes of their own. They are no products: nobody plans their stock. A few have the number of a product, and only
  the description tells them: 51 lines of "Next Day Carriage" (23444), "PACKING CHARGE" (23574) and a gift voucher
  (22016). A carriage clock and a carriage lantern are products.
- A line without a customer at price 0, or with a negative quantity on an invoice that is no cancellation, books stock
  ("damaged", "found", "thrown away"): an adjustment, not demand. At price 0 *with* a customer it is a free item that
  left the shelf, and counts as demand without revenue.
- The same line twice on one invoice (9,695 times) is kept twice: a customer may take an item twice, and nothing in the
  file tells such lines from a double entry.
- An invoice number starting with C cancels: its lines have negative quantities and name no original invoice. They take
  back the same customer's most recent earlier purchases of that item at that location, newest first, because what is
  corrected is mostly the latest order (74,215 storage jars were invoiced at 10:01 and cancelled at 10:17). The demand
  is removed on the day of the *purchase*: it was never wanted. Lines without a customer count as one customer per
  location.
- A cancellation that finds nothing to take back cancels a sale from before the file. Subtracting it would invent
  negative demand, so it is rejected with that reason; one that finds only a part is accepted for that part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from shared.domain.imports.record_checks import Check, quoted
from shared.domain.imports.record_fields import INVOICE_LINE_FIELDS

NON_PRODUCT_CODES: dict[str, str] = {
    "POST": "postage",
    "DOT": "postage",
    "C2": "carriage",
    "C3": "carriage",
    "M": "a manual entry",
    "D": "a discount",
    "S": "samples",
    "B": "bad debt",
    "BANK CHARGES": "bank charges",
    "ADJUST": "an adjustment",
    "ADJUST2": "an adjustment",
    "AMAZONFEE": "a marketplace fee",
    "CRUK": "a charity's commission",
}
_NON_PRODUCT_PATTERNS: dict[str, str] = {r"^GIFT(_|$)": "a gift voucher", r"^TEST\d*$": "a test entry"}

# What the description of a line says, the whole of it but for a gift voucher's name and worth.
_SERVICES: dict[str, str] = {
    r"^(((next|same|express|saturday|working|named)[ -]?)*(day )?)?"
    r"(carriage|delivery|postage|shipping|freight|p ?& ?p)( (and|&) packing)?( (charge|cost|fee)s?)?\W*$": "carriage",
    r"^(packing|packaging|handling|service|small order|minimum order|card|admin) (charge|fee)s?\W*$": "a charge",
    r"\bgift vouchers?( \W?\d+([.,]\d+)?)?\W*$": "a gift voucher",
}

# Quantities are kept to three decimals; whole thousandths keep the running sums exact and fast.
_THOUSANDTHS = 1000
_GROUP = ("item_id", "location_id", "customer_id")
_UNITS = next(field for field in INVOICE_LINE_FIELDS if field.name == "units_sold")
_MONEY = pl.Decimal(38, 9)  # holds the product of a quantity and a price exactly


def item_code(text: pl.Expr) -> pl.Expr:
    """A hand-typed stock code as the item_id that it means."""
    return text.str.strip_chars().str.to_uppercase()


def is_cancellation() -> pl.Expr:
    """True for a line of a cancelling invoice."""
    return pl.col("invoice_no").str.slice(0, 1).str.to_uppercase() == "C"


def line_checks() -> list[Check]:
    """What makes a readable line no demand; expects a null `description` where the source has none."""
    item, units, price = item_code(pl.col("item_id")), pl.col("units_sold"), pl.col("price")
    no_product = pl.coalesce(
        item.replace_strict(NON_PRODUCT_CODES, default=None, return_dtype=pl.String),
        *_first_match(item, _NON_PRODUCT_PATTERNS),
        *_first_match(pl.col("description").str.strip_chars().str.to_lowercase(), _SERVICES),
    )
    sign = "a cancellation (invoice_no starting with C) has a negative quantity, this one has {}"
    return [
        Check(
            "not_a_product", "item_id", no_product.is_not_null(), pl.format("{} is {}, not a product", item, no_product)
        ),
        Check(
            "stock_adjustment",
            "units_sold",
            ~is_cancellation() & (units < 0),
            pl.lit("a negative quantity on an invoice that is no cancellation books stock; it is not demand"),
        ),
        Check(
            "stock_adjustment",
            "price",
            pl.col("customer_id").is_null() & (price == 0),
            pl.lit("a price of 0 without a customer books stock; it is not demand"),
        ),
        Check("range", "units_sold", units == 0, pl.lit("units_sold is 0")),
        Check("range", "units_sold", is_cancellation() & (units > 0), pl.format(sign, quoted(_UNITS))),
    ]


def _first_match(text: pl.Expr, reasons: Mapping[str, str]) -> Iterator[pl.Expr]:
    return (pl.when(text.str.contains(pattern)).then(pl.lit(reason)) for pattern, reason in reasons.items())


def net_cancellations(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with `net_units` (of a purchase: what no cancellation took back) and `unmatched_units` (of a
    cancellation: what found no purchase), in units_sold's type; each is 0 on the other kind of line.

    Matching newest first is matching brackets: purchases open, cancellations close. With x the signed quantities of one
    customer, item and location in time order (purchases before cancellations at the same time, then row order):

    - unmatched closing brackets are the falls of the running minimum of the sums from the start, min(0, min_k<=n S_k);
    - unmatched opening brackets are the falls of the running maximum of the sums from the end, max(0, max_k>=n T_k).

    The closed form is that of Lindley's recursion for a queue's idle time (Lindley 1952), run forwards and backwards;
    no loop over lines is needed. Expects row_number, invoice_no, item_id, location_id, customer_id (null: anonymous),
    date_local and units_sold, at most 9e15 thousandths in all; the order of the result is not that of `lines`.
    """
    signed = (pl.col("units_sold") * _THOUSANDTHS).cast(pl.Int64)
    ordered = lines.with_columns(signed=signed, cancels=is_cancellation())
    cancelled_groups = ordered.filter("cancels").select(_GROUP).unique()
    touched = ordered.join(cancelled_groups, on=_GROUP, how="semi", nulls_equal=True)
    untouched = ordered.join(cancelled_groups, on=_GROUP, how="anti", nulls_equal=True)
    touched = touched.sort(*_GROUP, "date_local", "cancels", "row_number").with_columns(
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
        .drop("signed", "cancels", "net", "unmatched")
    )


def unmatched_check() -> Check:
    """A cancellation that takes nothing back; expects what `net_cancellations` adds."""
    reason = pl.format(
        "nothing to cancel: before it the file holds no purchase of {} at {} by this customer that still stands",
        "item_id",
        "location_id",
    )
    nothing_left = pl.col("unmatched_units") == -pl.col("units_sold")
    return Check("unmatched_cancellation", "units_sold", is_cancellation() & nothing_left, reason)


def daily_demand(netted: pl.DataFrame) -> pl.DataFrame:
    """One row per item, location and day of purchase: units_sold and revenue = sum of net units x unit price.

    A day whose purchases were all cancelled stays, with 0 units: an earlier import may have stored them.
    """
    purchases = netted.filter(~is_cancellation())
    return purchases.group_by("item_id", "location_id", pl.col("date_local").dt.date()).agg(
        pl.col("net_units").sum().alias("units_sold"),
        (pl.col("net_units").cast(_MONEY) * pl.col("price").cast(_MONEY)).sum().alias("revenue"),
    )
