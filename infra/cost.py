"""`python -m infra.cost --clients 10 --items 10000`: what a month costs, line by line, with the formula of each.

List prices of Google Cloud as known on PRICES_OF, without a look at the price list: compare them with the calculator
before a contract. Counts of Firestore operations are those of docs/measurements.md, which a test compares; seconds and
bytes of a forecast are those of docs/experiments/forecast-speed-and-cost.md; 0.1 s a request and 6 kB an item are
assumed. Not counted: traffic to the internet, logs beyond the free 50 GiB, support, taxes, discounts and free tiers.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple

from shared.domain.forecast_batch import ITEMS_OF_ONE_SHARD

PRICES_OF = "2026-11-28"
DAYS, WORKDAYS = 30, 22
_GIB, _TIB = 2**30, 2**40

# Dollars.
READ, WRITE, DELETE = 0.06 / 100_000, 0.18 / 100_000, 0.02 / 100_000  # a Firestore document
FIRESTORE_GIB = 0.18 + 0.18 + 14 * 0.03  # a month: the data, a week of recovery, 14 daily backups
QUERIED_TIB, STORED_GIB = 6.25, 0.02  # BigQuery
REQUEST_VCPU_S, REQUEST_GIB_S, REQUEST = 0.000024, 0.0000025, 0.40 / 1_000_000  # Cloud Run, while it answers
JOB_VCPU_S, JOB_GIB_S, L4_S = 0.000018, 0.000002, 0.0001867  # Cloud Run jobs
STREAMS = 200  # of events, that an instance holds; as long as one is open it is billed
IDLE_VCPU_S, IDLE_GIB_S = 0.0000025, 0.0000025  # an instance that is kept warm
BALANCER, POLICY, RULE = 18.25, 5.0, 1.0  # a month
SCHEDULE = 0.10
SCANNED_IMAGE, BUILD_MINUTE = 0.26, 0.016  # with 8 cores


class Billed(NamedTuple):
    """Firestore operations of one action, as docs/measurements.md has them in the row of this name."""

    row: str
    reads: int
    writes: int = 0

    @property
    def dollars(self) -> float:
        return self.reads * READ + self.writes * WRITE


LIST = Billed("list, nothing changed", 1)
DASHBOARD = Billed("dashboard, nothing changed", 1)
DETAIL = Billed("item detail", 7)
EDIT = Billed("edit of an item", 4, 4)
SUGGESTIONS = Billed("suggestions", 2)
CART = Billed("cart add", 2, 1)
ORDERS = Billed("from-cart, 3 suppliers, 30 lines", 70, 43)
RECEIPT = Billed("receipt of a line", 8, 10)
REFRESH = Billed("refresh, nothing changed", 20, 10)
REBUILD = Billed("refresh, first, from documents", 30_021, 48)  # of 10,000 items
MEASURED = (LIST, DASHBOARD, DETAIL, EDIT, SUGGESTIONS, CART, ORDERS, RECEIPT, REFRESH, REBUILD)


@dataclass(frozen=True)
class Use:
    """How much there is of everything; all but the first is for one client."""

    clients: int = 1
    items: int = 10_000
    locations: int = 2
    buyers: int = 3
    lists: int = 100  # a buyer and workday, dashboards with them
    details: int = 50
    edits: int = 20
    cart_lines: int = 30
    orders: int = 1  # from-cart of 3 orders with 30 lines
    receipts: int = 10  # lines
    sales_share: float = 0.33  # of items and locations that sell on a day
    retention_days: int = 400  # so long BigQuery keeps what a night adds
    releases: int = 8  # a month, the weekly rebuild with them
    warm_functions: int = 0
    open_hours: int = 10  # of a workday, in which somebody has a screen open
    engine: Literal["statistical", "chronos2"] = "statistical"

    @property
    def series(self) -> int:
        """Items, and items at locations."""
        return self.items * (1 + self.locations)


class Line(NamedTuple):
    name: str
    dollars: float  # a month
    formula: str


def of_the_installation(use: Use) -> Iterator[Line]:
    """What there is once, however many clients."""
    yield Line("load balancer and its rules", BALANCER + POLICY + 10 * RULE, "18.25 + 5 a policy + 10 rules of 1")
    calls = 2 * 60 * 24 * DAYS
    second = REQUEST_VCPU_S + REQUEST_GIB_S * 0.5
    yield Line("schedules every minute", calls * (0.1 * second + REQUEST) + 5 * SCHEDULE, "86,400 calls of 0.1 s")
    instances = math.ceil(use.clients * use.buyers / STREAMS)
    watched = WORKDAYS * use.open_hours * 3_600 * (REQUEST_VCPU_S + REQUEST_GIB_S)
    yield Line(
        "screens that follow", instances * watched, "22 days x open hours of 1 vCPU and 1 GiB, for 200 streams each"
    )
    images = 20
    release = images * SCANNED_IMAGE + 75 * BUILD_MINUTE
    yield Line("builds", use.releases * release, f"releases x ({images} scans of 0.26 + 75 minutes of 0.016)")
    warm = DAYS * 86_400 * (IDLE_VCPU_S + IDLE_GIB_S)
    yield Line("functions kept warm", use.warm_functions * warm, "each a month of 1 vCPU and 1 GiB, idle")


def of_a_client(use: Use) -> Iterator[Line]:
    """What another client of this size adds."""
    actions = (
        (use.lists, LIST),
        (use.details, DETAIL),
        (use.edits, EDIT),
        (5, SUGGESTIONS),
        (use.cart_lines, CART),
        (use.orders, ORDERS),
        (use.receipts, RECEIPT),
    )
    people = sum(count * billed.dollars for count, billed in actions) * use.buyers * WORKDAYS
    yield Line(
        "Firestore: people", people, "buyers x 22 days x sum of (actions x (reads x 0.06 + writes x 0.18) / 100,000)"
    )
    nightly = REFRESH.dollars * DAYS + use.items / 10_000 * REBUILD.dollars
    yield Line("Firestore: refreshes", nightly, "30 refreshes, and one of all documents: 3 reads an item")
    stored = use.items * 6_000 / _GIB * FIRESTORE_GIB
    yield Line(
        "Firestore: storage", stored, "6 kB an item with its indexes x (0.18 + 0.18 recovery + 14 x 0.03 backups)"
    )

    requests = use.buyers * WORKDAYS * sum(count for count, _ in actions)
    served = requests * (0.1 * (REQUEST_VCPU_S + REQUEST_GIB_S) + REQUEST)
    yield Line("Cloud Run: requests", served, "requests x 0.1 s of 1 vCPU and 1 GiB, none shared")
    refreshes = DAYS * (20 + use.series / 10_000) * (2 * REQUEST_VCPU_S + 4 * REQUEST_GIB_S)
    yield Line(
        "Cloud Run: imports and refreshes", refreshes, "30 nights x (20 s + 1 s per 10,000 series) of 2 vCPU, 4 GiB"
    )

    tasks = max(1, math.ceil(use.items / ITEMS_OF_ONE_SHARD))
    if use.engine == "statistical":
        seconds, price = 120 * tasks + use.series * 0.002, 4 * JOB_VCPU_S + 16 * JOB_GIB_S
        formula = "30 nights x (120 s a task + 2 ms a series) of 4 vCPU, 16 GiB"
    else:
        seconds, price = 120 * tasks + use.series / 150, L4_S + 4 * JOB_VCPU_S + 16 * JOB_GIB_S
        formula = "30 nights x (120 s a task + 1 s per 150 series) of an L4, 4 vCPU, 16 GiB"
    yield Line("forecast: job", DAYS * seconds * price, formula)
    read = DAYS * tasks * use.series * 250_000
    yield Line("BigQuery: forecast reads", read / _TIB * QUERIED_TIB, "30 nights x tasks x series x 250 kB")
    sales = use.items * use.locations * use.sales_share
    merged = DAYS * sales * DAYS * 150
    yield Line(
        "BigQuery: imports read", merged / _TIB * QUERIED_TIB, "30 nights x the month's rows of 150 B, to merge a day"
    )
    kept = use.retention_days * (use.series * 14_000 + sales * 150)
    yield Line("BigQuery: storage", kept / _GIB * STORED_GIB, "days kept x (14 kB a series + 150 B a row sold)")


def table(use: Use) -> str:
    """The whole calculation as Markdown."""
    shared, own = list(of_the_installation(use)), list(of_a_client(use))
    total = sum(line.dollars for line in shared) + use.clients * sum(line.dollars for line in own)
    rows = [
        *(f"| installation | {line.name} | {line.dollars:,.2f} | {line.formula} |" for line in shared),
        *(f"| a client | {line.name} | {line.dollars:,.2f} | {line.formula} |" for line in own),
        f"| **a client** | | **{sum(line.dollars for line in own):,.2f}** | without its part of the installation |",
        f"| **all** | {use.clients} clients | **{total:,.2f}** | {total / use.clients:,.2f} a client |",
    ]
    return "\n".join(["| of | what | $ a month | formula |", "| --- | --- | ---: | --- |", *rows])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.cost", description=__doc__.partition("\n")[0])
    for field in fields(Use):
        option = f"--{field.name.replace('_', '-')}"
        if field.name == "engine":
            parser.add_argument(option, choices=("statistical", "chronos2"), default=field.default)
        else:
            parser.add_argument(
                option, type=type(field.default), default=field.default, help=f"default {field.default}"
            )
    print(f"list prices of {PRICES_OF}, dollars\n")
    print(table(Use(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
