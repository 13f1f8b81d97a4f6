"""Derived from the invoices, which do not state them: products, costs, stock, suppliers, purchase terms, open orders.

Everything is a function of the real demand and of a hash of the item_id, so each run gives the same shop, and each
status, recommendation and supplier situation occurs: items run out, are overstocked, are dead stock; items have one
supplier, several, a distant one, one with a minimum order value, or none. The README tells users of the demo.
"""

from __future__ import annotations

import datetime as dt
import zlib
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from pathlib import Path

import polars as pl

from infra.local.demo.partners import SUPPLIERS
from infra.local.demo.product_names import STOCK_REMARK, readable_name
from shared.domain.imports.invoice_lines import is_cancellation, item_code, line_checks
from shared.domain.imports.record_fields import INVOICE_LINE_FIELDS, raw_name
from shared.domain.money import round_money, round_quantity
from shared.domain.purchasing.product import Condition

INVOICES = Path(__file__).parent / "data" / "online_retail.parquet"
TODAY = dt.date(2011, 10, 13)  # the day after the data ends
LOCATION_OF_COUNTRY = {"United Kingdom": "LONDON", "EIRE": "DUBLIN"}
OTHER_COUNTRIES = "ROTTERDAM"
_RECENT_DAYS = 84

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
    def demand(self) -> pl.DataFrame:
        """Sale lines that are demand: item_id, location_id, day, units, price, description."""
        text = {"invoice_no": "invoice_no", "item_id": "stock_code"}
        lines = pl.read_parquet(INVOICES).with_columns(
            *(pl.col(column).cast(pl.String).alias(name) for name, column in text.items()),
            units_sold=pl.col("quantity"),
            price=pl.col("unit_price"),
        )
        lines = lines.with_columns(item_id=item_code(pl.col("item_id")))
        lines = lines.with_columns(
            pl.col(field.name).cast(pl.String).alias(raw_name(field))
            for field in INVOICE_LINE_FIELDS
            if field.name in ("units_sold", "price")
        )
        refused = pl.any_horizontal(check.failed.fill_null(value=False) for check in line_checks())
        return lines.filter(~refused, ~is_cancellation(), pl.col("price") > 0).select(
            "item_id",
            "description",
            "price",
            day=pl.col("invoice_date").dt.date(),
            units=pl.col("units_sold"),
            location_id=pl.col("country").replace_strict(LOCATION_OF_COUNTRY, default=OTHER_COUNTRIES),
        )

    @cached_property
    def items(self) -> pl.DataFrame:
        """One row an item: description, median price, last sale, and its recent daily rate (units a day)."""
        since = TODAY - dt.timedelta(days=_RECENT_DAYS)
        return (
            self.demand.group_by("item_id")
            .agg(
                description=pl.col("description")
                .filter(~pl.col("description").str.contains(STOCK_REMARK))
                .mode()
                .sort()
                .first(),
                price=pl.col("price").median(),
                last_sale=pl.col("day").max(),
                rate=pl.col("units")
                .filter(pl.col("day") >= since)
                .clip(upper_bound=pl.col("units").quantile(0.99))
                .sum()
                / _RECENT_DAYS,
            )
            .sort("item_id")
        )

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

    def stock_levels(self) -> pl.DataFrame:
        """Stock per item and location: days of cover drawn per item, times each location's own rate."""
        since = TODAY - dt.timedelta(days=_RECENT_DAYS)
        rates = (
            self.demand.group_by("item_id", "location_id")
            .agg(rate=pl.col("units").filter(pl.col("day") >= since).sum() / _RECENT_DAYS, lines=pl.len())
            .filter((pl.col("lines") >= 10) | (pl.col("location_id") == "LONDON"))
            .sort("item_id", "location_id")
        )
        luck = _drawn(rates, "cover")
        cover = (
            pl.when(luck < 0.06)
            .then(0)
            .when(luck < 0.20)
            .then(luck * 60)  # up to 12 days: understocked
            .when(luck < 0.75)
            .then(14 + (luck - 0.20) * 120)  # 14 to 80 days
            .otherwise(95 + (luck - 0.75) * 700)  # 95 to 270 days: overstocked
        )
        left_over = pl.when(luck > 0.4).then((luck * 40).round())  # of what has not sold of late; some are sold out
        return rates.select(
            "item_id",
            "location_id",
            current_stock=pl.when(pl.col("rate") > 0)
            .then((cover * pl.col("rate")).round())
            .otherwise(left_over)
            .fill_null(0),
        )

    def conditions(self) -> list[Condition]:
        """Who sells what, how. One item in 25 has no supplier; one in 5 has two, of which one in 4 has no primary."""
        return [
            condition
            for item, price, rate in self.items.select("item_id", "price", "rate").iter_rows()
            if draw(item, "supplied") >= 0.04
            for condition in _conditions_of(item, Decimal(str(price)), rate)
        ]


def _drawn(frame: pl.DataFrame, stream: str) -> pl.Series:
    return pl.Series([draw(item, stream) for item in frame["item_id"]], dtype=pl.Float64)


def _conditions_of(item: str, price: Decimal, rate: float) -> list[Condition]:
    first = int(draw(item, "supplier") * len(SUPPLIERS))
    chosen = [SUPPLIERS[first]]
    if draw(item, "second") < 0.2:
        chosen.append(SUPPLIERS[(first + 1 + int(draw(item, "which") * (len(SUPPLIERS) - 1))) % len(SUPPLIERS)])
    has_primary = len(chosen) == 1 or draw(item, "primary") >= 0.25
    pack = (1, 6, 12, 24)[int(draw(item, "pack") * 4)] if rate > 0.5 else 1
    days_of_demand = 3 + 18 * draw(item, "moq")
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
