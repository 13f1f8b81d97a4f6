"""Recommendation rules against one row at a time in plain Python; ids; what a role is shown."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.access.principal import Role
from shared.domain.errors import NotFound
from shared.domain.planning.recommendation import (
    PRIORITY,
    RecommendationKey,
    recommended,
    rules_of,
    types_of_role,
)
from shared.domain.settings import RecommendationRules, RecommendationType, Settings, ThresholdFilters

TODAY = dt.date(2024, 6, 3)
URGENT, REORDER, REDUCE, DEAD, PROMOTE = RecommendationType
SCHEMA = {
    "item_id": pl.String(),
    "location_id": pl.String(),
    "current_stock": pl.Decimal(18, 3),
    "unit_cost": pl.Decimal(18, 2),
    "inventory_value": pl.Decimal(20, 2),
    "dir": pl.Float64(),
    "stockout_risk": pl.Float64(),
    "expected_daily_demand": pl.Float64(),
    "lead_time_days": pl.Int64(),
    "strategic": pl.Boolean(),
    "first_record": pl.Date(),
    "last_sale": pl.Date(),
}
Row = dict[str, Any]
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_KEYS = st.builds(RecommendationKey, st.sampled_from(RecommendationType), _TEXT, st.none() | _TEXT)


def near(limit: float, step: float) -> st.SearchStrategy[float]:
    return st.sampled_from([round(limit - step, 4), float(limit), round(limit + step, 4)])


_DAYS = near(17, 0.1) | near(30, 0.1) | near(90, 0.1) | st.integers(0, 40000).map(lambda tenths: tenths / 10)
_DATES = st.none() | st.integers(-2, 200).map(lambda days: TODAY - dt.timedelta(days))
_ROWS = st.fixed_dictionaries(
    {
        "item_id": st.sampled_from(["a", "B", "é", "z"]),
        "location_id": st.none() | st.sampled_from(["L", "M"]),
        "current_stock": st.integers(-5_000, 10**12).map(lambda units: Decimal(units) / 1000),
        "unit_cost": st.integers(0, 10**11).map(lambda cents: Decimal(cents) / 100),
        "inventory_value": st.integers(0, 10**12).map(lambda cents: Decimal(cents) / 100),
        "dir": st.none() | _DAYS,
        "stockout_risk": near(0.7, 0.0001) | st.integers(0, 10_000).map(lambda share: share / 10_000),
        "expected_daily_demand": st.sampled_from([0.0, 0.001, 0.333])
        | st.integers(0, 10**7).map(lambda one: one / 1000),
        "lead_time_days": st.integers(0, 400),
        "strategic": st.booleans(),
        "first_record": _DATES,
        "last_sale": _DATES,
    }
)
_SETTINGS = st.builds(
    lambda buffer, dead, risk, reduce, promote: Settings(
        safety_buffer_days=buffer,
        dead_stock_days=dead,
        recommendation_rules=RecommendationRules(
            threshold_filters=ThresholdFilters(
                urgent_min_risk=risk, reduce_order_min_dir_days=reduce, promote_min_dir_days=promote
            )
        ),
    ),
    st.integers(0, 60),
    st.integers(0, 120),
    st.sampled_from([0.3, 0.7, 0.95]),
    st.sampled_from([0, 30, 90]),
    st.sampled_from([0, 17, 30]),
)


def money(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def surplus(row: Row, days: int) -> Decimal:
    beyond = row["current_stock"] - days * Decimal(str(row["expected_daily_demand"]))
    return money(max(beyond, Decimal(0)) * row["unit_cost"])


def naive(row: Row, settings: Settings, promoted: set[str]) -> dict[RecommendationType, Decimal]:
    """What is recommended of one row, and the money at stake: the rules, one after the other."""
    limits = settings.recommendation_rules.threshold_filters
    window = row["lead_time_days"] + settings.safety_buffer_days
    found = {}
    demand = Decimal(str(row["expected_daily_demand"]))
    lost = money(Decimal(str(row["stockout_risk"])) * demand * window * row["unit_cost"])
    if row["stockout_risk"] > limits.urgent_min_risk:
        found[URGENT] = lost
    if row["dir"] is not None and row["dir"] < window:
        found[REORDER] = lost
    if row["dir"] is not None and row["dir"] > limits.reduce_order_min_dir_days:
        found[REDUCE] = surplus(row, limits.reduce_order_min_dir_days)
    since = row["last_sale"] or row["first_record"]
    unsold_days = -1 if since is None else (TODAY - since).days
    if row["current_stock"] > 0 and not row["strategic"] and unsold_days >= settings.dead_stock_days:
        found[DEAD] = row["inventory_value"]
    sells = demand > 0 and row["dir"] is not None
    if sells and row["dir"] > limits.promote_min_dir_days and row["item_id"] not in promoted:
        found[PROMOTE] = surplus(row, limits.promote_min_dir_days)
    return found


@given(st.lists(_ROWS, max_size=8), _SETTINGS, st.sets(st.sampled_from(["a", "B"])))
def test_the_rules_are_those_of_one_row_at_a_time(rows: list[Row], settings: Settings, promoted: set[str]) -> None:
    found = recommended(pl.DataFrame(rows, schema=SCHEMA), rules_of(settings, TODAY, promoted))
    expected = [
        {
            "row": number,
            "priority": PRIORITY[kind],
            "item_id": row["item_id"],
            "location_id": row["location_id"],
            "money_at_stake": at_stake,
        }
        for number, row in enumerate(rows)
        for kind, at_stake in naive(row, settings, promoted).items()
    ]
    order = ("priority", "money_at_stake", "item_id", "location_id", "row")
    assert sorted(found.to_dicts(), key=lambda one: str([one[name] for name in order])) == sorted(
        expected, key=lambda one: str([one[name] for name in order])
    )


@given(st.lists(_ROWS, max_size=12), _SETTINGS)
def test_the_most_pressing_comes_first(rows: list[Row], settings: Settings) -> None:
    found = recommended(pl.DataFrame(rows, schema=SCHEMA), rules_of(settings, TODAY, ())).rows(named=True)
    keys = [
        (one["priority"], -one["money_at_stake"], one["item_id"].encode(), (one["location_id"] or "").encode())
        for one in found
    ]
    assert keys == sorted(keys)


def test_money_is_exact_where_a_float_is_not() -> None:
    """0.5 cents go to the even cent, and a billion units keep their cents."""
    row: Row = {
        "item_id": "a",
        "location_id": None,
        "current_stock": Decimal("0.005"),
        "unit_cost": Decimal("1.00"),
        "inventory_value": Decimal("0.01"),
        "dir": 100.0,
        "stockout_risk": 1.0,
        "expected_daily_demand": 0.0,
        "lead_time_days": 1,
        "strategic": False,
        "first_record": TODAY,
        "last_sale": None,
    }
    rows = [row, row | {"current_stock": Decimal("0.015")}, row | {"current_stock": Decimal("123456789012.345")}]
    rules = {REDUCE: rules_of(Settings(), TODAY, ())[REDUCE]}
    found = recommended(pl.DataFrame(rows, schema=SCHEMA), rules).sort("row")["money_at_stake"].to_list()
    assert found == [Decimal("0.00"), Decimal("0.02"), Decimal("123456789012.34")]


@given(st.sets(_KEYS, max_size=20))
@example({RecommendationKey(URGENT, "a@b"), RecommendationKey(URGENT, "a", "b"), RecommendationKey(URGENT, "a~40b")})
def test_ids_are_unique_and_come_back(keys: set[RecommendationKey]) -> None:
    ids = [key.id for key in keys]
    assert len(set(ids)) == len(keys)
    assert {RecommendationKey.parse(text) for text in ids} == keys


@given(_KEYS)
def test_an_id_reads_the_same_in_a_path(key: RecommendationKey) -> None:
    """Only characters that a path segment holds as they are (RFC 3986: unreserved, `:` and `@`)."""
    assert all(one.isascii() and (one.isalnum() or one in "-._~:@") for one in key.id)


def test_an_id_can_be_read() -> None:
    assert RecommendationKey(REORDER, "SKU-1.5_a", "LONDON").id == "REORDER:SKU-1.5_a@LONDON"
    assert RecommendationKey(URGENT, "A/1").id == "URGENT:A~2F1"


@pytest.mark.parametrize(
    "text",
    [
        *("", "URGENT", "URGENT:", "urgent:a", "PANIC:a", "URGENT:a/1", "URGENT:a@", "URGENT:a@b@c"),
        *("URGENT:~4", "URGENT:~41", "URGENT:a~2f1", "URGENT:~FF", "URGENT:é"),
    ],
)
def test_what_is_no_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFound) as refused:
        RecommendationKey.parse(text)
    assert refused.value.code == "recommendation_not_found"


@given(st.text(max_size=30))
def test_a_text_is_the_id_of_one_key_or_of_none(text: str) -> None:
    try:
        key = RecommendationKey.parse(text)
    except NotFound:
        return
    assert key.id == text


@given(st.sets(st.sampled_from(RecommendationType)), st.sampled_from(Role))
def test_a_role_is_shown_what_is_enabled_and_its_own(enabled: set[RecommendationType], role: Role) -> None:
    rules = RecommendationRules(enabled_types=tuple(enabled))
    own = rules.role_rules.get(role)
    expected = [kind for kind in RecommendationType if kind in enabled and (own is None or kind in own)]
    assert list(types_of_role(rules, role)) == expected


def test_the_roles_of_the_rules() -> None:
    shown = {role: types_of_role(RecommendationRules(), role) for role in Role}
    assert shown[Role.CEO] == (URGENT, REDUCE, DEAD)
    assert shown[Role.PROCUREMENT] == (URGENT, REORDER, REDUCE, DEAD)
    assert shown[Role.MARKETING] == (DEAD, PROMOTE)
    assert shown[Role.ADMIN] == shown[Role.VIEWER] == shown[Role.SERVICE] == tuple(RecommendationType)
