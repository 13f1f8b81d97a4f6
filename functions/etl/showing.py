"""What lists need to show what was stored: no refresh, a usual one, or one that reads the documents again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

from shared.domain.operation import Operation
from shared.imports.import_options import ImportKind
from shared.imports.run_kinds import run_kind

_CHANGES = ("inserted", "updated", "deleted", "emptied")


class RefreshNeed(IntEnum):
    """The greater one does what the smaller one does too."""

    NONE = 0
    USUAL = 1
    REBUILD = 2


def refresh_need(kind: ImportKind, result: Mapping[str, Any] | None) -> RefreshNeed:
    """What lists need after a run of this kind that has stored what its result says."""
    declared = run_kind(kind)
    if not declared.refreshes_catalog or not any((result or {}).get(name) for name in _CHANGES):
        return RefreshNeed.NONE
    return RefreshNeed.REBUILD if declared.rebuilds_catalog else RefreshNeed.USUAL


def joint_need(syncs: Iterable[Operation]) -> RefreshNeed:
    """What lists need after all of these syncs."""
    needs = (refresh_need(ImportKind(sync.parameters["kind"]), sync.result) for sync in syncs)
    return max(needs, default=RefreshNeed.NONE)
