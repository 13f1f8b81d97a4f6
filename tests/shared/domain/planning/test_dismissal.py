"""Until when a recommendation may be dismissed."""

from __future__ import annotations

import datetime as dt

import pytest

from shared.domain.errors import Invalid
from shared.domain.planning.dismissal import check_until

TODAY = dt.date(2024, 6, 3)


@pytest.mark.parametrize("days", [None, 0, 1, 4000])
def test_from_today_on_or_for_good(days: int | None) -> None:
    check_until(None if days is None else TODAY + dt.timedelta(days), TODAY)


def test_not_until_yesterday() -> None:
    with pytest.raises(Invalid) as refused:
        check_until(TODAY - dt.timedelta(1), TODAY)
    assert (refused.value.code, refused.value.errors[0].pointer) == ("until_in_the_past", "/until")
    assert "2024-06-02" in refused.value.detail
    assert "2024-06-03" in refused.value.detail
