"""From rows and demand profiles to rows with metrics: the one way a catalog row is computed, by refreshes and edits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.catalog.allocation import with_shares
from shared.catalog.demand_profiles import QUANTILES_PER_PROFILE
from shared.catalog.open_orders import with_order_sums
from shared.catalog.schema import KEY, ROW_SCHEMA
from shared.catalog.valuation import COST, COST_BASIS, PRICE, PRICE_BASIS, blocked
from shared.domain.planning.costs import Worth
from shared.domain.planning.metrics import HUNDREDTHS, TEN_THOUSANDTHS, Demand, Metrics, Position, evaluate
from shared.domain.planning.ordering_policy import Guidance, OrderingPolicy, PurchaseTerms
from shared.domain.planning.quantities import UNITS
from shared.domain.planning.service_level import ServiceLevels
from shared.domain.settings import Settings

_BLOCK_ROWS = 8_000  # bounds the memory of the daily curves: 90 days x 8 bytes x rows, a few times over


def refreshed_rows(
    rows: pl.DataFrame, profiles: pl.DataFrame, settings: Settings, as_of: dt.date
) -> tuple[pl.DataFrame, ServiceLevels]:
    """All of a client's rows as `computed_rows` gives them, and the service levels that were allocated to them."""
    levels = service_levels(rows.filter(pl.col("location_id").is_null()), settings)
    return computed_rows(rows, profiles, settings, levels, as_of), levels


def computed_rows(
    rows: pl.DataFrame, profiles: pl.DataFrame, settings: Settings, levels: ServiceLevels, as_of: dt.date
) -> pl.DataFrame:
    """`rows` of items, each with those of its locations, with what is on order summed and every metric computed;
    sorted by their key.

    Profiles are found by item and location; a row without one has no known demand. `levels` are those of the client
    (`service_levels`); a location has that of its item, and its share of what is ordered of it.
    """
    own_level = pl.coalesce(pl.col("planning").struct.field("service_level"), _level_of_class(settings))
    rows = with_order_sums(rows, settings, as_of).with_columns(own_level=own_level)
    whole = pl.col("location_id").is_null()
    items = _evaluated(rows.filter(whole), profiles, settings, levels, as_of)
    places = rows.filter(~whole).drop("own_level")
    places = places.join(
        items.select("item_id", own_level="service_level"), on="item_id", how="left", maintain_order="left"
    )
    places = _evaluated(places, profiles, settings, levels, as_of).sort(KEY)
    return pl.concat([items, with_shares(items, places)]).sort(KEY, nulls_last=False)


def service_levels(items: pl.DataFrame, settings: Settings) -> ServiceLevels:
    """Who gets which service level, from all items as a whole."""
    terms = PurchaseTerms(items["lead_time_days"].to_numpy(), *_lot_sizes(items))
    return OrderingPolicy.of(settings).service_levels(
        Worth(_scaled(_values(items, COST)) / TEN_THOUSANDTHS, _scaled(_values(items, PRICE)) / TEN_THOUSANDTHS),
        np.nan_to_num(_floats(items["usual_daily_demand"])),
        terms,
    )


def _evaluated(
    rows: pl.DataFrame, profiles: pl.DataFrame, settings: Settings, levels: ServiceLevels, as_of: dt.date
) -> pl.DataFrame:
    blocks = [_evaluated_block(block, settings, levels, as_of) for block in _blocks(rows, profiles)]
    return pl.concat(blocks) if blocks else rows.select(ROW_SCHEMA.names())


