"""The demo's documents that no import brings: clients, users, locations, suppliers, conditions, open
orders, campaigns."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from functions.auth.service import hash_password
from infra.local.demo.assortment import TODAY, Assortment, draw
from infra.local.demo.partners import LOCATIONS, SUPPLIERS, WAREHOUSE
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.access.principal import PLATFORM_HOME, Role
from shared.domain.access.user import User
from shared.domain.campaigns.campaign import Campaign, CampaignProduct
from shared.domain.location import Location
from shared.domain.purchasing.order_request import RequestedLine, order_line
from shared.domain.purchasing.order_status import OPEN_STATUSES, OrderStatus
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.purchase_order import (
    OrderHeader,
    PurchaseOrder,
    Receipt,
    ReceiptLine,
    placed_order,
    po_number,
)
from shared.firestore.campaigns import Campaigns
from shared.firestore.clients import Clients
from shared.firestore.conditions import Conditions
from shared.firestore.driver import database
from shared.firestore.locations import Locations
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.receipts import Receipts
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.users import Users

DEMO = Client("demo", "Regency Gifts Ltd (demo)", "Europe/London", "GBP", business_date=TODAY)
OTHER = Client("other", "Corner Shop (demo)", "Europe/Dublin", "EUR", business_date=TODAY)
PASSWORD = "stockcast-demo"  # noqa: S105 - the local demo's, printed by `make run`
_OPEN_ORDERS = 24
_LINES_PER_ORDER = 6


def demo_users() -> list[User]:
    """One user a role in the demo client, an administrator in the other one, and one of the platform; all with the
    demo's password."""
    password_hash = hash_password(PASSWORD)
    users = [
        User(f"demo-{role.value.lower()}", f"{role.value.lower()}@demo.example", password_hash, role, DEMO.client_id)
        for role in Role
    ]
    users.append(User("other-admin", "admin@other.example", password_hash, Role.ADMIN, OTHER.client_id))
    users.append(
        User("platform-admin", "platform@demo.example", password_hash, Role.ADMIN, PLATFORM_HOME, platform=True)
    )
    return users


def write_master_data(config: Config, assortment: Assortment) -> None:
    """Clients, users, and the demo's locations, suppliers, conditions, open orders and campaigns; repeatable."""
    for client in (DEMO, OTHER):
        Clients(database(config)).put(client)
    for user in demo_users():
        Users(database(config)).put(user)
    tenant = Tenant(database(config), DEMO.client_id)
    _write_locations(tenant, LOCATIONS)
    Suppliers(tenant).put_many(SUPPLIERS)
    conditions = assortment.conditions()
    Conditions(tenant).put_many(conditions)
    names = dict(assortment.products().select("item_id", "product_name").iter_rows())
    _write_orders(tenant, _open_orders(conditions, names))
    _write_campaigns(tenant, assortment)
    other = Tenant(database(config), OTHER.client_id)
    _write_locations(other, [Location("SHOP", "Corner Shop", is_default=True, is_synced=True)])


def _write_locations(tenant: Tenant, locations: Sequence[Location]) -> None:
    def write(transaction: Transaction) -> None:
        for location in locations:
            Locations(tenant).put(transaction, location)

    tenant.transact(write)


def _open_orders(conditions: list[Condition], names: Mapping[str, str]) -> list[tuple[PurchaseOrder, Receipt | None]]:
    """Orders on their way, in every open status: placed days ago with the primary supplier of a few items each."""
    primary = [
        condition for condition in conditions if condition.is_primary and draw(condition.item_id, "ordered") < 0.06
    ]
    by_supplier: dict[str, list[Condition]] = {}
    for condition in primary:
        by_supplier.setdefault(condition.supplier_id, []).append(condition)
    parts = [
        lines[start : start + _LINES_PER_ORDER]
        for _, lines in sorted(by_supplier.items())
        for start in range(0, len(lines), _LINES_PER_ORDER)
    ][:_OPEN_ORDERS]
    # Placed one after the other, so that the numbers are in the order of the dates.
    ages = sorted((2 + number % 9 for number in range(1, len(parts) + 1)), reverse=True)
    return [
        _order(number, lines, names, age, OPEN_STATUSES[number % len(OPEN_STATUSES)])
        for number, (lines, age) in enumerate(zip(parts, ages, strict=True), 1)
    ]


