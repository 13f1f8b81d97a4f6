"""Invoice lines that come in several files: days are summed from all of them, whichever file a line came in."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Collection, Iterable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.imports.record_fields import INVOICE_LINE_FIELDS
from shared.domain.imports.spelling import Spellings
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.kinds.sales_lines import STORED_LINES
from shared.imports.kinds.sales_preparation import PreparedSales, SalesRecords, prepare
from shared.imports.readers.formats import SourceFormat, open_file
from shared.imports.record_stream import stream_of

HEADER = ("invoice_no", "item_id", "location_id", "date_local", "units_sold", "price", "customer_id")
TODAY = dt.date(2011, 10, 13)
Line = tuple[str, ...]
Day = tuple[str, str, dt.date]


class Shop:
    """Lines and days as the two tables keep them: an import upserts both by their keys, or replaces a window."""

    def __init__(self) -> None:
        self.lines: dict[tuple[object, ...], dict[str, object]] = {}
        self.days: dict[Day, tuple[Decimal, Decimal | None]] = {}

    def take(self, *rows: Line, replaces: bool = False) -> PreparedSales:
        """What an import of a file of these lines does."""
        with TemporaryDirectory() as name:
            folder = Path(name)
            with (folder / "upload.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([HEADER, *rows])
            stream = stream_of(
                open_file(folder / "upload.csv", SourceFormat.CSV), NO_MAPPING, INVOICE_LINE_FIELDS, "UTC"
            )
            places = Spellings(["LONDON", "DUBLIN"])
            sales = SalesRecords(stream, True, TODAY, Spellings(["A", "B"]), places, self._history, replaces)
            prepared = prepare(sales, folder, lambda step, done: None)
            assert prepared.lines is not None
            for line in prepared.lines.scan().collect().to_dicts():
                assert prepared.lines_window is not None
                assert prepared.lines_window.first <= line["date_local"].date() <= prepared.lines_window.last
                self.lines[tuple(line[name] for name in ("item_id", "location_id", "invoice_no", "line_no"))] = line
            demand = prepared.demand.scan().collect().to_dicts()
        if prepared.window is None:
            return prepared
        if replaces:
            first, last = prepared.window.first, prepared.window.last
            self.days = {key: sold for key, sold in self.days.items() if not first <= key[2] <= last}
        for day in demand:
            assert prepared.first_day is not None
            assert prepared.first_day <= day["date_local"]
            self.days[day["item_id"], day["location_id"], day["date_local"]] = (day["units_sold"], day["revenue"])
        return prepared

    def units(self) -> dict[str, Decimal]:
        return {f"{item} {place} {day:%d}": units for (item, place, day), (units, _) in sorted(self.days.items())}

    def _history(self, items: Collection[str] | None, first: dt.date) -> Iterable[pl.DataFrame]:
        lines = [line for line in self.lines.values() if line["units_sold"]]
        frame = pl.DataFrame(lines, schema=dict(STORED_LINES))
        yield frame if items is None else frame.filter(pl.col("item_id").is_in(list(items)))


def line(invoice: str, when: str, units: int, customer: str = "7", item: str = "A") -> Line:
    return (invoice, item, "LONDON", f"2011-10-{when}", str(units), "2.5", customer)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_day_in_two_files_is_added_up(shop: Shop) -> None:
    shop.take(line("9001", "10T09:00", 3))
    shop.take(line("9002", "10T16:00", 4, customer="8"))
    assert shop.units() == {"A LONDON 10": 7}


def test_the_same_file_again_changes_nothing(shop: Shop) -> None:
    rows = (line("1", "10T09:00", 3), line("1", "10T09:00", 3), line("2", "11T09:00", 5), line("3", "12T09:00", -4))
    shop.take(*rows)
    lines, days = dict(shop.lines), dict(shop.days)
    assert days == {
        ("A", "LONDON", dt.date(2011, 10, 10)): (Decimal(6), Decimal(15)),
        ("A", "LONDON", dt.date(2011, 10, 11)): (Decimal(1), Decimal("2.5")),
    }
    shop.take(*rows)
    assert (shop.lines, shop.days) == (lines, days)


def test_a_return_finds_its_purchase_in_an_earlier_file(shop: Shop) -> None:
    shop.take(line("1", "03T09:00", 5))
    returned = shop.take(line("C2", "10T09:00", -2))
    assert shop.units() == {"A LONDON 03": 3}
    assert returned.returned_units == 2
    assert returned.intake.counts.rejected == 0
    assert returned.window is not None
    assert (returned.window.first.day, returned.first_day) == (10, dt.date(2011, 10, 3))


def test_a_return_of_nothing_is_rejected_and_not_kept(shop: Shop) -> None:
    shop.take(line("1", "03T09:00", 5))
    result = shop.take(line("C2", "10T09:00", -2, customer="8"))
    assert dict(result.intake.rejected_by_check) == {"unmatched_return": 1}
    assert shop.units() == {"A LONDON 03": 5}
    assert len(shop.lines) == 1


def test_an_invoice_that_is_corrected_takes_the_place_of_its_lines(shop: Shop) -> None:
    shop.take(line("1", "03T09:00", 5), line("1", "03T09:00", 2), line("2", "03T10:00", 1))
    shop.take(line("1", "04T09:00", 4))  # a line less, another day
    assert shop.units() == {"A LONDON 03": 1, "A LONDON 04": 4}
    shop.take(line("2", "05T10:00", 1))
    assert shop.units() == {"A LONDON 03": 0, "A LONDON 04": 4, "A LONDON 05": 1}


def test_a_replacement_is_all_there_is_of_its_days(shop: Shop) -> None:
    shop.take(line("1", "03T09:00", 5), line("2", "05T09:00", 2), line("3", "06T09:00", 1, item="B"))
    shop.take(line("4", "08T09:00", -1))
    assert shop.units() == {"A LONDON 03": 5, "A LONDON 05": 1, "B LONDON 06": 1}
    shop.take(line("9", "05T12:00", 7), line("9", "08T12:00", -1), replaces=True)
    assert shop.units() == {"A LONDON 03": 5, "A LONDON 05": 6}


moments = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.sampled_from(["7", "8", ""]),
        st.integers(-5, 9).filter(bool),
        st.sampled_from(["LONDON", "DUBLIN"]),
        st.booleans(),  # whether a file ends here
        st.booleans(),  # whether that file comes once more at the end
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=20)  # each is some twenty imports
@given(moments)
def test_files_in_their_order_give_what_one_file_gives(
    drawn: list[tuple[str, str, int, str, bool, bool]],
) -> None:
    files: list[list[Line]] = [[]]
    again: list[int] = []
    for number, (item, customer, units, place, ends, repeated) in enumerate(drawn):
        time = dt.datetime(2011, 10, 1) + dt.timedelta(hours=5 * number)
        files[-1].append((str(number), item, place, time.isoformat(), str(units), "1.5", customer))
        if ends:
            again += [len(files) - 1] if repeated else []
            files.append([])
    whole, parts = Shop(), Shop()
    whole.take(*(row for file in files for row in file))
    for rows in [*files, *(files[number] for number in again)]:
        if rows:
            parts.take(*rows)
    assert {key: sold for key, sold in parts.days.items() if sold[0]} == {
        key: sold for key, sold in whole.days.items() if sold[0]
    }
    assert {key: line["units_sold"] for key, line in parts.lines.items()} == {
        key: line["units_sold"] for key, line in whole.lines.items()
    }
