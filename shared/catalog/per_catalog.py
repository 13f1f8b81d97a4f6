"""What is computed once per state of a catalog, or of a side table, and forgotten with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from shared.catalog.live import Catalog, Snapshot
from shared.firestore.tenant import Tenant

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class PerCatalog(Generic[K, V]):
    """The results of `compute(catalog, key)`, at most `kept` of them for each catalog.

    Two threads may compute the same one at the same time; both results are equal, and the later one stays.
    """

    def __init__(self, compute: Callable[[Catalog, K], V], kept: int | None = None) -> None:
        self._compute = compute
        self._kept = kept
        self._computed: WeakKeyDictionary[Catalog, dict[K, V]] = WeakKeyDictionary()

    def of(self, catalog: Catalog, key: K) -> V:
        """The result for this catalog and key, computed when it is first asked for."""
        results = self._computed.setdefault(catalog, {})
        result = results.get(key)
        if result is None:
            if self._kept is not None and len(results) >= self._kept:
                results.clear()
            result = results[key] = self._compute(catalog, key)
        return result


class PerSideTable(Generic[V]):
    """The result of `compute(tenant)` over documents each change of which edits a record of a side table as well.

    It is kept until a snapshot is published or a record edited, and over edits of anything else. An edit stays among
    those of the catalog until it is part of the next snapshot, and its document changes in the same transaction: the
    same snapshot with the same edits means the same documents.
    """

    def __init__(self, table: str, compute: Callable[[Tenant], V]) -> None:
        self._table = table
        self._compute = compute
        self._computed: WeakKeyDictionary[Snapshot, tuple[frozenset[str], V]] = WeakKeyDictionary()

    def of(self, catalog: Catalog, tenant: Tenant) -> V:
        """The result as of this catalog or later; `tenant` is the one that the catalog belongs to."""
        edits = catalog.edits_of(self._table)
        held = self._computed.get(catalog.snapshot)
        if held is None or held[0] != edits:
            held = self._computed[catalog.snapshot] = edits, self._compute(tenant)
        return held[1]
