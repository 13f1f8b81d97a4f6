"""Positions of pages: opaque to clients, and nothing but what a page gave is one."""

from __future__ import annotations

import datetime as dt

import pytest

from shared.domain.errors import Invalid
from shared.firestore.page import Page, PageRequest, day, identifier, instant, page_of, position, values_at

AT = dt.datetime(2024, 6, 3, 9, 30, 0, 250_000, tzinfo=dt.UTC)


def test_a_position_gives_its_values_back() -> None:
    place = position(AT, dt.date(2024, 6, 3), "name with spaces", "an id\nof two lines")
    expected = [AT, "2024-06-03", "name with spaces", "an id\nof two lines"]
    assert values_at(place, instant, day, str, identifier) == expected


@pytest.mark.parametrize(
    "place",
    [
        "",
        "\n",
        "x",
        "2024-06-03T09:30:00\nid",
        "2024-06-03T09:30:00+00:00\n",
        "2024-06-03T09:30:00+00:00",
        "yesterday\nid",
    ],
)
def test_what_no_page_gave_is_refused(place: str) -> None:
    with pytest.raises(Invalid) as refused:
        values_at(place, instant, identifier)
    assert refused.value.errors[0].code == "invalid_page_token"


def test_a_page_that_is_not_full_is_the_last() -> None:
    assert page_of(["a", "b"], PageRequest(2), str.upper, lambda: 5) == Page(["a", "b"], "B", 5)
    assert page_of(["a"], PageRequest(2, 3), str.upper, _not_counted) == Page(["a"], None, 5)
    assert page_of([], PageRequest(2), str.upper, _not_counted) == Page([], None, 0)


def test_a_list_is_counted_where_its_last_page_does_not_tell_its_length() -> None:
    assert page_of([], PageRequest(2, 3), str.upper, lambda: 3) == Page([], None, 3)
    assert page_of(["a"], PageRequest(2, 3, "somewhere"), str.upper, lambda: 4) == Page(["a"], None, 4)


def _not_counted() -> int:
    raise AssertionError("the page tells the length of the list")
