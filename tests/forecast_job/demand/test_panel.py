"""The panel: totals, unknown days, copies, and records that are not used as they are."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_job.demand.panel import build_panel

FIRST = dt.date(2024, 1, 1)
ORIGIN = dt.date(2024, 1, 11)
DAY = dt.timedelta(days=1)


def _records(*rows: tuple[str, str, int, float, float | None]) -> pl.DataFrame:
    columns = ["item_id", "location_id", "day", "units_sold", "stock_on_date"]
    frame = pl.DataFrame(
        rows, dict(zip(columns, (pl.String, pl.String, pl.Int64, pl.Float64, pl.Float64), strict=True)), orient="row"
    )
    return frame.with_columns((pl.lit(FIRST) + pl.duration(days="day")).alias("date_local"))


def test_totals_come_first_and_add_locations_up() -> None:
    panel, _ = build_panel(
        _records(("A", "N", 2, 3, None), ("A", "S", 4, 5, None), ("B", "N", 9, 1, None)), FIRST, ORIGIN
    )
    assert list(zip(panel.item_ids, panel.location_ids, strict=True)) == [
        ("A", "*"),
        ("B", "*"),
        ("A", "N"),
        ("A", "S"),
        ("B", "N"),
    ]
    nan = np.nan
    np.testing.assert_array_equal(panel.units[0], [nan, nan, 3, 0, 5, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(panel.units[3], [nan, nan, nan, nan, 5, 0, 0, 0, 0, 0])
    assert panel.same_as.tolist() == [0, 1, 2, 3, 1]
    assert panel.distinct().tolist() == [0, 1, 2, 3]
    assert panel.origin == ORIGIN


def test_a_day_without_stock_and_sale_is_unknown() -> None:
    panel, _ = build_panel(
        _records(("A", "N", 0, 1, 5), ("A", "N", 1, 0, 0), ("A", "N", 2, 2, 0), ("A", "N", 3, 0, 4)), FIRST, ORIGIN
    )
    np.testing.assert_array_equal(panel.units[0][:5], [1, np.nan, 2, 0, 0])


def test_the_total_is_known_while_one_location_could_sell() -> None:
    panel, _ = build_panel(
        _records(
            ("A", "N", 0, 1, 1), ("A", "N", 1, 0, 0), ("A", "S", 1, 0, 3), ("A", "N", 2, 0, 0), ("A", "S", 2, 0, 0)
        ),
        FIRST,
        ORIGIN,
    )
    np.testing.assert_array_equal(panel.units[0][:3], [1, 0, np.nan])
    np.testing.assert_array_equal(panel.units[1][:3], [1, np.nan, np.nan])


def test_bad_records_are_left_out_and_counted() -> None:
    records = _records(
        ("A", "N", -4000, 9, None),
        ("A", "N", 3, 2, None),
        ("A", "N", 3, 4, None),  # the same day twice adds up
        ("A", "N", 5, -7, None),
        ("A", "N", 10, 8, None),  # the run date itself
        ("OLD", "N", -1, 1, None),
    )
    panel, ignored = build_panel(records, FIRST, ORIGIN)
    assert panel.item_ids == ("A", "A")
    np.testing.assert_array_equal(panel.units[0][3:], [6, 0, 0, 0, 0, 0, 0])
    assert ignored.counts() == {"future": 1, "before_history": 2, "negative": 1}


def test_no_record_is_no_series() -> None:
    panel, ignored = build_panel(_records(), FIRST, ORIGIN)
    assert (panel.series, panel.days) == (0, 10)
    assert ignored.counts() == {}


@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"),
            st.sampled_from(["N", "S"]),
            st.integers(-3, 12),
            st.integers(-5, 50).map(float),
            st.one_of(st.none(), st.integers(0, 3).map(float)),
        ),
        max_size=30,
    )
)
@settings(deadline=None)
def test_totals_are_the_sum_of_locations(rows: list[tuple[str, str, int, float, float | None]]) -> None:
    panel, _ = build_panel(_records(*rows), FIRST, ORIGIN)
    for row in panel.totals():
        mine = [other for other in range(panel.series) if panel.item_ids[other] == panel.item_ids[row] and other != row]
        np.testing.assert_allclose(np.nansum(panel.units[mine], axis=0), np.nan_to_num(panel.units[row]))
    for row, same in enumerate(panel.same_as):
        np.testing.assert_array_equal(panel.units[row], panel.units[same])
