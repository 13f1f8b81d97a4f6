"""What orders cost in Firestore.

The task that exports their events reads at some time meanwhile: the bounds have room for it.
"""

from __future__ import annotations

from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.order_shop import ITEMS, Shop

_EXPORT_READS = 5


def billed(shop: Shop, meter: FirestoreMeter) -> Billed:
    """Since the last time."""
    found = meter.of(shop.client.client_id)
    meter.reset()
    return found


def test_thirty_lines_of_three_suppliers_are_ordered_with_two_reads_and_a_write_a_line(
    shop: Shop, meter: FirestoreMeter
) -> None:
    """Per line its change and its condition are read, and the change written; the rest is the same for any cart."""
    shop.row(ITEMS[0])
    shop.fill_cart(*ITEMS)
    meter.reset()
    assert len(shop.from_cart().json()["orders"]) == 3
    cost = billed(shop, meter)
    # Three orders with an audit entry each; counter, cart, outbox, edit, pointer, and the location as it was.
    assert cost.writes == 30 + 3 * 2 + 6
    assert cost.reads <= 30 * 2 + 11 + _EXPORT_READS


def test_an_order_of_two_lines_and_its_way(shop: Shop, meter: FirestoreMeter) -> None:
    shop.row(ITEMS[0])
    meter.reset()
    made = shop.create(*ITEMS[:2]).json()
    create = billed(shop, meter)
    assert create.writes == 2 + 2 + 5  # lines; order and audit entry; counter, outbox, edit, pointer, location
    assert create.reads <= 2 * 2 + 10 + _EXPORT_READS
    shop.move(made["id"], "confirmed")
    confirm = billed(shop, meter)
    assert confirm.writes == 3  # order, audit entry, outbox: no row changes
    assert confirm.reads <= 3 + _EXPORT_READS
    shop.receive(made["id"], {ITEMS[0]: 12})
    receipt = billed(shop, meter)
    assert receipt.writes == 2 + 7  # stock and change; order, receipt, two audit entries, outbox, edit, pointer
    assert receipt.reads <= 2 + 6 + _EXPORT_READS


def test_a_page_costs_its_orders(shop: Shop, meter: FirestoreMeter) -> None:
    for item in ITEMS[:3]:
        shop.order(item)
    meter.reset()
    assert len(shop.client.get("/purchase-orders?page_size=2").json()["items"]) == 2
    assert meter.of(shop.client.client_id).reads <= 2 + _EXPORT_READS
