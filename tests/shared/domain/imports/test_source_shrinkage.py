"""A source that lost most of its records replaces nothing."""

from __future__ import annotations

import pytest

from shared.domain.errors import Invalid
from shared.domain.imports.source_shrinkage import refuse_shrunken


@pytest.mark.parametrize(("now", "before"), [(1, 0), (5, 10), (6, 10), (100, 10)])
def test_half_or_more_is_taken(now: int, before: int) -> None:
    refuse_shrunken(now, before, "stock levels")


@pytest.mark.parametrize(
    ("now", "before", "code"), [(0, 0, "source_empty"), (0, 10, "source_empty"), (4, 9, "source_shrunken")]
)
def test_less_than_half_is_refused(now: int, before: int, code: str) -> None:
    with pytest.raises(Invalid, match="nothing was replaced") as refused:
        refuse_shrunken(now, before, "stock levels")
    assert refused.value.code == code
