"""The metrics of rules.md: properties, the status table, and one row computed like many."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.domain.planning.metrics import (
    Demand,
    Metrics,
    Position,
    daily_demand,
    days_of_inventory,
    evaluate,
    inventory_value,
    lifecycle_of,
)
from shared.domain.planning.ordering_policy import Guidance
from shared.domain.planning.quantities import UNITS
from shared.domain.planning.service_level import ServiceLevels
from shared.domain.settings import Settings

HORIZON = 90
NAN = float("nan")
_EQUAL = ServiceLevels(0.95)


def position(n: int = 1, **given: Any) -> Position:
    """n rows without stock and terms, but for what is given; stock and orders in units, costs in ten thousandths."""
    quantities = dict.fromkeys(("current_stock", "on_order", "committed", "receipts_due"), 0.0)
    quantities["receipts_covering"] = given.get("on_order", 0.0)
    quantities["ordered_lately"] = 0.0
    scaled = {name: _column(n, given.pop(name, value)) * UNITS for name, value in quantities.items()}
    return Position(
        **{name: np.round(units).astype(np.int64) for name, units in scaled.items()},
        unit_cost=_column(n, given.pop("unit_cost", 10_000)).astype(np.int64),
        sale_price=_column(n, given.pop("sale_price", 20_000)).astype(np.int64),
        lead_time_days=_column(n, given.pop("lead_time_days", 14)).astype(np.int64),
        moq=np.round(_column(n, given.pop("moq", 0)) * UNITS).astype(np.int64),
        packaging_qty=np.round(_column(n, given.pop("packaging_qty", 1)) * UNITS).astype(np.int64),
        strategic=_column(n, given.pop("strategic", False)).astype(bool),
        own_level=_column(n, given.pop("own_level", NAN)),
        guidance=given.pop("guidance", Guidance.none(n)),
    )


def demand(n: int = 1, daily: Any = None, mean: Any = NAN, variance: Any = NAN, **given: Any) -> Demand:
    """n rows: a daily forecast (n x days) with window quantiles around its sums, or recent moments, or nothing."""
    curve = np.full((n, HORIZON), np.nan) if daily is None else np.array(daily, dtype=float).reshape(n, -1)
    totals = np.stack([curve[:, :days].sum(axis=1) for days in WINDOW_DAYS], axis=1)
    spread = np.linspace(0.5, 2.0, len(WINDOW_QUANTILES))
    return Demand(
        daily=curve,
        windows=WINDOW_DAYS,
        levels=WINDOW_QUANTILES,
        window_quantiles=totals[:, :, None] * spread,
        recent_mean=_column(n, mean),
        recent_variance=_column(n, variance),
        days_since_sale=_column(n, given.get("days_since_sale", NAN)),
        days_known=_column(n, given.get("days_known", NAN)),
        days_per_sale=_column(n, given.get("days_per_sale", NAN)),
        usual=_column(n, given.get("usual", NAN)),
    )


def _column(n: int, value: Any) -> Any:
    return np.broadcast_to(np.array(value, dtype=float), (n,)).copy()


def row(metrics: Metrics, index: int = 0) -> dict[str, Any]:
    return {one.name: getattr(metrics, one.name)[index].item() for one in fields(Metrics)}


def one(where: Position, what: Demand, **settings: Any) -> dict[str, Any]:
    given = Settings(**settings)
    return row(evaluate(where, what, given, ServiceLevels(given.service_level)))


# Eighths are exact in binary, so that a sum taken day by day equals a cumulative one.
_eighths = st.one_of(st.just(0.0), st.integers(0, 80).map(lambda eighths: eighths / 8))
_curves = st.lists(_eighths, min_size=1, max_size=HORIZON)
_stock = st.integers(-40, 4000).map(lambda eighths: eighths / 8)
_moments = st.tuples(st.just(0.0) | st.floats(1e-6, 50), st.floats(0, 400))


def walked(stock: float, daily: list[float]) -> float | None:
    """DIR by its definition, a day at a time."""
    tail = sum(daily) / len(daily)
    if not any(daily):
        return None
    if stock <= 0:
        return 0.0
    for day, units in enumerate(daily):
        if units >= stock:
            return min(day + stock / units, 999)
        stock -= units
    return min(len(daily) + stock / tail, 999)


@given(_stock, _curves)
def test_dir_is_what_walking_day_by_day_gives(stock: float, daily: list[float]) -> None:
    found = days_of_inventory(np.array([stock]), np.array([daily]))[0]
    expected = walked(stock, daily)
    assert math.isnan(found) if expected is None else found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("stock", "daily", "expected"),
    [
        (5, [2, 2, 2], 2.5),
        (0, [2, 2, 2], 0),
        (-3, [2, 2, 2], 0),
        (3, [0, 0, 0], None),
        (0, [0, 0, 0], None),
        (3, [3, 0, 0, 3], 1),  # used up with the first day's sales, not after the closed days that follow
        (4, [3, 0, 0, 3], 3 + 1 / 3),
        (10, [9] + [0] * 44, 45 + 5),  # past the horizon at the mean of all of it
        (62, [0] * 2 + [1] * 30 + [2] * 28, 2 + 30 + 16),
        (180, [1] * 60 + [2] * 30, 90 + 60 / (120 / 90)),
        (10**9, [1] * 90, 999),  # that or more
    ],
)
def test_dir(stock: float, daily: list[float], expected: float | None) -> None:
    found = days_of_inventory(np.array([float(stock)]), np.array([daily], dtype=float))[0]
    assert math.isnan(found) if expected is None else found == pytest.approx(expected)


@given(_curves, _moments, st.booleans(), _stock, st.floats(0, 100), st.integers(0, 150), st.integers(0, 60))
def test_risk_is_a_probability_monotone_in_stock_and_lead_time(
    daily: list[float], moments: tuple[float, float], forecast: bool, stock: float, more: float, lead: int, longer: int
) -> None:
    what = demand(3, np.tile(daily, (3, 1)) if forecast else None, *moments)
    where = position(3, current_stock=[stock, stock + more, stock], lead_time_days=[lead, lead, lead + longer])
    here, stocked, later = evaluate(where, what, Settings(), _EQUAL).stockout_risk
    assert all(0 <= risk <= 1 for risk in (here, stocked, later))
    assert stocked <= here
    assert later >= here


@given(st.integers(0, 500), st.integers(0, 300))
def test_receipts_due_count_like_stock(stock: int, due: int) -> None:
    what = demand(2, [[3.0] * HORIZON] * 2)
    where = position(2, current_stock=[stock, stock + due], receipts_due=[due, 0], on_order=[due, 0])
    risks = evaluate(where, what, Settings(), _EQUAL).stockout_risk
    assert risks[0] == risks[1]


def test_risk_reads_the_window_of_lead_time_and_buffer() -> None:
    """3 a day, quantiles of a total at .5 to 2 times it: 42 in 14 days, .01 at 21 units, .99 at 84."""
    what = demand(1, [[3.0] * HORIZON])
    assert one(position(current_stock=84, lead_time_days=7), what)["stockout_risk"] == pytest.approx(0.01)
    assert one(position(current_stock=21, lead_time_days=7), what)["stockout_risk"] == pytest.approx(0.99)
    assert one(position(current_stock=21, lead_time_days=10), what, safety_buffer_days=4)["stockout_risk"] == 0.99
    assert one(position(current_stock=0, lead_time_days=7), what)["stockout_risk"] == 1


@given(st.integers(-(10**12), 10**12), st.integers(0, 10**13))
def test_inventory_value_is_rounded_half_to_even(thousandths: int, ten_thousandths: int) -> None:
    exact = Decimal(thousandths).scaleb(-3) * Decimal(ten_thousandths).scaleb(-4)
    expected = int(exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN).scaleb(2))
    found = inventory_value(np.array([thousandths]), np.array([ten_thousandths]))[0]
    limit = 2**63 - 2**20
    assert found == (
        expected if abs(expected) < limit - 2**40 else pytest.approx(math.copysign(limit, expected), rel=1e-6)
    )


@pytest.mark.parametrize(
    ("thousandths", "ten_thousandths", "value"),
    [(500, 100, 0), (500, 300, 2), (1500, 100, 2), (2500, 100, 2), (-500, 100, 0), (1000, 50, 0), (1000, 51, 1)],
)
def test_half_a_cent_goes_to_the_even_one(thousandths: int, ten_thousandths: int, value: int) -> None:
    assert inventory_value(np.array([thousandths]), np.array([ten_thousandths]))[0] == value


def test_many_of_what_costs_less_than_a_cent_are_worth_something() -> None:
    assert inventory_value(np.array([100_000_000]), np.array([42]))[0] == 42_000


def test_inventory_position_counts_orders_and_commitments() -> None:
    found = one(position(current_stock=10, on_order=5.5, committed=2), demand())
    assert found["inventory_position"] == 13_500


def test_demand_comes_from_the_forecast_then_from_recent_sales_then_from_nothing() -> None:
    what = demand(3, [[2.0] * HORIZON, [NAN] * HORIZON, [NAN] * HORIZON], mean=[9, 4, NAN], variance=[1, 1, NAN])
    metrics = evaluate(position(3, current_stock=40), what, Settings(), _EQUAL)
    assert metrics.expected_daily_demand.tolist() == [2, 4, 0]
    assert metrics.forecasted_demand_30d.tolist() == [60, 120, 0]
    assert metrics.dir.tolist()[:2] == [20, 10]
    assert math.isnan(metrics.dir[2])
    assert metrics.demand_basis.tolist() == metrics.risk_basis.tolist() == ["forecast", "recent_sales", "none"]
    assert metrics.stockout_risk[2] == 0


def test_a_short_forecast_goes_on_at_its_own_mean() -> None:
    """14 days are forecast; the 30 days to come hold them and 16 more at their mean."""
    found = one(position(current_stock=1), demand(1, [[1.0, 3.0] * 7]))
    assert (found["forecasted_demand_30d"], found["expected_daily_demand"]) == (60, 2)


def test_without_any_forecast_in_the_block_recent_sales_serve() -> None:
    found = one(position(current_stock=8), demand(1, np.empty((1, 0)), mean=2, variance=0))
    assert (found["dir"], found["demand_basis"]) == (4, "recent_sales")


@given(st.data())
def test_many_rows_are_computed_like_each_alone(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 6))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    curves = np.round(random.exponential(3, (n, HORIZON)), 3).astype(np.float32).astype(float)
    curves[random.random(n) < 0.4] = np.nan
    mean = np.where(random.random(n) < 0.3, np.nan, random.exponential(3, n))
    where = position(
        n,
        current_stock=random.integers(-20, 400, n),
        receipts_due=random.integers(0, 20, n),
        lead_time_days=random.integers(0, 120, n),
        strategic=random.random(n) < 0.2,
        own_level=np.where(random.random(n) < 0.5, np.nan, random.uniform(0.1, 0.9, n)),
        guidance=Guidance(
            np.where(random.random(n) < 0.5, np.nan, random.integers(0, 200_000, n)),
            np.where(random.random(n) < 0.5, np.nan, random.integers(0, 200_000, n)),
            random.random(n) < 0.3,
        ),
    )
    what = demand(
        n, curves, mean, mean * 2, days_since_sale=random.integers(0, 200, n), days_known=random.integers(0, 200, n)
    )
    settings = Settings(understocked_threshold=10, overstocked_threshold=30)
    together = evaluate(where, what, settings, _EQUAL)
    for index in range(n):
        alone = evaluate(_only(where, index), _only(what, index), settings, _EQUAL)
        assert repr(row(together, index)) == repr(row(alone))


def _only(values: Any, index: int) -> Any:
    def only(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value[index : index + 1]
        return _only(value, index) if isinstance(value, Guidance) else value

    return replace(values, **{field.name: only(getattr(values, field.name)) for field in fields(values)})


@pytest.mark.parametrize(
    ("stock", "expected"),
    [
        ({"days_known": NAN}, "new"),  # nothing is known of it
        ({"days_known": 27, "days_since_sale": 0}, "new"),
        ({"days_known": 28, "days_since_sale": 0, "days_per_sale": 2}, "active"),
        ({"days_known": 400, "days_since_sale": 89, "days_per_sale": 30}, "active"),
        ({"days_known": 400, "days_since_sale": 89, "days_per_sale": 30.1}, "slow"),
        ({"days_known": 400, "days_since_sale": 90, "mean": 0.1}, "sleeping"),
        ({"days_known": 400, "days_since_sale": 90, "mean": 0.011}, "dead"),  # .99 in 90 days
        ({"days_known": 400, "days_since_sale": 90, "mean": 0.1, "stock": 200}, "dead"),  # 9 of 200
        ({"days_known": 400, "days_since_sale": 90, "mean": 0.1, "stock": 179}, "sleeping"),
        ({"days_known": 90}, "dead"),  # known for long and never sold
        ({"days_known": 89}, "active"),
    ],
)
def test_lifecycle(stock: dict[str, Any], expected: str) -> None:
    what = {"mean": 0.0, **{name: value for name, value in stock.items() if name != "stock"}}
    recent = demand(1, **what)
    daily = daily_demand(recent)
    assert lifecycle_of(np.array([float(stock.get("stock", 5))]), recent, daily, 90).tolist() == [expected]


def test_christmas_goods_sleep_in_september_and_are_not_dead() -> None:
    curve = np.zeros(HORIZON)
    curve[60:] = 1.0
    found = one(position(current_stock=20), demand(1, [curve], days_known=600, days_since_sale=250))
    assert (found["lifecycle"], found["status"]) == ("sleeping", "normal")


@pytest.mark.parametrize(
    ("where", "what", "expected"),
    [
        ({"current_stock": 5}, {"days_since_sale": 90, "days_known": 400}, "dead_stock"),
        ({"current_stock": 900}, {"days_since_sale": 90, "days_known": 400, "mean": 0.1}, "dead_stock"),
        ({"current_stock": 0}, {"days_since_sale": 90, "days_known": 400, "mean": 0.005}, "normal"),  # nobody wants it
        ({"current_stock": 50}, {"mean": 3, "variance": 9}, "understocked"),  # lasts 16 days, at a risk above .7
        ({"current_stock": 5, "strategic": True}, {"days_since_sale": 90, "days_known": 400}, "overstocked"),
        ({"current_stock": 5}, {"days_since_sale": NAN, "days_known": 30}, "overstocked"),  # new, never sold
        ({"current_stock": 5}, {"days_known": NAN}, "overstocked"),  # nothing is known of it
        ({"current_stock": 0}, {"days_since_sale": 90, "days_known": 400}, "normal"),
        ({"current_stock": 0}, {"mean": 1}, "understocked"),
        ({"current_stock": 13}, {"mean": 1, "variance": 1}, "understocked"),
        ({"current_stock": 14, "lead_time_days": 5}, {"mean": 1, "variance": 1}, "normal"),
        ({"current_stock": 91}, {"mean": 1, "variance": 1}, "overstocked"),
    ],
)
def test_status_of_whole_rows(where: dict[str, Any], what: dict[str, Any], expected: str) -> None:
    assert one(position(**where), demand(**what))["status"] == expected


def test_figures_are_rounded_where_the_rules_say() -> None:
    found = one(position(current_stock=10), demand(1, mean=1 / 3, variance=1))
    assert (found["forecasted_demand_30d"], found["expected_daily_demand"], found["dir"]) == (10.0, 0.333, 30.0)
    assert found["stockout_risk"] == round(found["stockout_risk"], 4)


def test_the_thirty_day_policy_is_need_of_thirty_days_and_the_buffer_less_the_position() -> None:
    """With nothing on order and packs of one: max(MOQ, demand - stock + buffer)."""
    what = demand(1, daily=[[2.0] * 90])

    def ordered(**where: Any) -> Any:
        return one(position(**where), what, replenishment_policy="forecast_30d")["reorder_quantity"] / UNITS

    found = one(position(current_stock=12), what, replenishment_policy="forecast_30d")
    assert (found["order_up_to"], found["reorder_quantity"]) == (74 * UNITS, 62 * UNITS)
    assert ordered(current_stock=12, on_order=60) == 2
    assert ordered(current_stock=12, on_order=62) == 0
    assert ordered(current_stock=12, on_order=60, moq=10, packaging_qty=6) == 12
    assert ordered(current_stock=12, committed=5) == 67
    assert ordered(current_stock=73) == 0  # neither at risk nor short


def test_the_service_level_policy_covers_lead_time_and_review_period_at_its_level() -> None:
    settings = {"replenishment_policy": "service_level", "service_level": 0.95, "review_period_days": 7}
    what = demand(1, daily=[[2.0] * 90])
    found = one(position(lead_time_days=14), what, **settings)
    level = list(WINDOW_QUANTILES).index(0.95)
    assert found["order_up_to"] == round(float(what.window_quantiles[0, WINDOW_DAYS.index(21), level]) * UNITS)
    normal = one(position(lead_time_days=9), demand(1, mean=1, variance=4), **settings)
    assert normal["order_up_to"] == round((16 + 1.6448536 * 8) * UNITS)
    assert one(position(), demand(1, mean=0, variance=4), **settings)["order_up_to"] == 0


@given(_stock, _moments, st.integers(0, 40), st.sampled_from(("forecast_30d", "service_level")))
def test_ordering_what_is_suggested_leaves_nothing_to_order(
    stock: float, moments: tuple[float, float], moq: int, policy: str
) -> None:
    mean, variance = moments
    terms: dict[str, Any] = {"current_stock": stock, "moq": moq, "packaging_qty": 6}
    what = demand(1, mean=mean, variance=variance)
    first = one(position(**terms), what, replenishment_policy=policy)["reorder_quantity"]
    assert one(position(**terms, on_order=first / UNITS), what, replenishment_policy=policy)["reorder_quantity"] == 0


def test_out_of_stock_is_a_risk_of_one_and_is_ordered_whatever_the_lead_time() -> None:
    what = demand(1, mean=5, variance=5)
    for policy in ("service_level", "forecast_30d"):
        found = one(
            position(lead_time_days=0), what, safety_buffer_days=0, review_period_days=0, replenishment_policy=policy
        )
        assert found["stockout_risk"] == 1
        if policy == "forecast_30d":
            assert found["reorder_quantity"] > 0


def test_dead_goods_are_not_ordered_nor_missed_when_they_are_out() -> None:
    asleep = {"days_since_sale": 200, "days_known": 400, "mean": 0.01, "variance": 4}
    found = one(position(), demand(1, **asleep))
    assert (found["reorder_quantity"], found["status"]) == (0, "normal")
    assert found["stockout_risk"] < 0.7
    assert one(position(), demand(1, **asleep | {"days_since_sale": 20}))["reorder_quantity"] > 0


def test_what_arrives_too_late_covers_nothing() -> None:
    """200 are due in 293 days: three a day are to be ordered all the same."""
    what = demand(1, mean=3, variance=3)
    late = replace(position(on_order=200), receipts_covering=np.zeros(1, dtype=np.int64))
    found, without = one(late, what), one(position(), what)
    assert found["inventory_position"] == 200 * UNITS
    assert found["reorder_quantity"] == without["reorder_quantity"] > 0
    assert found["stockout_risk"] == 1


def test_sales_at_risk_are_what_the_window_lacks_at_the_sale_price() -> None:
    """Certain demand of 2 a day: 42 until an order of the next review arrives, 30 of them in stock."""
    what = demand(1, mean=2, variance=0)
    found = one(position(current_stock=30, sale_price=25_000), what)
    assert found["sales_at_risk"] == 12 * 250
    assert one(position(current_stock=42), what)["sales_at_risk"] == 0


def test_excess_is_the_stock_beyond_the_days_that_are_enough_at_cost() -> None:
    what = demand(1, mean=2, variance=0)
    assert one(position(current_stock=200, unit_cost=15_000), what)["excess_value"] == 20 * 150
    assert one(position(current_stock=180), what)["excess_value"] == 0


@pytest.mark.parametrize(
    "asleep",
    [{"days_since_sale": 120, "days_known": 700}, {"days_since_sale": 20, "days_known": 700, "days_per_sale": 45}],
)
def test_what_sells_seldom_and_is_out_is_at_risk_as_far_as_it_is_asked_for(asleep: dict[str, float]) -> None:
    moments = {"mean": 0.02, "variance": 0.06}
    seldom = one(position(lead_time_days=3), demand(1, **moments, **asleep), safety_buffer_days=0)
    longer = one(position(lead_time_days=60), demand(1, **moments, **asleep), safety_buffer_days=0)
    often = one(position(lead_time_days=3), demand(1, **moments, days_since_sale=2), safety_buffer_days=0)
    assert 0 < seldom["stockout_risk"] < 0.7 < often["stockout_risk"] == 1
    assert seldom["stockout_risk"] <= longer["stockout_risk"] < 1
    at_once = one(position(lead_time_days=0), demand(1, **moments, **asleep), safety_buffer_days=0)
    assert 0 < at_once["stockout_risk"] <= seldom["stockout_risk"]


def test_what_is_to_be_ordered_is_not_overstocked() -> None:
    """A few bulk orders a year: what one takes lasts for long on average."""
    bulk = demand(1, mean=0.5, variance=90)
    low, high = (one(position(current_stock=units), bulk) for units in (60, 400))
    assert low["dir"] > 90 < high["dir"]
    assert (low["reorder_quantity"] > 0, low["status"]) == (True, "normal")
    assert (high["reorder_quantity"], high["status"]) == (0, "overstocked")
