"""The client of a game day before the day begins: users, master data, stock and sales, brought in over the API."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from infra.bootstrap import ensure_administrator
from tests.game_day.caller import Caller, Traffic
from tests.game_day.system import System

CLIENT = "game-day"
LOCATIONS = ("LONDON", "DUBLIN")
TRADED = tuple(f"T{number:02d}" for number in range(24))  # bought, received, moved
COUNTED = tuple(f"C{number:02d}" for number in range(6))  # corrected, by one clerk alone
ITEMS = TRADED + COUNTED
SUPPLIERS = ("Acme", "Best", "Cheap")
MOQ, PACK = 12, 6
BUYERS, CLERKS = 3, 2
ENDED = ("succeeded", "failed", "cancelled")
_OPENING = 500
_SALES_DAYS = 60
_PATIENCE_S = 300.0


@dataclass(frozen=True)
class Shop:
    """Who works there."""

    admin: Caller
    buyers: Sequence[Caller]
    clerks: Sequence[Caller]
    suppliers: dict[str, str]  # item -> supplier_id

    @property
    def everybody(self) -> Iterable[Caller]:
        return (self.admin, *self.buyers, *self.clerks)


def opened(system: System, traffic: Traffic, chance: random.Random) -> Shop:
    """The shop, with stock of every item at both locations and sales until yesterday."""

    def user(email: str, token: str | None) -> Caller:
        """Somebody who chooses a password with a one-time token."""
        caller = Caller(system.base_url, email, secrets.token_urlsafe(24), traffic)
        caller.post("/auth/password-reset", {"token": token, "new_password": caller.password})
        return caller

    address = "platform@example.com"
    invited = ensure_administrator(system.config, address, None, dt.datetime.now(dt.UTC))
    platform = user(address, invited.token)
    platform.post("/clients", {"client_id": CLIENT, "name": "Game day", "timezone": "UTC", "currency": "GBP"})

    def hired(name: str, role: str) -> Caller:
        email = f"{name}@example.com"
        invited = platform.post(f"/auth/users?client_id={CLIENT}", {"email": email, "role": role})
        return user(email, invited["invitation"]["token"])

    admin = hired("admin", "ADMIN")
    buyers = [hired(f"buyer-{number}", "PROCUREMENT") for number in range(BUYERS)]
    clerks = [hired(f"clerk-{number}", "PROCUREMENT") for number in range(CLERKS)]
    for place in LOCATIONS:
        admin.post("/locations", {"location_id": place, "name": place.title()})
    imported(admin, "products", products(chance))
    imported(admin, "suppliers", pl.DataFrame({"external_id": SUPPLIERS, "name": SUPPLIERS}))
    imported(admin, "product-suppliers", _terms(chance))
    places = [{"item_id": item, "location_id": place} for item in ITEMS for place in LOCATIONS]
    imported(admin, "stock-levels", pl.DataFrame(places).with_columns(current_stock=pl.lit(_OPENING)))
    today = dt.datetime.now(dt.UTC).date()
    days = [today - dt.timedelta(days=number) for number in range(1, _SALES_DAYS + 1)]
    sold = [
        {"item_id": item, "location_id": LOCATIONS[0], "date_local": day, "units_sold": chance.randint(0, 9)}
        for item in ITEMS
        for day in days
    ]
    imported(admin, "sales-history", pl.DataFrame(sold))
    suppliers = {item: admin.get(f"/products/{item}/suppliers")["items"][0]["supplier_id"] for item in TRADED}
    return Shop(admin, buyers, clerks, suppliers)


def products(chance: random.Random) -> pl.DataFrame:
    """The products, each in any category."""
    return pl.DataFrame(
        {
            "item_id": ITEMS,
            "product_name": [f"Thing {item}" for item in ITEMS],
            "category": [chance.choice(("Kitchen", "Garden", "Office")) for _ in ITEMS],
            "unit_cost": [2.5] * len(ITEMS),
        }
    )


def imported(caller: Caller, kind: str, frame: pl.DataFrame) -> dict[str, Any]:
    """The ended operation of an import of this file."""
    return ended(caller, started_import(caller, kind, csv(frame)))


def csv(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_csv(file)
    return file.getvalue()


def started_import(caller: Caller, kind: str, content: bytes) -> str:
    """The id of the operation of an import, which the API has taken."""
    files = {"kind": (None, kind), "mode": (None, "upsert"), "file": (f"{kind}.csv", content, "text/csv")}
    return str(caller.call("POST", "/etl/import", files=files)["id"])


def ended(caller: Caller, operation_id: str) -> dict[str, Any]:
    """The operation once it has ended."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        operation = dict(caller.get(f"/operations/{operation_id}"))
        if operation["status"] in ENDED:
            return operation
        if time.monotonic() > deadline:
            raise TimeoutError(f"operation {operation_id} has not ended: {json.dumps(operation)[:500]}")
        time.sleep(0.5)


def _terms(chance: random.Random) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "item_id": item,
                "supplier_name": SUPPLIERS[number % len(SUPPLIERS)],
                "supplier_cost": 2.0,
                "lead_time_days": chance.randint(3, 20),
                "moq": MOQ,
                "packaging_qty": PACK,
                "is_primary": True,
            }
            for number, item in enumerate(ITEMS)
        ]
    )