def _blocks(rows: pl.DataFrame, profiles: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows with their profiles. Joined block by block: the profiles of all rows at once are most of a refresh's
    memory once more."""
    for block in rows.iter_slices(_BLOCK_ROWS):
        yield block.join(profiles, on=KEY, how="left", nulls_equal=True, maintain_order="left")


def _level_of_class(settings: Settings) -> pl.Expr:
    """The service level that the settings give to a row's class; null: none."""
    by_class = {str(name): level for name, level in settings.service_level_by_class.items()}
    return (pl.col("abc") + pl.col("xyz")).replace_strict(by_class, default=None, return_dtype=pl.Float64)


def _of_the_whole(column: pl.Expr) -> pl.Expr:
    """The column in rows of items as a whole, null in rows of a location."""
    return pl.when(pl.col("location_id").is_null()).then(column)


def _lot_sizes(rows: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """MOQ and pack in thousandths; none and one unit without a supplier."""
    return _scaled(rows["moq"].fill_null(0)), _scaled(rows["packaging_qty"].fill_null(1))


def _evaluated_block(block: pl.DataFrame, settings: Settings, levels: ServiceLevels, as_of: dt.date) -> pl.DataFrame:
    # Lots are of the order for all locations together: what one of them needs is what it lacks.
    moq, packaging_qty = _lot_sizes(block.with_columns(pl.col("moq", "packaging_qty").pipe(_of_the_whole)))
    position = Position(
        current_stock=_scaled(block["current_stock"]),
        on_order=_scaled(block["on_order"]),
        committed=_scaled(block["committed"]),
        receipts_due=_scaled(block["receipts_due"]),
        receipts_covering=_scaled(block["receipts_covering"]),
        ordered_lately=_scaled(block["ordered_lately"]),
        unit_cost=_scaled(_values(block, COST)),
        sale_price=_scaled(_values(block, PRICE)),
        lead_time_days=block["lead_time_days"].to_numpy(),
        moq=moq,
        packaging_qty=packaging_qty,
        strategic=block["strategic"].to_numpy(),
        own_level=_floats(block["own_level"]),
        guidance=_guidance(block, as_of),
    )
    metrics = evaluate(position, _demand(block, as_of), settings, levels)
    columns = [*_columns(metrics, as_of), COST_BASIS.alias("cost_basis"), PRICE_BASIS.alias("price_basis")]
    return block.select(ROW_SCHEMA.names()).with_columns(columns).cast(dict(ROW_SCHEMA))  # type: ignore[arg-type]


def _guidance(block: pl.DataFrame, as_of: dt.date) -> Guidance:
    """What the client plans for each row. Least and most stock are the item's as a whole, not of a location."""
    planning = pl.col("planning").struct
    least, most = planning.field("min_stock"), planning.field("max_stock")
    return Guidance(
        # A least stock of nothing asks for nothing: it does not keep a dead item.
        min_stock=_thousandths(_values(block, _of_the_whole(pl.when(least > 0).then(least)))),
        max_stock=_thousandths(_values(block, _of_the_whole(most))),
        blocked=_values(block, blocked(pl.lit(as_of))).to_numpy(),
    )


def _demand(block: pl.DataFrame, as_of: dt.date) -> Demand:
    return Demand(
        daily=_daily_from(block, as_of),
        windows=WINDOW_DAYS,
        levels=WINDOW_QUANTILES,
        window_quantiles=_matrix(block["window_quantiles"], QUANTILES_PER_PROFILE).reshape(
            block.height, len(WINDOW_DAYS), len(WINDOW_QUANTILES)
        ),
        recent_mean=_floats(block["recent_mean"]),
        recent_variance=_floats(block["recent_variance"]),
        days_since_sale=_floats((as_of - block["last_sale"]).dt.total_days()),
        days_known=_floats((as_of - block["first_record"]).dt.total_days()),
        days_per_sale=_floats(block["days_per_sale"]),
        usual=_floats(block["usual_daily_demand"]),
    )


def _daily_from(block: pl.DataFrame, as_of: dt.date) -> NDArray[np.float64]:
    """Expected demand from `as_of` on (rows x days); a forecast made earlier has lost its first days.

    What it has lost at the front, or what a longer one of the block has more, is filled by its own mean.
    """
    lengths = block["daily"].list.len().fill_null(0).to_numpy().astype(np.int64)
    horizon = int(lengths.max(initial=0))
    daily = _matrix(block["daily"], horizon)
    age = np.nan_to_num(_floats((as_of - block["forecast_start"]).dt.total_days())).astype(np.int64)
    if horizon == 0:
        return daily
    ahead = np.arange(horizon)[None, :] + age[:, None]
    tail = _floats(block["daily"].cast(pl.List(pl.Float64)).list.mean())
    taken = np.take_along_axis(daily, np.clip(ahead, 0, horizon - 1), axis=1)
    return np.where(ahead < lengths[:, None], taken, tail[:, None])


def _columns(metrics: Metrics, as_of: dt.date) -> list[pl.Series | pl.Expr]:
    return [
        _decimals("inventory_position", metrics.inventory_position, UNITS, 3),
        _decimals("inventory_value", metrics.inventory_value, HUNDREDTHS, 2),
        pl.Series("expected_daily_demand", metrics.expected_daily_demand),
        pl.Series("forecasted_demand_30d", metrics.forecasted_demand_30d),
        pl.Series("dir", metrics.dir).fill_nan(None),
        pl.Series("stockout_risk", metrics.stockout_risk),
        _decimals("sales_at_risk", metrics.sales_at_risk, HUNDREDTHS, 2),
        _decimals("excess_value", metrics.excess_value, HUNDREDTHS, 2),
        pl.Series("service_level", metrics.service_level),
        _decimals("order_up_to", metrics.order_up_to, UNITS, 3),
        _decimals("reorder_quantity", metrics.reorder_quantity, UNITS, 3),
        pl.lit(0, ROW_SCHEMA["transfer_in"]).alias("transfer_in"),
        pl.Series("order_within_days", metrics.order_within_days).fill_nan(None).cast(pl.Int64),
        pl.Series("lifecycle", metrics.lifecycle),
        pl.Series("status", metrics.status),
        pl.Series("demand_basis", metrics.demand_basis),
        pl.Series("risk_basis", metrics.risk_basis),
        pl.lit(as_of).alias("as_of"),
    ]


def _values(rows: pl.DataFrame, expression: pl.Expr) -> pl.Series:
    return rows.select(value=expression)["value"]


def _thousandths(column: pl.Series) -> NDArray[np.float64]:
    """A quantity column in thousandths; NaN where it is null."""
    return _floats(column.to_physical().cast(pl.Int64))


def _scaled(column: pl.Series) -> NDArray[np.int64]:
    """A decimal column as integers at its own scale: thousandths for quantities, ten thousandths for costs."""
    return column.to_physical().cast(pl.Int64).to_numpy()


def _decimals(name: str, values: NDArray[np.int64], unit: int, scale: int) -> pl.Series:
    return (pl.Series(name, values).cast(pl.Decimal(38, scale)) / unit).cast(ROW_SCHEMA[name])


def _floats(column: pl.Series) -> NDArray[np.float64]:
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _matrix(column: pl.Series, width: int) -> NDArray[np.float64]:
    """A list column as a matrix of `width` columns; NaN in rows that hold null or fewer values."""
    matrix = np.full((len(column), width), np.nan)
    lengths = column.list.len().fill_null(0).to_numpy()
    inside = np.arange(width)[None, :] < lengths[:, None]
    matrix[inside] = column.explode(empty_as_null=False).drop_nulls().cast(pl.Float64).to_numpy()
    return matrix
