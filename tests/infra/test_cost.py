from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cost import DETAIL, MEASURED, Billed, Use, of_a_client, table

MEASUREMENTS = (Path(__file__).parents[2] / "docs" / "measurements.md").read_text()


@pytest.mark.parametrize("billed", MEASURED, ids=lambda billed: billed.row)
def test_counts_are_those_that_were_measured(billed: Billed) -> None:
    (row,) = re.findall(rf"^\| {re.escape(billed.row)}, 10,000 \| ([\d,]+) \| ([\d,]+) \|", MEASUREMENTS, re.MULTILINE)
    assert tuple(int(count.replace(",", "")) for count in row) == (billed.reads, billed.writes)


def total(use: Use) -> float:
    return sum(line.dollars for line in of_a_client(use))


@given(st.builds(Use, items=st.integers(1, 1_000_000), buyers=st.integers(0, 100), engine=st.just("chronos2")))
def test_more_of_anything_costs_more(use: Use) -> None:
    assert total(replace(use, items=use.items + 1_000)) > total(use)
    assert total(replace(use, buyers=use.buyers + 1)) > total(use)


def test_a_formula_is_what_it_says() -> None:
    looking = replace(Use(), buyers=1, lists=0, details=100, edits=0, cart_lines=0, orders=0, receipts=0)
    (people,) = (line.dollars for line in of_a_client(looking) if line.name == "Firestore: people")
    suggestions = 5 * 2
    assert people == pytest.approx(22 * (100 * DETAIL.reads + suggestions) * 0.06 / 100_000)


def test_the_guide_shows_the_calculation() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    assert table(Use()) in guide, "docs/operations.md: paste what python -m infra.cost prints"
