"""What is computed once per state of a catalog, and forgotten with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from shared.catalog.live import Catalog

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
