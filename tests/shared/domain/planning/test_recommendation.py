"""Recommendation rules against one row at a time in plain Python; ids; what a role is shown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.access.principal import Role
from shared.domain.errors import NotFound
from shared.domain.planning.recommendation import (
    RecommendationKey,
    recommended,
    rules_of,
    types_of_role,
    whole_surplus,
)
from shared.domain.planning.stock_status import StockStatus
from shared.domain.settings import RecommendationRules, RecommendationType, Settings, ThresholdFilters

TODAY = dt.date(2024, 6, 3)
URGENT, REORDER, REDUCE, DEAD, PROMOTE = RecommendationType
SCHEMA = {
    "item_id": pl.String(),
    "location_id": pl.String(),
    "current_stock": pl.Decimal(18, 3),
    "on_order": pl.Decimal(18, 3),
    "reorder_quantity": pl.Decimal(18, 3),
    "transfer_in": pl.Decimal(18, 3),
    "unit_cost": pl.Decimal(18, 4),
    "inventory_value": pl.Decimal(20, 2),
    "dir": pl.Float64(),
    "stockout_risk": pl.Float64(),
    "expected_daily_demand": pl.Float64(),
    "sales_at_risk": pl.Decimal(20, 2),
    "excess_value": pl.Decimal(20, 2),
    "status": pl.String(),
    "last_sale": pl.Date(),
}
SHOWN = st.permutations(list(RecommendationType)).flatmap(
    lambda kinds: st.integers(0, len(kinds)).map(lambda number: tuple(kinds[:number]))
)
COST = pl.col("unit_cost")
Row = dict[str, Any]
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_KEYS = st.builds(RecommendationKey, st.sampled_from(RecommendationType), _TEXT, st.none() | _TEXT)


def near(limit: float, step: float) -> st.SearchStrategy[float]:
    return st.sampled_from([round(limit - step, 4), float(limit), round(limit + step, 4)])


_DAYS = near(17, 0.1) | near(30, 0.1) | near(90, 0.1) | st.integers(0, 40000).map(lambda tenths: tenths / 10)
_DATES = st.none() | st.integers(-2, 200).map(lambda days: TODAY - dt.timedelta(days))
_MONEY = st.sampled_from([0, 1, 10**12]).map(lambda cents: Decimal(cents) / 100)
_ROWS = st.fixed_dictionaries(
    {
        "item_id": st.sampled_from(["a", "B", "é", "z"]),
        "location_id": st.none() | st.sampled_from(["L", "M"]),
        "current_stock": st.integers(-5_000, 10**12).map(lambda units: Decimal(units) / 1000),
        "unit_cost": st.integers(0, 10**11).map(lambda cents: Decimal(cents) / 100),
        "inventory_value": _MONEY,
        "dir": st.none() | _DAYS,
        "stockout_risk": near(0.7, 0.0001) | st.integers(0, 10_000).map(lambda share: share / 10_000),
        "expected_daily_demand": st.sampled_from([0.0, 0.001, 0.333])
        | st.integers(0, 10**7).map(lambda one: one / 1000),
        "on_order": st.sampled_from([Decimal(0), Decimal("2.5")]),
        "reorder_quantity": st.sampled_from([Decimal(0), Decimal(12)]),
        "transfer_in": st.sampled_from([Decimal(0), Decimal(3)]),
        "sales_at_risk": _MONEY,
        "excess_value": _MONEY,
        "status": st.sampled_from([status.value for status in StockStatus]),
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


def naive(row: Row, settings: Settings, promoted: set[str]) -> dict[RecommendationType, Decimal]:
    """What could be recommended of one row, and the money at stake: the rules, one after the other."""
    limits = settings.recommendation_rules.threshold_filters
    ordered, coming, moved = (row[name] > 0 for name in ("reorder_quantity", "on_order", "transfer_in"))
    found = {}
    if row["status"] == "dead_stock":
        found[DEAD] = row["inventory_value"]
    short = row["status"] == "understocked" and row["stockout_risk"] > limits.urgent_min_risk
    if short and (ordered or coming or moved):
        found[URGENT] = row["sales_at_risk"]
    if ordered:
        found[REORDER] = row["sales_at_risk"]
    if ordered or row["status"] == "understocked" or row["stockout_risk"] > limits.urgent_min_risk:
        return found
    days = row["dir"]
    if coming if days is None else days > limits.reduce_order_min_dir_days:
        found[REDUCE] = row["excess_value"]
    lasts = row["current_stock"] > 0 if days is None else days > limits.promote_min_dir_days
    sold = row["last_sale"] is not None and (TODAY - row["last_sale"]).days < settings.dead_stock_days
    beyond = row["current_stock"] - limits.promote_min_dir_days * Decimal(str(row["expected_daily_demand"]))
    if lasts and sold and row["item_id"] not in promoted and int(beyond) > 0:
        found[PROMOTE] = int(beyond) * row["unit_cost"]
    return found


@given(st.lists(_ROWS, max_size=8), _SETTINGS, st.sets(st.sampled_from(["a", "B"])), SHOWN)
def test_a_row_has_the_first_advice_that_holds(
    rows: list[Row], settings: Settings, promoted: set[str], shown: tuple[RecommendationType, ...]
) -> None:
    found = recommended(pl.DataFrame(rows, schema=SCHEMA), rules_of(settings, TODAY, promoted, COST), shown)
    expected = []
    for number, row in enumerate(rows):
        for kind, at_stake in naive(row, settings, promoted).items():
            if kind in shown:
                where = (row["item_id"], row["location_id"])
                expected.append((number, shown.index(kind) + 1, *where, at_stake))
                break
    assert sorted(found.rows()) == sorted(expected)


@given(st.lists(_ROWS, max_size=12), _SETTINGS, SHOWN)
def test_the_most_pressing_comes_first(
    rows: list[Row], settings: Settings, shown: tuple[RecommendationType, ...]
) -> None:
    """By the order of what is shown; then orders that can still be reduced; then money; then the key."""
    found = recommended(pl.DataFrame(rows, schema=SCHEMA), rules_of(settings, TODAY, (), COST), shown).rows(named=True)
    keys = []
    for one in found:
        reducible = shown[one["priority"] - 1] is REDUCE and rows[one["row"]]["on_order"] > 0
        place = ((one["location_id"] or "").encode(), one["item_id"].encode())[::-1]
        keys.append((one["priority"], not reducible, -one["money_at_stake"], *place))
    assert keys == sorted(keys)


@given(st.lists(_ROWS, min_size=1, max_size=8), _SETTINGS)
def test_no_role_is_told_to_sell_off_what_another_is_told_to_order(rows: list[Row], settings: Settings) -> None:
    frame, rules = pl.DataFrame(rows, schema=SCHEMA), rules_of(settings, TODAY, (), COST)
    told = {kind: set(recommended(frame, rules, (kind,))["row"]) for kind in RecommendationType}
    assert not (told[URGENT] | told[REORDER]) & (told[REDUCE] | told[PROMOTE])


def test_money_is_exact_where_a_float_is_not() -> None:
    """A billion units keep their cents, and what is no whole unit is not promoted."""
    row: Row = {
        "item_id": "a",
        "location_id": None,
        "current_stock": Decimal("0.995"),
        "on_order": Decimal(0),
        "reorder_quantity": Decimal(0),
        "transfer_in": Decimal(0),
        "unit_cost": Decimal("1.01"),
        "inventory_value": Decimal("0.01"),
        "dir": 100.0,
        "stockout_risk": 0.0,
        "expected_daily_demand": 0.0,
        "sales_at_risk": Decimal(0),
        "excess_value": Decimal(0),
        "status": "overstocked",
        "last_sale": TODAY,
    }
    rows = [row, row | {"current_stock": Decimal("1.999")}, row | {"current_stock": Decimal("123456789012.345")}]
    found = recommended(pl.DataFrame(rows, schema=SCHEMA), rules_of(Settings(), TODAY, (), COST), (PROMOTE,)).sort(
        "row"
    )
    assert found.select("row", "money_at_stake").rows() == [(1, Decimal("1.01")), (2, Decimal("124691356902.12"))]


@given(
    st.decimals(0, 10**6, places=3),
    st.integers(0, 10**6).map(lambda demand: demand / 1000),
    st.sampled_from([0, 30, 90]),
)
def test_one_row_has_the_surplus_of_many(stock: Decimal, demand: float, days: int) -> None:
    row = {"current_stock": stock, "expected_daily_demand": demand, "unit_cost": Decimal(1), "dir": None}
    made = {
        "item_id": "a",
        "on_order": Decimal(0),
        "reorder_quantity": Decimal(0),
        "transfer_in": Decimal(0),
        "stockout_risk": 0.0,
    }
    made |= {"status": "overstocked", "last_sale": TODAY}
    settings = Settings(
        recommendation_rules=RecommendationRules(threshold_filters=ThresholdFilters(promote_min_dir_days=days))
    )
    found = recommended(pl.DataFrame([row | made], schema=SCHEMA), rules_of(settings, TODAY, (), COST), (PROMOTE,))
    assert sum(found["money_at_stake"]) == whole_surplus(stock, demand, days)


@given(_KEYS)
def test_advice_to_order_is_dismissed_as_one(key: RecommendationKey) -> None:
    kinds = [other.type for other in key.same_advice]
    assert key.same_advice[0] == key
    assert set(kinds) == ({URGENT, REORDER} if key.type in (URGENT, REORDER) else {key.type})
    assert {(other.item_id, other.location_id) for other in key.same_advice} == {(key.item_id, key.location_id)}


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
    own = rules.role_rules.get(role, tuple(RecommendationType))
    expected = [kind for kind in own if kind in enabled]
    assert list(types_of_role(rules, role)) == expected


def test_the_roles_of_the_rules() -> None:
    shown = {role: types_of_role(RecommendationRules(), role) for role in Role}
    assert shown[Role.CEO] == (URGENT, DEAD, REDUCE)
    assert shown[Role.PROCUREMENT] == (URGENT, REORDER, REDUCE, DEAD)
    assert shown[Role.MARKETING] == (PROMOTE, DEAD)
    assert shown[Role.ADMIN] == shown[Role.VIEWER] == shown[Role.SERVICE] == tuple(RecommendationType)
