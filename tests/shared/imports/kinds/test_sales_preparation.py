"""From sales files to daily demand: counts, days, duplicates, cancellations; accepted + rejected = read, always."""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.imports.record_fields import DAILY_SALES_FIELDS, INVOICE_LINE_FIELDS
from shared.domain.imports.spelling import Spellings
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.kinds.sales_preparation import PreparedSales, SalesRecords, prepare
from shared.imports.readers.formats import SourceFormat, open_file
from shared.imports.record_stream import stream_of

LINES = ("invoice_no", "item_id", "location_id", "date_local", "units_sold", "price", "customer_id")
DAILY = ("item_id", "location_id", "date_local", "units_sold", "price")


def prepared(folder: Path, header: tuple[str, ...], *rows: tuple[str, ...], lines: bool = False) -> PreparedSales:
    path = folder / "upload.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    fields = INVOICE_LINE_FIELDS if lines else DAILY_SALES_FIELDS
    stream = stream_of(open_file(path, SourceFormat.CSV), NO_MAPPING, fields, "Europe/London")
    items, places = Spellings(["a", "85123A", "CAFÉ-9"]), Spellings(["LONDON", "DUBLIN"])
    sales = SalesRecords(stream, lines, dt.date(2011, 10, 13), items, places)
    return prepare(sales, folder, lambda step, done: None)


def demand(result: PreparedSales) -> list[tuple[object, ...]]:
    return sorted(result.demand.scan().select("item_id", "location_id", "date_local", "units_sold").collect().rows())


def test_daily_sales_are_kept_as_they_are(tmp_path: Path) -> None:
    result = prepared(
        tmp_path,
        DAILY,
        ("a", "LONDON", "2011-10-08 10:00", "2.5", "1.10"),
        ("a", "LONDON", "2011-10-09", "0", ""),
        ("a", "DUBLIN", "2011-10-08", "4", "1"),
    )

    assert result.demand.scan().sort("location_id", "date_local").collect().to_dicts() == [
        _row("a", "DUBLIN", 8, "4", "4", weekend=True),
        _row("a", "LONDON", 8, "2.5", "2.75", weekend=True),
        _row("a", "LONDON", 9, "0", None, weekend=True),
    ]
    assert vars(result.intake.counts) == {"read": 3, "accepted": 3, "rejected": 0}


def test_sales_are_of_the_product_that_is_meant(tmp_path: Path) -> None:
    result = prepared(
        tmp_path,
        DAILY,
        ("cafe\u0301-9", "London", "2011-10-08", "3", ""),
        ("CAFÉ-9", "LONDON", "2011-10-09", "1", ""),
        ("TAE", "LONDON", "2011-10-09", "1", ""),
    )
    assert [(item, place) for item, place, *_ in demand(result)] == [
        ("CAFÉ-9", "LONDON"),
        ("CAFÉ-9", "LONDON"),
        ("TAE", "LONDON"),
    ]
    assert result.orphans == {"TAE"}


def _row(item: str, place: str, day: int, units: str, revenue: str | None, *, weekend: bool) -> dict[str, object]:
    return {
        "item_id": item,
        "location_id": place,
        "date_local": dt.date(2011, 10, day),
        "units_sold": Decimal(units),
        "revenue": None if revenue is None else Decimal(revenue),
        "is_weekend": weekend,
    }


def test_sales_at_several_times_of_a_day_are_added_up(tmp_path: Path) -> None:
    result = prepared(
        tmp_path,
        (*DAILY, "stock_on_date"),
        ("a", "LONDON", "2011-10-08 16:40", "3", "2.50", "9"),
        ("a", "LONDON", "2011-10-08 09:14", "2", "2.50", "12"),
        ("a", "LONDON", "2011-10-08 09:14", "2", "2.50", "12"),
        ("a", "LONDON", "2011-10-09 09:14", "1", "", ""),
    )
    days = result.demand.scan().sort("date_local").collect()
    assert days.select("units_sold", "revenue", "stock_on_date").rows() == [
        (Decimal(5), Decimal("12.5"), Decimal(9)),
        (Decimal(1), None, None),
    ]
    assert dict(result.intake.rejected_by_check) == {"duplicate": 1}
    assert result.summed == 1


