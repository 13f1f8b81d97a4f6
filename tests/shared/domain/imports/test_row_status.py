"""What became of a row."""

from __future__ import annotations

from shared.domain.imports.row_status import RowStatus, status_of


def test_a_row_creates_changes_or_leaves_what_is_stored() -> None:
    assert status_of(None, "new") is RowStatus.CREATED
    assert status_of("old", "new") is RowStatus.UPDATED
    assert status_of("same", "same") is RowStatus.UNCHANGED
