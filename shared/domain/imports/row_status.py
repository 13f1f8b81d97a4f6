"""What became of a row that an import took or refused."""

from __future__ import annotations

from enum import StrEnum


class RowStatus(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


def status_of(before: object | None, after: object) -> RowStatus:
    """What became of a row that was taken: `before` is None where nothing was stored."""
    if before is None:
        return RowStatus.CREATED
    return RowStatus.UNCHANGED if before == after else RowStatus.UPDATED
