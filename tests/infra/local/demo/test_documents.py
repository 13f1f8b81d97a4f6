"""The past of the demo in the database: written twice it is there once."""

from __future__ import annotations

from collections import Counter

from infra.local.demo.assortment import TODAY
from infra.local.demo.documents import DEMO, write_master_data, write_past
from infra.local.demo.history import load_events, load_weekly_metrics
from infra.local.demo.order_records import Catalogue, order_records
from infra.local.demo.past import Past
from shared.config import config
from shared.domain.access.audit import AuditFilter
from shared.firestore.audit import AuditLog
from shared.firestore.driver import database
from shared.firestore.page import PageRequest
from shared.firestore.purchase_orders import OpenOrders, PurchaseOrders
from shared.firestore.receipts import Receipts
from shared.firestore.tenant import Tenant
from tests.infra.local.demo.test_past import NOW, Few
from tests.support.running import Running


def test_what_is_written_twice_is_there_once(running: Running) -> None:
    past = Past(Few())
    names = dict(past.assortment.products.select("item_id", "product_name").iter_rows())
    catalogue = Catalogue(past.item_ids, names, past.assortment.conditions, DEMO.currency)
    records = order_records(past.year.orders, catalogue, TODAY)
    tenant = Tenant(database(config()), DEMO.client_id)
    for _ in range(2):
        write_master_data(config())
        write_past(config(), past, records)
        events = load_events(config(), records)
        rows = load_weekly_metrics(config(), past, NOW)

    assert (events, rows) == (0, 0)
    outstanding: Counter[str] = Counter()
    for line in OpenOrders(tenant).lines():
        outstanding[line.item_id] += int(line.outstanding)
    on_order = past.year.on_order(TODAY).tolist()
    assert outstanding == Counter({item: units for item, units in zip(past.item_ids, on_order, strict=True) if units})
    last = records[-1].order
    assert PurchaseOrders(tenant).get(last.id).value == last
    count = sum(record.order.order_date.year == last.order_date.year for record in records)
    number = tenant.transact(lambda transaction: PurchaseOrders(tenant).next_number(transaction, last.order_date.year))
    assert number == count + 1
    received = next(record for record in records if record.receipts)
    assert Receipts(tenant).newest(received.order.id, len(received.receipts), 9) == list(received.receipts)[::-1]
    page = AuditLog(tenant, config()).page(PageRequest(1), AuditFilter(("purchase_order",), received.order.id))
    assert page.items == [received.audit[-1]]
