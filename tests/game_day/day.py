"""A running day: everybody at work at once, and a ledger of what each was told has been done."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

import polars as pl

from tests.game_day.books import Import, Movement
from tests.game_day.caller import Caller, NoAnswer, Refused
from tests.game_day.shop import COUNTED, LOCATIONS, MOQ, PACK, TRADED, Shop, csv, ended, products, started_import

_HOME = LOCATIONS[0]
_MOST_LINES = 3
_BAD_ROWS = 3
_FIRST_SOLD = 400  # days ago: of files that are imported during the day, each has a day of its own
_LOOKS = (
    "/products",
    "/dashboard",
    "/order-planning/suggestions",
    "/recommendations",
    "/purchase-orders",
    "/operations",
)


@dataclass
class Ledger:
    """What callers were told has been done. `open` are the lines of confirmed orders that wait for goods."""

    orders: dict[str, tuple[tuple[str, Decimal], ...]] = field(default_factory=dict)
    received: defaultdict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    transfers: dict[str, tuple[str, str, str, Decimal]] = field(default_factory=dict)
    corrections: list[Movement] = field(default_factory=list)
    imports: dict[str, Import] = field(default_factory=dict)
    sold: defaultdict[dt.date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    operations: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    open: list[tuple[str, str, int]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def writing(self, what: str) -> Iterator[None]:
        with self._lock:
            self.done[what] += 1
            yield

    def take_open(self, chance: random.Random) -> tuple[str, str, int] | None:
        """A line to receive of, for this clerk alone."""
        with self._lock:
            return self.open.pop(chance.randrange(len(self.open))) if self.open else None


@dataclass
class Day:
    """Everybody works until `over`; each has chance of his own, so that a seed gives the same intentions."""

    shop: Shop
    ledger: Ledger
    seed: int
    over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> list[threading.Thread]:
        """Begin; returns the threads, which end by themselves after `over`."""
        jobs: dict[str, Callable[[random.Random], None]] = {
            **{f"buyer {number}": partial(self._buy, who) for number, who in enumerate(self.shop.buyers)},
            **{f"clerk {number}": partial(self._receive, who) for number, who in enumerate(self.shop.clerks)},
            "mover": self._move,
            "counter": self._count,
            "importer": self._import,
            "forecaster": partial(self._ask, ("/forecast", "/etl/run")),
            "checker": partial(self._ask, ("/inventory/metrics/refresh", "/etl/validation")),
            "reader": self._look,
        }
        threads = [threading.Thread(target=self._go_on, args=job, name=job[0], daemon=True) for job in jobs.items()]
        for thread in threads:
            thread.start()
        return threads

    def _go_on(self, name: str, act: Callable[[random.Random], None]) -> None:
        chance = random.Random(f"{self.seed} {name}")
        while not self.over.is_set():
            try:
                act(chance)
            except (NoAnswer, Refused, TimeoutError) as error:
                with self.ledger.writing("failures"):
                    self.ledger.wrong.append(f"{name}: {error}")
            time.sleep(chance.uniform(0.0, 0.4))

    def _buy(self, who: Caller, chance: random.Random) -> None:
        """Lines into the cart, the cart ordered, most orders confirmed."""
        wanted: Counter[str] = Counter()
        for item in chance.sample(TRADED, chance.randint(1, _MOST_LINES)):
            quantity = MOQ + PACK * chance.randint(0, 5)
            line = {"item_id": item, "supplier_id": self.shop.suppliers[item], "quantity": quantity}
            who.post("/order-planning/cart/add", line)
            wanted[item] += quantity
        placed = who.post("/purchase-orders/from-cart", {"location_id": _HOME})["orders"]
        ordered: Counter[str] = Counter()
        with self.ledger.writing("orders"):
            for order in placed:
                lines = {line["item_id"]: Decimal(str(line["quantity"])) for line in order["items"]}
                self.ledger.orders[order["id"]] = tuple(sorted(lines.items()))
                ordered.update({item: int(units) for item, units in lines.items()})
            if ordered != wanted:
                self.ledger.wrong.append(f"{who.email} put {dict(wanted)} into the cart and ordered {dict(ordered)}")
        for order in placed:
            if chance.random() < 0.85:
                self._confirm(who, order["id"])

    def _confirm(self, who: Caller, order_id: str) -> None:
        try:
            who.call("PUT", f"/purchase-orders/{order_id}/status", json={"status": "confirmed"})
        except Refused as refused:  # an attempt whose answer was lost has done it
            if refused.status != 409 or who.get(f"/purchase-orders/{order_id}")["status"] != "confirmed":
                raise
        with self.ledger.writing("confirmations"):
            self.ledger.open += [(order_id, item, int(units)) for item, units in self.ledger.orders[order_id]]

    def _receive(self, who: Caller, chance: random.Random) -> None:
        line = self.ledger.take_open(chance)
        if line is None:
            return
        order_id, item, units = line
        arrived = chance.randint(1, units)
        body = {"lines": [{"item_id": item, "quantity": arrived}]}
        who.post(f"/purchase-orders/{order_id}/receipts", body)
        with self.ledger.writing("receipts"):
            self.ledger.received[order_id, item] += arrived
            if units > arrived:
                self.ledger.open.append((order_id, item, units - arrived))

    def _move(self, chance: random.Random) -> None:
        origin, to = chance.sample(LOCATIONS, 2)
        item, units = chance.choice(TRADED), chance.randint(1, 5)
        body = {"item_id": item, "from_location_id": origin, "to_location_id": to, "quantity": units}
        moved = self.shop.clerks[0].post("/inventory/transfers", body)
        with self.ledger.writing("transfers"):
            self.ledger.transfers[moved["id"]] = (item, origin, to, Decimal(units))

    def _count(self, chance: random.Random) -> None:
        """A correction, which names the stock that it expects: a second attempt of one that was done is refused."""
        who, item, place = self.shop.clerks[1], chance.choice(COUNTED), chance.choice(LOCATIONS)
        before = self._stock(who, item, place)
        after = Decimal(chance.randint(0, 900))
        body = {"item_id": item, "location_id": place, "current_stock": int(after), "expected_stock": int(before)}
        try:
            who.call("PUT", "/inventory/stock-levels", json={**body, "reason": "counted"})
        except Refused as refused:
            if refused.status != 409 or self._stock(who, item, place) != after:
                raise
        with self.ledger.writing("corrections"):
            number = len(self.ledger.corrections)
            self.ledger.corrections.append(Movement(f"correction {number}", item, place, after - before))

    @staticmethod
    def _stock(who: Caller, item: str, place: str) -> Decimal:
        levels = who.get(f"/inventory/stock-levels?item_id={item}&location_id={place}")["items"]
        return Decimal(str(levels[0]["current_stock"]))

    def _import(self, chance: random.Random) -> None:
        """Sales of a day that no other file has, with some rows that cannot be read; now and then products too."""
        number = len(self.ledger.imports)
        day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=_FIRST_SOLD - number)
        rows = [
            {
                "item_id": item,
                "location_id": place,
                "date_local": day.isoformat(),
                "units_sold": str(chance.randint(0, 50)),
            }
            for item in TRADED
            for place in LOCATIONS
        ]
        rows = rows[: chance.randint(10, len(rows))]
        bad = [rows[0] | {"units_sold": "many"} for _ in range(chance.randint(0, _BAD_ROWS))]
        operation_id = started_import(self.shop.admin, "sales-history", csv(pl.DataFrame(rows + bad)))
        with self.ledger.writing("imports"):
            self.ledger.operations.append(operation_id)
            self.ledger.imports[operation_id] = Import(operation_id, len(rows) + len(bad), len(rows), len(bad))
            self.ledger.sold[day] += sum(Decimal(row["units_sold"]) for row in rows)
        ended(self.shop.admin, operation_id)
        if number % 4 == 3:
            ended(self.shop.admin, started_import(self.shop.admin, "products", csv(products(chance))))

    def _ask(self, paths: Sequence[str], chance: random.Random) -> None:
        """Something that takes a while, followed to its end."""
        path = chance.choice(paths)
        try:
            operation_id = self.shop.admin.post(path, {})["id"]
        except Refused as refused:
            if refused.status != 409:  # one of its kind is at work
                raise
            return
        with self.ledger.writing(path.rpartition("/")[2]):
            self.ledger.operations.append(operation_id)
        ended(self.shop.admin, operation_id)

    def _look(self, chance: random.Random) -> None:
        path = chance.choice((*_LOOKS, f"/products/{chance.choice(TRADED)}"))
        self.shop.buyers[0].get(path)
        with self.ledger.writing("looks"):
            pass
