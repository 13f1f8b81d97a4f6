"""What is pressing: by risk or by days that stock lasts, at the very limits."""

from __future__ import annotations

import polars as pl
import pytest

from shared.domain.planning.urgency import days_until_order, is_pressing
from shared.domain.settings import Settings

SETTINGS = Settings(suggestion_min_risk=0.3, safety_buffer_days=7)


def row(dir_days: float | None, risk: float, lead_time: int = 14) -> pl.DataFrame:
    schema = {"dir": pl.Float64, "stockout_risk": pl.Float64, "lead_time_days": pl.Int64}
    return pl.DataFrame([(dir_days, risk, lead_time)], schema, orient="row")


@pytest.mark.parametrize(
    ("dir_days", "risk", "pressing"),
    [
        (100.0, 0.3, True),
        (100.0, 0.2999, False),
        (20.9, 0.0, True),
        (21.0, 0.0, False),
        (None, 0.3, True),
        (None, 0.2999, False),  # nothing is expected to sell
    ],
)
def test_risk_from_its_limit_on_or_stock_that_ends_before_lead_time_and_buffer(
    dir_days: float | None, risk: float, pressing: bool
) -> None:
    assert row(dir_days, risk).select(is_pressing(SETTINGS)).item() is pressing


def test_the_days_left_are_null_where_nothing_is_expected_to_sell() -> None:
    assert row(20.5, 0.1).select(days_until_order(SETTINGS)).item() == -0.5
    assert row(None, 0.1).select(days_until_order(SETTINGS)).item() is None
