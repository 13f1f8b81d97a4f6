"""What a replay found, in words."""

from __future__ import annotations

import pytest

from forecast_job.replay.report import Run, advice, stock_needed, table
from forecast_job.replay.simulated_store import ReplayScore


def run(policy: str, stock: float, fill: float) -> Run:
    return Run(policy, "", ReplayScore(stock, fill, fill, fill, 1, stock / 2))


def test_the_advice_names_the_policy_with_least_stock() -> None:
    runs = [run("A", 100, 0.9), run("A", 200, 1.0), run("B", 50, 0.9), run("B", 90, 1.0), run("C", 10, 0.2)]
    assert "95%: B 70, A 150. Least with B." in advice(runs)
    assert "No policy passes" in advice(runs[-1:])


def test_no_stock_is_named_for_a_fill_rate_that_is_not_reached() -> None:
    outcomes = [ReplayScore(100, 0.9, 0.9, 0.9, 1, 0), ReplayScore(200, 1.0, 1.0, 1.0, 1, 0)]
    assert stock_needed(outcomes, 0.95) == pytest.approx(150)
    assert stock_needed(outcomes, 0.8) is None


def test_the_table_lines_its_columns_up() -> None:
    header, *lines = table([run("A", 100, 0.9), run("Longer", 20_000, 1.0)]).splitlines()
    assert {len(line) for line in (header, *lines)} == {len(header)}
    assert lines[1].split() == ["Longer", "20,000", "100.0%", "100.0%", "100.0%", "1", "10,000"]
