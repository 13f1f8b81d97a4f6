"""Supply from a file: under its usual names, and what cannot be is named."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from forecast_job.replay.supply import ItemSupply
from forecast_job.replay.supply_file import read_supply
from shared.domain.errors import Invalid


def test_supply_comes_from_the_file_where_it_has_it(tmp_path: Path) -> None:
    path = tmp_path / "supply.parquet"
    columns = {
        "item_id": ["A", "A", "B", "C"],
        "unit_cost": [1.0, 3.0, 0.0, None],
        "lead_time_days": [9, 12, None, 0],
        "packaging_qty": [6.0, None, 2.5, None],
    }
    pl.DataFrame(columns).write_parquet(path)
    assert read_supply(path) == {
        "A": ItemSupply(2.0, None, 12, packaging_qty=6.0),
        "B": ItemSupply(packaging_qty=2.5),
        "C": ItemSupply(lead_time_days=0),
    }


def test_a_file_can_have_both_a_cost_and_a_price(tmp_path: Path) -> None:
    columns = {"item_id": ["A", "A", "B"], "unit_cost": [1.0, 3.0, None], "unit_price": [9.0, 5.0, 4.0]}
    pl.DataFrame(columns).write_parquet(tmp_path / "both.parquet")
    assert read_supply(tmp_path / "both.parquet") == {"A": ItemSupply(2.0, 7.0), "B": ItemSupply(2.0, 4.0)}


def test_a_cost_is_half_the_median_price_where_there_is_none(tmp_path: Path) -> None:
    lines = pl.DataFrame({"stock_code": ["a1", "A1", "B2"], "unit_price": [2.0, 4.0, 0.0]})
    lines.write_parquet(tmp_path / "lines.parquet")
    assert read_supply(tmp_path / "lines.parquet") == {"A1": ItemSupply(1.5, 3.0), "B2": ItemSupply()}
    lines.select("stock_code").write_parquet(tmp_path / "none.parquet")
    assert read_supply(tmp_path / "none.parquet") == {}


@pytest.mark.parametrize(("name", "value"), [("lead_time_days", -1), ("moq", -0.5), ("packaging_qty", 0)])
def test_a_supply_that_cannot_be_is_named(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "wrong.parquet"
    pl.DataFrame({"item_id": ["A"], name: [value]}).write_parquet(path)
    with pytest.raises(Invalid, match=rf"wrong\.parquet: {name} of item 'A' is {value}; it must be"):
        read_supply(path)


def test_a_supply_that_is_no_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.parquet"
    pl.DataFrame({"item_id": ["A"], "moq": ["ten"]}).write_parquet(path)
    with pytest.raises(Invalid, match=r"words\.parquet: moq must be numbers"):
        read_supply(path)
