"""What is computed once per state of a catalog."""

from __future__ import annotations

import gc
import weakref
from typing import cast

from shared.catalog.live import Catalog, Snapshot
from shared.catalog.per_catalog import PerCatalog
from shared.domain.settings import Settings


def catalog() -> Catalog:
    """A catalog that nobody looks into."""
    return Catalog(cast(Snapshot, object()), Settings())


class Counted:
    """Notes for which keys it was asked to compute."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, _: Catalog, key: str) -> str:
        self.keys.append(key)
        return key.upper()


def test_each_key_is_computed_once_for_each_catalog() -> None:
    counted = Counted()
    results = PerCatalog[str, str](counted)
    one, other = catalog(), catalog()
    assert [results.of(one, "a"), results.of(one, "a"), results.of(one, "b"), results.of(other, "a")] == list("AABA")
    assert counted.keys == ["a", "b", "a"]


def test_no_more_are_kept_than_allowed() -> None:
    counted = Counted()
    results = PerCatalog[str, str](counted, kept=2)
    one = catalog()
    for key in "abca":
        results.of(one, key)
    assert counted.keys == ["a", "b", "c", "a"]


def test_results_go_with_their_catalog() -> None:
    held = catalog()
    results = PerCatalog[str, list[str]](lambda _, key: [key])
    results.of(held, "a")
    gone = weakref.ref(held)
    del held
    gc.collect()
    assert gone() is None
