"""What is computed once per state of a catalog."""

from __future__ import annotations

import datetime as dt
import gc
import weakref
from dataclasses import replace
from typing import cast

from shared.catalog.live import Catalog, Snapshot
from shared.catalog.per_catalog import PerCatalog, PerSideTable
from shared.catalog.store import CatalogStore, Edit, Pointer
from shared.domain.settings import Settings
from shared.firestore.tenant import Tenant


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


def edited(held: Catalog, edit_id: str, *tables: str) -> Catalog:
    """The catalog after an edit of records of these side tables."""
    at = dt.datetime(2024, 6, 3, tzinfo=dt.UTC)
    edit = Edit(edit_id, at, at, (), b"", dict.fromkeys(tables, b""), "")
    return replace(held, edits=(*held.edits, edit))


def test_the_result_of_a_side_table_outlives_edits_of_others() -> None:
    computed: list[object] = []
    tenant = cast(Tenant, object())
    results = PerSideTable[int]("campaigns", lambda given: computed.append(given) or len(computed))  # type: ignore[func-returns-value]
    start = Catalog(Snapshot(cast(CatalogStore, object()), cast(Pointer, object())), Settings())
    assert [results.of(start, tenant), results.of(start, tenant)] == [1, 1]
    other = edited(edited(start, "1"), "2", "suppliers")
    assert results.of(other, tenant) == 1
    changed = edited(other, "3", "suppliers", "campaigns")
    assert [results.of(changed, tenant), results.of(edited(changed, "4", "dismissals"), tenant)] == [2, 2]
    assert results.of(other, tenant) == 3  # a request that began before
    assert results.of(changed, tenant) == 4
    published = replace(changed, snapshot=replace(changed.snapshot), edits=())
    assert [results.of(published, tenant), results.of(published, tenant)] == [5, 5]
    assert computed == [tenant] * 5