def test_the_same_day_again_is_a_duplicate_where_a_record_has_no_time(tmp_path: Path) -> None:
    result = prepared(
        tmp_path,
        DAILY,
        ("a", "LONDON", "2011-10-08 10:00", "1", ""),
        ("a", "LONDON", "2011-10-08", "2", ""),
        ("B", "LONDON", "2011-10-08", "3", ""),
    )

    assert [units for *_, units in demand(result)] == [3, 1]
    (reject,) = result.intake.rejects.scan().collect().to_dicts()
    assert (reject["row_number"], reject["code"]) == (3, "duplicate")
    assert json.loads(reject["record"])["units_sold"] == "2"


def test_every_check_rejects_with_its_row(tmp_path: Path) -> None:
    result = prepared(
        tmp_path,
        DAILY,
        ("a", "LONDON", "2011-10-12", "1", "1"),
        ("", "LONDON", "2011-10-12", "1", "1"),
        ("a", "PARIS", "2011-10-12", "1", "1"),
        ("a", "*", "2011-10-12", "1", "1"),
        ("a", "LONDON", "12/10/2011", "1", "1"),
        ("a", "LONDON", "2011-10-14", "1", "1"),
        ("a", "LONDON", "2011-10-12", "-1", "1"),
        ("a", "LONDON", "2011-10-12", "many", "1"),
        ("a", "LONDON", "2011-10-12", "1", "-1"),
        ("a", "LONDON", "2011-10-12", "1"),
        ("x" * 501, "LONDON", "2011-10-12", "1", "1"),
        ("a\u0007b", "LONDON", "2011-10-12", "1", "1"),
    )

    rejects = result.intake.rejects.scan().select("row_number", "code", "field").collect().sort("row_number").rows()
    assert rejects == [
        (3, "required", "item_id"),
        (4, "orphan", "location_id"),
        (5, "orphan", "location_id"),
        (6, "format", "date_local"),
        (7, "date_range", "date_local"),
        (8, "negative", "units_sold"),
        (9, "format", "units_sold"),
        (10, "negative", "price"),
        (11, "malformed", None),
        (12, "format", "item_id"),
        (13, "format", "item_id"),
    ]
    assert vars(result.intake.counts) == {"read": 12, "accepted": 1, "rejected": 11}


def test_invoice_lines_become_days_and_returns_net_out(tmp_path: Path) -> None:
    result = prepared(
        tmp_path,
        LINES,
        ("1", "85123a", "LONDON", "2011-09-01 10:00", "6", "2.50", "7"),
        ("2", "85123A ", "LONDON", "2011-09-01 11:00", "4", "2.00", "8"),
        ("C4", "85123A", "LONDON", "2011-09-20 09:00", "-2", "2.50", "7"),
        ("C5", "85123A", "LONDON", "2011-09-20 09:00", "-9", "2.50", "9"),
        lines=True,
    )

    assert demand(result) == [("85123A", "LONDON", dt.date(2011, 9, 1), Decimal(8))]
    assert result.demand.scan().collect()["revenue"].to_list() == [Decimal(4) * Decimal("2.5") + Decimal(4) * 2]
    assert result.returned_units == 2
    assert dict(result.intake.rejected_by_check) == {"unmatched_return": 1}
    assert vars(result.intake.counts) == {"read": 4, "accepted": 3, "rejected": 1}


def test_more_than_two_years_are_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        prepared(tmp_path, DAILY, ("a", "LONDON", "2009-10-01", "1", ""), ("a", "LONDON", "2011-10-02", "1", ""))

    assert refused.value.code == "window_too_long"


def test_a_file_without_an_acceptable_record_has_no_window(tmp_path: Path) -> None:
    result = prepared(tmp_path, DAILY, ("a", "PARIS", "2011-10-12", "1", "1"))

    assert (result.window, result.gaps, result.demand.rows) == (None, [], 0)
    assert vars(result.intake.counts) == {"read": 1, "accepted": 0, "rejected": 1}


def test_gaps_and_outliers_are_told_and_kept(tmp_path: Path) -> None:
    days = [dt.date(2011, 9, 1) + dt.timedelta(days=number) for number in (*range(12), *range(20, 25))]
    rows = [("a", "LONDON", day.isoformat(), "2", "") for day in days[:-1]]

    result = prepared(tmp_path, DAILY, *rows, ("a", "LONDON", days[-1].isoformat(), "5000", ""))

    assert [(gap.first, gap.last) for gap in result.gaps] == [(dt.date(2011, 9, 13), dt.date(2011, 9, 20))]
    assert (result.outlier_count, result.largest_outliers[0]["date_local"]) == (1, days[-1])
    assert result.demand.rows == 17


