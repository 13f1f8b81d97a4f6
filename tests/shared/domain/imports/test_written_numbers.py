"""Numbers as people write them: read as they were meant, or asked about, never as another number."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.given_notation import DecimalMark
from shared.domain.imports.written_numbers import (
    Measure,
    NumberEvidence,
    NumberNotation,
    decimals,
    file_mark,
)

GROUPS: dict[DecimalMark, str] = {".": ", '\u00a0\u202f\u2019", ",": ". '\u00a0\u202f\u2019"}


def evidence(*texts: str, measure: Measure = Measure.NUMBER) -> NumberEvidence:
    column = NumberEvidence(measure)
    column.add(pl.Series(texts))
    return column


def read(text: str, mark: DecimalMark = ".", measure: Measure = Measure.NUMBER, scale: int = 3) -> Decimal | None:
    notation = evidence(text, measure=measure).notation(mark)
    value: Decimal | None = decimals(pl.Series([text]), notation, scale)[0]
    return value


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.234,50", ",", "1234.5"),
        ("1,234.50", ".", "1234.5"),
        ("1 234,50", ",", "1234.5"),
        ("1\u00a0234\u00a0567,5", ",", "1234567.5"),
        ("1\u202f234.5", ".", "1234.5"),
        ("1'234.50", ".", "1234.5"),
        ("1\u2019234,50", ",", "1234.5"),
        ("\u221212,5", ",", "-12.5"),
        ("12.50-", ".", "-12.5"),
        ("(12.50)", ".", "-12.5"),
        ("+3", ".", "3"),
        ("007", ",", "7"),
        ("0,895", ",", "0.895"),
        (".5", ".", "0.5"),
        ("1e3", ".", "1000"),
        ("1,5E+05", ",", "150000"),
        ("1.0005", ".", "1.000"),  # half-even
    ],
)
def test_numbers_are_read_in_the_notation_of_their_column(text: str, mark: DecimalMark, value: str) -> None:
    assert read(text, mark) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        *(("1,5", "."), ("1.5", ","), ("12,34,567", "."), ("1.234.56", ","), ("0,123", "."), ("1 23", ".")),
        *(("12%", "."), ("5k", "."), ("12 - 15", "."), ("-12-", "."), ("(-12)", "."), ("٣", "."), ("1,234 5", ".")),
        *(
            ("nan", "."),
            ("inf", ","),
            ("abc", "."),
            ("", "."),
            ("-", "."),
            ("£", "."),
            ("3 weeks", "."),
            ("1.2.3", ","),
        ),
    ],
)
def test_what_is_no_number_in_this_notation(text: str, mark: DecimalMark) -> None:
    for measure in Measure:
        assert read(text, mark, measure) is None


@pytest.mark.parametrize(
    ("texts", "measure", "values"),
    [
        (["£ 1.20", "2.50"], Measure.MONEY, ["1.2", "2.5"]),
        (["1.20 GBP", "-£2.50", "(£3.00)", "£.50"], Measure.MONEY, [None] * 4),  # a code and a sign may differ
        (["1.20 £", "1.20 €"], Measure.MONEY, [None, None]),
        (["CHF 1'234.50", "chf 5"], Measure.MONEY, ["1234.5", "5"]),
        (["Rs.5", "Rs. 7.50"], Measure.MONEY, ["5", "7.5"]),
        (["3 days", "1 Tag", "14"], Measure.DAYS, ["3", "1", "14"]),
        (["500 pcs", "20 PCS."], Measure.UNITS, ["500", "20"]),
        (["500 pcs", "20"], Measure.UNITS, [None, "20"]),
        (["500 pcs", "20 boxes"], Measure.UNITS, [None, None]),
        (["500 boxes"], Measure.UNITS, [None]),
        (["3 days"], Measure.UNITS, [None]),
    ],
)
def test_units_are_those_of_the_field_and_the_same_in_the_whole_column(
    texts: list[str], measure: Measure, values: list[str | None]
) -> None:
    notation = evidence(*texts, measure=measure).notation(".")
    expected = [None if value is None else Decimal(value) for value in values]
    assert decimals(pl.Series(texts), notation, 3).to_list() == expected


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1.20", "1.234"], "."),
        (["1,20", "1.234"], ","),
        (["1.234.567", "5"], ","),
        (["1,234.5"], "."),
        (["0.895"], "."),
        (["1.234", "5"], None),
        (["10,000", "-3,000"], None),
        (["1.20", "1,20"], None),
        ([*(f"{number}.25" for number in range(40)), "1,20"], "."),
        ([*(f"{number}.250" for number in range(100, 140)), "1.5"], None),  # one of forty may be a slip
        (["5", "7"], None),
    ],
)
def test_a_column_tells_its_decimal_mark_or_does_not(texts: list[str], mark: DecimalMark | None) -> None:
    assert evidence(*texts).mark == mark


def test_columns_of_a_file_tell_for_each_other_unless_they_differ() -> None:
    silent, point, comma = evidence("1.234"), evidence("1.5"), evidence("1,5")
    assert file_mark([silent, point]) == "."
    assert file_mark([comma, silent]) == ","
    assert file_mark([point, comma]) is None
    assert file_mark([silent]) is None


def test_what_programs_write_is_read_without_a_look_at_each_number() -> None:
    assert evidence("1.25", "3", "-4.5", "1e3").notation(".") == NumberNotation(".", frozenset(), is_plain=True)
    assert not evidence("1.25", "£3").notation(".").is_plain


@st.composite
def written(draw: st.DrawFn) -> tuple[str, DecimalMark, Decimal]:
    """A number in any form that is read, its decimal mark and its value."""
    mark: DecimalMark = draw(st.sampled_from([".", ","]))
    value = draw(st.decimals(0, 10**9, places=draw(st.integers(0, 3)), allow_nan=False))
    whole, _, part = f"{value:f}".partition(".")
    if draw(st.booleans()):
        whole = f"{int(whole):,}".replace(",", draw(st.sampled_from(GROUPS[mark])))
    text = whole + (mark + part if part else "")
    form = draw(st.sampled_from(["{}", "-{}", "{}-", "({})", "\u2212{}", "£ {}", "{} €", "EUR {}", "-{} $", " {} "]))
    is_negative = any(sign in form for sign in "-(\u2212")
    return form.format(text), mark, -value if is_negative else value


@given(written(), st.lists(written(), max_size=5))
def test_a_number_is_read_as_it_was_written_or_asked_about(
    number: tuple[str, DecimalMark, Decimal], others: list[tuple[str, DecimalMark, Decimal]]
) -> None:
    text, mark, value = number
    texts = pl.Series([text, *(other for other, its_mark, _ in others if its_mark == mark)]).str.strip_chars()
    column = NumberEvidence(Measure.MONEY)
    column.add(texts)
    assert column.mark in (mark, None)  # never the other one
    if column.mark is None and not column.either:  # no mark matters
        assert decimals(texts, column.notation("."), 3)[0] in (value, None)
    assert decimals(texts, column.notation(mark), 3)[0] in (value, None)
    if len(column.units) < 2:
        assert decimals(texts, column.notation(mark), 3)[0] == value
