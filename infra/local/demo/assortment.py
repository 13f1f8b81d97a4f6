"""What the shop sells and whom it buys from: its real invoice lines, and products and purchase terms made from them.

Terms are a function of real demand and of a hash of the item_id, so each run gives the same shop: an item has one
supplier or several, nearby or distant, with a minimum order value or without. The README tells users of the demo.
"""

from __future__ import annotations

import datetime as dt
import zlib
from bisect import bisect
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import polars as pl

from forecast_job.demand.online_retail import item_code, sales_lines
from infra.local.demo.partners import SHARES, SUPPLIERS
from infra.local.demo.product_names import STOCK_REMARK, readable_name
from shared.domain.imports.invoice_lines import daily_demand, net_returns, numbered
from shared.domain.money import round_money, round_quantity
from shared.domain.purchasing.product import Condition

INVOICES = Path(__file__).parent / "data" / "online_retail.parquet"
TODAY = dt.date(2011, 10, 13)  # the day after the data ends
LOCATION_OF_COUNTRY = {"United Kingdom": "LONDON", "EIRE": "DUBLIN"}
OTHER_COUNTRIES = "ROTTERDAM"
_YEAR_DAYS = 364

_CATEGORIES: tuple[tuple[str, str], ...] = (  # the first word that the description holds decides
    ("Christmas", r"CHRISTMAS|XMAS|ADVENT|SNOWFLAKE|REINDEER|SANTA"),
    ("Bags", r"\bBAGS?\b|SHOPPER|PURSE|LUGGAGE"),
    ("Lights & candles", r"CANDLE|T-?LIGHT|LANTERN|LIGHTS?\b|LAMP"),
    ("Kitchen & table", r"MUG|CUP|PLATE|BOWL|TEA|CAKE|LUNCH|KITCHEN|JAR|BAKING|COOK|SPOON|GLASS|JUG|TRAY|COASTER"),
    ("Paper & cards", r"CARD|PAPER|WRAP|NOTEBOOK|STICKER|STATIONERY|PENCIL|PEN\b"),
    ("Toys & children", r"TOY|GAME|CHILD|PUZZLE|DOLL|PLAY|KID|BABY"),
    ("Garden", r"GARDEN|PLANT|FLOWER|BIRD|POT\b"),
    ("Jewellery", r"NECKLACE|BRACELET|EARRING|RING\b|BROOCH|BEAD"),
    ("Storage", r"BOX|TIN\b|DRAWER|BASKET|RACK|HOOK|HANGER|CABINET|TIDY"),
    ("Decoration", r"HEART|SIGN|FRAME|CLOCK|MIRROR|WREATH|BUNTING|GARLAND|DECORATION|CUSHION|DOORMAT|ORNAMENT"),
)


def draw(item_id: str, stream: str) -> float:
    """A number in [0, 1) that belongs to the item: the same in every run, independent between streams."""
    return zlib.crc32(f"{stream}\0{item_id}".encode()) / 2**32