_PEAK_OF_AN_IMPORT = """
import datetime as dt, resource, sys
from pathlib import Path
from shared.imports.readers.formats import SourceFormat, open_file
from shared.imports.record_stream import stream_of
from shared.imports.kinds.sales_preparation import SalesRecords, prepare
from shared.domain.imports.record_fields import DAILY_SALES_FIELDS
from shared.domain.imports.spelling import Spellings
from shared.imports.column_mapping import NO_MAPPING

folder = Path(sys.argv[1])
stream = stream_of(open_file(folder / "upload.csv", SourceFormat.CSV), NO_MAPPING, DAILY_SALES_FIELDS, "UTC")
sales = SalesRecords(stream, False, dt.date(2011, 10, 13), Spellings([]), Spellings(["LONDON"]))
result = prepare(sales, folder, lambda step, done: None)
assert result.intake.counts.accepted == int(sys.argv[2]), result.intake.counts
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def _peak_mib(folder: Path, records: int) -> int:
    days = [(dt.date(2011, 10, 1) - dt.timedelta(days=number)).isoformat() for number in range(500)]
    with (folder / "upload.csv").open("w", encoding="utf-8") as file:
        file.write("item_id,location_id,date_local,units_sold,remark\n")
        file.writelines(f"item-{n // 500},LONDON,{days[n % 500]},{n % 7},{'x' * 60}\n" for n in range(records))
    command = [sys.executable, "-c", _PEAK_OF_AN_IMPORT, str(folder), str(records)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.integration
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.mkdir()
    large.mkdir()

    growth_mib = _peak_mib(large, 700_000) - _peak_mib(small, 300_000)

    assert growth_mib < 80  # 38 MiB more of file would take 170 MiB as columns of text


cells = st.sampled_from(
    [
        "",
        "a",
        "A",
        "b",
        "POST",
        "LONDON",
        "PARIS",
        "2011-10-01",
        "2011-10-02 10:00",
        "2012-01-01",
        "1",
        "-1",
        "2.5",
        "x",
    ]
)
item_cells, place_cells = st.sampled_from(["a", "A", "b", "POST", ""]), st.sampled_from(["LONDON", "DUBLIN", "PARIS"])
day_cells = st.sampled_from(["2011-10-01", "2011-10-01 10:00", "2011-10-02", "2012-01-01", "never"])
unit_cells = st.sampled_from(["1", "2.5", "3", "0", "-1", "-2", "x", ""])
likely_line = st.tuples(
    st.sampled_from(["1", "2", "C3"]),
    item_cells,
    place_cells,
    day_cells,
    unit_cells,
    st.just("1.5"),
    st.sampled_from("78"),
)
likely_day = st.tuples(item_cells, place_cells, day_cells, unit_cells, st.just("1"))
any_row = st.lists(cells, min_size=1, max_size=9).map(tuple)


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.booleans(), st.data())
def test_accepted_and_rejected_are_what_was_read(lines: bool, data: st.DataObject) -> None:
    rows = data.draw(st.lists((likely_line if lines else likely_day) | any_row, min_size=1, max_size=40))
    header = LINES if lines else DAILY
    records = [row for row in rows if "".join(row).strip()]  # a blank row is no record
    with TemporaryDirectory() as folder:
        if not records:
            return
        result = prepared(Path(folder), header, *records, lines=lines)
        rejects = result.intake.rejects.scan().collect()
        kept = result.intake.scan().collect()
        sold = sum(result.demand.scan().collect()["units_sold"], Decimal(0))

    counts = result.intake.counts
    assert counts.read == len(records) == counts.accepted + counts.rejected
    assert rejects.height == counts.rejected
    assert rejects["row_number"].n_unique() == counts.rejected
    late = rejects.filter(pl.col("row_number").is_in(kept["row_number"].implode()))
    accepted = kept.filter(~pl.col("row_number").is_in(late["row_number"].implode()))
    assert accepted.height == counts.accepted
    purchases = accepted.filter(pl.col("units_sold") > 0)["units_sold"]
    assert sold == sum(purchases, Decimal(0)) - result.returned_units
