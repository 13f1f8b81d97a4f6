"""The replay: a simulator that loses no unit, policies at their extremes, and the command."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from forecast_job import replay
from forecast_job.policies import RulesPolicy, ServiceLevelPolicy
from forecast_job.replay import Plan, shelf_of, stock_needed, unit_costs
from forecast_job.replay_shop import Known, Ledger, Outcome, Policy, Terms, draw_terms, score, simulate
from shared.domain.service_level import quantity_to_order
from shared.domain.settings import Settings
from tests.benchmarks.replay_policy import ByCost, EqualLevels
from tests.forecast_job.demand import FIRST, demand

Ints = NDArray[np.int64]
_START = 190
_DAYS = 218
_ITEMS = 12


class Nothing:
    def order(self, known: Known, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        return np.zeros(len(rows), dtype=np.int64)


@dataclass
class AtRandom:
    """Orders anything, and keeps what it was shown."""

    seed: int

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        self.seen: list[Known] = []

    def order(self, known: Known, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        self.seen.append(known)
        assert (on_hand >= 0).all()
        assert (on_order >= 0).all()
        need = self._random.integers(-20_000, 40_000, len(rows))
        return quantity_to_order(need, np.zeros_like(need), known.terms.moq[rows], known.terms.packaging_qty[rows])


@dataclass
class Clairvoyant:
    """Knows the demand of the days that an order must last for."""

    future: Ints

    def order(self, known: Known, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        day, terms = known.sales.shape[1], known.terms
        ends = day + terms.lead_time_days[rows] + terms.review_days
        wanted = np.array([self.future[row, day:end].sum() for row, end in zip(rows, ends, strict=True)])
        return quantity_to_order(wanted, on_hand + on_order, terms.moq[rows], terms.packaging_qty[rows])


def shop(seed: int = 0, items: int = _ITEMS, lead_time_days: tuple[int, int] = (2, 9)) -> tuple[Ints, Terms]:
    """Poisson demand with a bulk order now and then, and its terms."""
    random = np.random.default_rng(seed)
    units = random.poisson(np.linspace(0.2, 6, items)[:, None], (items, _DAYS))
    units[random.random(units.shape) < 0.005] += 60
    sold = units.astype(np.int64) * 1000
    return sold, draw_terms(sold, random.uniform(0.5, 20, items), _START, lead_time_days, 7, seed)


def play(policy: Policy, seed: int = 0) -> tuple[Ledger, Terms]:
    sold, terms = shop(seed)
    return simulate(FIRST, sold, terms, policy, _START), terms


@functools.cache
def served(level: float, *, by_cost: bool) -> tuple[Ledger, Terms]:
    return play(ServiceLevelPolicy(level, by_cost=by_cost))


def scored(played: tuple[Ledger, Terms]) -> Outcome:
    ledger, terms = played
    return score(ledger, terms.unit_cost, _START + 16)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 6), st.integers(0, 6))
def test_no_unit_appears_or_vanishes(seed: int, least: int, more: int) -> None:
    sold, terms = shop(seed, lead_time_days=(least, least + more))
    ledger = simulate(FIRST, sold, terms, AtRandom(seed), _START)
    served, arrived = ledger.sold[:, _START:].cumsum(axis=1), ledger.arrived[:, _START:].cumsum(axis=1)
    assert (terms.opening_stock[:, None] + arrived - served == ledger.closing[:, _START:]).all()
    assert (ledger.sold <= ledger.demand).all()
    assert (ledger.closing >= 0).all()
    for item, lead_time in enumerate(terms.lead_time_days):
        assert (ledger.arrived[item, lead_time:] == ledger.ordered[item, : _DAYS - lead_time]).all()


def test_a_policy_sees_no_sale_of_today_or_later_and_no_unmet_demand() -> None:
    policy = AtRandom(3)
    ledger, _ = play(policy)
    for known in policy.seen:
        days = known.sales.shape[1]
        assert days < _DAYS
        assert (known.sales == ledger.sold[:, :days]).all()
    assert (ledger.sold[:, _START:] < ledger.demand[:, _START:]).any()


def test_each_item_is_reviewed_at_its_own_pace() -> None:
    ledger, terms = play(AtRandom(1))
    for item in range(_ITEMS):
        ordered = np.flatnonzero(ledger.ordered[item])
        assert ((ordered - _START - terms.first_review[item]) % 7 == 0).all()


def test_who_orders_nothing_sells_the_opening_stock_and_no_more() -> None:
    sold, terms = shop()
    empty = dataclasses.replace(terms, opening_stock=np.zeros(_ITEMS, dtype=np.int64))
    result = score(simulate(FIRST, sold, empty, Nothing(), _START), terms.unit_cost, _START)
    assert (result.stock, result.fill_rate, result.orders) == (0, 0, 0)


def test_who_knows_the_future_loses_nearly_nothing() -> None:
    sold, _ = shop()
    assert scored(play(Clairvoyant(sold))).fill_rate > 0.999


def test_more_service_is_more_stock() -> None:
    low, high = (scored(served(level, by_cost=False)) for level in (0.5, 0.9))
    assert low.fill_rate < high.fill_rate
    assert low.stock < high.stock


def test_levels_by_unit_cost_hold_less_of_what_is_dear() -> None:
    def stocks(by_cost: bool) -> NDArray[np.float64]:
        ledger, terms = served(0.9, by_cost=by_cost)
        per_item: NDArray[np.float64] = ledger.closing[:, _START + 16 :].mean(axis=1)[np.argsort(terms.unit_cost)]
        return per_item

    change = stocks(True) - stocks(False)
    assert change[: _ITEMS // 2].sum() > 0 > change[_ITEMS // 2 :].sum()


def test_the_rules_order_only_what_is_pressing() -> None:
    sold, terms = shop()
    policy = RulesPolicy(Settings(safety_buffer_days=7))
    known = Known(FIRST, sold[:, :_START], np.ones((_ITEMS, _START), dtype=np.bool_), terms)
    rows, none = np.arange(_ITEMS), np.zeros(_ITEMS, dtype=np.int64)
    assert (policy.order(known, rows, none, none)[1:] > 0).all()
    assert not policy.order(known, rows, terms.opening_stock * 3, none).any()


def test_the_same_seed_is_the_same_play() -> None:
    again, _ = play(ServiceLevelPolicy(0.9, by_cost=True))
    assert again.ordered.tolist() == served(0.9, by_cost=True)[0].ordered.tolist()
    _, terms = shop()
    _, other = shop(seed=1)
    assert terms.lead_time_days.tolist() != other.lead_time_days.tolist()


def test_terms_know_nothing_of_the_days_played() -> None:
    sold, terms = shop()
    sold[:, _START:] = 0
    again = draw_terms(sold, terms.unit_cost, _START, (2, 9), 7, 0)
    assert again.moq.tolist() == terms.moq.tolist()
    assert again.opening_stock.tolist() == terms.opening_stock.tolist()


def test_demand_is_unknown_where_sales_do_not_show_it() -> None:
    sales = np.array([[0, 4, 4, 1, 0, 0, 4, 9, 0]], dtype=np.int64) * 1000
    in_stock = np.array([[1, 1, 1, 1, 0, 0, 1, 1, 0]], dtype=np.bool_)
    _, terms = shop()
    units = Known(FIRST, sales, in_stock, terms).units[0]
    # Not sold yet; sold out below the usual; no stock; sold out far above the usual; no stock.
    assert np.isnan(units).nonzero()[0].tolist() == [0, 3, 4, 5, 8]
    assert units[7] == 9


def test_cycle_service_counts_the_times_between_receipts() -> None:
    zeros = np.zeros((1, 6), dtype=np.int64)
    wanted, sold, arrived = zeros + 1000, np.array([[1, 1, 0, 1, 1, 1]]) * 1000, np.array([[0, 0, 0, 5, 0, 0]]) * 1000
    result = score(Ledger(0, wanted, sold, zeros, arrived, zeros + 2000), np.array([3.0]), 0)
    assert result == Outcome(stock=6.0, fill_rate=5 / 6, cycle_service=0.5, orders=0)


class ToolHistory:
    """What the outside tool hands to a policy."""

    def __init__(self, sales: Ints, unit_cost: NDArray[np.float64], rows: Ints) -> None:
        self.rows, self.unit_cost, self.items = rows, unit_cost, np.arange(len(sales))
        self.sales, self.in_stock = sales / 1000, np.ones(sales.shape, dtype=np.bool_)
        self.lead_time = np.full(len(sales), 5)
        self.dates = [dt.datetime.combine(FIRST, dt.time()) + dt.timedelta(days) for days in range(sales.shape[1])]

    @property
    def panel(self) -> ToolHistory:
        return self


@pytest.mark.parametrize("kind", [ByCost, EqualLevels])
def test_the_adapter_orders_what_the_policy_does(kind: type[ByCost]) -> None:
    sold, terms = shop()
    terms = dataclasses.replace(terms, lead_time_days=np.full(_ITEMS, 5))
    rows = np.arange(3, 9)
    known = Known(FIRST, sold[:, :_START], np.ones((_ITEMS, _START), dtype=np.bool_), terms)
    on_hand, on_order = np.full(6, 3), np.full(6, 2)
    ours = ServiceLevelPolicy(0.9, by_cost=kind.by_cost).order(known, rows, on_hand * 1000, on_order * 1000)
    history = ToolHistory(sold[:, :_START], terms.unit_cost, rows)
    moq, pack = terms.moq[rows] / 1000, terms.packaging_qty[rows] / 1000
    order = kind(0.9).order(_START, history, on_hand, on_order, np.full(6, 5), 7, moq, pack)
    assert order.tolist() == (ours / 1000).tolist()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("replay") / "demand.parquet"
    cost = pl.col("item_id").str.slice(1).cast(pl.Float64) + 1
    demand(215, items=16).with_columns(unit_cost=cost).write_parquet(path)
    return path


def test_the_command_prints_a_table_and_advice_and_draws(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "out.png"
    arguments = [str(file), "--items", "10", "--weeks", "3", "--lead-time", "1", "4", "--picture", str(picture)]
    assert replay.main(arguments) == 0
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if not line.startswith("{")]  # log lines, off a terminal
    assert lines[0].startswith("10 most active items, played for 3 weeks, scored from ")
    assert "stock is the mean stock at cost" in lines[0]
    plays = len(replay.BUFFER_DAYS) + 2 * len(replay.SERVICE_LEVELS)
    names = [line.split("  ")[0] for line in lines[2 : 2 + plays]]
    assert names == ["forecast_30d"] * 5 + ["service_level"] * 4 + ["levels by unit cost"] * 4
    assert lines[-1] == f"Picture: {picture}"
    with Image.open(picture) as image:
        assert image.format == "PNG"
        assert {"#e67e22", "#2980b9", "#1e8449"} <= {
            f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in image.convert("RGB").getcolors(2**20) or []
        }


def test_the_advice_names_the_policy_with_least_stock() -> None:
    def run(policy: str, stock: float, fill: float) -> replay.Run:
        return replay.Run(policy, "", Outcome(stock, fill, fill, 1))

    runs = [run("A", 100, 0.9), run("A", 200, 1.0), run("B", 50, 0.9), run("B", 90, 1.0), run("C", 10, 0.2)]
    assert "95%: B 70, A 150. Least with B." in replay.advice(runs)
    assert "No policy passes" in replay.advice(runs[-1:])
    assert stock_needed([one.outcome for one in runs[:2]], 0.8) is None


def test_costs_come_from_the_file(file: Path, tmp_path: Path) -> None:
    assert unit_costs(file)["I003"] == 4.0
    lines = pl.DataFrame({"stock_code": ["a1", "A1", "B2"], "unit_price": [2.0, 4.0, 0.0]})
    lines.write_parquet(tmp_path / "lines.parquet")
    assert list(unit_costs(tmp_path / "lines.parquet").values()) == [1.5]
    lines.select("stock_code").write_parquet(tmp_path / "none.parquet")
    assert unit_costs(tmp_path / "none.parquet") == {}


def test_an_item_without_a_cost_has_the_usual_one() -> None:
    shelf = shelf_of(demand(230, items=4), {"I001": 2.0, "I002": 8.0}, Plan(items=4, weeks=6))
    assert sorted(shelf.unit_cost.tolist()) == [2.0, 5.0, 5.0, 8.0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--weeks", "20"], "the file spans 215 days; 20 weeks need 322"),
        (["--weeks", "4", "--lead-time", "20", "30"], "longer than the 37 days of lead time and review"),
        (["--until", "2020-01-01"], "no demand"),
    ],
)
def test_too_little_data_is_said_in_one_line(
    file: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert replay.main([str(file), *options]) == 1
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "options", [["--items", "0"], ["--lead-time", "9", "3"], ["--seed", "-1"], ["--picture", "no/folder.png"]]
)
def test_nonsense_is_refused(file: Path, options: list[str]) -> None:
    with pytest.raises(SystemExit):
        replay.main([str(file), *options])