class Assortment:
    """The demo shop's master data, made from the invoices once."""

    @cached_property
    def lines(self) -> pl.DataFrame:
        """The invoice lines that an import takes for sales, free ones and returns among them."""
        lines = pl.read_parquet(INVOICES).with_row_index("row_number")
        lines = lines.select(
            "description",
            pl.col("row_number").cast(pl.Int64),
            pl.col("customer_id").cast(pl.String),
            invoice_no="invoice_no",
            item_id=item_code(pl.col("stock_code")),
            location_id=pl.col("country").replace_strict(LOCATION_OF_COUNTRY, default=OTHER_COUNTRIES),
            date_local=pl.col("invoice_date").cast(pl.Datetime("us")),
            units_sold=pl.col("quantity").cast(pl.Decimal(18, 3)),
            price=pl.col("unit_price").cast(pl.Decimal(18, 6)),
        )
        return numbered(sales_lines(lines.filter(pl.col("price") >= 0)))

    @cached_property
    def demand(self) -> pl.DataFrame:
        """What sold: item_id, location_id, date_local, whole units_sold without what was taken back, and its pence."""
        return daily_demand(net_returns(self.lines)).select(
            "item_id",
            "location_id",
            "date_local",
            units_sold=pl.col("units_sold").cast(pl.Int64),
            pence=(pl.col("revenue").cast(pl.Float64) * 100).round().cast(pl.Int64),
        )

    @cached_property
    def items(self) -> pl.DataFrame:
        """One row an item that sold: description, median price, and its daily rate of the last year."""
        named = (
            self.lines.filter(pl.col("price") > 0)
            .group_by("item_id")
            .agg(
                description=pl.col("description")
                .filter(~pl.col("description").str.contains(STOCK_REMARK))
                .mode()
                .sort()
                .first(),
                price=pl.col("price").median().cast(pl.Float64),
            )
        )
        since = TODAY - dt.timedelta(days=_YEAR_DAYS)
        known_days = (TODAY - pl.max_horizontal(pl.col("date_local").min(), pl.lit(since))).dt.total_days()
        rates = self.demand.group_by("item_id").agg(
            rate=pl.col("units_sold")
            .filter(pl.col("date_local") >= since)
            .clip(upper_bound=pl.col("units_sold").quantile(0.99))
            .sum()
            / known_days
        )
        return named.join(rates, on="item_id").sort("item_id")

    @cached_property
    def products(self) -> pl.DataFrame:
        """The product list as a client's system would export it. One in 50 lacks its cost, one in 50 its category."""
        category = pl.coalesce(
            *(pl.when(pl.col("description").str.contains(words)).then(pl.lit(name)) for name, words in _CATEGORIES)
        )
        lacks_cost = _drawn(self.items, "cost") < 0.02
        lacks_category = _drawn(self.items, "category") < 0.02
        return self.items.select(
            "item_id",
            product_name=pl.col("description").map_elements(readable_name, return_dtype=pl.String),
            category=pl.when(~lacks_category).then(category.fill_null("Home & gifts")),
            unit_cost=pl.when(~lacks_cost).then((pl.col("price") / 2).round(2).clip(lower_bound=0.01)),
            unit_price=pl.col("price").round(2),
            strategic=_drawn(self.items, "strategic") < 0.01,
        )

    @cached_property
    def conditions(self) -> dict[str, list[Condition]]:
        """Who sells what, how, by item. One item in 5 has two suppliers, of which one in 4 has no primary."""
        return {
            item: _conditions_of(item, Decimal(str(price)), rate)
            for item, price, rate in self.items.select("item_id", "price", "rate").iter_rows()
        }


def _drawn(frame: pl.DataFrame, stream: str) -> pl.Series:
    return pl.Series([draw(item, stream) for item in frame["item_id"]], dtype=pl.Float64)


def _conditions_of(item: str, price: Decimal, rate: float) -> list[Condition]:
    first = bisect(list(accumulate(SHARES)), draw(item, "supplier") * sum(SHARES))
    chosen = [SUPPLIERS[first]]
    if draw(item, "second") < 0.2:
        chosen.append(SUPPLIERS[(first + 1 + int(draw(item, "which") * (len(SUPPLIERS) - 1))) % len(SUPPLIERS)])
    has_primary = len(chosen) == 1 or draw(item, "primary") >= 0.25
    pack = (1, 6, 12, 24)[int(draw(item, "pack") * 4)] if rate > 2 else 1
    days_of_demand = 2 + 12 * draw(item, "moq")
    moq = (Decimal(max(1.0, rate * days_of_demand)) / pack).to_integral_value(ROUND_CEILING) * pack
    return [
        Condition(
            item_id=item,
            supplier_id=supplier.supplier_id,
            supplier_name=supplier.name,
            lead_time_days=supplier.lead_time_days or 0,
            moq=round_quantity(moq),
            packaging_qty=round_quantity(Decimal(pack)),
            supplier_cost=max(round_money(price / 2 * Decimal("1.0" if rank == 0 else "1.08")), Decimal("0.01")),
            is_primary=has_primary and rank == 0,
            supplier_sku=f"{supplier.supplier_id[4:6]}-{10_000 + int(draw(item, supplier.supplier_id) * 90_000)}",
            packaging_unit="each" if pack == 1 else f"box of {pack}",
            is_synced=True,
        )
        for rank, supplier in enumerate(chosen)
    ]