def _order(
    number: int, conditions: list[Condition], names: Mapping[str, str], days_ago: int, status: OrderStatus
) -> tuple[PurchaseOrder, Receipt | None]:
    """Twice the MOQ of each; half of that has arrived, with the receipt, where the status says that something has."""
    buyer, ordered = f"demo-{Role.PROCUREMENT.value.lower()}", TODAY - dt.timedelta(days=days_ago)
    at = dt.datetime.combine(ordered, dt.time(9), tzinfo=dt.UTC)
    supplier = next(candidate for candidate in SUPPLIERS if candidate.supplier_id == conditions[0].supplier_id)
    lines = [
        order_line(
            RequestedLine(condition.item_id, condition.supplier_id, condition.moq * 2, "/items"),
            condition,
            names[condition.item_id],
        )
        for condition in conditions
    ]
    header = OrderHeader(
        id=f"demo-po-{number:03d}",
        po_number=po_number(ordered.year, number),
        supplier_id=supplier.supplier_id,
        supplier_name=supplier.name,
        location_id=WAREHOUSE,
        currency=DEMO.currency,
        order_date=ordered,
    )
    order = placed_order(header, lines, buyer, at)
    way = (OrderStatus.CONFIRMED, OrderStatus.SHIPPED)
    for move in way[: OPEN_STATUSES.index(status)]:
        order = order.moved(move, at + dt.timedelta(hours=len(order.history)), buyer)
    if status is not OrderStatus.PARTIALLY_RECEIVED:
        return order, None
    arrived = tuple(ReceiptLine(condition.item_id, condition.moq) for condition in conditions)
    receipt = Receipt("first", at + dt.timedelta(days=1), buyer, WAREHOUSE, arrived, number=1)
    return order.received(receipt, Decimal(0)), receipt


def _write_orders(tenant: Tenant, orders: list[tuple[PurchaseOrder, Receipt | None]]) -> None:
    """The orders, and the counter of their numbers; those that are there stay as they have become."""
    store = PurchaseOrders(tenant)

    def write(transaction: Transaction) -> None:
        if store.get_many((order.id for order, _ in orders), transaction):
            return
        for year, count in Counter(order.order_date.year for order, _ in orders).items():
            store.next_number(transaction, year, count)
        for order, receipt in orders:
            store.put(transaction, order)
            if receipt is not None:
                Receipts(tenant).create(transaction, order.id, receipt)

    tenant.transact(write)


def _write_campaigns(tenant: Tenant, assortment: Assortment) -> None:
    """One that runs today, one that is planned and one that is over."""
    items = dict(assortment.products().drop_nulls("category").group_by("category").agg("item_id").iter_rows())
    campaigns = [
        Campaign(
            f"demo-{name.split()[0].lower()}",
            name,
            TODAY + dt.timedelta(days=starts),
            TODAY + dt.timedelta(days=ends),
            tuple(
                CampaignProduct(item, Decimal(discount), audience)
                for item in sorted(items[category])
                if draw(item, "campaign") < 0.3
            ),
            campaign_type=campaign_type,
            budget=Decimal(budget),
            created_by=f"demo-{Role.MARKETING.value.lower()}",
        )
        for name, category, campaign_type, budget, discount, audience, starts, ends in (
            ("Garden sale", "Garden", "clearance", 500, 25, "gift shops", -70, -40),
            ("Autumn evenings", "Lights & candles", "season", 1200, 10, "gift shops", -10, 14),
            ("Christmas early birds", "Christmas", "pre-order", 2000, 5, "regular customers", 19, 60),
        )
    ]

    def write(transaction: Transaction) -> None:
        for campaign in campaigns:
            Campaigns(tenant).put(transaction, campaign)

    tenant.transact(write)
