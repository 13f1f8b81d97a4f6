"""Which changes of a week are suspicious, and what a report says of what was found."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.validation import (
    RULES,
    Found,
    Report,
    SalesHistory,
    Severity,
    Week,
    findings_of,
    history_findings,
    is_out_of_proportion,
)

YESTERDAY = dt.date(2024, 6, 2)
USUAL = Week(units=1000, sales=400, items=100)


def history(
    last: Week, last_sale: dt.date | None = YESTERDAY, weeks: int = 8, *, has_stock: bool = True
) -> SalesHistory:
    earlier = [Week(units=1000 + 20 * number, sales=400 + 9 * number, items=100 + number) for number in range(weeks)]
    return SalesHistory([last, *earlier, *[Week()] * (8 - weeks)], last_sale, has_stock)


@pytest.mark.parametrize(
    ("last", "codes"),
    [
        (USUAL, set()),
        (Week(units=1400, sales=560, items=110), set()),
        (Week(units=12000, sales=400, items=100), {"volume_change", "mean_change"}),
        (Week(units=400, sales=160, items=100), {"volume_change"}),
        (Week(units=1000, sales=400, items=40), {"assortment_change"}),
        (Week(), {"volume_change", "mean_change", "assortment_change"}),
    ],
)
def test_a_week_is_compared_with_the_eight_before(last: Week, codes: set[str]) -> None:
    assert set(history_findings(history(last), YESTERDAY)) == codes


def test_nothing_is_usual_yet_with_three_weeks() -> None:
    assert history_findings(history(Week(units=9e9, sales=1, items=1), weeks=3), YESTERDAY) == {}


@pytest.mark.parametrize(("days", "told"), [(0, 0), (1, 0), (2, 2), (40, 40)])
def test_silence_of_two_days_is_told(days: int, told: int) -> None:
    found = history_findings(history(USUAL, YESTERDAY - dt.timedelta(days)), YESTERDAY)
    assert found.get("no_recent_sales", Found(0)).count == told


def test_no_sales_at_all_say_nothing_else() -> None:
    assert history_findings(history(Week(), None, weeks=0, has_stock=False), YESTERDAY) == {"no_sales": Found(1)}


figures = st.lists(st.floats(0.01, 1e9), min_size=8, max_size=8)


@given(figures, st.floats(0.01, 1e9), st.floats(0.01, 100))
def test_proportion_does_not_depend_on_the_unit(before: list[float], now: float, factor: float) -> None:
    scaled = [figure * factor for figure in before]
    nearly = is_out_of_proportion(now * 0.999, before) != is_out_of_proportion(now * 1.001, before)
    assert nearly or is_out_of_proportion(now, before) == is_out_of_proportion(now * factor, scaled)


@given(figures, st.floats(0.7, 1.4))
def test_what_is_within_half_of_the_median_never_is(before: list[float], factor: float) -> None:
    ordered = sorted(before)
    assert not is_out_of_proportion((ordered[3] * ordered[4]) ** 0.5 * factor, before)


def test_a_report_names_the_gravest_first_beside_the_count_before() -> None:
    found = {"no_category": Found(9, ("a",)), "no_cost": Found(2), "future_records": Found(1), "gaps": Found(0)}
    first = findings_of(found, None, usual_items=10)
    assert [(each.rule.code, each.count, each.previous_count) for each in first] == [
        ("future_records", 1, None),
        ("no_cost", 2, None),
        ("no_category", 9, None),
    ]
    report = Report("run", YESTERDAY, dt.datetime(2024, 6, 3, tzinfo=dt.UTC), first)
    second = findings_of({"no_cost": Found(5), "gaps": Found(1)}, report, usual_items=10)
    assert [(each.rule.code, each.previous_count) for each in second] == [("gaps", 0), ("no_cost", 2)]
    assert [report.count(severity) for severity in Severity] == [1, 1, 1]


@pytest.mark.parametrize(("count", "usual", "suspicious"), [(4, 10, False), (5, 10, True), (9, 100, False)])
def test_a_few_vanished_items_are_nothing_unusual(count: int, usual: int, suspicious: bool) -> None:
    (finding,) = findings_of({"vanished_items": Found(count)}, None, usual)
    assert finding.suspicious is suspicious


def test_every_rule_has_a_code_of_its_own_and_a_sentence() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert all(rule.meaning.endswith((".", "?")) for rule in RULES)
