"""A client's own replay: its demand, products, conditions and settings, against the emulators."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from forecast_job.replay.__main__ import main
from forecast_job.replay.source import client_supply
from forecast_job.replay.supply import ItemSupply
from shared.domain.purchasing.product import Condition, Product
from shared.domain.settings import Settings
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products
from shared.firestore.settings import SettingsStore
from tests.support.firestore_meter import FirestoreMeter
from tests.support.panels import demand
from tests.support.tenants import TODAY, TestClient

_DAYS = 215
_ITEMS = 8
_SETTINGS = Settings(
    safety_buffer_days=9,
    review_period_days=5,
    default_lead_time_days=4,
    replenishment_policy="service_level",
    service_level=0.97,
)


def _condition(item_id: str, supplier: str, lead_time_days: int, *, primary: bool = False) -> Condition:
    moq, pack, cost = Decimal("12.5"), Decimal("2.5"), Decimal("3.25")
    return Condition(item_id, supplier, supplier, lead_time_days, moq, pack, cost, primary)


@pytest.fixture
def shop(client: TestClient) -> TestClient:
    """Items from I001 on have a product, from I004 on a cost and a price, I002 to I005 a supplier and I003 two."""
    tenant = client.tenant
    items = [f"I{number:03}" for number in range(1, _ITEMS)]
    Products(tenant).put_many(
        Product(
            item,
            item,
            unit_cost=Decimal(number) if number >= 4 else Decimal("0.00"),
            unit_price=Decimal("9.50") if number >= 4 else None,
        )
        for number, item in enumerate(items, 1)
    )
    suppliers = [_condition(item, "SLOW", 6) for item in items[1:5]]
    Conditions(tenant).put_many([*suppliers, _condition("I003", "FIRST", 8, primary=True)])
    tenant.transact(lambda transaction: SettingsStore(tenant).put(transaction, _SETTINGS))
    return client


def test_supply_is_that_of_the_ruling_condition(shop: TestClient, meter: FirestoreMeter) -> None:
    supply = client_supply(shop.tenant, _SETTINGS, ["I000", "I001", "I002", "I003", "I004"])
    assert supply == {
        "I000": ItemSupply(None, None, 4, moq=0.0, packaging_qty=1.0),
        "I001": ItemSupply(None, None, 4, moq=0.0, packaging_qty=1.0),
        "I002": ItemSupply(3.25, None, 6, moq=12.5, packaging_qty=2.5),
        "I003": ItemSupply(3.25, None, 8, moq=12.5, packaging_qty=2.5),
        "I004": ItemSupply(4.0, 9.5, 6, moq=12.5, packaging_qty=2.5),
    }
    assert meter.billed.reads == 9  # five products, one of them missing, and four conditions


def test_a_clients_replay_uses_its_own_terms_and_settings(
    shop: TestClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.sell(demand(_DAYS, _ITEMS, first=TODAY - dt.timedelta(days=_DAYS)).drop("revenue").to_dicts())
    picture = tmp_path / "client.png"
    asked = ["--client", shop.client_id, "--weeks", "4", "--items", "6", "--picture", str(picture)]
    assert main(asked) == 0
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if not line.startswith("{")]
    start = TODAY - dt.timedelta(weeks=4)
    assert lines[0].startswith(f"6 most active items, played for 4 weeks, scored from {start + dt.timedelta(8 + 5)}; ")
    assert lines[1] == (
        "lead times: the items' own; MOQs: the items' own; packs: the items' own; costs: the items' own; "
        "prices: the items' own for 4 of 6, else the cost; "
        "reviewed every 5 days"
    )
    settings = [re.split(" {2,}", line)[1] for line in lines if line.startswith("service_level, by_cost")]
    assert settings == ["level 0.8", "level 0.9", "level 0.95", "level 0.97 (as set)", "level 0.98"]
    assert "buffer 9 days " in out
    assert "(as set)" not in "".join(line for line in lines if line.startswith("forecast_30d"))
    assert picture.exists()
    said = [json.loads(line)["message"] for line in out.splitlines() if line.startswith("{")]
    assert said == ["reading: done", "replay: done"]


@pytest.mark.parametrize(("client_id", "words"), [("nobody", "no client 'nobody'"), (None, "has no demand from ")])
def test_what_cannot_be_played_is_one_line(
    client: TestClient, capsys: pytest.CaptureFixture[str], client_id: str | None, words: str
) -> None:
    assert main(["--client", client_id or client.client_id]) == 1
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
