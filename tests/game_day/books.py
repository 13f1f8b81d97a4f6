"""The books of a day: what callers were told, what the API says and what the stores hold, compared line by line.

Pure: everything is given. A page of the books names what was compared, how much of it there was, and what differs.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

Place = tuple[str, str]  # an item and a location
Units = Mapping[Place, Decimal]


@dataclass(frozen=True)
class Page:
    """One thing that was checked. The books balance where no page has a difference."""

    what: str
    compared: int
    differences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Movement:
    """Stock that came to a place, or left it (negative): by a receipt, a transfer or a correction, of this id."""

    id: str
    item_id: str
    location_id: str
    units: Decimal


@dataclass(frozen=True)
class Order:
    """An order as its buyer or the API knows it; `open` is what is still to come, by item."""

    id: str
    po_number: str
    ordered: Mapping[str, Decimal]
    open: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Import:
    """An import: what its file held, or what its operation says of it."""

    id: str
    read: int
    accepted: int
    rejected: int
    status: str = "succeeded"


def no_update_lost(what: str, acknowledged: Mapping[str, K], recorded: Iterable[tuple[str, K]]) -> Page:
    """Each thing that a caller was told of is recorded as he was told, once; and nothing else is.

    Both by id. A caller who gets no answer asks again until there is one, so nothing is unknown in the end.
    """
    records = list(recorded)
    times = Counter(id_ for id_, _ in records)
    contents = dict(records)
    differences = [f"{id_} is recorded {times[id_]} times" for id_ in sorted(times) if times[id_] > 1]
    differences += [f"{id_} was acknowledged and is not recorded" for id_ in sorted(acknowledged.keys() - times.keys())]
    differences += [f"{id_} is recorded and nobody was told" for id_ in sorted(times.keys() - acknowledged.keys())]
    differences += [
        f"{id_}: acknowledged {acknowledged[id_]}, recorded {contents[id_]}"
        for id_ in sorted(acknowledged.keys() & contents.keys())
        if acknowledged[id_] != contents[id_]
    ]
    return Page(what, len(acknowledged.keys() | contents.keys()), tuple(differences))


def equal(what: str, left_name: str, left: Mapping[K, Decimal], right_name: str, right: Mapping[K, Decimal]) -> Page:
    """Two accounts of the same quantities; what one does not name is zero."""
    keys = sorted({*left, *right}, key=repr)
    nothing = Decimal(0)
    differences = (
        f"{key}: {left_name} {left.get(key, nothing)}, {right_name} {right.get(key, nothing)}"
        for key in keys
        if left.get(key, nothing) != right.get(key, nothing)
    )
    return Page(what, len(keys), tuple(differences))


def stock_is_its_movements(opening: Units, movements: Iterable[Movement], stock: Units) -> Page:
    """Opening stock and all movements give the stock."""
    expected = dict(opening)
    for movement in movements:
        place = movement.item_id, movement.location_id
        expected[place] = expected.get(place, Decimal(0)) + movement.units
    return equal("stock = opening + its movements", "expected", expected, "in stock", stock)


def on_order_is_open_lines(orders: Iterable[Order], on_order: Mapping[str, Decimal]) -> Page:
    """What the list of products has on order is what the orders still lack."""
    lacking: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        for item_id, units in order.open.items():
            lacking[item_id] += units
    return equal("on order = open lines of orders", "orders", lacking, "list", on_order)


def numbers_have_no_gap(orders: Iterable[Order]) -> Page:
    """Order numbers are 1, 2, 3 ... of their year, each once."""
    numbers: dict[str, list[int]] = {}
    for order in orders:
        year, _, number = order.po_number.rpartition("-")
        numbers.setdefault(year, []).append(int(number))
    differences = []
    for year, taken in sorted(numbers.items()):
        times = Counter(taken)
        differences += [f"{year}-{number:06d} is missing" for number in range(1, max(taken) + 1) if not times[number]]
        differences += [f"{year}-{number:06d} is taken {times[number]} times" for number in times if times[number] > 1]
    return Page("order numbers without a gap", sum(map(len, numbers.values())), tuple(differences))


def imports_balance(files: Iterable[Import], operations: Mapping[str, Import]) -> Page:
    """Of each file that was taken, rows read = accepted + rejected, and each as many as the file has."""
    differences, count = [], 0
    for file in files:
        count += 1
        told = operations.get(file.id)
        if told is None:
            differences.append(f"{file.id}: no operation")
            continue
        if told.read != told.accepted + told.rejected:
            differences.append(f"{file.id}: {told.read} read, {told.accepted} accepted, {told.rejected} rejected")
        if told != file:
            differences.append(f"{file.id}: the file has {file}, its operation says {told}")
    return Page("imports: read = accepted + rejected", count, tuple(differences))


def all_ended(operations: Mapping[str, tuple[str, str]], may_fail: Sequence[str]) -> Page:
    """Every operation (id -> kind, status) has ended; those of the kinds in `may_fail` with or without success."""
    differences = tuple(
        f"{kind} {id_} is {status}"
        for id_, (kind, status) in sorted(operations.items())
        if status != "succeeded" and not (status in ("failed", "cancelled") and kind in may_fail)
    )
    return Page("operations have ended", len(operations), differences)


def none_left(what: str, left: Iterable[str]) -> Page:
    """Nothing of this is there."""
    found = tuple(left)
    return Page(what, len(found), found)


def sales_are_those_of_the_files(imported: Mapping[dt.date, Decimal], stored: Mapping[dt.date, Decimal]) -> Page:
    """BigQuery has, day by day, the units of the files that were taken."""
    return equal("sales in BigQuery = accepted rows", "files", imported, "BigQuery", stored)
